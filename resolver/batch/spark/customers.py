"""Components become customers, by the one function that decides everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from graph.model import RecordKey
from resolver.batch.spark.frames import Batches, Mapper, batch_of_rows, grouped, kept, mapped, whole_groups
from resolver.match.model import Model
from resolver.normalise.evidence import decode
from resolver.resolve.partition import Component, Evidence, partition
from resolver.resolve.settings import Policy

Ints = NDArray[np.int64]

NODES: Final = 20_000
"""Nodes of whole components that a task decides at once; a larger component comes by itself."""

_KEY: Final = pa.struct([("source", pa.string()), ("key", pa.string())])
_NAMED: Final = pa.struct([("source", pa.string()), ("name", pa.string())])
_LINK: Final = pa.struct(
    [
        ("left", _NAMED),
        ("right", _NAMED),
        ("weight", pa.int64()),
        ("reason", pa.string()),
        ("joined", pa.bool_()),
    ]
)
_DECIDED: Final = pa.schema(
    [
        ("first", _KEY),
        ("visitor", pa.bool_()),
        ("whole", pa.bool_()),
        ("customers", pa.list_(pa.list_(_KEY))),
        ("links", pa.list_(_LINK)),
    ]
)


def decided(
    model: Model, policy: Policy, nodes: DataFrame, edges: DataFrame, components: DataFrame
) -> DataFrame:
    """One row for each component as `resolver.resolve.partition` has it, and one for each visitor's record.

    Columns: `first`, the least of its records; `visitor`; `whole`, false where it was too large to be
    weighed; `customers`, the records of each; `links`, joins before doubts, each by source and name of a
    record of either side.
    """
    partners = edges.groupBy(f.col("left").alias("node")).agg(f.collect_list("right").alias("partners"))
    members = (
        nodes.drop("live")
        .join(components, "node", "left")
        .join(partners, "node", "left")
        .withColumn("component", f.coalesce("component", "node"))
    )
    return mapped(grouped(members, "component"), _decided_by(model, policy), _DECIDED)


def numbered(decided: DataFrame) -> DataFrame:
    """Each record's customer: `source`, `key`, and its place among all in order of their least records."""
    ranked = kept(
        decided.select(f.explode("customers").alias("records"))
        .orderBy(f.col("records")[0])
        .withColumn("at", f.monotonically_increasing_id())
    )
    # The id counts within a task, above it stands the task's own number: the tasks are in order.
    task, within = f.shiftright("at", _TASK), f.col("at").bitwiseAND((1 << _TASK) - 1)
    sizes = sorted(ranked.groupBy(task).count().collect())
    before = {number: sum(size for _, size in sizes[:place]) for place, (number, _) in enumerate(sizes)}
    start = f.create_map(*(f.lit(each) for each in chain.from_iterable(before.items())))
    customer = (start[task] + within + 1).cast("string") if before else f.lit("")
    return ranked.select(f.explode("records").alias("record"), customer.alias("customer")).select(
        "record.source", "record.key", "customer"
    )


_TASK: Final = 33
"""How many bits of a `monotonically_increasing_id` count the rows of one task."""


def _decided_by(model: Model, policy: Policy) -> Mapper:
    def components(batches: Batches) -> Iterator[pa.RecordBatch]:
        for table in whole_groups(batches, "component", NODES):
            yield batch_of_rows(_DECIDED, list(_decided(model, policy, table)))

    return components


def _decided(model: Model, policy: Policy, table: pa.Table) -> Iterator[tuple[object, ...]]:
    features = [decode(each) for each in table["features"].to_pylist()]
    held = table["records"].to_pylist()
    silent = frozenset(chain.from_iterable(table["silent"].to_pylist()))
    called = {_key(each): each["name"] for each in chain.from_iterable(held)}
    records = [(_key(each), node) for node, several in enumerate(held) for each in several]
    # Of all pairs that blocking brings only the edges lead on, and they are known.
    evidence = Evidence(features, [()] * len(features), records, (), silent)
    found = partition(model, policy, evidence, candidates=_candidates(table))
    for component in found.components:
        customers = [[_row(key) for key in customer] for customer in component.customers]
        yield customers[0][0], False, component.whole, customers, _links(component, called)
    for visitor in found.visitors:
        yield _row(visitor), True, True, [[_row(visitor)]], []


def _candidates(table: pa.Table) -> tuple[Ints, Ints]:
    """The edges of these nodes as pairs of their numbers, left < right."""
    number = {node: place for place, node in enumerate(table["node"].to_pylist())}
    ends = [
        sorted((place, number[partner]))
        for place, partners in enumerate(table["partners"].to_pylist())
        for partner in partners or ()
    ]
    pairs = np.array(sorted(ends), np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _links(component: Component, called: dict[RecordKey, str]) -> list[dict[str, object]]:
    return [
        {
            "left": {"source": link.left.source, "name": called[link.left]},
            "right": {"source": link.right.source, "name": called[link.right]},
            "weight": link.weight,
            "reason": link.reason,
            "joined": joined,
        }
        for joined, links in ((True, component.joins), (False, component.doubts))
        for link in links
    ]


def _key(record: Mapping[str, str]) -> RecordKey:
    return RecordKey(record["source"], record["key"])


def _row(key: RecordKey) -> dict[str, str]:
    return {"source": key.source, "key": key.record_id}
