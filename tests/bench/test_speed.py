from __future__ import annotations

import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.speed import servers
from bench.speed.__main__ import DATASET, main
from bench.speed.bare import write_replies
from bench.speed.clients import LOOKUP, Clients
from bench.speed.figures import Figure
from bench.speed.report import Line


def write(folder: Path, people: int) -> None:
    """People of three records each, two of them with an e-mail and one with a phone as well."""
    rows = [
        {
            "record_id": f"{person}-{number}",
            "entity_id": str(person),
            "channel": "shop",
            "created_at": f"2024-03-{number + 1:02}T10:00:00Z",
            "full_name": f"Person Of{chr(97 + person % 26)}{chr(97 + person // 26)}",
            "email": f"person{person}@example.org" if number else "",
            "phone": f"+3120{5550000 + person}" if number == 1 else "",
            "country": "NL",
        }
        for person in range(people)
        for number in range(3)
    ]
    path = folder / DATASET.file
    path.parent.mkdir()
    pq.write_table(pa.Table.from_pylist(rows), path)


def test_the_service_is_measured_from_end_to_end(tmp_path: Path) -> None:
    write(tmp_path, 40)
    out = tmp_path / "report.md"
    told = [
        "--data",
        tmp_path,
        "--out",
        out,
        "--stores",
        tmp_path / "kept",
        "--rounds",
        "1",
        "--seconds",
        "0.2",
    ]
    parts = [word for part in ("lookup", "stream", "growth") for word in ("--only", part)]
    assert main([*map(str, told), "--clients", "1", "--threads", "2", *parts]) == 0
    lines = out.read_text().splitlines()
    measured = [line.split(" | ")[0].removeprefix("| ") for line in lines if line.startswith("| ")][1:]
    for name in (
        "LookupCustomer, warm",
        "LookupCustomer, each",
        "StreamTouchpoints, known records, against",
        "StreamTouchpoints, new records, against",
        "Resolve of",
    ):
        assert any(line.startswith(name) for line in measured), name
    assert any("--rounds 1" in line for line in lines)
    assert {path.name.split("-")[0] for path in (tmp_path / "kept").iterdir()} == {"all", "few"}


def test_clients_count_and_time_every_call(tmp_path: Path) -> None:
    write_replies(tmp_path / "replies.db", {b"who": b"Jo", b"whose": b"Jo's"})
    with servers.reading(tmp_path / "replies.db") as server, Clients(1, 2) as clients:
        assert clients.replies(server, LOOKUP, [b"whose", b"who", b"else"]) == [b"Jo's", b"Jo", b""]
        start = time.monotonic()
        waits = clients.keep_time(server, LOOKUP, [b"who"] * 20, rate=40)
        assert len(waits) == 20
        assert time.monotonic() - start > 19 / 40
        load = clients.press(server, LOOKUP, [b"who"] * 50)
        assert 0 < load.rate < 50 / 0.001


def test_a_server_that_does_not_come_up_is_told(tmp_path: Path) -> None:
    with pytest.raises(servers.ServerFailed), servers.service(tmp_path, batch=1):
        pass


def test_a_line_says_whether_the_goal_is_met() -> None:
    half = Figure(0.5, 0.25, 0.75)
    assert Line("x", "calls/s", Figure.of([1000]), Figure.of([2000]), half, least=0.5).row() == (
        "| x | calls/s | 1,000 | 2,000 | 0.5 (0.25 to 0.75) | >= 0.5: yes |"
    )
    assert Line("x", "s", Figure.of([61.0]), most=60).row() == "| x | s | 61 |  |  | <= 60: NO |"
    assert Line("x", "ms", Figure.of([0.1234])).row() == "| x | ms | 0.123 |  |  |  |"
