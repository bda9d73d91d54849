"""Relations as records come, change and go: on every store the same, whatever came first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count, permutations
from pathlib import Path

import pytest

from graph.model import Evidence, IdentifierKind, RecordKey, Relation, RelationKind, StatedIdentifier
from graph.store import Store
from resolver.intake import Arrival
from resolver.match.model import default_model
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from resolver.reading.relations import relatives
from resolver.resolve.settings import Policy
from tests.conformance.factories import FACTORIES, StoreFactory

HOME, WORK = "0612349876", "0612347765"


@pytest.fixture(params=sorted(FACTORIES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    new: Callable[[Path], StoreFactory] = FACTORIES[request.param]
    opened = new(tmp_path).open()
    yield opened
    opened.close()


def pipeline(store: Store, policy: Policy | None = None) -> Pipeline:
    names = count(1)
    return Pipeline(
        store,
        model=default_model(1000),
        policy=policy or Policy(),
        settings=Settings(region="NL"),
        clock=lambda: 7,
        mint=lambda: f"n{next(names):05}",
    )


def said(record: str, given: str, *phones: str, version: int = 1) -> Arrival:
    identifiers = tuple(StatedIdentifier(IdentifierKind.PHONE, phone) for phone in phones)
    evidence = Evidence(identifiers, given, family_name="Bakker")
    return Arrival("crm", RecordKey("crm", record), evidence, version)


def gone(record: str, version: int = 2) -> Arrival:
    return Arrival("crm", RecordKey("crm", record), None, version, deleted=True)


def stored(store: Store) -> list[Relation]:
    with store.snapshot() as snapshot:
        nodes = {record.node for record in snapshot.all_records(None, 99) if record.node is not None}
        return list(snapshot.relations(nodes))


def related(store: Store) -> set[frozenset[str]]:
    """The pairs of customers that are answered, each customer as the name of its first record."""
    with store.snapshot() as snapshot:
        customers = {record.customer for record in snapshot.all_records(None, 99)} - {None}
        members = snapshot.members({name for name in customers if name is not None})
        name = {customer: records[0].key.record_id for customer, records in members.items()}
        pairs = [
            frozenset((name[customer], name[each.customer]))
            for customer, records in members.items()
            for each in relatives(snapshot, customer, records)
        ]
    assert all(pairs.count(pair) == 2 for pair in pairs), "each answers the other"
    return set(pairs)


PARTNERS = said("jan", "Jan", HOME), said("sanne", "Sanne", HOME)


def test_partners_stay_two_customers_and_are_related(store: Store) -> None:
    one, other = pipeline(store).record(PARTNERS)
    assert one.customer != other.customer  # type: ignore[union-attr]
    assert related(store) == {frozenset({"jan", "sanne"})}
    (relation,) = stored(store)
    assert relation.kind == RelationKind.SAME_HOUSEHOLD


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("at_once", [False, True])
def test_in_any_order_and_in_any_batches_the_same_relations(
    store: Store, order: Sequence[int], at_once: bool
) -> None:
    three = (*PARTNERS, said("kees", "Kees", HOME))
    batches = [[three[n] for n in order]] if at_once else [[three[n]] for n in order]
    writer = pipeline(store)
    for batch in batches:
        writer.record(batch)
    names = ("jan", "sanne"), ("jan", "kees"), ("sanne", "kees")
    assert related(store) == {frozenset(pair) for pair in names}


def test_a_record_that_goes_takes_its_relations_with_it(store: Store) -> None:
    writer = pipeline(store)
    writer.record(PARTNERS)
    writer.record([gone("sanne")])
    assert stored(store) == []
    writer.record([said("sanne", "Sanne", HOME, version=3)])
    assert related(store) == {frozenset({"jan", "sanne"})}


def test_a_record_that_says_another_thing_is_related_by_that(store: Store) -> None:
    """In one commit the old evidence, which is still found under the number, goes and the new comes."""
    writer = pipeline(store)
    writer.record(PARTNERS)
    writer.record([said("sanne", "Saskia", HOME, version=2)])
    assert related(store) == {frozenset({"jan", "sanne"})}
    assert len(stored(store)) == 1
    writer.record([said("sanne", "Saskia", WORK, version=3)])
    assert stored(store) == []


@pytest.mark.parametrize("at_once", [1000, 2])
def test_what_falls_silent_relates_nobody_until_it_speaks_again(store: Store, at_once: int) -> None:
    writer = pipeline(store, Policy(generic_line=4, reopen_at_once=at_once))
    writer.record([*PARTNERS, said("kees", "Kees", HOME)])
    before = stored(store)
    writer.record([said("lotte", "Lotte", HOME)])
    while writer.settle(1):
        pass
    assert stored(store) == []
    writer.record([gone("lotte")])
    while writer.settle(1):
        pass
    assert stored(store) == before
    assert len(related(store)) == 3


def test_relations_follow_a_merge_and_a_split(store: Store) -> None:
    writer = pipeline(store)
    writer.record([*PARTNERS, said("work", "Pim", WORK)])
    jan, sanne, work = (frozenset({RecordKey("crm", name)}) for name in ("jan", "sanne", "work"))
    merged = writer.merge([jan, work], author="s", reason="r")
    assert related(store) == {frozenset({"jan", "sanne"})}
    writer.merge([sanne, work], author="s", reason="r")
    assert related(store) == set()
    assert len(stored(store)) == 1
    writer.revert(judgement=merged.judgement.id, author="s", reason="r")
    assert related(store) == {frozenset({"jan", "sanne"})}


def test_a_visitor_has_no_relations(store: Store) -> None:
    pipeline(store).record(PARTNERS)
    with store.snapshot() as snapshot:
        records = snapshot.all_records(None, 9)
        assert relatives(snapshot, "", records) == ()
        assert relatives(snapshot, records[0].customer or "", ()) == ()
