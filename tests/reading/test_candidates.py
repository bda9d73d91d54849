from __future__ import annotations

import pytest

from graph.model import Identifier, IdentifierKind, Record
from graph.store import Store
from resolver.reading import candidates as module
from resolver.reading.candidates import Candidate, candidates
from resolver.reading.locate import identifier_of, locate
from tests.profile.samples import DAY, NOW, OBSERVED, STATED, VERIFIED, contact, email, key, phone, record
from tests.reading.samples import fill

NUMBER = phone("+31641729305")


def sharing(id_: str, customer: str) -> Record:
    return record(id_, NUMBER, email(f"{id_}@klant.nl"), customer=customer)


def found(store: Store) -> tuple[Candidate, ...]:
    with store.snapshot() as snapshot:
        identifier = identifier_of(NUMBER)
        return candidates(snapshot, identifier, locate(snapshot, identifier).holders)


def test_assurance_then_records_then_latest_then_id(store: Store) -> None:
    fill(
        store,
        [
            record("1", phone("+31641729305", OBSERVED), customer="c1"),
            record("2", phone("+31641729305", VERIFIED), customer="c9", given_name="Els", family_name="Smit"),
            sharing("3", "c2"),
            sharing("4", "c2"),
            sharing("5", "c3"),
            sharing("6", "c4"),
            record("6 more", email("6@klant.nl"), customer="c4"),
            sharing("7", "c5"),
            record("0", NUMBER, customer=None),
        ],
        [
            contact("a", "phone", days_ago=9, record_id="5"),
            contact("b", "email", days_ago=1, record_id="6 more"),
        ],
    )
    ranked = found(store)
    assert [each.customer for each in ranked] == ["c9", "c2", "c4", "c3", "c5", "c1", ""]
    assert [each.assurance for each in ranked[:2]] == [VERIFIED, STATED]
    assert [each.record_count for each in ranked] == [1, 2, 1, 1, 1, 1, 1]
    assert [each.last for each in ranked[2:5]] == [NOW - DAY, NOW - 9 * DAY, None]
    assert ranked[0].golden.display_name == "Els Smit"
    assert ranked[1].record == key("3")


def test_no_more_than_can_be_looked_at(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CANDIDATES", 3)
    fill(store, [sharing(f"{n}", f"c{n}") for n in range(9)])
    assert [each.customer for each in found(store)] == ["c0", "c1", "c2"]


def test_a_reference_leads_to_candidates_whose_records_do_not_state_it(store: Store) -> None:
    order = Identifier(IdentifierKind.REFERENCE, "order", "1001")
    carrying = [contact(id_, "email", record_id=id_, references=(order,)) for id_ in ("2", "3")]
    fill(store, [sharing("1", "c1"), sharing("2", "c1"), sharing("3", "c2")], carrying)
    with store.snapshot() as snapshot:
        ranked = candidates(snapshot, order, locate(snapshot, order).holders)
    assert [(each.customer, each.record, each.record_count, each.assurance) for each in ranked] == [
        ("c1", key("1"), 1, OBSERVED),
        ("c2", key("3"), 1, OBSERVED),
    ]
