"""The preferred channel: which channels may be used for a purpose, and in which order.

Eligibility comes first: an address that reaches the customer and is the customer's, and consent, which
where unknown means no, but for service. What is eligible is ranked by the probability that it is the
channel of the next contact (inbound: that the customer starts; outbound: that the customer answers):

    p(channel) = (evidence + PRIOR * share of the population) / (all evidence + PRIOR)

Evidence counts contacts, each discounted by its age and by what it proves (`PROOF`): what they start
themselves, what they answer, what they open. What the company alone pushed proves nothing, nor does a
machine, nor a contact by an address that others share. One conversation on one channel is one contact.
Binary floats; sums are exact before they are rounded (`math.fsum`), so that order makes no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum
from typing import Final, NamedTuple

from graph.model import Direction, IdentifierKind, RecordKey, StatedIdentifier, Touchpoint
from resolver.normalise import evidence, text
from resolver.profile.identifiers import KnownIdentifier
from resolver.profile.population import share
from resolver.profile.reach import CHANNELS, Channel, canonical, channel, reached

HALF_LIFE: Final = 90 * 86_400_000_000
"""Microseconds, 90 days, in which a contact loses half of its weight."""

PRIOR: Final = 3.0
"""How many contacts of today the population is worth."""

SERVICE: Final = "service"
"""The one purpose that needs no consent."""


class ReasonKind(StrEnum):
    """What speaks for a channel."""

    STARTED = "started"
    """The customer started contacts there."""
    ANSWERED = "answered"
    """The customer answered contacts that the company started there."""
    OPENED = "opened"
    """The customer opened or clicked there."""
    POPULATION = "population"
    """Customers at large use it."""


PROOF: Final[Mapping[Direction, Mapping[ReasonKind, float]]] = {
    Direction.INBOUND: {ReasonKind.STARTED: 1.0, ReasonKind.ANSWERED: 0.5, ReasonKind.OPENED: 0.05},
    Direction.OUTBOUND: {ReasonKind.STARTED: 1.0, ReasonKind.ANSWERED: 2.0, ReasonKind.OPENED: 0.1},
}
"""What one contact of today proves, by who is to start the next."""


class ExclusionReason(StrEnum):
    """Why a channel is not to be used."""

    NO_ADDRESS = "no_address"
    ADDRESS_UNUSABLE = "address_unusable"
    CONSENT_UNKNOWN = "consent_unknown"
    NOT_CONTACTABLE = "not_contactable"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `count` contacts weigh `weight` after their discounts; `last` is when the latest occurred.

    For the population `count` is 0, `last` None and `weight` the contacts that it is worth.
    """

    kind: ReasonKind
    count: int
    weight: float
    last: int | None


@dataclass(frozen=True, slots=True)
class Rank:
    """An eligible channel. `address` is empty where it needs none; `reasons` are the heaviest first."""

    channel: str
    address: str
    probability: float
    evidence_count: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A channel that is not to be used, or where `address` is not empty that address on it."""

    channel: str
    address: str
    reason: ExclusionReason


@dataclass(frozen=True, slots=True)
class Ranking:
    """Eligible channels, the likeliest first, then by name; the others, sorted."""

    ranks: tuple[Rank, ...]
    exclusions: tuple[Exclusion, ...]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a customer can be reached: the identifiers, and the address to post to, empty where unknown."""

    identifiers: tuple[KnownIdentifier, ...] = ()
    post: str = ""


def rank_channels(
    touchpoints: Iterable[Touchpoint],
    addresses: Addresses,
    *,
    purpose: str,
    direction: Direction = Direction.OUTBOUND,
    at: int,
    region: str = "",
) -> Ranking:
    """Return the channels for a purpose at a time, in order, and those that are excluded.

    `direction` is who starts the contact that is asked for; unspecified is the company. `at` is in
    microseconds since 1970; what occurred later is not looked at. `region` reads the national phone
    numbers among the touchpoints' addresses. Inbound every channel on which a customer can start a
    contact is ranked.
    """
    direction = Direction.INBOUND if direction is Direction.INBOUND else Direction.OUTBOUND
    known = [each for each in touchpoints if each.occurred <= at]
    contacts = _contacts(known, _Shared(addresses.identifiers, region), direction, at)
    names = _names(addresses.identifiers, contacts)
    if text.fold(purpose) != SERVICE:
        return Ranking((), tuple(Exclusion(name, "", ExclusionReason.CONSENT_UNKNOWN) for name in names))
    eligible, exclusions = _eligible(names, addresses, contacts, direction)
    return Ranking(
        _ranks(eligible, _once(contacts), direction), tuple(sorted(exclusions, key=_exclusion_order))
    )


class _Contact(NamedTuple):
    """A contact that speaks for a channel."""

    weight: float
    kind: ReasonKind
    occurred: int
    channel: str
    record: RecordKey
    conversation: tuple[str, ...]


