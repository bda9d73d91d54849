"""Nodes become edges: pairs that share a live key are weighed where that key's block lies."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from resolver.batch.spark.frames import Batches, Mapper, batch_of, grouped, mapped, whole_groups
from resolver.match.columns import Columns
from resolver.match.model import Model
from resolver.normalise.evidence import decode
from resolver.resolve.candidates import candidate_pairs
from resolver.resolve.edges import CHUNK
from resolver.resolve.settings import Policy

ROWS: Final = 20_000
"""Members of blocks that a task holds at once; the cap on blocks bounds the pairs that they make."""

_EDGES: Final = pa.schema([("left", pa.binary()), ("right", pa.binary())])


def edges(model: Model, policy: Policy, nodes: DataFrame) -> DataFrame:
    """Pairs of nodes (`left`, `right`) that share a live key and reach the edge threshold, each once.

    A node is sent to each of its blocks with all of its live keys, and a pair is weighed in the least
    block that both are in (Kolb, Thor, Rahm: Don't Match Twice, 2013): so no pair is moved about, and
    none is weighed twice.
    """
    members = nodes.select("node", "features", "live", "silent", f.explode("live").alias("key"))
    return mapped(grouped(members, "key"), _edges_by(model, policy), _EDGES)


def _edges_by(model: Model, policy: Policy) -> Mapper:
    def weighed(batches: Batches) -> Iterator[pa.RecordBatch]:
        for table in whole_groups(batches, "key", ROWS):
            yield _edges(model, policy, table)

    return weighed


def _edges(model: Model, policy: Policy, table: pa.Table) -> pa.RecordBatch:
    keys = table["key"].to_pylist()
    names, places, blocks = _numbered(table["node"].to_pylist(), keys)
    once = table.take(pa.array(places, pa.int64()))
    live = [frozenset(each) for each in once["live"].to_pylist()]
    here = frozenset(keys)
    left, right = candidate_pairs(blocks, frozenset())
    met = zip(left.tolist(), right.tolist(), strict=True)
    mine = np.fromiter((min(live[a] & live[b]) in here for a, b in met), bool, len(left))
    left, right = left[mine], right[mine]
    silent = frozenset(chain.from_iterable(once["silent"].to_pylist()))
    columns = Columns(model, [decode(each) for each in once["features"].to_pylist()], silent)
    found: tuple[list[bytes], list[bytes]] = ([], [])
    for at in range(0, len(left), CHUNK):
        one, other = left[at : at + CHUNK], right[at : at + CHUNK]
        strong = columns.totals(one, other) >= policy.edge_weight
        for column, ends in zip(found, (one[strong], other[strong]), strict=True):
            column.extend(names[n] for n in ends.tolist())
    return batch_of(_EDGES, found)


def _numbered(members: list[bytes], keys: list[str]) -> tuple[list[bytes], list[int], list[list[str]]]:
    """Distinct members in order of appearance: which they are, in which row first, and in which blocks."""
    numbers: dict[bytes, int] = {}
    places: list[int] = []
    blocks: list[list[str]] = []
    for place, (member, key) in enumerate(zip(members, keys, strict=True)):
        number = numbers.setdefault(member, len(numbers))
        if number == len(places):
            places.append(place)
            blocks.append([])
        blocks[number].append(key)
    return list(numbers), places, blocks
