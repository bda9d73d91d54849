"""The store's Protocol: one snapshot to read through, one way to write.

A store keeps what it is given and decides nothing. Reads go through a `Snapshot`, which sees one
revision and no later one. Writes go through `apply`, which commits all its change sets durably or
none. Both the embedded store and Neo4j pass one conformance suite (`tests/conformance`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from graph.model import (
    Block,
    Change,
    ChangeSet,
    Component,
    CustomerId,
    Glance,
    Holder,
    Identifier,
    Import,
    Judgement,
    Move,
    Node,
    ReadSet,
    Record,
    RecordKey,
    Relation,
    Suggestion,
    Tally,
    Touchpoint,
    TouchpointKey,
)


class Snapshot(Protocol):
    """One revision of the graph, read consistently. Not to be shared between threads.

    Every method may raise `Overtaken`, where what it is asked for has changed since the snapshot was opened
    and the store keeps no older state, and `StoreUnavailable`.

    Every method that takes several keys answers for those that exist and is silent on the others,
    and costs a number of round trips that does not depend on how many keys it is given.
    """

    @property
    def revision(self) -> int:
        """The revision that this snapshot sees."""

    @property
    def settled_revision(self) -> int:
        """The latest revision whose re-openings are all done; `revision` where none is waiting."""

    @property
    def silence_revision(self) -> int:
        """The latest revision at which any blocking key fell silent or spoke again, 0 before the first."""

    @property
    def adopted_revision(self) -> int:
        """The latest revision at which the store's settings gave way to others, 0 before the first."""

    def meta(self) -> Mapping[str, str]:
        """The store's settings at this revision."""

    # -- for planning ------------------------------------------------------------------------

    def records(self, keys: Collection[RecordKey]) -> Mapping[RecordKey, Record]:
        """The records of these keys as they stand, tombstones included."""

    def known_touchpoints(
        self, keys: Collection[TouchpointKey]
    ) -> Mapping[TouchpointKey, tuple[str, RecordKey]]:
        """The digest and the record of each touchpoint already stored."""

    def blocks(self, keys: Collection[str], limit: int) -> Mapping[str, Block]:
        """Each blocking key's version, counts and at most `limit` members in order of digest."""

    def silent(self, keys: Collection[str]) -> frozenset[str]:
        """Those of these blocking keys that do not speak now (generic, or over their cap)."""

    def nodes(self, digests: Collection[str]) -> Mapping[str, Node]:
        """The nodes of these digests."""

    def components(self, digests: Collection[str]) -> Sequence[Component]:
        """The components that hold any of these nodes, each once, in order of id, whole."""

    def judgements(self, keys: Collection[RecordKey]) -> Sequence[Judgement]:
        """The judgements in force that name any of these records, each once, in order of revision."""

    def anchored(self, keys: Collection[RecordKey]) -> Sequence[CustomerId]:
        """The customer ids anchored at these records, in order of minting."""

    def waiting(self, limit: int) -> Sequence[str]:
        """Nodes that wait to be looked at again, in order of digest."""

    def imports(self, names: Collection[str]) -> Mapping[str, Import]:
        """The imports of these names as they stand."""

    # -- for answering -----------------------------------------------------------------------

    def holders(self, identifier: Identifier, limit: int) -> Sequence[Holder]:
        """Whose live records assert this identifier: customers in order of id, then visitors by key.

        For a `reference` also the live records of the touchpoints that carry it. At most `limit` are
        told, each with all of its records counted, however many they are.
        """

    def touched(self, customers: Collection[str]) -> Mapping[str, int]:
        """The revision at which a record of each customer, or its touchpoints, last came, changed or went.

        While it and `silence_revision` stay as they are, so does all that a profile shows. Silent on
        those that never had a record.
        """

    def customer_ids(self, ids: Collection[str]) -> Mapping[str, CustomerId]:
        """What is known of ids ever handed out, with their anchors."""

    def members(self, customers: Collection[str]) -> Mapping[str, Sequence[Record]]:
        """The live records of each of these customers, in order of key."""

    def timeline(
        self, records: Collection[RecordKey], before: tuple[int, TouchpointKey] | None, limit: int
    ) -> Sequence[Touchpoint]:
        """Touchpoints of these records, latest first (by occurred time, then key).

        Only those that stand after `before` in that order, where it is given: the last one of the
        previous page.
        """

    def tallies(self, records: Collection[RecordKey]) -> Sequence[Tally]:
        """All touchpoints of these records counted, in order of channel and direction."""

    def touchpoint(self, key: TouchpointKey) -> Touchpoint | None:
        """One touchpoint, whole."""

    def changes(self, after: int, limit: int) -> Sequence[Change]:
        """Changes of customers with a greater revision, in order."""

    def change(self, revision: int) -> Change | None:
        """The change of customers at this revision, if there was one."""

    def moves(self, customers: Collection[str], after: int) -> Sequence[tuple[int, Move]]:
        """Moves out of or into these customers at a greater revision, in order, with the revision."""

    def suggestions(self, after: tuple[int, str] | None, limit: int) -> Sequence[tuple[str, Suggestion]]:
        """Suggestions with their ids, heaviest first, then by id; those after the (weight, id) given."""

    def relations(self, digests: Collection[str]) -> Sequence[Relation]:
        """The relations of any of these nodes with any other, each once, in order of their digests."""

    def bearers(self, digests: Collection[str]) -> Mapping[str, Sequence[str]]:
        """The customers that have a live record of each of these nodes, in order of id; silent on none."""

    def all_judgements(self, after: int, limit: int) -> Sequence[Judgement]:
        """Judgements, retracted ones included, with a greater revision, in order."""

    def all_records(self, after: RecordKey | None, limit: int) -> Sequence[Record]:
        """Live records in order of key, those after the key given."""

    def all_imports(self, before: tuple[int, str] | None, limit: int) -> Sequence[Import]:
        """Imports, the last created first, then by name backwards; those before the (created, name) given."""


class Store(Protocol):
    """A place that keeps one company's customers."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Read at the latest committed revision. Any thread, any process."""

    def glance(self, identifier: Identifier) -> Glance:
        """Who holds this identifier at the latest committed revision, in one statement. Any thread.

        What a snapshot would tell by `holders`, and with what versions, for those who need no more than
        that: a reply made of a customer holds, whoever writes the store, as long as `touched` and
        `silence_revision` are as they were when it was made.
        """

    def apply(self, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> int:
        """Commit all or none; each change set gets a revision of its own, in order, without gaps.

        Durable when it returns. Returns the last revision. Raises `Conflict` where the read set is
        stale, as any is that was read before the last adoption, or a touchpoint is there already,
        `StoreUnavailable` where the store cannot be written. No change sets: no new revision.
        """

    def wait(self, revision: int, timeout: float) -> int:
        """Block until a revision greater than `revision` is committed or `timeout` seconds have passed.

        Returns the latest revision. Sees commits of other processes too.
        """

    def meta(self) -> Mapping[str, str]:
        """The store's settings (model, population, generation, secret): they change by adoption alone."""

    def put_meta(self, values: Mapping[str, str]) -> None:
        """Write settings that are not yet there; raises `StoreError` where one differs."""

    def close(self) -> None:
        """Release everything. Idempotent."""
