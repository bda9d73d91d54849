"""File to clusters beside Splink: the same rows, whole processes, training left out on both sides.

Splink is trained beforehand, without its time being taken, and saved; a fresh process reads the rows and
what was saved, and clusters. Ours needs no training. Both of Splink's configurations are run, since neither
is better everywhere; that of the greater F1 is the one that we are held against.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bench.accuracy.contenders import customers
from bench.accuracy.environments import NotMade, python_of
from bench.accuracy.outcome import Point, point
from bench.batch.files import Labelled, labelled
from bench.batch.part import GIB, Asked, Section, of_costs, shown
from bench.batch.processes import Spent, spent
from bench.batch.stages import profile
from bench.command import RunFailed
from bench.speed.figures import Figure, in_turns, ratio
from bench.speed.report import Line

ROWS: Final = 1_000_000
VARIANTS: Final = ("together", "apart")
MOST_TIME: Final = 1.0
MOST_MEMORY: Final = 2.0
LEAST_F1: Final = 1.0
MERGE: Final = 0.99
SPLINKS: Final = 0.95


@dataclass(frozen=True, slots=True)
class Run:
    """One contender's runs: what each took, and its clusters at the threshold that it ships with."""

    name: str
    spent: Sequence[Spent]
    found: Point
    profile: str


def measure(asked: Asked) -> Section:
    """Ours and Splink in turns. Raises RunFailed, and FileProblem where the set is not there."""
    rows = labelled(asked.data, asked.rows(ROWS), asked.folder / "rows.csv")
    commands = {"ours": _ours(asked, rows)}
    missing = ""
    try:
        commands |= _splinks(asked, rows)
    except NotMade as problem:
        missing = f"Splink did not run: it cannot be installed: {problem}"
    names = list(commands)

    def act(name: str) -> Spent:
        taken = spent(commands[name], asked.folder / f"{name}.log")
        asked.tell(f"{name}: {taken.seconds:.1f} s, {taken.peak / GIB:.2f} GiB")
        return taken

    taken = in_turns(asked.rounds, *([lambda _, name=name: act(name) for name in names]))
    runs = [_run(asked, rows, name, each) for name, each in zip(names, taken, strict=True)]
    about = (
        f"{len(rows.truth):,} rows, {len(set(rows.truth)):,} people; rounds in turns: {asked.rounds}. F1 is "
        f"pairwise, at the threshold that each clusters at by default (ours {MERGE}, Splink {SPLINKS})."
    )
    lines = shown(_lines(runs), asked.tell)
    return Section(
        "File to clusters", about, lines, [missing] * bool(missing) + [run.profile for run in runs]
    )


def _ours(asked: Asked, rows: Labelled) -> list[str]:
    told = ["dedupe", str(rows.path), "--id", rows.id_column, "--out", str(asked.folder / "ours.csv")]
    return [*asked.resolver, *told]


def _splinks(asked: Asked, rows: Labelled) -> dict[str, list[str]]:
    """Each configuration's command, trained."""
    python = str(python_of("splink", asked.kept))
    commands = {}
    for variant in VARIANTS:
        name, settings = f"splink_{variant}", asked.folder / f"splink_{variant}.json"
        saved = [python, "-m", "bench.batch.splink_saved"]
        about = [str(rows.path), "--settings", str(settings)]
        asked.tell(f"training Splink, names {variant}")
        spent([*saved, "train", *about, "--variant", variant], asked.folder / f"{name}-train.log")
        commands[name] = [*saved, "cluster", *about, "--out", str(asked.folder / f"{name}.csv")]
    return commands


def _run(asked: Asked, rows: Labelled, name: str, taken: Sequence[Spent]) -> Run:
    try:
        labels = customers(asked.folder / f"{name}.csv", len(rows.truth))
    except RunFailed as problem:
        raise RunFailed(f"{name}: {problem}") from None
    found = point(MERGE if name == "ours" else SPLINKS, "own", labels, rows.truth)
    title = "ours" if name == "ours" else f"Splink, names {name.removeprefix('splink_')}"
    return Run(title, taken, found, profile(title, asked.folder / f"{name}.log", taken[-1]))


def _lines(runs: Sequence[Run]) -> Iterator[Line]:
    ours, *peers = runs
    for run in runs:
        yield from of_costs(f"file to clusters, {run.name}", run.spent)
        for what, value in (
            ("precision", run.found.pairs.precision),
            ("recall", run.found.pairs.recall),
            ("people who share a customer with a stranger, per 10,000", run.found.strangers),
        ):
            yield Line(f"... {what}", "", Figure.of([value]))
    if peers:
        yield from _against(ours, max(peers, key=lambda each: each.found.pairs.f1))


def _against(ours: Run, peer: Run) -> Iterator[Line]:
    yield _beside("wall time", "s", ours, peer, lambda each: each.seconds, MOST_TIME)
    yield _beside("processor time", "s", ours, peer, lambda each: each.cpu)
    if all(each.peak for each in peer.spent):
        yield _beside("memory at its peak", "GiB", ours, peer, lambda each: each.peak / GIB, MOST_MEMORY)
    mine, theirs = [ours.found.pairs.f1], [peer.found.pairs.f1]
    against = ratio(mine, theirs) if theirs[0] else None
    name = f"F1, ours against {peer.name}"
    yield Line(name, "", Figure.of(mine), Figure.of(theirs), against, least=LEAST_F1)


def _beside(
    what: str, unit: str, ours: Run, peer: Run, of: Callable[[Spent], float], most: float | None = None
) -> Line:
    mine, theirs = [of(each) for each in ours.spent], [of(each) for each in peer.spent]
    name = f"{what}, ours against {peer.name}"
    return Line(name, unit, Figure.of(mine), Figure.of(theirs), ratio(mine, theirs), most=most)
