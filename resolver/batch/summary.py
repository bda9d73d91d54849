"""What became of a file: counts, then the ten of each kind that a reader should look at first."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import nsmallest
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph.keys import identifier_block
from graph.model import Identifier, RecordKey
from resolver.batch.dedupe import SUGGESTED, Deduped
from resolver.batch.rows import Reject
from resolver.match.blocking import JOINS_NOBODY
from resolver.match.columns import generic_key, voices
from resolver.match.commonness import Common, Trait, common, evenly
from resolver.normalise.features import Features, Flag, Value
from resolver.resolve.partition import Evidence
from resolver.resolve.units import visits

Ints = NDArray[np.int64]

MOST: Final = 10
"""How many customers and values are named."""
SILENT: Final = 0.5
"""Share of the records that identify nobody, from which on columns are likely to be misunderstood."""
PLACES: Final = 5
"""Of how many rows that were rejected for one reason the line is named."""
BONDS: Final = 3
"""How many things are named that hold a customer together."""


class Where(NamedTuple):
    """A line of a file; `file` is empty where only one is read."""

    file: str
    line: int


class Rejection(NamedTuple):
    """Rows rejected for one reason: the column concerned, empty for the whole row, and the first places."""

    reason: str
    field: str
    rows: int
    places: tuple[Where, ...]


class Rejections:
    """Rejected rows as they come, counted by reason."""

    def __init__(self) -> None:
        self._rows: Counter[tuple[str, str]] = Counter()
        self._places: dict[tuple[str, str], list[Where]] = {}

    def take(self, reject: Reject, file: str = "") -> None:
        """Count one; `file` is the name of the one that it is from, where there are several."""
        why = reject.reason, reject.field
        self._rows[why] += 1
        places = self._places.setdefault(why, [])
        if len(places) < PLACES:
            places.append(Where(file, reject.line))

    def reasons(self) -> tuple[Rejection, ...]:
        """Each reason, the most frequent first."""
        ranked = sorted(self._rows.items(), key=lambda each: (-each[1], each[0]))
        return tuple(Rejection(*why, rows, tuple(self._places[why])) for why, rows in ranked)


class Bond(NamedTuple):
    """What so many records of one customer have in common. `text` holds personal data.

    `kind` is an identifier's, else `name`, `birth date` or `address`.
    """

    kind: str
    text: str
    records: int


class Large(NamedTuple):
    """A customer of many records, as the output names it, and what most of them have in common.

    `bonds` are identifiers that speak; where no two records share one, what else they share.
    """

    customer: str
    records: int
    bonds: tuple[Bond, ...]


class Standing(StrEnum):
    """Whether a value leads to a person, and why not."""

    SPEAKS = "speaks"
    """It is compared, and those who share it are found by it."""
    GENERIC = "generic"
    """Too many persons share it: it weighs nothing."""
    CROWDED = "crowded"
    """Too many records hold it to search them by it; where they meet otherwise it still weighs."""
    PLACEHOLDER = "placeholder"
    """A test value or one that stands for none."""
    ROLE = "role"
    """An organisation's, not a person's."""
    OWNED = "owned"
    """The company's own."""


