"""Values that more than one person states: a verified mailbox, a number that was passed on."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import count

import pytest

from graph.model import Assurance, Evidence, IdentifierKind, Record, RecordKey, StatedIdentifier
from graph.store import Store
from resolver.intake import Arrival, Receipt
from resolver.match.model import default_model
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from resolver.profile.identifiers import KnownIdentifier
from resolver.reading.customer import profile
from resolver.resolve.settings import Policy
from tests.conformance.oracle import OracleStore

MAILBOX = "windmolen@ziggo.nl"
NUMBER = "0612349876"
FAMILIES = ("Bakker", "Smit", "Visser", "Mulder", "Dekker", "Kok", "Peters", "Vos", "Prins", "Blom")


@pytest.fixture
def store() -> Store:
    return OracleStore()


def pipeline(store: Store, policy: Policy | None = None) -> Pipeline:
    names = count(1)
    return Pipeline(
        store,
        model=default_model(10_000),
        policy=policy or Policy(),
        settings=Settings(region="NL"),
        clock=lambda: 7,
        mint=lambda: f"n{next(names):05}",
    )


def says(
    name: str, given: str = "", family: str = "", *, phone: str = "", email: str = "", verified: bool = False
) -> Arrival:
    assurance = Assurance.VERIFIED if verified else Assurance.STATED
    identifiers = [StatedIdentifier(IdentifierKind.PHONE, phone)] if phone else []
    if email:
        identifiers.append(StatedIdentifier(IdentifierKind.EMAIL, email, assurance=assurance))
    evidence = Evidence(tuple(identifiers), given, family_name=family, region="NL")
    return Arrival("till", RecordKey("till", name), evidence, 1)


def stored(store: Store) -> dict[str, Record]:
    with store.snapshot() as snapshot:
        return {record.key.record_id: record for record in snapshot.all_records(None, 1000)}


def together(store: Store) -> set[frozenset[str]]:
    """The records of each customer, by name."""
    groups: dict[str, set[str]] = {}
    for name, record in stored(store).items():
        if record.customer is not None:
            groups.setdefault(record.customer, set()).add(name)
    return set(map(frozenset, groups.values()))


def mailboxes(store: Store, name: str) -> Sequence[KnownIdentifier]:
    """The mailboxes of the customer whose record this is."""
    with store.snapshot() as snapshot:
        customer = stored(store)[name].customer
        assert customer is not None
        shown = profile(snapshot, snapshot.members([customer])[customer], at=7)
        return [each for each in shown.identifiers if each.identifier.kind == IdentifierKind.EMAIL]


HOLDER = [
    says("v1", "Jan", "de Vries", email=MAILBOX, verified=True),
    says("v2", "Jan", "de Vries", email=MAILBOX, verified=True, phone="0201111222"),
    says("v3", "J.", "de Vries", email=MAILBOX, verified=True, phone="0612000000"),
]
STRANGERS = [
    says(
        f"s{n:02}",
        # Every third leaves no name; nobody states a number that another states.
        "" if n % 3 == 0 else ("Sanne", "Piet", "Anna", "Kees", "Fatima")[n // 10],
        "" if n % 3 == 0 else FAMILIES[n % 10],
        email=MAILBOX,
        phone=f"06{31_415_927 + n * 7919:08}",
    )
    for n in range(50)
]


@pytest.mark.parametrize("order", ["holder first", "holder last", 1, 2, 3])
@pytest.mark.parametrize("batch", [1, 60])
def test_a_verified_mailbox_stays_its_holders_however_many_state_it(
    store: Store, order: str | int, batch: int
) -> None:
    arrivals = [*STRANGERS, *HOLDER] if order == "holder last" else [*HOLDER, *STRANGERS]
    if isinstance(order, int):
        random.Random(order).shuffle(arrivals)
    writer = pipeline(store)
    for at in range(0, len(arrivals), batch):
        assert all(isinstance(answer, Receipt) for answer in writer.record(arrivals[at : at + batch]))
    while writer.settle():
        pass
    found = together(store)
    assert frozenset({"v1", "v2", "v3"}) in found
    assert len(found) == 1 + len(STRANGERS)
    (own,) = mailboxes(store, "v1")
    assert (own.assurance, own.voiced, own.reaches) == (Assurance.VERIFIED, True, MAILBOX)
    (borrowed,) = mailboxes(store, "s01")
    assert (borrowed.voiced, borrowed.reaches) == (False, "")


@pytest.mark.parametrize("order", range(3))
def test_a_number_that_was_passed_on_joins_nobody_with_its_former_owner(store: Store, order: int) -> None:
    former = [
        says("f1", "Jan", "de Vries", phone=NUMBER, email="jan.devries@ziggo.nl"),
        says("f2", "Jan", "de Vries", phone=NUMBER, email="jan.devries@ziggo.nl"),
    ]
    latter = [
        says("l1", "Sanne", "Bakker", phone=NUMBER, email="sanneb@kpnmail.nl"),
        says("l2", "S.", "Bakker", phone=NUMBER, email="sanneb@kpnmail.nl"),
    ]
    arrivals = [*former, *latter]
    random.Random(order).shuffle(arrivals)
    writer = pipeline(store)
    for arrival in arrivals:
        writer.record([arrival])
    assert together(store) == {frozenset({"f1", "f2"}), frozenset({"l1", "l2"})}


@pytest.mark.parametrize("order", range(3))
def test_a_bare_number_that_was_passed_on_stands_with_neither_and_is_shown_to_a_steward(
    store: Store, order: int
) -> None:
    """It fits its former owner and the present one about equally, who are known to differ."""
    arrivals = [
        says("bare", phone=NUMBER),
        says("f1", "Jan", "de Vries", phone=NUMBER, email="jan.devries@ziggo.nl"),
        says("l1", "Sanne", "Bakker", phone=NUMBER, email="sanneb@kpnmail.nl"),
    ]
    random.Random(order).shuffle(arrivals)
    writer = pipeline(store)
    for arrival in arrivals:
        writer.record([arrival])
    assert together(store) == {frozenset({"bare"}), frozenset({"f1"}), frozenset({"l1"})}
    with store.snapshot() as snapshot:
        told = [one for _, one in snapshot.suggestions(None, 10)]
    assert {(one.left.record_id, one.right.record_id) for one in told} == {("bare", "f1"), ("bare", "l1")}
    assert {one.reason for one in told} <= {"ambiguous", "possible"}
