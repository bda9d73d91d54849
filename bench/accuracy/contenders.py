"""The contenders: this project and its peers, each run in a process of its own on the same blind rows."""

from __future__ import annotations

import csv
import hashlib
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import msgspec

from bench.accuracy import calibration, sweep
from bench.accuracy.datasets import Dataset
from bench.accuracy.environments import NotMade, python_of, requirements
from bench.accuracy.outcome import Calibration, Outcome, Suggested
from bench.accuracy.peers.answer import Answer, read
from bench.command import RESOLVER, ROOT, RunFailed, run
from resolver.evaluate import measures

# Decisions that a steward is shown; a match is no suggestion, nor is what a rule or a person forbids.
_SUGGESTED = frozenset({"possible", "ambiguous"})
_SUGGESTION_BANDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)
_LARGE_SWEEP = 24
LATE: Final = 60
"""Seconds after which a failure is kept like any outcome: it would come again, as late."""


@dataclass(frozen=True, slots=True)
class Task:
    """One set made blind: its rows, each record's person by place, and a folder to work in."""

    dataset: Dataset
    rows: Path
    truth: Sequence[str]
    work: Path
    limit: int = 3600
    """Seconds after which a run is stopped."""


class Contender(Protocol):
    """What takes part. `run` answers for one set; one that cannot says why in `failed`."""

    @property
    def name(self) -> str:
        """Its name in keys and flags."""

    @property
    def title(self) -> str:
        """Its name in the report."""

    def takes(self, dataset: Dataset) -> bool:
        """Whether it is to be run on a set."""

    def version(self) -> str:
        """What it is, so that an outcome is kept as long as it holds."""

    def run(self, task: Task, cache: Path) -> Outcome:
        """Its outcome on one set."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another project, by the module of `peers` that runs it and the virtualenv that it runs in.

    One that `learns` is given the labels, to answer what it asks. `memory_gib` limits its process.
    """

    name: str
    title: str
    module: str
    package: str
    variant: str = ""
    learns: bool = False
    memory_gib: int = 0

    def takes(self, dataset: Dataset) -> bool:
        """Not a set whose rows it has had already."""
        return not dataset.like

    def version(self) -> str:
        """The first package pinned, and a digest of all pins and of what runs it."""
        pinned = requirements(self.package).read_bytes()
        folder = Path(__file__).parent / "peers"
        parts = (pinned, *((folder / f"{each}.py").read_bytes() for each in (self.module, "normalised")))
        return f"{pinned.decode().splitlines()[0].partition('==')[2]}-{_digest(parts)}"

    def run(self, task: Task, cache: Path) -> Outcome:
        """Its scored pairs as components at many thresholds, beside its own clusters."""
        out = task.work / "answer.npz"
        try:
            python = python_of(self.package, cache)
            # dedupe's answer changes with the order of its sets, hence one hash seed for all.
            command = ["env", "PYTHONHASHSEED=0", str(python)]
            command += ["-m", f"bench.accuracy.peers.{self.module}", str(task.rows)]
            command += ["--set", task.dataset.name, "--out", str(out)]
            command += ["--variant", self.variant] if self.variant else []
            command += ["--memory-gib", str(self.memory_gib)] if self.memory_gib else []
            command += ["--labels", str(_labels(task))] if self.learns else []
            cost = _run(command, task)
        except NotMade as problem:
            return _failed(self, task, f"cannot be installed: {problem}")
        except RunFailed as problem:
            return _failed(self, task, str(problem))
        found = read(out)
        points = list(
            sweep.points(found, task.truth, most=_LARGE_SWEEP if task.dataset.large else sweep.MOST)
        )
        usual = sweep.nearest(points, found.usual)
        return Outcome(*_about(self, task), *cost, usual, points, notes=found.notes)


