"""Checks that see every item of a store pass by and keep little of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Protocol

import msgspec

from graph.keys import stale_block
from graph.model import Cause, Change, Import, Judgement, Node, RecordKey, Touchpoint
from graph.whole import Contents, Head, HeldCustomer, HeldKey, HeldNode, Item, SilentKey, WaitingNode
from resolver.doctor.census import Census
from resolver.doctor.finding import Finding, Findings, named
from resolver.doctor.standing import rules_of
from resolver.normalise import GENERATION
from resolver.normalise.evidence import decode
from resolver.pipeline.nodes import make_node
from resolver.resolve.settings import Policy
from resolver.resolve.silence import silence


class Seen(Protocol):
    """A check on its way through a store's items, which come in the order of `graph.whole.SECTIONS`.

    `kinds` are those of the items that it is to see.
    """

    kinds: frozenset[type[Item]]

    def see(self, item: Item) -> None:
        """Take note of an item of these kinds; the census knows it already."""

    def findings(self, contents: Contents) -> Iterator[Finding]:
        """What was wrong, once all has been seen; what was suspicious may be read again."""


class Evidence:
    """Every node's features can be read, and give the node that is stored: its name, blocks, assertions.

    Under another generation of normal forms a node may differ with good reason, and is only read.
    """

    kinds: frozenset[type[Item]] = frozenset({HeldNode})

    def __init__(self, census: Census) -> None:
        self._census = census
        self._found = Findings("evidence")

    def see(self, item: Item) -> None:
        """Make the node anew."""
        if not isinstance(item, HeldNode):
            return
        node = item.node
        try:
            made = make_node(decode(node.features))
        except (msgspec.MsgspecError, ValueError):
            self._found.add("nodes have features that cannot be read", node.digest)
            return
        if made != node and self._census.settings.get("generation", GENERATION) == GENERATION:
            self._found.add("nodes are not what their features give", node.digest)

    def findings(self, contents: Contents) -> Iterator[Finding]:
        """What was wrong."""
        del contents
        yield from self._found


class Contacts:
    """Every touchpoint hangs on a record key that is there."""

    kinds: frozenset[type[Item]] = frozenset({Touchpoint})

    def __init__(self, census: Census) -> None:
        self._records = census.records
        self._found = Findings("touchpoints")

    def see(self, item: Item) -> None:
        """Look its record up."""
        if isinstance(item, Touchpoint) and item.record not in self._records:
            self._found.add("touchpoints hang on no record", f"{item.key.source}:{item.key.touchpoint_id}")

    def findings(self, contents: Contents) -> Iterator[Finding]:
        """What was wrong."""
        del contents
        yield from self._found


class Feed:
    """The feed, replayed from nothing, gives each record its present customer; all ids in it are known."""

    kinds: frozenset[type[Item]] = frozenset({Change})

    def __init__(self, census: Census) -> None:
        self._census = census
        self._found = Findings("feed")
        self._placed: dict[RecordKey, str] = {}
        self._last = 0

    def see(self, item: Item) -> None:
        """Follow the moves of a change."""
        if not isinstance(item, Change):
            return
        where = f"revision {item.revision}"
        if item.revision <= self._last:
            self._found.add("changes are not in order of revision", where)
        self._last = item.revision
        if bool(item.moves) == (item.cause is Cause.ADOPTION):
            self._found.add("changes move nobody, or adoptions somebody", where)
        for move in item.moves:
            if self._placed.get(move.record) != move.before or move.before == move.after:
                self._found.add("changes move a record from where it was not", where)
            if move.after is None:
                self._placed.pop(move.record, None)
            else:
                self._placed[move.record] = move.after
        if any(id_ not in self._census.customers for id_ in (*item.before, *item.after)):
            self._found.add("changes name a customer id that is not known", where)

    def findings(self, contents: Contents) -> Iterator[Finding]:
        """Compare where it has led with where the records are."""
        del contents
        for key, record in self._census.records.items():
            customer = None if record is None else record.customer
            if self._placed.get(key) != customer:
                self._found.add("records are not on the customer that the feed tells", named(key))
        for key in self._placed.keys() - self._census.records.keys():
            self._found.add("records that the feed tells of are not there", named(key))
        yield from self._found


class Revisions:
    """Nothing is of a later revision than the head, and no record changed before it was first seen."""

    kinds: frozenset[type[Item]] = frozenset(
        {Head, HeldKey, HeldCustomer, Judgement, Change, WaitingNode, Import}
    )

    def __init__(self, census: Census) -> None:
        self._census = census
        self._found = Findings("revisions")

    def see(self, item: Item) -> None:
        """Compare its revisions with the head's."""
        latest, what = _latest(item)
        if latest > self._census.head.revision:
            self._found.add("items are of a later revision than the store is at", what)
        if (
            isinstance(item, HeldKey)
            and item.record is not None
            and not 0 < item.record.first_revision <= item.changed
        ):
            self._found.add("records changed before they were first seen", named(item.key))

    def findings(self, contents: Contents) -> Iterator[Finding]:
        """What was wrong."""
        del contents
        yield from self._found


def _latest(item: Item) -> tuple[int, str]:
    """The latest revision that an item names, and what it is called."""
    match item:
        case Head():
            return max(item.silence, item.adopted), "head"
        case HeldKey():
            return item.changed, named(item.key)
        case HeldCustomer():
            return item.touched, item.id
        case Judgement():
            return max(item.revision, item.retracted or 0), item.id
        case Change():
            return item.revision, f"revision {item.revision}"
        case WaitingNode():
            return item.revision, item.digest
        case Import():
            return item.revision, item.name
        case _:
            return 0, ""


class Silence:
    """What does not speak is what the rules say: every value turned generic, every block over its cap.

    Few keys are anywhere near a line. A first look counts keys by a hash of each, which can only count too
    many; a second one at the nodes counts those alone that may be over a line.
    """

    kinds: frozenset[type[Item]] = frozenset({HeldNode})
    _PLACES: Final = 1 << 26

    def __init__(self, census: Census) -> None:
        self._census = census
        self._counted = bytearray(self._PLACES)

    def see(self, item: Item) -> None:
        """Count a node in its blocks."""
        if isinstance(item, HeldNode):
            counted, mask = self._counted, self._PLACES - 1
            for key in item.node.blocks:
                place = hash(key) & mask
                if counted[place] < 255:
                    counted[place] += 1

    def findings(self, contents: Contents) -> Iterator[Finding]:
        """Compare what should be silent with what is."""
        rules = rules_of(self._census)
        if rules is None:
            return
        expected = silence(rules.policy, self._suspects(contents, rules.policy))
        held = frozenset(silent.key for silent in contents.section(SilentKey))
        if expected - held:
            yield _told("keys speak that are generic or over their cap", expected - held)
        if held - expected:
            yield _told("keys are silent that should speak", held - expected)

    def _suspects(self, contents: Contents, policy: Policy) -> Iterator[Node]:
        """The nodes, in those of their blocks alone that may be over a line."""
        line = min(policy.generic_line, policy.block_cap + 1, policy.identifier_cap + 1, 255)
        counted, mask = self._counted, self._PLACES - 1
        for node, _ in contents.section(HeldNode):
            blocks = tuple(key for key in node.blocks if counted[hash(key) & mask] >= line)
            if blocks:
                yield replace(node, blocks=blocks)


def _told(words: str, keys: frozenset[str]) -> Finding:
    # A key is personal; its digest is not.
    return Finding("silence", words, len(keys), stale_block(min(keys)))
