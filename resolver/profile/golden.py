"""The golden record: which of the values that a customer's records state is shown, and by which rule.

Survivorship, in this order; every later rule chooses among what the earlier ones have left:

1. the surest records: what is merely stated or observed never displaces what a verified record says;
2. the most complete form: a whole name rather than an initial, a whole date rather than a year;
3. the form that most of those records state, spellings of one normal form being one form;
4. the statement with the greatest version, one without a version being the oldest;
5. the record whose key sorts first.

A record is as sure as the surest identifier in it that speaks for the person. The value shown is raw,
as one of the records wrote it that state the form chosen. Parts of a name come from one record, and so
do parts of an address. Nothing depends on the order in which the records are given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from graph.model import Evidence, IdentifierKind, PartyType, Record, RecordKey
from resolver.normalise import attribute, name, organisation, text
from resolver.normalise.features import BirthDate, Features, Name, Place


class Rule(StrEnum):
    """The rule that chose a value."""

    AGREED = "agreed"
    """All records that state one state the same."""
    VERIFIED = "verified"
    """Its records are surer than all others that state one."""
    MOST_COMPLETE = "most_complete"
    MOST_FREQUENT = "most_frequent"
    LATEST = "latest"
    FIRST_KEY = "first_key"
    """Nothing told them apart."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One live record with its normalised evidence."""

    record: Record
    features: Features


@dataclass(frozen=True, slots=True)
class Surviving:
    """A value chosen, and where it comes from.

    `value` is raw, but for a birth date, which is ISO 8601. `record` is the first by key of those
    that write it so; `record_count`, at least 1, counts all that state the same normal form.
    """

    value: str
    record: RecordKey
    rule: Rule
    record_count: int


@dataclass(frozen=True, slots=True)
class Golden:
    """The values chosen; None where no record states one. `attributes` are sorted by key.

    `full_name` is set where the record chosen does not have the name in parts. `display_name` is the
    name to show, an organisation's where it is one or there is no other; it may be empty.
    """

    display_name: str = ""
    party_type: PartyType = PartyType.UNKNOWN
    given_name: Surviving | None = None
    middle_name: Surviving | None = None
    family_name: Surviving | None = None
    full_name: Surviving | None = None
    organisation: Surviving | None = None
    birth_date: Surviving | None = None
    house_number: Surviving | None = None
    street: Surviving | None = None
    postcode: Surviving | None = None
    city: Surviving | None = None
    state: Surviving | None = None
    country: Surviving | None = None
    attributes: tuple[tuple[str, Surviving], ...] = ()


class _Source(NamedTuple):
    """A record as the rules see it. `age` sorts with the version, one without it lowest."""

    assurance: int
    age: tuple[bool, int]
    key: RecordKey


class _Claim(NamedTuple):
    """What one record states of one attribute.

    Equal `form` is the same statement, `complete` ranks forms, `written` its raw parts by field name,
    `spelt` ranks ways to write one form.
    """

    source: _Source
    form: Hashable
    complete: int
    written: tuple[tuple[str, str], ...]
    spelt: int = 0


_IMPERSONAL = frozenset({IdentifierKind.DEVICE, IdentifierKind.REFERENCE})
_WHOLE = "full_name"
_NAME_FIELDS = ("given_name", "middle_name", "family_name")
_PLACE_FIELDS = ("house_number", "street", "postcode", "city", "state", "country")


def golden_record(records: Sequence[Sighting]) -> Golden:
    """Return the golden record of one customer's live records."""
    names, organisations, births, places = [], [], [], []
    attributes: dict[str, list[_Claim]] = {}
    for sighting in records:
        evidence, features, source = sighting.record.evidence, sighting.features, _source(sighting)
        if features.name is not None:
            names.append(_name_claim(source, evidence, features.name))
        if features.organisation:
            organisations.append(_organisation_claim(source, evidence, features.organisation))
        if features.birth is not None:
            births.append(_birth_claim(source, features.birth))
        if features.place != _NOWHERE:
            places.append(_place_claim(source, evidence, features.place))
        if features.attributes or features.compared_attributes:
            _attribute_claims(source, sighting, attributes)
    chosen = {**_chosen(names), **_chosen(organisations), **_chosen(births), **_chosen(places)}
    party = _party_type(records)
    return Golden(
        display_name=_display_name(chosen, party),
        party_type=party,
        attributes=tuple(sorted(item for claims in attributes.values() for item in _chosen(claims).items())),
        **chosen,
    )


