"""Files imported by the service beside its other work."""

from __future__ import annotations

import csv
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import grpc
import pytest

from graph.errors import Conflict, StoreError, StoreUnavailable
from graph.model import Import
from graph.sqlite import SqliteStore
from graph.store import Store
from resolver.batch.importing import Passing, Run
from resolver.batch.mapping import ColumnMapping
from resolver.batch.readers import Reject, Row, lines
from resolver.batch.rows import Line
from resolver.config import ConfigError, load
from resolver.intake import Refusal
from resolver.pipeline import Pipeline
from resolver.serve import importing, process
from resolver.v1 import customer_service_pb2, import_service_pb2_grpc
from resolver.v1 import import_service_pb2 as pb
from tests.serve.builders import Stubs, contact, eventually, person, record, refused, served
from tests.serve.replicas import replica, replicas

INVALID = grpc.StatusCode.INVALID_ARGUMENT
ROWS = """record_id,channel,created_at,given_name,family_name,email,remarks
1,web,2024-01-02,Femke,Bakker,femke@kpnmail.nl,x
2,web,never,Gerrit,Postma,gerrit@ziggo.nl,
3,web,2024-01-04,Femke,Bakker,femke@kpnmail.nl,
4,web,2099-01-01,Too,Late,late@ziggo.nl,
"""


class Served:
    """A service that imports from a folder, and a client of it."""

    def __init__(self, folder: Path, client: Stubs) -> None:
        self.folder = folder
        self.client = client
        self.imports: Any = import_service_pb2_grpc.ImportServiceStub(client.channel)

    def file(self, name: str, text: str = ROWS) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def create(self, file: str, name: str = "", **others: object) -> pb.CreateImportResponse:
        reply: pb.CreateImportResponse = self.imports.CreateImport(
            pb.CreateImportRequest(file=file, name=name, **others)  # type: ignore[arg-type]
        )
        return reply

    def get(self, name: str) -> pb.Import:
        reply: pb.GetImportResponse = self.imports.GetImport(pb.GetImportRequest(name=name))
        return reply.current

    def ended(self, name: str) -> pb.Import:
        for _ in eventually(20):
            held = self.get(name)
            if held.state != pb.IMPORT_STATE_RUNNING:
                return held
        raise AssertionError


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "in"
    folder.mkdir()
    with served(tmp_path / "s.db", imports={"folder": folder}) as (_, client):
        yield Served(folder, client)


def many(rows: int) -> str:
    """People of one record each."""
    lines = [f"{n},web,2024-01-02,Given{n},Family{n},person{n}@kpnmail.nl,\n" for n in range(rows)]
    return ROWS.partition("\n")[0] + "\n" + "".join(lines)


def test_a_file_is_imported_and_polled_to_its_end(service: Served) -> None:
    service.file("new/export.csv")
    created = service.create("new/export.csv", source="shop")
    assert "remarks ignored: not a known column; name it with --map" in created.columns
    assert (created.current.name, created.current.state) == ("export.csv", pb.IMPORT_STATE_RUNNING)
    assert created.revision > 0
    held = service.ended("export.csv")
    assert (held.state, held.file, held.problem) == (pb.IMPORT_STATE_DONE, "new/export.csv", "")
    assert (held.rows, held.total_rows, held.total_bytes) == (4, 4, len(ROWS))
    counts = (held.recorded_rows, held.duplicate_rows, held.superseded_rows, held.rejected_rows)
    assert counts == (2, 0, 0, 2)
    assert held.create_time.ToMicroseconds() <= held.update_time.ToMicroseconds()
    assert held.reject_file == "export.csv.rejects.csv"
    with (service.folder / held.reject_file).open(newline="") as file:
        assert [int(row["line"]) for row in csv.DictReader(file)] == [3, 5]
    records = service.client.customers.ListRecords(customer_service_pb2.ListRecordsRequest()).records
    assert [(each.key.source, each.key.record_id) for each in records] == [("shop", "1"), ("shop", "3")]
    assert len({each.customer_id for each in records}) == 1


