"""A scenario's figures: what `dedupe` makes of it, for the scenario's own people."""

from __future__ import annotations

import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.accuracy.scenarios.records import Row, Truth, write
from bench.accuracy.scenarios.scenario import Scenario, Target
from resolver.batch.dedupe import SUGGESTED, Deduped, dedupe
from resolver.batch.readers import read_mapping
from resolver.batch.readers import rows as read
from resolver.evaluate import measures
from resolver.resolve.settings import Policy


@dataclass(frozen=True, slots=True)
class Figures:
    """What one group of a scenario's people came to.

    `mixed` are those who share a customer with anybody else, per 10,000 of them. `precision` is over pairs
    that `dedupe` put together and of which one record at least is the group's, `recall` over the pairs that
    are one person's; `recall_own` only over records that carry an identifier of their own. `suggestions`
    counts pairs of customers of which one at least is the group's, `covered` is the share of the missed
    pairs that they hold, `suggested_precision` the share of true pairs in them. All shares are 0 to 1.
    """

    group: str
    people: int
    records: int
    mixed: float
    precision: float
    recall: float
    recall_own: float
    suggestions: int
    covered: float
    suggested_precision: float

    def reaches(self, target: Target) -> bool:
        """Whether the target is met; where there is nothing to find, recall is 1."""
        return self.mixed <= target.mixed and self.recall_own >= target.recall


@dataclass(frozen=True, slots=True)
class Result:
    """A scenario measured: the figures of each group, of all of them last where there are several."""

    scenario: Scenario
    rows: int
    population: int
    figures: tuple[Figures, ...]
    seconds: float


def resolve(rows: Sequence[Row], policy: Policy, folder: Path) -> Deduped:
    """De-duplicate rows by way of a file, as a user would."""
    path = folder / "rows.csv"
    write(rows, path)
    return dedupe(read(path, read_mapping(path)), policy=policy)


def customers(found: Deduped) -> dict[str, str]:
    """The customer of each record id."""
    return {placed.record_id: placed.customer for placed in found.rows}


def suggested(found: Deduped) -> list[tuple[str, str]]:
    """The pairs of record ids that a steward is asked about."""
    return [
        (found.names[pair.left], found.names[pair.right])
        for pair in found.pairs
        if pair.decision in SUGGESTED
    ]


def measured(scenario: Scenario, seed: int, people: int, policy: Policy) -> Result:
    """Generate a scenario, resolve it and measure it."""
    rows, truth = scenario.generate(seed, people)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        found = resolve(rows, policy, Path(name))
    seconds = time.perf_counter() - start
    lines = figures(customers(found), truth, suggested(found))
    return Result(scenario, len(rows), found.population, lines, seconds)


def figures(
    customer: Mapping[str, Hashable], truth: Truth, pairs: Iterable[tuple[str, str]] = ()
) -> tuple[Figures, ...]:
    """The figures of each group in the order in which they were made, and of all where there are several.

    `customer` and `truth` are by record id; `pairs` of record ids are the suggestions.
    """
    members: dict[str, set[str]] = defaultdict(set)
    for person, group in truth.groups.items():
        members[group].add(person)
    suggestions = list(pairs)
    lines = [_figures(group, people, customer, truth, suggestions) for group, people in members.items()]
    if len(members) > 1:
        lines.append(_figures("all", set(truth.groups), customer, truth, suggestions))
    return tuple(lines)


def _figures(
    group: str,
    people: set[str],
    customer: Mapping[str, Hashable],
    truth: Truth,
    pairs: Sequence[tuple[str, str]],
) -> Figures:
    ours = [record for record, person in truth.person.items() if person in people]
    inside: dict[Hashable, set[str]] = defaultdict(set)
    sizes = Counter(customer.values())
    for record, person in truth.person.items():
        inside[customer[record]].add(person)
    mixed = {truth.person[record] for record in ours if len(inside[customer[record]]) > 1}
    every = _pairwise(ours, customer, truth)
    own = _pairwise([record for record in ours if record in truth.own], customer, truth)
    mine = Counter(customer[record] for record in ours)
    joined = sum(_pairs(sizes[each]) - _pairs(sizes[each] - count) for each, count in mine.items())
    offered = _suggestions(pairs, customer, truth, set(mine))
    return Figures(
        group=group,
        people=len(people),
        records=len(ours),
        mixed=10_000 * len(mixed) / len(people),
        precision=every.tp / joined if joined else 1.0,
        recall=every.recall,
        recall_own=own.recall,
        suggestions=offered.offered,
        covered=_suggestions(pairs, customer, truth, set(mine), people).covered,
        suggested_precision=offered.precision,
    )


def _pairwise(records: Sequence[str], customer: Mapping[str, Hashable], truth: Truth) -> measures.Pairwise:
    return measures.pairwise([customer[each] for each in records], [truth.person[each] for each in records])


def _suggestions(
    pairs: Sequence[tuple[str, str]],
    customer: Mapping[str, Hashable],
    truth: Truth,
    mine: set[Hashable],
    people: set[str] | None = None,
) -> measures.Suggestions:
    """What the suggestions about customers in `mine` are worth; of `people` alone where they are told."""
    records = [each for each, person in truth.person.items() if people is None or person in people]
    stands: dict[Hashable, int] = {}
    for place, record in enumerate(records):
        stands.setdefault(customer[record], place)
    asked = (
        {customer[left], customer[right]}
        for left, right in pairs
        if customer[left] in mine or customer[right] in mine
    )
    placed = [[stands[each] for each in both] for both in asked if len(both) == 2 and both <= stands.keys()]
    return measures.suggestions(
        [(left, right) for left, right in placed],
        [customer[each] for each in records],
        [truth.person[each] for each in records],
    )


def _pairs(size: int) -> int:
    return size * (size - 1) // 2
