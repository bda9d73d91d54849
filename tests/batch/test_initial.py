"""An initial load comes to what the pipeline makes of the same file, chunk by chunk."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.model import Change, Import, ImportState
from graph.sqlite import SqliteStore
from graph.sqlite.contents import contents
from graph.sqlite.filling import fill
from graph.whole import HeldCustomer
from resolver.batch import initial
from resolver.batch.importing import Reading, Run, asked, begin
from resolver.batch.initial import Company, Means, load
from resolver.batch.readers import FileProblem, read_mapping
from resolver.batch.workers import workers
from resolver.match.document import shipped
from resolver.normalise import GENERATION
from resolver.normalise.evidence import Settings
from resolver.pipeline import Pipeline
from resolver.pipeline.rules import Rules
from resolver.resolve.settings import Policy
from resolver.sample.__main__ import write
from tests.batch.whole_store import told
from tests.simulation.universe import POLICIES, POPULATION

T = TypeVar("T")
D = TypeVar("D")
NOW = 1_795_000_000_000_000
SETTINGS = Settings(region="NL")
COLUMNS = (
    *("source", "record_id", "version", "touchpoint_id", "channel", "created_at", "outcome"),
    *("given_name", "family_name", "birth_date", "postcode", "organisation"),
    *("phone", "phone_2", "email", "instagram", "loyalty", "device", "order_id"),
)


def of(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


ROWS = st.lists(
    st.tuples(
        of("till", "web"),
        of("", "r1", "r2", "r3", "r4", "r5", "r6", "r7"),
        of("", "", "", "1", "2", "never"),
        of("", "t1", "t2", "t3", "t4", "t5"),
        of("", "phone", "web"),
        of("", "2026-01-01", "2026-01-02", "2026-07-25"),
        of("", "", "answered"),
        of("", "Jan", "Jan", "J.", "Johannes", "Sanne", "Piet"),
        of("", "de Vries", "de Vries", "Bakker"),
        of("", "", "", "1960-05-03", "1985-11-30", "1960-05-04"),
        of("", "", "1011 AB"),
        of("", "", "", "", "Bakker B.V."),
        of("", "0612349876", "06-1234 9876", "0612349867", "0208765432"),
        of("", "", "", "0612349876"),
        of("", "", "jan.devries@ziggo.nl", "jan.devreis@ziggo.nl", "familie.bakker@kpn.nl", "info@bakker.nl"),
        of("", "", "", "@jan.devries", "@sanneke"),
        of("", "", "", "4711023856", "4711028356", "9930127745"),
        of("", "", "", "cookie-1", "cookie-2"),
        of("", "", "", "A-1001"),
    ),
    min_size=1,
    max_size=24,
)
"""A world so small that records, touchpoints and values collide; some rows cannot be taken."""


@cache
def company(policy: Policy) -> Company:
    rules = Rules(shipped(), POPULATION, policy)
    kept = {**rules.terms(), "generation": GENERATION, "region": "NL", "owned": "", "programmes": "{}"}
    return Company(rules.model, policy, SETTINGS, kept)


def means(prefix: str = "n") -> Means:
    names = count(1)
    return Means(lambda: NOW, lambda: f"{prefix}{next(names):05}")


def wanted(file: Path) -> Import:
    reading = Reading("shop", "NL", read_mapping(file))
    return asked("a", file, reading, file.with_name("rejects.csv"), NOW)


def loaded(file: Path, store: Path, policy: Policy, by: Means | None = None) -> Import:
    held, items = load(wanted(file), company(policy), by or means())
    fill(store, items)
    return held


def recorded(file: Path, path: Path, policy: Policy, chunk: int) -> Import:
    """The same through the pipeline."""
    terms, by = company(policy), means()
    store = SqliteStore.open_writer(path)
    store.put_meta(terms.kept)
    pipeline = Pipeline(
        store, model=terms.model, policy=policy, settings=SETTINGS, clock=by.clock, mint=by.mint
    )
    held = begin(pipeline, wanted(file))
    run = Run(store, pipeline, "a", by.clock)
    run.count()
    while held.state is ImportState.RUNNING:
        some = run.read(chunk)
        held = run.record(some, last=len(some) < chunk)
    while pipeline.settle():
        pass
    store.close()
    return held


def rejected(folder: Path) -> bytes:
    path = folder / "rejects.csv"
    return path.read_bytes() if path.exists() else b""


def written(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return path


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Touchpoints of the sample, hard cases among them."""
    folder = tmp_path_factory.mktemp("people")
    write(folder / "people.csv", folder / "truth.csv", people=150)
    return folder / "people.csv"


