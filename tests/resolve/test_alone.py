"""Kinds of evidence that merge nobody by themselves: on pairs, inside clusters, on equal evidence."""

from __future__ import annotations

import pytest

from resolver.match.weigh import ATTRIBUTES, ROW, Attribute
from resolver.resolve.alone import KIND_OF, SPEAKS, alone
from resolver.resolve.settings import KINDS, Kind, Policy
from tests.resolve.people import customers, doubts, judgement, record, resolved

NAME_ALONE = Policy(merge=0.9, never_alone=("name",))
RARE = "Wolfgangerius Quackenbosch"


def said(**weights: int) -> dict[int, tuple[int, int]]:
    rows = {str(name): row for name, row in ROW.items()}
    return {rows[name]: (weight, 0) for name, weight in weights.items()}


def test_every_attribute_is_of_a_kind_that_can_be_named() -> None:
    assert set(KIND_OF) == set(ATTRIBUTES)
    assert set(KIND_OF.values()) == set(KINDS)


@pytest.mark.parametrize(
    ("weights", "never", "refused"),
    [
        ({"given": 9000, "family": 9000}, ("name",), True),
        ({"given": 9000, "family": 9000}, (), False),
        ({"given": 9000, "family": 9000}, ("phone",), False),
        ({"given": 9000, "place": 3000}, ("name",), False),
        ({"given": 9000, "place": 3000}, ("name", "place"), False),
        ({"given": 9000, "place": SPEAKS - 1}, ("name",), True),
        ({"given": 9000, "birth": -9000}, ("name",), True),
        ({"alias_name": 9000}, ("alias",), True),
        ({"phone": -100}, ("phone",), False),
    ],
)
def test_alone_is_one_kind_that_speaks_and_is_named(
    weights: dict[str, int], never: tuple[Kind, ...], refused: bool
) -> None:
    assert alone(never, said(**weights)) is refused


def test_a_rare_name_alone_merges_where_it_may_and_is_a_suggestion_where_it_may_not() -> None:
    records = {"a": record(RARE, city="Utrecht"), "b": record(RARE, phone="0201234567")}
    assert customers(records, policy=Policy(merge=0.9)) == {"a b"}
    found = resolved(records, policy=NAME_ALONE)
    assert doubts(found) == {"a b": "alone"}
    assert customers(records, policy=NAME_ALONE) == {"a", "b"}


def test_a_second_kind_lets_it_pass() -> None:
    records = {
        name: record(RARE, "1960-05-03", phone=phone) for name, phone in (("a", ""), ("b", "0201234567"))
    }
    assert customers(records, policy=NAME_ALONE) == {"a b"}


def test_equal_evidence_of_one_kind_is_no_more_than_that() -> None:
    """Two records of one rare name, or of one number, are one unit only where that kind may merge alone."""
    for evidence, kind in ((record(RARE), "name"), (record(phone="0612345671"), "phone")):
        records = {"a": evidence, "b": evidence}
        assert customers(records, policy=Policy(merge=0.9)) == {"a b"}
        assert customers(records, policy=Policy(merge=0.9, never_alone=(kind,))) == {"a", "b"}  # type: ignore[arg-type]


def test_what_two_customers_have_beside_the_name_counts_wherever_it_stands() -> None:
    """The name joins nobody; once one of the two has what the other has, the customers are one."""
    records = {"a": record(RARE, city="Utrecht"), "b": record(RARE, phone="0612345671")}
    bridge = record(RARE, phone="0612345671", city="Utrecht", street="Dorpsstraat", house_number="1")
    assert customers({**records, "c": bridge}, policy=NAME_ALONE) == {"a b c"}


def test_a_judgement_outranks_it() -> None:
    records = {"a": record(RARE), "b": record(RARE)}
    assert customers(records, [judgement("a b")], policy=NAME_ALONE) == {"a b"}


def test_who_may_not_join_is_no_rival() -> None:
    """A namesake whose name may not merge alone does not tear a record from the one it belongs to."""
    jan = record(RARE, "1960-05-03", phone="0612345671")
    x = record(RARE, phone="0612345671")
    namesake = record(RARE, "1930-11-30")
    assert customers({"jan": jan, "x": x, "namesake": namesake}, policy=NAME_ALONE) == {"jan x", "namesake"}


def test_kinds_are_named_as_attributes_are() -> None:
    attributes: tuple[Attribute, ...] = ("phone", "email", "handle", "birth", "place")
    assert [KIND_OF[attribute] for attribute in attributes] == list(attributes)