_NOWHERE = Place()


def _source(sighting: Sighting) -> _Source:
    surest = 0
    for value in sighting.features.values:
        speaks = not value.flags or value.speaks
        if speaks and value.assurance > surest and value.identifier.kind not in _IMPERSONAL:
            surest = value.assurance
    record = sighting.record
    return _Source(surest, record.statement.rank[:2], record.key)


def _name_claim(source: _Source, evidence: Evidence, held: Name) -> _Claim:
    """The order of a display name's words may be unknown, so it is their set that is compared."""
    written = _name_parts(evidence.given_name, evidence.middle_name, evidence.family_name, evidence.full_name)
    complete = _fullness(held.given) + _fullness(held.family)
    return _Claim(
        source, tuple(sorted(held.given + held.family)), complete, written, written[-1][0] != _WHOLE
    )


@lru_cache(maxsize=16384)
def _name_parts(given: str, middle: str, family: str, full: str) -> tuple[tuple[str, str], ...]:
    """The parts that hold a name; the whole name too where given and family name are not both there."""
    parts = zip(_NAME_FIELDS, (given, middle, family), strict=True)
    written = tuple((part, raw) for part, raw in parts if raw and _is_name(part, raw))
    if full and not {"given_name", "family_name"} <= dict(written).keys():
        return (*written, (_WHOLE, full))
    return written or ((_WHOLE, " ".join(filter(None, (given, middle, family)))),)


def _is_name(part: str, raw: str) -> bool:
    return (name.normalise(family_name=raw) if part == "family_name" else name.normalise(raw)) is not None


def _fullness(tokens: tuple[str, ...]) -> int:
    """0 for nothing, 1 for initials, 2 for a word."""
    return max((min(len(token), 2) for token in tokens), default=0)


def _organisation_claim(source: _Source, evidence: Evidence, tokens: tuple[str, ...]) -> _Claim:
    fields = (evidence.organisation, evidence.full_name, evidence.family_name, evidence.given_name)
    raw = next((raw for raw in fields if raw and organisation.normalise(raw) == tokens), " ".join(tokens))
    return _Claim(source, tokens, 0, (("organisation", raw),))


def _birth_claim(source: _Source, birth: BirthDate) -> _Claim:
    """A date whose day and month may be swapped is less complete than one that is certain."""
    form = (birth.year, birth.month, birth.day)
    parts = [f"{birth.year:04}", *(f"{part:02}" for part in (birth.month, birth.day) if part)]
    complete = 2 * len(parts) - birth.ambiguous
    return _Claim(source, form, complete, (("birth_date", "-".join(parts)),))


def _place_claim(source: _Source, evidence: Evidence, place: Place) -> _Claim:
    """State and country tell addresses apart only where there is nothing else."""
    local = (place.house, place.street, place.postcode, place.city)
    complete = sum(map(bool, local))
    written = _place_parts(
        evidence.house_number,
        evidence.street,
        evidence.postcode,
        evidence.city,
        evidence.state,
        evidence.country,
    )
    form = local if complete else (place.state, place.country)
    return _Claim(source, form, complete, written, len(written))


@lru_cache(maxsize=16384)
def _place_parts(*raw: str) -> tuple[tuple[str, str], ...]:
    parts = zip(_PLACE_FIELDS, raw, strict=True)
    return tuple(
        (part, raw) for part, raw in parts if 0 < len(raw) <= text.LIMIT and not text.is_placeholder(raw)
    )


