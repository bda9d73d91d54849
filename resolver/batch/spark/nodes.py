"""Statements become nodes: what each record says now, equal evidence once, and the keys that find it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from graph.keys import identifier_block
from graph.model import Assurance
from resolver.batch.spark.frames import Batches, Mapper, batch_of, batch_of_rows, kept, mapped, spread_by
from resolver.match.blocking import blocking_keys
from resolver.normalise.evidence import decode, describe
from resolver.normalise.features import Features
from resolver.resolve.settings import Policy
from resolver.resolve.silence import silent_keys

_KEYS: Final = pa.schema(
    [("node", pa.binary()), ("key", pa.string()), ("description", pa.string()), ("verified", pa.bool_())]
)
_HUSHED: Final = pa.schema([("key", pa.string()), ("hushed", pa.list_(pa.string()))])


def nodes(policy: Policy, stated: DataFrame) -> DataFrame:
    """The nodes of all records as they stand.

    Columns: `node` and `features`; `records`, each with `source`, `key` and `name`; `live`, the blocking
    keys under which another node is found too; `silent`, what of its own keys and values does not speak
    (see `resolver.resolve.silence`).
    """
    features = stated.where("node IS NOT NULL").groupBy("node").agg(f.first("features").alias("features"))
    held = (
        _records(stated)
        .groupBy("node")
        .agg(f.collect_list(f.struct("source", "key", "name")).alias("records"))
    )
    bare = kept(held.join(features, "node"))
    keys = kept(mapped(spread_by(bare.select("node", "features"), "node"), _keys, _KEYS))
    met = keys.join(_shared(policy, keys), "key")
    speaks = f.when(~f.array_contains("hushed", f.col("key")), f.col("key"))
    found = met.groupBy("node").agg(
        f.collect_list(speaks).alias("live"), f.flatten(f.collect_list("hushed")).alias("silent")
    )
    none = f.array().cast("array<string>")
    return kept(
        bare.join(found, "node", "left")
        .withColumn("live", f.coalesce("live", none))
        .withColumn("silent", f.coalesce("silent", none))
    )


def _records(stated: DataFrame) -> DataFrame:
    """Every record as it stands: `source`, `key`, its `node`, and what it is called (`name`).

    The statement of greatest rank is the record (`graph.model.Statement.rank`), of equal ones the one
    that stands first; it is called as its first row is.
    """
    name = f.when(f.col("record_id") == "", f.col("number").cast("string")).otherwise(f.col("record_id"))
    return (
        stated.where("key IS NOT NULL")
        .groupBy("source", "key")
        .agg(f.max_by("node", _rank()).alias("node"), f.min_by(name, "number").alias("name"))
    )


def replaced(stated: DataFrame) -> int:
    """How many rows say something else than another of the same record, which stands in their place."""
    said = stated.where("statement != ''").groupBy("source", "key", "node")
    each = said.agg(f.count(f.lit(1)).alias("times"), f.max(_rank()).alias("rank")).groupBy("source", "key")
    away = each.agg((f.sum("times") - f.max_by("times", "rank")).alias("away"))
    return away.agg(f.sum("away")).first()[0] or 0


def _rank() -> Column:
    return f.struct(
        f.col("version").isNotNull(), f.coalesce("version", f.lit(0)), "statement", -f.col("number")
    )


def _keys(batches: Batches) -> Iterator[pa.RecordBatch]:
    """Each node's blocking keys; under an identifier's own also who asserts it, and how surely."""
    for batch in batches:
        read = zip(batch["node"].to_pylist(), batch["features"].to_pylist(), strict=True)
        held = [(node, *each) for node, features in read for each in _held(decode(features))]
        yield batch_of_rows(_KEYS, held)


def _held(features: Features) -> Iterator[tuple[str, str | None, bool]]:
    said = {identifier_block(each.identifier): each for each in describe(features)}
    for key in blocking_keys(features):
        by = said.get(key)
        if by is None:
            yield key, None, False
        else:
            yield key, by.description, by.assurance == Assurance.VERIFIED


def _shared(policy: Policy, keys: DataFrame) -> DataFrame:
    """Every key that several nodes have, with the keys that are silent for it.

    Descriptions are counted in two steps, each a sum that tasks begin by themselves, so that a value on
    half of all rows comes together as a handful of numbers. No line is less than two, so what one node
    has alone is never silent, and finds nobody.
    """
    described = keys.groupBy("key", "description").agg(
        f.count(f.lit(1)).alias("size"), f.max("verified").alias("verified")
    )
    counted = described.groupBy("key").agg(
        f.sum("size").alias("size"),
        f.count("description").alias("descriptions"),
        f.count_if(f.expr("verified AND description IS NOT NULL")).alias("verified"),
    )
    return mapped(counted.where("size > 1"), _hushed_by(policy), _HUSHED)


def _hushed_by(policy: Policy) -> Mapper:
    def hushed(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            columns = {name: batch[name].to_pylist() for name in batch.schema.names}
            keys = columns["key"]
            counts = zip(keys, columns["size"], columns["descriptions"], columns["verified"], strict=True)
            yield batch_of(_HUSHED, (keys, [list(silent_keys(policy, *each)) for each in counts]))

    return hushed
