"""What a node says of identifiers, as every store counts it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from graph.keys import identifier_block
from graph.model import Assertion, Assurance


def sure_of(assertions: Iterable[Assertion]) -> dict[str, Assurance]:
    """How sure a node is of each identifier that it asserts, by the identifier's own key."""
    sure: dict[str, Assurance] = {}
    for assertion in assertions:
        key = identifier_block(assertion.identifier)
        sure[key] = max(sure.get(key, assertion.assurance), assertion.assurance)
    return sure


def spoken_by(assertions: Iterable[Assertion], blocks: Collection[str]) -> dict[tuple[str, str], bool]:
    """The descriptions by which a node speaks for each block that it is in; True where one is verified."""
    spoken: dict[tuple[str, str], bool] = {}
    for assertion in assertions:
        key = identifier_block(assertion.identifier)
        if assertion.description is not None and key in blocks:
            verified = assertion.assurance is Assurance.VERIFIED
            place = key, assertion.description
            spoken[place] = spoken.get(place, False) or verified
    return spoken
