"""One value on half of all rows, which must cost nothing and change nothing for the other rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from bench.accuracy.contenders import customers
from bench.batch.files import SHARED_COLUMN, half_shared, labelled
from bench.batch.part import Asked, Section, of_costs, shown
from bench.batch.processes import Spent, spent
from bench.speed.figures import Figure, in_turns, ratio
from bench.speed.report import Line

ROWS: Final = 1_000_000
MOST_TIME: Final = 1.1
"""What is taken for noise; and the value, after all, has to be read."""


def measure(asked: Asked) -> Section:
    """With the value and without, in turns. Raises RunFailed, and FileProblem without the set."""
    rows = labelled(asked.data, asked.rows(ROWS), asked.folder / "rows.csv")
    without, of_half = (asked.folder / f"{name}.csv" for name in ("without", "half"))
    others = half_shared(rows.path, without, of_half)

    def act(name: str) -> Spent:
        told = ["dedupe", str(asked.folder / f"{name}.csv"), "--id", rows.id_column]
        out = asked.folder / f"{name}-clusters.csv"
        return spent([*asked.resolver, *told, "--out", str(out)], asked.folder / "half.log")

    bare, filled = in_turns(asked.rounds, lambda _: act("without"), lambda _: act("half"))
    before, after = (
        customers(asked.folder / f"{name}-clusters.csv", len(rows.truth)) for name in ("without", "half")
    )
    lines = shown(_lines(bare, filled, before, after, others), asked.tell)
    about = (
        f"{len(rows.truth):,} rows with an empty column `{SHARED_COLUMN}`, and the same with one telephone "
        f"number in it on {len(rows.truth) - len(others):,} of them; rounds in turns: {asked.rounds}."
    )
    return Section("One value on half of all rows", about, lines)


def regrouped(one: Sequence[object], other: Sequence[object], places: Collection[int]) -> int:
    """How many of the rows at these places are together with others of them in the one partition alone."""
    groups = [_groups(labels, places) for labels in (one, other)]
    return sum(len(group) for group in groups[0] - groups[1])


def _groups(labels: Sequence[object], places: Collection[int]) -> set[frozenset[int]]:
    members: dict[object, list[int]] = {}
    for place in places:
        members.setdefault(labels[place], []).append(place)
    return set(map(frozenset, members.values()))


def _lines(
    without: Sequence[Spent],
    of_half: Sequence[Spent],
    before: Sequence[object],
    after: Sequence[object],
    others: Collection[int],
) -> Iterator[Line]:
    yield from of_costs("resolver dedupe without the value", without)
    yield from of_costs("resolver dedupe with the value on half of the rows", of_half)
    seconds, least = [each.seconds for each in of_half], [each.seconds for each in without]
    yield Line(
        "wall time, with it against without",
        "s",
        Figure.of(seconds),
        Figure.of(least),
        ratio(seconds, least),
        most=MOST_TIME,
    )
    changed = regrouped(before, after, others)
    yield Line("rows without the value that are grouped otherwise", "rows", Figure.of([changed]), most=0)
    everyone = regrouped(before, after, range(len(before)))
    yield Line("rows of all that are grouped otherwise", "rows", Figure.of([everyone]))
