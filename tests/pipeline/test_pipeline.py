"""The pipeline's acts, on every store: what one record, one judgement, one undoing comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from graph.model import (
    Assurance,
    Cause,
    Evidence,
    IdentifierKind,
    PartyType,
    RecordKey,
    StatedIdentifier,
    Touchpoint,
    TouchpointKey,
)
from graph.store import Store
from resolver.intake import Arrival, Outcome, Receipt, Refusal, Standing
from resolver.match.model import default_model
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from resolver.pipeline import pipeline as module
from resolver.resolve.settings import Policy
from tests.conformance.factories import FACTORIES, StoreFactory

SETTINGS = Settings(region="NL")
JAN = "0612349876"
PIET = "0208765432"


@pytest.fixture(params=sorted(FACTORIES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    new: Callable[[Path], StoreFactory] = FACTORIES[request.param]
    opened = new(tmp_path).open()
    yield opened
    opened.close()


@pytest.fixture
def writer(store: Store) -> Pipeline:
    return pipeline(store)


def pipeline(store: Store, policy: Policy | None = None) -> Pipeline:
    names = count(1)
    return Pipeline(
        store,
        model=default_model(1000),
        policy=policy or Policy(generic_line=3),
        settings=SETTINGS,
        clock=lambda: 7,
        mint=lambda: f"n{next(names):05}",
    )


def key(name: str) -> RecordKey:
    return RecordKey("till", name)


def keys(*names: str) -> frozenset[RecordKey]:
    return frozenset(map(key, names))


def says(
    name: str, phone: str = JAN, given: str = "Jan", family: str = "de Vries", version: int = 1
) -> Arrival:
    identifiers = (StatedIdentifier(IdentifierKind.PHONE, phone),) if phone else ()
    return Arrival("till", key(name), Evidence(identifiers, given, family_name=family, region="NL"), version)


def gone(name: str, version: int = 2) -> Arrival:
    return Arrival("till", key(name), None, version, deleted=True)


def record(writer: Pipeline, *arrivals: Arrival) -> list[Receipt]:
    answers = writer.record(arrivals)
    assert all(isinstance(answer, Receipt) for answer in answers)
    return [answer for answer in answers if isinstance(answer, Receipt)]


def customer(store: Store, name: str) -> str | None:
    with store.snapshot() as snapshot:
        return snapshot.records([key(name)])[key(name)].customer


def test_two_records_of_one_person_are_one_customer_that_bears_the_first_id(
    store: Store, writer: Pipeline
) -> None:
    (first,) = record(writer, says("a"))
    (second,) = record(writer, says("b", family="Vries"))
    assert first.customer == second.customer != ""
    assert (second.revision, second.settled_revision) == (2, 2)


def test_a_known_record_takes_the_short_way(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = pipeline(store)
    (first,) = record(writer, says("a"))

    def planned(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(module, "plan", planned)
    monkeypatch.setattr(module, "Reach", planned)
    touchpoint = Touchpoint(TouchpointKey("till", "t"), key(""), "", 5, 6, "shop")
    evidence = says("a").evidence
    (again,) = record(writer, Arrival("till", key("a"), evidence, 9, touchpoint=touchpoint))
    assert (again.outcome, again.standing) == (Outcome.CREATED, Standing.UNCHANGED)
    assert (again.customer, again.revision) == (first.customer, 2)
    with store.snapshot() as snapshot:
        assert snapshot.records([key("a")])[key("a")].statement.version == 9
        assert snapshot.change(2) is None


def test_a_touchpoint_may_point_to_a_record_that_is_yet_to_be_seen(store: Store, writer: Pipeline) -> None:
    touchpoint = Touchpoint(TouchpointKey("till", "t"), key(""), "", 5, 6, "shop")
    (pointing,) = record(writer, Arrival("till", key("a"), None, touchpoint=touchpoint))
    assert (pointing.customer, pointing.standing) == ("", Standing.NONE)
    record(writer, says("z", PIET, "Piet"))
    (seen,) = record(writer, says("a"))
    assert seen.customer
    with store.snapshot() as snapshot:
        assert [one.record for one in snapshot.timeline([key("a")], None, 5)] == [key("a")]
        assert snapshot.records([key("a")])[key("a")].first_revision == seen.revision


def test_many_records_of_one_node_in_one_batch_are_one_customer_and_one_change(
    store: Store, writer: Pipeline
) -> None:
    receipts = record(writer, *(says(f"r{n:02}") for n in range(30)))
    assert len({receipt.customer for receipt in receipts}) == 1
    with store.snapshot() as snapshot:
        (change,) = snapshot.changes(0, 10)
        assert len(change.moves) == 30
        (identity,) = snapshot.customer_ids([receipts[0].customer]).values()
        assert identity.anchor == key("r00")


def test_records_of_a_common_name_alone_stay_alone_however_many(store: Store, writer: Pipeline) -> None:
    receipts = record(writer, *(says(f"r{n:03}", phone="") for n in range(150)))
    assert len({receipt.customer for receipt in receipts}) == 150


def test_the_last_record_of_a_generic_value_gives_it_its_voice_back(store: Store, writer: Pipeline) -> None:
    record(writer, says("a", family="Vries"), says("b"))
    one = customer(store, "a")
    assert one == customer(store, "b")
    record(writer, says("p", given="Piet"), says("q", given="Sanne"))
    assert customer(store, "a") != customer(store, "b")
    receipts = record(writer, gone("p"), gone("q"))
    assert [receipt.customer for receipt in receipts] == ["", ""]
    assert customer(store, "a") == customer(store, "b") == one
    with store.snapshot() as snapshot:
        assert snapshot.changes(0, 100)[-1].cause in {Cause.REOPENED, Cause.DELETION}


def test_a_queue_is_worked_on_later_and_told_by_the_settled_revision(store: Store) -> None:
    writer = pipeline(store, Policy(generic_line=3, reopen_at_once=2))
    record(writer, says("a", family="Vries"), says("b"), says("c", family="de Vriess"))
    (last, _) = record(writer, says("p", given="Piet"), says("q", given="Sanne"))
    assert last.settled_revision == 1 < last.revision
    (later,) = record(writer, says("z", "0301234567", "Kees", "Bakker"))
    assert later.settled_revision == 1
    assert customer(store, "a") == customer(store, "b")
    record(writer, gone("b"))
    while writer.settle(1):
        pass
    with store.snapshot() as snapshot:
        assert snapshot.settled_revision == snapshot.revision
        assert not snapshot.waiting(1)
    assert not writer.settle()


def test_a_new_version_takes_a_record_to_another_customer(store: Store, writer: Pipeline) -> None:
    record(writer, says("a"), says("b"), says("p", PIET, "Piet", "Bakker"))
    jan, piet = customer(store, "a"), customer(store, "p")
    (moved,) = record(writer, says("a", PIET, "Piet", "Bakker", version=2))
    assert moved.customer == piet == customer(store, "p")
    assert customer(store, "b") == jan
    with store.snapshot() as snapshot:
        assert len(snapshot.components([snapshot.records([key("a")])[key("a")].node or ""])) == 1


def test_an_id_comes_back_with_its_key(store: Store, writer: Pipeline) -> None:
    (first,) = record(writer, says("a"))
    record(writer, gone("a"))
    (again,) = record(writer, says("a", PIET, "Piet", version=3))
    assert again.customer == first.customer


def test_a_judgement_of_keys_not_yet_seen_waits_for_them(store: Store, writer: Pipeline) -> None:
    writer.merge([keys("a"), keys("p")], author="s", reason="r")
    writer.split([keys("a"), keys("b")], author="s", reason="r")
    record(writer, says("a"))
    record(writer, says("b"))
    record(writer, says("p", PIET, "Piet"))
    assert customer(store, "a") == customer(store, "p") != customer(store, "b")


def test_a_judgement_holds_for_a_key_that_was_deleted_and_returns(store: Store, writer: Pipeline) -> None:
    record(writer, says("a"), says("b"))
    writer.split([keys("a"), keys("b")], author="s", reason="r")
    record(writer, gone("b"))
    record(writer, says("b", version=3))
    assert customer(store, "a") != customer(store, "b")


def test_a_judged_visitor_is_a_customer_until_the_judgement_is_taken_back(
    store: Store, writer: Pipeline
) -> None:
    cookie = Evidence((StatedIdentifier(IdentifierKind.DEVICE, "cookie", "web"),))
    (visitor,) = record(writer, Arrival("till", key("v"), cookie, 1))
    record(writer, says("a"))
    assert visitor.customer == ""
    verdict = writer.merge([keys("v"), keys("a")], author="s", reason="r")
    assert customer(store, "v") == customer(store, "a")
    writer.revert(judgement=verdict.judgement.id, author="s", reason="r")
    assert customer(store, "v") is None


def test_a_visitor_who_is_judged_meets_those_whom_a_visitor_does_not(store: Store, writer: Pipeline) -> None:
    """Born on one day in one street: no edge for a visitor, one for a customer."""

    def nameless(name: str, given: str) -> Arrival:
        evidence = Evidence(
            (StatedIdentifier(IdentifierKind.DEVICE, f"cookie-{name}", "web"),),
            given_name=given,
            birth_date="1960-05-03",
            street="Dorpsstraat",
            house_number="12",
            postcode="9999 AB",
            city="Stitswerd",
        )
        return Arrival("till", key(name), evidence, 1)

    record(writer, nameless("v", ""), nameless("w", ""), nameless("a", "Jan"))
    assert customer(store, "v") is customer(store, "w") is None
    writer.split([keys("v"), keys("w")], author="s", reason="r")
    other = pipeline(store)
    record(other, gone("z"))
    assert customer(store, "v") is not None
    with store.snapshot() as snapshot:
        node = snapshot.records([key("v")])[key("v")].node
        joined = {r.key for c in snapshot.components([node or ""]) for r in c.records}
    assert joined == keys("v", "w", "a")


def test_a_contradiction_is_refused_and_names_what_it_contradicts(writer: Pipeline) -> None:
    held = writer.merge([keys("a"), keys("b")], author="s", reason="r")
    with pytest.raises(Refusal, match=held.judgement.id) as refused:
        writer.split([keys("b"), keys("a", "c")], author="s", reason="r")
    assert refused.value.reason == "judgement_contradicts"


def test_the_same_judgement_again_is_the_one_in_force(store: Store, writer: Pipeline) -> None:
    first = writer.split([keys("a"), keys("b")], author="s", reason="r")
    again = writer.split([keys("b"), keys("a")], author="t", reason="q")
    assert (again.judgement.id, again.revision) == (first.judgement.id, first.revision)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([], "field_required"),
        ([frozenset()], "field_required"),
        ([keys("a"), frozenset()], "field_required"),
        ([keys("a", "b"), keys("b")], "field_invalid"),
    ],
)
def test_parts_that_cannot_be_kept_are_refused(
    writer: Pipeline, parts: list[frozenset[RecordKey]], reason: str
) -> None:
    with pytest.raises(Refusal) as refused:
        writer.split(parts, author="s", reason="r")
    assert (refused.value.reason, refused.value.field) == (reason, "parts")


def test_a_merge_of_nobody_is_refused(writer: Pipeline) -> None:
    with pytest.raises(Refusal) as refused:
        writer.merge([], author="s", reason="r")
    assert refused.value.reason == "field_required"


def test_a_person_and_an_organisation_are_never_judged_one(store: Store, writer: Pipeline) -> None:
    firm = Evidence(organisation="Bakker B.V.", party_type=PartyType.ORGANISATION)
    person = Evidence(given_name="Jan", family_name="Bakker", party_type=PartyType.PERSON)
    record(writer, Arrival("till", key("f"), firm, 1), Arrival("till", key("p"), person, 1))
    with pytest.raises(Refusal) as refused:
        writer.merge([keys("f"), keys("p")], author="s", reason="r")
    assert refused.value.reason == "party_types_differ"


def test_undoing_an_automatic_merge_restores_both_and_a_new_record_stands_alone(
    store: Store, writer: Pipeline
) -> None:
    record(writer, says("a"))
    (joined,) = record(writer, says("b"))
    undone = writer.revert(revision=joined.revision, author="s", reason="r")
    assert customer(store, "a") == joined.customer != customer(store, "b")
    assert undone.judgement.reverts == joined.revision
    again = writer.revert(revision=joined.revision, author="s", reason="r")
    assert (again.judgement.id, again.revision) == (undone.judgement.id, undone.revision)
    writer.revert(judgement=undone.judgement.id, author="s", reason="r")
    assert customer(store, "a") == customer(store, "b") == joined.customer
    with pytest.raises(Refusal, match="taken back"):
        writer.revert(judgement=undone.judgement.id, author="s", reason="r")


def test_taking_back_a_taking_back_judges_again(store: Store, writer: Pipeline) -> None:
    record(writer, says("a"), says("b"))
    split = writer.split([keys("a"), keys("b")], author="s", reason="r")
    back = writer.revert(revision=split.revision, author="s", reason="r")
    assert customer(store, "a") == customer(store, "b")
    writer.revert(revision=back.revision, author="s", reason="r")
    assert customer(store, "a") != customer(store, "b")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"revision": 9}, "change_not_found"),
        ({"judgement": "nobody"}, "judgement_not_found"),
        ({"revision": 1}, "nothing_to_revert"),
    ],
)
def test_what_is_not_there_cannot_be_undone(writer: Pipeline, asked: dict[str, object], reason: str) -> None:
    record(writer, says("a"))
    with pytest.raises(Refusal) as refused:
        writer.revert(author="s", reason="r", **asked)  # type: ignore[arg-type]
    assert refused.value.reason == reason


def test_a_rehearsal_writes_nothing_and_tells_what_would_be(store: Store, writer: Pipeline) -> None:
    record(writer, says("a"), says("p", PIET, "Piet"))
    rehearsed = writer.merge([keys("a"), keys("p")], author="s", reason="r", dry_run=True)
    with store.snapshot() as snapshot:
        assert snapshot.revision == rehearsed.revision
        assert not snapshot.all_judgements(0, 10)
    assert rehearsed.customers == [customer(store, "a")]
    assert writer.merge([keys("a"), keys("p")], author="s", reason="r").customers == rehearsed.customers


def test_what_moves_no_record_is_written_at_one_revision(store: Store) -> None:
    writer = pipeline(store, Policy(generic_line=4, reopen_at_once=2))
    for number, given in enumerate(("Jan", "Piet", "Sanne", "Kees")):
        record(writer, says(f"r{number}", given=given, family=f"Bakker{number}"))
    with store.snapshot() as snapshot:
        revision, waiting = snapshot.revision, snapshot.waiting(100)
    assert len(waiting) > 2
    assert writer.settle()
    with store.snapshot() as snapshot:
        assert snapshot.revision == revision + 1


def test_what_is_parted_from_one_customer_does_not_fall_to_another(store: Store, writer: Pipeline) -> None:
    """Two card holders; a third record fits the one better, and would fit the other as well."""

    def holds(name: str, card: str, *fields: str, birth: str = "") -> Arrival:
        kinds = {"@": IdentifierKind.EMAIL, "0": IdentifierKind.PHONE}
        identifiers = [StatedIdentifier(kinds["@" if "@" in value else "0"], value) for value in fields]
        if card:
            identifiers.append(StatedIdentifier(IdentifierKind.LOYALTY, card, "club"))
        evidence = Evidence(tuple(identifiers), "Jan", family_name="de Vries", birth_date=birth, region="NL")
        return Arrival("till", key(name), evidence, 1)

    record(writer, holds("x", "4711023856", JAN, birth="1960-05-03"))
    record(writer, holds("y", "9930127745", "windmolen@ziggo.nl"))
    (joined,) = record(writer, holds("n", "", JAN, "windmolen@ziggo.nl", birth="1960-05-03"))
    assert joined.customer == customer(store, "x") != customer(store, "y")
    undone = writer.revert(revision=joined.revision, author="s", reason="r")
    assert len({customer(store, name) for name in "xyn"}) == 3
    assert len(undone.judgement.parts) == 3


def test_a_value_that_one_person_stated_and_verified_in_one_batch_is_one_description(
    store: Store, writer: Pipeline
) -> None:
    """Nobody held the value before, so that what enters is all there is to count."""

    def holds(name: str, given: str, assurance: Assurance) -> Arrival:
        identifiers = (StatedIdentifier(IdentifierKind.EMAIL, "windmolen@ziggo.nl", assurance=assurance),)
        return Arrival("till", key(name), Evidence(identifiers, given, family_name="de Vries"), 1)

    receipts = record(
        writer,
        holds("a", "Jan", Assurance.VERIFIED),
        holds("b", "J.", Assurance.STATED),
        holds("p", "Piet", Assurance.STATED),
    )
    assert receipts[0].customer == receipts[1].customer
    with store.snapshot() as snapshot:
        assert not snapshot.silent(["email::windmolen@ziggo.nl"])
