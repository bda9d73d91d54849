"""The frozen nouns of the customer graph, and the change set that is the only way to alter it.

Standard library only. Everything here is a value: no store, no clock, no rule. Times are integers,
microseconds since 1970-01-01T00:00:00Z, so that they compare and pack the same in every store.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import NamedTuple


class RecordKey(NamedTuple):
    """Names one record: the system that asserts it and that system's own id for the party."""

    source: str
    record_id: str


class TouchpointKey(NamedTuple):
    """Names one touchpoint: the system that reports it and that system's own id for the contact."""

    source: str
    touchpoint_id: str


class IdentifierKind(StrEnum):
    """What an identifier is; `reference` and `device` never join two persons."""

    PHONE = "phone"
    EMAIL = "email"
    HANDLE = "handle"
    LOYALTY = "loyalty"
    DEVICE = "device"
    EXTERNAL = "external"
    REFERENCE = "reference"
    GOVERNMENT = "government"


class Assurance(IntEnum):
    """How sure the source is that the identifier is the party's; a greater value is surer."""

    OBSERVED = 1
    STATED = 2
    VERIFIED = 3


class PartyType(StrEnum):
    """Who a record speaks of; a person never shares a customer with an organisation."""

    UNKNOWN = "unknown"
    PERSON = "person"
    ORGANISATION = "organisation"


class Identifier(NamedTuple):
    """An identifier in its normal form: equal identifiers are the same node, byte for byte."""

    kind: IdentifierKind
    namespace: str
    value: str


@dataclass(frozen=True, slots=True)
class StatedIdentifier:
    """An identifier as a source wrote it. `namespace` is the platform, programme or system, or empty."""

    kind: IdentifierKind
    raw: str
    namespace: str = ""
    assurance: Assurance = Assurance.STATED


@dataclass(frozen=True, slots=True)
class Evidence:
    """The identity evidence of one record, exactly as the source wrote it; empty text is absent.

    `region` is the ISO 3166 alpha-2 code under which national forms (phones, dates) are read where
    `country` says nothing; it is part of the evidence because normal forms depend on it. `attributes` are
    told and match nobody; `compared_attributes` take part in matching. Both are pairs of name and value.
    """

    identifiers: tuple[StatedIdentifier, ...] = ()
    given_name: str = ""
    middle_name: str = ""
    family_name: str = ""
    full_name: str = ""
    organisation: str = ""
    birth_date: str = ""
    house_number: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    state: str = ""
    country: str = ""
    party_type: PartyType = PartyType.UNKNOWN
    region: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    compared_attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Assertion:
    """One normalised identifier as a node asserts it.

    `description` folds who is speaking (DESIGN: generic values) so that a value's distinct person
    descriptions can be counted; None does not count.
    """

    identifier: Identifier
    assurance: Assurance
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """Distinct normalised evidence: what every rule of matching sees. Many records may share a node.

    `digest` names it. `features` is the normalised evidence in the resolver's own encoding, opaque
    here. `blocks` are its blocking keys, identifiers' own keys included.
    """

    digest: str
    features: bytes
    assertions: tuple[Assertion, ...]
    blocks: tuple[str, ...]


class Statement(NamedTuple):
    """The rank of one statement of a record; the greatest statement is the record.

    `version` is None where the source gave none and no time is known, which sorts lowest. `deleted`
    stands before `digest`, so a deletion wins at an equal version.
    """

    version: int | None
    deleted: bool
    digest: str

    @property
    def rank(self) -> tuple[bool, int, bool, str]:
        """A total order over statements of one record."""
        return (self.version is not None, self.version or 0, self.deleted, self.digest)


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it stands: its greatest statement.

    `node` is the digest of its node, None for a tombstone. `customer` is the id of the customer that
    it belongs to, None for a tombstone or a visitor's record. `first_revision` is the revision at
    which the key was first seen, 0 until the store has applied it.
    """

    key: RecordKey
    statement: Statement
    evidence: Evidence
    node: str | None
    customer: str | None
    first_revision: int


class Direction(StrEnum):
    """Who started the contact."""

    UNSPECIFIED = ""
    INBOUND = "inbound"
    OUTBOUND = "outbound"


@dataclass(frozen=True, slots=True)
class Touchpoint:
    """One contact at one moment on one channel; immutable.

    `digest` is of everything but `received`: the same key with another digest is refused. `references`
    are orders, cases, tickets and parcels in normal form. `value` is an amount in micro-units of
    `currency` (ISO 4217). `duration` is in microseconds.
    """

    key: TouchpointKey
    record: RecordKey
    digest: str
    occurred: int
    received: int
    channel: str
    direction: Direction = Direction.UNSPECIFIED
    kind: str = ""
    purpose: str = ""
    conversation: str = ""
    outcome: str = ""
    automated: bool = False
    agent: str = ""
    location: str = ""
    duration: int | None = None
    value: int | None = None
    currency: str = ""
    address: str = ""
    references: tuple[Identifier, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many touchpoints there are on one channel in one direction, at least one.

    `first` and `last` are when the earliest and the latest of them occurred.
    """

    channel: str
    direction: Direction
    count: int
    first: int
    last: int


