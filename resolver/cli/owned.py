"""`resolver owned propose`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.markup import escape
from rich.table import Table

from resolver.batch.inputs import source_of
from resolver.batch.readers import Reject, read_mapping, rows
from resolver.batch.rows import Row
from resolver.cli import show
from resolver.cli.options import STORE, Config, IdColumn, MapFile, Region, Source, configured
from resolver.cli.problems import told
from resolver.cli.stores import reading
from resolver.config import Configuration
from resolver.normalise.evidence import Settings, normalise
from resolver.reading.seen import seen
from resolver.resolve.owning import Proposal, Seen, places, propose, toml_lines
from resolver.resolve.settings import Policy

app = typer.Typer(help="The company's own numbers, mailboxes and cards.", no_args_is_help=True)


@app.callback()
def _owned() -> None:
    """Keep `propose` a word of its own while it is the only one."""


@app.command("propose")
def propose_owned(
    file: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads it
        typer.Argument(metavar="[FILE]", help="CSV or JSON lines, gzip of either too, or Parquet."),
    ] = None,
    store: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(metavar=STORE, help="Instead: a store. It may be served meanwhile."),
    ] = None,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="FILE", help="Where to write the [owned] section, TOML."),
    ] = None,
    id_column: IdColumn = None,
    source: Source = "",
    map_file: MapFile = None,
    region: Region = None,
    config: Config = None,
) -> None:
    """Propose values that look like the company's own: one till, agent or source puts them on everybody.

    A value is proposed that many different people state, where most of it comes from one place, or where
    it stands on one in twenty of a place's records. Prints personal data: for the owner of the data.
    """
    with told():
        if file is not None and store is None:
            settled = configured(config, region=region).configuration
            mapping = read_mapping(file, id_column=id_column, map_file=map_file)
            read = rows(file, mapping, source=source or source_of(file), region=settled.region)
            found = propose(_of_file(read, settled.settings()), settled.rules().generic_line)
        elif store is not None and file is None:
            found = _of_store(configured(config, store=store).configuration)
        else:
            raise typer.BadParameter("give a FILE, or --store")
        lines = list(toml_lines(found))
        if out is not None and found:
            out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if not found:
        typer.echo("nothing looks like the company's own")
        return
    show.console().print(_table(found))
    typer.echo("")
    for each in lines:
        typer.echo(each)


def _of_file(read: Iterator[Row | Reject], settings: Settings) -> Iterator[Seen]:
    for row in read:
        if isinstance(row, Row):
            contact = row.touchpoint
            agent, location = (contact.agent, contact.location) if contact else ("", "")
            yield Seen(normalise(row.evidence, settings), places(row.source, [(agent, location)]))


def _of_store(settled: Configuration) -> list[Proposal]:
    with reading(settled) as store, store.snapshot() as snapshot:
        return propose(seen(snapshot), Policy.of(snapshot.meta()).generic_line)


def _table(found: Sequence[Proposal]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("value", "from", "people", "records there", "of all that state it", "of all there"):
        table.add_column(name, justify="left" if name in {"value", "from"} else "right")
    for each in found:
        value = " ".join(filter(None, each.identifier))
        table.add_row(
            escape(value),
            escape(f"{each.place.kind} {each.place.name}"),
            str(each.descriptions),
            str(each.here),
            f"{each.here / each.total:.0%}",
            f"{each.here / each.sent:.1%}",
        )
    return table
