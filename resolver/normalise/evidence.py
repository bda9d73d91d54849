"""From evidence as it was written to features: the one entry of normalising."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import msgspec

from graph.model import Assertion, Evidence, Identifier, IdentifierKind, PartyType, StatedIdentifier
from resolver.normalise import (
    attribute,
    birth_date,
    device,
    email,
    external,
    generation,
    government,
    handle,
    loyalty,
    name,
    organisation,
    phone,
    place,
    reference,
    text,
)
from resolver.normalise.features import Features, Flag, Name, Value
from resolver.normalise.form import Form, flagged

_PERSONAL = (
    IdentifierKind.GOVERNMENT,
    IdentifierKind.EXTERNAL,
    IdentifierKind.LOYALTY,
    IdentifierKind.EMAIL,
    IdentifierKind.PHONE,
    IdentifierKind.HANDLE,
)
"""The kinds that identify a person, the strongest first."""

_BYTE_EXACT = frozenset({IdentifierKind.EXTERNAL, IdentifierKind.DEVICE, IdentifierKind.REFERENCE})
_NUMBERED = frozenset({"whatsapp", "sms", "mms", "rcs", "viber", "signal", "imessage"})
"""Platforms that know people by their telephone number."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a company tells the normalisers.

    `owned` are its own numbers, mailboxes and cards, in normal form (see `owned`). `checks` maps a
    loyalty programme to the name of its check digits (`loyalty.CHECKS`). `government_secret` keys the
    hashes of government ids; None: they are not taken. `region` is the ISO 3166 alpha-2 code under
    which national forms are read where the evidence names neither country nor region.
    """

    owned: frozenset[Identifier] = frozenset()
    checks: dict[str, str] = field(default_factory=dict)
    government_secret: bytes | None = None
    region: str = ""

    def __post_init__(self) -> None:
        """Fold the programmes' names; refuse checks that do not exist."""
        unknown = sorted(set(self.checks.values()) - set(loyalty.CHECKS))
        if unknown:
            raise ValueError(f"unknown check digits: {', '.join(unknown)}")
        folded = {loyalty.programme(programme): check for programme, check in self.checks.items()}
        object.__setattr__(self, "checks", folded)


DEFAULT = Settings()


def region_of(evidence: Evidence, settings: Settings) -> str:
    """Return the region for national forms: the country's, else the evidence's, else the company's."""
    return place.country(evidence.country) or place.country(evidence.region) or place.country(settings.region)


def _phone_of_handle(raw: str, namespace: str, region: str) -> Form | None:
    """Return the telephone number that stands where a handle is expected, None where there is none."""
    cleaned = text.clean(raw)
    if handle.platform(namespace) not in _NUMBERED and not (not namespace and "wa.me/" in cleaned):
        return None
    if cleaned.isascii() and cleaned.isdigit() and len(cleaned) >= 11 and cleaned[0] != "0":
        whole = phone.normalise("+" + cleaned)
        if whole is not None and whole.address:
            return whole
    form = phone.normalise(raw, region)
    return form if form is not None and form.address else None


def _form(stated: StatedIdentifier, region: str, settings: Settings) -> tuple[IdentifierKind, Form | None]:
    kind, raw, namespace = stated.kind, stated.raw, stated.namespace
    match kind:
        case IdentifierKind.PHONE:
            return kind, phone.normalise(raw, region)
        case IdentifierKind.EMAIL:
            return kind, email.normalise(raw)
        case IdentifierKind.HANDLE:
            number = _phone_of_handle(raw, namespace, region)
            if number is not None:
                return IdentifierKind.PHONE, number
            return kind, handle.normalise(raw, namespace)
        case IdentifierKind.LOYALTY:
            check = settings.checks.get(loyalty.programme(namespace), "")
            return kind, loyalty.normalise(raw, namespace, check)
        case IdentifierKind.DEVICE:
            return kind, device.normalise(raw, namespace)
        case IdentifierKind.EXTERNAL:
            return kind, external.normalise(raw, namespace)
        case IdentifierKind.REFERENCE:
            return kind, reference.normalise(raw, namespace)
        case IdentifierKind.GOVERNMENT:
            secret = settings.government_secret
            return kind, government.normalise(raw, secret, namespace) if secret else None