def _attribute_claims(source: _Source, sighting: Sighting, claims: dict[str, list[_Claim]]) -> None:
    evidence, features = sighting.record.evidence, sighting.features
    stated = [
        (folded, key, raw)
        for key, raw in sorted(evidence.attributes)
        if (folded := (text.fold(key), text.fold(raw))) in features.attributes
    ]
    stated += [
        (folded, key, raw)
        for key, raw in sorted(evidence.compared_attributes)
        for folded in attribute.normalise([(key, raw)])
    ]
    told = set()
    for folded, key, raw in stated:
        # A key given twice counts once: one record states one value.
        if folded[0] not in told:
            told.add(folded[0])
            claims.setdefault(folded[0], []).append(_Claim(source, folded[1], 0, ((key, raw),)))


def _chosen(claims: Sequence[_Claim]) -> dict[str, Any]:
    """The parts of the surviving claim by field name, none where nothing is claimed."""
    if not claims:
        return {}
    surest = _greatest(claims, lambda claim: claim.source.assurance)
    form, rule = _surviving_form(claims, surest)
    same = [claim for claim in surest if claim.form == form]
    winner = _best_written(same) if len(same) > 1 else same[0]
    count = sum(claim.form == form for claim in claims)
    return {part: Surviving(raw, winner.source.key, rule, count) for part, raw in winner.written}


def _surviving_form(claims: Sequence[_Claim], surest: Sequence[_Claim]) -> tuple[Hashable, Rule]:
    if _one_form(claims):
        return claims[0].form, Rule.AGREED
    if _one_form(surest):
        return surest[0].form, Rule.VERIFIED
    left = _greatest(surest, lambda claim: claim.complete)
    if _one_form(left):
        return left[0].form, Rule.MOST_COMPLETE
    counts = Counter(claim.form for claim in left)
    left = _greatest(left, lambda claim: counts[claim.form])
    if _one_form(left):
        return left[0].form, Rule.MOST_FREQUENT
    left = _greatest(left, lambda claim: claim.source.age)
    if _one_form(left):
        return left[0].form, Rule.LATEST
    return min(left, key=_key).form, Rule.FIRST_KEY


def _best_written(same: Sequence[_Claim]) -> _Claim:
    """Of claims of one form the one in parts, written as most do, then as the latest, of the first key."""
    if len({claim.written for claim in same}) == 1:
        return min(same, key=_key)
    left = _greatest(same, lambda claim: claim.spelt)
    counts = Counter(claim.written for claim in left)
    latest: dict[tuple[tuple[str, str], ...], tuple[bool, int]] = {}
    for claim in left:
        latest[claim.written] = max(latest.get(claim.written, claim.source.age), claim.source.age)
    left = _greatest(left, lambda claim: (counts[claim.written], latest[claim.written]))
    return min(left, key=_key)


def _one_form(claims: Iterable[_Claim]) -> bool:
    return len({claim.form for claim in claims}) == 1


def _greatest(claims: Sequence[_Claim], measure: Callable[[_Claim], Any]) -> Sequence[_Claim]:
    if len(claims) == 1:
        return claims
    best = max(map(measure, claims))
    return [claim for claim in claims if measure(claim) == best]


def _key(claim: _Claim) -> RecordKey:
    return claim.source.key


def _party_type(records: Sequence[Sighting]) -> PartyType:
    """A person never shares a customer with an organisation, so whoever says which says it for all."""
    said = {sighting.features.party for sighting in records}
    if PartyType.PERSON in said:
        return PartyType.PERSON
    return PartyType.ORGANISATION if PartyType.ORGANISATION in said else PartyType.UNKNOWN


def _display_name(chosen: dict[str, Surviving], party: PartyType) -> str:
    fields: tuple[str, ...] = (_WHOLE,) if _WHOLE in chosen else _NAME_FIELDS
    if "organisation" in chosen and (party is PartyType.ORGANISATION or chosen.keys().isdisjoint(fields)):
        fields = ("organisation",)
    return text.clean(" ".join(chosen[part].value for part in fields if part in chosen))
