"""Ids are for ever: which id each customer bears, and where an id goes when its anchor does.

An id is minted for one record, its anchor, and leads to the customer that the anchor belongs to. After
any change each customer bears the oldest id anchored in its records; the others redirect by
themselves, and come back by themselves where a split takes their anchor away again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from graph.model import CustomerId, Record, RecordKey


class Bearing(NamedTuple):
    """The id of each customer, in the order given, and the ids that were minted or given a new anchor."""

    ids: tuple[str, ...]
    written: tuple[CustomerId, ...]


def bear(
    customers: Sequence[Collection[RecordKey]],
    anchored: Iterable[CustomerId],
    before: Mapping[RecordKey, Record],
    restated: Collection[RecordKey],
    ages: Mapping[RecordKey, int],
    mint: Callable[[RecordKey], CustomerId],
) -> Bearing:
    """Give every customer its id.

    `anchored` are the ids anchored at any record concerned; `before` those records as they stood;
    `restated` the keys whose evidence has changed or gone; `ages` each record's first revision, 0 for
    one that is new. Erased ids stay as they are.
    """
    home = {key: number for number, keys in enumerate(customers) for key in keys}
    moved = [_settled(identity, home, before, restated, ages) for identity in anchored if not identity.erased]
    oldest: dict[int, CustomerId] = {}
    for identity, _ in moved:
        if identity.anchor in home:
            number = home[identity.anchor]
            oldest[number] = min(oldest.get(number, identity), identity, key=_age)
    minted = {
        number: mint(min(keys, key=lambda key: _seniority(key, ages)))
        for number, keys in enumerate(customers)
        if number not in oldest
    }
    return Bearing(
        tuple(
            (minted[number] if number in minted else oldest[number]).id for number in range(len(customers))
        ),
        (*(identity for identity, changed in moved if changed), *minted.values()),
    )


def _settled(
    identity: CustomerId,
    home: Mapping[RecordKey, int],
    before: Mapping[RecordKey, Record],
    restated: Collection[RecordKey],
    ages: Mapping[RecordKey, int],
) -> tuple[CustomerId, bool]:
    """The id with its anchor passed on, where the anchor has left its customer, and whether it has.

    A record leaves by being deleted, by becoming a visitor's, or through a new version of itself; it
    passes the anchor to the oldest other record of the customer that it left. Where there is none the
    id stays with the key, empty until the key returns. A record that clustering alone moved keeps it.
    """
    anchor = identity.anchor
    if anchor is None or anchor not in before or before[anchor].customer is None:
        return identity, False
    gone = anchor not in home
    if not gone and anchor not in restated:
        return identity, False
    left = before[anchor].customer
    mates = [
        key for key, record in before.items() if record.customer == left and key != anchor and key in home
    ]
    if not mates or not (gone or all(home[mate] != home[anchor] for mate in mates)):
        return identity, False
    heir = min(mates, key=lambda key: _seniority(key, ages))
    return identity._replace(anchor=heir), True


def _age(identity: CustomerId) -> tuple[int, str]:
    return identity.minted, identity.id


def _seniority(key: RecordKey, ages: Mapping[RecordKey, int]) -> tuple[bool, int, RecordKey]:
    """Oldest first: by first revision, records not seen before last, then by key."""
    age = ages.get(key, 0)
    return age == 0, age, key