def value(stated: StatedIdentifier, region: str = "", settings: Settings = DEFAULT) -> Value | None:
    """Return one identifier in normal form, None where its text is empty or it is not taken."""
    kind, form = _form(stated, region or settings.region, settings)
    if form is None:
        return None
    identifier = Identifier(kind, form.namespace, form.value)
    owns = bool(settings.owned) and identifier in settings.owned
    flags = flagged((*form.flags, Flag.OWNED)) if owns else form.flags
    return Value(identifier, stated.assurance, flags, form.address)


def owned(stated: Iterable[StatedIdentifier], region: str = "") -> frozenset[Identifier]:
    """Return the company's own identifiers in the normal form that `Settings.owned` holds."""
    found = (value(each, region) for each in stated)
    return frozenset(each.identifier for each in found if each is not None)


def _values(evidence: Evidence, region: str, settings: Settings) -> tuple[Value, ...]:
    """Return the identifiers sorted, each with the surest assurance that it was stated with."""
    found = [each for stated in evidence.identifiers if (each := value(stated, region, settings))]
    if len(found) < 2:
        return tuple(found)
    surest: dict[tuple[Identifier, str], Value] = {}
    for each in found:
        key = (each.identifier, each.address)
        if key not in surest or surest[key].assurance < each.assurance:
            surest[key] = each
    return tuple(sorted(surest.values())) if len(surest) > 1 else tuple(surest.values())


def _organisation(evidence: Evidence) -> tuple[str, ...]:
    """Return the organisation's name from its own field, else from a name field that holds one."""
    tokens = organisation.normalise(evidence.organisation) if evidence.organisation else ()
    if tokens:
        return tokens
    for written in (evidence.full_name, evidence.family_name, evidence.given_name):
        if written and organisation.is_organisation(written):
            return organisation.normalise(written)
    return ()


def _attributes(evidence: Evidence) -> tuple[tuple[str, str], ...]:
    folded = {(text.fold(key), text.fold(stated)) for key, stated in evidence.attributes}
    return tuple(sorted((key, stated) for key, stated in folded if key and not text.is_placeholder(stated)))


def _compared(evidence: Evidence, person: Name | None) -> Iterable[tuple[str, str]]:
    """The attributes that take part in matching: those stated, and those that the name tells besides."""
    yield from evidence.compared_attributes
    if found := generation.normalise(evidence.full_name, evidence.family_name, evidence.given_name):
        yield generation.ATTRIBUTE, found
    if person is not None:
        for initial in name.middle_initials(person):
            yield name.MIDDLE_INITIAL, initial


def protect(evidence: Evidence, settings: Settings = DEFAULT) -> Evidence:
    """The evidence as it may be kept: government ids as keyed hashes, or gone where none are taken.

    Everything is done to the protected evidence, so that what is kept and what was compared agree.
    """
    if not any(stated.kind == IdentifierKind.GOVERNMENT for stated in evidence.identifiers):
        return evidence
    return replace(
        evidence, identifiers=tuple(kept for s in evidence.identifiers if (kept := _protected(s, settings)))
    )


def _protected(stated: StatedIdentifier, settings: Settings) -> StatedIdentifier | None:
    if stated.kind != IdentifierKind.GOVERNMENT:
        return stated
    _, form = _form(stated, "", settings)
    return replace(stated, raw=form.value) if form is not None else None


def normalise(evidence: Evidence, settings: Settings = DEFAULT) -> Features:
    """Return what blocking and matching see of the evidence. Any text is taken; nothing is raised.

    An organisation is what is stated to be one, and what has an organisation's name and no person's
    unless it is stated to be a person.
    """
    region = region_of(evidence, settings)
    person = name.normalise(
        evidence.given_name, evidence.middle_name, evidence.family_name, evidence.full_name, region
    )
    firm = _organisation(evidence)
    party = evidence.party_type
    if party is PartyType.UNKNOWN and firm and person is None:
        party = PartyType.ORGANISATION
    return Features(
        party=party,
        values=_values(evidence, region, settings),
        name=person,
        organisation=firm,
        birth=birth_date.normalise(evidence.birth_date, region) if evidence.birth_date else None,
        place=place.normalise(
            evidence.house_number,
            evidence.street,
            evidence.postcode,
            evidence.city,
            evidence.state,
            evidence.country,
        ),
        attributes=_attributes(evidence) if evidence.attributes else (),
        compared_attributes=attribute.normalise(_compared(evidence, person)),
    )


