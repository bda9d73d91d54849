from __future__ import annotations

import pytest

from resolver.batch import memory
from resolver.batch.memory import A_NODE, A_ROW, CACHES, FEWEST, KEPT, LEAST, amount, cache, room, rows

GIB = 1 << 30


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [("800M", 800 << 20), ("4G", 4 * GIB), ("4 GiB", 4 * GIB), ("1.5g", 3 * GIB // 2), ("2kb", 2048)],
)
def test_an_amount_of_memory(text: str, bytes_: int) -> None:
    assert amount(text) == bytes_


@pytest.mark.parametrize("text", ["", "G", "-1G", "4X", "0", "0.0G", "4G G", "1e9", "٤G"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="800M or 4G"):
        amount(text)


def test_all_nodes_are_unpacked_where_there_is_room_for_a_copy_in_each_worker() -> None:
    nodes = 100_000
    whole = nodes * (KEPT + 3 * A_NODE)
    assert room(whole, 2, lambda: 0)(nodes) is None
    assert room(whole + 9, 2, lambda: 9)(nodes) is None
    parted = room(whole - 1, 2, lambda: 0)(nodes)
    assert parted is not None and nodes < parted < 2 * nodes
    alone = room(nodes * (KEPT + A_NODE), 1, lambda: 0)
    assert alone(nodes) is None and alone(nodes + 1) is not None


def test_the_less_room_the_fewer_at_once_and_never_too_few() -> None:
    found = [room(bound, 2, lambda: 0)(1_000_000) for bound in (1 << 32, 1 << 31, 1 << 30, 1, 0)]
    assert found == sorted(found, key=lambda one: -(one or 0)) and found[-1] == LEAST


def test_the_less_memory_the_fewer_rows_are_recorded_at_once() -> None:
    assert rows(GIB << 5, GIB, 20_000) == 20_000
    assert rows(CACHES + 9 + 5_000 * A_ROW, 9, 20_000) == 5_000
    assert rows(1, GIB, 20_000) == FEWEST


def test_a_store_is_filled_with_a_part_of_the_memory() -> None:
    assert cache(GIB) == GIB // 8
    assert cache(GIB << 10) == cache(GIB << 6) < GIB


def test_the_usual_is_less_than_the_machine_has() -> None:
    assert 0 < memory.usual() < 1 << 50
