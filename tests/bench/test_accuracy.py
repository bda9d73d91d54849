from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bench.accuracy.__main__ import line, main
from bench.accuracy.calibration import bands
from bench.accuracy.contenders import Ours, Task, customers
from bench.accuracy.datasets import Dataset
from bench.accuracy.determinism import Repeated, canonical, repeated
from bench.accuracy.marks import held
from bench.accuracy.outcome import Calibration, Outcome, Point, Suggested, point
from bench.accuracy.report import ahead, report
from bench.command import RunFailed
from resolver.evaluate.measures import Score

SET = Dataset("x", "x.csv", "rec", "who")
# Stands for a resolver that goes by the name alone; its customers are numbered by their first row.
BY_NAME = """
import csv, sys
rows = list(csv.DictReader(open(sys.argv[2])))
at = {name: sys.argv[sys.argv.index(name) + 1] for name in ("--out", "--pairs", "--id") if name in sys.argv}
with open(at["--out"], "w") as out:
    print("record_id,customer_id", file=out)
    for row in rows:
        print(row[at["--id"]], row["name"], sep=",", file=out)
if "--pairs" in at:
    with open(at["--pairs"], "w") as out:
        print("left,right,probability,decision", file=out)
        for left in rows:
            for right in rows:
                if left["name"] < right["name"]:
                    print(left["rec"], right["rec"], 0.5, "possible", sep=",", file=out)
"""
BY_ORDER = BY_NAME.replace('row["name"], sep', "rows.index(row) // 2, sep")
TRUTH = ["1", "1", "1", "2"]


def task(tmp_path: Path) -> Task:
    rows = tmp_path / "rows.csv"
    rows.write_text(
        "rec,name,email\n0,Jo,jo@example.org\n1,Jo,jo@example.org\n2,Joe,joe@example.com\n3,Ann,\n"
    )
    return Task(SET, rows, TRUTH, tmp_path)


def script(tmp_path: Path, text: str) -> tuple[str, str]:
    path = tmp_path / "resolver.py"
    path.write_text(text)
    return sys.executable, str(path)


def test_ours_is_measured_by_the_command_and_swept(tmp_path: Path) -> None:
    found = Ours("ours", "ours", command=script(tmp_path, BY_NAME)).run(task(tmp_path), tmp_path)
    assert not found.failed
    assert (found.records, found.people) == (4, 2)
    assert found.seconds > 0
    assert found.cpu > 0
    assert found.peak > 1_000_000
    assert found.usual in {each.threshold for each in found.points}
    assert found.suggested is not None
    assert (found.suggested.offered, found.suggested.covered) == (3, 1)
    assert found.calibration is not None
    assert found.calibration.told[0].pairs == 5


def test_a_run_that_fails_says_why(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "import sys; print('no such thing'); sys.exit(3)")
    found = Ours("ours", "ours", command=command).run(task(tmp_path), tmp_path)
    assert found.failed == "ended with 3: no such thing"
    assert line(found) == "x ours: ended with 3: no such thing"


def test_a_record_that_does_not_come_back(tmp_path: Path) -> None:
    path = tmp_path / "clusters.csv"
    path.write_text("record_id,customer_id\n0,a\n2,b\n")
    with pytest.raises(RunFailed, match="2 of 3 records"):
        customers(path, 3)


def test_row_order_is_told_from_the_partition(tmp_path: Path) -> None:
    assert repeated(task(tmp_path), script(tmp_path, BY_NAME), []) == Repeated("x", 3, 1)
    assert repeated(task(tmp_path), script(tmp_path, BY_ORDER), []).partitions > 1


