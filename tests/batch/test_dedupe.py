from __future__ import annotations

import random
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import Evidence, IdentifierKind, RelationKind, StatedIdentifier
from resolver.batch.dedupe import Deduped, dedupe, nearest_power
from resolver.batch.rows import Reject, Row, TouchpointFields
from resolver.batch.summary import Rejections, summarise

JAN = Evidence(
    (StatedIdentifier(IdentifierKind.EMAIL, "jan.devries@gmail.com"),),
    given_name="Jan",
    family_name="de Vries",
)
JAN_CALLS = Evidence(
    (
        StatedIdentifier(IdentifierKind.EMAIL, "Jan.deVries@gmail.com"),
        StatedIdentifier(IdentifierKind.PHONE, "06 12345671"),
    ),
    given_name="J.",
    family_name="de Vries",
    region="NL",
)
SANNE = Evidence((StatedIdentifier(IdentifierKind.PHONE, "0687654329"),), given_name="Sanne", region="NL")
TERMINAL = Evidence((StatedIdentifier(IdentifierKind.DEVICE, "till 3"),))
JULY = 1_782_864_000_000_000


def row(
    number: int, evidence: Evidence, record_id: str = "", version: int | None = None, at: int | None = None
) -> Row:
    contact = None if at is None else TouchpointFields(f"t{number}", at, "phone")
    return Row(number, number, "shop", record_id, evidence, contact, at if version is None else version)


def together(found: Deduped) -> set[frozenset[int]]:
    customers: dict[str, set[int]] = {}
    for placed in found.rows:
        customers.setdefault(placed.customer, set()).add(placed.number)
    return {frozenset(numbers) for numbers in customers.values()}


def test_every_row_is_answered_once_in_order_with_its_customer() -> None:
    rows: list[Row | Reject] = [
        row(1, JAN, "a"),
        row(2, SANNE, "b"),
        Reject(3, 4, "not a time", "when", "x"),
        row(4, JAN_CALLS, "c"),
    ]
    found = dedupe(rows)
    assert [(placed.number, placed.record_id) for placed in found.rows] == [
        (1, "a"),
        (2, "b"),
        (3, "3"),
        (4, "c"),
    ]
    assert together(found) == {frozenset({1, 4}), frozenset({2}), frozenset({3})}
    assert (found.counts.rows, found.counts.rejected, found.counts.customers, found.counts.matches) == (
        4,
        1,
        2,
        1,
    )
    assert [(pair.left.record_id, pair.right.record_id, pair.decision) for pair in found.pairs] == [
        ("a", "c", "match")
    ]
    assert found.pairs[0].probability >= 0.99


def test_a_record_is_its_greatest_version_whatever_comes_last() -> None:
    rows = [row(1, JAN, "a", 7), row(2, SANNE, "a", 3), row(3, JAN_CALLS, "b", 1)]
    assert together(dedupe(rows)) == together(dedupe(reversed(rows))) == {frozenset({1, 2, 3})}
    assert together(dedupe([*rows, row(4, SANNE, "a", 8)])) == {frozenset({1, 2, 4}), frozenset({3})}


def test_rows_without_an_id_are_one_record_where_they_are_equal() -> None:
    found = dedupe([row(1, JAN), row(2, JAN), row(3, SANNE)])
    assert found.counts.records == 2
    assert set(found.names.values()) == {"1", "3"}


def test_a_shared_terminal_is_cut_by_contact_and_a_number_by_half_year() -> None:
    at = [JULY - 1, JULY, JULY + 1]
    assert dedupe([row(n, TERMINAL, at=JULY) for n in (1, 2)]).counts.visitors == 2
    assert dedupe([row(n, SANNE, at=moment) for n, moment in enumerate(at, start=1)]).counts.records == 2


def test_visitors_have_a_customer_of_their_own_never_an_empty_one() -> None:
    found = dedupe([row(n, TERMINAL, f"r{n}") for n in range(1, 4)])
    assert len(together(found)) == 3 and all(placed.customer for placed in found.rows)


