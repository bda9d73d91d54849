from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from graph.model import Evidence, RecordKey
from graph.sqlite import SqliteStore
from resolver.cli.commands import app
from resolver.intake import Arrival
from resolver.match.document import read, shipped, write
from resolver.match.model import default_model
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from resolver.resolve.settings import Policy

RUN = CliRunner()


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("record_id", "first_name", "last_name", "email", "birth_date"))
        for number in range(60):
            born = f"19{40 + number}-03-04" if number < 50 else ""
            writer.writerow((f"a{number}", "Anna", f"Quacken{number}", f"q{number}@ons-dorp.nl", born))
            writer.writerow((f"b{number}", "Anna", f"Quacken{number}", f"q{number}@ons-dorp.nl", ""))
    return path


def test_train_writes_a_model_that_dedupe_and_show_take(rows: Path, tmp_path: Path) -> None:
    model, out = tmp_path / "model.json", tmp_path / "out.csv"
    trained = RUN.invoke(app, ["train", str(rows), "--out", str(model)])
    assert trained.exit_code == 0, trained.output
    document = read(model.read_bytes())
    assert document["learnt"]["rows"] == 120
    assert document["version"] in trained.output
    deduped = RUN.invoke(app, ["dedupe", str(rows), "--out", str(out), "--model", str(model)])
    assert deduped.exit_code == 0, deduped.output
    shown = RUN.invoke(app, ["model", "show", str(model)])
    assert shown.exit_code == 0
    assert f"model {document['version']}/100" in shown.output
    assert "are needed" in shown.output


def test_the_order_of_rows_changes_no_byte(rows: Path, tmp_path: Path) -> None:
    lines = rows.read_text().splitlines(keepends=True)
    turned = tmp_path / "turned.csv"
    turned.write_text(lines[0] + "".join(reversed(lines[1:])))
    for path, out in ((rows, "one.json"), (turned, "other.json")):
        assert RUN.invoke(app, ["train", str(path), "--out", str(tmp_path / out)]).exit_code == 0
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()


def test_decisions_of_stewards_move_the_prior_and_are_told(rows: Path, tmp_path: Path) -> None:
    decided = tmp_path / "decided.csv"
    with decided.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("left", "right", "probability", "decision"))
        writer.writerows((f"a{n}", f"b{n}", ".9", "same") for n in range(12))
        writer.writerows((f"a{n}", f"b{n + 1}", ".1", "Different") for n in range(12))
        writer.writerow(("a30", "b31", ".5", "unsure"))
    model = tmp_path / "model.json"
    done = RUN.invoke(app, ["train", str(rows), "--out", str(model), "--judgements", str(decided)])
    assert done.exit_code == 0, done.output
    told = read(model.read_bytes())["learnt"]["judgements"]
    assert (told["same"], told["different"]) == (12, 12)
    assert "prior" in told["changed"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("left,right\n", "no column decision"),
        ("left,right,decision\na1,nobody,same\n", "line 2: names no record"),
    ],
)
def test_decisions_that_cannot_be_used_are_told(rows: Path, tmp_path: Path, text: str, expected: str) -> None:
    decided = tmp_path / "decided.csv"
    decided.write_text(text)
    out = tmp_path / "model.json"
    done = RUN.invoke(app, ["train", str(rows), "--out", str(out), "--judgements", str(decided)])
    assert done.exit_code == 1
    assert expected in done.output
    assert not out.exists()


def test_train_wants_a_file_or_a_store(rows: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "model.json")
    assert RUN.invoke(app, ["train", "--out", out]).exit_code == 2
    assert RUN.invoke(app, ["train", str(rows), "--store", "x.db", "--out", out]).exit_code == 2


