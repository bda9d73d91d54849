"""The command line against a service of its own, in one process each as a user runs it."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer

from resolver.cli import main
from resolver.cli.commands import app
from tests.serve.builders import served

Run = Callable[..., tuple[int, str, str]]
ROWS = """record_id,source,channel,created_at,given_name,surname,email,phone,order_id,remarks
1,shop,web,2024-01-02 10:00,Femke,Bakker,femke.bakker@kpnmail.nl,0612345670,A1,x
2,crm,phone,2024-02-02 10:00,Femke,Bakker,femke.bakker@kpnmail.nl,+31 6 1234 5670,,
3,shop,web,2024-03-02 10:00,Gerrit,Postma,gerrit.postma@ziggo.nl,,,
4,shop,web,2099-01-01 10:00,Too,Late,late@ziggo.nl,,,
"""


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("cli") / "s.db") as (service, _):
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
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    return path


def test_from_a_file_to_a_customer_and_back(run: Run, target: str, rows: Path) -> None:
    code, out, err = run("ingest", rows, "--target", target)
    assert code == 0, err
    assert "given_name -> given_name" in err and "remarks ignored" in err
    assert out.splitlines()[:5] == [
        "4 rows",
        "3 recorded",
        "0 duplicates",
        "0 superseded",
        "1 rejected, in rows.csv.rejects.csv",
    ]
    assert "future" in Path("rows.csv.rejects.csv").read_text()
    assert "3 duplicates" in run("ingest", rows, "--target", target)[1]

    code, out, _ = run("lookup", "--phone", "06 1234 5670", "--target", target)
    assert code == 0
    assert "Femke Bakker" in out and "shop:1" in out and "Preferred channel" in out
    code, out, _ = run("lookup", "--reference", "order:A1", "--json", "--target", target)
    found = json.loads(out)
    assert (code, found["status"]) == (0, "LOOKUP_STATUS_FOUND")
    id_ = found["customer"]["id"]

    code, out, _ = run("explain", "shop:1", "crm:2", "--target", target)
    assert code == 0 and "email" in out and "prior" in out
    code, out, _ = run("explain", "--customer", id_, "--target", target)
    assert code == 0 and "crm:2" in out
    assert run("suggestions", "--target", target)[0] == 0

    code, out, _ = run("export", "--out", "clusters.csv", "--target", target)
    assert code == 0
    with Path("clusters.csv").open(newline="") as file:
        clusters = {row["record_id"]: row for row in csv.DictReader(file)}
    assert list(clusters["1"]) == ["record_id", "customer_id", "source"]
    assert clusters["1"]["customer_id"] == clusters["2"]["customer_id"] == id_ != clusters["3"]["customer_id"]
    assert [path.name for path in Path().glob("clusters*")] == ["clusters.csv"]


def test_rows_without_a_channel_are_records(run: Run, target: str, tmp_path: Path) -> None:
    path = tmp_path / "records.csv"
    path.write_text("id,name,email\na,Mira Kok,mira.kok@ziggo.nl\nb,,\n")
    code, out, err = run("ingest", path, "--target", target, "--source", "crm2")
    assert (code, out.splitlines()[1]) == (0, "2 recorded"), err
    assert "Mira Kok" in run("lookup", "--id", "crm2:a", "--target", target)[1]


def test_dedupe_writes_every_row_once_in_order(run: Run, rows: Path) -> None:
    code, _, err = run("dedupe", rows, "--out", "out.csv", "--pairs", "pairs.csv", "--region", "NL")
    assert code == 0, err
    assert "population 1," in err
    with Path("out.csv").open(newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["record_id"] for row in found] == ["1", "2", "3", "4"]
    assert found[0]["customer_id"] == found[1]["customer_id"] != found[2]["customer_id"]
    assert all(row["customer_id"] for row in found)
    columns = "left,right,probability,decision,left_source,right_source\n"
    assert Path("pairs.csv").read_text().startswith(columns)


def test_dedupe_never_writes_over_what_it_reads(run: Run, rows: Path) -> None:
    before = rows.read_bytes()
    code, _, err = run("dedupe", rows, "--out", rows)
    assert (code, before) == (1, rows.read_bytes())
    assert rows.name in err
    code, _, err = run("dedupe", rows, "--out", "out.csv", "--pairs", "out.csv")
    assert code == 1 and "out.csv" in err


PARTNERS = """record_id,given_name,surname,phone
p1,Wietse,Hoekstra,0612390456
p2,Tjitske,Hoekstra,0612390456
p3,Wietse,Hoekstra,+31612390456
"""


def test_those_who_live_together_are_listed(run: Run, target: str, tmp_path: Path) -> None:
    path = tmp_path / "partners.csv"
    path.write_text(PARTNERS)
    code, _, err = run("dedupe", path, "--out", "out.csv", "--relations", "relations.csv", "--region", "NL")
    assert code == 0, err
    with Path("out.csv").open(newline="") as file:
        customers = {row["record_id"]: row["customer_id"] for row in csv.DictReader(file)}
    assert Path("relations.csv").read_text() == (
        "left_customer_id,right_customer_id,relation,shared\n"
        f"{customers['p1']},{customers['p2']},same_household,phone family\n"
    )
    assert run("ingest", path, "--target", target, "--source", "home", "--region", "NL")[0] == 0
    code, out, _ = run("relations", "home:p2", "--json", "--target", target)
    (told,) = json.loads(out)["relations"]
    assert (code, told["relation"]) == (0, "RELATION_SAME_HOUSEHOLD")
    code, out, _ = run("relations", told["customerId"], "--target", target)
    assert code == 0 and "same household" in out and "phone, family" in out
    path.write_text("record_id,given_name,surname,email\nq1,Sietse,Postma,sietse.postma@ziggo.nl\n")
    run("ingest", path, "--target", target, "--source", "home")
    assert run("relations", "home:q1", "--target", target)[1] == "related to nobody\n"
    assert run("relations", "home:nobody", "--target", target)[0] == 1


def test_dedupe_takes_unknown_columns_as_attributes_on_request(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    same, other = "Jan,Jansen,baker,Delft", "Jan,Jansen,miller,Breda"
    file.write_text("first_name,last_name,guild,ship\n" + "\n".join((same, other) * 4) + "\n")
    together = {}
    for options in ((), ("--attributes",)):
        code, _, err = run("dedupe", file, "--out", "out.csv", "--population", "200", *options)
        assert code == 0, err
        assert ("guild -> attribute:guild" in err) == bool(options)
        with Path("out.csv").open(newline="") as written:
            found = [row["customer_id"] for row in csv.DictReader(written)]
        together[bool(options)] = found[0] == found[1]
    assert together == {False: True, True: False}


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        (None, (), "no such file"),
        ("", (), "empty"),
        ("a,b\n1,2\n", (), "column"),
        ("name,email\nx,y\n", ("--id", "number"), "number"),
    ],
)
@pytest.mark.parametrize("command", ["ingest", "dedupe"])
def test_a_bad_file_is_told_in_one_line(
    run: Run, target: str, tmp_path: Path, command: str, content: str | None, options: tuple[str], told: str
) -> None:
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_text(content)
    where = ("--target", target) if command == "ingest" else ("--out", tmp_path / "o.csv")
    code, _, err = run(command, path, *where, *options)
    assert code == 1
    assert told in err and len(err.splitlines()) == 1 and "Traceback" not in err


def test_a_broken_quote_rejects_its_row_with_the_reason(run: Run, target: str, tmp_path: Path) -> None:
    path = tmp_path / "quote.csv"
    path.write_text('id,name,email\nq1,"Kees Bos,kees@ziggo.nl\nq2,Els Bos,els.bos@ziggo.nl\n')
    code, out, err = run("ingest", path, "--target", target)
    assert code == 0, err
    assert out.splitlines()[:2] == ["2 rows", "1 recorded"]
    assert "1 rejected, in quote.csv.rejects.csv" in out
    with Path("quote.csv.rejects.csv").open(newline="") as file:
        [reject] = csv.DictReader(file)
    assert reject == {
        "line": "2",
        "reason": "a quote is left open",
        "field": "",
        "row": 'q1,"Kees Bos,kees@ziggo.nl',
    }


def test_a_handle_is_found_without_its_platform(run: Run, target: str, tmp_path: Path) -> None:
    path = tmp_path / "handles.csv"
    path.write_text("id,name,handle\nh1,Noor Smit,@noor.smit77\n")
    assert run("ingest", path, "--target", target)[0] == 0
    code, out, _ = run("lookup", "--handle", "noor.smit77", "--target", target)
    assert code == 0 and "Noor Smit" in out


def test_a_file_for_nobody_is_told_before_it_is_read(run: Run, rows: Path) -> None:
    code, _, err = run("ingest", rows, "--target", "127.0.0.1:1")
    assert code == 1
    assert "resolver serve" in err.splitlines()[-1] and "Traceback" not in err


def test_nobody_there_is_told_in_one_line(run: Run) -> None:
    code, _, err = run("suggestions", "--target", "127.0.0.1:1")
    assert (code, len(err.splitlines())) == (1, 1)
    assert "resolver serve" in err


def test_what_the_service_refuses_is_told_in_one_line(run: Run, target: str) -> None:
    code, _, err = run("explain", "--customer", "never handed out", "--target", target)
    assert (code, len(err.splitlines())) == (1, 1)
    assert "no customer" in err


@pytest.mark.parametrize(
    "arguments", [("lookup",), ("lookup", "--phone", "1", "--id", "x"), ("explain", "a"), ("no",)]
)
def test_a_mistyped_command_is_exit_code_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments)[0] == 2


def test_serving_other_machines_is_refused_in_one_line(run: Run) -> None:
    code, _, err = run("serve", "--listen", "0.0.0.0:0")
    assert (code, len(err.splitlines())) == (1, 1)
    assert "TLS" in err


def test_config_check_tells_what_is_in_force_and_what_is_wrong(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "r.toml"
    file.write_text("population = 12\n")
    code, out, _ = run("config", "check", "--config", file)
    assert code == 0
    assert any(line.split()[:2] == ["population", "12"] and "r.toml" in line for line in out.splitlines())
    file.write_text("populatin = 12\n")
    code, _, err = run("config", "check", "--config", file)
    assert code == 1 and "populatin" in err and len(err.splitlines()) == 1


def test_every_command_and_option_is_documented() -> None:
    def walk(command: object, path: str) -> Iterator[str]:
        if not getattr(command, "help", None):
            yield path
        for parameter in getattr(command, "params", ()):
            if not getattr(parameter, "help", None) and parameter.name != "help":
                yield f"{path} {parameter.name}"
        for name, inner in getattr(command, "commands", {}).items():
            yield from walk(inner, f"{path} {name}")

    root = typer.main.get_command(app)
    assert list(walk(root, "resolver")) == []
    wanted = {
        "serve",
        "ingest",
        "lookup",
        "relations",
        "explain",
        "suggestions",
        "export",
        "dump",
        "restore",
        "migrate",
        "doctor",
        "import",
        "dedupe",
        "config",
        "evaluate",
        "audit",
        "train",
        "model",
        "owned",
    }
    assert set(getattr(root, "commands", {})) == wanted
