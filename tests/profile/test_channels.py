from __future__ import annotations

from dataclasses import replace
from math import fsum
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.keys import identifier_block
from graph.model import Direction, StatedIdentifier, Touchpoint
from resolver.match.columns import generic_key
from resolver.profile.channels import (
    PRIOR,
    Addresses,
    Exclusion,
    ExclusionReason,
    Rank,
    Ranking,
    ReasonKind,
    rank_channels,
)
from resolver.profile.identifiers import known_identifiers
from resolver.profile.reach import CHANNELS
from tests.profile.samples import (
    DAY,
    NOW,
    STATED,
    VERIFIED,
    contact,
    device,
    email,
    handle,
    key,
    phone,
    sighting,
)

IN, OUT = Direction.INBOUND, Direction.OUTBOUND
NUMBER, MAILBOX = "+31641729305", "jan@klant.nl"


def addresses(*stated: StatedIdentifier, post: str = "", silent: frozenset[str] = frozenset()) -> Addresses:
    return Addresses(known_identifiers([sighting("1", *stated)], silent), post)


REACHABLE = addresses(phone(NUMBER), email(MAILBOX), handle("instagram", "jan.devries"), device("d1"))


def rank(
    *touchpoints: Touchpoint,
    to: Addresses = REACHABLE,
    purpose: str = "service",
    direction: Direction = OUT,
    at: int = NOW,
) -> Ranking:
    return rank_channels(touchpoints, to, purpose=purpose, direction=direction, at=at)


def of(ranking: Ranking, channel: str) -> Rank:
    (found,) = [each for each in ranking.ranks if each.channel == channel]
    return found


def kinds(found: Rank) -> dict[ReasonKind, int]:
    return {reason.kind: reason.count for reason in found.reasons}


_channels = st.sampled_from(["phone", "email", "WhatsApp", "sms", "instagram", "store", "app", "kiosk"])
_touchpoints = st.lists(
    st.builds(
        contact,
        st.integers(0, 999).map(str),
        _channels,
        st.sampled_from(list(Direction)),
        st.floats(-2, 400),
        kind=st.sampled_from(["", "message", "opened", "replied", "delivered", "purchase"]),
        outcome=st.sampled_from(["", "answered", "opened", "resolved"]),
        conversation=st.sampled_from(["", "a", "b"]),
        automated=st.booleans(),
        address=st.sampled_from(["", NUMBER, MAILBOX]),
    ),
    max_size=12,
    unique_by=lambda each: each.key,
)
_directions = st.sampled_from(list(Direction))


@given(_touchpoints, _directions, st.randoms(use_true_random=False))
def test_probabilities_sum_to_one_and_order_makes_no_difference(
    touchpoints: list[Touchpoint], direction: Direction, random: Random
) -> None:
    ranking = rank(*touchpoints, direction=direction)
    assert fsum(each.probability for each in ranking.ranks) == pytest.approx(1)
    order = [(-each.probability, each.channel) for each in ranking.ranks]
    assert order == sorted(order)
    assert not {each.channel for each in ranking.ranks} & {
        e.channel for e in ranking.exclusions if not e.address
    }
    random.shuffle(touchpoints)
    assert rank(*touchpoints, direction=direction) == ranking


@given(_touchpoints, _directions, _channels, st.floats(0, 400), st.sampled_from(["", "a"]))
def test_one_more_inbound_never_lowers_its_channel(
    touchpoints: list[Touchpoint], direction: Direction, channel: str, days_ago: float, conversation: str
) -> None:
    more = contact("one more", channel, IN, days_ago, conversation=conversation, kind="message")
    before = {each.channel: each.probability for each in rank(*touchpoints, direction=direction).ranks}
    name = more.channel.lower().replace("store", "shop")
    for place, each in enumerate(rank(*touchpoints, more, direction=direction).ranks):
        if each.channel == name and name in before:
            assert each.probability >= before[name] - 1e-12
            assert place <= sorted(before, key=lambda known: (-before[known], known)).index(name)


