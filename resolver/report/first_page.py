"""The first page about a file that nobody labelled: a verdict, and what anyone can check by eye.

It shows rows as they came, so it is personal data from its head to its foot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, NamedTuple

from graph.model import RecordKey
from resolver.batch.dedupe import SUGGESTED
from resolver.batch.summary import SILENT, Standing, Summary, common_told, told_value
from resolver.evaluate.against import Dispute, Opinions, opinions
from resolver.match.commonness import Common
from resolver.match.model import MILLIBIT
from resolver.report.figures import Figures, JunkFound, figures, junk
from resolver.report.marks import Mark, marks
from resolver.report.page import render
from resolver.report.register import Register
from resolver.report.samples import Case, Duplicates, doubts, duplicates, shown
from resolver.report.sentence import listed, objection, sentence
from resolver.resolve.settings import Policy

GOOD: Final = "good"
FAIR: Final = "fair"
POOR: Final = "poor"
_GRADES: Final = (GOOD, FAIR, POOR)

FOUNDED: Final = (0.9, 0.6)
"""Share of the repeats that are copies or share an identifier: from here on good, from there on fair."""
DOUBTFUL: Final = 0.05
"""Share of the customers in an unsure pair up to which is good; more is fair, for nobody merges them."""
REJECTED: Final = (0.01, 0.1)
"""Share of the rows that were rejected, up to which is good, and fair."""


class Reason(NamedTuple):
    """One sentence of the verdict; `grade` is good, fair, poor, or empty for a figure that is not judged."""

    grade: str
    told: str


class Verdict(NamedTuple):
    """What the figures come to, in words; `grade` is the worst of its reasons'."""

    grade: str
    headline: str
    reasons: tuple[Reason, ...]


class Cell(NamedTuple):
    """One column of the rows shown: its values, left and right, and how both sides compare in it."""

    field: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    mark: Mark | Literal[""]


class Shown(NamedTuple):
    """An example as the page shows it: a line above, its evidence in a sentence, its rows side by side."""

    title: str
    evidence: str
    note: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    cells: tuple[Cell, ...]


class RawRow(NamedTuple):
    """A row as it came: where it stands, and what is in each column that is compared."""

    place: str
    cells: Mapping[str, str]


class Titled(NamedTuple):
    """An example and what is in question."""

    title: str
    case: Case


