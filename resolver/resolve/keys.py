"""What a record is called where its source does not say, and which of its statements stands.

A record without an id of its own is named by its evidence and the half-year in which it was seen, so
that a recycled number can be told from its former owner and a shared terminal can be cut.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from operator import attrgetter
from typing import Final

import msgspec

from graph.model import Evidence, RecordKey, StatedIdentifier, Statement
from resolver.normalise.evidence import fingerprint, usable
from resolver.normalise.features import Features

_STATED: Final = attrgetter(*(field.name for field in fields(StatedIdentifier)))
_OTHERS: Final = attrgetter(*(field.name for field in fields(Evidence) if field.name != "identifiers"))
_ENCODER: Final = msgspec.json.Encoder()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def record_key(
    source: str,
    record_id: str,
    evidence: Evidence,
    features: Features,
    occurred: int | None,
    touchpoint_id: str,
) -> RecordKey:
    """The key of the record that this evidence is a statement of.

    `record_id` is the source's own id, empty where it gives none; `features` are those of `evidence`;
    `occurred` is the touchpoint's time in microseconds since 1970 and `touchpoint_id` its id, None and
    empty where there is no touchpoint. Made-up ids begin with ``~`` and what they are made of:

    - evidence without one usable identifier is its touchpoint's alone: ``~touchpoint:`` and its id;
    - evidence seen at a time: ``~2026H2:`` and its fingerprint;
    - evidence without a time: ``~evidence:`` and its fingerprint.

    A file's row of the last kind without one usable identifier comes with an id of its own as `record_id`
    (see `own_record_id`).

    Raises OverflowError for a time outside the years 1 to 9999.
    """
    if record_id:
        return RecordKey(source, record_id)
    if touchpoint_id and not usable(features):
        return RecordKey(source, f"~touchpoint:{touchpoint_id}")
    when = "evidence" if occurred is None else half_year(occurred)
    return RecordKey(source, f"~{when}:{fingerprint(evidence)}")


def own_record_id(digest: str) -> str:
    """What the record of a file's row is called that names none and holds no usable identifier.

    `digest` is that of all its cells, which nobody else's row has but one that is alike to the letter.
    """
    return f"~row:{digest}"


def half_year(occurred: int) -> str:
    """The half-year in UTC of a time in microseconds since 1970, as ``2026H2``."""
    moment = _EPOCH + timedelta(microseconds=occurred)
    return f"{moment.year:04}H{1 if moment.month <= 6 else 2}"


def statement(
    version: int | None, occurred: int | None, evidence: Evidence | None, *, deleted: bool = False
) -> Statement:
    """The statement of a record that a source makes, ranked by its version, else by its time.

    `evidence` may be None for a deletion only, which needs a version. Raises ValueError otherwise.
    """
    if deleted and version is None:
        raise ValueError("a deletion needs a version")
    if evidence is None and not deleted:
        raise ValueError("a statement that deletes nothing needs evidence")
    return Statement(
        occurred if version is None else version,
        deleted,
        "" if evidence is None else _digest(evidence),
    )


def _digest(evidence: Evidence) -> str:
    """A digest of the evidence to the letter, whatever the order of its identifiers: 32 hex digits.

    Finer than the fingerprint, which names records: spellings that it takes for one may still be read
    differently, and of two statements of one version the same must stand whichever came first.
    """
    identifiers = sorted(map(_STATED, evidence.identifiers))
    return sha256(_ENCODER.encode((identifiers, _OTHERS(evidence)))).hexdigest()[:32]