def test_rows_that_name_no_source_are_of_one_called_after_the_file(service: Served) -> None:
    service.file("new/crm.2024.csv", "id,first_name,email\n1,Femke,fb@kpnmail.nl\n")
    service.create("new/crm.2024.csv")
    service.ended("crm.2024.csv")
    (record,) = service.client.customers.ListRecords(customer_service_pb2.ListRecordsRequest()).records
    assert record.key.source == "crm.2024"


def test_the_same_again_changes_nothing_and_another_file_needs_another_name(service: Served) -> None:
    service.file("export.csv")
    service.create("export.csv", "january")
    done = service.ended("january")
    again = service.create("export.csv", "january")
    assert again.current == done
    service.file("other.csv", ROWS.replace("Femke", "Sanne"))
    with refused(grpc.StatusCode.ALREADY_EXISTS, "IMPORT_DIFFERS", "name"):
        service.create("other.csv", "january")
    with refused(grpc.StatusCode.ALREADY_EXISTS, "IMPORT_DIFFERS", "name"):
        service.create("export.csv", "january", source="crm")
    service.create("export.csv", "february")
    assert service.ended("february").duplicate_rows == 2


def test_validate_only_tells_and_imports_nothing(service: Served) -> None:
    service.file("export.csv")
    told = service.create("export.csv", validate_only=True)
    assert told.current.name == "export.csv" and len(told.columns) == 7
    with refused(grpc.StatusCode.NOT_FOUND, "IMPORT_NOT_FOUND", "name"):
        service.get("export.csv")


@pytest.mark.parametrize("file", ["../s.db", "/etc/passwd", "a/../../s.db", "link", "linked/s.db"])
def test_nothing_outside_the_folder_is_read(service: Served, file: str) -> None:
    (service.folder / "link").symlink_to(service.folder.parent / "s.db")
    (service.folder / "linked").symlink_to(service.folder.parent)
    with refused(INVALID, "FIELD_INVALID", "file"):
        service.create(file)
    service.file("export.csv")
    with refused(INVALID, "FIELD_INVALID", "map_file"):
        service.create("export.csv", map_file=file)


@pytest.mark.parametrize("file", ["absent.csv", ".", "folder", "circle", "x" * 900])
def test_a_file_that_is_not_there_is_told(service: Served, file: str) -> None:
    (service.folder / "folder").mkdir()
    (service.folder / "circle").symlink_to(service.folder / "circle")
    with refused(grpc.StatusCode.NOT_FOUND, "FILE_NOT_FOUND", "file"):
        service.create(file)


def test_a_file_that_cannot_be_used_is_told_without_where_it_lies(service: Served) -> None:
    service.file("empty.csv", "")
    with pytest.raises(grpc.RpcError) as caught:
        service.create("empty.csv")
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert caught.value.details() == "empty.csv: the file is empty"


@pytest.mark.parametrize("name", [".x", "a/b", "..", "é", "a b", "x" * 101])
def test_a_name_is_one_that_a_file_may_have(service: Served, name: str) -> None:
    service.file("export.csv")
    with refused(INVALID, "FIELD_INVALID", "name"):
        service.create("export.csv", name)


def test_rejected_rows_are_never_written_over_the_file(service: Served) -> None:
    service.file("january.rejects.csv")
    with refused(INVALID, "FIELD_INVALID", "name"):
        service.create("january.rejects.csv", "january")


def test_what_a_request_lacks_is_told(service: Served) -> None:
    with refused(INVALID, "FIELD_REQUIRED", "file"):
        service.create("")
    with refused(INVALID, "FIELD_REQUIRED", "name"):
        service.imports.GetImport(pb.GetImportRequest())
    with refused(INVALID, "FIELD_REQUIRED", "name"):
        service.imports.CancelImport(pb.CancelImportRequest())
    with refused(grpc.StatusCode.NOT_FOUND, "IMPORT_NOT_FOUND", "name"):
        service.imports.CancelImport(pb.CancelImportRequest(name="absent"))
    with refused(INVALID, "PAGE_TOKEN_INVALID", "page_token"):
        service.imports.ListImports(pb.ListImportsRequest(page_token="x"))


