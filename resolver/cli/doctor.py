"""`resolver doctor`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Annotated, Final, Optional

import typer

from graph.whole import Head
from resolver.cli import dumps
from resolver.cli.options import STORE, Config, configured
from resolver.cli.problems import told
from resolver.cli.progress import watched
from resolver.cli.stores import failing, reading
from resolver.config import Configuration
from resolver.doctor import CHECKS, Finding, examine
from resolver.doctor.regrouped import CHECK, regrouped, sampled
from resolver.whole import contents

ALL: Final = "all"


def _sample(text: str) -> str:
    if text != ALL and not (text.isascii() and text.isdigit() and int(text)):
        raise typer.BadParameter("a number of components is expected, or all")
    return text


def doctor(
    store: Annotated[str, typer.Option(metavar=STORE, help="The store. It may be served meanwhile.")],
    partition: Annotated[
        Optional[str],  # noqa: UP045 - typer reads it
        typer.Option(
            metavar="N|all",
            parser=_sample,
            help="Cluster so many components anew too, or all records together, as dedupe would.",
        ),
    ] = None,
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
    quiet: dumps.Quiet = False,
) -> None:
    """Check what must hold of a store, by reading it alone; exit 1 where something does not.

    All is of one revision. It names record keys and ids, and no values.
    """
    with told():
        configuration = configured(config, store=store).configuration
        with watched(quiet=quiet or as_json) as watcher:
            with failing(configuration), contents(configuration) as held:
                (head,) = held.section(Head)
                found = list(
                    examine(
                        held,
                        partial(dumps.watched, watcher=watcher),
                        lambda stage: watcher.begin(stage, None),
                    )
                )
            checks = list(CHECKS)
            if partition is not None:
                watcher.begin("partition", None)
                looked, more = _regrouped(configuration, partition)
                checks += [CHECK] if looked else []
                found += more
    waits = partition is not None and CHECK not in checks
    lines = [_json(head.revision, checks, found)] if as_json else _lines(checks, found, waits=waits)
    for line in lines:
        typer.echo(line)
    if found:
        raise typer.Exit(1)


def _regrouped(configuration: Configuration, which: str) -> tuple[bool, Sequence[Finding]]:
    """Whether nothing waits, so that it could be looked at, and what was found."""
    with reading(configuration) as store, store.snapshot() as snapshot:
        if snapshot.settled_revision < snapshot.revision or "population" not in snapshot.meta():
            return False, ()
        return True, list(regrouped(snapshot) if which == ALL else sampled(snapshot, int(which)))


def _lines(checks: Sequence[str], found: Sequence[Finding], *, waits: bool) -> Iterator[str]:
    """A line a check that found nothing, else a line for each thing that it found."""
    for check in checks:
        told_ = [each for each in found if each.check == check]
        if not told_:
            yield f"{check}: in order"
        for each in told_:
            example = f", one of them {each.example}" if each.example else ""
            yield f"{check}: {each.number:,} {each.words}{example}"
    if waits:
        yield "partition: not looked at, for records wait to be looked at again"


def _json(revision: int, checks: Iterable[str], found: Sequence[Finding]) -> str:
    return json.dumps(
        {
            "revision": revision,
            "checks": {
                check: [
                    {"number": each.number, "words": each.words, "example": each.example}
                    for each in found
                    if each.check == check
                ]
                for check in checks
            },
            "sound": not found,
        },
        indent=2,
    )
