"""Rows of an initial load made ready, some at a time: a function of the rows, whoever of several does it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Final, NamedTuple

import msgspec

from graph.model import Assertion, Evidence, Node, RecordKey, Statement, Touchpoint, TouchpointKey
from resolver.batch.arrivals import arrival
from resolver.batch.packing import Packing
from resolver.batch.preparing import said
from resolver.batch.rows import Line, Reject, Row
from resolver.intake import Refusal
from resolver.normalise.evidence import Settings, normalise
from resolver.pipeline.ledger import Entry, enter
from resolver.pipeline.nodes import make_node
from resolver.pipeline.pipeline import REMEMBERED

EVIDENCE: Final = Packing(Evidence)
TOUCHPOINT: Final = Packing(Touchpoint)
_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(tuple[tuple[Assertion, ...], tuple[str, ...]]).decode


class Stated(NamedTuple):
    """A row that can be taken: whose record it is of, what it states of it, and its touchpoint.

    `evidence` and `touchpoint` are packed, and empty where there is none; so is `node`, the digest of the
    node of the evidence. `contact` is the touchpoint's key and digest. `own`: the record is the row's own
    (see `repeats`). `number`, `line` and `raw` are the row's, as a `Reject` has them.
    """

    number: int
    line: int
    raw: str
    record: RecordKey
    statement: Statement | None
    node: str
    evidence: bytes
    contact: tuple[TouchpointKey, str] | None
    touchpoint: bytes
    own: bool


class Held(NamedTuple):
    """A node: its features, encoded, and all else of it packed.

    `keys` are hashes of its blocking keys. `asserted` lists in threes who says what: hash of an
    identifier's key that it is found by, hash of the description, whether verified.
    """

    features: bytes
    rest: bytes
    keys: array[int]
    asserted: array[int]


class Piece(NamedTuple):
    """Some rows, in order, and by digest the nodes of their evidence."""

    rows: Sequence[Stated | Reject]
    nodes: dict[str, Held]


class Receiver:
    """Makes rows ready, each by itself, so that any worker may do any of them."""

    def __init__(self, make: Callable[[Line], Row | Reject], settings: Settings, received: int) -> None:
        """`make` makes a row of a line; `received` is when, in microseconds since 1970."""
        self._make = make
        self._settings = settings
        self._received = received
        self._normalised = lru_cache(maxsize=REMEMBERED)(partial(normalise, settings=settings))

    def receive(self, lines: Sequence[Line]) -> Piece:
        """Make some rows ready."""
        nodes: dict[str, Held] = {}
        return Piece([self._received_row(self._make(line), nodes) for line in lines], nodes)

    def _received_row(self, row: Row | Reject, nodes: dict[str, Held]) -> Stated | Reject:
        if isinstance(row, Reject):
            return row
        entry = enter(arrival(row, self._received), self._settings, self._normalised)
        if isinstance(entry, Refusal):
            return Reject(row.number, row.line, str(entry), entry.field, row.raw)
        touchpoint = entry.touchpoint
        return Stated(
            row.number,
            row.line,
            row.raw,
            entry.record,
            entry.statement,
            "" if entry.statement is None else self._node(entry, nodes),
            b"" if entry.statement is None else EVIDENCE.pack(entry.evidence),
            None if touchpoint is None else (touchpoint.key, touchpoint.digest),
            b"" if touchpoint is None else TOUCHPOINT.pack(touchpoint),
            bool(row.own_id),
        )

    def _node(self, entry: Entry, nodes: dict[str, Held]) -> str:
        node = make_node(self._normalised(entry.evidence))
        if node.digest not in nodes:
            keys = array("q", map(hash, node.blocks))
            rest = _pack((node.assertions, node.blocks))
            nodes[node.digest] = Held(node.features, rest, keys, said(node.assertions, node.blocks))
        return node.digest


def node_of(digest: str, features: bytes, rest: bytes) -> Node:
    """The node that was `Held` like this."""
    assertions, blocks = _unpack(rest)
    return Node(digest, features, assertions, blocks)