@dataclass(frozen=True, slots=True)
class Ours:
    """Our own command; `trained` on the rows themselves, without labels, or not at all."""

    name: str
    title: str
    trained: bool = False
    command: Sequence[str] = field(default=RESOLVER)

    def takes(self, dataset: Dataset) -> bool:  # noqa: ARG002 - the contenders' face
        """Every set."""
        return True

    def version(self) -> str:
        """A digest of the project's own code and models, and of the command."""
        folders = (ROOT / "resolver", ROOT / "graph")
        files = sorted(
            path for folder in folders for path in folder.rglob("*") if path.suffix in {".py", ".json"}
        )
        code = (path.read_bytes() for path in (*files, Path(__file__).with_name("ours.py")))
        return _digest((*code, shlex.join(self.command).encode()))

    def run(self, task: Task, cache: Path) -> Outcome:  # noqa: ARG002 - it needs no virtualenv of its own
        """The command at the default threshold for cost and suggestions; the rest in one more process."""
        clusters, pairs, out = (task.work / name for name in ("clusters.csv", "pairs.csv", "answer.npz"))
        try:
            options, spent = self._options(task)
            told = [str(task.rows), "--out", str(clusters), "--pairs", str(pairs)]
            resolved = [*self.command, "dedupe", *told, "--id", task.dataset.id_column, *options]
            cost = spent.then(_run(resolved, task))
            few = ["--few"] if task.dataset.large else []
            again = [str(task.rows), "--id", task.dataset.id_column, "--out", str(out), *options, *few]
            _run([sys.executable, "-m", "bench.accuracy.ours", *again], task)
        except RunFailed as problem:
            return _failed(self, task, str(problem))
        found = read(out)
        customer = customers(clusters, len(task.truth))
        offered = list(_weighed(pairs))
        differs = not _same(customer, found.own[found.usual].tolist())
        return Outcome(
            *_about(self, task),
            *cost,
            found.usual,
            list(sweep.points(found, task.truth, swept=False)),
            notes="the sweep and the command differ at the default threshold" if differs else "",
            suggested=_suggested(offered, customer, task.truth),
            calibration=_calibration(offered, found, task.truth),
        )

    def _options(self, task: Task) -> tuple[list[str], Spent]:
        """What both processes are told, and what training took."""
        region = ["--region", task.dataset.region] if task.dataset.region else []
        options = [*region, *(["--government-ids"] if task.dataset.government_ids else [])]
        options += ["--attributes"] if task.dataset.attributes else []
        if not self.trained:
            return options, Spent(0.0, 0.0, 0)
        model = task.work / "model.json"
        train = [str(task.rows), "--out", str(model), "--id", task.dataset.id_column, *options]
        spent = _run([*self.command, "train", *train], task)
        return [*options, "--model", str(model)], spent


def offers(command: Sequence[str], verb: str) -> bool:
    """Whether the resolver has a command."""
    asked = subprocess.run([*command, verb, "--help"], capture_output=True, check=False, cwd=ROOT)
    return asked.returncode == 0


OURS = Ours("ours", "this project, as it ships")
TRAINED = Ours("trained", "this project, trained without labels", trained=True)

PEERS = (
    Peer("splink", "Splink, names together", "splink_peer", "splink", "together"),
    Peer("splink_apart", "Splink, names apart", "splink_peer", "splink", "apart"),
    Peer("goldenmatch_zero", "GoldenMatch, zero configuration", "goldenmatch_peer", "goldenmatch", "zero"),
    Peer(
        "goldenmatch_probabilistic",
        "GoldenMatch, its probabilistic configuration",
        "goldenmatch_peer",
        "goldenmatch",
        "probabilistic",
    ),
    Peer("goldenmatch_explicit", "GoldenMatch, by hand", "goldenmatch_peer", "goldenmatch", "explicit"),
    Peer("dedupe", "dedupe, 300 labels", "dedupe_peer", "dedupe", learns=True, memory_gib=8),
)

CONTENDERS: Mapping[str, Contender] = {each.name: each for each in (OURS, TRAINED, *PEERS)}


