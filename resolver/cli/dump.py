"""`resolver dump`."""

from __future__ import annotations

from typing import Annotated

import typer

from graph.dump import write
from graph.whole import items
from resolver.cli import dumps
from resolver.cli.options import STORE, Config, configured
from resolver.cli.problems import told
from resolver.cli.progress import watched
from resolver.cli.stores import failing
from resolver.whole import contents


def dump(
    out: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="Where to write it: compressed where the name ends in .zst or .gz, to stdout where it is -.",
        ),
    ],
    store: Annotated[str, typer.Option(metavar=STORE, help="The store. It may be served meanwhile.")],
    config: Config = None,
    quiet: dumps.Quiet = False,
) -> None:
    """Write all that a store holds to one file, from which `resolver restore` makes the same store again.

    It is of one revision, whatever is written meanwhile. It holds personal data: only its owner may read
    the file.
    """
    with told():
        configuration = configured(config, store=store).configuration
        with failing(configuration), contents(configuration) as held, watched(quiet=quiet) as watcher:
            dumps.write(write(dumps.watched(items(held), watcher)), out)