def test_a_service_without_a_folder_imports_nothing(tmp_path: Path) -> None:
    with served(tmp_path / "s.db") as (_, client):
        imports: Any = import_service_pb2_grpc.ImportServiceStub(client.channel)
        with refused(grpc.StatusCode.FAILED_PRECONDITION, "IMPORTS_NOT_CONFIGURED"):
            imports.CreateImport(pb.CreateImportRequest(file="export.csv"))
        assert not imports.ListImports(pb.ListImportsRequest()).imports
    with pytest.raises(ConfigError, match=r"imports\.folder: is not a folder"):
        load(None, {"imports": {"folder": tmp_path / "absent"}})


def test_imports_are_listed_the_last_created_first(service: Served) -> None:
    service.file("export.csv")
    for name in ("a", "b", "c"):
        service.create("export.csv", name)
    for name in ("a", "b", "c"):
        service.ended(name)
    seen, token = [], ""
    while True:
        page = service.imports.ListImports(pb.ListImportsRequest(page_size=2, page_token=token))
        seen += [each.name for each in page.imports]
        token = page.next_page_token
        if not token:
            break
    assert seen == ["c", "b", "a"]


def test_a_cancelled_import_stops_and_goes_on_when_asked_again(service: Served) -> None:
    service.file("many.csv", many(1500))
    service.create("many.csv")
    for _ in eventually(20):
        if service.get("many.csv").rows:
            break
    cancelled = service.imports.CancelImport(pb.CancelImportRequest(name="many.csv")).current
    assert cancelled.state == pb.IMPORT_STATE_CANCELLED and 0 < cancelled.rows < 1500
    time.sleep(0.3)
    assert service.get("many.csv").rows == cancelled.rows
    assert service.create("many.csv").current.rows == cancelled.rows
    done = service.ended("many.csv")
    assert (done.state, done.rows, done.recorded_rows) == (pb.IMPORT_STATE_DONE, 1500, 1500)


def test_a_file_that_changes_fails_and_others_have_their_turn(service: Served) -> None:
    service.file("many.csv", many(1500))
    service.file("export.csv")
    service.create("many.csv")
    service.create("export.csv")
    for _ in eventually(20):
        if service.get("many.csv").rows:
            break
    service.file("many.csv", many(3))
    failed = service.ended("many.csv")
    assert failed.state == pb.IMPORT_STATE_FAILED
    assert failed.problem == "many.csv: has changed while it was read"
    assert service.ended("export.csv").state == pb.IMPORT_STATE_DONE
    service.file("many.csv", many(1500))
    service.create("many.csv")
    assert service.ended("many.csv").rows == 1500


def test_live_calls_go_on_beside_an_import(service: Served) -> None:
    service.file("many.csv", many(600))
    service.create("many.csv")
    slowest, calls = 0.0, 0
    while service.get("many.csv").state == pb.IMPORT_STATE_RUNNING:
        began = time.monotonic()
        service.client.resolution.RecordTouchpoint(
            contact(f"t{calls}", person(f"Given{calls}", "Kok", f"kok{calls}@ziggo.nl"), record=f"r{calls}")
        )
        slowest, calls = max(slowest, time.monotonic() - began), calls + 1
    done = service.get("many.csv")
    assert (done.state, done.rows) == (pb.IMPORT_STATE_DONE, 600)
    assert calls > 5 and slowest < 3.0


def test_what_is_asked_meanwhile_is_how_fast_it_goes(service: Served) -> None:
    service.file("many.csv", many(1500))
    service.create("many.csv")
    rates = []
    for _ in eventually(20):
        held = service.get("many.csv")
        if held.state == pb.IMPORT_STATE_RUNNING:
            rates.append(held.rows_per_second)
        else:
            break
    assert max(rates) > 0 and service.get("many.csv").rows_per_second == 0
    assert held.total_rows == 1500


def test_a_service_that_is_stopped_goes_on_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    flags = {"imports": {"folder": folder}}
    with served(tmp_path / "s.db", **flags) as (_, client):
        first = Served(folder, client)
        first.file("many.csv", many(1500))
        first.create("many.csv")
        for _ in eventually(20):
            if first.get("many.csv").rows:
                break
    with served(tmp_path / "s.db", **flags) as (_, client):
        second = Served(folder, client)
        assert second.ended("many.csv").recorded_rows == 1500


