"""How time and memory of `resolver dedupe` grow with the rows, and what a bound on memory costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from bench.batch.files import generated
from bench.batch.part import GIB, Asked, Section, of_costs, shown
from bench.batch.processes import Spent, spent
from bench.batch.stages import profile
from bench.command import RunFailed
from bench.speed.figures import Figure
from bench.speed.report import Line

SIZES: Final = (100_000, 1_000_000, 4_000_000)
MOST_GROWTH: Final = 1.3
MOST_GIB: Final = 16.0
BOUND_GIB: Final = 2
"""For the middle size, which without a bound takes some twice as much."""
_SMALLEST: Final = 500


def sizes(records: int | None) -> Sequence[int]:
    """How many rows the files have; where fewer are asked for, in the same proportions."""
    if records is None or records >= SIZES[-1]:
        return SIZES
    return sorted({max(_SMALLEST, size * records // SIZES[-1]) for size in SIZES})


def measure(asked: Asked) -> Section:
    """Each size once, the middle one again with `--memory`. Raises RunFailed."""
    asked.tell("making people, once")
    many = sizes(asked.records)
    paths = generated(asked.kept, many)
    profiles: list[str] = []
    lines = shown(_lines(asked, many, paths, profiles), asked.tell)
    about = (
        "Made-up touchpoints of `resolver.sample`, one run of the generator: each file begins with all the "
        "rows of the smaller ones. Names come from the same lists at every size, so that the more people "
        "there are, the more namesakes each has."
    )
    return Section("Growth", about, lines, profiles)


def _lines(asked: Asked, many: Sequence[int], paths: Sequence[Path], profiles: list[str]) -> Iterator[Line]:
    before: tuple[int, Spent] | None = None
    for rows, path in zip(many, paths, strict=True):
        taken = _deduped(asked, path, rows)
        profiles.append(profile(f"{rows:,} rows", asked.folder / "growth.log", taken))
        goal = MOST_GIB if rows == many[-1] else None
        yield from of_costs(f"resolver dedupe of {rows:,} rows", [taken], most_gib=goal)
        if before is not None:
            yield _grown(*before, rows, taken)
        if rows == many[len(many) // 2]:
            yield from _within_a_bound(asked, path, rows, profiles)
        before = rows, taken


def _within_a_bound(asked: Asked, path: Path, rows: int, profiles: list[str]) -> Iterator[Line]:
    """The same rows again, and whether they came to the same."""
    unbound = _clusters(asked).read_bytes()
    bound = _deduped(asked, path, rows, "--memory", f"{BOUND_GIB}G")
    profiles.append(profile(f"{rows:,} rows within {BOUND_GIB} GiB", asked.folder / "growth.log", bound))
    name = f"resolver dedupe --memory {BOUND_GIB}G of {rows:,} rows"
    yield from of_costs(name, [bound], most_gib=BOUND_GIB)
    differ = float(_clusters(asked).read_bytes() != unbound)
    yield Line("... files that differ from the one made without a bound", "", Figure.of([differ]), most=0)


def _deduped(asked: Asked, path: Path, rows: int, *options: str) -> Spent:
    command = [*asked.resolver, "dedupe", str(path), "--out", str(_clusters(asked)), *options]
    taken = spent(command, asked.folder / "growth.log")
    with _clusters(asked).open("rb") as file:
        written = sum(1 for _ in file) - 1
    if written != rows:
        raise RunFailed(f"dedupe wrote {written} of {rows} rows")
    asked.tell(f"{rows:,} rows: {taken.seconds:.1f} s, {taken.peak / GIB:.2f} GiB")
    return taken


def _clusters(asked: Asked) -> Path:
    return asked.folder / "growth.csv"


def _grown(fewer: int, less: Spent, rows: int, more: Spent) -> Line:
    """Time of a row in the one file against time of a row in the one before."""
    a_row, a_row_before = more.seconds / rows, less.seconds / fewer
    return Line(
        f"wall time a row, {rows:,} rows against {fewer:,}",
        "us",
        Figure.of([a_row * 1e6]),
        Figure.of([a_row_before * 1e6]),
        Figure.of([a_row / a_row_before]),
        most=MOST_GROWTH,
    )
