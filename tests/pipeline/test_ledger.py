from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import (
    Evidence,
    IdentifierKind,
    Record,
    RecordKey,
    StatedIdentifier,
    Touchpoint,
    TouchpointKey,
)
from resolver.intake import Arrival, Outcome, Refusal, Standing
from resolver.normalise.evidence import Settings, fingerprint, normalise
from resolver.pipeline.ledger import Entry, Ledger, Taken, enter

KEY = RecordKey("till", "r1")
SETTINGS = Settings(region="NL")


def evidence(given_name: str = "Jan") -> Evidence:
    phone = StatedIdentifier(IdentifierKind.PHONE, "0612349876")
    return Evidence(identifiers=(phone,), given_name=given_name)


def touchpoint(name: str = "t1", **fields: object) -> Touchpoint:
    key = TouchpointKey("till", name)
    return replace(Touchpoint(key, RecordKey("", ""), "", 1_767_225_600_000_000, 1, "shop"), **fields)  # type: ignore[arg-type]


def entry(arrival: Arrival) -> Entry:
    made = enter(arrival, SETTINGS, lambda one: normalise(one, SETTINGS))
    assert isinstance(made, Entry)
    return made


def stated(version: int | None, said: str = "Jan") -> Arrival:
    return Arrival("till", KEY, evidence(said), version)


def gone(version: int) -> Arrival:
    return Arrival("till", KEY, None, version, deleted=True)


def ledger(*records: Record, touchpoints: dict[TouchpointKey, tuple[str, RecordKey]] | None = None) -> Ledger:
    return Ledger(
        {one.key: one for one in records}, touchpoints or {}, lambda one: f"node of {one.given_name}"
    )


def stored(arrival: Arrival) -> Record:
    """What a store holds once this has been recorded as a first statement."""
    book = ledger()
    book.take(entry(arrival))
    return replace(book.restated[KEY], customer="c", first_revision=4)


def standing(book: Ledger, *arrivals: Arrival) -> list[Standing]:
    answers = [book.take(entry(arrival)) for arrival in arrivals]
    return [answer.standing for answer in answers if isinstance(answer, Taken)]


def test_the_greatest_statement_is_the_record_whole() -> None:
    book = ledger()
    assert standing(book, stated(2, "Jan"), stated(1, "Piet"), stated(3, "Sanne")) == [
        Standing.STANDS,
        Standing.SUPERSEDED,
        Standing.STANDS,
    ]
    record = book.restated[KEY]
    assert (record.evidence, record.node) == (evidence("Sanne"), "node of Sanne")


statements = st.one_of(
    st.builds(stated, st.none() | st.integers(1, 3), st.sampled_from(("Jan", "Piet", "Sanne"))),
    st.builds(gone, st.integers(1, 3)),
)


@given(st.lists(statements, min_size=1, max_size=4))
def test_version_and_digest_decide_and_never_the_order(said: list[Arrival]) -> None:
    outcomes = set()
    for order in permutations(said):
        for cut in range(len(order)):
            first = ledger()
            standing(first, *order[:cut])
            there = [replace(one, first_revision=1) for one in first.restated.values()]
            second = ledger(*there)
            standing(second, *order[cut:])
            ends = {
                **{one.key: one for one in there},
                **{one.key: one for one in second.raised},
                **second.restated,
            }
            outcomes.add(tuple((one.statement, one.evidence, one.node) for one in ends.values()))
    assert len(outcomes) == 1


def test_no_version_is_less_than_any_and_the_touchpoints_time_stands_in_for_one() -> None:
    unversioned = Arrival("till", KEY, evidence("Jan"))
    assert standing(ledger(stored(stated(-5, "Piet"))), unversioned) == [Standing.SUPERSEDED]
    timed = Arrival("till", KEY, evidence("Jan"), touchpoint=touchpoint())
    assert entry(timed).statement == entry(stated(touchpoint().occurred)).statement


def test_equal_evidence_with_a_greater_version_only_raises_it() -> None:
    was = stored(stated(1))
    book = ledger(was)
    assert standing(book, stated(5)) == [Standing.UNCHANGED]
    assert list(book.raised) == [replace(was, statement=was.statement._replace(version=5))]
    assert not book.restated


