"""`resolver import`, here and by a service."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from graph.sqlite import SqliteStore
from graph.sqlite.filling import vacant
from resolver.cli import main
from resolver.cli.import_ import _SUPERSEDED
from tests.serve.builders import served

Run = Callable[..., tuple[int, str, str]]
ROWS = """record_id,source,channel,created_at,given_name,surname,email,remarks
1,shop,web,2024-01-02 10:00,Femke,Bakker,femke.bakker@kpnmail.nl,x
2,crm,phone,2024-02-02 10:00,Femke,Bakker,femke.bakker@kpnmail.nl,
3,shop,web,2099-01-01 10:00,Too,Late,late@ziggo.nl,
"""
ALREADY = (
    r"rows\.csv was imported already, by \d{4}-\d\d-\d\d \d\d:\d\d UTC; nothing was done again\. It came to:"
)
FIGURES = ["3 rows", "2 recorded", "0 duplicates", "0 superseded"]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["resolver", "import", *map(str, arguments)])
        code = main()
        return code, *capsys.readouterr()

    return ran


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    return path


def customers(store: Path) -> list[str | None]:
    reader = SqliteStore.open_reader(store)
    with reader.snapshot() as snapshot:
        found = [record.customer for record in snapshot.all_records(None, 100)]
    reader.close()
    return found


def test_into_a_store_that_nobody_serves(run: Run, rows: Path, tmp_path: Path) -> None:
    code, out, err = run(rows, "--store", "s.db", "--region", "NL", "--population", 1000)
    assert code == 0, err
    assert "given_name -> given_name" in err and "remarks ignored" in err
    assert out.splitlines()[:4] == FIGURES
    assert out.splitlines()[4].startswith("1 rejected, in ")
    with (tmp_path / "rows.csv.rejects.csv").open(newline="") as file:
        assert [row["line"] for row in csv.DictReader(file)] == ["4"]
    assert len(customers(tmp_path / "s.db")) == 2 and len(set(customers(tmp_path / "s.db"))) == 1
    code, out, err = run(rows, "--store", "s.db")
    assert code == 0, err
    assert re.fullmatch(ALREADY, out.splitlines()[0]) and out.splitlines()[1:5] == FIGURES


def records(store: Path) -> dict[str, str]:
    """Whose given name each record states."""
    reader = SqliteStore.open_reader(store)
    with reader.snapshot() as snapshot:
        found = {
            f"{each.key.source}:{each.key.record_id}": each.evidence.given_name
            for each in snapshot.all_records(None, 100)
        }
    reader.close()
    return found


def test_equal_ids_in_two_files_are_two_records_and_the_same_file_again_is_not(
    run: Run, tmp_path: Path
) -> None:
    shop, crm, store = tmp_path / "shop.csv", tmp_path / "crm.csv", tmp_path / "s.db"
    shop.write_text("id,first_name,email,updated_at\n1,Femke,fb@kpnmail.nl,1\n2,Gerrit,gp@ziggo.nl,1\n")
    crm.write_text("id,first_name,email,updated_at\n1,Sanne,sk@kpnmail.nl,1\n2,Wim,wd@ziggo.nl,1\n")
    _, _, err = run(shop, "--store", store)
    assert f"{shop}, source shop:" in err
    run(crm, "--store", store)
    assert records(store) == {"crm:1": "Sanne", "crm:2": "Wim", "shop:1": "Femke", "shop:2": "Gerrit"}
    shop.write_text("id,first_name,email,updated_at\n1,Femmie,fb@kpnmail.nl,2\n2,Gerrit,gp@ziggo.nl,2\n")
    assert run(shop, "--store", store, "--name", "a-day-later")[0] == 0
    assert records(store) == {"crm:1": "Sanne", "crm:2": "Wim", "shop:1": "Femmie", "shop:2": "Gerrit"}
    run(crm, "--store", store, "--name", "other", "--source", "erp")
    assert {"erp:1", "erp:2"} <= records(store).keys()


@pytest.mark.parametrize("lines", [("1,Femke", "1,Gerrit", "2,Sanne"), ("1,Gerrit", "2,Sanne", "1,Femke")])
def test_a_row_that_another_of_its_record_replaces_is_superseded_here_and_there(
    run: Run, tmp_path: Path, lines: tuple[str, ...]
) -> None:
    file, other = tmp_path / "f.csv", tmp_path / "other.csv"
    file.write_text("\n".join(("id,first_name", *lines, "2,Sanne", "")))
    other.write_text("id,first_name\n9,Wim\n")
    told = ["4 rows", "3 recorded", "1 duplicate", f"1 superseded: {_SUPERSEDED}", "0 rejected"]
    assert run(file, "--store", "new.db")[1].splitlines() == told
    run(other, "--store", "old.db")
    assert run(file, "--store", "old.db")[1].splitlines() == told
    assert records(tmp_path / "old.db").keys() == {"f:1", "f:2", "other:9"}


def test_a_name_is_of_one_file(run: Run, rows: Path) -> None:
    assert run(rows, "--store", "s.db")[0] == 0
    rows.write_text(ROWS + "4,crm,phone,2024-02-02 10:00,Sanne,Smit,sanne@ziggo.nl,\n")
    code, _, err = run(rows, "--store", "s.db")
    assert code == 1
    assert err.splitlines()[-1] == (
        "resolver: the file has grown by 56 bytes since it was imported under this name; "
        "import it anew, where known rows change nothing, under another name (--name)"
    )
    assert run(rows, "--store", "s.db", "--name", "february")[0] == 0
    assert run(rows, "--store", "s.db", "--name", "a/b")[0] == 2


def test_a_store_that_is_served_is_left_alone(run: Run, rows: Path, tmp_path: Path) -> None:
    with served(tmp_path / "s.db"):
        code, _, err = run(rows, "--store", tmp_path / "s.db")
    assert code == 1
    assert err.endswith("s.db: it is being served; import with --target HOST:PORT\n")


def test_so_is_a_store_that_another_import_is_about_to_make(run: Run, rows: Path, tmp_path: Path) -> None:
    with vacant(tmp_path / "s.db"):
        code, _, err = run(rows, "--store", "s.db")
    assert code == 1
    assert err.endswith("resolver: store: s.db: another process writes to s.db\n")
    assert not (tmp_path / "s.db").exists()


def test_into_a_store_that_is_there_in_chunks(run: Run, rows: Path, tmp_path: Path) -> None:
    assert run(rows, "--store", "s.db", "--region", "NL", "--population", 1000)[0] == 0
    code, out, err = run(rows, "--store", "s.db", "--name", "again")
    assert code == 0, err
    assert "importing: 3 in" in err
    assert out.splitlines()[:3] == ["3 rows", "0 recorded", "2 duplicates"]
    assert len(customers(tmp_path / "s.db")) == 2


def test_within_the_memory_that_it_is_given(run: Run, rows: Path, tmp_path: Path) -> None:
    for name in ("first", "again"):
        code, out, err = run(rows, "--store", "s.db", "--region", "NL", "--name", name, "--memory", "1M")
        assert code == 0, err
        assert out.startswith("3 rows\n")
    assert len(customers(tmp_path / "s.db")) == 2
    code, _, err = run(rows, "--store", "s.db", "--memory", "much")
    assert code == 2 and "not an amount of memory: write 800M or 4G" in " ".join(err.split())


@pytest.mark.parametrize(
    "option", [("--memory", "1G"), ("--population", "9"), ("--policy", "strict"), ("--rejects", "r.csv")]
)
def test_what_a_service_settles_for_itself_is_not_passed_over(
    run: Run, rows: Path, option: tuple[str, str]
) -> None:
    code, _, err = run(rows, *option)
    assert code == 2
    assert option[0] in err and "only with --store" in err


def test_what_cannot_be_read_is_one_line(run: Run, rows: Path) -> None:
    code, _, err = run("absent.csv", "--store", "s.db")
    assert (code, err) == (1, "resolver: absent.csv: there is no such file\n")
    code, _, err = run(rows, "--store", "s.db", "--rejects", rows)
    assert code == 1 and "is read already" in err
    assert rows.read_text() == ROWS


def test_by_a_service_and_looked_at_until_it_is_done(run: Run, rows: Path, tmp_path: Path) -> None:
    with served(tmp_path / "s.db", imports={"folder": tmp_path}) as (service, _):
        code, out, err = run("rows.csv", "--target", service.address)
        assert code == 0, err
        assert "remarks ignored" in err
        assert out.splitlines() == [*FIGURES, "1 rejected, in rows.csv.rejects.csv"]
        code, out, err = run("rows.csv", "--target", service.address)
        assert code == 0 and re.fullmatch(ALREADY, out.splitlines()[0]), err
        assert out.splitlines()[1:5] == FIGURES
        rows.write_text(ROWS + "4,crm,phone,2024-02-02 10:00,Sanne,Smit,sanne@ziggo.nl,\n")
        code, _, err = run("rows.csv", "--target", service.address)
        assert code == 1 and "the file has grown by 56 bytes" in err and err.endswith(" (--name)\n")
        code, _, err = run("absent.csv", "--target", service.address)
    assert code == 1 and "there is no such file" in err
