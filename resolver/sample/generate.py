"""Touchpoints of a company with a shop, a web shop, a call centre and the usual channels.

People come in small worlds (a household, an office, one person alone), each drawn from the seed and its
place alone, so that a million rows need no more memory than a few thousand. Within a block of worlds the
touchpoints are in order of time.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from typing import NamedTuple

from resolver.batch.mapping import guess
from resolver.batch.rows import Row, RowMaker
from resolver.sample.scenarios import worlds

COLUMNS = (
    "touchpoint_id", "source", "channel", "occurred_at", "direction", "kind", "purpose", "conversation_id",
    "outcome", "automated", "agent", "store", "duration", "value", "currency", "order_id", "case_id",
    "record_id", "given_name", "surname", "full_name", "company", "email", "phone", "handle", "loyalty_id",
    "device_id", "birth_date", "street", "house_number", "postcode", "city", "country",
)  # fmt: skip
"""The columns of the sample, named as the reader's guess knows them."""

TRUTH = ("source", "record_id", "person_id", "touchpoint_id", "scenario")
"""The columns of the truth, in the order in which labels are read.

`record_id` is the row's number where the touchpoint names no record, as `resolver dedupe` has it.
`person_id` is one of a visitor's own, `visitor-` and the device, where nobody is known to be there.
"""

REGION = "NL"
"""Where national phone numbers of records without a country belong."""

DEFAULT_PEOPLE = 300
DEFAULT_SEED = 1
_BLOCK = 1_000


class Sample(NamedTuple):
    """One touchpoint and the truth about it: `cells` as `COLUMNS`, `truth` as `TRUTH`; empty is absent."""

    cells: tuple[str, ...]
    truth: tuple[str, ...]


def samples(people: int = DEFAULT_PEOPLE, seed: int = DEFAULT_SEED) -> Iterator[Sample]:
    """The touchpoints of at least `people` people and of some visitors. Same seed, same touchpoints."""
    for block in _blocks(people, seed):
        yield from block


def sample_rows(people: int = DEFAULT_PEOPLE, seed: int = DEFAULT_SEED) -> Iterator[tuple[Row, str]]:
    """The same as rows of the reader, each with the person's name in the truth."""
    make = RowMaker(guess(COLUMNS), region=REGION)
    for number, (cells, truth) in enumerate(samples(people, seed), start=1):
        row = make(number, number + 1, cells)
        if not isinstance(row, Row):
            raise TypeError(f"the sample's row {number}: {row.field} {row.reason}")
        yield row, truth[TRUTH.index("person_id")]


def _blocks(people: int, seed: int) -> Iterator[list[Sample]]:
    told = worlds(people, seed)
    number = count(1)
    while block := list(islice(told, _BLOCK)):
        touchpoints = sorted(
            (when, cells["touchpoint_id"], cells, who, world.scenario)
            for world in block
            for when, cells, who in world.touchpoints
        )
        yield [
            Sample(
                tuple(cells.get(column, "") for column in COLUMNS),
                (cells["source"], cells.get("record_id", str(row)), who, cells["touchpoint_id"], scenario),
            )
            for (_, _, cells, who, scenario), row in zip(touchpoints, number, strict=False)
        ]
