"""Change sets as the rows that queries unwind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

from graph import codec
from graph.asserting import spoken_by, sure_of
from graph.keys import identifier_block, suggestion_id
from graph.model import (
    Change,
    ChangeSet,
    CustomerId,
    Identifier,
    Import,
    Judgement,
    Match,
    Node,
    Record,
    RecordKey,
    Relation,
    Suggestion,
    Touchpoint,
)
from graph.neo4j.keys import CUT, indexed, ordered, pair, raw, rest

Row = dict[str, Any]

_READABLE: Final = (
    "given_name",
    "middle_name",
    "family_name",
    "full_name",
    "organisation",
    "birth_date",
    "house_number",
    "street",
    "postcode",
    "city",
    "state",
    "country",
)
"""What of the evidence stands on a record for people to read; the store reads the whole of it."""


def named(change_set: ChangeSet) -> Iterator[RecordKey]:
    """Every record key that a change set names, but for touchpoints' and the raised, which are there."""
    yield from (record.key for record in change_set.records)
    yield from (key for key, _ in change_set.moved)
    yield from (id_.anchor for id_ in change_set.ids if id_.anchor is not None)
    yield from (key for judgement in change_set.judgements for part in judgement.parts for key in part)
    for suggestions in change_set.suggestions.values():
        yield from (key for one in suggestions for key in (one.left, one.right))
    for matches in change_set.matches.values():
        yield from (key for one in matches for key in (one.left, one.right))
    if change_set.change is not None:
        yield from (move.record for move in change_set.change.moves)


def record_name(key: RecordKey) -> Row:
    """A record that is named, whether or not it has a statement."""
    place = ordered(pair(*key))
    return {
        "key": indexed(pair(*key)),
        "properties": {
            "source": key.source,
            "record_id": key.record_id,
            "place": place[:CUT],
            "rest": place[CUT:] or None,
            "changed": 0,
        },
    }


def record_key(key: RecordKey) -> str:
    """The form in which a record is looked up."""
    return indexed(pair(*key))


def record(given: Record, revision: int) -> Row:
    """A record's statement."""
    statement, evidence = given.statement, given.evidence
    return {
        "key": record_key(given.key),
        "revision": revision,
        "first": given.first_revision or revision,
        "node": None if given.node is None else indexed(given.node),
        "holds": not statement.deleted,
        "properties": {
            **{name: getattr(evidence, name) or None for name in _READABLE},
            "party_type": evidence.party_type.value,
            "version": statement.version,
            "deleted": statement.deleted,
            "digest": statement.digest,
            "evidence": codec.evidence_out(evidence),
            "changed": revision,
        },
    }


def borne(key: RecordKey, customer: str | None, revision: int) -> Row:
    """A record and the customer that it belongs to from now on."""
    return {
        "key": record_key(key),
        "revision": revision,
        "customer": None if customer is None else indexed(customer),
        "raw": None if customer is None else raw(customer),
        "rest": None if customer is None else rest(customer),
    }


def touchpoint(given: Touchpoint, revision: int) -> Row:
    """A touchpoint."""
    key = pair(*given.key)
    return {
        "record": record_key(given.record),
        "revision": revision,
        "properties": {
            "key": indexed(key),
            "rest": rest(key),
            "source": given.key.source,
            "touchpoint_id": given.key.touchpoint_id,
            "of": record_key(given.record),
            "revision": revision,
            "occurred": given.occurred,
            "digest": given.digest,
            "channel": given.channel,
            "direction": given.direction.value,
            "purpose": given.purpose or None,
            "outcome": given.outcome or None,
            "body": codec.touchpoint_out(given),
        },
    }


def references(given: Touchpoint) -> list[Row]:
    """What a touchpoint refers to."""
    return [
        {"touchpoint": indexed(pair(*given.key)), **identifier(one)} for one in sorted(set(given.references))
    ]


def identifier(given: Identifier) -> Row:
    """An identifier, as the blocking key that it is by itself."""
    return {
        "key": indexed(identifier_block(given)),
        "identifier": {"kind": given.kind.value, "namespace": given.namespace, "value": given.value},
    }


def node(given: Node, revision: int) -> Row:
    """A node, with its places in blocks: one for each description by which it speaks there."""
    sure = sure_of(given.assertions)
    said = _said(given)
    return {
        "properties": {
            "digest": indexed(given.digest),
            "raw": raw(given.digest),
            "rest": rest(given.digest),
            "features": given.features,
            "assertions": codec.assertions_out(given.assertions),
            "blocks": codec.texts_out(given.blocks),
            "asserted": [indexed(key) for key in sure],
            "assurances": [assurance.value for assurance in sure.values()],
            "added": revision,
            "changed": revision,
        },
        "places": [
            {"key": indexed(key), "said": said_so, "description": description}
            for key in sorted(set(given.blocks))
            for description, said_so in said.get(key) or ((None, None),)
        ],
    }


