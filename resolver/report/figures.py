"""Figures of an answer that nobody labelled: what repeats, on what it rests, what is junk, what is unsure.

Every figure says of what it is. A share is always of rows, or of customers, never of pairs: clusters
over records is no rate of matching.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.model import Identifier
from resolver.batch.dedupe import SUGGESTED, Deduped
from resolver.batch.summary import Standing, standing_of
from resolver.evaluate.measures import Ints, codes
from resolver.match.blocking import JOINS_NOBODY
from resolver.match.columns import voices
from resolver.normalise.features import Features
from resolver.report.register import Register
from resolver.resolve import components
from resolver.resolve.partition import Evidence
from resolver.resolve.units import visits


@dataclass(frozen=True, slots=True)
class Figures:
    """What an answer comes to.

    `rows` were read, `rejected` among them; the others are `usable` and belong to `customers` or `visitors`.
    `repeated` customers have several rows. `repeats` are the rows beyond the first of each customer and
    visitor, but for the `replaced`, in whose place another row of the same record id stands that says
    something else; they are the sum of three: `copies` say what another row of the customer says, or state a
    record anew; `identified` hang on an identifier that another row of the customer states too; `likely` on
    nothing but likeness (names, dates, addresses, identifiers that differ a little).
    `unsure` are pairs of customers that may be one, `refused` those that a limit or a judgement keeps
    apart though their weight would not. `doubtful` customers are in at least one unsure pair.
    `too_large` groups of rows were not compared whole. `named`: a row at least has a name.
    """

    rows: int
    rejected: int
    customers: int
    repeated: int
    copies: int
    identified: int
    likely: int
    unsure: int
    doubtful: int
    refused: int
    too_large: int
    visitors: int
    replaced: int = 0
    named: bool = True

    @property
    def usable(self) -> int:
        """Rows that were not rejected."""
        return self.rows - self.rejected

    @property
    def repeats(self) -> int:
        """Rows beyond each customer's first."""
        return self.copies + self.identified + self.likely


def figures(register: Register) -> Figures:
    """The figures of an answer."""
    result = register.result
    customer = codes([row.customer for row in result.rows if row.key is not None])
    node = np.array([register.node[row.key] for row in result.rows if row.key is not None], np.int64)
    held = np.bincount(customer)
    visited = np.zeros(len(held), bool)
    visited[customer[_visiting(result)[node]]] = True
    # A seat is a node of a customer: records of equal evidence may belong to two customers.
    seats = np.unique(customer * len(result.evidence.nodes) + node)
    standing = _held_together(result.evidence, *np.divmod(seats, len(result.evidence.nodes)))
    unsure = [pair for pair in result.pairs if pair.decision in SUGGESTED]
    doubtful = {register.customer[key] for pair in unsure for key in (pair.left, pair.right)}
    return Figures(
        rows=result.counts.rows,
        rejected=result.counts.rejected,
        customers=int((~visited).sum()),
        repeated=int((held[~visited] > 1).sum()),
        copies=len(customer) - len(seats) - result.counts.replaced,
        identified=len(seats) - standing,
        likely=standing - len(held),
        unsure=len(unsure),
        doubtful=len(doubtful),
        refused=sum(pair.decision not in SUGGESTED and pair.decision != "match" for pair in result.pairs),
        too_large=result.counts.too_large,
        visitors=int(visited.sum()),
        replaced=result.counts.replaced,
        named=any(each.name is not None or each.organisation for each in result.evidence.nodes),
    )


def _visiting(result: Deduped) -> NDArray[np.bool_]:
    """Which nodes are visitors'; what a judgement names is somebody's."""
    evidence = result.evidence
    judged = {key for judgement in evidence.judgements for part in judgement.parts for key in part}
    known = {node for key, node in evidence.records if key in judged} if judged else set()
    nodes = enumerate(evidence.nodes)
    return np.array([visits(each, evidence.silent) and n not in known for n, each in nodes], bool)


def _held_together(evidence: Evidence, customer: Ints, node: Ints) -> int:
    """How many groups are left where the nodes of one customer that share an identifier are one.

    Identifiers are told apart by their hashes, which are 64 bits wide.
    """
    several = np.flatnonzero(np.bincount(customer)[customer] > 1)
    seat, stated = array("q"), array("q")
    for number in several.tolist():
        features = evidence.nodes[node[number]]
        for value in features.values:
            if value.identifier.kind not in JOINS_NOBODY and voices(features, value, evidence.silent):
                seat.append(number)
                stated.append(hash((int(customer[number]), value.identifier)))
    order = np.argsort(np.array(stated, np.int64), kind="stable")
    seats, values = np.array(seat, np.int64)[order], np.array(stated, np.int64)[order]
    same = np.flatnonzero(values[1:] == values[:-1])
    labels = components.label(len(node), seats[same], seats[same + 1])
    return int(labels.max(initial=-1)) + 1


# -- junk -----------------------------------------------------------------------------------------


class Junk(NamedTuple):
    """An identifier that speaks for nobody, why, and how many rows of how many customers state it."""

    identifier: Identifier
    standing: Standing
    rows: int
    customers: int


class JunkKind(NamedTuple):
    """All values of one standing: how many there are and how many rows state one or more of them."""

    standing: Standing
    values: int
    rows: int


@dataclass(frozen=True, slots=True)
class JunkFound:
    """Values that speak for nobody: by standing, and the most stated of them."""

    kinds: tuple[JunkKind, ...]
    most: tuple[Junk, ...]


_WORTHLESS: Final = frozenset({Standing.GENERIC, Standing.PLACEHOLDER, Standing.ROLE, Standing.OWNED})
"""Standings of a value that weighs nothing between persons."""


def junk(register: Register, most: int = 25) -> JunkFound:
    """Identifiers that carry no weight for a person, those that most rows state first."""
    evidence = register.result.evidence
    reasons: dict[Identifier, Standing] = {}
    held: dict[int, frozenset[Identifier]] = {}
    for number, features in enumerate(evidence.nodes):
        worthless = dict(_worthless(features, evidence.silent))
        if worthless:
            reasons.update(worthless)
            held[number] = frozenset(worthless)
    rows: Counter[Identifier] = Counter()
    stating: Counter[Standing] = Counter()
    customers: dict[Identifier, set[str]] = defaultdict(set)
    for row in register.result.rows if held else ():
        stated = held.get(register.node[row.key], frozenset()) if row.key is not None else frozenset()
        for identifier in stated:
            rows[identifier] += 1
            customers[identifier].add(row.customer)
        stating.update({reasons[identifier] for identifier in stated})
    told = Counter(reasons.values())
    first = sorted(reasons, key=lambda each: (-rows[each], each))[:most]
    return JunkFound(
        tuple(JunkKind(reason, told[reason], times) for reason, times in stating.most_common()),
        tuple(Junk(each, reasons[each], rows[each], len(customers[each])) for each in first),
    )


def _worthless(features: Features, silent: frozenset[str]) -> Iterator[tuple[Identifier, Standing]]:
    for value in features.values:
        standing = standing_of(value, silent)
        if standing in _WORTHLESS:
            yield value.identifier, standing
