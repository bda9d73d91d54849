"""The report: one table, a line a measure, the goal beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bench.speed import growth, lookups, pace, streams
from bench.speed.clients import Load
from bench.speed.figures import Figure, ratio

GOAL_LOOKUP = 0.8
GOAL_KNOWN = 0.3
GOAL_NEW = 0.1
GOAL_GROWTH = 1.5
GOAL_DEDUPE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Line:
    """One measure: what it is, its unit, its figure; where there is one its ceiling, ratio and goal."""

    name: str
    unit: str
    figure: Figure
    ceiling: Figure | None = None
    ratio: Figure | None = None
    least: float | None = None
    most: float | None = None

    @property
    def goal(self) -> str:
        """The goal, and whether the median reaches it."""
        judged = self.ratio or self.figure
        if self.least is not None:
            return f">= {_short(self.least)}: {'yes' if judged.median >= self.least else 'NO'}"
        if self.most is not None:
            return f"<= {_short(self.most)}: {'yes' if judged.median <= self.most else 'NO'}"
        return ""

    def row(self) -> str:
        """The line of the table."""
        cells = (self.name, self.unit, _cell(self.figure), _cell(self.ceiling), _cell(self.ratio), self.goal)
        return f"| {' | '.join(cells)} |"


def of_lookups(rounds: lookups.Rounds, which: str) -> Iterable[Line]:
    """By calls a second, and by the server's own processor time, which slow clients do not flatter."""
    rates, reads, echoes = ([load.rate for load in one] for one in _three(rounds))
    busy, busy_reads, busy_echoes = ([load.busy * 1e6 for load in one] for one in _three(rounds))
    name = f"LookupCustomer, {which}, against"
    calls, time = "calls/s", "us of the server's processor/call"
    yield Line(
        f"{name} one read", calls, Figure.of(rates), Figure.of(reads), ratio(rates, reads), least=GOAL_LOOKUP
    )
    yield Line(f"{name} an echo", calls, Figure.of(rates), Figure.of(echoes), ratio(rates, echoes))
    if min(busy) > 0:
        yield Line(f"{name} one read", time, Figure.of(busy), Figure.of(busy_reads), ratio(busy_reads, busy))
        yield Line(f"{name} an echo", time, Figure.of(busy), Figure.of(busy_echoes), ratio(busy_echoes, busy))


def of_stream(runs: Sequence[streams.Run], which: str, least: float | None) -> Iterable[Line]:
    """By touchpoints a second; and how many rows that is."""
    rates, ceilings = [run.rate for run in runs], [run.ceiling for run in runs]
    yield Line(
        f"StreamTouchpoints, {which}, against raw writes of their rows",
        "touchpoints/s",
        Figure.of(rates),
        Figure.of(ceilings),
        ratio(rates, ceilings),
        least=least,
    )
    yield Line(
        f"... rows written, {which}", "rows/touchpoint", Figure.of([r.rows / r.touchpoints for r in runs])
    )
    if min(run.busy for run in runs) > 0:
        busy = [run.busy / run.touchpoints * 1e6 for run in runs]
        yield Line(f"... {which}", "us of the server's processor/touchpoint", Figure.of(busy))


def of_waits(waits: pace.Waits, which: str) -> Iterable[Line]:
    """Waits at half load."""
    half = f"{which}, at {waits.maximum / 2:.0f}/s (half of {waits.maximum:.0f}/s), {waits.calls} calls"
    yield Line(f"{half}, p50", "ms", Figure.of([each * 1e3 for each in waits.middle]))
    yield Line(f"{half}, p99", "ms", Figure.of([each * 1e3 for each in waits.longest]))


def of_growth(costs: growth.Costs, which: str, small: int, large: int) -> Line:
    """The large store's cost; the small one's stands where the ceiling does."""
    return Line(
        f"{which}, {large} records in the store against {small}",
        "ms, median of calls",
        Figure.of([each * 1e3 for each in costs.large]),
        Figure.of([each * 1e3 for each in costs.small]),
        ratio(costs.large, costs.small),
        most=GOAL_GROWTH,
    )


def table(lines: Iterable[Line]) -> str:
    """All lines, each figure as median (least to most)."""
    head = "| measure | unit | figure | ceiling | ratio | goal |\n|---|---|---:|---:|---:|---|"
    return "\n".join([head, *(line.row() for line in lines)])


def _three(rounds: lookups.Rounds) -> tuple[Sequence[Load], ...]:
    return rounds.service, rounds.reading, rounds.echoing


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    if figure.least == figure.most:
        return _short(figure.median)
    return f"{_short(figure.median)} ({_short(figure.least)} to {_short(figure.most)})"


def _short(value: float) -> str:
    """Three significant digits, and no exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def shown(lines: Iterable[Line]) -> Iterator[Line]:
    """The same lines, each printed as it comes."""
    for line in lines:
        print(line.row(), flush=True)
        yield line
