from __future__ import annotations

from dataclasses import replace

import pytest

from graph.keys import identifier_block
from graph.model import ChangeSet, Direction, Record, Tally
from graph.store import Store
from resolver.match.columns import generic_key
from resolver.profile.channels import ExclusionReason
from resolver.reading import customer as module
from resolver.reading.customer import ChannelSeen, Profile, etag, profile, ranking, records_of
from resolver.reading.locate import identifier_of, locate, locate_customer, locate_record
from tests.profile.samples import DAY, NOW, VERIFIED, contact, device, email, key, phone, record
from tests.reading.samples import fill, put

IN, OUT = Direction.INBOUND, Direction.OUTBOUND
RECORDS = [
    record("1", phone("+31641729305", VERIFIED), given_name="J.", family_name="de Vries"),
    record("2", email("jan@klant.nl"), phone("+31641729305"), given_name="Jan", family_name="de Vries"),
    record("3", email("els@klant.nl"), given_name="Els", customer="c2"),
]
TOUCHPOINTS = [
    contact("t1", "call_centre", IN, 30),
    contact("t2", "email", OUT, 20, "2"),
    contact("t3", "phone", IN, 10),
    contact("t4", "whatsapp", IN, 5, "2"),
    contact("t5", "email", IN, 1, "3"),
]


def read(store: Store, id_: str = "c1", at: int = NOW) -> Profile:
    with store.snapshot() as snapshot:
        return profile(snapshot, records_of(snapshot, locate_customer(snapshot, id_)), at=at)


def test_one_customer_over_all_records_and_channels(store: Store) -> None:
    fill(store, RECORDS, TOUCHPOINTS)
    read_ = read(store)
    assert (read_.id, read_.record_count) == ("c1", 2)
    assert read_.golden.display_name == "J. de Vries"  # of the verified record
    assert [(each.identifier.value, len(each.records)) for each in read_.identifiers] == [
        ("jan@klant.nl", 1),
        ("+31641729305", 2),
    ]
    assert read_.channels == (
        ChannelSeen("whatsapp", 1, 1, 0, NOW - 5 * DAY, NOW - 5 * DAY),
        ChannelSeen("phone", 2, 2, 0, NOW - 30 * DAY, NOW - 10 * DAY),
        ChannelSeen("email", 1, 0, 1, NOW - 20 * DAY, NOW - 20 * DAY),
    )
    assert [each.key.touchpoint_id for each in read_.touchpoints] == ["t4", "t3", "t2", "t1"]
    assert (read_.touchpoint_count, read_.first_touchpoint) == (4, NOW - 30 * DAY)
    assert read_.preferred.rank is not None
    assert (read_.preferred.rank.channel, read_.preferred.rank.address) == ("phone", "+31641729305")
    assert (read_.preferred.purpose, read_.preferred.at) == ("service", NOW)


def test_a_visitor_has_a_profile_of_its_one_record(store: Store) -> None:
    fill(store, [record("1", device("d1"), customer=None)], [contact("t", "web")])
    with store.snapshot() as snapshot:
        read_ = profile(snapshot, records_of(snapshot, locate_record(snapshot, key("1"))), at=NOW)
    assert (read_.id, read_.record_count, read_.touchpoint_count) == ("", 1, 1)
    assert read_.preferred.rank is None


def test_nothing_located_has_no_records(store: Store) -> None:
    with store.snapshot() as snapshot:
        assert records_of(snapshot, locate_customer(snapshot, "nobody")) == ()


def test_a_value_that_turned_generic_is_told(store: Store) -> None:
    block = identifier_block(identifier_of(email("els@klant.nl")))
    fill(store, RECORDS, TOUCHPOINTS, silenced=[generic_key(block)])
    assert [each.generic for each in read(store, "c2").identifiers] == [True]
    assert read(store, "c2").preferred.rank is None
    with store.snapshot() as snapshot:
        assert locate(snapshot, identifier_of(email("els@klant.nl"))).customer == "c2"


def test_a_long_timeline_is_counted_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(store, RECORDS, TOUCHPOINTS)
    short = read(store)
    monkeypatch.setattr(module, "MOST_TOUCHPOINTS", 1)
    long = read(store)
    assert (long.touchpoint_count, long.first_touchpoint) == (4, NOW - 30 * DAY)
    assert long.channels == short.channels
    assert [each.key.touchpoint_id for each in long.touchpoints] == ["t4"]


def test_the_ranking_of_a_moment_rests_on_what_had_happened(store: Store) -> None:
    fill(store, RECORDS, TOUCHPOINTS)
    with store.snapshot() as snapshot:
        held = records_of(snapshot, locate_customer(snapshot, "c1"))
        then = ranking(snapshot, held, purpose="service", at=NOW - 10 * DAY)
        now = ranking(snapshot, held, purpose="service", at=NOW)
        marketing = ranking(snapshot, held, purpose="marketing", at=NOW)
    count = {each.channel: each.evidence_count for each in then.ranks}
    assert count["phone"] == 2 and count["whatsapp"] == 0
    assert {each.channel: each.evidence_count for each in now.ranks}["whatsapp"] == 1
    assert marketing.ranks == () and {e.reason for e in marketing.exclusions} == {
        ExclusionReason.CONSENT_UNKNOWN
    }


def test_later_touchpoints_do_not_crowd_out_those_of_the_moment(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_TOUCHPOINTS", 1)
    fill(store, RECORDS, TOUCHPOINTS)
    with store.snapshot() as snapshot:
        held = records_of(snapshot, locate_customer(snapshot, "c1"))
        then = ranking(snapshot, held, purpose="service", at=NOW - 10 * DAY)
    assert {each.channel for each in then.ranks if each.evidence_count} == {"phone"}


def test_the_etag_changes_with_every_record_and_with_nothing_else(store: Store) -> None:
    fill(store, RECORDS)
    first = read(store).etag
    put(store, ChangeSet(touchpoints=tuple(TOUCHPOINTS)))
    assert read(store).etag == first
    newer = replace(RECORDS[1], statement=RECORDS[1].statement._replace(version=2))
    put(store, ChangeSet(records=(newer,)))
    assert read(store).etag != first
    assert etag(RECORDS[:2]) == etag(RECORDS[1::-1]) == first
    assert etag(RECORDS[:1]) != first


def test_the_profile_does_not_depend_on_the_order_of_records(store: Store) -> None:
    fill(store, RECORDS, TOUCHPOINTS)
    held: list[Record] = RECORDS[:2]
    with store.snapshot() as snapshot:
        assert profile(snapshot, held, at=NOW) == profile(snapshot, held[::-1], at=NOW) == read(store)


def test_each_channel_is_seen_under_one_name() -> None:
    assert module.channels_seen(
        [
            Tally("POS", IN, 2, 3, 9),
            Tally("call centre", OUT, 1, 4, 4),
            Tally("shop", Direction.UNSPECIFIED, 1, 1, 1),
            Tally("store", OUT, 5, 2, 8),
        ]
    ) == (ChannelSeen("shop", 8, 2, 5, 1, 9), ChannelSeen("phone", 1, 0, 1, 4, 4))
