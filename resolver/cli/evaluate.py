"""`resolver evaluate`, and the same measures for `resolver dedupe --truth`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple, Optional

import numpy as np
import typer

from resolver import report as reports
from resolver.batch.collecting import Placed
from resolver.batch.dedupe import SUGGESTED, Deduped
from resolver.batch.labels import Matched, Named, column, match, numbered, read_labels
from resolver.batch.readers import FileProblem, header
from resolver.batch.rows import Refused
from resolver.cli.problems import Failed, told
from resolver.evaluate.candidates import Items, weighed
from resolver.evaluate.evaluation import Advice, Evaluation, Suggested, advise, weigh_up
from resolver.evaluate.evaluation import evaluate as measured
from resolver.evaluate.measures import codes
from resolver.evaluate.worst import worst_errors
from resolver.report.evaluation import Findings, evaluation_page
from resolver.resolve.settings import Policy

Report = Annotated[
    Optional[Path],  # noqa: UP045 - typer reads it
    typer.Option("--report", metavar="FILE", help="Where to write the measures as a page with charts, HTML."),
]

_WORDS = {
    "pairwise_precision": "pairwise precision",
    "pairwise_recall": "pairwise recall",
    "pairwise_f1": "pairwise F1",
    "b_cubed_precision": "B-cubed precision",
    "b_cubed_recall": "B-cubed recall",
    "b_cubed_f1": "B-cubed F1",
    "cluster_precision": "cluster precision",
    "cluster_recall": "cluster recall",
    "cluster_f1": "cluster F1",
    "strangers_per_10000": "with a stranger, per 10,000 people",
    "splits_per_1000_people": "splits needed per 1,000 people",
    "merges_per_1000_people": "merges needed per 1,000 people",
    "variation_of_information": "variation of information, bits",
}


def evaluate(
    pred: Annotated[
        Path, typer.Argument(metavar="PRED", help="record_id,customer_id as dedupe and export write them.")
    ],
    truth: Annotated[
        Path, typer.Argument(metavar="TRUTH", help="record_id,person; the columns' names do not matter.")
    ],
    report: Report = None,
    pairs: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads it
        typer.Option(metavar="FILE", help="The pairs that dedupe wrote: measures the suggestions too."),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="The measures as JSON.")] = False,
) -> None:
    """Measure which records were put together against who they truly are. Needs no service.

    Pairwise, B-cubed and whole clusters, people who share a customer with a stranger, and the splits and
    merges that would mend it, each with an interval of 95 % confidence. Ids that only one file has are
    counted and left out.
    """
    with told():
        if report is not None:
            reports.require()
        both = match(read_labels(pred), read_labels(truth, partial=True), pred)
        if not both.records:
            raise Failed(f"{pred}: no record id of it is in {truth}")
        notes = list(_left_out(both, pred, truth))
        found = measured(both.left, both.right)
        advice = None if pairs is None else advise(list(_suggested(pairs, both)), both.left, both.right)
        if json_:
            typer.echo(json.dumps(_document(found, advice, notes)))
        else:
            _tell(found, advice, notes)
        if report is not None:
            _write(report, Findings(f"{pred.name} against {truth.name}", found, advice=advice, notes=notes))


class Truth(NamedTuple):
    """Who is truly who: by row number, from a column of the file, or by record."""

    column: str | None
    by_number: Mapping[int, str]
    by_record: Mapping[Named, str]


def truth_of(files: Sequence[Path], truth: str | None, report: Path | None) -> Truth | None:
    """Read the truth before the work is begun; None where none is told. A report must be possible."""
    if report is not None:
        reports.require()
    if truth is None:
        return None
    if any(truth in header(file) for file in files):
        return Truth(truth, dict(column(files, truth)), {})
    if not Path(truth).exists():
        raise FileProblem(files[0], f"there is no column {truth!r}, nor a file of that name")
    return Truth(None, {}, read_labels(Path(truth), partial=True))


class _Labelled(NamedTuple):
    """A record of the file whose truth is known."""

    placed: Placed
    person: str


def judge(result: Deduped, policy: Policy, truth: Truth, report: Path | None) -> None:
    """Measure an answer against the truth, tell it, and write the report where one is asked for."""
    labelled, notes = _labelled(result, truth)
    pred = [each.placed.customer for each in labelled]
    true = [each.person for each in labelled]
    found = measured(pred, true)
    advice = advise(list(_offered(result, pred)), pred, true)
    _tell(found, advice, notes)
    if report is None:
        return
    kept = [place for place, each in enumerate(labelled) if each.placed.key is not None]
    keys = [key for each in labelled if (key := each.placed.key) is not None]
    items = Items.of(result.evidence, keys, [pred[place] for place in kept])
    person = codes([true[place] for place in kept])
    candidates = weighed(result.model, result.evidence, items)
    several = len({each.placed.source for each in labelled}) > 1
    refusals = _refusals(result)
    _write(
        report,
        Findings(
            "How well customers are told apart",
            found,
            weighing=weigh_up(items, person, candidates, found.pairs.tp + found.pairs.fn),
            advice=advice,
            errors=worst_errors(result.model, policy, result.evidence, items, person, candidates),
            names=[_name(labelled[place].placed, several) for place in kept],
            reason=lambda one, other: refusals.get(frozenset((pred[kept[one]], pred[kept[other]])), ""),
            notes=[f"Model {result.model.version}.", *notes],
        ),
    )


def _labelled(result: Deduped, truth: Truth) -> tuple[list[_Labelled], list[str]]:
    """The records whose truth is known, each once, and what was left out."""
    found: dict[Named, _Labelled] = {}
    unknown = 0
    sourced = any(source for source, _ in truth.by_record)
    ids: dict[str, str] = {}
    for placed in result.rows:
        record = (placed.source, placed.record_id)
        if truth.column is None:
            if ids.setdefault(placed.record_id, placed.source) != placed.source and not sourced:
                raise Failed(
                    "the truth: the same record id comes from several sources: a column 'source' is needed"
                )
            person = truth.by_record.get(record if sourced else ("", placed.record_id))
        else:
            person = truth.by_number.get(placed.number)
        if person is None:
            unknown += record not in found
            continue
        if found.setdefault(record, _Labelled(placed, person)).person != person:
            raise Failed(f"row {placed.number}: the truth differs from that of the same record before")
    if not found:
        raise Failed("the truth: it names no record of the file")
    notes = []
    if unknown:
        notes.append(f"{unknown} rows have no truth and are left out.")
    if truth.by_record and len(truth.by_record) > len(found):
        notes.append(f"{len(truth.by_record) - len(found)} records of the truth are not in the file.")
    rejected = sum(each.placed.key is None for each in found.values())
    if rejected:
        notes.append(f"{rejected} rows were rejected and count as customers of their own.")
    return list(found.values()), notes


def _offered(result: Deduped, pred: Sequence[str]) -> Iterator[Suggested]:
    """The suggestions between customers of whom some record's truth is known."""
    customer = {placed.key: placed.customer for placed in result.rows}
    place: dict[str, int] = {}
    for number, label in enumerate(pred):
        place.setdefault(label, number)
    for pair in result.pairs:
        left, right = customer[pair.left], customer[pair.right]
        if pair.decision in SUGGESTED and left in place and right in place:
            yield Suggested(place[left], place[right], pair.probability)