def test_an_import_meets_whom_the_service_knows(service: Served) -> None:
    service.client.resolution.UpsertRecord(record("known", person("Femke", "Bakker", "femke@kpnmail.nl")))
    service.file("export.csv")
    service.create("export.csv")
    service.ended("export.csv")
    records = service.client.customers.ListRecords(customer_service_pb2.ListRecordsRequest()).records
    assert len(records) == 3 and len({each.customer_id for each in records}) == 1


class Endless:
    """Lines of a file that comes to no end, for as long as a test waits for it."""

    def __init__(self) -> None:
        self.given = 0
        self.most = 2000

    def __call__(self, path: Path, mapping: ColumnMapping) -> Iterator[Line]:
        if not path.name.startswith("endless"):
            yield from lines(path, mapping)
            return
        while self.given < self.most:
            self.given += 1
            time.sleep(0.01)
            yield Line(self.given, self.given, [""] * len(mapping.header), "")


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Endless:
    given = Endless()
    monkeypatch.setattr("resolver.batch.importing.lines", given)
    return given


def test_a_file_that_is_looked_through_keeps_no_server_from_stopping(
    tmp_path: Path, endless: Endless
) -> None:
    (tmp_path / "in").mkdir()
    with served(tmp_path / "s.db", imports={"folder": tmp_path / "in"}) as (_, client):
        service = Served(tmp_path / "in", client)
        service.file("endless.csv")
        service.create("endless.csv")
        for _ in eventually(20):
            if endless.given:
                break
    assert endless.given < endless.most


def test_nor_does_it_once_it_is_cancelled_keep_others_waiting(service: Served, endless: Endless) -> None:
    service.file("endless.csv")
    service.file("export.csv")
    service.create("endless.csv")
    for _ in eventually(20):
        if endless.given:
            break
    service.imports.CancelImport(pb.CancelImportRequest(name="endless.csv"))
    service.create("export.csv")
    assert service.ended("export.csv").recorded_rows == 2
    assert endless.given < endless.most
    assert service.get("endless.csv").state == pb.IMPORT_STATE_CANCELLED