def blocks(nodes: Iterable[Node], revision: int) -> list[Row]:
    """What adding, or removing, these nodes comes to for each block that they are in or assert."""
    rows: dict[str, Row] = {}
    spoken: dict[str, set[str]] = defaultdict(set)
    for given in nodes:
        sure, said, within = sure_of(given.assertions), _said(given), frozenset(given.blocks)
        stated = {identifier_block(one.identifier): one.identifier for one in given.assertions}
        for key in within | sure.keys():
            row = rows.get(key)
            if row is None:
                row = rows[key] = {
                    "key": indexed(key),
                    "revision": revision,
                    "members": 0,
                    "asserting": 0,
                    "identifier": None,
                }
            row["members"] += key in within
            row["asserting"] += key in sure
            if key in stated:
                row["identifier"] = identifier(stated[key])["identifier"]
            spoken[key].update(so for _, so in said.get(key, ()))
    for key, row in rows.items():
        # Somebody who is verified says what anybody may.
        row["said"] = sorted({so.removesuffix(_VERIFIED) for so in spoken[key]})
    return list(rows.values())


def node_in(digest: str, features: bytes, assertions: str, blocks: str) -> Node:
    """The node that is kept so."""
    return Node(digest, features, codec.assertions_in(assertions), codec.texts_in(blocks))


def relation(given: Relation, revision: int) -> Row:
    """A relation between two nodes."""
    return {
        "left": indexed(given.left),
        "right": indexed(given.right),
        "revision": revision,
        "kind": given.kind.value.upper(),
        "properties": {
            "stranger": given.stranger,
            "household": given.household,
            "shared": list(given.shared),
        },
    }


def suggestion(component: str, given: Suggestion) -> Row:
    """A suggestion of a component."""
    return {
        "left": record_key(given.left),
        "right": record_key(given.right),
        "component": indexed(component),
        "properties": {
            "id": suggestion_id(given.left, given.right),
            "component": indexed(component),
            "weight": given.weight,
            "reason": given.reason,
            "evidence": given.evidence,
        },
    }


def match(component: str, given: Match) -> Row:
    """A link of a component."""
    return {
        "left": record_key(given.left),
        "right": record_key(given.right),
        "properties": {
            "component": indexed(component),
            "weight": given.weight,
            "attributes": list(given.attributes),
        },
    }


def customer_id(given: CustomerId, revision: int) -> Row:
    """A customer id that is minted, anchored anew or erased."""
    return {
        "id": indexed(given.id),
        "raw": raw(given.id),
        "rest": rest(given.id),
        "minted": given.minted,
        "erased": given.erased,
        "anchor": None if given.anchor is None else record_key(given.anchor),
        "revision": revision,
    }


def judgement(given: Judgement, revision: int) -> Row:
    """A judgement, accepted or taken back."""
    retracted = given.retracted
    return {
        "id": indexed(given.id),
        "retracted": revision if retracted is not None and retracted <= 0 else retracted,
        "properties": {
            "raw": raw(given.id),
            "kind": given.kind.value,
            "parts": codec.parts_out(given.parts),
            "author": given.author,
            "reason": given.reason,
            "time": given.time,
            "revision": given.revision or revision,
            "reverts": given.reverts,
        },
        "names": [
            {"record": record_key(key), "part": number}
            for number, part in enumerate(given.parts)
            for key in sorted(part)
        ],
    }


def change(given: Change, revision: int) -> Row:
    """A change of customers, with its moves."""
    return {
        "properties": {
            "revision": revision,
            "time": given.time,
            "cause": given.cause.value,
            "judgement": given.judgement,
            "before": list(given.before),
            "after": list(given.after),
            "evidence": given.evidence,
        },
        "moves": [
            {
                "record": record_key(move.record),
                "properties": {"place": place, "before": move.before, "after": move.after},
            }
            for place, move in enumerate(given.moves)
        ],
        "left": _customers(move.before for move in given.moves),
        "joined": _customers(move.after for move in given.moves),
    }


def an_import(given: Import, revision: int) -> Row:
    """An import, as it stands now."""
    held = dict(codec.import_out(replace(given, revision=revision)))
    return {"key": indexed(given.name), "properties": {**held, "rest": rest(given.name)}}


def name(text: str) -> Row:
    """A text under which something is kept: `name` as it is looked up, `raw` and `rest` where it differs."""
    return {"name": indexed(text), "raw": raw(text), "rest": rest(text)}


def _customers(ids: Iterable[str | None]) -> list[Row]:
    return [name(one) for one in sorted({one for one in ids if one is not None})]


_VERIFIED: Final = "!"


def _said(given: Node) -> Mapping[str, Sequence[tuple[str, str]]]:
    """The descriptions by which a node speaks for each block that it is in, and a name for block and words.

    The name ends with a mark where it is verified.
    """
    said: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for (key, description), sure in sorted(spoken_by(given.assertions, frozenset(given.blocks)).items()):
        named = sha256(repr((key, description)).encode()).hexdigest()[:32]
        said[key].append((description, named + _VERIFIED if sure else named))
    return said
