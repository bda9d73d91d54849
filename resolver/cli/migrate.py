"""`resolver migrate`."""

from __future__ import annotations

from typing import Annotated

import typer

from resolver.cli.options import STORE, Config, configured
from resolver.cli.problems import told
from resolver.cli.stores import failing, reading, writing
from resolver.config import Configuration
from resolver.whole import generation


def migrate(
    store: Annotated[str, typer.Option(metavar=STORE, help="The store, whose file nobody serves.")],
    config: Config = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what it would do; the store may be served.")
    ] = False,
) -> None:
    """Bring a store to the generation of this program, as `resolver serve` does where it opens one.

    A store that has it is left as it is. The only way back is a copy or a dump that was made before.
    """
    with told():
        configuration = configured(config, store=store).configuration
        with failing(configuration):
            held, steps = generation(configuration)
        if not steps:
            typer.echo(f"{store} is of this program's generation, {held}")
            return
        if not dry_run:
            with writing(configuration, "stop the service, and start it again or migrate"):
                pass
        for step in steps:
            typer.echo(f"{step.number} {step.name.replace('_', ' ')}: {'to be done' if dry_run else 'done'}")
        reached = steps[-1].number
        typer.echo(f"{store} {'would be' if dry_run else 'is'} of generation {reached}, after {held}")
        if not dry_run and _waits(configuration):
            typer.echo("some records wait to be looked at again, which the service does")


def _waits(configuration: Configuration) -> bool:
    with reading(configuration) as store, store.snapshot() as snapshot:
        return snapshot.settled_revision < snapshot.revision
