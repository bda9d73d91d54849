"""Values of the model as the text that a row holds: JSON, fields that have their default left out.

A text keeps its characters, so that one without bytes in UTF-8 is refused and not kept in disguise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from operator import attrgetter
from typing import Any

import msgspec

from graph.model import (
    Assertion,
    Direction,
    Evidence,
    Identifier,
    Import,
    ImportState,
    RecordKey,
    Touchpoint,
    TouchpointKey,
)

_Parts = tuple[frozenset[RecordKey], ...]

_EVIDENCE = tuple((field.name, field.default) for field in fields(Evidence))
_TOUCHPOINT = tuple(
    (field.name, field.default)
    for field in fields(Touchpoint)
    if field.name == "received" or (field.name != "direction" and field.default is not MISSING)
)
_evidence_of, _touchpoint_of = (
    attrgetter(*(name for name, _ in defaults)) for defaults in (_EVIDENCE, _TOUCHPOINT)
)

IMPORT = tuple(field.name for field in fields(Import))
"""The columns of an import, named as its fields."""


class _Body(msgspec.Struct):
    """What `_TOUCHPOINT` names, in the order of `Touchpoint`."""

    received: int
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


_encode = msgspec.json.Encoder().encode
_texts = msgspec.json.Decoder(tuple[str, ...]).decode
_evidence = msgspec.json.Decoder(Evidence).decode
_assertions = msgspec.json.Decoder(tuple[Assertion, ...]).decode
_parts = msgspec.json.Decoder(_Parts).decode
_body = msgspec.json.Decoder(_Body).decode
_asserted = msgspec.json.Decoder(tuple[tuple[int, int], ...]).decode
_directions = {direction.value: direction for direction in Direction}


def texts_out(texts: Iterable[str]) -> str:
    """A list of texts."""
    return _encode(tuple(texts)).decode()


def texts_in(text: str) -> tuple[str, ...]:
    """What `texts_out` wrote."""
    return _texts(text)


def evidence_out(evidence: Evidence) -> str:
    """A record's evidence."""
    return _sparse(_evidence_of(evidence), _EVIDENCE)


def evidence_in(text: str) -> Evidence:
    """What `evidence_out` wrote."""
    return _evidence(text)


def assertions_out(assertions: tuple[Assertion, ...]) -> str:
    """A node's assertions."""
    return _encode(assertions).decode()


def assertions_in(text: str) -> tuple[Assertion, ...]:
    """What `assertions_out` wrote."""
    return _assertions(text)


def asserted_out(asserted: Iterable[tuple[int, int]]) -> str:
    """The blocks of a node's identifiers, each with its assurance."""
    return _encode(tuple(asserted)).decode()


def asserted_in(text: str) -> tuple[tuple[int, int], ...]:
    """What `asserted_out` wrote."""
    return _asserted(text)


def touchpoint_out(touchpoint: Touchpoint) -> str:
    """What a touchpoint holds besides what the row has a column for."""
    return _sparse(_touchpoint_of(touchpoint), _TOUCHPOINT)


def touchpoint_in(
    key: TouchpointKey, record: RecordKey, digest: str, occurred: int, channel: str, direction: str, text: str
) -> Touchpoint:
    """What `touchpoint_out` wrote, with what it left to the row's own columns."""
    body = _body(text)
    return Touchpoint(
        key,
        record,
        digest,
        occurred,
        body.received,
        channel,
        _directions[direction],
        body.kind,
        body.purpose,
        body.conversation,
        body.outcome,
        body.automated,
        body.agent,
        body.location,
        body.duration,
        body.value,
        body.currency,
        body.address,
        body.references,
        body.attributes,
    )


def import_out(held: Import) -> Mapping[str, Any]:
    """An import's columns."""
    return {name: getattr(held, name) for name in IMPORT} | {"state": held.state.value}


def import_in(row: Sequence[Any]) -> Import:
    """What `import_out` wrote, as a row of `IMPORT`."""
    held = dict(zip(IMPORT, row, strict=True))
    return Import(**{**held, "state": ImportState(held["state"])})


def parts_out(parts: _Parts) -> str:
    """The parts of a judgement, in their order, each as its record keys in order."""
    return _encode([sorted(part) for part in parts]).decode()


def parts_in(text: str) -> _Parts:
    """What `parts_out` wrote."""
    return _parts(text)


def _sparse(values: Iterable[object], defaults: Iterable[tuple[str, object]]) -> str:
    # Most are the default itself, which need not be compared.
    return _encode(
        {
            name: held
            for (name, default), held in zip(defaults, values, strict=True)
            if held is not default and held != default
        }
    ).decode()
