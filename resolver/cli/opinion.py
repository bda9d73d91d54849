"""`resolver dedupe` of a file that nobody labelled: the first page, another tool's clusters."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Annotated, Final, NamedTuple, Optional

import typer

from resolver.batch.dedupe import Deduped
from resolver.batch.inputs import Input
from resolver.batch.labels import Matched, Named, match, read_labels
from resolver.batch.mapping import ATTRIBUTE
from resolver.batch.readers import opened
from resolver.batch.rows import Refused
from resolver.batch.summary import Rejections, summarise
from resolver.cli.problems import Failed
from resolver.report.first_page import (
    Compared,
    RawRow,
    Verdict,
    compare,
    differences,
    first_page,
    overview,
    verdict,
)
from resolver.report.register import Register
from resolver.resolve.settings import Policy

Page = Annotated[
    Optional[Path],  # noqa: UP045 - typer reads it
    typer.Option(
        "--report",
        metavar="FILE",
        help="Where to write a page to look at, HTML: what was found, with its evidence; with --truth the "
        "measures. It shows rows of the file.",
    ),
]
Current = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(
        "--current",
        metavar="FILE",
        help="record_id,cluster_id of the tool that you have now: tells whom it merges wrongly and whom it "
        "misses, in our view.",
    ),
]

_UNSHOWN: Final = frozenset({"government"})
"""Fields that are kept as hashes and not shown."""
_PRIVATE: Final = 0o600


class Clusters(NamedTuple):
    """Another tool's answer: its file and the cluster of each record."""

    path: Path
    of: Mapping[Named, str]


def clusters_of(current: Path | None) -> Clusters | None:
    """Read another tool's clusters before the work is begun; None where none are told. Raises FileProblem."""
    return None if current is None else Clusters(current, read_labels(current, partial=True))


def opine(
    result: Deduped,
    policy: Policy,
    files: Sequence[Input],
    rejections: Rejections,
    current: Clusters | None,
    report: Path | None,
) -> None:
    """Tell what the other tool makes of the rows, and write the first page, where either is asked for."""
    register = Register(result)
    compared = None if current is None else _beside(register, policy, current)
    if compared is not None:
        for note in compared.notes:
            typer.echo(note, err=True)
    if report is None:
        for line in differences(compared) if compared else ():
            typer.echo(line)
    else:
        told = overview(register, summarise(result, rejections), policy, compared)
        for line in _verdict(verdict(told.figures, compared, told.summary.common)):
            typer.echo(line)
        page = first_page(
            told,
            raw_rows(files, told.shown()),
            _columns(files),
            name=", ".join(file.path.name for file in files),
            notes=[f"Population {result.population:,}, model {result.model.version}."],
        )
        write_private(report, page)
        typer.echo(f"report in {report}; it holds personal data")


def _verdict(found: Verdict) -> Iterator[str]:
    yield found.headline
    for grade, told in found.reasons:
        yield f"  {grade or '':5}{told}"


def _beside(register: Register, policy: Policy, current: Clusters) -> Compared:
    result = register.result
    placed = {(row.source, row.record_id): row for row in result.rows if row.key is not None}
    named = {name: row.customer for name, row in placed.items()}
    both = match(named, current.of, current.path)
    if not both.records:
        raise Failed(f"{current.path}: no record id of it is in the file")
    if not all(name in placed for name in both.records):  # one of the two names no sources
        placed = {("", record_id): row for (_, record_id), row in placed.items()}
    keys = [key for name in both.records if (key := placed[name].key) is not None]
    return compare(register, policy, keys, both.right, current.path.name, _left_out(both, current))


def _left_out(both: Matched, current: Clusters) -> list[str]:
    name, missing, unknown = current.path.name, both.only_left, both.only_right
    notes = []
    if missing:
        record, are = ("record has", "is") if missing == 1 else ("records have", "are")
        notes.append(f"{missing:,} {record} no cluster in {name} and {are} left out.")
    if unknown:
        ids, are = ("record id", "is") if unknown == 1 else ("record ids", "are")
        notes.append(f"{unknown:,} {ids} of {name} {are} not among the usable rows.")
    return notes


def raw_rows(files: Sequence[Input], numbers: AbstractSet[int]) -> Mapping[int, RawRow]:
    """Some rows as they came, by their number counted over all files. Raises FileProblem."""
    found: dict[int, RawRow] = {}
    before, last = 0, max(numbers, default=0)
    for path, mapping, _ in files:
        columns = [column for column in mapping.columns if column.field.name not in _UNSHOWN]
        called = f"{path.name} " if len(files) > 1 else ""
        number = 0
        with opened(path, mapping.header) as table:
            for number, _, cells, _ in table.lines():
                if before + number > last:
                    return found
                if before + number in numbers and not isinstance(cells, Refused):
                    shown = {column.name: cells[column.place] for column in columns}
                    found[before + number] = RawRow(f"{called}row {number:,}", shown)
        before += number
    return found


def _columns(files: Sequence[Input]) -> Mapping[str, str]:
    """The columns that are shown, in the order of the headers, each with the field that it fills."""
    columns = (
        column for file in files for column in sorted(file.mapping.columns, key=lambda each: each.place)
    )
    found: dict[str, str] = {}
    for name, field in ((column.name, column.field) for column in columns):
        if field.name not in _UNSHOWN:
            found.setdefault(name, field.namespace if field.name == ATTRIBUTE else field.name)
    return found


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody but its owner may read, also where it was there before."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
    with open(number, "w", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - of a descriptor
        os.fchmod(number, _PRIVATE)
        file.write(text)