# -- several replicas --------------------------------------------------------------------------


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The imports that were begun to be worked on, by whichever replica; short is what is abandoned."""
    begun: list[str] = []

    class Noted(Run):
        def __init__(
            self,
            store: Store,
            pipeline: Pipeline,
            name: str,
            clock: Callable[[], int],
            passing: Passing = iter,
        ) -> None:
            begun.append(name)
            super().__init__(store, pipeline, name, clock, passing)

    monkeypatch.setattr(importing, "Run", Noted)
    monkeypatch.setattr(process, "_ABANDONED_SECONDS", 1.5)
    return begun


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[SqliteStore]:
    (tmp_path / "in").mkdir()
    store = SqliteStore.open_writer(tmp_path / "s.db")
    yield store
    store.close()


@pytest.mark.parametrize(
    "failure", [Refusal("overloaded", ""), Conflict(("component",)), StoreUnavailable("away")], ids=str
)
def test_a_chunk_that_could_not_be_recorded_is_recorded_later_and_the_file_not_read_anew(
    service: Served, runs: list[str], monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    record, calls = Run.record, 0

    def failing(run: Run, chunk: Sequence[Row | Reject], *, last: bool) -> Import:
        nonlocal calls
        calls += 1
        if calls % 3:
            raise failure
        return record(run, chunk, last=last)

    monkeypatch.setattr(Run, "record", failing)
    monkeypatch.setattr(importing, "_PAUSE_SECONDS", 0.01)
    service.file("many.csv", many(100))
    service.create("many.csv")
    done = service.ended("many.csv")
    assert (done.state, done.recorded_rows, done.duplicate_rows) == (pb.IMPORT_STATE_DONE, 100, 0)
    assert calls >= 9 and runs == ["many.csv"]


def test_a_file_that_the_store_refuses_fails_and_others_have_their_turn(
    service: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Run.record

    def refusing(run: Run, chunk: Sequence[Row | Reject], *, last: bool) -> Import:
        if run.held.name == "many.csv":
            raise StoreError("a node that is named is not there")
        return record(run, chunk, last=last)

    monkeypatch.setattr(Run, "record", refusing)
    service.file("many.csv", many(100))
    service.file("export.csv")
    service.create("many.csv")
    service.create("export.csv")
    failed = service.ended("many.csv")
    assert failed.state == pb.IMPORT_STATE_FAILED and failed.problem
    assert service.ended("export.csv").state == pb.IMPORT_STATE_DONE


def test_of_several_replicas_one_works_on_an_import(
    tmp_path: Path, shared: SqliteStore, runs: list[str]
) -> None:
    folder = tmp_path / "in"
    with replicas(shared, 3, imports={"folder": folder}) as clients:
        at = [Served(folder, client) for client in clients]
        at[0].file("many.csv", many(1500))
        at[0].create("many.csv")
        for one in at[1:]:  # asked again, it goes on where it is
            assert one.create("many.csv").current.state == pb.IMPORT_STATE_RUNNING
        done = at[2].ended("many.csv")
    assert (done.state, done.rows, done.recorded_rows) == (pb.IMPORT_STATE_DONE, 1500, 1500)
    assert runs == ["many.csv"]


def test_an_import_whose_replica_died_is_gone_on_with_by_one_other(
    tmp_path: Path, shared: SqliteStore, runs: list[str]
) -> None:
    folder = tmp_path / "in"
    text = many(1500).splitlines(keepends=True)
    text[600:600] = text[1200:1200] = ["too,few\n"]
    with replicas(shared, 2, imports={"folder": folder}) as clients:
        at = [Served(folder, client) for client in clients]
        with replica(shared, imports={"folder": folder}) as (_, client):
            first = Served(folder, client)
            first.file("many.csv", "".join(text))
            first.create("many.csv")
            for _ in eventually(20):
                if first.get("many.csv").rows >= 600:
                    break
        left = at[0].get("many.csv")
        assert left.state == pb.IMPORT_STATE_RUNNING and left.rows < 1502
        done = at[1].ended("many.csv")
    assert (done.state, done.rows, done.recorded_rows, done.duplicate_rows) == (
        pb.IMPORT_STATE_DONE,
        1502,
        1500,
        0,
    )
    assert runs == ["many.csv"] * 2
    with (folder / "many.csv.rejects.csv").open(newline="") as file:
        assert [int(row["line"]) for row in csv.DictReader(file)] == [601, 1201]


def test_an_import_is_kept_while_its_file_is_looked_through(
    tmp_path: Path, shared: SqliteStore, runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    count = Run.count

    def slowly(run: Run) -> int:
        time.sleep(3.0)
        return count(run)

    monkeypatch.setattr(Run, "count", slowly)
    folder = tmp_path / "in"
    with replicas(shared, 2, imports={"folder": folder}) as clients:
        at = [Served(folder, client) for client in clients]
        at[0].file("export.csv")
        at[0].create("export.csv")
        assert at[1].ended("export.csv").recorded_rows == 2
    assert runs == ["export.csv"]


def test_who_was_given_up_and_is_back_leaves_the_import_to_who_goes_on(
    tmp_path: Path, shared: SqliteStore, runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    held, gone = threading.Event(), threading.Event()
    read = Run.read

    def stalled(run: Run, most: int) -> Sequence[Row | Reject]:
        chunk = read(run, most)
        if len(runs) == 1 and run.held.rows:  # as a machine that sleeps in the middle of its work
            gone.set()
            held.wait(20)
        return chunk

    monkeypatch.setattr(Run, "read", stalled)
    folder = tmp_path / "in"
    with replicas(shared, 2, imports={"folder": folder}) as clients:
        at = [Served(folder, client) for client in clients]
        at[0].file("many.csv", many(300))
        at[0].create("many.csv")
        assert gone.wait(20)
        done = at[1].ended("many.csv")
        held.set()
        time.sleep(0.3)
        assert at[0].get("many.csv") == at[1].get("many.csv")
        assert at[0].get("many.csv").update_time == done.update_time
    assert (done.rows, done.recorded_rows, done.duplicate_rows) == (300, 300, 0)
    assert runs == ["many.csv"] * 2