# What is told in either field: sources differ in whether an opened mail is a touchpoint or an outcome.
_OPENED = frozenset({"clicked", "click", "open", "opened", "read", "seen"})
_ANSWERED = frozenset({"answered", "connected", "replied", "reply", "responded", "response"})
_PROVES_NOTHING = frozenset(
    {
        "bounce",
        "bounced",
        "complained",
        "complaint",
        "delivered",
        "failed",
        "sent",
        "undelivered",
        "unsubscribed",
    }
)
_OWN_DOING = frozenset({"purchase", "visit"})


def _contacts(
    touchpoints: Sequence[Touchpoint], shared: _Shared, direction: Direction, at: int
) -> list[_Contact]:
    """What speaks for any channel."""
    asked = _asked(touchpoints)
    contacts = []
    for touchpoint in touchpoints:
        kind = _proves(touchpoint, asked)
        if kind is None or shared.credits_nobody(touchpoint):
            continue
        weight = PROOF[direction][kind] * 0.5 ** ((at - touchpoint.occurred) / HALF_LIFE)
        name = canonical(touchpoint.channel)
        conversation = _conversation(touchpoint)
        contacts.append(_Contact(weight, kind, touchpoint.occurred, name, touchpoint.record, conversation))
    return contacts


def _once(contacts: Iterable[_Contact]) -> Iterable[_Contact]:
    """The weightiest contact of each conversation on a channel: a chat of thirty lines is one contact."""
    best: dict[tuple[str, ...], _Contact] = {}
    for contact in contacts:
        known = best.get(contact.conversation)
        if known is None or known < contact:
            best[contact.conversation] = contact
    return best.values()


def _conversation(touchpoint: Touchpoint) -> tuple[str, ...]:
    if touchpoint.conversation:
        return (touchpoint.key.source, touchpoint.conversation, canonical(touchpoint.channel))
    return touchpoint.key


def _asked(touchpoints: Iterable[Touchpoint]) -> dict[tuple[str, ...], int]:
    """When the company first wrote in each conversation, by channel."""
    first: dict[tuple[str, ...], int] = {}
    for touchpoint in touchpoints:
        if touchpoint.direction is Direction.OUTBOUND and touchpoint.conversation:
            key = _conversation(touchpoint)
            first[key] = min(first.get(key, touchpoint.occurred), touchpoint.occurred)
    return first


def _proves(touchpoint: Touchpoint, asked: Mapping[tuple[str, ...], int]) -> ReasonKind | None:
    """What a touchpoint says of the customer's own choice of channel, None for nothing."""
    if touchpoint.automated:
        return None
    kind = touchpoint.kind.lower()
    outcome = "" if touchpoint.direction is Direction.INBOUND else touchpoint.outcome.lower()
    # The company's own reply is no answer; `replied` is what a mailing system tells of the mail it sent.
    if outcome in _ANSWERED or (kind in _ANSWERED and (kind == "replied" or _theirs(touchpoint, kind))):
        return ReasonKind.ANSWERED
    if kind in _OPENED or outcome in _OPENED:
        return ReasonKind.OPENED
    if kind in _PROVES_NOTHING or not _theirs(touchpoint, kind):
        return None
    first = asked.get(_conversation(touchpoint)) if asked else None
    return ReasonKind.STARTED if first is None or touchpoint.occurred <= first else ReasonKind.ANSWERED


def _theirs(touchpoint: Touchpoint, kind: str) -> bool:
    """Whether the customer did it; where nobody says so, what only a customer does is the customer's."""
    if touchpoint.direction is Direction.UNSPECIFIED:
        return kind in _OWN_DOING or not channel(canonical(touchpoint.channel)).contactable
    return touchpoint.direction is Direction.INBOUND


class _Shared:
    """The customer's addresses that others use as well: a contact by one of them may be anybody's."""

    def __init__(self, identifiers: Iterable[KnownIdentifier], region: str) -> None:
        identifiers = tuple(identifiers)
        shared = [known for known in identifiers if known.shared]
        self._region = region
        self._forms = {known.identifier for known in shared}
        self._texts = {
            form for known in shared for form in (*known.raw, known.address, known.identifier.value)
        }
        self._by_record: dict[RecordKey, list[KnownIdentifier]] = {}
        if shared:
            for known in identifiers:
                for record in known.records:
                    self._by_record.setdefault(record, []).append(known)

    def credits_nobody(self, touchpoint: Touchpoint) -> bool:
        """Whether the contact came by a shared address.

        Where it does not say by which, whether all addresses of its record on its channel are shared.
        """
        if not self._forms:
            return False
        through = channel(canonical(touchpoint.channel))
        if touchpoint.address:
            return touchpoint.address in self._texts or self._normalised(touchpoint, through) in self._forms
        known = [each for each in self._by_record.get(touchpoint.record, ()) if each.shared or each.voiced]
        known = [each for each in known if through in reached(each, (through.name,))]
        return bool(known) and all(each.shared for each in known)

    def _normalised(self, touchpoint: Touchpoint, through: Channel) -> object:
        kind = through.kind or (IdentifierKind.HANDLE if through.platform else None)
        if kind is None:
            return None
        value = evidence.value(StatedIdentifier(kind, touchpoint.address, through.platform), self._region)
        return value and value.identifier


