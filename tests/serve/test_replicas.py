"""Several services on one store: what one of them writes, the others tell."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from graph.errors import Overtaken, StoreUnavailable
from graph.model import ChangeSet, Glance, Identifier, ReadSet
from graph.sqlite import SqliteStore
from graph.store import Snapshot, Store
from resolver.config import load
from resolver.serve import process
from resolver.serve.process import settle_terms
from resolver.serve.rereading import READS
from resolver.v1 import customer_service_pb2 as pb
from resolver.v1 import identifier_pb2, record_pb2, stewardship_service_pb2
from tests.conformance.oracle import OracleStore
from tests.serve.builders import Stubs, contact, eventually, person, record, refusal, refused
from tests.serve.replicas import replica, replicas
from tests.simulation.relay import Relay


class Watched(Relay):
    """A store that counts what it is asked, and fails where it is told to."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.glances = 0
        self.snapshots = 0
        self.overtaken = 0
        self.away = False

    def glance(self, identifier: Identifier) -> Glance:
        self._demand()
        self.glances += 1
        return super().glance(identifier)

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        self._demand()
        self.snapshots += 1
        return self._snapshot()

    @contextmanager
    def _snapshot(self) -> Iterator[Snapshot]:
        with super().snapshot() as snapshot:
            yield _Snapshot(self, snapshot)

    def apply(self, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> int:
        self._demand()
        return super().apply(change_sets, read_set)

    def wait(self, revision: int, timeout: float) -> int:
        self._demand()
        return super().wait(revision, timeout)

    def _demand(self) -> None:
        if self.away:
            raise StoreUnavailable("no server answers")


class _Snapshot:
    """A snapshot that is overtaken at the first thing that it is asked, as often as its store says."""

    def __init__(self, store: Watched, snapshot: Snapshot) -> None:
        self._store = store
        self._snapshot = snapshot

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a snapshot has
        held = getattr(self._snapshot, name)
        if callable(held) and self._store.overtaken:
            self._store.overtaken -= 1
            raise Overtaken(())
        return held


@pytest.fixture
def store() -> Watched:
    return Watched(OracleStore())


def by_email(value: str, **others: Any) -> pb.LookupCustomerRequest:  # noqa: ANN401
    kind = identifier_pb2.IDENTIFIER_KIND_EMAIL
    query = pb.IdentifierQuery(kind=kind, value=value)
    return pb.LookupCustomerRequest(identifier=query, **others)


def lookup(client: Stubs, value: str = "jan@kpnmail.nl") -> pb.LookupCustomerResponse:
    reply: pb.LookupCustomerResponse = client.customers.LookupCustomer(by_email(value))
    return reply


def test_a_ready_lookup_is_one_glance_and_never_what_another_wrote_over(store: Watched) -> None:
    with replicas(store) as (one, other):
        one.resolution.RecordTouchpoint(contact("t0", person(email="jan@kpnmail.nl"), record="1"))
        for n in range(1, 5):
            for client in (one, other):
                assert lookup(client).customer.touchpoint_count == n
                store.snapshots = store.glances = 0
                assert lookup(client).customer.touchpoint_count == n
                assert (store.snapshots, store.glances) == (0, 1)
            writer = (one, other)[n % 2]
            writer.resolution.RecordTouchpoint(contact(f"t{n}", person(email="jan@kpnmail.nl"), record="1"))


def test_a_ready_lookup_goes_where_another_moved_its_customer(store: Watched) -> None:
    with replicas(store) as (one, other):
        for name, given in (("1", "Jan"), ("2", "Sanne")):
            one.resolution.UpsertRecord(record(name, person(given, f"Bakker{name}", f"{given}@kpnmail.nl")))
        jan, sanne = (lookup(one, f"{given}@kpnmail.nl").customer.id for given in ("Jan", "Sanne"))
        assert jan != sanne and lookup(other, "Sanne@kpnmail.nl").customer.record_count == 1
        request = stewardship_service_pb2.MergeCustomersRequest(steward="ann")
        for id_ in (jan, sanne):
            request.sides.add().customer.customer_id = id_
        merged = other.stewards.MergeCustomers(request)
        for client in (one, other):
            for given in ("Jan", "Sanne"):
                found = lookup(client, f"{given}@kpnmail.nl").customer
                assert (found.id, found.record_count) == (jan, 2)
        revert = stewardship_service_pb2.RevertRequest(judgement_id=merged.judgement.id, steward="ann")
        one.stewards.Revert(revert)
        for client in (one, other):
            assert lookup(client, "Sanne@kpnmail.nl").customer.id == sanne


def test_a_value_that_turns_generic_at_one_shows_at_the_other(store: Watched) -> None:
    def flags(client: Stubs) -> set[int]:
        found = client.customers.LookupCustomer(by_email("jan@kpnmail.nl")).customer
        phone = identifier_pb2.IDENTIFIER_KIND_PHONE
        return {flag for each in found.identifiers if each.identifier.kind == phone for flag in each.flags}

    generic = identifier_pb2.IDENTIFIER_FLAG_GENERIC
    with replicas(store) as (one, other):
        shared = {"phone": "0612349876"}
        one.resolution.UpsertRecord(record("jan", person(email="jan@kpnmail.nl", **shared)))
        assert generic not in flags(one) | flags(other)
        for initial in "ABDEFGHKLM":
            told = person(f"{initial}nna", f"{initial}akker", f"{initial}@kpnmail.nl", **shared)
            other.resolution.UpsertRecord(record(initial, told))
        assert generic in flags(other) and generic in flags(one)


def test_a_revision_that_another_writes_is_waited_for(store: Watched) -> None:
    with replicas(store) as (one, other):
        one.resolution.RecordTouchpoint(contact("t0", person(email="jan@kpnmail.nl"), record="1"))
        held = lookup(other)
        waiting = other.customers.LookupCustomer.future(
            by_email("jan@kpnmail.nl", min_revision=held.revision + 1), timeout=10
        )
        assert not waiting.done()
        one.resolution.RecordTouchpoint(contact("t1", person(email="jan@kpnmail.nl"), record="1"))
        assert waiting.result(10).customer.touchpoint_count == 2


def test_a_watcher_is_told_of_all_replicas_changes(store: Watched) -> None:
    with replicas(store) as clients:
        watching = clients[0].customers.WatchChanges(pb.WatchChangesRequest(), timeout=20)
        made = set()
        for n in range(6):
            told = record(f"r{n}", person(f"Given{n}", f"Family{n}", f"p{n}@kpnmail.nl"))
            made.add(clients[n % 2].resolution.UpsertRecord(told).customer_id)
        seen: list[tuple[int, str]] = []
        while len(seen) < len(made):
            seen += [(each.revision, each.customers_after[0]) for each in next(watching).changes]
        assert seen == sorted(seen) and {id_ for _, id_ in seen} == made
        watching.cancel()


def test_a_steward_is_told_the_changes_of_the_act_alone(store: Watched) -> None:
    class Busy(Watched):
        """Another replica's touchpoint comes before and after every judgement."""

        other: Stubs | None = None
        number = 0

        def apply(self, change_sets: Sequence[ChangeSet], read_set: ReadSet) -> int:
            self._meanwhile(judging=any(each.judgements for each in change_sets))
            revision = super().apply(change_sets, read_set)
            self._meanwhile(judging=any(each.judgements for each in change_sets))
            return revision

        def _meanwhile(self, *, judging: bool) -> None:
            if judging and self.other is not None:
                self.number += 1
                told = person(f"Given{self.number}", f"Family{self.number}", f"p{self.number}@ziggo.nl")
                self.other.resolution.UpsertRecord(record(f"p{self.number}", told))

    busy = Busy(store)
    with replica(busy) as (_, one), replica(store) as (_, other):
        for given, family in (("Bram", "Kuipers"), ("Lotte", "Veenstra")):
            one.resolution.UpsertRecord(record(given, person(given, family, f"{given}@kpnmail.nl")))
        ids = {lookup(one, f"{given}@kpnmail.nl").customer.id for given in ("Bram", "Lotte")}
        busy.other = other
        request = stewardship_service_pb2.MergeCustomersRequest(steward="ann")
        for id_ in sorted(ids):
            request.sides.add().customer.customer_id = id_
        merged = one.stewards.MergeCustomers(request)
        assert busy.number == 2
        assert [set(each.customers_before) for each in merged.changes] == [ids]


def test_a_read_that_is_overtaken_is_made_again_and_given_up_with_a_hint(store: Watched) -> None:
    with replicas(store, 1) as (client,):
        client.resolution.RecordTouchpoint(contact("t0", person(email="jan@kpnmail.nl"), record="1"))
        calls: dict[str, Any] = {
            "LookupCustomer": pb.LookupCustomerRequest(
                record=record_pb2.RecordKey(source="shop", record_id="1")
            ),
            "BatchLookupCustomers": pb.BatchLookupCustomersRequest(requests=[by_email("jan@kpnmail.nl")]),
            "ListRecords": pb.ListRecordsRequest(),
            "ListChanges": pb.ListChangesRequest(),
        }
        for name, request in calls.items():
            call = getattr(client.customers, name)
            store.overtaken = READS - 1
            assert call(request).revision == 1, name
            assert store.overtaken == 0
            store.overtaken = 1000
            with pytest.raises(grpc.RpcError) as caught:
                call(request)
            told = refusal(caught.value)
            assert (told.code, told.reason, told.retry) == (grpc.StatusCode.ABORTED, "CONTENTION", True)
            store.overtaken = 0


def test_a_watcher_and_a_write_do_not_mind_being_overtaken(store: Watched) -> None:
    with replicas(store, 1) as (client,):
        client.resolution.RecordTouchpoint(contact("t0", person(email="jan@kpnmail.nl"), record="1"))
        store.overtaken = READS - 1
        watching = client.customers.WatchChanges(pb.WatchChangesRequest(), timeout=20)
        assert [each.revision for each in next(watching).changes] == [1]
        watching.cancel()
        store.overtaken = 5
        recorded = client.resolution.RecordTouchpoint(
            contact("t1", person(email="jan@kpnmail.nl"), record="1")
        )
        assert (recorded.revision, store.overtaken) == (2, 0)


def test_a_store_that_is_away_is_told_with_a_hint_and_all_goes_on_when_it_is_back(store: Watched) -> None:
    unavailable = grpc.StatusCode.UNAVAILABLE
    with replicas(store, 1) as (client,):
        touch = contact("t0", person(email="jan@kpnmail.nl"), record="1")
        client.resolution.RecordTouchpoint(touch)
        lookup(client)
        watching = client.customers.WatchChanges(pb.WatchChangesRequest(after_revision=1), timeout=20)
        assert not next(watching).changes
        store.away = True
        later = contact("t1", person(email="jan@kpnmail.nl"), record="1")
        for call, request in (
            (client.resolution.RecordTouchpoint, later),
            (client.customers.LookupCustomer, by_email("jan@kpnmail.nl")),
            (client.customers.ListRecords, pb.ListRecordsRequest()),
        ):
            with pytest.raises(grpc.RpcError) as caught:
                call(request)
            told = refusal(caught.value)
            assert (told.code, told.reason, told.retry) == (unavailable, "STORE_UNAVAILABLE", True)
        with refused(unavailable, "STORE_UNAVAILABLE"):
            list(watching)
        store.away = False
        assert client.resolution.RecordTouchpoint(later).revision == 2
        assert lookup(client).customer.touchpoint_count == 2


def test_what_one_left_in_the_queue_another_settles_at_rest(
    store: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_LOOK_SECONDS", 0.1)
    with replicas(store, 1) as (client,):
        client.resolution.RecordTouchpoint(contact("t0", person(email="jan@kpnmail.nl"), record="1"))
        with store.snapshot() as snapshot:
            (node,) = {each.node for each in snapshot.all_records(None, 10)}
            assert node is not None
            left = snapshot.revision
        # As a replica leaves it that is killed after its commit.
        store.apply([ChangeSet(reopened=(node,))], ReadSet(revision=left))
        for _ in eventually():
            reply = client.customers.ListRecords(pb.ListRecordsRequest())
            if reply.settled_revision == reply.revision:
                break
        assert reply.revision > left + 1


def test_two_that_begin_a_store_at_once_keep_one_secret(tmp_path: Path) -> None:
    both = threading.Barrier(2)

    class Beginning(Relay):
        """Two that see an empty store at the same time."""

        def meta(self) -> Mapping[str, str]:
            held = super().meta()
            if not held:
                both.wait(10)
            return held

    store = SqliteStore.open_writer(tmp_path / "s.db")
    loaded = load(None, {"government_ids": True})
    with ThreadPoolExecutor(2) as threads:
        begun = [threads.submit(settle_terms, Beginning(store), loaded) for _ in range(2)]
        secrets = {each.result(30).settings.government_secret for each in begun}
    assert len(secrets) == 1 and None not in secrets
    assert store.meta()["population"] == "1000000"
    store.close()
