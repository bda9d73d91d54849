from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

import networkx as nx

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Edge = tuple[int, int]


def found(spark: SparkSession, edges: Iterable[Edge]) -> dict[int, int]:
    from resolver.batch.spark.components import components  # noqa: PLC0415 - pyspark may be missing

    answer = components(spark.createDataFrame(list(edges), "left long, right long")).collect()
    assert len({row.node for row in answer}) == len(answer)
    return {row.node: row.component for row in answer}


def expected(edges: Iterable[Edge]) -> dict[int, int]:
    graph: nx.Graph[int] = nx.Graph()
    graph.add_edges_from((a, b) for a, b in edges if a != b)
    return {node: min(group) for group in nx.connected_components(graph) for node in group}


def random_graphs(chance: random.Random, graphs: int) -> list[Edge]:
    """Many graphs beside one another, sparse to dense, their nodes' numbers in no order."""
    edges = []
    for graph in range(graphs):
        size = chance.randint(2, 30)
        nodes = chance.sample(range(1000 * graph, 1000 * graph + 500), size)
        edges += [(chance.choice(nodes), chance.choice(nodes)) for _ in range(chance.randint(1, 2 * size))]
    return edges


def test_components_are_networkx_s(spark: SparkSession) -> None:
    """Random graphs, a long path, a star whose centre is not its least node, and a ring."""
    chance = random.Random(7)
    names = chance.sample(range(100_000, 101_000), 200)
    star = [(202_500, leaf) for leaf in range(202_000, 203_000) if leaf != 202_500]
    ring = [(300_000 + n, 300_000 + (n + 1) % 50) for n in range(50)]
    edges = [*random_graphs(chance, 60), *pairwise(names), *star, *ring]
    shuffled = chance.sample(edges, len(edges))
    assert found(spark, shuffled) == expected(edges)


def test_no_edge_no_component_and_a_loop_joins_nobody(spark: SparkSession) -> None:
    assert found(spark, []) == {}
    assert found(spark, [(3, 3)]) == {}
    assert found(spark, [(4, 3), (3, 4), (3, 3)]) == {3: 3, 4: 3}