def _folded(raw: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", raw).strip().casefold())


def _folded_pairs(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted((_folded(key), _folded(stated)) for key, stated in pairs)


def _fingerprint_of(stated: StatedIdentifier) -> tuple[str, str, str, int]:
    exact = stated.kind in _BYTE_EXACT
    if stated.kind is IdentifierKind.HANDLE:
        form = handle.normalise(stated.raw, stated.namespace)
        exact = form is not None and Flag.OPAQUE in form.flags
    raw = unicodedata.normalize("NFC", stated.raw).strip() if exact else _folded(stated.raw)
    return stated.kind.value, _folded(stated.namespace), raw, int(stated.assurance)


def fingerprint(evidence: Evidence) -> str:
    """Return a digest of the raw evidence after NFC, trim and case folding, 32 hexadecimal digits.

    Opaque identifiers count byte for byte; the order of identifiers and attributes does not count;
    how sure the source is does.
    """
    parts: tuple[object, ...] = (
        sorted({_fingerprint_of(stated) for stated in evidence.identifiers}),
        [
            _folded(part)
            for part in (
                evidence.given_name,
                evidence.middle_name,
                evidence.family_name,
                evidence.full_name,
                evidence.organisation,
                evidence.birth_date,
                evidence.house_number,
                evidence.street,
                evidence.postcode,
                evidence.city,
                evidence.state,
                evidence.country,
                evidence.party_type.value,
                evidence.region,
            )
        ],
        _folded_pairs(evidence.attributes),
    )
    if evidence.compared_attributes:  # evidence without them keeps the digest that it always had
        parts = (*parts, _folded_pairs(evidence.compared_attributes))
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _personal(values: Iterable[Value]) -> list[Value]:
    """Return the identifiers that speak for a person, the strongest first."""
    speaking = [each for each in values if each.identifier.kind in _PERSONAL and each.speaks]
    return sorted(speaking, key=lambda each: (_PERSONAL.index(each.identifier.kind), -each.assurance, each))


def usable(features: Features) -> bool:
    """Tell whether at least one identifier speaks for a person; without one a record is a visitor's."""
    return any(each.identifier.kind in _PERSONAL and each.speaks for each in features.values)


def describe(features: Features) -> tuple[Assertion, ...]:
    """Return every identifier with the folded description of who asserts it, sorted.

    The description is the initial of the given name, nicknames read as the formal name, without a given
    name the surname, without a name the strongest other identifier of a person as
    `kind:namespace:value`; else None.
    """
    surest: dict[Identifier, Value] = {}
    for each in features.values:
        if each.identifier not in surest or surest[each.identifier].assurance < each.assurance:
            surest[each.identifier] = each
    initial = name.description(features.name)
    personal = _personal(surest.values()) if initial is None else []
    assertions = []
    for identifier in sorted(surest):
        description = initial
        if description is None:
            other = next((each.identifier for each in personal if each.identifier != identifier), None)
            description = None if other is None else f"{other.kind}:{other.namespace}:{other.value}"
        assertions.append(Assertion(identifier, surest[identifier].assurance, description))
    return tuple(assertions)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Features)


def encode(features: Features) -> bytes:
    """Return features as bytes (MessagePack): equal features as equal bytes."""
    return _ENCODER.encode(features)


def decode(encoded: bytes) -> Features:
    """Return the features that `encode` was given. Raises msgspec.DecodeError for other bytes."""
    return _DECODER.decode(encoded)


def digest(features: Features) -> str:
    """Return the name of a node: a digest of its features, 32 hexadecimal digits."""
    return hashlib.sha256(encode(features)).hexdigest()[:32]