class Holder(NamedTuple):
    """Who holds an identifier: a customer, or where `customer` is None the one record of a `visitor`.

    `record_count` counts the records that hold it, `assurance` is the surest of them; a record of a
    touchpoint that carries a reference has merely been observed with it. `touched` is as
    `Snapshot.touched` tells it, 0 for a visitor.
    """

    customer: str | None
    visitor: RecordKey | None
    record_count: int
    assurance: Assurance
    touched: int


class CustomerId(NamedTuple):
    """A customer id ever handed out, and the record that anchors it.

    The customer that an id leads to is the one that its anchor belongs to now; of the ids anchored
    in one customer the one with the least `minted` order is the customer's id, the others redirect.
    `anchor` None: the id is empty. `erased`: it never returns.
    """

    id: str
    minted: int
    anchor: RecordKey | None
    erased: bool = False


class JudgementKind(StrEnum):
    """The steward's act that wrote a judgement."""

    MERGE = "merge"
    SPLIT = "split"
    REVERT = "revert"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a steward decided: live members of one part are together, of two parts are apart.

    `parts` are sets of record keys as they were at the time; they survive updates and deletions.
    `retracted` is the revision that took it back, None while it is in force. `reverts` is the
    revision of the automatic change that it undoes, if that is what it does.
    """

    id: str
    kind: JudgementKind
    parts: tuple[frozenset[RecordKey], ...]
    author: str
    reason: str
    time: int
    revision: int = 0
    retracted: int | None = None
    reverts: int | None = None


class Move(NamedTuple):
    """One record's change of customer; None is no customer (new, deleted or a visitor's)."""

    record: RecordKey
    before: str | None
    after: str | None


class Cause(StrEnum):
    """Why a component changed."""

    RECORD = "record"
    DELETION = "deletion"
    JUDGEMENT = "judgement"
    RETRACTION = "retraction"
    REOPENED = "reopened"
    ADOPTION = "adoption"


@dataclass(frozen=True, slots=True)
class Change:
    """One atomic change of customers, as the feed tells it. Keys, ids and field names, never values.

    An adoption moves nobody by itself: what it comes to is told by the re-openings that follow.
    `judgement` is the id of the judgement that caused it or that it retracted, if one did.
    `evidence` is the resolver's encoding of the links that hold the new customers together.
    """

    cause: Cause
    time: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    moves: tuple[Move, ...]
    judgement: str = ""
    evidence: bytes = b""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two customers that may be one. `left` and `right` are record keys, one of each customer.

    `weight` is in 1/1000 bit against both alternatives; `reason` says why they were not merged
    (`possible`, `ambiguous`, `limit`, `judgement`, `household`, ...); `evidence` explains, in the
    resolver's encoding.
    """

    left: RecordKey
    right: RecordKey
    weight: int
    reason: str
    evidence: bytes


class Match(NamedTuple):
    """What holds one customer together: two parts of it were joined, each told by its least record.

    `weight` is of the whole parts, in 1/1000 bit against both alternatives, and may be any where a judgement
    joins them; `attributes` names those that speak for it, in the model's order.
    """

    left: RecordKey
    right: RecordKey
    weight: int
    attributes: tuple[str, ...]


class RelationKind(StrEnum):
    """What people who are not one are to each other."""

    SAME_HOUSEHOLD = "same_household"
    SAME_ORGANISATION = "same_organisation"


class Relation(NamedTuple):
    """Two nodes whose evidence is of people who live or work together, and not of one person.

    `left` and `right` are digests, the lesser first. `stranger` and `household` are the weights of one
    person against strangers and against people who live or work together, in 1/1000 bit: the first less
    the second is what speaks for living together against strangers. `shared` names the attributes that
    do, in the model's order.
    """

    left: str
    right: str
    kind: RelationKind
    stranger: int
    household: int
    shared: tuple[str, ...]