class Shared(NamedTuple):
    """An identifier that many records hold, and how many customers and visitors do. Personal data."""

    identifier: Identifier
    records: int
    customers: int
    visitors: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a file. Each row is rejected, or the first of its customer or visitor, or a duplicate.

    Or it is `replaced`: another row of the same record id says something else and stands in its place.
    `merged` are customers of more than one record, `suggestions` those that a steward is asked about, by
    reason, `refused` the customers that would be one but for what forbids it, by reason. `largest` are
    customers of more than one record, `shared` identifiers of more than one, of kinds that join persons.
    `unread` are the cells that say something which could not be read, by column, the most first. `common`
    are the traits in which these customers agree far more often than the model supposes.
    """

    rows: int
    rejected: int
    rejections: tuple[Rejection, ...]
    customers: int
    visitors: int
    duplicates: int
    merged: int
    suggestions: Mapping[str, int]
    refused: Mapping[str, int]
    too_large: int
    replaced: int
    unread: Mapping[str, int]
    largest: tuple[Large, ...]
    shared: tuple[Shared, ...]
    common: tuple[Common, ...] = ()


def summarise(result: Deduped, rejections: Rejections, most: int = MOST) -> Summary:
    """The summary of an answer and of the rows rejected on the way to it.

    At most `most` customers and values are named, and with 0 none is looked for, nor what is common, which
    spares a look at every node.
    """
    counts, evidence = result.counts, result.evidence
    customer_of = {row.key: row.customer for row in result.rows if row.key is not None}
    sizes = Counter(customer_of.values())
    decisions = Counter(pair.decision for pair in result.pairs if pair.decision != "match")
    return Summary(
        rows=counts.rows,
        rejected=counts.rejected,
        rejections=rejections.reasons(),
        customers=counts.customers,
        visitors=counts.visitors,
        duplicates=counts.rows - counts.rejected - counts.customers - counts.visitors - counts.replaced,
        merged=sum(size > 1 for size in sizes.values()),
        suggestions={why: rows for why, rows in sorted(decisions.items()) if why in SUGGESTED},
        refused={why: rows for why, rows in sorted(decisions.items()) if why not in SUGGESTED},
        too_large=counts.too_large,
        replaced=counts.replaced,
        unread=dict(sorted(counts.unread.items(), key=lambda each: (-each[1], each[0]))),
        largest=_largest(evidence, customer_of, sizes, most) if most else (),
        shared=_shared(evidence, customer_of, most) if most else (),
        common=common(result.model, _people(evidence, customer_of)) if most else (),
    )


def _people(evidence: Evidence, customer_of: Mapping[RecordKey, str]) -> Sequence[Features]:
    """One record of each customer, of some of them where they are many."""
    first: dict[str, int] = {}
    for key, node in evidence.records:
        first.setdefault(customer_of[key], node)
    return [evidence.nodes[node] for node in evenly(list(first.values()))]


def _largest(
    evidence: Evidence, customer_of: Mapping[RecordKey, str], sizes: Mapping[str, int], most: int
) -> tuple[Large, ...]:
    several = ((-size, len(name), name) for name, size in sizes.items() if size > 1)
    names = [name for _, _, name in nsmallest(most, several)]
    nodes: dict[str, Counter[int]] = {name: Counter() for name in names}
    for key, node in evidence.records:
        if customer_of[key] in nodes:
            nodes[customer_of[key]][node] += 1
    return tuple(Large(name, sizes[name], _bonds(evidence, nodes[name])) for name in names)


def _bonds(evidence: Evidence, nodes: Mapping[int, int]) -> tuple[Bond, ...]:
    """What the records of one customer share, given how many of them each of its nodes has."""
    for told in (_identifiers_told, _others_told):
        records: Counter[tuple[str, str]] = Counter()
        for number, times in nodes.items():
            for what in set(told(evidence.nodes[number], evidence.silent)):
                records[what] += times
        common = [(-times, what) for what, times in records.items() if times > 1]
        if common:
            return tuple(Bond(*what, -less) for less, what in sorted(common)[:BONDS])
    return ()


def _identifiers_told(node: Features, silent: frozenset[str]) -> Iterator[tuple[str, str]]:
    for value in node.values:
        if value.identifier.kind not in JOINS_NOBODY and voices(node, value, silent):
            yield value.identifier.kind.value, told_value(value.identifier)


def _others_told(node: Features, silent: frozenset[str]) -> Iterator[tuple[str, str]]:
    del silent
    name, birth, place = node.name, node.birth, node.place
    if name is not None:
        yield "name", " ".join((*name.given, *name.family))
    if birth is not None:
        yield "birth date", f"{birth.year:04}-{birth.month:02}-{birth.day:02}"
    address = " ".join(filter(None, (place.street, place.house, place.postcode, place.city)))
    if address:
        yield "address", address


def told_value(identifier: Identifier) -> str:
    """An identifier's value with the platform, programme or system that it is of."""
    return f"{identifier.value} ({identifier.namespace})" if identifier.namespace else identifier.value


