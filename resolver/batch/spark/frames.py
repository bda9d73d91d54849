"""What every step does with frames: cut them into tasks, keep groups whole, let go of how they were made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema

from resolver.batch.spark.session import spread

Batches: TypeAlias = Iterable[pa.RecordBatch]
Mapper: TypeAlias = Callable[[Batches], Iterator[pa.RecordBatch]]
"""A function of a task's Arrow batches, as `mapInArrow` takes it."""


def kept(frame: DataFrame) -> DataFrame:
    """The same rows, computed once, when they are first needed, and how they came about forgotten.

    They go to the checkpoint directory where Spark has one (`spark.checkpoint.dir`) and then survive the
    loss of a machine; else they stay with those that made them, and such a loss ends the run.
    """
    if frame.sparkSession.sparkContext.getCheckpointDir() is None:
        return frame.localCheckpoint(eager=False)
    return frame.checkpoint(eager=True)


def spread_by(frame: DataFrame, *columns: str) -> DataFrame:
    """The same rows in as many tasks as the session cuts work into, those of equal columns in one.

    The number is named, since left to itself Spark counts bytes, and here it is the rows that cost.
    """
    return frame.repartition(spread(frame.sparkSession), *columns)


def grouped(frame: DataFrame, column: str) -> DataFrame:
    """The same rows, all of one value of the column side by side in one task; see `whole_groups`."""
    return spread_by(frame, column).sortWithinPartitions(column)


def mapped(frame: DataFrame, mapper: Mapper, schema: pa.Schema) -> DataFrame:
    """What a function makes of each task's rows, in batches of this schema."""
    return frame.mapInArrow(mapper, from_arrow_schema(schema))


def whole_groups(batches: Batches, column: str, rows: int) -> Iterator[pa.Table]:
    """A task's rows in tables of about so many, never fewer than a whole group of equal values.

    The rows of a group must stand side by side. Functions of whole groups are called once for thousands
    of small ones, and a large one still comes in one piece.
    """
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        held.append(batch)
        count += batch.num_rows
        if count < rows:
            continue
        table = pa.Table.from_batches(held)
        last = pc.index(table[column], table[column][count - 1]).as_py()
        if last:
            yield table.slice(0, last)
            held = table.slice(last).to_batches()
            count -= last
    if count:
        yield pa.Table.from_batches(held)


def batch_of(schema: pa.Schema, columns: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    """A batch of these columns, in the schema's order."""
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def batch_of_rows(schema: pa.Schema, rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    """A batch of these rows, each in the schema's order."""
    return batch_of(schema, list(zip(*rows, strict=True)) if rows else [()] * len(schema))