def test_an_empty_file_has_an_answer() -> None:
    assert dedupe([]).rows == ()


@pytest.mark.parametrize(
    ("rows", "power"), [(0, 1), (1, 1), (3, 1), (4, 10), (31, 10), (32, 100), (1000, 1000)]
)
def test_the_population_is_the_nearest_power_of_ten(rows: int, power: int) -> None:
    assert nearest_power(rows) == power


def household(*names: str) -> list[Row]:
    """Rows of a family with one telephone, two each."""
    phone = (StatedIdentifier(IdentifierKind.PHONE, "0612349876"),)
    members = [Evidence(phone, name, family_name="Bakker", region="NL") for name in names]
    return [row(n, evidence, f"r{n}") for n, evidence in enumerate([*members, *members], start=1)]


def test_partners_are_two_customers_who_are_related() -> None:
    found = dedupe(
        [*household("Jan", "Sanne"), row(9, JAN, "alone"), row(10, TERMINAL, "till")], related=True
    )
    customers = {placed.record_id: placed.customer for placed in found.rows}
    (partners,) = found.relations
    assert {partners.left, partners.right} == {customers["r1"], customers["r2"]}
    assert customers["r1"] == customers["r3"] != customers["r2"] == customers["r4"]
    assert partners.related.kind == RelationKind.SAME_HOUSEHOLD
    assert dedupe(household("Jan", "Sanne")).relations == ()


@settings(max_examples=10, deadline=None)
@given(st.permutations(household("Jan", "Sanne", "Kees", "J.", "")))
def test_no_order_of_rows_changes_who_is_related(rows: list[Row]) -> None:
    one, other = dedupe(sorted(rows, key=lambda each: each.number), related=True), dedupe(rows, related=True)
    assert one.relations == other.relations
    assert one.relations


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False))
def test_no_order_of_rows_matters(chance: random.Random) -> None:
    evidence = [
        JAN,
        JAN_CALLS,
        SANNE,
        TERMINAL,
        replace(SANNE, family_name="Bakker"),
        replace(JAN, city="Utrecht"),
    ]
    rows = [row(n, chance.choice(evidence), chance.choice(("", "a", "b", "c")), n) for n in range(1, 9)]
    shuffled = chance.sample(rows, len(rows))
    first, again = dedupe(rows), dedupe(shuffled)
    assert together(first) == together(again)
    assert {p.number: p.customer for p in first.rows} == {p.number: p.customer for p in again.rows}
    assert first.pairs == again.pairs


def test_a_row_that_another_of_its_record_replaces_is_counted() -> None:
    rows = [row(1, JAN, "a", 7), row(2, SANNE, "a", 3), row(3, JAN, "a", 9), row(4, JAN_CALLS, "b")]
    assert {dedupe(each).counts.replaced for each in permutations(rows)} == {1}
    assert dedupe([row(1, JAN, "a"), row(2, JAN, "a"), row(3, SANNE, "b")]).counts.replaced == 0


def test_a_touchpoint_without_evidence_points_to_its_record_and_replaces_nothing() -> None:
    rows = [row(1, JAN, "a", at=JULY), row(2, Evidence(), "a", at=JULY + 1), row(3, JAN, "b", at=JULY)]
    for each in permutations(rows):
        found = dedupe(each)
        assert together(found) == {frozenset({1, 2, 3})}
        assert (found.counts.replaced, found.counts.visitors) == (0, 0)


def test_cells_that_could_not_be_read_are_counted_by_column() -> None:
    said = [("phone",), (), ("phone", "birth date"), ()]
    rows = [replace(row(n, JAN, str(n)), unread=columns) for n, columns in enumerate(said, start=1)]
    for each in permutations(rows):
        found = dedupe([*each, Reject(5, 6, "not a time", "when", "x")])
        assert summarise(found, Rejections()).unread == {"phone": 2, "birth date": 1}
    assert dedupe([row(1, JAN)]).counts.unread == {}
