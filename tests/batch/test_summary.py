from __future__ import annotations

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import Assurance, Evidence, Identifier, IdentifierKind, StatedIdentifier
from resolver.batch.dedupe import SUGGESTED, dedupe
from resolver.batch.rows import Reject, Row
from resolver.batch.summary import (
    Bond,
    Rejection,
    Rejections,
    Shared,
    Standing,
    Summary,
    Where,
    summarise,
)
from resolver.normalise.evidence import normalise
from resolver.resolve.settings import Policy

PHONE = "+31612345671"
GIVEN = ("Jan", "Sanne", "Kees", "Femke", "Wietse", "Tjitske", "Omar", "Bo", "Ruud", "")


def person(
    given: str = "", phone: str = "", email: str = "", device: str = "", family: str = "Bakker"
) -> Evidence:
    stated = [
        StatedIdentifier(kind, raw)
        for kind, raw in (
            (IdentifierKind.PHONE, phone),
            (IdentifierKind.EMAIL, email),
            (IdentifierKind.DEVICE, device),
        )
        if raw
    ]
    return Evidence(tuple(stated), given_name=given, family_name=family if given else "", region="NL")


def row(number: int, evidence: Evidence, record_id: str = "") -> Row:
    return Row(number, number + 1, "shop", record_id or f"r{number}", evidence, None, None)


def summary(rows: list[Row | Reject], policy: Policy | None = None) -> Summary:
    rejections = Rejections()
    for each in rows:
        if isinstance(each, Reject):
            rejections.take(each)
    return summarise(dedupe(rows, policy=policy), rejections)


PEOPLE = st.builds(
    person,
    st.sampled_from(GIVEN),
    st.sampled_from(["", PHONE, "0687654329", "0000000000"]),
    st.sampled_from(["", "jan@home.nl", "info@shop.nl"]),
    st.sampled_from(["", "till 3"]),
)
ROWS = st.lists(st.one_of(PEOPLE, st.sampled_from(["not a time", "not valid UTF-8"])), max_size=25)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_numbers_add_up_to_the_partition(drawn: list[Evidence | str], chance: random.Random) -> None:
    rows = [
        Reject(number, number, each, "when", "x")
        if isinstance(each, str)
        else row(number, each, f"r{chance.randrange(20)}")
        for number, each in enumerate(drawn, start=1)
    ]
    found = dedupe(rows)
    rejections = Rejections()
    for each in rows:
        if isinstance(each, Reject):
            rejections.take(each)
    told = summarise(found, rejections)
    customers: dict[str, set[object]] = {}
    for placed in found.rows:
        if placed.key is not None:
            customers.setdefault(placed.customer, set()).add(placed.key)
    assert told.rows == len(rows)
    assert (
        told.rejected
        == sum(each.rows for each in told.rejections)
        == len(rows) - sum(isinstance(each, Row) for each in rows)
    )
    assert told.rows == told.rejected + told.customers + told.visitors + told.duplicates + told.replaced
    nodes = dict(found.evidence.records)
    stands = {
        each.number
        for each, placed in zip(rows, found.rows, strict=True)
        if isinstance(each, Row)
        and placed.key is not None
        and normalise(each.evidence) == found.evidence.nodes[nodes[placed.key]]
    }
    assert told.replaced == told.rows - told.rejected - len(stands)
    assert told.customers + told.visitors == len(customers)
    sizes = sorted((len(keys) for keys in customers.values() if len(keys) > 1), reverse=True)
    assert told.merged == len(sizes)
    assert [each.records for each in told.largest] == sizes[:10]
    assert all(len(customers[each.customer]) == each.records for each in told.largest)
    assert sum(told.suggestions.values()) == found.counts.suggestions
    assert Counter(told.suggestions) + Counter(told.refused) == Counter(
        pair.decision for pair in found.pairs if pair.decision != "match"
    )
    assert not SUGGESTED & told.refused.keys()
    for shared in told.shared:
        holders = {
            key
            for key, node in found.evidence.records
            if shared.identifier in {value.identifier for value in found.evidence.nodes[node].values}
        }
        bearers = {placed.customer for placed in found.rows if placed.key in holders}
        assert shared.records == len(holders) > 1
        assert shared.customers + shared.visitors == len(bearers)
        assert shared.identifier.kind != IdentifierKind.DEVICE