def _names(identifiers: Iterable[KnownIdentifier], contacts: Iterable[_Contact]) -> list[str]:
    """All channels known by name, and those that this customer has a handle for or was active on."""
    platforms = {
        known.identifier.namespace
        for known in identifiers
        if known.identifier.kind is IdentifierKind.HANDLE and known.identifier.namespace
    }
    return sorted({*CHANNELS, *map(canonical, platforms), *(contact.channel for contact in contacts)})


def _eligible(
    names: Sequence[str], addresses: Addresses, contacts: Sequence[_Contact], direction: Direction
) -> tuple[dict[str, str], list[Exclusion]]:
    """The address to use on each eligible channel, and why the others are not."""
    eligible: dict[str, str] = {}
    exclusions: list[Exclusion] = []
    found = _reached(names, addresses, contacts)
    for name in names:
        usable = [known for known in found[name] if known.reaches]
        best = min(usable, key=_address_order).reaches if usable else ""
        best = addresses.post if name == "post" else best
        if direction is Direction.INBOUND:
            if channel(name).startable:
                eligible[name] = best
            continue
        if not channel(name).contactable:
            exclusions.append(Exclusion(name, "", ExclusionReason.NOT_CONTACTABLE))
        elif best:
            eligible[name] = best
            unusable = {each.address or each.identifier.value for each in found[name] if not each.reaches}
            exclusions += (Exclusion(name, each, ExclusionReason.ADDRESS_UNUSABLE) for each in unusable)
        else:
            unusable_only = ExclusionReason.ADDRESS_UNUSABLE if found[name] else ExclusionReason.NO_ADDRESS
            exclusions.append(Exclusion(name, "", unusable_only))
    return eligible, exclusions


def _reached(
    names: Iterable[str], addresses: Addresses, contacts: Iterable[_Contact]
) -> dict[str, list[KnownIdentifier]]:
    """The identifiers that are addresses on each channel."""
    active: dict[RecordKey, set[str]] = {}
    for contact in contacts:
        active.setdefault(contact.record, set()).add(contact.channel)
    found: dict[str, list[KnownIdentifier]] = {name: [] for name in names}
    for known in addresses.identifiers:
        on = {name for record in known.records for name in active.get(record, ())}
        for each in reached(known, on):
            found[each.name].append(known)
    return found


def _address_order(known: KnownIdentifier) -> tuple[int, int, float, object]:
    """The surest address, then the one that most records assert, then the latest, then by identifier."""
    latest = float("-inf") if known.last_seen is None else known.last_seen
    return (-known.assurance, -len(known.records), -latest, known.identifier)


def _ranks(
    eligible: Mapping[str, str], contacts: Iterable[_Contact], direction: Direction
) -> tuple[Rank, ...]:
    counted: dict[str, list[_Contact]] = {name: [] for name in eligible}
    for contact in contacts:
        if contact.channel in counted:
            counted[contact.channel].append(contact)
    population = {name: share(name, direction) for name in eligible}
    scale = PRIOR / (fsum(population.values()) or 1.0)
    evidence_weight = fsum(contact.weight for each in counted.values() for contact in each)
    ranks = [
        _rank(name, address, counted[name], population[name] * scale, evidence_weight + PRIOR)
        for name, address in eligible.items()
    ]
    return tuple(sorted(ranks, key=lambda rank: (-rank.probability, rank.channel)))


def _rank(name: str, address: str, contacts: Sequence[_Contact], prior: float, total: float) -> Rank:
    reasons = [Reason(ReasonKind.POPULATION, 0, prior, None)]
    for kind in dict.fromkeys(contact.kind for contact in contacts):
        those = [contact for contact in contacts if contact.kind is kind]
        weight = fsum(contact.weight for contact in those)
        reasons.append(Reason(kind, len(those), weight, max(contact.occurred for contact in those)))
    reasons.sort(key=lambda reason: (-reason.weight, reason.kind))
    weight = fsum((prior, *(contact.weight for contact in contacts)))
    return Rank(name, address, weight / total, len(contacts), tuple(reasons))


def _exclusion_order(exclusion: Exclusion) -> tuple[str, str]:
    return (exclusion.channel, exclusion.address)
