"""`resolver audit`: pairs for a person to label, and what the labels say of all."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, Optional

import typer

from graph.model import RecordKey
from resolver.batch.dedupe import Deduped
from resolver.batch.inputs import inputs
from resolver.batch.labels import numbered
from resolver.batch.readers import FileProblem, header, read_mapping
from resolver.batch.rows import Refused
from resolver.cli.dedupe import resolve_file
from resolver.cli.options import (
    Config,
    IdColumn,
    MapFile,
    ModelFile,
    PolicyPreset,
    Population,
    Region,
    Source,
    configured,
)
from resolver.cli.problems import Failed, told
from resolver.evaluate.audit import FLOOR, STRATA, Labelled, Sample, draw, estimate, tally
from resolver.evaluate.candidates import Items, weighed
from resolver.evaluate.intervals import SEED, Interval

_ANSWERS: Final = {
    **dict.fromkeys(("y", "yes", "1", "true", "same"), True),
    **dict.fromkeys(("n", "no", "0", "false", "different"), False),
}
_COLUMNS: Final = ("same", "stratum", "sizes", "below", "expected")


def audit(
    file: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads it
        typer.Argument(
            metavar="[FILE]",
            help="CSV or JSON lines, gzip of either too, or Parquet: the rows to sample pairs of.",
        ),
    ] = None,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="FILE", help="Where to write the pairs, CSV, with an empty column `same`."),
    ] = None,
    label: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(metavar="FILE", help="The pairs with `same` filled in, yes or no: estimates accuracy."),
    ] = None,
    pairs: Annotated[
        int,
        typer.Option(
            metavar="N", min=1, help="How many pairs to sample at most; of each stratum one at least."
        ),
    ] = 300,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="The same seed draws the same pairs.")] = SEED,
    id_column: IdColumn = None,
    source: Source = "",
    map_file: MapFile = None,
    region: Region = None,
    population: Population = None,
    policy: PolicyPreset = None,
    model: ModelFile = None,
    government_ids: Annotated[
        bool, typer.Option("--government-ids", help="Take national ids and passports; kept as keyed hashes.")
    ] = False,
    attributes: Annotated[
        bool, typer.Option("--attributes", help="Take every unknown column as an attribute that counts.")
    ] = False,
    config: Config = None,
) -> None:
    """Estimate accuracy where nobody knows the truth: label some pairs. Needs no service.

    First `audit FILE --out pairs.csv` draws pairs of rows, both side by side, most near the thresholds.
    Fill in `same` with yes or no, or leave it empty where it cannot be told. Then `audit --label
    pairs.csv` estimates the precision of all pairs together, and the recall among the pairs weighed.
    """
    if (file is None) == (label is None) or (file is not None and out is None):
        raise typer.BadParameter("either FILE and --out, to draw pairs, or --label, to read their labels")
    with told():
        if label is not None:
            _tell(*_labels(label))
            return
        if file is None or out is None:
            raise Failed("FILE and --out are needed")
        settled = configured(
            config, region=region, policy=policy, model=model, government_ids=government_ids or None
        ).configuration
        mapping = read_mapping(
            file,
            id_column=id_column,
            map_file=map_file,
            government_ids=settled.government_ids,
            attributes=attributes,
        )
        read = inputs((file,), (mapping,), source)
        result, _ = resolve_file(read, settled, population=population, folder=out.parent)
        rows = _rows(result)
        customer = {placed.key: placed.customer for placed in result.rows}
        items = Items.of(result.evidence, list(rows), [customer[key] for key in rows])
        sample = draw(items, weighed(result.model, result.evidence, items), pairs, seed)
        _write(out, file, sample, list(rows.values()))
        typer.echo(f"{len(sample.drawn)} pairs in {out}; fill in `same`, then: resolver audit --label {out}")


def _rows(result: Deduped) -> Mapping[RecordKey, int]:
    """The number of each record's row; of several the last."""
    return {placed.key: placed.number for placed in result.rows if placed.key is not None}