class Block(NamedTuple):
    """What is known of one blocking key.

    `size` counts distinct nodes; `members` lists them, up to the limit that was asked for.
    `descriptions` counts distinct person descriptions where the key is an identifier's,
    `verified` those of assertions that are verified.
    """

    version: int
    size: int
    descriptions: int
    verified: int
    members: tuple[str, ...]


class Glance(NamedTuple):
    """The least that tells whether a ready answer still holds.

    `customer` is the one customer that holds an identifier, visitors aside; empty where none does, or
    several do. `touched` is as `Snapshot.touched` tells it of that customer, 0 where there is none;
    `silence_revision` is as a snapshot tells it. All are of one `revision`.
    """

    revision: int
    settled_revision: int
    customer: str
    touched: int
    silence_revision: int


@dataclass(frozen=True, slots=True)
class Component:
    """Nodes joined by edges, with all their live records: the unit that is clustered afresh."""

    id: str
    version: int
    nodes: tuple[Node, ...]
    records: tuple[Record, ...]


class ImportState(StrEnum):
    """How far an import has come."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Import:
    """A file that is imported under a name, and how far that has come.

    `file` is where it lies; `digest` (SHA-256, hex) and `size` (bytes) tell whether it is still the same.
    `reading` is how its rows are read, in the resolver's encoding. `rows` counts those that are in,
    rejected ones too: the next one to be read is the one after; `total` is how many there are, 0 until
    they have been counted. Of them `recorded`, `duplicates` and `rejected` are all; `superseded` are
    among the recorded: they gave way to another statement of the same record, or one gave way to them. The
    first `rejects_size` bytes of the file `rejects` tell of the rejected ones.
    `problem` says in one line why it failed. `revision` is the one at which it last changed, 0 until the
    store has applied it.
    """

    name: str
    file: str
    digest: str
    size: int
    reading: str
    state: ImportState
    created: int
    updated: int
    total: int = 0
    rows: int = 0
    recorded: int = 0
    duplicates: int = 0
    superseded: int = 0
    rejected: int = 0
    rejects: str = ""
    rejects_size: int = 0
    problem: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class ReadSet:
    """What a plan rests on: versions of blocking keys and components as read; absent counts as 0.

    `records` and `judgements` name record keys whose statement or judgements the plan has read,
    with the revision at which they last changed. `silence`: whether it rests on which keys speak; then
    none may have fallen silent, or spoken again, after `revision`. `imports` names imports with the
    revision at which each last changed, 0 for one that is not there.
    """

    blocks: tuple[tuple[str, int], ...] = ()
    components: tuple[tuple[str, int], ...] = ()
    records: tuple[tuple[RecordKey, int], ...] = ()
    revision: int = 0
    silence: bool = False
    imports: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """One atomic change to the graph, applied whole at one revision.

    `records` are statements as they now stand (their `customer` as after the change). `raised` are
    records of which only the statement's version is greater, with it. `moved` are
    records whose statement stays and whose customer changes, with the new one. `components` maps a
    component's id to the digests of its nodes, wholly; an empty tuple removes it. `suggestions` maps
    a component to the suggestions that it now has, wholly, and `matches` to the links that its customers
    rest on, wholly: those are for people to look at, and a store may leave them out. `relations` are those
    that come to be between nodes; all others of the nodes in `reweighed` go, as those of a removed node do.
    `ids` are minted, re-anchored or erased
    customer ids. `silenced` and `voiced` are blocking keys that stop or start to speak (a generic
    value, a block over its cap); `reopened` are nodes to be looked at again later, `settled` those
    that have been. `adopted` are settings of the store that take the place of those it has; every node is
    then to be looked at again. `imports` are imports as they now stand. `change` is None where no
    customer changes and nothing is adopted.
    """

    touchpoints: tuple[Touchpoint, ...] = ()
    records: tuple[Record, ...] = ()
    raised: tuple[tuple[RecordKey, int | None], ...] = ()
    moved: tuple[tuple[RecordKey, str | None], ...] = ()
    nodes_added: tuple[Node, ...] = ()
    nodes_removed: tuple[str, ...] = ()
    components: dict[str, tuple[str, ...]] = field(default_factory=dict)
    suggestions: dict[str, tuple[Suggestion, ...]] = field(default_factory=dict)
    matches: dict[str, tuple[Match, ...]] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()
    reweighed: tuple[str, ...] = ()
    ids: tuple[CustomerId, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    silenced: tuple[str, ...] = ()
    voiced: tuple[str, ...] = ()
    reopened: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    adopted: tuple[tuple[str, str], ...] = ()
    imports: tuple[Import, ...] = ()
    change: Change | None = None
