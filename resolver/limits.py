"""What the contract's comments allow a text, a list and a time: the one rule of the service and the readers.

Pure. The service refuses a request by it and the readers of files reject a row by it, so that the rows
that are ingested and those that are de-duplicated offline are the same.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

EARLIEST: Final = -2_208_988_800_000_000
"""1900-01-01T00:00:00Z, in microseconds since 1970."""
A_DAY: Final = 86_400_000_000
"""How far past the clock a time may lie, in microseconds."""

TEXT: Final = 1000
"""The characters of a text of which nothing else is said, of an identifier's value too."""
IDENTIFIERS: Final = 100
"""Identifiers of a record."""
REFERENCES: Final = 100
"""References of a touchpoint."""
ATTRIBUTES: Final = 100
"""Attributes of a record or touchpoint."""

CHANNEL: Final = re.compile("[a-z0-9_]+")
REGION: Final = re.compile("[A-Za-z]{2}")
CURRENCY: Final = re.compile("[A-Z]{3}")
IMPORT: Final = re.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
"""The name of an import, which a file may have too."""

_LENGTHS: Final = {
    "RecordKey.source": 100,
    "RecordKey.record_id": 500,
    "TouchpointKey.source": 100,
    "TouchpointKey.touchpoint_id": 500,
    "StatedIdentifier.namespace": 100,
    "IdentifierQuery.namespace": 100,
    "Reference.namespace": 100,
    "Touchpoint.channel": 100,
    "Touchpoint.kind": 100,
    "Touchpoint.purpose": 100,
    "LookupCustomerRequest.purpose": 100,
    "RankChannelsRequest.purpose": 100,
    "MergeCustomersRequest.steward": 100,
    "SplitCustomerRequest.steward": 100,
    "RevertRequest.steward": 100,
    "CreateImportRequest.source": 100,
    "Attribute.name": 100,
    "attributes.key": 100,
}
_NAMES: Final = frozenset(
    (
        *("source", "record_id", "touchpoint_id", "namespace", "channel", "kind", "purpose", "steward"),
        *("conversation", "agent", "customer_id", "judgement_id", "etag", "region", "currency_code", "key"),
        "name",
    )
)
"""Texts that name something: no control character has a place in them. Others may run over lines."""

SHORT: Final = 100
"""No text of so few characters is too long, whatever it is, and no list of so few entries."""

_CONTROL_IN_NAME: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_IN_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Fault(NamedTuple):
    """What is wrong with a value: a reason of the contract, and a line for a person."""

    reason: str
    description: str


class TextRule(NamedTuple):
    """What one text of the contract may hold."""

    most: int
    control: re.Pattern[str]

    def fault(self, text: str) -> Fault | None:
        """What is wrong with a text, if anything is."""
        if len(text) > self.most:
            return Fault("field_too_large", f"longer than {self.most:,} characters")
        if not text.isprintable() and self.control.search(text):
            return Fault("text_invalid", "holds a control character")
        return None


@cache
def text_rule(field: str) -> TextRule:
    """The rule of a field of the contract, by its message and its name: `Touchpoint.kind`."""
    name = field.rpartition(".")[2]
    return TextRule(_LENGTHS.get(field, TEXT), _CONTROL_IN_NAME if name in _NAMES else _CONTROL_IN_TEXT)


def time_fault(time: int, latest: int | None) -> Fault | None:
    """What is wrong with a time later than `latest` or before 1900; in microseconds since 1970."""
    if time < EARLIEST or (latest is not None and time > latest):
        return Fault("time_out_of_range", "before 1900 or more than a day in the future")
    return None


def harmless(longest: int, text: str) -> bool:
    """Whether texts of which none is longer can have no fault; `text` is all of them, joined."""
    return longest <= SHORT and text.isprintable()
