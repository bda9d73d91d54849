from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import Evidence, IdentifierKind, StatedIdentifier
from resolver.batch.dedupe import Deduped, dedupe
from resolver.batch.rows import Row
from resolver.evaluate.candidates import Items, alike, weighed
from resolver.resolve.explain import compare_customers


def row(number: int, phone: str, given: str, family: str = "de Vries") -> Row:
    evidence = Evidence(
        (StatedIdentifier(IdentifierKind.PHONE, phone),), given_name=given, family_name=family, region="NL"
    )
    return Row(number, number, "shop", str(number), evidence, None, None)


ROWS = [
    row(1, "0612345671", "Jan"),
    row(2, "0612345671", "Jan"),
    row(3, "0612345671", "Sanne"),
    row(4, "0687654329", "Mohammed", "Yilmaz"),
]


def items(found: Deduped) -> Items:
    keys = [placed.key for placed in found.rows if placed.key is not None]
    return Items.of(found.evidence, keys, [placed.customer for placed in found.rows])


def test_a_candidate_has_the_weight_that_two_customers_of_one_record_have() -> None:
    found = dedupe(ROWS)
    all_ = items(found)
    candidates = weighed(found.model, found.evidence, all_)
    assert candidates.pairs.sum() == 3, "the fourth record meets nobody"
    for left, right, weight in zip(candidates.left, candidates.right, candidates.weight, strict=True):
        one, other = found.evidence.nodes[left], found.evidence.nodes[right]
        assert compare_customers(found.model, found.evidence.silent, [one], [other]).weight == weight


def test_records_of_equal_evidence_are_counted_as_pairs() -> None:
    found = dedupe(ROWS)
    all_ = items(found)
    assert all_.node[0] == all_.node[1] != all_.node[2]
    candidates = weighed(found.model, found.evidence, all_)
    counted = {
        (int(left), int(right)): int(pairs)
        for left, right, pairs in zip(candidates.left, candidates.right, candidates.pairs, strict=True)
    }
    jan, sanne = sorted({int(all_.node[0]), int(all_.node[2])})
    assert counted == {(int(all_.node[0]),) * 2: 1, (jan, sanne): 2}


def test_only_pairs_of_the_items_are_weighed() -> None:
    found = dedupe(ROWS)
    keys = [placed.key for placed in found.rows if placed.key is not None and placed.number != 3]
    fewer = Items.of(found.evidence, keys, keys)
    assert weighed(found.model, found.evidence, fewer).pairs.tolist() == [1]
    with pytest.raises(KeyError):
        Items.of(dedupe(ROWS[:1]).evidence, keys, keys)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=12))
def test_alike_counts_pairs_of_one_label(held: list[tuple[int, int]]) -> None:
    node, label = np.array([n for n, _ in held]), np.array([x for _, x in held])
    left, right = np.array([0, 0, 1, 2]), np.array([0, 1, 3, 2])
    expected = [
        sum(
            (held[i][0], held[j][0]) in {(a, b), (b, a)} and held[i][1] == held[j][1]
            for i in range(len(held))
            for j in range(i)
        )
        for a, b in zip(left.tolist(), right.tolist(), strict=True)
    ]
    assert alike(left, right, node, label).tolist() == expected
