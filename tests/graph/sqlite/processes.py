"""What other processes do in the tests of the embedded store: run as ``python processes.py ROLE PATH``."""

from __future__ import annotations

import resource
import sys
from itertools import count
from pathlib import Path

from graph.errors import StoreLocked, StoreUnavailable
from graph.model import ChangeSet, ReadSet
from graph.sqlite import SqliteStore
from tests.conformance.samples import change, node, one_customer, phone, record, says, touchpoint


def customer(number: int) -> ChangeSet:
    """The change set of revision `number`: every table has rows that name it."""
    name = str(number)
    alone = one_customer(name, f"n{name}", f"A{name}", f"c{name}", says(phone(name), "d"))
    return ChangeSet(
        records=alone.records,
        nodes_added=alone.nodes_added,
        components=alone.components,
        touchpoints=(touchpoint(name, name, number),),
        change=change((name, None, f"c{name}")),
    )


def tell(word: object) -> None:
    """Say something to the test that started the process, at once."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def write(path: Path) -> None:
    """Apply one to seven change sets at a time, for ever; tell each revision once it is durable."""
    store = SqliteStore.open_writer(path)
    with store.snapshot() as snapshot:
        revision = snapshot.revision
    for turn in count():
        written = [customer(revision + 1 + i) for i in range(turn % 7 + 1)]
        revision = store.apply(written, ReadSet(revision=revision))
        tell(revision)


def watch(path: Path) -> None:
    """Follow the feed until revision 300, looking into each snapshot; tell the revisions seen."""
    store = SqliteStore.open_reader(path)
    seen = 0
    while seen < 300:
        store.wait(seen, 10)
        with store.snapshot() as snapshot:
            changes = snapshot.changes(seen, 1000)
            assert [one.revision for one in changes] == list(range(seen + 1, snapshot.revision + 1))
            assert len(snapshot.all_records(None, 1000)) == snapshot.revision
            assert snapshot.blocks([f"phone::{snapshot.revision}"], 9)
            seen = snapshot.revision
    store.close()
    tell(seen)


def lock(path: Path) -> None:
    """Try to become the writer."""
    try:
        SqliteStore.open_writer(path).close()
        tell("opened")
    except StoreLocked:
        tell("locked")


def fill(path: Path) -> None:
    """Write until the disk is full, which a limit on the size of files feigns; then go on without it."""
    store = SqliteStore.open_writer(path)
    store.apply([ChangeSet(records=(record("kept", None),))], ReadSet())
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, resource.RLIM_INFINITY))
    big = ChangeSet(nodes_added=tuple(node(f"n{i}", blocks=("k" * 5000,)) for i in range(200)))
    for _ in range(2):
        try:
            store.apply([ChangeSet(), big], ReadSet(revision=1))
            tell("written")
        except StoreUnavailable as error:
            tell(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    tell(store.apply([ChangeSet(), big], ReadSet(revision=1)))
    store.close()


if __name__ == "__main__":
    {"write": write, "watch": watch, "lock": lock, "fill": fill}[sys.argv[1]](Path(sys.argv[2]))
