"""The engine: files in, the same customers out as on one machine, byte for byte.

    files -> statements -> records -> nodes and live keys -> edges -> components -> customers

What decides is pure and shared (`resolver.normalise`, `resolver.match`, `resolver.resolve`); what stands
here only brings together in one place what must be seen together.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f

from graph.model import RecordKey
from resolver.batch.collecting import Placed
from resolver.batch.dedupe import SUGGESTED, Counts, nearest_power
from resolver.batch.inputs import Input
from resolver.batch.rows import Reject
from resolver.batch.spark.components import components
from resolver.batch.spark.customers import decided, numbered
from resolver.batch.spark.frames import kept
from resolver.batch.spark.nodes import nodes, replaced
from resolver.batch.spark.pairs import edges
from resolver.batch.spark.reading import Stated, read, reject_of
from resolver.match.document import Document
from resolver.match.model import build, default_model
from resolver.match.weigh import probability
from resolver.normalise.evidence import DEFAULT, Settings
from resolver.resolve.settings import Policy


@dataclass(frozen=True, slots=True)
class Resolved:
    """The answer, as long as its session lasts. What there are many of is read from Spark row by row."""

    population: int
    counts: Counts
    _placed: DataFrame
    _rejected: DataFrame
    _links: DataFrame

    def rows(self) -> Iterator[Placed]:
        """Every row once, in the order of the files."""
        for row in _streamed(self._placed.orderBy("number")):
            key = None if row.key is None else RecordKey(row.source, row.key)
            yield Placed(row.number, row.source, row.record_id, row.customer, key)

    def rejects(self) -> Iterator[tuple[int, Reject]]:
        """The rows that were not taken, in order, each after the place of its file."""
        return map(reject_of, _streamed(self._rejected.orderBy("number")))

    def write_rows(self, out: Path) -> None:
        """Write which row is whose: record_id, customer_id and, where there are several, source."""
        columns = {"record_id": "record_id", "customer_id": "customer", "source": "source"}
        self._write(out, columns, self._placed.orderBy("number"))

    def write_pairs(self, out: Path) -> None:
        """Write the pairs that matched or may, with probability and decision, in order of their records.

        Where there are several sources it names that of either side too.
        """
        columns = {
            "left": "left.name",
            "right": "right.name",
            "probability": "weight",
            "decision": "reason",
            "left_source": "left.source",
            "right_source": "right.source",
        }
        self._write(out, columns, self._links.orderBy("first", "place"))

    def _write(self, out: Path, columns: Mapping[str, str], frame: DataFrame) -> None:
        sources = self._placed.where("key IS NOT NULL").select("source").distinct().limit(2).count()
        names = [name for name in columns if sources > 1 or not name.endswith("source")]
        with out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(names)
            for row in _streamed(frame.select(*(f.col(columns[name]).alias(name) for name in names))):
                cells = row.asDict()
                if "probability" in cells:
                    cells["probability"] = f"{probability(cells['probability']):.6f}"
                writer.writerow(cells.values())


def dedupe(
    session: SparkSession,
    files: Sequence[Input],
    *,
    region: str = "",
    latest: int | None = None,
    settings: Settings = DEFAULT,
    policy: Policy | None = None,
    population: int | None = None,
    document: Document | None = None,
) -> Resolved:
    """Which rows of the files are one customer's: `resolver.batch.dedupe.dedupe` of them in a row.

    `region` and `latest` are as in `resolver.batch.readers.rows`, the rest as there. Raises
    FileProblem for a file that cannot be read, ValueError where the population is less than 1.
    """
    stated = read(session, files, settings, region=region, latest=latest)
    size = nearest_power(stated.rows - stated.rejected) if population is None else population
    model = default_model(size) if document is None else build(document, size)
    rules = policy or Policy()
    found = nodes(rules, stated.frame)
    near = kept(edges(model, rules, found))
    answer = kept(decided(model, rules, found, near, components(near)))
    return Resolved(
        population=size,
        counts=_counts(stated, found, answer),
        _placed=_placed(stated, numbered(answer)),
        _rejected=stated.frame.where("key IS NULL"),
        _links=answer.select("first", f.posexplode("links").alias("place", "link")).select(
            "first", "place", "link.*"
        ),
    )


def _placed(stated: Stated, customers: DataFrame) -> DataFrame:
    number = f.col("number").cast("string")
    named = f.when(f.col("record_id") == "", number).otherwise(f.col("record_id"))
    return kept(
        stated.frame.join(customers, ["source", "key"], "left").select(
            "number",
            "key",
            f.coalesce("source", f.lit("")).alias("source"),
            f.coalesce(named, number).alias("record_id"),
            f.coalesce("customer", f.concat(f.lit("rejected-"), number)).alias("customer"),
        )
    )


def _counts(stated: Stated, found: DataFrame, answer: DataFrame) -> Counts:
    known = found.agg(f.count(f.lit(1)).alias("nodes"), f.sum(f.size("records")).alias("records"))
    groups = answer.agg(
        f.sum(f.when(~f.col("visitor"), f.size("customers"))).alias("customers"),
        f.sum(f.col("visitor").cast("int")).alias("visitors"),
        f.sum(f.size(f.filter("links", lambda link: link.joined))).alias("matches"),
        f.sum(f.size(f.filter("links", _suggested))).alias("suggestions"),
        f.sum((~f.col("whole")).cast("int")).alias("too_large"),
    )
    sums = {**known.first().asDict(), **groups.first().asDict()}
    counts: dict[str, Any] = {name: count or 0 for name, count in sums.items()}
    return Counts(
        rows=stated.rows,
        rejected=stated.rejected,
        replaced=replaced(stated.frame),
        **counts,
    )


def _suggested(link: Column) -> Column:
    return ~link.joined & link.reason.isin(*SUGGESTED)


def _streamed(frame: DataFrame) -> Iterator[Any]:
    """A frame's rows one after another, in memory that holds the largest of its tasks."""
    return iter(frame.toLocalIterator(prefetchPartitions=True))
