from __future__ import annotations

import io
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from resolver.batch.nodes import Blocks
from resolver.batch.watching import Watcher
from resolver.cli import progress
from resolver.cli.commands import app
from resolver.cli.progress import in_bytes, peak_memory, present_memory, watched
from resolver.match.columns import generic_key
from resolver.resolve.partition import Evidence

VALUE = "+31612345678"
SHARED = (f"phone::{VALUE}", "letters:janjansen")
SILENT = frozenset({SHARED[0], generic_key(SHARED[0])})


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@contextmanager
def terminal(term: str = "xterm-256color") -> Iterator[Terminal]:
    """Stderr as a terminal, which must be put in place within the test: what captures it does so too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", term)
        patch.setenv("COLUMNS", "160")
        patch.setattr(progress, "SHOWN_EVERY", 0)
        shown = Terminal()
        patch.setattr(sys, "stderr", shown)
        yield shown


def blocked(watcher: Watcher, keys: tuple[str, ...], silent: frozenset[str], nodes: int = 4) -> None:
    """Tell of so many nodes which all hold the same keys."""
    hashes = np.array([hash(key) for key in keys] * nodes, np.int64)
    node = np.repeat(np.arange(nodes), len(keys))
    watcher.blocked(Blocks(nodes, node, hashes), Evidence((), [keys] * nodes, (), (), silent))


def run(watcher: Watcher) -> None:
    watcher.begin("reading", None)
    watcher.advance(1000)
    watcher.advance(234)
    watcher.begin("blocking", None)
    blocked(watcher, SHARED, SILENT)
    watcher.begin("comparing", 6)
    watcher.advance(6)


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def test_each_stage_is_a_line_where_nobody_looks_and_no_value_is_in_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with watched() as watcher:
        run(watcher)
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert re.fullmatch(r"reading: 1,234 in \d+\.\d s, [\d,]+/s, peak memory .* [MG]iB", lines[0])
    assert re.match(r"blocking: \d+\.\d s, peak", lines[-2])
    assert re.match(r"comparing: 6 in ", lines[-1])
    assert "at most 6 comparisons of 4 distinct records" in err
    assert "phone" in err and VALUE not in err and "\x1b" not in err


def test_a_terminal_shows_bars_and_values_and_nothing_goes_to_stdout(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with terminal() as screen, watched() as watcher:
        run(watcher)
        print("an answer")  # noqa: T201 - what is written meanwhile stays where it belongs
    shown = plain(screen.getvalue())
    assert capsys.readouterr().out == "an answer\n"
    assert VALUE in shown and "generic value" in shown
    last = shown[shown.rindex("reading") :]
    assert [re.search(rf"{stage}.*", last) is not None for stage in ("reading", "blocking", "comparing")] == [
        True
    ] * 3
    assert "1,234" in last and "/s" in last and "iB" in last


def test_a_terminal_shows_how_much_there_is_and_how_long_it_takes() -> None:
    with terminal() as screen, watched() as watcher:
        watcher.begin("comparing", 1000)
        for _ in range(3):
            watcher.advance(100)
        shown = plain(screen.getvalue()).splitlines()[-1]
    assert "300/1,000" in shown
    assert re.search(r"\d:\d\d:\d\d +\d:\d\d:\d\d +\d", shown), "so long until now, and so long to go"


def test_a_terminal_that_obeys_nothing_gets_lines() -> None:
    with terminal("dumb") as shown, watched() as watcher:
        run(watcher)
    assert "\x1b" not in shown.getvalue() and "reading: 1,234 in" in shown.getvalue()


def test_who_asks_for_quiet_is_told_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with watched(quiet=True) as watcher:
        run(watcher)
    assert capsys.readouterr() == ("", "")


def test_a_stage_that_is_broken_off_is_not_told_as_done(capsys: pytest.CaptureFixture[str]) -> None:
    def broken_off() -> None:
        with watched() as watcher:
            watcher.begin("reading", None)
            watcher.begin("comparing", 5)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    err = capsys.readouterr().err
    assert "reading" in err and "comparing" not in err


def test_a_control_character_of_the_file_does_not_reach_the_terminal() -> None:
    key = "handle:x:\x1b]0;owned\x07[bold]"
    with terminal() as shown, watched() as watcher:
        blocked(watcher, (key,), frozenset({key}))
    assert "\x1b]0;" not in shown.getvalue() and "\x07" not in shown.getvalue()
    assert "[bold]" in shown.getvalue()


def test_memory_is_of_this_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert 2**20 < present_memory() <= peak_memory() + 2**20
    monkeypatch.setattr(progress, "_PRESENT", tmp_path / "nothing")
    assert present_memory() == peak_memory()
    assert (in_bytes(340 * 2**20), in_bytes(3 * 2**29)) == ("340 MiB", "1.5 GiB")


ROWS = """record_id,given_name,surname,phone,email,created_at,channel
a,Femke,Bakker,0612345670,femke@home.nl,2026-01-02T10:00:00Z,shop
b,Femke,Bakker,0612345670,femke@home.nl,2026-01-03T10:00:00Z,shop
c,Omar,Haddad,0687654329,,2026-01-03T10:00:00Z,shop
d,Omar,Haddad,0687654329,,not a time,shop
"""


def test_dedupe_tells_what_it_will_take_how_far_it_is_and_what_became_of_the_rows(tmp_path: Path) -> None:
    rows, out = tmp_path / "rows.csv", tmp_path / "out.csv"
    rows.write_text(ROWS)
    done = CliRunner().invoke(app, ["dedupe", str(rows), "--out", str(out), "--region", "NL"])
    assert done.exit_code == 0, done.output
    assert "comparisons of" in done.stderr and "reading: 4 in" in done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"4 rows, 2 customers, in {out}"
    assert lines[1:4] == [
        "1 duplicate; 1 customer has more than one record",
        "0 visitors, 0 suggestions",
        f"1 rejected, in {tmp_path / 'rows.csv.rejects.csv'}",
    ]
    assert "created_at" in lines[4] and lines[4].endswith("1  line 5")
    assert "largest customers" in lines and "most shared values" in lines
    assert "femke@home.nl" not in done.output, "what is no terminal may be a log"
    quiet = CliRunner().invoke(app, ["dedupe", str(rows), "--out", str(out), "--region", "NL", "--quiet"])
    assert quiet.stdout.splitlines() == lines[:4]
    assert "reading" not in quiet.stderr and "comparisons" not in quiet.stderr


def test_a_bar_takes_no_thread_for_workers_are_forked_beside_it() -> None:
    before = threading.active_count()
    with terminal(), watched() as watcher:
        run(watcher)
        assert threading.active_count() == before
