"""Options that several commands have, and the connection to the service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, Optional

import grpc
import typer

from resolver.batch import memory
from resolver.config import Loaded, address, load, to_region

DEFAULT_TARGET: Final = "127.0.0.1:50051"
STORE: Final = "PATH|ADDRESS"
"""How a store is named: the embedded store's file, or a Neo4j server's address, neo4j://HOST:PORT."""


def _country(text: str) -> str:
    try:
        return to_region(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _host_and_port(text: str) -> str:
    try:
        address(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return text


def _channel(text: str) -> str:
    if text and not any(letter.isascii() and letter.isalnum() for letter in text):
        raise typer.BadParameter("letters or digits are expected")
    return text


def _memory(text: str) -> int:
    try:
        return memory.amount(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Target = Annotated[
    str,
    typer.Option(
        metavar="HOST:PORT",
        envvar="RESOLVER_TARGET",
        parser=_host_and_port,
        help="Where the service listens.",
    ),
]

Region = Annotated[
    Optional[str],  # noqa: UP045 - typer reads it
    typer.Option(
        metavar="CC",
        parser=_country,
        help="Country under which national phone numbers and dates are read, like NL.",
    ),
]
Config = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(metavar="FILE", help="The configuration, TOML. Else the one that RESOLVER_CONFIG names."),
]
Population = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option(metavar="N", min=1, help="How many customers the company expects to hold."),
]
PolicyPreset = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--policy", metavar="PRESET", help="How sure a merge must be: strict, default or balanced."),
]
ModelFile = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(
        "--model", metavar="FILE", help="A model that `resolver train` made. Else the one that ships."
    ),
]
Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE",
        help="CSV or JSON lines, gzip of either too, or Parquet. Of several files each has its own columns; "
        "rows that name no source have their file's name for it.",
    ),
]
IdColumn = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(
        "--id",
        metavar="COLUMN",
        help="The column that names the record, if the guess is wrong; in every file that has it.",
    ),
]
Memory = Annotated[
    Optional[int],  # noqa: UP045 - typer reads it
    typer.Option(
        metavar="SIZE",
        parser=_memory,
        help="Memory to keep within, like 4G, by default three quarters of the machine's; the outcome is "
        "the same.",
    ),
]

Workers = Annotated[
    Optional[int],  # noqa: UP045 - typer reads it
    typer.Option(
        metavar="N",
        min=1,
        help="Processes that share the work, by default one a processor; the outcome is the same.",
    ),
]

Source = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="The system that the rows come from, where no column says so; else each file is one, called by "
        "its name, date and all: name it for exports whose names differ, so that the later takes the "
        "earlier's place.",
    ),
]
Channel = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        parser=_channel,
        help="The channel of rows with a time, where no column says so, like till: they are contacts then.",
    ),
]
MapFile = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(
        "--map",
        metavar="FILE",
        help='TOML that says what columns mean, in every file that has them: [columns] "Tel. 2" = "phone".',
    ),
]

_REACHED_SECONDS: Final = 3.0
_RETRIES: Final = {
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.2s",
                "maxBackoff": "2s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE", "ABORTED"],
            },
        }
    ]
}


@contextmanager
def connected(target: str) -> Iterator[grpc.Channel]:
    """A channel to the service. Calls that found it away are tried again for about a second."""
    options = [
        ("grpc.service_config", json.dumps(_RETRIES)),
        ("grpc.max_receive_message_length", -1),
        ("grpc.max_reconnect_backoff_ms", 1000),
    ]
    with grpc.insecure_channel(target, options=options) as channel:
        yield channel


def reached(channel: grpc.Channel, target: str) -> None:
    """Wait a moment for the service. Raises OSError where none answers, before a long run has begun."""
    try:
        grpc.channel_ready_future(channel).result(_REACHED_SECONDS)
    except grpc.FutureTimeoutError:
        raise OSError(0, "no service answers there; start one with: resolver serve", target) from None


def configured(file: Path | None, **flags: object) -> Loaded:
    """The configuration with these flags over it, None being not given. Raises ConfigError."""
    return load(file, flags)