def _write(out: Path, file: Path, sample: Sample, rows: Sequence[int]) -> None:
    """Both rows of each pair side by side, and what weighs the strata at the end, told by number alone."""
    wanted = {rows[place] for pair in sample.drawn for place in (pair.left, pair.right)}
    cells = {
        number: found
        for number, _, found in numbered(file)
        if number in wanted and not isinstance(found, Refused)
    }
    columns = header(file)
    filled = [place for place in range(len(columns)) if any(row[place].strip() for row in cells.values())]
    titles = [f"{columns[place]} {side}" for place in filled for side in ("A", "B")]
    sizes = " ".join(map(str, sample.sizes))
    with out.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("pair", "same", *titles, *_COLUMNS[1:]))
        for number, pair in enumerate(sample.drawn, start=1):
            left, right = cells[rows[pair.left]], cells[rows[pair.right]]
            values = [_harmless(side[place]) for place in filled for side in (left, right)]
            weights = (pair.stratum + 1, sizes, sample.below, f"{sample.expected:.1f}")
            writer.writerow((number, "", *values, *weights))


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet takes for text: no row's value may become a formula there."""
    formula = cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not re.fullmatch(r"[+-][\d\s().-]*", cell)
    return f"'{cell}" if formula else cell


def _labels(path: Path) -> tuple[tuple[Labelled, ...], int, float]:
    """The labels of each stratum, and how many pairs apart are below the floor and true if so foretold."""
    columns = header(path)
    for name in _COLUMNS:
        if columns.count(name) != 1:
            raise FileProblem(path, f"there is not one column {name!r}: is it from `resolver audit`?")
    same, stratum, sizes, below, expected = (columns.index(name) for name in _COLUMNS)
    answers: dict[int, list[bool]] = {}
    whole: tuple[str, str, str] | None = None
    for _, line, cells in numbered(path):
        if isinstance(cells, Refused):
            raise FileProblem(path, f"line {line}: {cells.reason}")
        if whole is None:
            whole = (cells[sizes], cells[below], cells[expected])
        if whole != (cells[sizes], cells[below], cells[expected]):
            raise FileProblem(path, f"line {line}: column 'sizes' differs: is it of another sample?")
        if cells[stratum] not in _PLACES:
            raise FileProblem(path, f"line {line}: column 'stratum' is not one of 1 to {len(STRATA)}")
        answer = cells[same].strip().lower()
        if answer and answer not in _ANSWERS:
            raise FileProblem(path, f"line {line}: column 'same' is neither yes nor no nor empty")
        if answer:
            answers.setdefault(_PLACES[cells[stratum]], []).append(_ANSWERS[answer])
    if whole is None:
        raise FileProblem(path, "there is no row in it")
    try:
        counts = [int(size) for size in whole[0].split()]
        rest = int(whole[1]), float(whole[2])
    except ValueError:
        counts, rest = [], (0, 0.0)
    if len(counts) != len(STRATA):
        raise FileProblem(path, "column 'sizes', 'below' or 'expected' is not as `resolver audit` wrote it")
    return tally(answers, dict(enumerate(counts))), *rest


_PLACES: Final = {str(number): number - 1 for number in range(1, len(STRATA) + 1)}


def _tell(labels: Sequence[Labelled], below: int, expected: float) -> None:
    """The estimates, and how each stratum was labelled."""
    if not any(each.labelled for each in labels):
        raise Failed("no pair is labelled yet: fill in the column `same` with yes or no")
    try:
        found = estimate(labels)
    except ValueError as error:
        raise Failed(str(error)) from None
    width = max(len(STRATA[each.stratum].words) for each in labels)
    typer.echo(f"{'':{width}}     pairs  labelled  same")
    for each in labels:
        if each.size:
            share = f"  {each.share.estimate:.3f}  ({each.share.low:.3f} to {each.share.high:.3f})"
            words = STRATA[each.stratum].words
            typer.echo(f"{words:{width}}  {each.size:8}  {each.labelled:8}  {each.same:4}{share}")
    typer.echo(f"precision  {_of(found.precision)}  of all pairs together")
    typer.echo(f"recall     {_of(found.recall)}  of the true pairs that were weighed at {FLOOR:g} or more")
    typer.echo(
        f"Not in the recall: true pairs that never shared a blocking key, and {below} pairs apart that were "
        f"weighed below {FLOOR:g} (of which {expected:.0f} are true if the probabilities are right)."
    )


def _of(interval: Interval) -> str:
    return f"{interval.estimate:.4f}  ({interval.low:.4f} to {interval.high:.4f})"
