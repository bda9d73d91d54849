"""What a store is filled with and what it is asked, drawn from the rows of a labelled set."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from bench.accuracy.datasets import SEED, Dataset
from resolver.batch.readers import FileProblem, Row, cells, header, read_mapping, rows
from resolver.cli.delivery import touchpoint_request
from resolver.v1 import resolution_service_pb2 as pb

HELD_OUT_SHARE: Final = 10
"""One record in so many is kept back, to be new later."""
ASKED: Final = 500
"""Records, at most, that stores of all sizes are asked about."""

Requests = Sequence[pb.RecordTouchpointRequest]
Wanted = Callable[[int, str], bool]
"""Whether a row is wanted, by its number (from 0) and its person. The person serves for nothing else."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The first `count` rows of a set, all where None. Raises FileProblem where one is no touchpoint."""

    dataset: Dataset
    folder: Path
    count: int | None = None

    def where(self, wanted: Wanted) -> Iterator[Row]:
        """Those that are wanted."""
        path, place = self._path, self._place
        mapping = read_mapping(path, id_column=self.dataset.id_column)
        both = zip(rows(path, mapping, region=self.dataset.region), cells(path), strict=True)
        for number, (row, values) in enumerate(islice(both, self.count)):
            if wanted(number, values[place]):
                if not isinstance(row, Row) or row.touchpoint is None:
                    raise FileProblem(path, "a row is no touchpoint")
                yield row

    def write(self, wanted: Wanted, out: Path) -> None:
        """Write those that are wanted as CSV, without the column that tells whose they are."""
        place = self._place
        with out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            names = header(self._path)
            writer.writerow([*names[:place], *names[place + 1 :]])
            for number, values in enumerate(islice(cells(self._path), self.count)):
                if wanted(number, values[place]):
                    writer.writerow([*values[:place], *values[place + 1 :]])

    def people(self) -> list[str]:
        """Whose each row is, in order."""
        place = self._place
        return [values[place] for values in islice(cells(self._path), self.count)]

    @property
    def _path(self) -> Path:
        return self.folder / self.dataset.file

    @property
    def _place(self) -> int:
        """The place of the column that tells whose a row is."""
        return header(self._path).index(self.dataset.truth_column)


@dataclass(frozen=True, slots=True)
class Some:
    """Some rows of a set, read anew each time: a million of them are not kept."""

    source: Rows
    wanted: Wanted

    def __call__(self) -> Iterator[Row]:
        """Read them."""
        return self.source.where(self.wanted)

    def write(self, out: Path) -> None:
        """Write them as a file of anybody's."""
        self.source.write(self.wanted, out)

    @property
    def id_column(self) -> str:
        """Which of its columns names a record."""
        return self.source.dataset.id_column


@dataclass(frozen=True, slots=True)
class Parts:
    """`known` is what a store is filled with, `new` what it has never heard of."""

    known: Some
    new: Some


def parts(source: Rows, seed: int = SEED) -> Parts:
    """Rows parted by a draw."""
    numbers = range(len(source.people()))
    held = frozenset(random.Random(seed).sample(numbers, len(numbers) // HELD_OUT_SHARE))
    return Parts(
        known=Some(source, lambda number, _: number not in held),
        new=Some(source, lambda number, _: number in held),
    )


@dataclass(frozen=True, slots=True)
class Grown:
    """Stores of several sizes, the least first, each with all the people of those before it.

    `asked` are records, in none of them, of people whom all of them know; so a question meets as many
    records of theirs in each.
    """

    sizes: Sequence[int]
    stores: Sequence[Some]
    asked: Sequence[Row]


def grown(source: Rows, sizes: Sequence[int], seed: int = SEED) -> Grown:
    """Whole people, drawn so that a store has about so many records."""
    people = source.people()
    draw = random.Random(seed)
    names = sorted(set(people))
    draw.shuffle(names)
    place = {name: number for number, name in enumerate(names)}
    limits = [len(names) * min(size, len(people)) // len(people) for size in sizes]
    known_to_all = [number for number, name in enumerate(people) if place[name] < limits[0]]
    asked = frozenset(draw.sample(known_to_all, min(ASKED, len(known_to_all) // HELD_OUT_SHARE)))

    def store(limit: int) -> Some:
        return Some(source, lambda number, name: place[name] < limit and number not in asked)

    counts = [sum(place[name] < limit for name in people) - len(asked) for limit in limits]
    return Grown(counts, [store(limit) for limit in limits], [*source.where(lambda n, _: n in asked)])


def requests(some: Iterator[Row]) -> list[pb.RecordTouchpointRequest]:
    """The requests that carry these rows."""
    return [touchpoint_request(row, row.touchpoint) for row in some if row.touchpoint is not None]
