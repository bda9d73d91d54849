"""`resolver model compare` and `resolver model adopt`, beside a service and without one."""

from __future__ import annotations

import copy
import csv
import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from graph.sqlite import SqliteStore
from resolver.cli import main
from resolver.match.document import shipped, write
from resolver.serve.process import StartError
from resolver.v1 import customer_service_pb2
from tests.serve.builders import Stubs, person, record, served

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["resolver", *map(str, arguments)])
        code = main()
        return code, *capsys.readouterr()

    return ran


@pytest.fixture
def wary(tmp_path: Path) -> Path:
    """A model that believes one mailbox to be shared by everybody at home."""
    document: dict[str, Any] = copy.deepcopy(dict(shipped()))
    document["version"] = "wary"
    document["comparisons"]["email"]["equal"] = {"m": 0.6, "u": 0.6, "h": 0.6}
    path = tmp_path / "wary.json"
    path.write_bytes(write(document))
    return path


def fill(client: Stubs) -> None:
    """Two people: one of two records that share a mailbox, one of two that share all."""
    for name, city in (("a", "Utrecht"), ("b", "Zwolle")):
        client.resolution.UpsertRecord(record(name, person(email="jan.devries@kpnmail.nl", city=city)))
    whole = {"email": "femke@ziggo.nl", "phone": "0612345671", "birth_date": "1960-05-03"}
    for name, city in (("c", "Utrecht"), ("d", "Zwolle")):
        client.resolution.UpsertRecord(record(name, person("Femke", "Postma", city=city, **whole)))


def customers(client: Stubs) -> dict[str, str]:
    told = client.customers.ListRecords(customer_service_pb2.ListRecordsRequest(page_size=10)).records
    return {each.key.record_id: each.customer_id for each in told}


def test_a_model_is_compared_and_adopted_while_the_service_goes_on(
    run: Run, wary: Path, tmp_path: Path
) -> None:
    store = tmp_path / "s.db"
    with served(store) as (service, client):
        fill(client)
        code, out, err = run("model", "compare", "--store", store, "--model", wary, "--out", "changes.csv")
        assert code == 0, err
        assert "model: 2026" in out and "-> wary/1000" in out
        assert "2 customers now, 3 under these rules" in out
        assert "0 customers would merge into 0" in out and "1 customers would split into 2" in out
        assert "split: crm:a  and  crm:b" in out and "email" in out
        with Path("changes.csv").open() as file:
            rows = list(csv.DictReader(file))
        assert [(row["kind"], row["record_id"]) for row in rows] == [("split", "a"), ("split", "b")]
        assert len({row["customer_now"] for row in rows}) == 1
        assert len({row["customer_then"] for row in rows}) == 2
        before = customers(client)
        code, out, err = run("model", "adopt", "--target", service.address, "--model", wary, "--wait")
        assert code == 0, err
        assert out.splitlines() == [
            "adopted wary/1000 at revision 5",
            "population 1000",
            "policy merge 0.99, possible 0.5, edge 0.1",
            "all records have been looked at again",
        ]
        now = customers(client)
        assert (now["a"], now["c"], now["d"]) == (before["a"], before["c"], before["d"])
        assert now["b"] not in before.values()
        code, out, _ = run("model", "compare", "--store", store)
        assert "these are the rules in force" in out and "3 customers now, 3 under these rules" in out
        assert "in force already" in run("model", "adopt", "--target", service.address)[1]


def test_a_store_that_nobody_serves_adopts_and_is_served_under_it(run: Run, tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    with served(store) as (_, client):
        fill(client)
        code, _, err = run("model", "adopt", "--store", store, "--policy", "strict")
        assert code == 1 and "being served" in err
    (tmp_path / "c.toml").write_text('never_alone = ["name"]\n')
    code, out, err = run(
        "model", "adopt", "--store", store, "--config", "c.toml", "--policy", "strict", "--population", "5000"
    )
    assert code == 0, err
    assert out.splitlines()[-1] == "all records have been looked at again"
    reader = SqliteStore.open_reader(store)
    kept = reader.meta()
    reader.close()
    found = (kept["thresholds.merge"], kept["never_alone"], kept["population"], kept["thresholds.possible"])
    assert found == ("0.999", '["name"]', "5000", "0.5")
    with served(store, population=5000, policy="strict") as (service, _):
        assert service.terms.policy.never_alone == ("name",)


def rewrite(store: Path, settings: dict[str, str]) -> None:
    """The store as another program would have made it."""
    with closing(sqlite3.connect(store)) as database, database:
        database.executemany(
            "UPDATE meta SET value = ? WHERE name = ?", [(value, name) for name, value in settings.items()]
        )


def test_a_store_with_an_older_document_is_served_compared_and_adopted(run: Run, tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    with served(store) as (_, client):
        fill(client)
    older: dict[str, Any] = copy.deepcopy(dict(shipped()))
    older["version"] = "older"
    del older["comparisons"]["government"]["slip"]
    rewrite(store, {"document": json.dumps(older), "model": "older/1000"})
    with served(store) as (service, client):
        assert service.terms.model.version == "older+completed/1000"
        assert len(customers(client)) == 4
    code, out, err = run("model", "compare", "--store", store, "--population", "5000")
    assert code == 0 and "older+completed/1000 -> older+completed/5000" in out, err
    code, out, err = run("model", "adopt", "--store", store)
    assert code == 0 and out.startswith("adopted older+completed/1000"), err
    assert "in force already" in run("model", "adopt", "--store", store)[1]
    older["comparisons"]["government"]["novel"] = {"m": 0.1, "u": 0.1, "h": 0.1}
    rewrite(store, {"document": json.dumps(older)})
    for command in ("compare", "adopt"):
        code, _, err = run("model", command, "--store", store)
        assert code == 1 and "of another program" in err and err.count("\n") == 1
    with pytest.raises(StartError, match="of another program"), served(store):
        pass


def test_what_is_not_there_is_told_in_one_line(run: Run, tmp_path: Path) -> None:
    SqliteStore.open_writer(tmp_path / "empty.db").close()
    for command, name in product(("compare", "adopt"), ("none.db", "empty.db")):
        code, _, err = run("model", command, "--store", tmp_path / name)
        assert code == 1 and err.startswith("resolver: store: ") and err.count("\n") == 1
    assert not (tmp_path / "none.db").exists()
