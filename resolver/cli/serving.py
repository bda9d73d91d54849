"""`resolver serve`."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from resolver.cli.options import STORE, Config, PolicyPreset, Population, Region, configured
from resolver.cli.problems import told
from resolver.serve.logs import log_to_stderr
from resolver.serve.process import run


def serve(
    store: Annotated[
        Optional[str],  # noqa: UP045 - typer reads it
        typer.Option(
            metavar=STORE,
            help="The store: a file, made where there is none, or neo4j://HOST:PORT. [customers.db]",
        ),
    ] = None,
    listen: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar="HOST:PORT", help="Where to listen: this machine only. [127.0.0.1:50051]"),
    ] = None,
    region: Region = None,
    population: Population = None,
    policy: PolicyPreset = None,
    config: Config = None,
) -> None:
    """Serve customers over gRPC until stopped with Ctrl-C or SIGTERM.

    Prints one line once it listens. Region, population and policy are kept in the store: they need not be
    said again, and cannot be changed here for one that exists.
    """
    log_to_stderr()
    with told():
        run(
            configured(
                config, store=store, listen=listen, region=region, population=population, policy=policy
            ),
            lambda address: print(f"listening on {address}", flush=True),  # noqa: T201
        )
