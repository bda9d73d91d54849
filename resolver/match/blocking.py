"""Blocking keys: the keys under which a node is found. A candidate is whoever shares a live one.

An identifier's own key comes first; the others forgive a slip in one attribute by asking that another
agree. Each key is as narrow as it can be without losing whom it is for, so that a block does not grow
with the population; one that still grows too large falls silent (`resolver.resolve.silence`): who meet
only where many do hardly ever weigh enough to be one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from graph.keys import identifier_block
from graph.model import Assurance, IdentifierKind, PartyType
from resolver.match.columns import EXACT, aliases, verified_block
from resolver.normalise import government
from resolver.normalise.features import BirthDate, Features, Flag, Name, Value
from resolver.normalise.name import latin
from resolver.normalise.nickname import nicknames

JOINS_NOBODY = {IdentifierKind.DEVICE, IdentifierKind.REFERENCE}


def blocking_keys(node: Features) -> tuple[str, ...]:
    """All blocking keys of a node, sorted, each once."""
    if node.name is not None and (spelt := latin(node.name)) is not node.name:
        node = replace(node, name=spelt)
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
        yield from _card_keys(text)
    elif kind in {IdentifierKind.EMAIL, IdentifierKind.HANDLE}:
        yield from _alias_keys(node, value)


def _government_keys(value: Value) -> Iterator[str]:
    """Two numbers a slip apart have one short hash in common, though the numbers are not known."""
    for near in government.near(value.identifier.value):
        yield f"id:{value.identifier.namespace}:{near}"


def _phone_keys(node: Features, text: str) -> Iterator[str]:
    digits = text.lstrip("+")
    yield f"tail:{digits[-8:]}"
    for start in _starts(node.name, 3):
        yield f"phone1:{digits[:-4]}:{start}"
        yield f"phone2:{digits[-4:]}:{start}"


def _card_keys(text: str) -> Iterator[str]:
    """Two neighbours swapped are a pair whose order does not matter, counted from the first or the second."""
    if len(text) >= 6:
        for start in (0, 1):
            pairs = (sorted(text[at : at + 2]) for at in range(start, len(text), 2))
            yield f"card:{start}:{text[:start]}{''.join(chain.from_iterable(pairs))}"


def _alias_keys(node: Features, value: Value) -> Iterator[str]:
    for alias in aliases([value], value.identifier.kind):
        yield f"alias:{alias.text}"
        yield f"letters:{alias.letters}"
    if value.identifier.kind == IdentifierKind.EMAIL and node.name is not None:
        yield from _mailbox_keys(value.identifier.value, node.name)


def _mailbox_keys(address: str, name: Name) -> Iterator[str]:
    """A slip leaves a half of the local part alone; of the name, what is seldom spelt there has to agree."""
    local = address.rpartition("@")[0]
    for length in _halves(local, 4):
        yield f"mail:{local[:length]}:{(name.family[-1:] or name.given)[0][0]}"
        yield f"mailend:{local[-length:]}:{(name.given or name.family)[0][0]}"


def _name_keys(node: Features) -> Iterator[str]:
    name = node.name
    if name is None or not (name.given and name.family):
        return
    given, family = name.given[0], "".join(name.family)
    yield f"letters:{given}{family}"
    yield f"letters:{family}{given}"
    yield f"letters:{given[0]}{family}"
    if len(given) > 2 and len(family) > 4:
        for length in _halves(family, 3):
            yield f"start:{given}:{family[:length]}"
            yield f"end:{given}:{family[-length:]}"
    if len(given) > 1:
        for formal in sorted(nicknames(given))[:3]:
            yield f"letters:{formal}{family}"


def _birth_keys(node: Features) -> Iterator[str]:
    birth = node.birth
    if birth is None or not birth.day:
        return
    for initial in _starts(node.name, 1):
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
    if place.city:
        for token, other in _tokens_beside(name):
            yield f"city:{place.city}:{token}:{other}"
    if place.postcode:
        for initial in _starts(name, 1):
            yield f"postcode:{place.postcode}:{initial}"


def _organisation_keys(node: Features) -> Iterator[str]:
    if node.party == PartyType.ORGANISATION and node.organisation:
        yield f"organisation:{''.join(sorted(node.organisation))}"


def _halves(text: str, least: int) -> tuple[int, ...]:
    """How long a half is that a slip in the other leaves alone, also one that adds or takes a character."""
    return tuple(sorted({max(len(text) // 2, least), max((len(text) + 1) // 2, least)}))


def _tokens(name: Name) -> tuple[str, ...]:
    return (*name.given[:1], *name.family)


def _tokens_beside(name: Name) -> Iterator[tuple[str, str]]:
    """Each word of a name that has both parts, with the initial of the other part."""
    if name.given and name.family:
        for token in _tokens(name):
            if len(token) > 2:
                other = name.family if token in name.given else name.given
                yield token, other[0][0]


def _starts(name: Name | None, length: int) -> tuple[str, ...]:
    """How a name's given name and its last surname begin, each once."""
    if name is None:
        return ()
    return tuple(sorted({token[:length] for token in (*name.given[:1], *name.family[-1:])}))


__all__ = ["blocking_keys"]