def test_the_same_fingerprint_written_otherwise_is_other_evidence() -> None:
    assert fingerprint(evidence("JAN")) == fingerprint(evidence("Jan"))
    book = ledger(stored(stated(1, "Jan")))
    assert standing(book, stated(2, "JAN")) == [Standing.STANDS]
    assert [one.evidence for one in book.restated.values()] == [evidence("JAN")]


def test_of_one_version_the_same_spelling_stands_whichever_came_first() -> None:
    ends = set()
    for order in permutations(["Jan", "JAN", "jan"]):
        book = ledger()
        standing(book, *(stated(1, name) for name in order))
        ends.add(next(iter(book.restated.values())).evidence)
    assert len(ends) == 1


def test_a_change_there_and_back_again_in_one_batch_is_a_raise() -> None:
    book = ledger(stored(stated(1, "Jan")))
    standing(book, stated(2, "Piet"), stated(3, "Jan"))
    assert not book.restated
    assert [one.statement.version for one in book.raised] == [3]


def test_a_deletion_wins_at_an_equal_version_and_is_kept_before_its_record_is_seen() -> None:
    book = ledger()
    assert standing(book, gone(2), stated(2), stated(3)) == [
        Standing.STANDS,
        Standing.SUPERSEDED,
        Standing.STANDS,
    ]
    late = ledger(stored(stated(2)))
    assert standing(late, gone(2), stated(2)) == [Standing.STANDS, Standing.SUPERSEDED]
    tomb = late.restated[KEY]
    assert (tomb.node, tomb.evidence, tomb.customer, tomb.first_revision) == (None, Evidence(), "c", 4)


def test_what_is_said_again_changes_nothing() -> None:
    book = ledger(stored(stated(1)))
    assert standing(book, stated(1), stated(0)) == [Standing.UNCHANGED, Standing.UNCHANGED]
    assert not book.raised and not book.restated


def test_a_touchpoint_twice_is_a_duplicate_with_its_first_record() -> None:
    first = Arrival("till", KEY, None, touchpoint=touchpoint())
    book = ledger()
    book.take(entry(first))
    again = book.take(entry(replace(first, touchpoint=touchpoint(received=99))))
    assert again == Taken(KEY, Outcome.DUPLICATE, Standing.NONE)
    assert len(book.touchpoints) == 1


@pytest.mark.parametrize(
    "other",
    [
        Arrival("till", KEY, None, touchpoint=touchpoint(outcome="answered")),
        Arrival("till", RecordKey("till", "r2"), None, touchpoint=touchpoint()),
        Arrival("till", KEY, evidence(), touchpoint=touchpoint()),
    ],
    ids=["content", "record", "evidence"],
)
def test_a_touchpoint_with_other_content_is_refused_and_states_nothing(other: Arrival) -> None:
    book = ledger()
    book.take(entry(Arrival("till", KEY, None, touchpoint=touchpoint())))
    answer = book.take(entry(other))
    assert isinstance(answer, Refusal) and answer.reason == "touchpoint_differs"
    assert not book.restated and len(book.touchpoints) == 1


@pytest.mark.parametrize(
    ("arrival", "field"),
    [
        (Arrival("till", None, None, 1, deleted=True), "record"),
        (Arrival("till", KEY, None, deleted=True), "version"),
        (Arrival("till", None, None, touchpoint=touchpoint()), "record"),
        (Arrival("till", KEY), "record"),
    ],
)
def test_what_names_no_record_cannot_be_taken(arrival: Arrival, field: str) -> None:
    answer = enter(arrival, SETTINGS, lambda one: normalise(one, SETTINGS))
    assert isinstance(answer, Refusal) and (answer.reason, answer.field) == ("field_required", field)


def test_a_touchpoint_that_comes_with_a_deletion_is_kept() -> None:
    book = ledger(stored(stated(1)))
    answer = book.take(entry(replace(gone(2), touchpoint=touchpoint())))
    assert isinstance(answer, Taken) and answer.outcome == Outcome.CREATED
    assert [one.record for one in book.touchpoints] == [KEY]
    assert book.restated[KEY].statement.deleted


def test_evidence_of_a_named_record_is_not_normalised_before_it_is_known_to_be_new() -> None:
    def never(_: Evidence) -> object:
        raise AssertionError

    enter(stated(1), SETTINGS, never)  # type: ignore[arg-type]