@given(_touchpoints, _directions, _channels, st.floats(0, 400), st.booleans())
def test_what_the_company_alone_pushed_proves_nothing(
    touchpoints: list[Touchpoint], direction: Direction, channel: str, days_ago: float, automated: bool
) -> None:
    pushed = [
        contact(f"push {kind}", channel, OUT, days_ago, kind=kind, outcome="delivered", automated=automated)
        for kind in ("message", "delivered", "bounced", "reply")
    ]
    assert rank(*touchpoints, *pushed, direction=direction) == rank(*touchpoints, direction=direction)


@given(_touchpoints, _directions)
def test_a_machine_and_the_future_prove_nothing(touchpoints: list[Touchpoint], direction: Direction) -> None:
    # What a machine of the company's asks may be answered; what it is told proves nothing.
    past = [each for each in touchpoints if each.occurred <= NOW]
    counted = [each for each in past if not each.automated or each.direction is OUT]
    assert rank(*touchpoints, direction=direction) == rank(*counted, direction=direction)


@pytest.mark.parametrize("purpose", ["marketing", "Promotion", "survey"])
@pytest.mark.parametrize("direction", [IN, OUT])
def test_without_known_consent_no_channel_but_for_service(purpose: str, direction: Direction) -> None:
    ranking = rank(contact("1", "phone"), purpose=purpose, direction=direction)
    assert ranking.ranks == ()
    assert [each.channel for each in ranking.exclusions] == sorted(CHANNELS)
    assert {each.reason for each in ranking.exclusions} == {ExclusionReason.CONSENT_UNKNOWN}


def test_which_address_reaches_which_channel() -> None:
    ranking = rank(
        to=addresses(
            phone(NUMBER), email(MAILBOX), handle("facebook", "123456789"), post="Damrak 1, Amsterdam"
        )
    )
    assert {each.channel: each.address for each in ranking.ranks} == {
        **dict.fromkeys(["phone", "sms", "whatsapp", "rcs", "viber"], NUMBER),
        "email": MAILBOX,
        "messenger": "123456789",
        "post": "Damrak 1, Amsterdam",
    }
    excluded = {each.channel: each.reason for each in ranking.exclusions}
    assert excluded == {
        **dict.fromkeys(["app", "fax", "instagram", "push"], ExclusionReason.NO_ADDRESS),
        **dict.fromkeys(["shop", "web", "web_chat"], ExclusionReason.NOT_CONTACTABLE),
    }


def test_a_device_reaches_whoever_used_the_app_on_it() -> None:
    to = addresses(device("d1"))
    assert rank(contact("1", "web"), to=to).ranks == ()
    assert {each.channel for each in rank(contact("1", "app"), to=to).ranks} == {"app", "push"}
    assert of(rank(contact("1", "app"), to=to), "push").address == "d1"
    assert rank(contact("1", "app", record_id="2"), to=to).ranks == ()


def test_a_platform_that_is_not_known_by_name() -> None:
    ranking = rank(contact("1", "twitter"), to=addresses(handle("twitter", "@jan")))
    assert [(each.channel, each.address) for each in ranking.ranks] == [("x", "jan")]


def test_inbound_every_channel_that_a_customer_can_start_is_ranked() -> None:
    ranking = rank(to=Addresses(), direction=IN)
    assert {each.channel for each in ranking.ranks} == set(CHANNELS) - {"push"}
    assert ranking.exclusions == ()


def test_addresses_that_are_nobodys_or_everybodys_reach_nobody() -> None:
    (known,) = known_identifiers([sighting("1", phone(NUMBER))])
    generic = frozenset({generic_key(identifier_block(known.identifier))})
    for to, channel in (
        (addresses(phone(NUMBER), silent=generic), "phone"),
        (addresses(email("info@bakker.nl")), "email"),
        (addresses(email("test@test.com")), "email"),
        (addresses(phone("12")), "phone"),
    ):
        ranking = rank(contact("1", channel), to=to)
        assert ranking.ranks == ()
        assert Exclusion(channel, "", ExclusionReason.ADDRESS_UNUSABLE) in ranking.exclusions


def test_the_surest_address_is_used_and_an_unusable_one_beside_it_is_named() -> None:
    to = addresses(
        email("jan@klant.nl", STATED), email("jan@werk.nl", VERIFIED), email("info@bakker.nl", VERIFIED)
    )
    ranking = rank(to=to)
    assert of(ranking, "email").address == "jan@werk.nl"
    assert Exclusion("email", "info@bakker.nl", ExclusionReason.ADDRESS_UNUSABLE) in ranking.exclusions


