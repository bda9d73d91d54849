"""Several files given to one command, and what is read and written kept apart."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from resolver.cli import main
from resolver.cli.files import apart
from resolver.cli.problems import Failed
from tests.serve.builders import served

Run = Callable[..., tuple[int, str, str]]

SHOP = """nr,first_name,surname,email,who
1,Femke,Bakker,femke.bakker@kpnmail.nl,f
2,Gerrit,Postma,gerrit.postma@ziggo.nl,g
3
"""
CRM = [
    {"id": 1, "name": "Gerrit Postma", "mail": ["gerrit.postma@ziggo.nl"], "phone": 31612345670, "who": "g"},
    {"id": 2, "name": "Femke Bakker", "mail": ["fb@ziggo.nl", "femke.bakker@kpnmail.nl"], "who": "f"},
]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("files") / "s.db") as (service, _):
        yield service.address


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["resolver", *map(str, arguments)])
        code = main()
        return code, *capsys.readouterr()

    return ran


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "shop.csv").write_text(SHOP)
    broken = "\n{broken\n"
    (tmp_path / "crm.jsonl").write_text("\n".join(map(json.dumps, CRM)) + broken)
    return ["shop.csv", "crm.jsonl"]


def table(name: str) -> list[dict[str, str]]:
    with Path(name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_dedupe_resolves_files_of_different_headers_together(run: Run, files: list[str]) -> None:
    code, out, err = run("dedupe", *files, "--out", "out.csv", "--pairs", "pairs.csv", "--id", "nr")
    assert code == 0, err
    assert "shop.csv, source shop:" in err and "crm.jsonl, source crm:" in err
    assert "nr -> record_id" in err and "id -> record_id" in err and "mail.2 -> email" in err
    found = table("out.csv")
    assert list(found[0]) == ["record_id", "customer_id", "source"]
    assert [(row["source"], row["record_id"]) for row in found] == [
        ("shop", "1"),
        ("shop", "2"),
        ("", "3"),
        ("crm", "1"),
        ("crm", "2"),
        ("", "6"),
    ]
    femke, gerrit, broken, gerrit_too, femke_too, damaged = (row["customer_id"] for row in found)
    assert femke == femke_too != gerrit == gerrit_too
    assert len({broken, damaged, femke, gerrit}) == 4
    assert [row["line"] for name in files for row in table(f"{name}.rejects.csv")] == ["4", "3"]
    assert "2 rejected, in shop.csv.rejects.csv, crm.jsonl.rejects.csv" in out
    assert {(row["left_source"], row["right_source"]) for row in table("pairs.csv")} <= {
        ("shop", "crm"),
        ("crm", "shop"),
    }


def test_a_truth_in_several_files_is_measured(run: Run, files: list[str]) -> None:
    code, out, err = run("dedupe", *files, "--out", "out.csv", "--pairs", "pairs.csv", "--truth", "who")
    assert code == 0, err
    assert "who ignored: left out as told" in err
    assert "4 records, 2 people, 2 customers" in out
    Path("truth.csv").write_text("record_id,person,source\n1,f,shop\n2,g,shop\n1,g,crm\n2,f,crm\n")
    code, out, err = run("evaluate", "out.csv", "truth.csv", "--pairs", "pairs.csv")
    assert code == 0, err
    assert "4 records, 2 people, 2 customers" in out


def test_ingest_sends_all_and_refuses_each_row_in_its_own_file(
    run: Run, target: str, files: list[str]
) -> None:
    with Path("crm.jsonl").open("a") as more:
        more.write('{"id": "3", "phone": "0", "name": "' + "x" * 990 + '"}\n')
    code, out, err = run("ingest", *files, "--target", target, "--id", "nr")
    assert code == 0, err
    assert out.splitlines()[:2] == ["7 rows", "5 recorded"]
    assert "2 rejected, in shop.csv.rejects.csv, crm.jsonl.rejects.csv" in out
    assert "fb@ziggo.nl" in run("lookup", "--id", "shop:1", "--target", target)[1]
    assert "+31612345670" in run("lookup", "--id", "shop:2", "--target", target)[1]
    assert "5 duplicates" in run("ingest", *reversed(files), "--target", target, "--id", "nr")[1]
    assert run("ingest", *files, "--target", target, "--rejects", "r.csv")[0] == 2


def test_ingest_and_dedupe_of_the_same_files_agree(run: Run, target: str, tmp_path: Path) -> None:
    mira, wim = "Mira,Kok,mira.kok@ziggo.nl", "Wim,Dam,wim.dam@ziggo.nl"
    header = "id,first_name,surname,email\n"
    Path("till.csv").write_text(f"{header}1,{mira}\n2,{wim}\n")
    Path("web.csv").write_text(f"{header}1,{wim}\n2,{mira}\n")
    assert run("dedupe", "till.csv", "web.csv", "--out", "out.csv")[0] == 0
    customers = [row["customer_id"] for row in table("out.csv")]
    assert customers[0] == customers[3] != customers[1] == customers[2]
    assert run("ingest", "till.csv", "web.csv", "--target", target)[0] == 0
    assert run("export", "--out", "known.csv", "--target", target)[0] == 0
    known = {(row["source"], row["record_id"]): row["customer_id"] for row in table("known.csv")}
    assert known["till", "1"] == known["web", "2"] != known["till", "2"] == known["web", "1"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("orders-2026-11-01.csv", True),
        ("orders 20261101.csv", True),
        ("orders_2026_11.csv", True),
        ("orders.csv", False),
        ("orders-2026.csv", False),
        ("order 120261101.csv", False),
    ],
)
def test_a_date_in_a_file_s_name_is_told_unless_the_source_is_named(run: Run, name: str, told: bool) -> None:
    Path(name).write_text("id,name\n1,Femke Bakker\n")
    _, _, err = run("dedupe", name, "--out", "out.csv")
    assert err.startswith(f"{name}, source {Path(name).stem}:\n")
    assert ("name the --source" in err) == told
    assert "name the --source" not in run("dedupe", name, "--out", "out.csv", "--source", "shop")[2]


def test_a_file_of_one_channel_is_of_contacts(run: Run, target: str) -> None:
    Path("till.csv").write_text("card,date,amount\n6001234567890,2024-01-02,5\n6001234567890,2024-01-03,5\n")
    _, _, err = run("dedupe", "till.csv", "--out", "out.csv")
    assert "date -> occurred, not kept: a contact needs a channel too" in err
    _, _, err = run("dedupe", "till.csv", "--out", "out.csv", "--channel", "till")
    assert "date -> occurred\n" in err and "not kept" not in err
    code, out, err = run("ingest", "till.csv", "--target", target, "--channel", "till")
    assert code == 0 and "2 recorded" in out, err
    assert "2 duplicates" in run("ingest", "till.csv", "--target", target, "--channel", "till")[1]
    assert run("dedupe", "till.csv", "--out", "out.csv", "--channel", "!!!")[0] == 2
    assert "till" in run("import", "till.csv", "--store", "s.db", "--channel", "till")[2]
    assert run("import", "till.csv", "--target", target, "--channel", "till")[0] == 2


@pytest.mark.parametrize("command", ["dedupe", "ingest"])
@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["shop.csv", "more/shop.csv"], "--source"),
        (["shop.csv", "./shop.csv"], "already"),
        (["shop.csv", "shop.csv.rejects.csv"], "already"),
        (["shop.csv", "gone.csv"], "no such file"),
        (["shop.csv", "crm.jsonl", "--id", "nobody"], "nobody"),
    ],
)
def test_what_is_wrong_with_several_files_is_told_in_one_line(
    run: Run, target: str, files: list[str], command: str, given: list[str], told: str
) -> None:
    Path("more").mkdir()
    Path("more/shop.csv").write_text(SHOP)
    Path("shop.csv.rejects.csv").write_text(SHOP)
    where = ("--target", target) if command == "ingest" else ("--out", "out.csv")
    code, _, err = run(command, *given, *where)
    assert code == 1
    assert told in err and len(err.splitlines()) == 1
    assert Path("shop.csv.rejects.csv").read_text() == SHOP


def test_files_of_one_name_and_one_source(run: Run, files: list[str]) -> None:
    Path("more").mkdir()
    Path("more/shop.csv").write_text(SHOP.replace("\n2,", "\n4,"))
    code, out, err = run(
        "dedupe", "shop.csv", "more/shop.csv", "--id", "nr", "--source", "s", "--out", "o.csv"
    )
    assert code == 0, err
    found = table("o.csv")
    assert list(found[0]) == ["record_id", "customer_id"]
    assert found[0] == found[3]  # one record, said twice
    assert "in shop.csv.rejects.csv, shop.csv.2.rejects.csv" in out


def test_train_takes_several_files(run: Run, files: list[str]) -> None:
    code, out, err = run("train", *files, "--out", "model.json")
    assert code == 0, err
    assert "crm.jsonl, source crm:" in err and "model.json" in out
    assert Path("crm.jsonl.rejects.csv").exists()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    apart([one], other, None, None)
    for read, written in (([one], [one]), ([one, one], []), ([one], [other, other]), ([one, other], [other])):
        with pytest.raises(Failed, match="already"):
            apart(read, *written)
