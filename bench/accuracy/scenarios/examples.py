"""Why a scenario's figures are what they are: false merges and misses with the evidence that decided.

A merged customer is told as the person whom most of it belongs to against the other, a miss as two customers
of one person. Everybody here is made up, so values may be printed.
"""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from pathlib import Path

from bench.accuracy.scenarios.measure import resolve
from bench.accuracy.scenarios.records import COLUMNS, Row, Truth
from bench.accuracy.scenarios.scenario import Scenario
from resolver.batch.dedupe import Deduped
from resolver.normalise.features import Features
from resolver.resolve.explain import Comparison, compare_customers
from resolver.resolve.settings import Policy

_TOLD = [column for column in COLUMNS if column not in {"record_id", "source", "channel", "platform"}]


@dataclass(frozen=True, slots=True)
class Example:
    """Two sides that were put together, or kept apart, wrongly. `reason` is what `dedupe` said, if it did."""

    kind: str
    group: str
    left: tuple[Row, ...]
    right: tuple[Row, ...]
    comparison: Comparison
    reason: str

    def told(self) -> str:
        """The rows of each side and the weights in bits, as text."""
        found = self.comparison
        lines = [f"{self.kind} ({self.group}): {found.weight / 1000:.1f} bits, p {found.probability:.4f}"]
        lines += [f"  limits: {' '.join(found.limits)}"] if found.limits else []
        lines += [f"  decision: {self.reason}"] if self.reason else []
        for mark, side in (("<", self.left), (">", self.right)):
            lines += [f"  {mark} {_cells(row)}" for row in side[:4]]
            lines += [f"  {mark} ... {len(side) - 4} more"] if len(side) > 4 else []
        lines.append(
            f"  priors {found.prior / 1000:.1f} / {found.prior_household / 1000:.1f}, sums against strangers "
            f"{found.stranger / 1000:.1f}, household {found.household / 1000:.1f}"
        )
        lines += [
            f"  {each.attribute:12} {each.level:18} {each.stranger / 1000:7.1f} {each.household / 1000:7.1f}"
            for each in found.attributes
        ]
        return "\n".join(lines)


def examples(scenario: Scenario, seed: int, people: int, policy: Policy, count: int) -> list[Example]:
    """Up to `count` false merges and as many misses, the first in the order of the groups' people."""
    rows, truth = scenario.generate(seed, people)
    with tempfile.TemporaryDirectory() as name:
        found = resolve(rows, policy, Path(name))
    told = _Told(rows, truth, found, policy)
    return [*islice(told.false_merges(), count), *islice(told.misses(), count)]


class _Told:
    def __init__(self, rows: Sequence[Row], truth: Truth, found: Deduped, policy: Policy) -> None:
        self.rows: Mapping[str, Row] = {row["record_id"]: row for row in rows}
        self.truth, self.found, self.policy = truth, found, policy
        node = dict(found.evidence.records)
        self.features: dict[str, Features] = {}
        self.customer: dict[str, str] = {}
        for placed in found.rows:
            self.customer[placed.record_id] = placed.customer
            if placed.key is not None:
                self.features[placed.record_id] = found.evidence.nodes[node[placed.key]]
        self.reasons = {
            frozenset(self.customer[found.names[key]] for key in (pair.left, pair.right)): pair.decision
            for pair in found.pairs
        }

    def false_merges(self) -> Iterator[Example]:
        """Each customer of more than one person, once: the two who have most of it."""
        inside: dict[str, Counter[str]] = defaultdict(Counter)
        for record, customer in self.customer.items():
            inside[customer][self.truth.person[record]] += 1
        for customer, people in inside.items():
            (one, _), *rest = people.most_common(2)
            if rest and people.keys() & self.truth.groups.keys():
                sides = (self._of(customer, person) for person in (one, rest[0][0]))
                yield self._example("false merge", one, *sides)

    def misses(self) -> Iterator[Example]:
        """Each person in several customers, once for each pair of them, records of their own first."""
        homes: dict[str, dict[str, None]] = defaultdict(dict)
        for record in sorted(self.customer, key=lambda record: record not in self.truth.own):
            if self.truth.person[record] in self.truth.groups and record in self.truth.own:
                homes[self.truth.person[record]][self.customer[record]] = None
        for person, found in homes.items():
            for left, right in combinations(found, 2):
                yield self._example("miss", person, self._of(left, person), self._of(right, person))

    def _of(self, customer: str, person: str) -> tuple[str, ...]:
        records = (record for record, each in self.customer.items() if each == customer)
        return tuple(record for record in records if self.truth.person[record] == person)

    def _example(self, kind: str, person: str, left: Sequence[str], right: Sequence[str]) -> Example:
        sides = [[*{id(self.features[r]): self.features[r] for r in side}.values()] for side in (left, right)]
        comparison = compare_customers(
            self.found.model, self.found.evidence.silent, sides[0], sides[1], self.policy.limits
        )
        both = frozenset(self.customer[side[0]] for side in (left, right))
        return Example(
            kind,
            self.truth.groups.get(person, "background"),
            tuple(self.rows[record] for record in left),
            tuple(self.rows[record] for record in right),
            comparison,
            self.reasons.get(both, "") if len(both) > 1 else "",
        )


def _cells(row: Row) -> str:
    return " | ".join(f"{row[column]}" for column in _TOLD if row[column])
