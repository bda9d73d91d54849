"""What is recorded and asked for: the rows of a labelled set, as the requests that carry them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from bench.accuracy.datasets import SEED, Dataset
from resolver.batch.readers import FileProblem, Row, cells, header, read_mapping, rows
from resolver.cli.delivery import touchpoint_request
from resolver.v1 import resolution_service_pb2 as pb

Requests = Sequence[pb.RecordTouchpointRequest]

FEW: Final = 10
"""One person in so many is in the small store too."""
HELD_OUT: Final = 5_000
"""Records, at most, that are kept back to be new later."""
HELD_OUT_SHARE: Final = 10
"""At most one record in so many is kept back."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Requests, each a touchpoint that carries its record.

    `known` is what the store holds. `few` is the part of it that speaks of one person in ten: whole
    persons, so that a query about one of them meets as many records of theirs in a store of these
    alone. `asked` are records of these persons that neither store holds; `new` are other records that
    it does not hold.
    """

    known: Requests
    few: Requests
    asked: Requests
    new: Requests


def read(dataset: Dataset, folder: Path, count: int | None = None, seed: int = SEED) -> Inputs:
    """The first `count` rows of a set (all where None), parted by a draw from `seed`.

    The truth column serves for nothing but to draw whole persons.

    Raises:
        FileProblem: the set is not there, or a row of it is no touchpoint.
    """
    path = folder / dataset.file
    requests = _requests(path, dataset, count)
    place = header(path).index(dataset.truth_column)
    people = [row[place] for row in islice(cells(path), count)]
    draw = random.Random(seed)
    names = sorted(set(people))
    chosen = set(draw.sample(names, len(names) // FEW))
    held = set(draw.sample(range(len(requests)), min(HELD_OUT, len(requests) // HELD_OUT_SHARE)))
    parts: dict[tuple[bool, bool], list[pb.RecordTouchpointRequest]] = {}
    for number, request in enumerate(requests):
        parts.setdefault((number in held, people[number] in chosen), []).append(request)
    return Inputs(
        known=[request for number, request in enumerate(requests) if number not in held],
        few=parts.get((False, True), []),
        asked=parts.get((True, True), []),
        new=parts.get((True, False), []),
    )


def again(requests: Requests, number: int) -> Requests:
    """Later touchpoints of the same records, with the same evidence; another `number`, other touchpoints."""
    return [_again(request, number) for request in requests]


def bare(requests: Requests) -> Requests:
    """The same touchpoints without evidence: they only point to their records."""
    pointing = []
    for request in requests:
        copy = pb.RecordTouchpointRequest()
        copy.touchpoint.CopyFrom(request.touchpoint)
        pointing.append(copy)
    return pointing


def messages(requests: Requests, size: int) -> list[bytes]:
    """A stream of them, `size` a message, serialised."""
    return [
        pb.StreamTouchpointsRequest(touchpoints=requests[at : at + size]).SerializeToString()
        for at in range(0, len(requests), size)
    ]


def _again(request: pb.RecordTouchpointRequest, number: int) -> pb.RecordTouchpointRequest:
    copy = pb.RecordTouchpointRequest()
    copy.CopyFrom(request)
    copy.touchpoint.key.touchpoint_id += f"-{number}"
    copy.touchpoint.occurred_time.seconds += number
    copy.record_version = request.record_version + number * 1_000_000
    return copy


def _requests(path: Path, dataset: Dataset, count: int | None) -> list[pb.RecordTouchpointRequest]:
    mapping = read_mapping(path, id_column=dataset.id_column)
    requests = []
    for row in islice(rows(path, mapping, region=dataset.region), count):
        if not isinstance(row, Row) or row.touchpoint is None:
            raise FileProblem(path, "a row is no touchpoint")
        requests.append(touchpoint_request(row, row.touchpoint))
    return requests
