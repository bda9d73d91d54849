from __future__ import annotations

import pytest

from graph.model import (
    ChangeSet,
    CustomerId,
    Evidence,
    Identifier,
    IdentifierKind,
    Record,
    StatedIdentifier,
    Statement,
    TouchpointKey,
)
from graph.store import Store
from resolver.intake import Refusal
from resolver.normalise.evidence import Settings
from resolver.reading.locate import (
    Located,
    Status,
    identifier_of,
    locate,
    locate_customer,
    locate_record,
    locate_touchpoint,
)
from tests.profile.samples import contact, device, email, key, phone, record
from tests.reading.samples import fill, put

ORDER = Identifier(IdentifierKind.REFERENCE, "order", "1001")


def by_identifier(store: Store, stated: StatedIdentifier, region: str = "") -> Located:
    with store.snapshot() as snapshot:
        return locate(snapshot, identifier_of(stated, region))


def test_any_form_of_an_identifier_leads_to_the_customer(store: Store) -> None:
    fill(store, [record("1", phone("+31641729305")), record("2", phone("06 41729305"), region="NL")])
    found = Located(Status.FOUND, "c1", touched=1)
    assert by_identifier(store, phone("0031 6-41729305")) == found
    assert by_identifier(store, phone("0641729305"), "NL") == found
    assert by_identifier(store, phone("+31641729306")) == Located(Status.NONE)


def test_what_customers_share_leads_to_several(store: Store) -> None:
    fill(
        store,
        [
            record("1", phone("+31641729305")),
            record("2", phone("+31641729305"), given_name="Els", customer="c2"),
            record("3", phone("+31641729305"), given_name="Elsa", customer="c2"),
        ],
    )
    located = by_identifier(store, phone("+31641729305"))
    assert located.status is Status.SEVERAL
    assert {holder.customer: holder.record_count for holder in located.holders} == {"c1": 1, "c2": 2}


def test_one_customer_of_a_thousand_records_is_found(store: Store) -> None:
    fill(store, [record(str(n), phone("+31641729305")) for n in range(1000)])
    assert by_identifier(store, phone("+31641729305")) == Located(Status.FOUND, "c1", touched=1)


def test_a_customer_stands_before_visitors(store: Store) -> None:
    visitors = [record("1", device("d1"), customer=None), record("2", device("d1"), customer=None, version=2)]
    fill(store, [*visitors, record("3", device("d1"), email("jan@klant.nl"))])
    assert by_identifier(store, device("d1")) == Located(Status.FOUND, "c1", touched=1)


def test_visitors(store: Store) -> None:
    fill(
        store,
        [record(id_, device(name), customer=None) for id_, name in (("1", "d1"), ("2", "d2"), ("3", "d2"))],
    )
    assert by_identifier(store, device("d1")) == Located(Status.VISITOR, visitor=key("1"))
    several = by_identifier(store, device("d2"))
    assert several.status is Status.SEVERAL
    assert [each.visitor for each in several.holders] == [key("2"), key("3")]
    with store.snapshot() as snapshot:
        assert locate_record(snapshot, key("1")) == Located(Status.VISITOR, visitor=key("1"))


def test_a_reference_leads_there_through_touchpoints(store: Store) -> None:
    fill(store, [record("1", email("jan@klant.nl"))], [contact("t", "email", references=(ORDER,))])
    stated = StatedIdentifier(IdentifierKind.REFERENCE, "1001", "order")
    assert by_identifier(store, stated) == Located(Status.FOUND, "c1", touched=1)


def test_ids_live_retired_empty_erased_and_unknown(store: Store) -> None:
    ids = (
        CustomerId("retired", 7, key("1")),
        CustomerId("empty", 8, None),
        CustomerId("erased", 9, None, erased=True),
        CustomerId("visiting", 10, key("2")),
    )
    fill(store, [record("1", email("jan@klant.nl")), record("2", device("d1"), customer=None)], ids=ids)
    with store.snapshot() as snapshot:
        assert locate_customer(snapshot, "c1") == Located(Status.FOUND, "c1")
        assert locate_customer(snapshot, "retired") == Located(Status.FOUND, "c1", redirected_from="retired")
        assert locate_customer(snapshot, "empty") == Located(Status.EMPTY)
        assert locate_customer(snapshot, "visiting") == Located(Status.EMPTY)
        assert locate_customer(snapshot, "erased") == Located(Status.ERASED)
        assert locate_customer(snapshot, "never handed out") == Located(Status.NONE)


def test_records_and_touchpoints(store: Store) -> None:
    fill(
        store,
        [record("1", email("jan@klant.nl")), record("2", device("d1"), customer=None)],
        [
            contact("t1", "email"),
            contact("t2", "web", record_id="2"),
            contact("t3", "shop", record_id="never stated"),
        ],
    )
    deleted = Record(key("3"), Statement(9, True, "d"), Evidence(), None, None, 1)
    put(store, ChangeSet(records=(deleted,)))
    with store.snapshot() as snapshot:
        assert locate_record(snapshot, key("1")) == Located(Status.FOUND, "c1")
        assert locate_record(snapshot, key("3")) == Located(Status.NONE)
        assert locate_record(snapshot, key("4")) == Located(Status.NONE)
        assert locate_touchpoint(snapshot, TouchpointKey("desk", "t1")) == Located(Status.FOUND, "c1")
        assert locate_touchpoint(snapshot, TouchpointKey("desk", "t2")) == Located(
            Status.VISITOR, visitor=key("2")
        )
        assert locate_touchpoint(snapshot, TouchpointKey("desk", "t3")) == Located(Status.NONE)
        assert locate_touchpoint(snapshot, TouchpointKey("desk", "t9")) == Located(Status.NONE)


@pytest.mark.parametrize("raw", ["", "  ", "\x00"])
def test_nothing_to_look_for_is_refused(raw: str) -> None:
    with pytest.raises(Refusal) as refusal:
        identifier_of(phone(raw))
    assert (refusal.value.reason, refusal.value.field) == ("field_invalid", "identifier.value")


def test_government_ids_are_looked_for_only_where_they_are_taken() -> None:
    stated = StatedIdentifier(IdentifierKind.GOVERNMENT, "123456782", "bsn")
    with pytest.raises(Refusal) as refusal:
        identifier_of(stated)
    assert refusal.value.reason == "government_id_not_accepted"
    assert identifier_of(stated, settings=Settings(government_secret=b"s")).kind is IdentifierKind.GOVERNMENT
