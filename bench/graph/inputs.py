"""What a store is filled with and what it is asked, drawn from the rows of a labelled set."""

from __future__ import annotations

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
Some = Callable[[], Iterator[Row]]
"""Some rows of a set, read anew each time: a million of them are not kept."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The first `count` rows of a set, all where None. Raises FileProblem where one is no touchpoint."""

    dataset: Dataset
    folder: Path
    count: int | None = None

    def where(self, wanted: Callable[[int, str], bool]) -> Iterator[Row]:
        """Those of which this holds, by number (from 0) and person. The person serves for nothing else."""
        path = self.folder / self.dataset.file
        place = header(path).index(self.dataset.truth_column)
        mapping = read_mapping(path, id_column=self.dataset.id_column)
        both = zip(rows(path, mapping, region=self.dataset.region), cells(path), strict=True)
        for number, (row, values) in enumerate(islice(both, self.count)):
            if wanted(number, values[place]):
                if not isinstance(row, Row) or row.touchpoint is None:
                    raise FileProblem(path, "a row is no touchpoint")
                yield row

    def people(self) -> list[str]:
        """Whose each row is, in order."""
        path = self.folder / self.dataset.file
        place = header(path).index(self.dataset.truth_column)
        return [values[place] for values in islice(cells(path), self.count)]


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
        known=lambda: source.where(lambda number, _: number not in held),
        new=lambda: source.where(lambda number, _: number in held),
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
        return lambda: source.where(lambda number, name: place[name] < limit and number not in asked)

    counts = [sum(place[name] < limit for name in people) - len(asked) for limit in limits]
    return Grown(counts, [store(limit) for limit in limits], [*source.where(lambda n, _: n in asked)])


def requests(some: Iterator[Row]) -> list[pb.RecordTouchpointRequest]:
    """The requests that carry these rows."""
    return [touchpoint_request(row, row.touchpoint) for row in some if row.touchpoint is not None]