def test_a_shared_address_credits_nobody() -> None:
    (known,) = known_identifiers([sighting("1", phone(NUMBER))])
    to = addresses(
        phone(NUMBER), email(MAILBOX), silent=frozenset({generic_key(identifier_block(known.identifier))})
    )
    bare = rank(to=to, direction=IN)
    for calls in (
        contact("1", "phone", address=NUMBER),
        contact("1", "call_centre", address="0031 6 41 72 93 05"),
        contact("1", "phone"),
    ):
        assert rank(calls, to=to, direction=IN) == bare
    for own in (contact("1", "phone", address="+31641729311"), contact("1", "email"), contact("1", "store")):
        assert rank(own, to=to, direction=IN) != bare


def test_little_evidence_is_shrunk_to_the_population() -> None:
    one = rank(contact("1", "instagram", days_ago=0))
    many = rank(*(contact(str(n), "instagram", days_ago=0) for n in range(30)))
    assert of(rank(), "instagram").probability < of(one, "instagram").probability < 0.5
    assert of(many, "instagram").probability > 0.9
    assert kinds(of(one, "instagram")) == {ReasonKind.STARTED: 1, ReasonKind.POPULATION: 0}
    weights = [r.weight for each in one.ranks for r in each.reasons if r.kind is ReasonKind.POPULATION]
    assert fsum(weights) == pytest.approx(PRIOR)


def test_evidence_halves_in_ninety_days() -> None:
    fresh, old = (of(rank(contact("1", "email", days_ago=days)), "email") for days in (0, 90))
    assert [reason.weight for reason in fresh.reasons if reason.kind is ReasonKind.STARTED] == [1.0]
    assert [reason.weight for reason in old.reasons if reason.kind is ReasonKind.STARTED] == [0.5]
    assert [reason.last for reason in old.reasons if reason.kind is ReasonKind.STARTED] == [NOW - 90 * DAY]


def test_an_open_counts_little_and_a_reply_much() -> None:
    sent = contact("1", "email", OUT)

    def weight(found: Touchpoint) -> float:
        return of(rank(found), "email").probability

    started = weight(contact("1", "email", IN))
    assert (
        weight(sent)
        < weight(replace(sent, outcome="opened"))
        < started
        < weight(replace(sent, outcome="replied"))
    )
    assert weight(replace(sent, outcome="opened", automated=True)) == weight(sent)


def test_what_answers_the_company_on_the_same_channel_is_an_answer() -> None:
    asked = contact("1", "whatsapp", OUT, 3, conversation="c")
    answer = contact("2", "whatsapp", IN, 2, conversation="c")
    assert kinds(of(rank(asked, answer), "whatsapp"))[ReasonKind.ANSWERED] == 1
    before = contact("2", "whatsapp", IN, 4, conversation="c")
    elsewhere = contact("2", "phone", IN, 2, conversation="c")
    assert ReasonKind.STARTED in kinds(of(rank(asked, before), "whatsapp"))
    assert ReasonKind.STARTED in kinds(of(rank(asked, elsewhere), "phone"))
    assert of(rank(asked, answer), "whatsapp").probability > of(rank(answer), "whatsapp").probability


def test_a_conversation_is_one_contact() -> None:
    chat = [contact(str(n), "whatsapp", days_ago=1, conversation="c") for n in range(30)]
    assert of(rank(*chat), "whatsapp").evidence_count == 1
    assert of(rank(*(replace(line, conversation="") for line in chat)), "whatsapp").evidence_count == 30


def test_where_nobody_says_who_started_what_only_customers_do_is_theirs() -> None:
    unsaid = Direction.UNSPECIFIED
    for theirs in (
        contact("1", "store", unsaid),
        contact("1", "web", unsaid),
        contact("1", "app", unsaid, kind="purchase"),
    ):
        assert rank(theirs, direction=IN) != rank(direction=IN)
    assert rank(contact("1", "email", unsaid, kind="message"), direction=IN) == rank(direction=IN)


def test_an_address_that_only_the_company_used_is_still_an_address() -> None:
    held = known_identifiers([sighting("7", email(MAILBOX))])
    assert held[0].records == (key("7"),)
    assert [each.channel for each in rank(to=Addresses(held)).ranks] == ["email"]
