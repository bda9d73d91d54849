from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from resolver.resolve import components
from resolver.resolve.candidates import candidate_pairs
from resolver.resolve.settings import Policy

EDGES = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=15)


def ends(edges: list[tuple[int, int]]) -> tuple[components.Ints, components.Ints]:
    table = np.array(edges, np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


@given(EDGES)
def test_components_are_those_of_networkx(edges: list[tuple[int, int]]) -> None:
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(12))
    graph.add_edges_from(edges)
    labels = components.label(12, *ends(edges))
    found = {frozenset(group.tolist()) for group in components.members(labels)}
    assert found == {frozenset(group) for group in nx.connected_components(graph)}
    first = [labels.tolist().index(number) for number in sorted(set(labels.tolist()))]
    assert first == sorted(first)


@given(
    st.lists(st.lists(st.sampled_from("abcdef"), max_size=4, unique=True), max_size=9),
    st.sets(st.sampled_from("abc")),
)
def test_candidates_are_all_that_share_a_live_key_each_pair_once(
    blocks: list[list[str]], silent: set[str]
) -> None:
    left, right = candidate_pairs(blocks, frozenset(silent))
    expected = {
        (a, b) for b in range(len(blocks)) for a in range(b) if set(blocks[a]) & set(blocks[b]) - silent
    }
    found = list(zip(left.tolist(), right.tolist(), strict=True))
    assert len(found) == len(set(found)) and set(found) == expected


def test_a_component_too_large_sheds_its_weakest_edges_each_part_on_its_own() -> None:
    policy = Policy(component_cap=3)
    weight = np.array([6000, 6000, -3000, 6000, 6000, 6000], np.int64)
    left, right = ends([(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (3, 5)])
    parts = components.fitting_parts(policy, np.arange(6), left, right, weight)
    assert [part.tolist() for part in parts] == [[0, 1, 2], [3, 4, 5]]


def test_edges_that_would_merge_and_must_links_are_never_shed() -> None:
    policy = Policy(component_cap=3)
    left, right = ends([(0, 1), (1, 2), (2, 3), (3, 4)])
    for held in (policy.merge_weight, components.UNBREAKABLE):
        parts = components.fitting_parts(policy, np.arange(5), left, right, np.full(4, held, np.int64))
        assert [part.tolist() for part in parts] == [[0, 1, 2, 3, 4]]
