from __future__ import annotations

import copy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from graph.sqlite import SqliteStore
from resolver import config as config_module
from resolver import normalise
from resolver.config import Loaded, load
from resolver.match.document import shipped, write
from resolver.match.model import build
from resolver.pipeline import rules as rules_module
from resolver.resolve.settings import Limits
from resolver.serve.process import Service, StartError
from resolver.v1 import customer_service_pb2
from resolver.v1 import resolution_service_pb2 as pb
from tests.serve.builders import Stubs, contact, person, refusal, served, stubs


@contextmanager
def process(store: Path, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The service as a process of its own, killed at the end."""
    command = [
        sys.executable,
        "-m",
        "resolver",
        "serve",
        "--store",
        str(store),
        "--population",
        "1000",
        "--region",
        "NL",
    ]
    with subprocess.Popen(
        [*command, "--population", "1000", "--listen", f"127.0.0.1:{port}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as started:
        assert started.stdout is not None
        try:
            line = started.stdout.readline()
            assert line.startswith("listening on "), started.stderr and started.stderr.read()
            yield started, line.split()[-1]
        finally:
            started.kill()


def configured(store: Path, **flags: object) -> Loaded:
    return load(None, {"store": store, "listen": "127.0.0.1:0", **flags})


def test_health_and_reflection_tell_what_there_is(service: Stubs) -> None:
    health: Any = health_pb2_grpc.HealthStub(service.channel)
    for name in ("", "resolver.v1.ResolutionService"):
        status = health.Check(health_pb2.HealthCheckRequest(service=name)).status
        assert status == health_pb2.HealthCheckResponse.SERVING
    reflecting: Any = reflection_pb2_grpc.ServerReflectionStub(service.channel)
    reflected = reflecting.ServerReflectionInfo(
        iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    )
    names = {each.name for each in next(reflected).list_services_response.service}
    services = ("Resolution", "Customer", "Stewardship")
    assert names >= {f"resolver.v1.{name}Service" for name in services}


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "192.0.2.1:50051", "[::]:0", "example.com:1"])
def test_other_machines_are_not_served(tmp_path: Path, listen: str) -> None:
    with pytest.raises(StartError, match="TLS"), Service(configured(tmp_path / "s.db", listen=listen)):
        pass
    assert not (tmp_path / "s.db").exists()


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(StartError, match=listen), Service(configured(tmp_path / "s.db", listen=listen)):
            pass


def test_a_store_has_one_server(tmp_path: Path) -> None:
    with (
        Service(configured(tmp_path / "s.db")),
        pytest.raises(StartError, match="store"),
        Service(configured(tmp_path / "s.db")),
    ):
        pass


def test_what_is_no_store_is_told(tmp_path: Path) -> None:
    (tmp_path / "s.db").write_text("not a store " * 1000)
    with pytest.raises(StartError, match="store"), Service(configured(tmp_path / "s.db")):
        pass


def test_a_store_keeps_its_population_and_region(tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    with Service(configured(store, population=5000, region="NL")) as first:
        assert first.terms.model.population == 5000
    with Service(configured(store)) as again:
        assert (again.terms.model.population, again.terms.settings.region) == (5000, "NL")
    for flags in ({"population": 6000}, {"region": "DE"}):
        with pytest.raises(StartError, match=next(iter(flags))), Service(configured(store, **flags)):
            pass


def _way(key: str) -> str:
    """How a setting is changed that a store has."""
    reloaded = key in {"owned", "programmes"}
    return "load the sources into a new store" if reloaded else "adopt it: resolver model adopt"


@pytest.mark.parametrize(
    ("key", "flags"),
    [
        ("population", {"population": 77}),
        ("thresholds.merge", {"thresholds": {"merge": 0.95}}),
        ("thresholds.possible", {"thresholds": {"possible": 0.6}}),
        ("thresholds.merge", {"policy": "strict"}),
        ("never_alone", {"never_alone": ["name"]}),
        ("limits.external", {"limits": {"external": True}}),
        ("owned", {"owned": {"phones": ["+31201234567"]}}),
        ("programmes", {"programmes": {"club": "luhn"}}),
    ],
)
def test_a_store_keeps_what_its_customers_rest_on(tmp_path: Path, key: str, flags: dict[str, object]) -> None:
    store = tmp_path / "s.db"
    with Service(configured(store)):
        pass
    with (
        pytest.raises(StartError, match=rf"^{key}: .* {_way(key)}$"),
        Service(configured(store, **flags)),
    ):
        pass
    with Service(configured(store)):
        pass


def test_a_policy_need_not_be_said_again(tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    with Service(configured(store, policy="strict", never_alone=["name"])) as made:
        policy = made.terms.policy
    for flags in ({}, {"policy": "strict"}, {"never_alone": ["name"]}):
        with Service(configured(store, **flags)) as again:
            assert again.terms.policy == policy


def test_a_store_from_before_a_setting_has_its_default(tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    with Service(configured(store)) as made:
        kept = {key: v for key, v in made.terms.decisive().items() if not key.startswith("limits.")}
    before = SqliteStore.open_writer(tmp_path / "t.db")
    before.put_meta(kept)
    before.close()
    with (
        pytest.raises(StartError, match=r"^limits.external: "),
        Service(configured(tmp_path / "t.db", limits={"external": True})),
    ):
        pass
    with Service(configured(tmp_path / "t.db")) as again:
        assert again.terms.policy.limits == Limits()


def test_a_store_is_served_by_the_generation_that_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "s.db"
    with Service(configured(store)):
        pass
    monkeypatch.setattr(normalise, "GENERATION", "another")
    with pytest.raises(StartError, match=r"^generation: "), Service(configured(store)):
        pass


def test_a_store_keeps_its_model_whichever_ships(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "s.db"
    with Service(configured(store)) as made:
        model = made.terms.model
    for module in (rules_module, config_module):
        monkeypatch.setattr(module, "shipped", lambda: {**shipped(), "version": "another"})
    with Service(configured(store)) as again:
        assert again.terms.model == model
    with Service(configured(tmp_path / "t.db")) as fresh:
        assert fresh.terms.model.version.startswith("another/")


def test_another_model_is_adopted_and_not_just_configured(tmp_path: Path) -> None:
    store, file = tmp_path / "s.db", tmp_path / "model.json"
    with Service(configured(store)):
        pass
    document = copy.deepcopy(dict(shipped()))
    file.write_bytes(write(document))
    with Service(configured(store, model=str(file))):
        pass
    document["comparisons"]["phone"]["equal"]["m"] = 0.5
    file.write_bytes(write(document))
    with (
        pytest.raises(StartError, match=r"^model: .* resolver model adopt$"),
        Service(configured(store, model=str(file))),
    ):
        pass
    with Service(configured(tmp_path / "t.db", model=str(file))) as fresh:
        assert fresh.terms.model == build(document, fresh.terms.model.population)


def test_a_store_from_before_its_document_was_kept_is_served_by_the_model_that_made_it(
    tmp_path: Path,
) -> None:
    with Service(configured(tmp_path / "s.db")) as made:
        kept = dict(made.terms.decisive())
    for name, model in (("t.db", kept["model"]), ("u.db", "another/1000000")):
        before = SqliteStore.open_writer(tmp_path / name)
        before.put_meta({**kept, "model": model})
        before.close()
    with Service(configured(tmp_path / "t.db")) as served_:
        assert served_.terms.model.version == kept["model"]
    with pytest.raises(StartError, match=r"^model: "), Service(configured(tmp_path / "u.db")):
        pass


def test_government_ids_keep_their_key(tmp_path: Path) -> None:
    secrets = set()
    for _ in range(2):
        with Service(configured(tmp_path / "s.db", government_ids=True)) as service:
            secrets.add(service.terms.settings.government_secret)
    assert len(secrets) == 1 and None not in secrets
    with Service(configured(tmp_path / "s.db")) as service:
        assert service.terms.settings.government_secret is None


def test_draining_ends_watchers_and_streams_and_says_so(tmp_path: Path) -> None:
    channels = ExitStack()
    with Service(configured(tmp_path / "s.db")) as service:
        client = stubs(channels.enter_context(grpc.insecure_channel(service.address)))
        watching = client.customers.WatchChanges(customer_service_pb2.WatchChangesRequest())
        next(watching)
        outbox: SimpleQueue[pb.StreamTouchpointsRequest] = SimpleQueue()
        stream = client.resolution.StreamTouchpoints(iter(outbox.get, None))
        outbox.put(pb.StreamTouchpointsRequest(touchpoints=[contact("a", person(email="a@live.nl"))]))
        next(stream)
        begun = time.monotonic()
        told: list[str] = []

        def listen() -> None:
            with pytest.raises(grpc.RpcError) as caught:
                list(watching)
            told.append(refusal(caught.value).reason)

        listening = threading.Thread(target=listen)
        listening.start()
        threading.Timer(
            0.3,
            outbox.put,
            (pb.StreamTouchpointsRequest(touchpoints=[contact("b", person(email="b@live.nl"))]),),
        ).start()
    listening.join(5)
    channels.close()
    assert told == ["DRAINING"]
    assert time.monotonic() - begun < 5


def test_draining_does_not_wait_for_who_has_nothing_to_say(tmp_path: Path) -> None:
    with ExitStack() as clients:
        with Service(configured(tmp_path / "s.db")) as service:
            client = stubs(clients.enter_context(grpc.insecure_channel(service.address)))
            outbox: SimpleQueue[pb.StreamTouchpointsRequest] = SimpleQueue()
            stream = client.resolution.StreamTouchpoints(iter(outbox.get, None))
            outbox.put(pb.StreamTouchpointsRequest(touchpoints=[contact("a", person(email="a@live.nl"))]))
            next(stream)
            waiting = client.customers.ListChanges.future(
                customer_service_pb2.ListChangesRequest(min_revision=1000)
            )
            time.sleep(0.2)
            begun = time.monotonic()
        assert time.monotonic() - begun < 4
        for call in (stream, waiting):
            with pytest.raises(grpc.RpcError) as caught:
                next(call) if call is stream else call.result(5)
            assert refusal(caught.value).reason == "DRAINING"


def test_sigterm_drains_and_ends_with_success(tmp_path: Path) -> None:
    with process(tmp_path / "s.db") as (started, address), grpc.insecure_channel(address) as channel:
        client = stubs(channel)
        calls = [
            client.resolution.RecordTouchpoint.future(contact(f"d{n}", person(email=f"drain{n}@live.nl")))
            for n in range(50)
        ]
        calls[0].result(10)
        for _ in range(2):
            started.send_signal(signal.SIGTERM)
        recorded = [call.result().customer_id for call in calls if call.exception() is None]
        assert started.wait(10) == 0
        assert started.stderr is not None and "Traceback" not in started.stderr.read()
    assert recorded
    with served(tmp_path / "s.db") as (_, client):
        for id_ in recorded:
            found = client.customers.LookupCustomer(
                customer_service_pb2.LookupCustomerRequest(customer_id=id_)
            )
            assert found.status == customer_service_pb2.LOOKUP_STATUS_FOUND
