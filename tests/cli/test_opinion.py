"""A file that nobody labelled, from the command line: a page to look at, and another tool's clusters."""

from __future__ import annotations

import gzip
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from resolver import report
from resolver.cli import main

Run = Callable[..., tuple[int, str, str]]

ROWS = """id,first_name,surname,phone,email,birth_date,remark
1,Femke,Bakker,0612345670,femke.bakker@ziggo.nl,,not compared
2,Femke,Bakker,0612345670,femke.bakker@ziggo.nl,,
3,F.,Bakker,,femke.bakker@ziggo.nl,,
4,Jan,de Graaf,0611112229,,1970-01-12,
5,Sanne,de Graaf,0611112229,,1973-11-30,
6,<b>Ann</b>,Zonnebeld,0687654329,info@shop.nl,,
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


def test_a_file_and_a_report_is_all_that_it_takes(run: Run) -> None:
    rows = write("rows.csv", ROWS)
    code, out, err = run("dedupe", rows, "--report", "r.html", "--region", "NL")
    assert code == 0, err
    assert "report in r.html; it holds personal data" in out
    assert "This file can be merged as it stands." in out, "the verdict on the terminal too"
    assert "1 in 3 rows repeats a customer that another row has already: 2 of 6 rows." in out
    assert "Bakker" not in out and "ziggo" not in out
    assert {each.name for each in Path().iterdir()} == {"r.html", "rows.csv"}
    page = Path("r.html").read_text()
    assert "rows.csv: who is who" in page and "first row of its customer: 4" in page
    assert "femke.bakker@ziggo.nl" in page, "rows are shown as they came"
    assert "not compared<" not in page and "<b>" not in page
    assert "info@shop.nl" in page


def test_nobody_but_the_owner_may_read_the_page_also_where_it_was_open_before(run: Run) -> None:
    rows = write("rows.csv", ROWS)
    write("r.html", "old " * 100_000)
    Path("r.html").chmod(0o644)
    before = os.umask(0)
    try:
        assert run("dedupe", rows, "--report", "r.html")[0] == 0
        assert run("dedupe", rows, "--report", "new.html")[0] == 0
    finally:
        os.umask(before)
    for name in ("r.html", "new.html"):
        assert stat.S_IMODE(Path(name).stat().st_mode) == 0o600
    assert "old old" not in Path("r.html").read_text()


def test_another_tool_s_clusters_are_held_against_ours(run: Run) -> None:
    rows = write("rows.csv", ROWS)
    current = write("now.csv", "record_id,cluster_id\n1,a\n2,a\n3,b\n4,c\n5,c\nnobody,d\n")
    code, out, err = run("dedupe", rows, "--out", "o.csv", "--current", current, "--region", "NL")
    assert code == 0, err
    assert "now.csv puts people together whom something tells apart in 1 of its 3 clusters" in out
    assert "now.csv spreads 1 of 3 customers over 2 clusters: 3 records, 1 merge missed." in out
    assert "1 record has no cluster in now.csv and is left out." in err
    assert "1 record id of now.csv is not among the usable rows." in err
    code, again, _ = run("dedupe", rows, "--current", current, "--report", "r.html", "--region", "NL")
    page = Path("r.html").read_text()
    assert code == 0 and "now.csv puts people together" in again
    assert "What now.csv merges wrongly" in page and "cluster c. Here: customers" in page
    assert "1 record has no cluster in now.csv" in page


def test_sources_tell_equal_ids_apart(run: Run) -> None:
    shop = write("shop.csv", ROWS)
    till = write("till.csv", ROWS)
    current = write("now.csv", "source,record_id,cluster_id\nshop,1,a\ntill,1,b\n")
    code, out, err = run("dedupe", shop, till, "--current", current, "--report", "r.html", "--region", "NL")
    assert code == 0, err
    assert "now.csv spreads 1 of 1 customer over 2 clusters: 2 records, 1 merge missed." in out
    page = Path("r.html").read_text()
    assert "shop.csv row 1" in page and "till.csv row 1" in page
    bare = write("bare.csv", "record_id,cluster_id\n1,a\n")
    code, _, err = run("dedupe", shop, till, "--current", bare)
    assert code == 1 and "several sources" in err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "nothing is asked for: name --out, --report or --current"),
        (("--current", "none.csv"), "none.csv: there is no such file"),
        (("--current", "one.csv"), "one.csv: two columns are expected"),
        (("--current", "other.csv"), "other.csv: no record id of it is in the file"),
        (("--report", "rows.csv"), "is read or written already"),
        (("--current", "other.csv", "--report", "other.csv"), "is read or written already"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(run: Run, arguments: tuple[str, ...], told: str) -> None:
    rows = write("rows.csv", ROWS)
    write("one.csv", "record_id\n1\n")
    write("other.csv", "record_id,cluster_id\nx,y\n")
    code, _, err = run("dedupe", rows, *arguments)
    assert code == 1
    assert told in err.splitlines()[-1] and "Traceback" not in err
    assert not Path("r.html").exists()


def test_the_clusters_are_read_before_the_work(run: Run) -> None:
    rows = write("rows.csv", ROWS)
    code, _, err = run("dedupe", rows, "--out", "o.csv", "--current", "none.csv")
    assert (code, len(err.splitlines())) == (1, 1) and not Path("o.csv").exists()


def test_without_the_extra_the_page_is_refused_before_the_work(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "find_spec", lambda _name: None)
    rows = write("rows.csv", ROWS)
    code, _, err = run("dedupe", rows, "--report", "r.html")
    assert (code, len(err.splitlines())) == (1, 1) and "pip install 'customer-graph[report]'" in err
    current = write("now.csv", "record_id,cluster_id\n1,a\n2,a\n")
    assert run("dedupe", rows, "--current", current)[0] == 0


def test_rows_are_shown_from_whatever_the_file_is(run: Run) -> None:
    Path("rows.csv.gz").write_bytes(gzip.compress(ROWS.encode()))
    code, _, err = run("dedupe", "rows.csv.gz", "--report", "r.html", "--region", "NL")
    assert code == 0, err
    assert "femke.bakker@ziggo.nl" in Path("r.html").read_text()


def test_government_ids_are_not_shown(run: Run) -> None:
    rows = write(
        "rows.csv",
        "id,first_name,surname,bsn\n1,Femke,Bakker,111222333\n2,Femke,Bakkers,111222333\n3,Jan,Smit,123456782\n",
    )
    code, _, err = run("dedupe", rows, "--report", "r.html", "--government-ids", "--region", "NL")
    assert code == 0, err
    page = Path("r.html").read_text()
    assert "111222333" not in page and "bsn" not in page and "(hashed)" in page


def test_rejected_rows_are_counted_by_reason(run: Run) -> None:
    rows = write("rows.csv", ROWS + "7,Too,Few\n")
    code, _, err = run("dedupe", rows, "--report", "r.html", "--region", "NL")
    assert code == 0, err
    assert "1 row of 7 could not be used." in Path("r.html").read_text()
    assert Path("rows.csv.rejects.csv").exists()
