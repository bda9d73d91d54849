"""Columns of evidence: distinct values once, nodes as lists of them, pairs scored all at once.

Streaming scores a handful of pairs through the very same columns as a batch of a million.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from graph.keys import identifier_block
from graph.model import Assurance, IdentifierKind, PartyType
from resolver.match import compare, screen
from resolver.match.compare import Alias, Code, Comparator, Comparison, NamePart, PartComparator
from resolver.match.model import Model
from resolver.match.screen import Screen, Screened, Words
from resolver.match.weigh import (
    ATTRIBUTES,
    ROW,
    Attribute,
    Pair,
    Saying,
    Verdict,
    Weights,
    combined,
    differs,
    sayings,
    summed,
    verdict,
)
from resolver.normalise.features import Features, Flag, Name, Value

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

IDENTIFIERS: Final[dict[Attribute, tuple[IdentifierKind, Comparator]]] = {
    "phone": (IdentifierKind.PHONE, compare.compare_phone),
    "email": (IdentifierKind.EMAIL, compare.compare_email),
    "handle": (IdentifierKind.HANDLE, compare.compare_handle),
    "loyalty": (IdentifierKind.LOYALTY, compare.compare_loyalty),
    "external": (IdentifierKind.EXTERNAL, compare.compare_external),
    "government": (IdentifierKind.GOVERNMENT, compare.compare_government),
}

WHOLE: Final[dict[Attribute, Comparator]] = {
    "birth": compare.compare_birth,
    "place": compare.compare_place,
    "organisation": compare.compare_organisation,
    "attributes": compare.compare_attributes,
}

ATTRIBUTE_OF: Final = {kind: attribute for attribute, (kind, _) in IDENTIFIERS.items()}

SCREENS: Final[dict[Attribute, Screen]] = {
    "phone": screen.PHONE,
    "email": screen.EMAIL,
    "handle": screen.HANDLE,
    "loyalty": screen.LOYALTY,
    "external": screen.EXACT,
    "government": screen.GOVERNMENT,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One attribute of every node: `values` are distinct; node i holds `ids[starts[i]:starts[i + 1]]`."""

    values: Sequence[Any]
    starts: Ints
    ids: Ints

    @classmethod
    def of(cls, lists: Iterable[Sequence[Any]]) -> Column:
        """A column from each node's values, in order of node."""
        growing, size = _Growing(), 0
        for node, values in enumerate(lists):
            size = node + 1
            for value in values:
                growing.add(node, value)
        return growing.column(size)

    def first(self) -> Ints:
        """Each node's first value id, -1 for none."""
        found = np.full(len(self.starts) - 1, -1, np.int64)
        some = self.starts[1:] > self.starts[:-1]
        found[some] = self.ids[self.starts[:-1][some]]
        return found

    def crossed(self, other: Column, left: Ints, right: Ints) -> tuple[Ints, Ints, Ints]:
        """Each pair of nodes as all pairs of their values: the pair's number and the two value ids."""
        left_count = self.starts[left + 1] - self.starts[left]
        right_count = other.starts[right + 1] - other.starts[right]
        counts = left_count * right_count
        pair = np.repeat(np.arange(len(left)), counts)
        offset = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
        width = right_count[pair]
        left_id = self.ids[self.starts[left][pair] + offset // np.maximum(width, 1)]
        right_id = other.ids[other.starts[right][pair] + offset % np.maximum(width, 1)]
        return pair, left_id, right_id


class _Growing:
    """A column that is made node by node, as compact on its way as in the end."""

    def __init__(self) -> None:
        self._index: dict[Any, int] = {}
        self._ids = array("q")
        self._nodes = array("q")

    def add(self, node: int, value: Any) -> None:  # noqa: ANN401 - of whichever attribute
        """Note a value of a node; nodes come in order."""
        index = self._index
        self._ids.append(index.setdefault(value, len(index)))
        self._nodes.append(node)

    def column(self, size: int) -> Column:
        """All that was added of so many nodes."""
        starts = np.searchsorted(np.array(self._nodes, np.int64), np.arange(size + 1))
        return Column(list(self._index), starts, np.array(self._ids, np.int64))


@dataclass(frozen=True, slots=True)
class Held:
    """What one node holds that may be compared: its identifiers by attribute, and its aliases."""

    node: Features
    codes: Mapping[Attribute, Sequence[Code]]
    handles: Sequence[Alias]
    mailboxes: Sequence[Alias]


class Columns:
    """The evidence of a set of nodes, ready to be compared.

    Values in `silent` (generic ones) are left out: they are not compared, neither for nor against.
    Few pairs are compared one by one, many as columns: the same comparators, the same bits.
    """

    def __init__(self, model: Model, nodes: Sequence[Features], silent: frozenset[str]) -> None:
        self.model = model
        self.size = len(nodes)
        self._nodes = nodes
        self._generic = frozenset(key for key in silent if key.startswith(GENERIC))
        self._holding: dict[int, Held] = {}

    def _held(self, number: int) -> Held:
        held = self._holding.get(number)
        if held is None:
            held = self._holding[number] = _held(self._nodes[number], self._generic)
        return held

    def make_ready(self) -> None:
        """Make all columns now, so that those who share this memory need not each make their own."""
        for crossing in (*self._crossings, *self._whole):
            _ = crossing.screened
        _ = self._names, self._firsts, self._vague, self._most

    def weights(self, left: Ints, right: Ints) -> Weights:
        """What every attribute says of these pairs of nodes."""
        weights = Weights.blank(len(left))
        self._names.weigh(weights, left, right)
        self._weigh((*self._crossings, *self._whole), weights, left, right)
        return weights

    def _weigh(self, crossings: Iterable[Crossing], weights: Weights, left: Ints, right: Ints) -> None:
        for crossing in crossings:
            crossing.weigh(self.model, weights, left, right)

    def totals(self, left: Ints, right: Ints) -> Ints:
        """The weight of each pair of nodes against both alternatives, in 1/1000 bit."""
        return self.verdicts(left, right).combined

    def verdicts(self, left: Ints, right: Ints) -> Verdict:
        """The weights of each pair of nodes, against each alternative and against both."""
        if len(left) > FEW:
            return verdict(self.model, self.weights(left, right))
        pairs = zip(left.tolist(), right.tolist(), strict=True)
        rows = [summed(self.model, self._say(a, b)) for a, b in pairs]
        return Verdict(*np.array(rows, np.int64).reshape(-1, 3).T)

    def reaching(self, least: int, left: Ints, right: Ints) -> Ints:
        """The weight of each pair of nodes against both alternatives, where it is `least` or more.

        Of the others it is told only that they weigh less: their addresses and dates are not compared where
        not even the best that these may say would bring them there.
        """
        if len(left) <= FEW:
            return self.totals(left, right)
        weights = Weights.blank(len(left))
        self._names.weigh(weights, left, right)
        self._weigh(self._crossings, weights, left, right)
        total = verdict(self.model, weights).stranger
        for aspects, most in self._most:
            total += most[aspects[left] & aspects[right]]
        open_ = np.flatnonzero(total >= least)
        weights = weights.of(open_)
        self._weigh(self._whole, weights, left[open_], right[open_])
        total[open_] = verdict(self.model, weights).combined
        return total

    @cached_property
    def _most(self) -> Sequence[tuple[NDArray[np.int8], Ints]]:
        """What two nodes may say at most, by attribute of which a node has one.

        The aspects of it that each node tells, a bit each, and by those that two tell both their weight
        against strangers.
        """
        found = []
        for attribute in WHOLE:
            told = [compare.aspects(value) for value in self._singles[attribute].values]
            # A node without a value looks at the place before the first, the last.
            aspects = np.array([*told, 0], np.int8)[self._firsts[attribute]]
            most = [compare.most(self.model, attribute, each) for each in range(compare.ASPECTS)]
            found.append((aspects, np.array(most, np.int64)))
        return found

    def pairs(self, left: Ints, right: Ints) -> list[Pair]:
        """Each pair of nodes compared."""
        if len(left) > FEW:
            weights = self.weights(left, right)
            said = sayings(weights)
            total = verdict(self.model, weights).combined.tolist()
        else:
            said = [self._say(a, b) for a, b in zip(left.tolist(), right.tolist(), strict=True)]
            total = [combined(self.model, says) for says in said]
        return [Pair(says, weight, differs(says)) for says, weight in zip(said, total, strict=True)]

    def by_given_name(self, nodes: Ints) -> Ints:
        """The places of these nodes in an order in which those of one given name follow each other."""
        given = np.append(self._names.given, 0)  # a node without a name looks at the last
        borne = given[self._firsts["given"]].astype(np.int32)  # of many millions of pairs
        return np.argsort(borne[nodes], kind="stable")

    def single(self, attribute: Attribute) -> Ints:
        """Each node's distinct value of an attribute that it has at most once; -1 for none."""
        return self._firsts[attribute]

    def vague(self, attribute: Attribute) -> frozenset[int]:
        """The values of such an attribute that say too little to stand beside a firm one."""
        return self._vague.get(attribute, frozenset())

    @cached_property
    def _firsts(self) -> Mapping[Attribute, Ints]:
        return {attribute: column.first() for attribute, column in self._singles.items()}

    @cached_property
    def _vague(self) -> Mapping[str, frozenset[int]]:
        return {
            attribute: frozenset(n for n, value in enumerate(self._singles[attribute].values) if vague(value))
            for attribute, vague in compare.VAGUE.items()
        }

    @cached_property
    def _singles(self) -> Mapping[Attribute, Column]:
        """What a node has at most once, each in a column, made in one pass over the nodes."""
        names, births, places, firms, stated = (_Growing() for _ in range(5))
        for number, node in enumerate(self._nodes):
            if node.name:
                names.add(number, node.name)
            if node.birth:
                births.add(number, node.birth)
            if any_part(node):
                places.add(number, node.place)
            if is_firm(node):
                firms.add(number, node.organisation)
            if node.compared_attributes:
                stated.add(number, node.compared_attributes)
        named = names.column(self.size)
        return {
            "given": named,
            "family": named,
            "birth": births.column(self.size),
            "place": places.column(self.size),
            "organisation": firms.column(self.size),
            "attributes": stated.column(self.size),
        }

    @cached_property
    def _several(self) -> Mapping[str, Column]:
        """What a node may have several of, likewise."""
        columns = {name: _Growing() for name in (*IDENTIFIERS, "handles", "mailboxes")}
        for number, node in enumerate(self._nodes):
            held = _held(node, self._generic)
            for attribute, codes in held.codes.items():
                for each in codes:
                    columns[attribute].add(number, each)
            for alias in held.handles:
                columns["handles"].add(number, alias)
            for alias in held.mailboxes:
                columns["mailboxes"].add(number, alias)
        return {name: growing.column(self.size) for name, growing in columns.items()}

    @cached_property
    def _names(self) -> Names:
        return Names(self.model, self._singles["given"])

    @cached_property
    def _crossings(self) -> Sequence[Crossing]:
        several, singles = self._several, self._singles
        names, handles, mailboxes = singles["given"], several["handles"], several["mailboxes"]
        one_way = Crossing("alias", compare.compare_alias, screen.ALIAS, handles, mailboxes)
        crossings = [one_way, one_way.turned(compare.compare_alias)]
        for attribute, (_, comparator) in IDENTIFIERS.items():
            column = several[attribute]
            crossings.append(Crossing(attribute, comparator, SCREENS[attribute], column, column))
        for column in (handles, mailboxes):
            one_way = Crossing("alias_name", compare.compare_alias_name, screen.ALIAS_NAME, column, names)
            crossings += [one_way, one_way.turned(compare.compare_name_alias)]
        return crossings

    @cached_property
    def _whole(self) -> Sequence[Crossing]:
        singles = self._singles
        return [
            Crossing(attribute, comparator, screen.EVERY, singles[attribute], singles[attribute])
            for attribute, comparator in WHOLE.items()
        ]

    def _say(self, a: int, b: int) -> Saying:
        """What every attribute says of one pair of nodes."""
        one, other = self._held(a), self._held(b)
        model, said = self.model, dict[int, tuple[int, int]]()
        for attribute, codes in one.codes.items():
            if attribute in other.codes:
                comparator = IDENTIFIERS[attribute][1]
                _put_best(
                    said, attribute, (comparator(model, x, y) for x in codes for y in other.codes[attribute])
                )
        if one.node.name and other.node.name:
            given, family = compare.compare_name_parts(model, one.node.name, other.node.name)
            _put_best(said, "given", (given,))
            _put_best(said, "family", (family,))
        if one.node.birth and other.node.birth:
            _put_best(said, "birth", (compare.compare_birth(model, one.node.birth, other.node.birth),))
        if any_part(one.node) and any_part(other.node):
            _put_best(said, "place", (compare.compare_place(model, one.node.place, other.node.place),))
        if is_firm(one.node) and is_firm(other.node):
            firms = compare.compare_organisation(model, one.node.organisation, other.node.organisation)
            _put_best(said, "organisation", (firms,))
        if one.node.compared_attributes and other.node.compared_attributes:
            stated = one.node.compared_attributes, other.node.compared_attributes
            _put_best(said, "attributes", (compare.compare_attributes(model, *stated),))
        for left, right in ((one, other), (other, one)):
            across = product(left.handles, right.mailboxes)
            _put_best(said, "alias", (compare.compare_alias(model, x, y) for x, y in across))
            name = right.node.name
            if name is not None:
                own = (*left.handles, *left.mailboxes)
                _put_best(said, "alias_name", (compare.compare_alias_name(model, x, name) for x in own))
        return said


def _put_best(said: Saying, attribute: Attribute, answers: Iterable[Comparison | NamePart | None]) -> None:
    """Note the best agreement: the greatest against strangers, then against the household."""
    row = ROW[attribute]
    for answer in answers:
        if answer is not None:
            says = (answer.stranger, answer.household)
            if row not in said or says > said[row]:
                said[row] = says


def _held(node: Features, generic: frozenset[str]) -> Held:
    voiced = [value for value in node.values if voices(node, value, generic)]
    if not voiced:
        return Held(node, {}, (), ())
    codes: dict[Attribute, list[Code]] = {}
    for value in voiced:
        attribute = ATTRIBUTE_OF.get(value.identifier.kind)
        if attribute is not None:
            codes.setdefault(attribute, []).append(code(value, node.name))
    return Held(node, codes, aliases(voiced, IdentifierKind.HANDLE), aliases(voiced, IdentifierKind.EMAIL))


class Crossing:
    """Two columns whose values are compared, each with each."""

    def __init__(
        self, attribute: Attribute, comparator: Comparator, screen_: Screen, one: Column, other: Column
    ) -> None:
        self.attribute = attribute
        self.comparator = comparator
        self.one, self.other = one, other
        self._screen = screen_
        self._straight: Crossing | None = None

    def turned(self, comparator: Comparator) -> Crossing:
        """The same with the columns changed about, for a comparator that takes them so."""
        turned = Crossing(self.attribute, comparator, self._screen, self.other, self.one)
        turned._straight = self
        return turned

    @cached_property
    def screened(self) -> Screened:
        """Its columns made ready for the screen, once there is a pair to compare."""
        if self._straight is not None:
            return self._straight.screened.turned()
        return Screened.of(self._screen, self.one.values, self.other.values)

    def weigh(self, model: Model, weights: Weights, left: Ints, right: Ints) -> None:
        """Note the best agreement of each pair of nodes."""
        if not (self.one.values and self.other.values):
            return
        pair, left_id, right_id = self.one.crossed(self.other, left, right)
        if not len(pair):
            return
        compared, stranger, household = self._compared(model, left_id, right_id)
        pair, stranger, household = pair[compared], stranger[compared], household[compared]
        if not len(pair):
            return
        if (pair[1:] == pair[:-1]).any():
            # The best agreement: greatest against strangers, then against the household, of each pair.
            order = np.lexsort((household, stranger, pair))
            last = order[np.append(pair[order][1:] != pair[order][:-1], True)]
            pair, stranger, household = pair[last], stranger[last], household[last]
        weights.put(self.attribute, pair, stranger, household)

    def _compared(self, model: Model, left_id: Ints, right_id: Ints) -> tuple[Bools, Ints, Ints]:
        width = len(self.other.values)
        pairs, inverse = np.unique(left_id * width + right_id, return_inverse=True)
        left, right = pairs // width, pairs % width
        table = np.zeros((len(pairs), 3), np.int64)
        single = self.screened.may_agree(left, right)
        rest = np.flatnonzero(~single)
        if len(rest):
            _, first, shape = np.unique(
                self.screened.shape(left[rest], right[rest]), return_index=True, return_inverse=True
            )
            table[rest] = self._answers(model, left[rest][first], right[rest][first])[shape]
        table[single] = self._answers(model, left[single], right[single])
        answers = table[inverse]
        return answers[:, 0].astype(bool), answers[:, 1], answers[:, 2]

    def _answers(self, model: Model, left: Ints, right: Ints) -> Ints:
        mine, theirs, compare_ = self.one.values, self.other.values, self.comparator
        said = [
            compare_(model, mine[a], theirs[b]) for a, b in zip(left.tolist(), right.tolist(), strict=True)
        ]
        rows = [(0, 0, 0) if each is None else (1, each.stranger, each.household) for each in said]
        return np.array(rows, np.int64).reshape(-1, 3)


class Names:
    """The column of names, compared part by part: few given names and surnames make many names."""

    def __init__(self, model: Model, column: Column) -> None:
        self.model = model
        self.column = column
        index: dict[tuple[str, ...], int] = {(): 0}
        self.given = np.array([index.setdefault(name.given, len(index)) for name in column.values], np.int64)
        self.family = np.array(
            [index.setdefault(name.family, len(index)) for name in column.values], np.int64
        )
        self.certain = np.array([name.ordered for name in column.values], bool)
        ranked = sorted(range(len(column.values)), key=lambda n: _sortable(column.values[n]))
        self.rank = np.empty(len(ranked), np.int64)
        self.rank[ranked] = np.arange(len(ranked))
        self.parts = list(index)
        words = ["".join(part) for part in self.parts]
        self.words = Words(words)
        self.listed = np.array([word in model.given_names for word in words], bool)
        # What is kept in another script is compared with Latin letters by its sound.
        self.plain = np.array(
            [len(part) == 1 and len(part[0]) > 1 and part[0].isascii() for part in self.parts], bool
        )

    def weigh(self, weights: Weights, left: Ints, right: Ints) -> None:
        """Note what given names and surnames say, in the reading under which each pair agrees best."""
        pair, a, b = self.column.crossed(self.column, left, right)
        if not len(pair):
            return
        turn = self.rank[b] < self.rank[a]
        a, b = np.where(turn, b, a), np.where(turn, a, b)
        given = self._said(compare.compare_given, self.given[a], self.given[b])
        family = self._said(compare.compare_family, self.family[a], self.family[b])
        straight = given[1] + family[1]
        believed = np.where(self.certain[a] & self.certain[b], np.maximum(straight, 0), straight)
        # Few names agree the other way round even in one part: only of these is the other part asked.
        turned_given = self._said(compare.compare_given, self.given[a], self.family[b])
        sure = (turned_given[0] == 0) | (turned_given[2] >= compare.SURE_GIVEN)
        turned = np.flatnonzero(sure)
        turned_given = turned_given[:, turned]
        turned_family = self._said(compare.compare_family, self.family[a[turned]], self.given[b[turned]])
        sure = (turned_family[0] == 0) | (turned_family[1] >= compare.SURE_FAMILY)
        sure &= turned_given[1] + turned_family[1] - compare.TURNED > believed[turned]
        for attribute, said, turned_said in (
            (_GIVEN, given, turned_given),
            (_FAMILY, family, turned_family),
        ):
            said[:, turned[sure]] = turned_said[:, sure]
            there, stranger, household = said
            known = there.astype(bool)
            weights.put(attribute, pair[known], stranger[known], household[known])

    def _said(self, comparator: PartComparator, left: Ints, right: Ints) -> Ints:
        """Three rows: whether it was compared, its weight against strangers and against the household."""
        width = len(self.parts)
        pairs, inverse = np.unique(left * width + right, return_inverse=True)
        one, other = pairs // width, pairs % width
        table = np.zeros((3, len(pairs)), np.int64)
        both = (one > 0) & (other > 0)
        differ = both & self.plain[one] & self.plain[other]
        differ[differ] = ~self._may_agree(comparator, one[differ], other[differ])
        # What is surely different says the same for all, but for whether both are names that exist.
        exist = self.listed[one] & self.listed[other]
        for alike in (differ & exist, differ & ~exist):
            if alike.any():
                table[:, alike] = self._answers(comparator, one[alike][:1], other[alike][:1])
        rest = both & ~differ
        table[:, rest] = self._answers(comparator, one[rest], other[rest])
        return table[:, inverse]

    def _may_agree(self, comparator: PartComparator, one: Ints, other: Ints) -> Bools:
        agree = self.words.alike(one, other)
        if comparator is compare.compare_given:
            rest = np.flatnonzero(~agree)
            agree[rest] = self.words.nicknamed(one[rest], other[rest])
        return agree

    def _answers(self, comparator: PartComparator, one: Ints, other: Ints) -> Ints:
        parts, model = self.parts, self.model
        said = [
            comparator(model, parts[a], parts[b]) for a, b in zip(one.tolist(), other.tolist(), strict=True)
        ]
        return np.array([(1, each.stranger, each.household) for each in said], np.int64).reshape(-1, 3).T


_GIVEN: Final[Attribute] = "given"
_FAMILY: Final[Attribute] = "family"


def _sortable(name: Name) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    return name.given, name.family, name.ordered


GENERIC: Final = "generic:"

EXACT: Final = frozenset({Flag.OPAQUE, Flag.MALFORMED})
"""Flags of values in which no slip is forgiven."""

FEW: Final = 64
"""Up to so many pairs it takes longer to make columns than to compare the pairs one by one."""


def voices(node: Features, value: Value, silent: frozenset[str]) -> bool:
    """Whether this value carries weight for this node now."""
    if not value.speaks and not (node.party == PartyType.ORGANISATION and Flag.ROLE in value.flags):
        return False
    if not silent:
        return True
    block = identifier_block(value.identifier)
    if generic_key(block) not in silent:
        return True
    return value.assurance == Assurance.VERIFIED and generic_key(verified_block(block)) not in silent


def verified_block(block: str) -> str:
    """The blocking key under which only those who hold a value verified are found."""
    return f"verified:{block}"


def generic_marks(block: str) -> tuple[str, str]:
    """The keys under which a value is noted as generic: as whoever states it, and as who verified it."""
    return generic_key(block), generic_key(verified_block(block))


def generic_key(block: str) -> str:
    """The key under which a value is noted as generic, beside its block's own."""
    return f"{GENERIC}{block}"


def code(value: Value, name: Name | None = None) -> Code:
    """An identifier as its comparator sees it; `name` is that of the record which states it."""
    (kind, namespace, text), flags = value.identifier, value.flags
    named = kind == IdentifierKind.EMAIL and compare.spells(text.rpartition("@")[0], name)
    return Code(namespace, text, EXACT.isdisjoint(flags), Flag.LANDLINE in flags, named)


def voiced_codes(node: Features, kind: IdentifierKind, silent: frozenset[str]) -> list[Code]:
    """The identifiers of this kind that carry weight for a node now, as their comparator sees them."""
    held = (value for value in node.values if value.identifier.kind == kind)
    return [code(value, node.name) for value in held if voices(node, value, silent)]


def aliases(values: Sequence[Value], kind: IdentifierKind) -> list[Alias]:
    """The telling aliases among a node's handles or mailboxes."""
    found = []
    for value in values:
        if value.identifier.kind == kind and Flag.OPAQUE not in value.flags:
            text = "".join(filter(str.isalnum, value.identifier.value.partition("@")[0])).lower()
            letters = "".join(filter(str.isalpha, text))
            if len(letters) >= compare.ALIAS:
                found.append(Alias(letters, text))
    return found


def is_firm(node: Features) -> bool:
    """Whether a node has an organisation's name to compare."""
    return node.party == PartyType.ORGANISATION and bool(node.organisation)


def any_part(node: Features) -> bool:
    """Whether anything is known of where a node lives."""
    place = node.place
    return bool(place.street or place.postcode or place.city or place.country)


__all__ = ["ATTRIBUTES", "Column", "Columns", "aliases", "generic_key", "verified_block", "voices"]
