from __future__ import annotations

from pathlib import Path

import pytest

from bench.accuracy.contenders import CONTENDERS, Peer, Task, outcome
from bench.accuracy.datasets import Dataset
from bench.accuracy.environments import requirements
from bench.accuracy.outcome import Outcome
from bench.accuracy.peers import answer

SET = Dataset("x", "x.csv", "rec", "who")


def test_an_answer_comes_back_as_it_was_written(tmp_path: Path) -> None:
    said = answer.answer(([0, 1], [1, 2], [0.5, 2.5]), 0.9, {0.9: [0, 0, 2], 0.5: [0, 0, 0]}, "refused")
    answer.write(tmp_path / "a.npz", said)
    found = answer.read(tmp_path / "a.npz")
    assert (found.left.tolist(), found.right.tolist(), found.score.tolist()) == ([0, 1], [1, 2], [0.5, 2.5])
    assert {each: labels.tolist() for each, labels in found.own.items()} == {0.5: [0, 0, 0], 0.9: [0, 0, 2]}
    assert (found.usual, found.notes) == (0.9, "refused")


def test_an_answer_without_pairs_or_clusters(tmp_path: Path) -> None:
    answer.write(tmp_path / "a.npz", answer.answer(([], [], []), 0.5))
    found = answer.read(tmp_path / "a.npz")
    assert len(found.score) == 0 and not found.own


def test_labels_of_clusters_leave_the_others_alone() -> None:
    assert answer.labels_of(5, [[3, 1], [4]]).tolist() == [0, 1, 2, 1, 4]


def test_what_a_peer_is_told(tmp_path: Path) -> None:
    told = answer.told([str(tmp_path / "r.csv"), "--set", "omni_10k", "--out", "o", "--variant", "zero"])
    assert (told.set, told.variant, told.labels, told.memory_gib) == ("omni_10k", "zero", None, 0)


@pytest.mark.parametrize("peer", [each for each in CONTENDERS.values() if isinstance(each, Peer)])
def test_every_peer_is_pinned(peer: Peer) -> None:
    pins = requirements(peer.package).read_text().splitlines()
    assert pins and all("==" in pin for pin in pins)
    assert pins[0].startswith(f"{peer.package}==")
    assert peer.version().startswith(f"{pins[0].partition('==')[2]}-")


def test_a_peer_has_the_rows_of_a_set_once() -> None:
    peer = CONTENDERS["splink"]
    assert peer.takes(SET)
    assert not peer.takes(Dataset("x_ids", "x.csv", "rec", "who", like="x"))


class _Counting:
    name = title = "counting"
    failed = ""
    runs = 0

    def takes(self, _: Dataset) -> bool:
        return True

    def version(self) -> str:
        return "1"

    def run(self, task: Task, _: Path) -> Outcome:
        self.runs += 1
        return Outcome(task.dataset.name, self.name, "1", 2, 2, seconds=float(self.runs), failed=self.failed)


def test_an_outcome_is_kept(tmp_path: Path) -> None:
    contender = _Counting()
    task = Task(SET, tmp_path / "r.csv", ["1", "2"], tmp_path)
    assert [outcome(contender, task, tmp_path).seconds for _ in range(2)] == [1, 1]
    assert outcome(contender, task, tmp_path / "elsewhere").seconds == 2


def test_a_failure_that_came_at_once_is_tried_again(tmp_path: Path) -> None:
    contender = _Counting()
    contender.failed = "cannot be installed"
    task = Task(SET, tmp_path / "r.csv", ["1", "2"], tmp_path)
    assert [outcome(contender, task, tmp_path).seconds for _ in range(2)] == [1, 2]