def test_a_partition_is_the_same_in_any_order_of_rows(tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text("record_id,customer_id\na,1\nb,2\n")
    other.write_text("record_id,customer_id\nb,2\na,1\n")
    assert canonical(one) == canonical(other)
    other.write_text("record_id,customer_id\nb,1\na,1\n")
    assert canonical(one) != canonical(other)


def points(*figures: tuple[float, float, float]) -> list[Point]:
    return [
        Point(t, "own", Score(p, r, 2 * p * r / (p + r)), Score(p, r, 0.5), Score(0, 0, 0.25), strangers=12)
        for t, p, r in figures
    ]


OURS = Outcome(
    "x",
    "ours",
    "1",
    4,
    2,
    seconds=1.5,
    peak=3 << 20,
    usual=0.99,
    points=points((0.95, 0.98, 0.9), (0.99, 0.99, 0.8)),
    suggested=Suggested(3, 0.5, 0.75, 20, bands([0.6, 0.6], [True, False], (0.5, 0.9, 1.0))),
    calibration=Calibration(bands([0.95] * 200, [True] * 200), bands([0.95] * 10, [False] * 10)),
)
PEER = Outcome("x", "peer", "5.0", 4, 2, usual=2.0, points=points((2.0, 0.97, 0.97), (9.0, 0.99, 0.85)))
TITLES = {"ours": "us", "peer": "Peer", "other": "Other"}


def test_the_report_shows_ours_beside_the_peers() -> None:
    text = report([OURS, PEER, Outcome("x", "other", "3", 4, 2, failed="stopped after 9 s")], TITLES, {})
    assert "| x | us | default | 0.9900 | 0.8000 | 0.8849 |" in text
    assert "| x | us | balanced | 0.9800 |" in text
    assert "strict | 0" not in text, "a threshold that was not tried is left out"
    assert "| x | Peer | 2 | 0.9700 |" in text
    assert "| x | us | 3 | 20 | 0.500 | 0.750 | 0.5 to 0.9: 0.50 (2) |" in text
    assert "0.95 / 1.00 | 0.050 | 0.1: yes |" in text
    assert "- x, Other: did not run: stopped after 9 s" in text


def test_a_peer_that_is_ahead_is_named() -> None:
    text = ahead([OURS, PEER], TITLES, {})
    assert "| x | F1, `balanced` against the best | 0.9383 | us | 0.9700 | Peer | PEER |" in text
    assert "| x | recall at precision 0.98 | 0.9000 | us | 0.8500 | Peer | ours |" in text


def test_a_set_with_the_same_rows_is_held_against_the_same_peers() -> None:
    ours = Outcome("x_ids", "ours", "1", 4, 2, points=points((0.95, 1.0, 0.99)))
    assert "| x_ids | recall at precision 0.99 | 0.9900 | us | 0.8500 | Peer | ours |" in ahead(
        [ours, PEER], TITLES, {"x_ids": "x"}
    )


def test_what_row_order_changed_is_said() -> None:
    text = report([OURS], TITLES, {}, [Repeated("x", 3, 1), Repeated("y", 3, 2)])
    assert "one partition, byte for byte" in text
    assert "y: 3 runs" in text and "2 PARTITIONS" in text


def test_the_whole_run_writes_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.csv").write_text("who,rec,name\n1,a,Jo\n1,b,Jo\n1,c,Joe\n2,d,Ann\n")
    monkeypatch.setattr("bench.accuracy.__main__.DATASETS", (SET,))
    told = ["--data", str(tmp_path), "--contender", "ours", "--cache", str(tmp_path / "cache")]
    resolver = " ".join(script(tmp_path, BY_NAME))
    assert main([*told, "--out", str(tmp_path / "r.md"), "--resolver", resolver]) == 0
    assert "| x | this project, as it ships | default |" in (tmp_path / "r.md").read_text()
    assert list((tmp_path / "cache" / "outcomes").iterdir())


def test_a_failed_run_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.csv").write_text("who,rec,name\n1,a,Jo\n")
    monkeypatch.setattr("bench.accuracy.__main__.DATASETS", (SET,))
    told = ["--data", str(tmp_path), "--contender", "ours", "--cache", str(tmp_path / "cache")]
    assert main([*told, "--out", str(tmp_path / "r.md"), "--resolver", f"{sys.executable} -c 1/0"]) == 1
    assert "did not run: ended with 1" in (tmp_path / "r.md").read_text()


def test_marks_are_held_against_what_was_measured() -> None:
    ours = replace(OURS, set="omni_10k")
    found = {each.mark.what: each for each in held([ours, replace(ours, contender="trained"), PEER])}
    assert set(found) == {
        "`default`: precision",
        "`default`: recall",
        "`default`: strangers",
        "`balanced`: F1, ours",
    }, "the strict threshold was not tried"
    assert found["`default`: recall"].mark.reached(0.8)
    assert not found["`default`: recall"].mark.reached(0.7999)
    assert not found["`default`: strangers"].mark.reached(151)
    assert "| omni_10k | `default`: strangers | at most 150 | 12 | yes |" in report([ours], TITLES, {})


def test_points_of_a_partition_by_labels() -> None:
    assert point(0.5, "own", [0, 0, 2, 3], TRUTH).pairs == pytest.approx((1, 1 / 3, 1 / 2))
