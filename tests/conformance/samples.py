"""Small values to fill a store with."""

from __future__ import annotations

from graph.keys import identifier_block
from graph.model import (
    Assertion,
    Assurance,
    Cause,
    Change,
    ChangeSet,
    Evidence,
    Identifier,
    IdentifierKind,
    Judgement,
    JudgementKind,
    Move,
    Node,
    ReadSet,
    Record,
    RecordKey,
    StatedIdentifier,
    Statement,
    Touchpoint,
    TouchpointKey,
)
from graph.store import Store


def key(record_id: str, source: str = "shop") -> RecordKey:
    return RecordKey(source, record_id)


def phone(value: str) -> Identifier:
    return Identifier(IdentifierKind.PHONE, "", value)


def says(
    identifier: Identifier, description: str | None = None, assurance: Assurance = Assurance.STATED
) -> Assertion:
    return Assertion(identifier, assurance, description)


def node(digest: str, *assertions: Assertion, blocks: tuple[str, ...] = ()) -> Node:
    """A node that is in the blocks of its own identifiers and in those named."""
    own = tuple(identifier_block(assertion.identifier) for assertion in assertions)
    return Node(digest, b"\x00features of " + digest.encode(), assertions, own + blocks)


def record(
    record_id: str,
    node: str | None,
    customer: str | None = None,
    *,
    version: int | None = 1,
    source: str = "shop",
) -> Record:
    """A live record; a tombstone where `node` is None."""
    evidence = Evidence(
        identifiers=(StatedIdentifier(IdentifierKind.PHONE, "06 1234 5678", assurance=Assurance.VERIFIED),),
        given_name="Jan",
        attributes=(("colour", "blue"),),
        compared_attributes=(("gender", "M"), ("occupation", "baker")),
    )
    return Record(
        key=key(record_id, source),
        statement=Statement(version, node is None, f"statement of {record_id} at {version}"),
        evidence=Evidence() if node is None else evidence,
        node=node,
        customer=customer,
        first_revision=0,
    )


def touchpoint(touchpoint_id: str, record_id: str, occurred: int, *references: Identifier) -> Touchpoint:
    return Touchpoint(
        key=TouchpointKey("till", touchpoint_id),
        record=key(record_id),
        digest=f"touchpoint {touchpoint_id}",
        occurred=occurred,
        received=occurred + 1,
        channel="shop",
        references=references,
    )


def judgement(id_: str, *parts: set[str], kind: JudgementKind = JudgementKind.SPLIT) -> Judgement:
    return Judgement(
        id=id_,
        kind=kind,
        parts=tuple(frozenset(map(key, part)) for part in parts),
        author="steward",
        reason="they wrote",
        time=7,
    )


def change(*moves: tuple[str, str | None, str | None]) -> Change:
    return Change(
        cause=Cause.RECORD,
        time=5,
        before=tuple(sorted({before for _, before, _ in moves if before is not None})),
        after=tuple(sorted({after for _, _, after in moves if after is not None})),
        moves=tuple(Move(key(record_id), before, after) for record_id, before, after in moves),
        evidence=b"\x00links",
    )


def put(store: Store, *change_sets: ChangeSet) -> int:
    """Apply on whatever is there."""
    with store.snapshot() as snapshot:
        read_set = ReadSet(revision=snapshot.revision)
    return store.apply(change_sets, read_set)


def one_customer(
    record_id: str, digest: str, component: str, customer: str, *assertions: Assertion
) -> ChangeSet:
    """A new record, alone on its node, in its component, on its customer."""
    return ChangeSet(
        records=(record(record_id, digest, customer),),
        nodes_added=(node(digest, *assertions),),
        components={component: (digest,)},
        change=change((record_id, None, customer)),
    )