@given(ROWS, st.sampled_from(sorted(POLICIES)), st.sampled_from((1, 3, 1000)))
@settings(max_examples=40, deadline=None)
def test_it_comes_to_what_the_pipeline_comes_to(rows: list[tuple[str, ...]], policy: str, chunk: int) -> None:
    with TemporaryDirectory() as folder:
        file = written(Path(folder) / "rows.csv", rows)
        recorded(file, Path(folder) / "recorded.db", POLICIES[policy], chunk)
        rejects = rejected(Path(folder))
        loaded(file, Path(folder) / "loaded.db", POLICIES[policy])
        assert rejected(Path(folder)) == rejects
        found, expected = told(Path(folder) / "loaded.db"), told(Path(folder) / "recorded.db")
        for name in expected:
            assert found[name] == expected[name], name
        assert not found["findings"]


def test_so_it_does_with_the_sample_and_each_change_is_told(people: Path, tmp_path: Path) -> None:
    held = loaded(people, tmp_path / "loaded.db", Policy())
    assert replace(held, revision=0) == replace(
        recorded(people, tmp_path / "recorded.db", Policy(), 10_000), revision=0, updated=held.updated
    )
    assert told(tmp_path / "loaded.db") == told(tmp_path / "recorded.db")
    # In one chunk the pipeline, too, meets all at once: anchors and the feed are the same as well.
    assert history(tmp_path / "loaded.db") == history(tmp_path / "recorded.db")


def history(path: Path) -> tuple[set[Any], set[Any]]:
    with contents(path) as held:
        changes = {
            (each.cause, frozenset(move.record for move in each.moves), len(each.after), each.evidence)
            for each in cast("Iterable[Change]", held.section(Change))
        }
        return changes, {each.anchor for each in held.section(HeldCustomer)}


@pytest.mark.parametrize(("number", "at_once"), [(1, 15), (2, None), (3, 40)])
def test_whoever_does_the_work_and_however_little_is_unpacked_at_a_time(
    people: Path, tmp_path: Path, number: int, at_once: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolver.batch.preparing.CHUNK", 37)
    monkeypatch.setattr("resolver.resolve.edges.CHUNK", 50)
    monkeypatch.setattr("resolver.resolve.grouping.AT_ONCE", 60)
    monkeypatch.setattr(initial, "_COUNTED_AT_ONCE", 2)
    monkeypatch.setattr(initial, "_PLANNED_AT_ONCE", 7)
    loaded(people, tmp_path / "one.db", Policy())
    by = replace(means(), spread=workers(number), room=lambda _: at_once)
    loaded(people, tmp_path / "several.db", Policy(), by)
    assert told(tmp_path / "several.db") == told(tmp_path / "one.db")


def test_the_store_goes_on_as_any(people: Path, tmp_path: Path) -> None:
    """What follows an initial load comes to what follows an import in chunks."""
    lines = people.read_text().splitlines(keepends=True)
    halves = tmp_path / "first.csv", tmp_path / "second.csv"
    halves[0].write_text("".join(lines[::2]))
    halves[1].write_text("".join([lines[0], *lines[1::2]]))
    held = loaded(halves[0], tmp_path / "loaded.db", Policy())
    recorded(halves[0], tmp_path / "recorded.db", Policy(), 50)
    for store in ("loaded.db", "recorded.db"):
        terms, by = company(Policy()), means("m")
        opened = SqliteStore.open_writer(tmp_path / store)
        pipeline = Pipeline(
            opened, model=terms.model, policy=Policy(), settings=SETTINGS, clock=by.clock, mint=by.mint
        )
        assert begin(pipeline, wanted(halves[0])).state is ImportState.DONE
        begin(pipeline, replace(wanted(halves[1]), name="b"))
        run = Run(opened, pipeline, "b", by.clock)
        run.record(run.read(10_000), last=True)
        while pipeline.settle():
            pass
        opened.close()
    assert told(tmp_path / "loaded.db") == told(tmp_path / "recorded.db")
    assert held.recorded == (len(lines) - 1) // 2


def test_what_cannot_be_read_or_told_ends_it(people: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.csv"
    damaged.write_text(people.read_text() + "too,few\n")
    unwritable = replace(wanted(damaged), rejects=str(tmp_path / "absent" / "rejects.csv"))
    with pytest.raises(FileProblem, match="cannot be written"):
        load(unwritable, company(Policy()), means())

    def changing(work: Callable[[T], D], items: Iterable[T], /) -> Iterator[D]:
        damaged.write_text(people.read_text())
        return map(work, items)

    with pytest.raises(FileProblem, match="has changed"):
        load(wanted(damaged), company(Policy()), replace(means(), spread=changing))


def test_a_file_that_was_changed_since_it_was_asked_for_is_not_loaded(people: Path, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(people.read_text())
    before = wanted(file)
    file.write_text(people.read_text().replace("web", "app"))
    with pytest.raises(FileProblem, match="is not the file that the import was begun with"):
        load(before, company(Policy()), means())


def test_a_file_without_one_usable_row(tmp_path: Path) -> None:
    file = written(tmp_path / "rows.csv", [["till", "r1", "never"]])
    held = loaded(file, tmp_path / "s.db", Policy())
    assert (held.state, held.rows, held.recorded, held.rejected) == (ImportState.DONE, 1, 0, 1)
    found = told(tmp_path / "s.db")
    assert not found["records"] and not found["findings"]
