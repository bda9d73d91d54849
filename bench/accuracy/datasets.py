"""The labelled sets, made blind: no truth column, meaningless ids, rows in a drawn order."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from resolver.batch.readers import FileProblem, cells, header

SEED = 20_260_823


@dataclass(frozen=True, slots=True)
class Dataset:
    """One labelled set.

    `id_column` and `truth_column` are its own names. `renamed` gives columns a name that the resolver
    knows, where the set's own says nothing (`postcode_fake`). `region` and `government_ids` as `resolver
    dedupe` takes them. `like` is the set that has the same rows, so that no peer need be run on them again;
    `large` sets are run on request only. `attributes`: columns of its own count too.
    """

    name: str
    file: str
    id_column: str
    truth_column: str
    region: str = ""
    renamed: tuple[tuple[str, str], ...] = ()
    government_ids: bool = False
    like: str = ""
    large: bool = False
    attributes: bool = False


def _febrl(name: str) -> tuple[Dataset, Dataset]:
    """The set without its social security numbers, which are taken on request only, and with them."""
    plain = Dataset(name, f"{name}/{name}.csv.gz", "rec_id", "entity", region="AU")
    return plain, replace(plain, name=f"{name}_ids", government_ids=True, like=name)


DATASETS = (
    Dataset("omni_10k", "omni/omni_10k.parquet", "record_id", "entity_id"),
    Dataset("omni_100k", "omni/omni_100k.parquet", "record_id", "entity_id"),
    Dataset("omni_heavy", "omni/omni_heavy.parquet", "record_id", "entity_id"),
    Dataset("omni_1m", "omni/omni_1m.parquet", "record_id", "entity_id", large=True),
    Dataset("fake_1000", "fake_1000/fake_1000.csv.gz", "unique_id", "cluster", region="GB"),
    *_febrl("febrl1"),
    *_febrl("febrl2"),
    *_febrl("febrl3"),
    Dataset(
        "historical_50k",
        "historical_50k/historical_50k.parquet",
        "unique_id",
        "cluster",
        region="GB",
        renamed=(("postcode_fake", "postcode"),),
        attributes=True,
    ),
)


def blind(dataset: Dataset, folder: Path, out: Path, seed: int = SEED) -> dict[str, str]:
    """Write `dataset` from `folder` to `out` as CSV, blind; the truth by the new ids.

    An id is a row's place in the drawn order. The id column keeps its name.

    Raises:
        FileProblem: the set is not there, or has not the columns that it should have.
    """
    path = folder / dataset.file
    columns = header(path)
    for column in (dataset.id_column, dataset.truth_column):
        if column not in columns:
            raise FileProblem(path, f"there is no column {column!r}")
    truth_place = columns.index(dataset.truth_column)
    id_place = columns.index(dataset.id_column)
    rows = list(cells(path))
    random.Random(seed).shuffle(rows)
    truth: dict[str, str] = {}

    def blinded() -> Iterator[list[str]]:
        for place, row in enumerate(rows):
            truth[str(place)] = row[truth_place]
            yield _without([*row[:id_place], str(place), *row[id_place + 1 :]], truth_place)

    names = dict(dataset.renamed)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_without([names.get(column, column) for column in columns], truth_place))
        writer.writerows(blinded())
    return truth


def _without(row: Sequence[str], place: int) -> list[str]:
    return [*row[:place], *row[place + 1 :]]