_TRAITS: Final[Mapping[Trait, str]] = {"given": "given names", "family": "surnames", "postcode": "postcodes"}


def common_told(found: Sequence[Common]) -> str:
    """What customers have in common far more often than the model supposes, and what to do about it."""
    *less, last = (f"{_TRAITS[each.trait]} {each.times:,.0f} times" for each in found)
    traits = f"{', '.join(less)} and {last}" if less else last
    return (
        f"these customers share {traits} as often as the model supposes of strangers, so namesakes may be "
        "merged; let `resolver train` learn from this file, and name what it writes with --model"
    )


def _shared(evidence: Evidence, customer_of: Mapping[RecordKey, str], most: int) -> tuple[Shared, ...]:
    holders = _most_held(evidence, most)
    bearers = _bearers(evidence, customer_of, {node for nodes in holders.values() for node in nodes.tolist()})
    found = []
    for number, nodes in holders.items():
        value = _value(evidence.nodes[int(nodes[0])], number)
        held = [bearer for node in nodes.tolist() for bearer in bearers[node]]
        who = set(held)
        visitors = sum(bearer.visits for bearer in who)
        standing = standing_of(value, evidence.silent)
        found.append(Shared(value.identifier, len(held), len(who) - visitors, visitors, standing))
    return tuple(sorted(found, key=lambda each: (-each.records, each.identifier)))


class _Bearer(NamedTuple):
    """A customer that bears a value, or a visitor."""

    customer: str
    visits: bool


def _bearers(
    evidence: Evidence, customer_of: Mapping[RecordKey, str], nodes: set[int]
) -> Mapping[int, Sequence[_Bearer]]:
    """Who each record of some nodes belongs to, by its node."""
    judged = {key for judgement in evidence.judgements for part in judgement.parts for key in part}
    visiting = {node for node in nodes if visits(evidence.nodes[node], evidence.silent)}
    found: dict[int, list[_Bearer]] = {node: [] for node in nodes}
    for key, node in evidence.records:
        if node in found:
            found[node].append(_Bearer(customer_of[key], node in visiting and key not in judged))
    return found


def _most_held(evidence: Evidence, most: int) -> Mapping[int, Ints]:
    """The nodes that hold each of the identifiers that most records do, by the identifier's hash.

    Where two are held alike, the one that comes first in the file. Identifiers are told apart by their
    hashes, of 64 bits, for their words would take as much memory as all the rest.
    """
    hashes, counts = array("q"), array("q")
    for node in evidence.nodes:
        held = {hash(each.identifier) for each in node.values if each.identifier.kind not in JOINS_NOBODY}
        hashes.extend(held)
        counts.append(len(held))
    owners = np.repeat(np.arange(len(counts)), np.array(counts, np.int64))
    times = np.bincount([node for _, node in evidence.records], minlength=len(counts))
    keys, first, place = np.unique(np.array(hashes, np.int64), return_index=True, return_inverse=True)
    records = np.bincount(place, times[owners], len(keys)).astype(np.int64)
    several = np.flatnonzero(records > 1)
    chosen = several[np.lexsort((owners[first[several]], -records[several]))[:most]]
    return {int(keys[each]): owners[place == each] for each in chosen}


def _value(node: Features, number: int) -> Value:
    """The value of a node whose identifier has this hash."""
    return next(value for value in node.values if hash(value.identifier) == number)


def standing_of(value: Value, silent: frozenset[str]) -> Standing:
    """Whether a value leads to a person, and why not, where these blocking keys are silent."""
    for flag, standing in _MUTE.items():
        if flag in value.flags:
            return standing
    if not silent:
        return Standing.SPEAKS
    block = identifier_block(value.identifier)
    if generic_key(block) in silent:
        return Standing.GENERIC
    return Standing.CROWDED if block in silent else Standing.SPEAKS


_MUTE: Final = {
    Flag.RUBBISH: Standing.PLACEHOLDER,
    Flag.OWNED: Standing.OWNED,
    Flag.ROLE: Standing.ROLE,
}
