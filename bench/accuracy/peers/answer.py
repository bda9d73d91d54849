"""What a peer is told and what it answers. For all peers alike, so it needs numpy and nothing else.

A peer is run as `python -m bench.accuracy.peers.NAME ROWS --set SET --out FILE`. `ROWS` is a blind CSV whose
id column holds the rows' places, 0 to n - 1. `FILE` is an npz: `left`, `right`, `score` are its scored pairs
(places, and a score of which more is surer); `thresholds` and `labels` are the clusterings that it makes
itself, a row of n labels for each threshold; `usual` is the threshold, on the scale of its scores, that its
documentation takes.
"""

from __future__ import annotations

import argparse
import resource
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Told:
    """What a peer is asked: rows in, an answer out.

    `labels` names a CSV of each record's person, for peers that learn from labels. `memory_gib` limits the
    process, 0 does not.
    """

    rows: Path
    set: str
    out: Path
    labels: Path | None = None
    variant: str = ""
    memory_gib: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A peer's answer, in the terms of the module's docstring. `notes` say what it warned of."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    score: NDArray[np.float64]
    usual: float
    own: Mapping[float, NDArray[np.int64]] = field(default_factory=dict)
    notes: str = ""


def told(arguments: Sequence[str] | None = None) -> Told:
    """Read the command line, and limit memory to what it tells: a peer that needs more fails alone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=Path)
    parser.add_argument("--set", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--variant", default="")
    parser.add_argument("--memory-gib", type=int, default=0)
    asked = Told(**vars(parser.parse_args(arguments)))
    if asked.memory_gib:
        resource.setrlimit(resource.RLIMIT_AS, (asked.memory_gib << 30, asked.memory_gib << 30))
    return asked


def answer(
    pairs: tuple[ArrayLike, ArrayLike, ArrayLike],
    usual: float,
    own: Mapping[float, ArrayLike] | None = None,
    notes: str = "",
) -> Answer:
    """An answer from whatever arrays a peer has."""
    left, right, score = pairs
    return Answer(
        np.asarray(left, np.int64),
        np.asarray(right, np.int64),
        np.asarray(score, np.float64),
        usual,
        {threshold: np.asarray(labels, np.int64) for threshold, labels in (own or {}).items()},
        notes,
    )


def write(out: Path, found: Answer) -> None:
    """Write an answer."""
    thresholds = sorted(found.own)
    with out.open("wb") as file:
        np.savez(
            file,
            left=found.left,
            right=found.right,
            score=found.score,
            usual=np.float64(found.usual),
            thresholds=np.array(thresholds, np.float64),
            labels=np.array([found.own[each] for each in thresholds], np.int64),
            notes=np.array(found.notes),
        )


def read(path: Path) -> Answer:
    """Read an answer."""
    with np.load(path, allow_pickle=False) as file:
        own = dict(zip(file["thresholds"].tolist(), file["labels"], strict=True))
        return Answer(
            file["left"], file["right"], file["score"], float(file["usual"]), own, str(file["notes"])
        )


def labels_of(size: int, clusters: Iterable[Iterable[int]]) -> NDArray[np.int64]:
    """Labels from clusters of places: the least place of each; a place in none stands alone."""
    labels = np.arange(size, dtype=np.int64)
    for members in clusters:
        places = sorted(members)
        labels[places] = places[0]
    return labels
