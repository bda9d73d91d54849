"""`resolver restore`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated, Optional

import typer

from graph.dump import DumpDamaged
from graph.whole import Item, items
from resolver.cli import dumps
from resolver.cli.options import STORE, Config, configured
from resolver.cli.problems import Failed, told
from resolver.cli.progress import watched
from resolver.cli.stores import failing
from resolver.config import Configuration
from resolver.whole import contents, fill


def restore(
    store: Annotated[
        str, typer.Option(metavar=STORE, help="The store to make; it must not be there, or be empty.")
    ],
    file: Annotated[
        Optional[str],  # noqa: UP045 - typer reads it
        typer.Argument(metavar="[FILE]", help="The dump, compressed or not; stdin where it is -."),
    ] = None,
    source: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--from", metavar=STORE, help="Instead of a dump: the store to copy, served or not."),
    ] = None,
    config: Config = None,
    quiet: dumps.Quiet = False,
) -> None:
    """Make a store of a dump, or of another store: the same customers, ids, history and settings.

    There is a store once all of the dump has been read and found whole; a restore that was broken off is
    done again from the start.
    """
    with told():
        if (file is None) == (source is None):
            raise Failed("name a dump, or a store by --from")
        configuration = configured(config, store=store).configuration
        read = _from_dump(file) if file else _from_store(configured(config, store=source).configuration)
        with failing(configuration), read as stream, watched(quiet=quiet) as watcher:
            revision = fill(configuration, dumps.watched(stream, watcher))
    typer.echo(f"{store} is at revision {revision:,}")


@contextmanager
def _from_store(configuration: Configuration) -> Iterator[Iterator[Item]]:
    with ExitStack() as stack:
        with failing(configuration):
            held = stack.enter_context(contents(configuration))
        yield _told(configuration, items(held))


def _told(configuration: Configuration, stream: Iterator[Item]) -> Iterator[Item]:
    """The items; what goes wrong with the store that they are read from is told of that store."""
    with failing(configuration):
        yield from stream


@contextmanager
def _from_dump(file: str) -> Iterator[Iterator[Item]]:
    try:
        with dumps.items(file) as stream:
            yield stream
    except DumpDamaged as error:
        raise Failed(f"{'stdin' if file == dumps.PIPE else file}: {error}") from None