@settings(max_examples=15, deadline=None)
@given(st.lists(PEOPLE, max_size=12), st.randoms(use_true_random=False))
def test_no_order_of_rows_matters(people: list[Evidence], chance: random.Random) -> None:
    rows: list[Row | Reject] = [row(number, each) for number, each in enumerate(people)]
    assert summary(rows) == summary(chance.sample(rows, len(rows)))


def test_what_holds_a_customer_together_is_told() -> None:
    jan = person("Jan", PHONE, "jan.bakker@home.nl")
    told = summary([row(1, jan), row(2, jan), row(3, person("Jan", PHONE)), row(4, person("Omar"))])
    (largest,) = told.largest
    assert (largest.records, told.merged, told.duplicates) == (3, 1, 2)
    assert largest.bonds == (Bond("phone", PHONE, 3), Bond("email", "jan.bakker@home.nl", 2))
    assert told.shared[0] == Shared(Identifier(IdentifierKind.PHONE, "", PHONE), 3, 1, 0, Standing.SPEAKS)


def test_a_customer_who_shares_no_identifier_is_held_by_something_else() -> None:
    born = Evidence(given_name="Wietse", family_name="Hoekstra", birth_date="1980-02-03", city="Sneek")
    rows: list[Row | Reject] = [row(1, born), row(2, born)]
    (largest,) = summary(rows, Policy(merge=0.11, possible=0.105)).largest
    assert Bond("name", "wietse hoekstra", 2) in largest.bonds
    assert Bond("birth date", "1980-02-03", 2) in largest.bonds


def test_a_value_that_many_share_is_told_with_why_it_leads_to_nobody() -> None:
    shop = [
        row(number, person(given, PHONE, "info@shop.nl"))
        for number, given in enumerate(filter(None, GIVEN), start=1)
    ]
    strangers = [row(number, person("", "0000000000")) for number in range(20, 23)]
    told = summary([*shop, *strangers])
    shared = {each.identifier.value: each for each in told.shared}
    assert shared[PHONE].standing == Standing.GENERIC
    assert (shared[PHONE].records, shared[PHONE].customers) == (9, 9)
    assert shared["info@shop.nl"].standing == Standing.ROLE
    (placeholder,) = (each for each in told.shared if each.standing == Standing.PLACEHOLDER)
    assert (placeholder.records, placeholder.customers, placeholder.visitors) == (3, 0, 3)
    crowded = summary(
        [row(number, person("Jan", PHONE, f"a{number}@home.nl")) for number in range(5)],
        Policy(identifier_cap=3),
    )
    assert crowded.shared[0].standing == Standing.CROWDED


def test_a_verified_value_and_the_same_stated_are_one() -> None:
    both = Evidence(
        (
            StatedIdentifier(IdentifierKind.PHONE, PHONE),
            StatedIdentifier(IdentifierKind.PHONE, PHONE, "", Assurance.VERIFIED),
        ),
        given_name="Jan",
    )
    (shared,) = summary([row(1, both), row(2, both)]).shared
    assert shared.records == 2


def test_rejects_are_counted_by_reason_and_told_by_their_first_places() -> None:
    rejections = Rejections()
    for number in range(1, 9):
        rejections.take(Reject(number, number + 1, "not a time", "when", "x"), "b.csv")
    rejections.take(Reject(9, 12, "has 2 fields", "", "x"))
    assert rejections.reasons() == (
        Rejection("not a time", "when", 8, tuple(Where("b.csv", line) for line in range(2, 7))),
        Rejection("has 2 fields", "", 1, (Where("", 12),)),
    )


def test_an_empty_file_has_a_summary() -> None:
    told = summary([])
    assert (told.rows, told.customers, told.duplicates, told.largest, told.shared) == (0, 0, 0, (), ())


def test_it_tells_of_customers_who_are_more_alike_than_the_model_supposes() -> None:
    emails = (f"person{number}@home.nl" for number in range(300))
    found = summary([row(n, person(GIVEN[n % 9], email=each)) for n, each in enumerate(emails)])
    assert {each.trait for each in found.common} == {"family", "given"}
    assert summarise(dedupe([row(0, person("Jan"))]), Rejections()).common == ()
