from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graph.model import Evidence, IdentifierKind, StatedIdentifier
from resolver.batch.dedupe import dedupe
from resolver.batch.rows import Row
from resolver.evaluate.candidates import Items, weighed
from resolver.evaluate.worst import Errors, worst_errors
from resolver.resolve.settings import Policy


def row(number: int, phone: str, given: str, family: str, email: str = "") -> Row:
    stated = [StatedIdentifier(IdentifierKind.PHONE, phone)] if phone else []
    stated += [StatedIdentifier(IdentifierKind.EMAIL, email)] if email else []
    evidence = Evidence(tuple(stated), given_name=given, family_name=family, region="NL")
    return Row(number, number, "shop", str(number), evidence, None, None)


def errors(rows: Sequence[Row], person: Sequence[int], most: int = 10) -> tuple[Errors, list[str]]:
    found = dedupe(rows)
    customers = [placed.customer for placed in found.rows]
    items = Items.of(found.evidence, [placed.key for placed in found.rows if placed.key], customers)
    numbers = np.array(person, np.int64)
    candidates = weighed(found.model, found.evidence, items)
    return worst_errors(
        found.model, Policy(), found.evidence, items, numbers, candidates, most=most
    ), customers


JAN = [
    row(1, "0612345671", "Jan", "de Vries", "jan.devries@ziggo.nl"),
    row(2, "0612345671", "Jan", "de Vries", "jan.devries@ziggo.nl"),
    row(3, "0612345671", "Johannes", "de Vries", "jan.devries@ziggo.nl"),
]
SANNE = [row(4, "0612345671", "Sanne", "de Vries")]
FAR = [row(5, "0687654329", "Wilhelmina", "Zwartjes")]


def test_two_people_in_one_customer_are_told_with_what_joined_them() -> None:
    found, customers = errors(JAN, [0, 0, 1])
    assert len(set(customers)) == 1
    (error,) = found.merged
    assert (error.left, error.right, error.pairs, found.merged_count) == ((0, 1), (2,), 2, 1)
    assert error.comparison.weight >= Policy().merge_weight
    assert error.met is not None
    assert {each.attribute for each in error.comparison.attributes} >= {"phone", "email", "given"}
    assert not found.missed and not found.unmet


def test_a_miss_that_was_weighed_is_told_from_one_that_nothing_led_to() -> None:
    found, customers = errors([*JAN, *SANNE, *FAR], [0, 0, 0, 0, 0])
    assert len(set(customers)) == 3
    (missed,) = found.missed
    assert sorted((missed.left, missed.right)) == [(0, 1, 2), (3,)]
    assert (missed.pairs, missed.met is None) == (3, False)
    assert {tuple(sorted((e.left, e.right))) for e in found.unmet} == {((0, 1, 2), (4,)), ((3,), (4,))}
    assert all(error.met is None for error in found.unmet)
    assert (found.missed_count, found.unmet_count, found.merged_count) == (1, 2, 0)


def test_the_heaviest_come_first_and_no_more_than_asked() -> None:
    found, _ = errors([*JAN, *SANNE, *FAR], [0, 0, 0, 0, 0], most=1)
    assert len(found.unmet) == 1 and found.unmet_count == 2
    both, _ = errors([*JAN, *SANNE, *FAR], [0, 0, 0, 0, 0])
    weights = [error.comparison.weight for error in both.unmet]
    assert weights == sorted(weights, reverse=True) and found.unmet[0] == both.unmet[0]


def test_without_an_error_there_is_none() -> None:
    found, _ = errors([*JAN, *FAR], [0, 0, 0, 1])
    assert found == ((), (), (), 0, 0, 0)