def outcome(contender: Contender, task: Task, cache: Path) -> Outcome:
    """A contender's outcome on a set: the one that was kept, else a run's, which is kept."""
    name = f"{task.dataset.name}-{contender.name}-{contender.version()}.json"
    kept = cache / "outcomes" / name
    if kept.exists():
        return msgspec.json.decode(kept.read_bytes(), type=Outcome)
    start = time.monotonic()
    found = contender.run(task, cache)
    if not found.failed or time.monotonic() - start > LATE:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(msgspec.json.encode(found))
    return found


def customers(path: Path, size: int) -> list[str]:
    """Each record's customer by place, from what `resolver dedupe` wrote.

    Raises:
        RunFailed: not every record came back.
    """
    with path.open(encoding="utf-8", newline="") as file:
        found = {int(row["record_id"]): row["customer_id"] for row in csv.DictReader(file)}
    if found.keys() != set(range(size)):
        raise RunFailed(f"{len(found)} of {size} records came back")
    return [found[place] for place in range(size)]


@dataclass(frozen=True, slots=True)
class Offered:
    """A pair of records as `resolver dedupe --pairs` tells of it."""

    left: int
    right: int
    probability: float
    decision: str


def _weighed(path: Path) -> Iterator[Offered]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Offered(int(row["left"]), int(row["right"]), float(row["probability"]), row["decision"])


def _suggested(offered: Sequence[Offered], customer: Sequence[str], truth: Sequence[str]) -> Suggested:
    shown = [each for each in offered if each.decision in _SUGGESTED]
    worth = measures.suggestions(((each.left, each.right) for each in shown), customer, truth)
    bands = calibration.bands(
        [each.probability for each in shown],
        [truth[each.left] == truth[each.right] for each in shown],
        _SUGGESTION_BANDS,
    )
    per_1000 = 1000 * worth.offered / max(len(set(customer)), 1)
    return Suggested(worth.offered, worth.covered, worth.precision, per_1000, bands)


def _calibration(offered: Sequence[Offered], found: Answer, truth: Sequence[str]) -> Calibration:
    told = [each for each in offered if each.decision in _SUGGESTED or each.decision == "match"]
    return Calibration(
        calibration.bands(
            [each.probability for each in told], [truth[each.left] == truth[each.right] for each in told]
        ),
        calibration.bands(found.score, sweep.together(found.left, found.right, truth)),
    )


def _same(one: Sequence[object], other: Sequence[object]) -> bool:
    """Whether two labellings are one partition."""
    pairs = set(zip(one, other, strict=True))
    return len(pairs) == len(set(one)) == len(set(other))


def _labels(task: Task) -> Path:
    path = task.work / "labels.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("record", "person"))
        writer.writerows(enumerate(task.truth))
    return path


class Spent(NamedTuple):
    """Seconds of wall time and of processors, and bytes resident at the peak."""

    seconds: float
    cpu: float
    peak: int

    def then(self, other: Spent) -> Spent:
        """One after the other."""
        return Spent(self.seconds + other.seconds, self.cpu + other.cpu, max(self.peak, other.peak))


def _run(command: Sequence[str], task: Task) -> Spent:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        cost = run(["timeout", str(task.limit), *command], task.work / "log")
    except RunFailed as problem:
        text = str(problem).removeprefix("the resolver ").removeprefix("the command ")
        if text.startswith("ended with 124"):
            text = f"stopped after {task.limit} s"
        raise RunFailed(text) from None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Spent(cost.seconds, cpu, cost.peak)


def _about(contender: Contender, task: Task) -> tuple[str, str, str, int, int]:
    people = len(set(task.truth))
    return task.dataset.name, contender.name, contender.version(), len(task.truth), people


def _failed(contender: Contender, task: Task, why: str) -> Outcome:
    return Outcome(*_about(contender, task), failed=why)


def _digest(parts: Iterator[bytes] | Sequence[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(hashlib.sha256(part).digest())
    return found.hexdigest()[:12]
