"""Blocking keys: the keys under which a node is found. A candidate is whoever shares a live one.

An identifier's own key comes first; the others forgive a slip in one attribute by asking that another
agree. Each key is as narrow as it can be without losing whom it is for, so that a block does not grow
with the population; one that still grows too large falls silent (`resolver.resolve.silence`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from graph.keys import identifier_block
from graph.model import Assurance, IdentifierKind, PartyType
from resolver.match.columns import EXACT, aliases, verified_block
from resolver.normalise import government
from resolver.normalise.features import BirthDate, Features, Flag, Name, Value
from resolver.normalise.nickname import nicknames

JOINS_NOBODY = {IdentifierKind.DEVICE, IdentifierKind.REFERENCE}


def blocking_keys(node: Features) -> tuple[str, ...]:
    """All blocking keys of a node, sorted, each once."""
    keys = chain(
        chain.from_iterable(_identifier_keys(node, value) for value in node.values),
        _name_keys(node),
        _birth_keys(node),
        _place_keys(node),
        _organisation_keys(node),
    )
    return tuple(sorted(set(keys)))


def _identifier_keys(node: Features, value: Value) -> Iterator[str]:
    kind = value.identifier.kind
    organisation_role = node.party == PartyType.ORGANISATION and Flag.ROLE in value.flags
    if kind in JOINS_NOBODY or not (value.speaks or organisation_role):
        return
    block = identifier_block(value.identifier)
    yield block
    if value.assurance == Assurance.VERIFIED:
        yield verified_block(block)
    if kind == IdentifierKind.GOVERNMENT:
        yield from _government_keys(value)
    if not EXACT.isdisjoint(value.flags):
        return
    text = value.identifier.value
    if kind == IdentifierKind.PHONE:
        yield from _phone_keys(node, text)
    elif kind == IdentifierKind.LOYALTY:
        yield from _code_keys("card", text)
    elif kind in {IdentifierKind.EMAIL, IdentifierKind.HANDLE}:
        yield from _alias_keys(node, value)


def _government_keys(value: Value) -> Iterator[str]:
    """Two numbers a slip apart have one short hash in common, though the numbers are not known."""
    for near in government.near(value.identifier.value):
        yield f"id:{value.identifier.namespace}:{near}"


def _phone_keys(node: Features, text: str) -> Iterator[str]:
    digits = text.lstrip("+")
    yield f"tail:{digits[-8:]}"
    for initial in _initials(node.name):
        yield f"phone1:{digits[-8:-4]}:{initial}"
        yield f"phone2:{digits[-4:]}:{initial}"


def _code_keys(prefix: str, text: str) -> Iterator[str]:
    """A code with two characters swapped has the same characters; one slip leaves a half alone."""
    if len(text) >= 6:
        yield f"{prefix}:{''.join(sorted(text))}"


def _alias_keys(node: Features, value: Value) -> Iterator[str]:
    for alias in aliases([value], value.identifier.kind):
        yield f"alias:{alias.text}"
        yield f"letters:{alias.letters}"
    if value.identifier.kind == IdentifierKind.EMAIL:
        local = value.identifier.value.partition("@")[0]
        for initial in _initials(node.name):
            yield f"mail:{local[:4]}:{initial}"
            yield f"mailend:{local[-4:]}:{initial}"


def _name_keys(node: Features) -> Iterator[str]:
    name = node.name
    if name is None or not (name.given and name.family):
        return
    given, family = name.given[0], "".join(name.family)
    yield f"letters:{given}{family}"
    yield f"letters:{family}{given}"
    yield f"letters:{given[0]}{family}"
    if len(given) > 2 and len(family) > 4:
        yield f"start:{given}:{family[:3]}"
        yield f"end:{given}:{family[-3:]}"
    if len(given) > 1:
        for formal in sorted(nicknames(given))[:3]:
            yield f"letters:{formal}{family}"


def _birth_keys(node: Features) -> Iterator[str]:
    birth = node.birth
    if birth is None or not birth.day:
        return
    for initial in _initials(node.name):
        yield f"birth:{_date(birth)}:{initial}"
    if node.name is not None:
        for token in _tokens(node.name):
            if len(token) > 2:
                yield f"year:{birth.year}:{token}"
                yield f"day:{'-'.join(sorted((f'{birth.month:02}', f'{birth.day:02}')))}:{token}"
    for place in filter(None, (node.place.postcode, node.place.city)):
        yield f"birth:{_date(birth)}:{place}"


def _date(birth: BirthDate) -> str:
    """A key that is the same whichever of day and month was written first."""
    return f"{birth.year}-{'-'.join(sorted((f'{birth.month:02}', f'{birth.day:02}')))}"


def _place_keys(node: Features) -> Iterator[str]:
    place, name = node.place, node.name
    if name is None:
        return
    for token in _tokens(name):
        if len(token) > 2:
            if place.postcode:
                yield f"postcode:{place.postcode}:{token}"
            if place.street:
                yield f"street:{place.street}:{place.house}:{token}"
            if place.city and name.given and name.family:
                yield f"city:{place.city}:{token}:{_other_initial(name, token)}"
    if place.postcode:
        for initial in _initials(name):
            yield f"postcode:{place.postcode}:{initial}"


def _other_initial(name: Name, token: str) -> str:
    other = name.family if token in name.given else name.given
    return other[0][0]


def _organisation_keys(node: Features) -> Iterator[str]:
    if node.party == PartyType.ORGANISATION and node.organisation:
        yield f"organisation:{''.join(sorted(node.organisation))}"


def _tokens(name: Name) -> tuple[str, ...]:
    return (*name.given[:1], *name.family)


def _initials(name: Name | None) -> tuple[str, ...]:
    if name is None:
        return ()
    return tuple(sorted({token[0] for token in (*name.given[:1], *name.family[-1:])}))


__all__ = ["blocking_keys"]
