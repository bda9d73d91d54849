"""Files become statements of records: read by the very readers of one machine, normalised everywhere.

A file is read by one task, since only the rows before it tell where a row of CSV begins; then its rows
are dealt out, and each is made, normalised and named wherever it comes to lie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Final, NamedTuple

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import Row as SparkRow
from pyspark.sql import functions as f

from resolver.batch.arrivals import points
from resolver.batch.inputs import Input
from resolver.batch.problems import FileProblem
from resolver.batch.readers import opened
from resolver.batch.rows import Refused, Reject, RowMaker
from resolver.batch.spark.frames import Batches, Mapper, batch_of_rows, kept, mapped, spread_by
from resolver.normalise.evidence import Settings, digest, encode, normalise, protect
from resolver.resolve.keys import record_key, statement

OTHER_HEADER: Final = "the header is not the one that the mapping was made for"

_BATCH: Final = 2_000


class Stated(NamedTuple):
    """The rows of all files, as a frame, and how many there are.

    Columns of `frame`: `file` is the place of the row's file; `number` counts rows from 1 through all
    files; `source`, `record_id` (of the row, empty where it has none) and `key` (of its record) are text;
    `version` and `statement` rank what is stated of one record; `node` and `features` are digest and
    encoding of what it comes to; `own` tells that the key is the row's own (see `repeats`). Of
    rejected rows `line`, `reason`, `field` and `raw` are filled, and `key` is null.
    """

    frame: DataFrame
    rows: int
    rejected: int


_LINES: Final = pa.schema(
    [
        ("file", pa.int32()),
        ("number", pa.int64()),
        ("line", pa.int64()),
        ("cells", pa.list_(pa.binary())),
        ("reason", pa.string()),
        ("field", pa.string()),
        ("raw", pa.binary()),
        ("problem", pa.string()),
    ]
)
_STATED: Final = pa.schema(
    [
        ("file", pa.int32()),
        ("number", pa.int64()),
        ("line", pa.int64()),
        ("source", pa.string()),
        ("record_id", pa.string()),
        ("key", pa.string()),
        ("version", pa.int64()),
        ("statement", pa.string()),
        ("node", pa.binary()),
        ("features", pa.binary()),
        ("own", pa.bool_()),
        ("reason", pa.string()),
        ("field", pa.string()),
        ("raw", pa.binary()),
        ("problem", pa.string()),
    ]
)


def read(
    session: SparkSession,
    files: Sequence[Input],
    settings: Settings,
    *,
    region: str = "",
    latest: int | None = None,
) -> Stated:
    """All rows of these files; see `resolver.batch.inputs.Reading.rows`. Every machine must reach them.

    Raises FileProblem for a file that cannot be read.
    """
    places = session.range(len(files), numPartitions=max(len(files), 1))
    lines = spread_by(mapped(places, _lines_of(files), _LINES), "file", "number")
    makers = [
        partial(RowMaker, mapping, source=source, region=region, latest=latest)
        for _, mapping, source in files
    ]
    stated = kept(mapped(lines, _stated_by(makers, settings), _STATED))
    own = f.max(f.coalesce("own", f.lit(False)))
    told = stated.groupBy("file").agg(f.max("problem"), f.count("reason"), f.count(f.lit(1)), own).collect()
    counts = [0] * len(files)
    rejected = 0
    for number, problem, refused, count, _ in sorted(told):
        if problem is not None:
            raise FileProblem(files[number].path, problem)
        counts[number] = count
        rejected += refused
    before = f.array(*(f.lit(sum(counts[:number])) for number in range(len(files))))
    numbered = stated.withColumn("number", f.col("number") + before[f.col("file")])
    frame = _told_apart(numbered) if any(each[-1] for each in told) else numbered
    return Stated(frame.drop("problem", "own"), sum(counts), rejected)


def _told_apart(stated: DataFrame) -> DataFrame:
    """The same rows, each that has a key of its own with another; see `resolver.batch.repeats.Repeats`."""
    own = f.coalesce("own", f.lit(False))
    times = f.row_number().over(Window.partitionBy("source", "key").orderBy("number"))
    again = f.when(f.col("times") == 1, f.col("key")).otherwise(f.concat_ws(":", "key", "times"))
    apart = stated.where(own).withColumn("times", times).withColumn("key", again).drop("times")
    return stated.where(~own).unionByName(apart)


def reject_of(row: SparkRow) -> tuple[int, Reject]:
    """A rejected row of the frame as the readers tell it, after the place of its file."""
    return row.file, Reject(row.number, row.line, row.reason, row.field, _text(bytes(row.raw)))


def _lines_of(files: Sequence[Input]) -> Mapper:
    def lines(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch["id"].to_pylist():
                waiting = _lines(number, files[number])
                while some := list(islice(waiting, _BATCH)):
                    yield batch_of_rows(_LINES, some)

    return lines


def _lines(place: int, file: Input) -> Iterator[tuple[object, ...]]:
    """The file's rows as they stand in it; what is wrong with the file as a whole as a last one."""
    header = file.mapping.header
    try:
        with opened(file.path, header) as table:
            if table.header != header:
                yield place, 0, 0, None, None, None, None, OTHER_HEADER
                return
            for number, line, cells, raw in table.lines():
                if isinstance(cells, Refused):
                    yield place, number, line, None, cells.reason, cells.field, _bytes(raw), None
                else:
                    yield place, number, line, [_bytes(cell) for cell in cells], None, None, _bytes(raw), None
    except FileProblem as problem:
        yield place, 0, 0, None, None, None, None, str(problem).removeprefix(f"{problem.path}: ")


def _stated_by(makers: Sequence[Callable[[], RowMaker]], settings: Settings) -> Mapper:
    def stated(batches: Batches) -> Iterator[pa.RecordBatch]:
        make = [maker() for maker in makers]
        for batch in batches:
            lines = zip(*(column.to_pylist() for column in batch.columns), strict=True)
            yield batch_of_rows(_STATED, [_stated(make[line[0]], settings, *line) for line in lines])

    return stated


def _stated(
    make: RowMaker,
    settings: Settings,
    file: int,
    number: int,
    line: int,
    cells: Sequence[bytes] | None,
    reason: str | None,
    field: str | None,
    raw: bytes | None,
    problem: str | None,
) -> tuple[object, ...]:
    """One row of the frame: what the line states, or why it states nothing."""
    if cells is None:
        return file, number, line, *(None,) * 8, reason, field, raw, problem
    row = make(number, line, [_text(cell) for cell in cells])
    if isinstance(row, Reject):
        return file, number, line, *(None,) * 8, row.reason, row.field, raw, None
    evidence = protect(row.evidence, settings)
    features = normalise(evidence, settings)
    contact = row.touchpoint
    occurred, contact_id = (None, "") if contact is None else (contact.occurred, contact.touchpoint_id)
    key = record_key(row.source, row.record_id or row.own_id, evidence, features, occurred, contact_id)
    pointing = points(row)
    said = statement(None if pointing else row.version, None if pointing else occurred, evidence)
    told = "" if pointing else said.digest
    node = bytes.fromhex(digest(features))
    return (
        *(file, number, line, key.source, row.record_id, key.record_id, said.version, told),
        *(node, encode(features), bool(row.own_id), None, None, None, None),
    )


def _bytes(text: str) -> bytes:
    """A text with whatever it holds: bytes that were no UTF-8 stand in it as lone surrogates."""
    return text.encode("utf-8", "surrogatepass")


def _text(written: bytes) -> str:
    return written.decode("utf-8", "surrogatepass")