@dataclass(frozen=True, slots=True)
class Compared:
    """Another tool's clusters beside ours: what they are called, what came of it, and examples.

    `notes` are sentences on what could not be compared.
    """

    name: str
    opinions: Opinions
    wrong: tuple[Titled, ...]
    overlooked: tuple[Titled, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """What is found about a file, before it is drawn.

    `doubts` are by the reason why they were not merged. `row` is where each record stands last, by number.
    """

    figures: Figures
    summary: Summary
    junk: JunkFound
    duplicates: Duplicates
    doubts: Mapping[str, tuple[Case, ...]]
    compared: Compared | None
    row: Mapping[RecordKey, int]
    customer: Mapping[RecordKey, str]

    def shown(self) -> frozenset[int]:
        """The numbers of the rows that the page shows."""
        cases = [case for sort in (*self.duplicates, *self.doubts.values()) for case in sort]
        if self.compared:
            cases += [each.case for each in (*self.compared.wrong, *self.compared.overlooked)]
        return frozenset(self.row[key] for case in cases for key in (*case.left, *case.right))


def overview(
    register: Register, summary: Summary, policy: Policy, compared: Compared | None = None
) -> Overview:
    """All that the page tells but for the rows as they came."""
    return Overview(
        figures(register),
        summary,
        junk(register),
        duplicates(register, policy),
        doubts(register, policy),
        compared,
        register.row,
        register.customer,
    )


def compare(
    register: Register,
    policy: Policy,
    keys: Sequence[RecordKey],
    theirs: Sequence[str],
    name: str,
    notes: Sequence[str] = (),
) -> Compared:
    """Hold another tool's clusters against ours: `theirs` is the cluster of each of `keys`."""
    result = register.result
    unsure = {
        frozenset((register.customer[pair.left], register.customer[pair.right]))
        for pair in result.pairs
        if pair.decision in SUGGESTED
    }
    ours = [register.customer[key] for key in keys]
    found = opinions(result.model, policy, result.evidence, keys, ours, theirs, unsure)
    return Compared(
        name,
        found,
        tuple(
            Titled(
                f"{name}: cluster {each.theirs[0]}. Here: customers {listed(each.ours)}",
                _disputed(register, each, keys),
            )
            for each in found.wrong
        ),
        tuple(
            Titled(
                f"{name}: clusters {listed(each.theirs)}. Here: customer {each.ours[0]}",
                _disputed(register, each, keys),
            )
            for each in found.overlooked
        ),
        tuple(notes),
    )


def first_page(
    told: Overview,
    raw: Mapping[int, RawRow],
    columns: Mapping[str, str],
    *,
    name: str,
    notes: Sequence[str] = (),
) -> str:
    """The page, as HTML.

    Args:
        told: what was found.
        raw: the rows of `told.shown()`, as they came.
        columns: those that are shown, in order, each with the field that it fills.
        name: what the file is called.
        notes: sentences on how it was read.

    Raises:
        MissingExtra: the extra `report` is not installed.
    """
    drawn = partial(_drawn, told, raw, columns)
    compared = told.compared
    return render(
        "first_page.html",
        name=name,
        notes=notes,
        figures=told.figures,
        summary=told.summary,
        junk=told.junk,
        standings=STANDINGS,
        told_value=told_value,
        verdict=verdict(told.figures, compared, told.summary.common),
        parts=_parts(told.figures),
        duplicates=[
            (*words, [drawn(each) for each in cases])
            for words, cases in zip(_MERGES, _in_order(told.duplicates), strict=True)
            if cases
        ],
        doubts=[(_DOUBTS[why], [drawn(each) for each in cases]) for why, cases in told.doubts.items()],
        compared=compared,
        wrong=[drawn(each.case, each.title, against=True) for each in compared.wrong] if compared else [],
        overlooked=[drawn(each.case, each.title) for each in compared.overlooked] if compared else [],
    )


STANDINGS: Final[Mapping[Standing, str]] = {
    Standing.SPEAKS: "speaks for whoever states it",
    Standing.GENERIC: "shared by too many people: weighs nothing",
    Standing.CROWDED: "in too many rows to search by: still weighs where they meet otherwise",
    Standing.PLACEHOLDER: "placeholder or test value: weighs nothing",
    Standing.ROLE: "role mailbox or switchboard: an organisation's, not a person's",
    Standing.OWNED: "your own: weighs nothing",
}
"""Why a value speaks for a person or does not, in words."""


_MERGES: Final = (
    ("Not plain to see", "Rows that say different things and are one customer all the same."),
    ("The narrowest", "The merges with the least evidence: if these hold, the others do."),
    ("The clearest", "The merges with the most evidence."),
)
"""The sorts of merges as the page shows them, and what they are."""


def _in_order(found: Duplicates) -> tuple[tuple[Case, ...], ...]:
    return found.surprising, found.narrow, found.clear


_DOUBTS: Final[Mapping[str, str]] = {
    "possible": "Likely, but not likely enough to merge",
    "ambiguous": "Likely enough, but another customer fits about as well",
    "alone": "Likely enough, but on evidence that may merge nobody by itself",
}
"""Why two customers that may be one were not merged."""

# -- the verdict ----------------------------------------------------------------------------------


def verdict(found: Figures, compared: Compared | None = None, common: Sequence[Common] = ()) -> Verdict:
    """The figures in words, each with what it is of."""
    told = differences(compared) if compared else ()
    reasons = (*_reasons(found), *_crowded(common), *(Reason("", each) for each in told))
    grade = max((each.grade for each in reasons if each.grade), key=_GRADES.index, default=GOOD)
    if not found.repeats and not found.unsure:
        headline = "Nothing repeats: every row is a customer of its own."
    elif grade == GOOD:
        headline = "This file can be merged as it stands."
    elif grade == FAIR:
        headline = "This file can be merged; look at what is marked below."
    else:
        headline = "Do not merge this file before you have seen to what is marked ✗ below."
    return Verdict(grade, headline, reasons)


def _reasons(found: Figures) -> Iterator[Reason]:
    yield Reason("", _repeating(found))
    if found.repeats:
        founded = found.copies + found.identified
        likely = f"; {_many(found.likely, 'hangs', 'hang')} on likeness alone" if found.likely else ""
        yield Reason(
            _from(founded / found.repeats, FOUNDED),
            f"{_percent(founded, found.repeats)} of these hang on an identifier that another row of the same "
            f"customer states too, or are copies of another row: {founded:,} of {found.repeats:,}{likely}.",
        )
    if found.customers:
        told = (
            f"{_many(found.unsure, 'pair', 'pairs')} of customers may be one and not merged: "
            f"{found.doubtful:,} of {found.customers:,} customers are in one."
        )
        grade = GOOD if found.doubtful <= DOUBTFUL * found.customers else FAIR
        yield Reason(grade, told if found.unsure else "No pair of customers is unsure.")
    yield Reason(
        _up_to(found.rejected / found.rows if found.rows else 0, REJECTED),
        f"{_many(found.rejected, 'row', 'rows')} of {found.rows:,} could not be used."
        if found.rejected
        else f"All of {_many(found.rows, 'row', 'rows')} could be used.",
    )
    if found.usable and not found.named:
        yield Reason(FAIR, "No row has a name that is understood: identifiers alone tell who is who.")
    everybody = found.customers + found.visitors
    if found.visitors > SILENT * everybody:
        yield Reason(
            POOR,
            f"Most rows identify nobody: {found.visitors:,} of {everybody:,} customers and visitors have "
            "neither a name nor a usable identifier; look how the columns are read.",
        )
    if found.replaced:
        yield Reason(
            FAIR,
            f"{_many(found.replaced, 'row is', 'rows are')} replaced by another row of the same record id "
            "that says something else; where these are other people, another column is the record's id.",
        )
    if found.too_large:
        yield Reason(
            FAIR,
            f"{_many(found.too_large, 'group', 'groups')} of rows hung together so widely that it was cut or "
            "not compared whole.",
        )


def _crowded(common: Sequence[Common]) -> Iterator[Reason]:
    if common:
        told = common_told(common)
        yield Reason(FAIR, f"{told[0].upper()}{told[1:]}.")


def _repeating(found: Figures) -> str:
    if not found.repeats:
        return f"No row of {found.usable:,} repeats a customer that another row has{_visitors(found)}."
    share = found.repeats / found.usable
    rate = f"1 in {round(1 / share)} rows" if share <= 0.4 else _percent(found.repeats, found.usable)
    verb = "repeats" if share <= 0.4 else "of the rows repeat"
    return (
        f"{rate} {verb} a customer that another row has already: {found.repeats:,} of {found.usable:,} rows. "
        f"The file holds {_many(found.customers, 'customer', 'customers')}, {found.repeated:,} of them with "
        f"several rows{_visitors(found)}."
    )


def _visitors(found: Figures) -> str:
    named = "whose record names nobody" if found.visitors == 1 else "whose records name nobody"
    return f", and {_many(found.visitors, 'visitor', 'visitors')}, {named}" if found.visitors else ""


def differences(compared: Compared) -> tuple[str, str]:
    """What the other tool merges wrongly in our view, and what it misses, each in a sentence."""
    found, name = compared.opinions, compared.name
    wrong, missed = found.contradicted, found.missed
    merged = (
        f"{name} puts people together whom something tells apart in {wrong.clusters:,} of its "
        f"{found.clusters:,} clusters: {_many(wrong.customers, 'customer', 'customers')} here, "
        f"{_many(wrong.records, 'record', 'records')}."
    )
    parted = (
        f"{name} spreads {missed.customers:,} of {_many(found.customers, 'customer', 'customers')} over "
        f"{_many(missed.clusters, 'cluster', 'clusters')}: {_many(missed.records, 'record', 'records')}, "
        f"{_many(found.merges, 'merge', 'merges')} missed."
    )
    return merged, parted


def _from(share: float, lines: tuple[float, float]) -> str:
    return GOOD if share >= lines[0] else FAIR if share >= lines[1] else POOR


def _up_to(share: float, lines: tuple[float, float]) -> str:
    return GOOD if share <= lines[0] else FAIR if share <= lines[1] else POOR


def _percent(part: int, whole: int) -> str:
    """A share in whole per cent, rounded toward what is less than all and more than nothing."""
    share = 100 * part / whole
    return f"{min(99, max(1, round(share))) if 0 < part < whole else round(share)}%"


def _many(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"


def _parts(found: Figures) -> list[tuple[str, str, int, float]]:
    """The rows of the file by what became of them: class, words, rows, share of all."""
    parts = (
        ("first", "first row of its customer", found.customers),
        ("visitors", "first row of a visitor, whose record names nobody", found.visitors),
        ("copies", "copy of another row of the customer", found.copies),
        ("identified", "states an identifier that another row of the customer states", found.identified),
        ("likely", "merely like another row of the customer", found.likely),
        ("replaced", "replaced by another row of the same record id", found.replaced),
        ("rejected", "not usable", found.rejected),
    )
    return [(name, words, rows, rows / found.rows) for name, words, rows in parts if rows]


# -- examples -------------------------------------------------------------------------------------


def _disputed(register: Register, dispute: Dispute, keys: Sequence[RecordKey]) -> Case:
    """A difference of opinion as an example."""
    left, right = ([keys[place] for place in side] for side in (dispute.left, dispute.right))
    return shown(register, left, right, dispute.comparison)


def _drawn(
    told: Overview,
    raw: Mapping[int, RawRow],
    columns: Mapping[str, str],
    each: Case,
    title: str = "",
    *,
    against: bool = False,
) -> Shown:
    left, right = ([raw[told.row[key]] for key in side] for side in (each.left, each.right))
    customers = list(dict.fromkeys(told.customer[key] for key in (*each.left, *each.right)))
    called = f"{'Customer' if len(customers) == 1 else 'Customers'} {listed(customers)}"
    more = f"; {_many(each.more, 'more record', 'more records')}" if each.more else ""
    return Shown(
        title or called,
        (objection if against else sentence)(each.comparison),
        f"One person: {_chance(each)}{more}.",
        tuple(row.place for row in left),
        tuple(row.place for row in right),
        tuple(_cells(columns, left, right, marks(each.comparison))),
    )


def _cells(
    columns: Mapping[str, str], left: Sequence[RawRow], right: Sequence[RawRow], told: Mapping[str, Mark]
) -> Iterator[Cell]:
    for name, field in columns.items():
        sides = [tuple(row.cells.get(name, "") for row in side) for side in (left, right)]
        if any(map(any, sides)):
            yield Cell(name, sides[0], sides[1], told.get(field, ""))


def _chance(each: Case) -> str:
    """Probability and weight, and of a doubt which of the two alternatives is the likelier."""
    chance, weight = each.comparison.probability, each.comparison.weight / MILLIBIT
    share = "above 99.99%" if chance > 0.9999 else "below 0.01%" if chance < 0.0001 else f"{chance:.2%}"
    told = f"probability {share}, {weight:+.1f} bits"
    if each.decision not in SUGGESTED:
        return told
    family = each.comparison.household < each.comparison.stranger
    return f"{told}; else {'two people who live or work together' if family else 'two strangers'}"


__all__ = [
    "Compared",
    "Overview",
    "RawRow",
    "Reason",
    "Verdict",
    "compare",
    "differences",
    "first_page",
    "overview",
    "verdict",
]
