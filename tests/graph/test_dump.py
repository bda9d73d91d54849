"""A dump gives back what was written, and no part of one is taken for the whole."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.dump import SUM_EVERY, DumpDamaged, read, write
from graph.errors import StoreError
from graph.model import (
    Change,
    Evidence,
    Import,
    Judgement,
    Record,
    RecordKey,
    Relation,
    Statement,
    Touchpoint,
    TouchpointKey,
)
from graph.whole import (
    SECTIONS,
    Head,
    HeldCustomer,
    HeldKey,
    HeldNode,
    HeldSuggestion,
    Item,
    SilentKey,
    WaitingNode,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
st.register_type_strategy(str, texts)
st.register_type_strategy(int, st.integers(-(2**63), 2**63 - 1))

heads = st.builds(Head)
anything: st.SearchStrategy[Item] = st.one_of(
    *(
        st.from_type(kind)
        for kind in (
            HeldNode,
            HeldKey,
            HeldCustomer,
            Judgement,
            HeldSuggestion,
            Relation,
            Touchpoint,
            Change,
            SilentKey,
            WaitingNode,
            Import,
        )
    )
)


def same_key(item: Item) -> Item:
    """A record is told under its own key."""
    if isinstance(item, HeldKey) and item.record is not None:
        held = item.record
        record = Record(
            item.key, held.statement, held.evidence, held.node, held.customer, held.first_revision
        )
        return item._replace(record=record)
    return item


@settings(max_examples=60, deadline=None)
@given(head=st.from_type(Head), more=st.lists(anything.map(same_key), max_size=6))
def test_every_item_comes_back_as_it_was(head: Head, more: list[Item]) -> None:
    stream = [head, *more]
    lines = list(write(stream))
    assert list(read(lines)) == stream
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 and json.loads(line) for line in lines)
    assert list(write(stream)) == lines


def test_all_kinds_of_items_are_in_it() -> None:
    kinds = {HeldNode, HeldKey, HeldCustomer, Judgement, HeldSuggestion, Relation, Touchpoint, Change}
    assert kinds | {SilentKey, WaitingNode, Import, Head} == SECTIONS.keys()


HEAD = Head(3, 0, 0, (("generation", "7"), ("population", "10")))


def keys(number: int) -> Iterator[Item]:
    yield HEAD
    for n in range(number):
        key = RecordKey("till", str(n))
        yield HeldKey(
            key, 1, Record(key, Statement(1, False, "d"), Evidence(given_name="Jan"), None, None, 1)
        )


def told(lines: list[bytes]) -> str:
    with pytest.raises(DumpDamaged) as damaged:
        list(read(lines))
    assert "Jan" not in str(damaged.value)
    return str(damaged.value)


def test_it_says_what_it_is_of() -> None:
    lines = list(write(keys(2)))
    assert json.loads(lines[0]) == ["customer-graph", {"format": 1, "generation": "7"}]
    assert json.loads(lines[-1])[:2] == ["end", {"head": 1, "record": 2}]


@pytest.mark.parametrize("length", range(5))
def test_one_that_breaks_off_is_not_whole(length: int) -> None:
    assert (
        told(list(write(keys(3)))[:length])
        == f"line {length + 1} is missing: the dump breaks off before its end"
    )


@pytest.mark.parametrize("place", range(6))
def test_no_bit_of_it_may_be_another(place: int) -> None:
    lines = list(write(keys(3)))
    for at in range(0, len(lines[place]) - 1, 3):
        altered = bytearray(lines[place])
        altered[at] ^= 1
        assert "line" in told([*lines[:place], bytes(altered), *lines[place + 1 :]])


def test_no_line_may_be_missing_or_come_twice_or_elsewhere() -> None:
    lines = list(write(keys(4)))
    for place in range(len(lines)):
        told([*lines[:place], *lines[place + 1 :]])
        told([*lines[: place + 1], *lines[place:]])
    told([*lines[:2], lines[3], lines[2], *lines[4:]])


def test_damage_is_told_at_the_next_sum() -> None:
    lines = list(write(keys(SUM_EVERY * 2)))
    assert sum(line.startswith(b'["sum"') for line in lines) == 2
    altered = SUM_EVERY + 500
    lines[altered] = lines[altered].replace(b"Jan", b"Jen")
    sum_ = 2 * SUM_EVERY + 1
    assert told(lines) == (
        f"line {sum_} gives another digest: a line from {sum_ - SUM_EVERY} on is not as it was written"
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"", "line 1 does not begin a dump"),
        (b"SQLite format 3\x00\xff\n", "line 1 does not begin a dump"),
        (b'["node",[]]\n', "line 1 does not begin a dump"),
        (b'["customer-graph",{"format":2}]\n', "line 1 begins a dump of format 2; this program reads 1"),
    ],
)
def test_what_is_no_dump_is_told(line: bytes, words: str) -> None:
    assert told([line, *list(write(keys(1)))[1:]]) == words


def test_a_line_of_another_shape_is_told_by_its_number() -> None:
    lines = list(write(keys(1)))
    assert (
        told([*lines[:2], b'["record",[["till","Jan"],1,7]]\n', *lines[2:]])
        == "line 3 is no record of this format"
    )
    assert told([*lines[:2], b'["other",[]]\n', *lines[2:]]) == "line 3 is not of this format"
    assert told([*lines[:2], b'["record"', *lines[2:]]) == "line 3 cannot be read"
    assert told([*lines, b"\n"]) == f"line {len(lines) + 1} comes after the end"


def test_items_without_a_head_are_no_store() -> None:
    with pytest.raises(StoreError, match="out of order"):
        list(write([SilentKey("x")]))


def test_defaults_are_left_out() -> None:
    touchpoint = Touchpoint(TouchpointKey("a", "b"), RecordKey("a", "c"), "d", 1, 2, "web")
    line = json.loads(list(write([HEAD, touchpoint]))[2])
    assert line[1].keys() == {"key", "record", "digest", "occurred", "received", "channel"}
