"""What arrives and what is answered: plain values between the edges and the pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from graph.model import Evidence, Judgement, RecordKey, Touchpoint


@dataclass(frozen=True, slots=True)
class Arrival:
    """One thing that a source says: a touchpoint, a statement of a record, or both.

    `record` names the record; None asks for the key that its evidence has (a touchpoint's source and
    half-year, and the evidence's fingerprint). `touchpoint.record` is ignored: the pipeline fills it
    in. `evidence` None with a touchpoint only points to `record`; `deleted` states that the record is
    no more and needs a `version`. `version` None falls back to the touchpoint's time.
    """

    source: str
    record: RecordKey | None = None
    evidence: Evidence | None = None
    version: int | None = None
    deleted: bool = False
    touchpoint: Touchpoint | None = None


class Outcome(StrEnum):
    """What became of a touchpoint."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    NONE = ""


class Standing(StrEnum):
    """What became of a statement of a record."""

    STANDS = "stands"
    SUPERSEDED = "superseded"
    UNCHANGED = "unchanged"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one arrival. `customer` is empty for a visitor's, a deleted or an unknown record."""

    record: RecordKey
    outcome: Outcome
    standing: Standing
    customer: str
    revision: int
    settled_revision: int


class Refusal(Exception):
    """A request that cannot be taken. `reason` is a name of the contract's ErrorReason, lower case.

    `field` is the path of the request's field that is at fault, empty where none is. The text holds no
    personal value.
    """

    def __init__(self, reason: str, message: str, field: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.field = field


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a steward's act: the judgement in force (or retracted) and what it changed."""

    judgement: Judgement
    customers: Sequence[str]
    revision: int
    settled_revision: int
