from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import Judgement, JudgementKind, Suggestion
from graph.store import Store
from resolver.intake import Refusal
from resolver.reading import pages
from resolver.reading.pages import Page
from tests.conformance.oracle import OracleStore
from tests.profile.samples import contact, device, email, key, record
from tests.reading.samples import fill, judge, suggest

RECORDS = [
    *(record(str(n), email(f"a{n}@klant.nl"), source=f"s{n % 2}") for n in range(5)),
    record("9", device("d1"), customer=None),
]
TOUCHPOINTS = [contact(str(n), "web", days_ago=n // 2, record_id="9") for n in range(7)]

_Entry = TypeVar("_Entry")


def all_of(page: Callable[[str], Page[_Entry]]) -> list[list[_Entry]]:
    found, token = [], ""
    while True:
        answered = page(token)
        found.append(list(answered.entries))
        token = answered.next_page_token
        if not token:
            return found


def test_the_timeline_page_by_page(store: Store) -> None:
    fill(store, RECORDS, TOUCHPOINTS)
    with store.snapshot() as snapshot:
        paged = all_of(lambda token: pages.timeline(snapshot, "c1", RECORDS, token, 3))
        (whole,) = all_of(lambda token: pages.timeline(snapshot, "c1", RECORDS, token, 7))
    assert [len(page) for page in paged] == [3, 3, 1]
    assert [each for page in paged for each in page] == whole
    assert [each.occurred for each in whole] == sorted((each.occurred for each in TOUCHPOINTS), reverse=True)


def test_all_records_with_visitors_in_order_of_key(store: Store) -> None:
    fill(store, RECORDS)
    with store.snapshot() as snapshot:
        paged = all_of(lambda token: pages.all_records(snapshot, token, 2))
    listed = [each for page in paged for each in page]
    assert [each.key for each in listed] == sorted(each.key for each in RECORDS)
    assert [each.key for each in listed if each.customer is None] == [key("9")]


def test_one_customers_records() -> None:
    paged = all_of(lambda token: pages.records("c1", RECORDS[:5], token, 2))
    assert [[each.key for each in page] for page in paged] == [
        [key("0", "s0"), key("2", "s0")],
        [key("4", "s0"), key("1", "s1")],
        [key("3", "s1")],
    ]


def test_changes_after_a_revision(store: Store) -> None:
    for each in RECORDS[:4]:
        fill(store, [each], ids=())
    with store.snapshot() as snapshot:
        paged = all_of(lambda token: pages.changes(snapshot, 1, token, 2))
    assert [[change.revision for change in page] for page in paged] == [[2, 3], [4]]


def test_suggestions_the_heaviest_first(store: Store) -> None:
    fill(store, RECORDS)
    component = "component " + str(RECORDS[0].node)
    suggest(
        store,
        component,
        [
            Suggestion(RECORDS[0].key, each.key, weight, "possible", b"")
            for each, weight in zip(RECORDS[1:5], (5, 9, 5, -1), strict=True)
        ],
    )
    with store.snapshot() as snapshot:
        paged = all_of(lambda token: pages.suggestions(snapshot, token, 1))
    assert [page[0][1].weight for page in paged] == [9, 5, 5, -1]


def test_judgements_with_and_without_the_retracted(store: Store) -> None:
    fill(store, RECORDS)
    for number in range(4):
        parts = (frozenset({RECORDS[0].key}), frozenset({RECORDS[1].key}))
        judge(store, Judgement(f"j{number}", JudgementKind.SPLIT, parts, "els", "", 5))
    retracted = Judgement("j1", JudgementKind.SPLIT, parts, "els", "", 5, revision=3, retracted=6)
    judge(store, retracted)
    with store.snapshot() as snapshot:
        standing = all_of(lambda token: pages.judgements(snapshot, token, 2))
        every = all_of(lambda token: pages.judgements(snapshot, token, 2, retracted=True))
    assert [each.id for page in standing for each in page] == ["j0", "j2", "j3"]
    assert [each.id for page in every for each in page] == ["j0", "j1", "j2", "j3"]


def test_empty_lists(store: Store) -> None:
    with store.snapshot() as snapshot:
        assert pages.all_records(snapshot, "", 10) == Page(())
        assert pages.timeline(snapshot, "c1", [], "", 10) == Page(())
        assert pages.judgements(snapshot, "", 10) == Page(())


def refusal_of(token: str, whose: str = "c1") -> tuple[str, str] | None:
    with OracleStore().snapshot() as snapshot:
        try:
            pages.timeline(snapshot, whose, [], token, 10)
        except Refusal as refusal:
            return refusal.reason, refusal.field
    return None


REFUSED = ("page_token_invalid", "page_token")


@given(st.text(min_size=1) | st.binary(min_size=1).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_what_is_no_token_is_refused(token: str) -> None:
    assert refusal_of(token) == REFUSED


def test_a_token_is_good_for_its_own_list_alone(store: Store) -> None:
    fill(store, RECORDS, TOUCHPOINTS)
    with store.snapshot() as snapshot:
        good = pages.timeline(snapshot, "c1", RECORDS, "", 3).next_page_token
        others = [
            pages.all_records(snapshot, "", 2).next_page_token,
            pages.records("c1", RECORDS, "", 2).next_page_token,
            pages.timeline(snapshot, "c2", RECORDS, "", 3).next_page_token,
        ]
    assert refusal_of(good) is None
    for token in (*others, good[:-4], "x" * 10_000, good + "="):
        assert refusal_of(token) == REFUSED


def test_a_position_that_no_store_can_compare_is_refused() -> None:
    forged = pages._token(["timeline", "c1"], (2**63, "desk", "1"))
    assert refusal_of(forged) == REFUSED
    assert refusal_of(pages._token(["timeline", "c1"], (2**63 - 1, "desk", "1"))) is None


@pytest.mark.parametrize(("asked", "size"), [(0, 50), (7, 7), (10**9, 1000)])
def test_page_sizes(asked: int, size: int) -> None:
    assert pages.page_size(asked, 50, 1000) == size


def test_a_negative_page_size_is_refused() -> None:
    with pytest.raises(Refusal) as refusal:
        pages.page_size(-1, 50, 1000)
    assert (refusal.value.reason, refusal.value.field) == ("field_invalid", "page_size")