def _refusals(result: Deduped) -> Mapping[frozenset[str], str]:
    """Why customers that reach the possible threshold were not joined."""
    customer = {placed.key: placed.customer for placed in result.rows}
    return {
        frozenset((customer[pair.left], customer[pair.right])): pair.decision
        for pair in result.pairs
        if customer[pair.left] != customer[pair.right]
    }


def _suggested(path: Path, both: Matched) -> Iterator[Suggested]:
    """The suggestions of a file of pairs whose records both have."""
    columns = header(path)
    wanted = ("left", "right", "probability", "decision")
    for name in wanted:
        if name not in columns:
            raise FileProblem(path, f"there is no column {name!r}")
    at = [columns.index(name) for name in wanted]
    sources = [columns.index(name) for name in ("left_source", "right_source") if name in columns]
    sourced = len(sources) == 2 and any(source for source, _ in both.records)
    place: dict[Named, int] = {}
    for number, (source, record_id) in enumerate(both.records):
        if place.setdefault((source if sourced else "", record_id), number) != number:
            raise FileProblem(path, "the same record id comes from several sources")
    for _, line, cells in numbered(path):
        if isinstance(cells, Refused):
            raise FileProblem(path, f"line {line}: {cells.reason}")
        *ids, probability, decision = (cells[each] for each in at)
        left, right = zip([cells[each] for each in sources] if sourced else ("", ""), ids, strict=True)
        try:
            value = float(probability)
        except ValueError:
            value = np.nan
        if not 0 <= value <= 1:
            raise FileProblem(path, f"line {line}: column 'probability' is not between 0 and 1")
        if decision in SUGGESTED and left in place and right in place:
            yield Suggested(place[left], place[right], value)


def _left_out(both: Matched, pred: Path, truth: Path) -> Iterator[str]:
    if both.only_left:
        yield f"{both.only_left} records are in {pred.name} alone and left out."
    if both.only_right:
        yield f"{both.only_right} records are in {truth.name} alone and left out."


def _name(placed: Placed, several: bool) -> str:
    return f"{placed.source}:{placed.record_id}" if several else placed.record_id


def _tell(found: Evaluation, advice: Advice | None, notes: Sequence[str]) -> None:
    """The measures on the terminal."""
    for note in notes:
        typer.echo(note, err=True)
    typer.echo(f"{found.records} records, {found.people} people, {found.customers} customers")
    width = max(map(len, _WORDS.values()))
    for name, words in _WORDS.items():
        each = found.measures[name]
        form = ".1f" if "_per_" in name else ".4f"
        typer.echo(f"{words:{width}}  {each.estimate:8{form}}  ({each.low:{form}} to {each.high:{form}})")
    if advice is not None:
        typer.echo(
            f"{advice.whole.offered} suggestions, {advice.per_1000_customers:.1f} per 1,000 customers: "
            f"{advice.right:.1%} right, they hold {advice.whole.covered:.1%} of the pairs missed"
        )


def _document(found: Evaluation, advice: Advice | None, notes: Sequence[str]) -> Mapping[str, object]:
    return {
        "records": found.records,
        "people": found.people,
        "customers": found.customers,
        "measures": {name: each._asdict() for name, each in found.measures.items()},
        "suggestions": advice
        and {
            **advice.whole._asdict(),
            "right": advice.right,
            "per_1000_customers": advice.per_1000_customers,
        },
        "notes": list(notes),
    }


def _write(path: Path, findings: Findings) -> None:
    path.write_text(evaluation_page(findings), encoding="utf-8")
    typer.echo(f"report in {path}")
