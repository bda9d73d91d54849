"""Measuring from the command line: files in, figures and a page out."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from resolver import report
from resolver.cli import main

Run = Callable[..., tuple[int, str, str]]

ROWS = """id,first_name,surname,phone,customer_id
1,Femke,Bakker,0612345670,p1
2,Femke,Bakker,0612345670,p1
3,Gerrit,Postma,0687654329,p2
4,Wil,Zwart,0687654321,p1
5,<b>Ann</b>,Visser,0611111111,
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["resolver", *map(str, arguments)])
        code = main()
        return code, *capsys.readouterr()

    return ran


def write(name: str, text: str) -> str:
    Path(name).write_text(text)
    return name


def test_a_prediction_is_held_against_the_truth(run: Run) -> None:
    pred = write("pred.csv", "record_id,customer_id\n1,a\n2,a\n3,a\n4,b\n9,b\n")
    truth = write("truth.csv", "who;person\n1;x\n2;x\n3;y\n4;y\n7;y\n8;y\n")
    code, out, err = run("evaluate", pred, truth)
    assert code == 0, err
    assert "4 records, 2 people, 2 customers" in out
    assert "pairwise precision" in out and "0.3333" in out
    assert err.splitlines() == [
        "1 records are in pred.csv alone and left out.",
        "2 records are in truth.csv alone and left out.",
    ]
    code, out, _ = run("evaluate", pred, truth, "--json", "--report", "r.html")
    found = json.loads(out.splitlines()[0])
    assert found["measures"]["pairwise_recall"]["estimate"] == 0.5
    assert found["notes"][1].startswith("2 records") and found["suggestions"] is None
    assert "pred.csv against truth.csv" in Path("r.html").read_text()


def test_the_pairs_that_dedupe_wrote_tell_what_suggestions_are_worth(run: Run) -> None:
    pred = write("pred.csv", "record_id,customer_id\n1,a\n2,b\n3,c\n")
    truth = write("truth.csv", "record_id,person\n1,x\n2,x\n3,y\n")
    pairs = write(
        "pairs.csv", "left,right,probability,decision\n1,2,0.9,possible\n1,3,0.6,ambiguous\n2,3,.9,limit\n"
    )
    code, out, err = run("evaluate", pred, truth, "--pairs", pairs)
    assert code == 0, err
    assert (
        "2 suggestions, 666.7 per 1,000 customers: 50.0% right, they hold 100.0% of the pairs missed" in out
    )


@pytest.mark.parametrize(
    ("pred", "truth", "told"),
    [
        ("a,b\n1,x\n", "a,b\n1,x\n1,y\n", "truth.csv: line 3: column 'b' differs"),
        ("a,b\n1,\n", "a,b\n1,x\n", "pred.csv: line 2: column 'b' is empty"),
        ("a\n1\n", "a,b\n1,x\n", "pred.csv: two columns are expected"),
        ("a,b\n1,x\n", "a,b\n2,x\n", "no record id of it is in truth.csv"),
        ("a,b\n1,x\n", None, "truth.csv: there is no such file"),
        ("source,a,b\ns,1,x\nt,1,y\n", "a,b\n1,x\n", "several sources"),
        ("\0", "a,b\n1,x\n", "pred.csv: neither CSV"),
    ],
)
def test_a_bad_file_is_told_in_one_line(run: Run, pred: str, truth: str | None, told: str) -> None:
    write("pred.csv", pred)
    if truth is not None:
        write("truth.csv", truth)
    code, _, err = run("evaluate", "pred.csv", "truth.csv")
    assert code == 1
    assert told in err and len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        ("left,right\n1,2\n", "no column 'probability'"),
        ("left,right,probability,decision\n1,1,2,possible\n", "line 2: column 'probability'"),
        ("left,right,probability,decision\n1,1,nan,possible\n", "line 2: column 'probability'"),
        ("left,right,probability,decision\n1,1\n", "line 2: has 2 fields"),
    ],
)
def test_a_bad_file_of_pairs_is_told_by_its_line(run: Run, pairs: str, told: str) -> None:
    both = write("pred.csv", "a,b\n1,x\n")
    code, _, err = run("evaluate", both, both, "--pairs", write("pairs.csv", pairs))
    assert code == 1 and told in err and len(err.splitlines()) == 1


def test_dedupe_measures_itself_by_a_column_that_it_does_not_look_at(run: Run) -> None:
    rows = write("rows.csv", ROWS)
    code, out, err = run(
        "dedupe", rows, "--out", "o.csv", "--truth", "customer_id", "--report", "r.html", "--region", "NL"
    )
    assert code == 0, err
    assert "customer_id ignored" in err and "1 rows have no truth and are left out." in err
    assert "4 records, 2 people, 3 customers" in out
    page = Path("r.html").read_text()
    assert "Misses that nothing led to" in page and page.count("<article") == 1
    assert "<b>" not in page
    with Path("o.csv").open(newline="") as file:
        found = [row["customer_id"] for row in csv.DictReader(file)]
    assert found[0] == found[1] != found[3], "the truth says otherwise, and is not listened to"


def test_dedupe_measures_itself_by_a_file(run: Run) -> None:
    rows = write("rows.csv", ROWS)
    truth = write("truth.csv", "id,person\n1,a\n2,a\n3,b\n4,c\n5,d\n6,d\n")
    code, out, err = run("dedupe", rows, "--out", "o.csv", "--truth", truth, "--region", "NL")
    assert code == 0, err
    assert "1 records of the truth are not in the file." in err
    assert "5 records, 4 people, 4 customers" in out
    same = run("evaluate", "o.csv", truth)[1]
    assert out[out.index("pairwise precision") :].split("\n")[:13] == same.splitlines()[1:14]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--truth", "person"), "no column 'person', nor a file of that name"),
        (("--truth", "other.csv"), "names no record of the file"),
        (("--truth", "surname", "--id", "first_name"), "differs from that of the same record"),
    ],
)
def test_a_truth_that_cannot_be_used_is_told_in_one_line(
    run: Run, options: tuple[str, ...], told: str
) -> None:
    rows = write("rows.csv", ROWS.replace("2,Femke,Bakker", "2,Femke,Bakkers"))
    write("other.csv", "id,person\nx,y\n")
    code, _, err = run("dedupe", rows, "--out", "o.csv", *options)
    assert code == 1
    assert told in err.splitlines()[-1] and "Traceback" not in err


def test_without_the_extra_the_report_is_refused_before_the_work(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "find_spec", lambda _name: None)
    rows = write("rows.csv", ROWS)
    code, _, err = run("dedupe", rows, "--out", "o.csv", "--truth", "customer_id", "--report", "r.html")
    assert (code, len(err.splitlines())) == (1, 1)
    assert "pip install 'customer-graph[report]'" in err and not Path("o.csv").exists()
    assert run("dedupe", rows, "--out", "o.csv", "--truth", "customer_id")[0] == 0
