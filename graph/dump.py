"""A whole store as lines of JSON that tell by themselves whether they are whole.

    ["customer-graph",{"format":1,"generation":"3"}]
    ["head",[...]]
    ["node",[...]]                  one line an item, as `graph.whole` has it
    ["sum",10000,"<sha-256>"]       every 10,000 lines: how many come before, and their digest
    ["end",{"head":1,"node":...},"<sha-256>"]

A digest is of all bytes before its line, line feeds among them. Equal stores give equal lines. Bytes are in
base 64; fields of evidence and touchpoints that have their default are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from hashlib import sha256
from itertools import chain
from operator import attrgetter
from typing import Any, Final

import msgspec

from graph.errors import StoreError
from graph.model import Evidence, Record, RecordKey, Statement, Touchpoint
from graph.whole import SECTIONS, Head, HeldKey, Item

FORMAT: Final = 1
"""The generation of this format: a greater one cannot be read."""
SUM_EVERY: Final = 10_000
"""Lines between two that tell the digest so far, so that damage is told to be after the last good one."""
_MARK: Final = "customer-graph"
_LONGEST_NAME: Final = max(map(len, (_MARK, "end", "sum", *SECTIONS.values())))


class DumpDamaged(StoreError):
    """A dump is not whole, not as it was written, or none. Its text names the line and never a value."""


class Header(msgspec.Struct, frozen=True):
    """What a dump is of; `generation` is the store's setting of this name."""

    format: int
    generation: str = ""


class _Record(msgspec.Struct):
    statement: Statement
    evidence: Evidence
    node: str | None
    customer: str | None
    first_revision: int


_encode = msgspec.json.Encoder(order="deterministic").encode
_split = msgspec.json.Decoder(list[msgspec.Raw]).decode
_name = msgspec.json.Decoder(str).decode
_header = msgspec.json.Decoder(Header).decode
_count = msgspec.json.Decoder(int).decode
_counts = msgspec.json.Decoder(dict[str, int]).decode


def write(items: Iterable[Item]) -> Iterator[bytes]:
    """The lines of a dump of these items, the first of which is a `Head`."""
    stream = iter(items)
    head = next(stream)
    if not isinstance(head, Head):
        raise StoreError("the stream of a store's items is out of order")
    header = Header(FORMAT, dict(head.settings).get("generation", ""))
    digest, lines, counts = sha256(), 0, Counter[str]()

    def told(line: bytes) -> bytes:
        nonlocal lines
        digest.update(line)
        lines += 1
        return line

    yield told(_line(_MARK, header))
    for item in chain((head,), stream):
        name = SECTIONS[type(item)]
        counts[name] += 1
        yield told(_line(name, _PLAIN.get(name, _itself)(item)))
        if lines % SUM_EVERY == 0:
            yield told(_line("sum", lines, digest.hexdigest()))
    yield _line("end", counts, digest.hexdigest())


def read(lines: Iterable[bytes]) -> Iterator[Item]:
    """The items of a dump, which is whole once the last of them has been taken.

    Raises `DumpDamaged` at the first line that is not as it was written; where a line reads well and is
    another than it was, at the next sum after it.
    """
    digest, number, counts = sha256(), 0, Counter[str]()
    ended = False
    for number, line in enumerate(lines, 1):
        if ended:
            raise _damaged(number, "comes after the end")
        name, *said = _parts(line, number)
        if number == 1:
            _check_header(name, said)
        elif name in _READ:
            counts[name] += 1
            yield _item(name, said, number)
        elif name == "sum":
            _check_sum(said, digest.hexdigest(), number)
        elif name == "end":
            _check_end(said, counts, digest.hexdigest(), number)
            ended = True
        else:
            raise _damaged(number, "is not of this format")
        digest.update(line)
    if not ended:
        raise _damaged(number + 1, "is missing: the dump breaks off before its end")


def _line(name: str, *said: object) -> bytes:
    return _encode((name, *said)) + b"\n"


def _parts(line: bytes, number: int) -> list[Any]:
    """The name of a line and what it says, the latter still in JSON."""
    try:
        name, *said = _split(line)
        # What is longer is none of ours, and of a file that is no dump.
        return [_name(name) if len(name) <= _LONGEST_NAME + 2 else "", *said]
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        problem = "does not begin a dump" if number == 1 else "cannot be read"
        raise _damaged(number, problem) from None


def _item(name: str, said: list[Any], number: int) -> Item:
    try:
        (raw,) = said
        item: Item = _READ[name](raw)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        # Not chained: it may hold a value.
        raise _damaged(number, f"is no {name} of this format") from None
    return item


def _check_header(name: str, said: list[Any]) -> None:
    if name != _MARK or len(said) != 1:
        raise _damaged(1, "does not begin a dump")
    try:
        header = _header(said[0])
    except msgspec.DecodeError:
        raise _damaged(1, "does not begin a dump") from None
    if header.format != FORMAT:
        raise _damaged(1, f"begins a dump of format {header.format}; this program reads {FORMAT}")


def _check_sum(said: list[Any], digest: str, number: int) -> None:
    if not _agrees(said, lambda raw: _count(raw) == number - 1, digest):
        first = max(number - SUM_EVERY, 1)
        raise _damaged(number, f"gives another digest: a line from {first} on is not as it was written")


def _check_end(said: list[Any], counts: Mapping[str, int], digest: str, number: int) -> None:
    if not _agrees(said, lambda raw: _counts(raw) == counts, digest):
        raise _damaged(number, "gives another digest: a line since the last sum is not as it was written")


def _agrees(said: list[Any], counted: Callable[[Any], bool], digest: str) -> bool:
    try:
        count, told = said
        return counted(count) and _name(told) == digest
    except (msgspec.DecodeError, ValueError):
        return False


def _damaged(number: int, problem: str) -> DumpDamaged:
    return DumpDamaged(f"line {number} {problem}")


# -- items as JSON ---------------------------------------------------------------------------------


def _sparsely(kind: type[Any]) -> Callable[[Any], dict[str, Any]]:
    """Makes of a value its fields by name, without those that have their default."""
    defaults = tuple((each.name, each.default) for each in fields(kind))
    values = attrgetter(*(name for name, _ in defaults))

    def sparse(value: object) -> dict[str, Any]:
        return {
            name: held
            for (name, default), held in zip(defaults, values(value), strict=True)
            if default is MISSING or (held is not default and held != default)
        }

    return sparse


_sparse_evidence = _sparsely(Evidence)
_sparse_touchpoint = _sparsely(Touchpoint)


def _itself(item: Item) -> object:
    return item


def _plain_key(held: HeldKey) -> object:
    key, changed, record = held
    if record is None:
        return key, changed, None
    return (
        key,
        changed,
        {
            "statement": record.statement,
            "evidence": _sparse_evidence(record.evidence),
            "node": record.node,
            "customer": record.customer,
            "first_revision": record.first_revision,
        },
    )


def _key(raw: msgspec.Raw) -> HeldKey:
    key, changed, held = _held_key(raw)
    if held is None:
        return HeldKey(key, changed, None)
    record = Record(key, held.statement, held.evidence, held.node, held.customer, held.first_revision)
    return HeldKey(key, changed, record)


_held_key = msgspec.json.Decoder(tuple[RecordKey, int, _Record | None]).decode
_PLAIN: Final[Mapping[str, Callable[[Any], object]]] = {
    SECTIONS[HeldKey]: _plain_key,
    SECTIONS[Touchpoint]: _sparse_touchpoint,
}
_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    name: _key if kind is HeldKey else msgspec.json.Decoder(kind).decode for kind, name in SECTIONS.items()
}