def test_a_model_that_is_none_is_refused_at_start(rows: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_bytes(write(shipped()).replace(b'"phone"', b'"phon"', 1))
    out = tmp_path / "out.csv"
    done = RUN.invoke(app, ["dedupe", str(rows), "--out", str(out), "--model", str(bad)])
    assert done.exit_code == 1
    assert "comparisons.phone: missing" in done.output
    assert not out.exists()


def test_show_draws_a_page_and_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    page, picture = tmp_path / "model.html", tmp_path / "model.svg"
    for path in (page, picture):
        assert RUN.invoke(app, ["model", "show", "--chart", str(path)]).exit_code == 0
    assert "<script" not in page.read_text()
    assert "against the household" in page.read_text()
    assert ET.parse(picture).getroot().tag.endswith("svg")
    wrong = RUN.invoke(app, ["model", "show", "--chart", str(tmp_path / "model.pdf")])
    assert wrong.exit_code == 1
    assert ".html or .svg" in wrong.output


@contextmanager
def store_at(path: Path) -> Iterator[Pipeline]:
    """A store at population 5000, and the way to write to it."""
    names = count(1)
    with closing(SqliteStore.open_writer(path)) as store:
        store.put_meta({"population": "5000"})
        yield Pipeline(
            store,
            model=default_model(5000),
            policy=Policy(),
            settings=Settings(),
            clock=lambda: 7,
            mint=lambda: f"n{next(names)}",
        )


def arrival(name: str, **evidence: str) -> Arrival:
    return Arrival("shop", RecordKey("shop", name), Evidence(**evidence), 1)  # type: ignore[arg-type]


def test_a_store_teaches_too_at_its_own_population(tmp_path: Path) -> None:
    path, out = tmp_path / "customers.db", tmp_path / "model.json"
    with store_at(path) as writer:
        writer.record([arrival(f"{n}", given_name="Anna", family_name=f"Q{n}x") for n in range(5)])
        done = RUN.invoke(app, ["train", "--store", str(path), "--out", str(out)])
    assert done.exit_code == 0, done.output
    learnt = read(out.read_bytes())["learnt"]
    assert (learnt["rows"], learnt["population"]) == (5, 5000)
    assert "judgements" not in learnt


def test_the_judgements_that_a_store_holds_in_force_count_beside_those_of_a_file(tmp_path: Path) -> None:
    path, out, decided = tmp_path / "customers.db", tmp_path / "model.json", tmp_path / "decided.csv"
    with store_at(path) as writer:
        for number in range(24):
            who = {"given_name": "Anna", "family_name": f"Quacken{'abcdefghijklmnopqrstuvwx'[number]}"}
            writer.record(
                [
                    arrival(f"{number}a", **who, birth_date="1960-02-03"),
                    arrival(f"{number}b", **who),
                    arrival(f"{number}c", **who, city="Utrecht"),
                ]
            )
            one, other, third = (frozenset({RecordKey("shop", f"{number}{side}")}) for side in "abc")
            act = writer.merge if number < 12 else writer.split
            act([one, other | third], author="s", reason="r")
        mistaken = writer.merge([one, frozenset({RecordKey("shop", "0a")})], author="s", reason="r").judgement
        writer.revert(judgement=mistaken.id, author="s", reason="r")
        decided.write_text("left,right,decision\n0a,1a,different\n0a,2a,different\n")
        told = {}
        for more in ((), ("--judgements", str(decided))):
            done = RUN.invoke(app, ["train", "--store", str(path), "--out", str(out), *more])
            assert done.exit_code == 0, done.output
            told[more] = read(out.read_bytes())["learnt"]["judgements"]
    alone, beside = told.values()
    assert {"same": 12, "different": 12, "given": 0, "in_force": 24}.items() <= alone.items()
    assert "prior" in alone["changed"]
    assert {"same": 12, "different": 14, "given": 2, "in_force": 24}.items() <= beside.items()
    shown = RUN.invoke(app, ["model", "show", str(out)])
    assert "judgements: 12 same, 14 different, from 2 pairs given and 24 judgements in force" in shown.output


def test_a_store_that_is_none_is_told(tmp_path: Path) -> None:
    done = RUN.invoke(app, ["train", "--store", str(tmp_path / "no.db"), "--out", str(tmp_path / "m.json")])
    assert done.exit_code == 1
    assert "no.db" in done.output
