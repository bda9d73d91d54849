"""What is known of a customer, and of the channels, as messages of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from resolver.normalise.features import Flag
from resolver.profile.channels import Exclusion, Rank, Reason
from resolver.profile.golden import Golden, Rule, Surviving
from resolver.profile.identifiers import KnownIdentifier
from resolver.reading.candidates import Candidate
from resolver.reading.customer import ChannelSeen, Preferred, Profile
from resolver.reading.locate import Status
from resolver.reading.relations import Relative
from resolver.serve import convert
from resolver.v1 import (
    channel_pb2,
    customer_pb2,
    customer_service_pb2,
    explanation_pb2,
    identifier_pb2,
    relation_pb2,
)

MOST_IDENTIFIERS: Final = 500
MOST_SPELLINGS: Final = 20

_RULE: Final = {rule: customer_pb2.SurvivorshipRule.Value(f"SURVIVORSHIP_RULE_{rule.name}") for rule in Rule}
_FLAG: Final = {flag: identifier_pb2.IdentifierFlag.Value(f"IDENTIFIER_FLAG_{flag.name}") for flag in Flag}
STATUS: Final = {
    status: customer_service_pb2.LookupStatus.Value(f"LOOKUP_STATUS_{status.name}") for status in Status
}
"""What a lookup came to, as the contract numbers it."""

_PARTS: Final = (
    *("given_name", "middle_name", "family_name", "full_name", "organisation", "birth_date"),
    *("house_number", "street", "postcode", "city", "state", "country"),
)


def customer_out(profile: Profile) -> customer_pb2.Customer:
    """One customer, or a visitor."""
    message = customer_pb2.Customer(
        id=profile.id,
        etag=profile.etag,
        golden_record=golden_out(profile.golden),
        identifiers=[_identifier_out(each) for each in profile.identifiers[:MOST_IDENTIFIERS]],
        channels=[_seen_out(each) for each in profile.channels],
        record_count=profile.record_count,
        touchpoint_count=profile.touchpoint_count,
        latest_touchpoints=[convert.touchpoint_out(each) for each in profile.touchpoints],
    )
    if profile.first_touchpoint is not None:
        message.first_touchpoint_time.CopyFrom(convert.timestamp(profile.first_touchpoint))
    return message


def relative_out(relative: Relative) -> relation_pb2.CustomerRelation:
    """Another customer who lives or works together with one."""
    related = relative.related
    return relation_pb2.CustomerRelation(
        customer_id=relative.customer,
        relation=explanation_pb2.Relation.Value(f"RELATION_{related.kind.name}"),
        strangers_millibits=related.stranger,
        household_millibits=related.household,
        shared_attributes=related.shared,
    )


def golden_out(golden: Golden) -> customer_pb2.GoldenRecord:
    """The attributes chosen, each with where it comes from."""
    chosen: Mapping[str, Surviving | None] = {part: getattr(golden, part) for part in _PARTS}
    return customer_pb2.GoldenRecord(
        display_name=golden.display_name,
        party_type=convert.party_type_out(golden.party_type),
        attributes={key: _surviving_out(value) for key, value in golden.attributes},
        **{part: _surviving_out(value) for part, value in chosen.items() if value is not None},
    )


def _surviving_out(surviving: Surviving) -> customer_pb2.SurvivingValue:
    return customer_pb2.SurvivingValue(
        value=surviving.value,
        record=convert.record_key_out(surviving.record),
        rule=_RULE[surviving.rule],
        record_count=surviving.record_count,
    )


def _identifier_out(known: KnownIdentifier) -> identifier_pb2.CustomerIdentifier:
    flags = [_FLAG[flag] for flag in known.flags]
    if known.generic:
        flags.append(identifier_pb2.IDENTIFIER_FLAG_GENERIC)
    return identifier_pb2.CustomerIdentifier(
        identifier=convert.identifier_out(known.identifier),
        raw=known.raw[:MOST_SPELLINGS],
        address=known.address,
        assurance=convert.assurance_out(known.assurance),
        sources=known.sources,
        record_count=len(known.records),
        flags=sorted(set(flags)),
    )


def _seen_out(seen: ChannelSeen) -> customer_pb2.ChannelSeen:
    return customer_pb2.ChannelSeen(
        channel=seen.channel,
        touchpoint_count=seen.touchpoint_count,
        inbound_count=seen.inbound_count,
        outbound_count=seen.outbound_count,
        first_time=convert.timestamp(seen.first),
        last_time=convert.timestamp(seen.last),
    )


def candidate_out(candidate: Candidate) -> customer_service_pb2.LookupCandidate:
    """One of several who share what was looked for."""
    message = customer_service_pb2.LookupCandidate(
        customer_id=candidate.customer,
        record=convert.record_key_out(candidate.record),
        golden_record=golden_out(candidate.golden),
        assurance=convert.assurance_out(candidate.assurance),
        record_count=candidate.record_count,
    )
    if candidate.last is not None:
        message.last_touchpoint_time.CopyFrom(convert.timestamp(candidate.last))
    return message


# -- channels ----------------------------------------------------------------------------------


def preferred_out(preferred: Preferred) -> channel_pb2.PreferredChannel | None:
    """The first rank; None where no channel is eligible."""
    if preferred.rank is None:
        return None
    return channel_pb2.PreferredChannel(
        rank=rank_out(preferred.rank),
        purpose=preferred.purpose,
        as_of_time=convert.timestamp(preferred.at),
    )


def rank_out(rank: Rank) -> channel_pb2.ChannelRank:
    """One eligible channel with its reasons."""
    return channel_pb2.ChannelRank(
        channel=rank.channel,
        address=rank.address,
        probability=rank.probability,
        evidence_count=rank.evidence_count,
        reasons=[_reason_out(each) for each in rank.reasons],
    )


def _reason_out(reason: Reason) -> channel_pb2.ChannelReason:
    message = channel_pb2.ChannelReason(
        kind=channel_pb2.ChannelReasonKind.Value(f"CHANNEL_REASON_KIND_{reason.kind.name}"),
        count=reason.count,
        weight=reason.weight,
    )
    if reason.last is not None:
        message.last_time.CopyFrom(convert.timestamp(reason.last))
    return message


def exclusion_out(exclusion: Exclusion) -> channel_pb2.ChannelExclusion:
    """One channel, or one address on it, that is not to be used."""
    return channel_pb2.ChannelExclusion(
        channel=exclusion.channel,
        address=exclusion.address,
        reason=channel_pb2.ChannelExclusionReason.Value(f"CHANNEL_EXCLUSION_REASON_{exclusion.reason.name}"),
    )
