"""Whether what the embedded store derives agrees with what it is derived from.

Rows are compared as sets without being held: for each block the hashes of the rows that must be there are
summed up and those of the rows that are there taken off. What is left tells a block at fault, but for a
chance of 2**-64. So all is read once, and memory is some 32 bytes a block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

import apsw
import numpy as np
from numpy.typing import NDArray

from graph import codec
from graph.keys import identifier_block, stale_block
from graph.model import Assertion, Assurance
from graph.whole import Fault

_Rows = Sequence[tuple[Any, ...]]
_Words = NDArray[np.uint64]

_CHUNK: Final = 2_000
_MASK: Final = (1 << 64) - 1
_ODD: Final = np.array(
    (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93), np.uint64
)
"""Numbers are spread over 64 bits by such factors, a different one for each thing counted."""

_REFERENCES: Final = (
    ("record", "node", "node", "records name a node that is not there"),
    ("node", "component", "component", "nodes name a component that is not there"),
    ("node_body", "node", "node", "pieces of evidence are of a node that is not there"),
    ("member", "node", "node", "members of blocks are not there"),
    ("holder", "record", "record", "holders of identifiers are not there"),
    ("customer", "anchor", "record", "anchors of customer ids are not there"),
    ("touchpoint", "record", "record", "touchpoints are of a record that is not there"),
    ("reference", "touchpoint", "touchpoint", "references are of a touchpoint that is not there"),
    ("judged", "record", "record", "judgements name a record that is not there"),
    ("judged", "judgement", "judgement", "records name a judgement that is not there"),
    ("move", "record", "record", "moves are of a record that is not there"),
    ("move", "revision", "change", "moves are of a change that is not there"),
    ("suggestion", "component", "component", "suggestions are of a component that is not there"),
    ("suggestion", "left_record", "record", "suggestions name a record that is not there"),
    ("suggestion", "right_record", "record", "suggestions name a record that is not there"),
    ("relation", "one", "node", "relations name a node that is not there"),
    ("relation", "other", "node", "relations name a node that is not there"),
)
_KEYED_BY: Final = {"change": "revision"}


def faults(connection: apsw.Connection) -> Iterator[Fault]:
    """Where the tables of a store do not agree, a line for each kind of disagreement."""
    yield from _damage(connection)
    yield from _dangling(connection)
    yield from _Tallies(connection).faults()


def _damage(connection: apsw.Connection) -> Iterator[Fault]:
    """What SQLite itself finds wrong with its trees and indexes; its lines may hold no value."""
    told = [line for (line,) in connection.execute("PRAGMA integrity_check(100)") if line != "ok"]
    if told:
        yield Fault("file", "places of the file are damaged", len(told))


def _dangling(connection: apsw.Connection) -> Iterator[Fault]:
    for table, column, target, words in _REFERENCES:
        key = _KEYED_BY.get(target, "id")
        number: int = connection.execute(
            f"""SELECT count(*) FROM {table} t LEFT JOIN {target} o ON o.{key} = t.{column}
            WHERE t.{column} IS NOT NULL AND o.{key} IS NULL"""
        ).get
        if number:
            yield Fault("references", words, number)


class _Entered(NamedTuple):
    """Where a node must stand: (block), (block, assurance) and (block, description, whether verified)."""

    member: frozenset[int]
    sure: dict[int, int]
    said: dict[tuple[int, str], bool]


class _Tallies:
    """For each block what must be there less what is there; all zero where all is well."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        greatest = connection.execute(
            """SELECT max(n) FROM (SELECT 0 AS n UNION ALL SELECT max(id) FROM block
            UNION ALL SELECT max(block) FROM member UNION ALL SELECT max(block) FROM holder
            UNION ALL SELECT max(block) FROM spoken)"""
        ).get
        self._counts, self._members, self._spoken, self._holders = (
            np.zeros(greatest + 1, np.uint64) for _ in range(4)
        )
        self._asserted = 0
        self._blockless: set[str] = set()

    def faults(self) -> Iterator[Fault]:
        """Go through all tables, then tell."""
        self._expect_nodes()
        self._expect_holders()
        self._take_off()
        if self._blockless:
            example = min(self._blockless)
            yield Fault("blocks", "blocking keys of nodes have no block", len(self._blockless), example)
        if self._asserted:
            yield Fault("holders", "nodes list other identifiers than they assert", self._asserted)
        for name, tally, words in (
            ("blocks", self._counts, "blocks have another size or other counts than their nodes give"),
            ("members", self._members, "blocks have other members than the nodes that are in them"),
            ("spoken", self._spoken, "blocks have other descriptions than their nodes give"),
            ("holders", self._holders, "identifiers are held by others than those that assert them"),
        ):
            wrong = np.flatnonzero(tally)
            if len(wrong):
                yield Fault(name, words, len(wrong), self._example(int(wrong[0])))

    def _example(self, block: int) -> str:
        key = self._connection.execute("SELECT key FROM block WHERE id = ?", (block,)).get
        return stale_block(key) if isinstance(key, str) else f"block number {block}"

    # -- what must be there --------------------------------------------------------------------

    def _expect_nodes(self) -> None:
        for rows in self._chunks(
            """SELECT n.id, n.asserted, b.assertions, b.blocks
            FROM node n CROSS JOIN node_body b ON b.node = n.id ORDER BY n.id"""
        ):
            said = [(codec.assertions_in(row[2]), codec.texts_in(row[3])) for row in rows]
            numbers = self._numbers({key for each in said for key in _keys(*each)})
            entered = [self._entered(numbers, *each) for each in said]
            for row, each in zip(rows, entered, strict=True):
                self._asserted += dict(codec.asserted_in(row[1])) != each.sure
            self._add(
                self._members,
                [(block, row[0]) for row, each in zip(rows, entered, strict=True) for block in each.member],
                0,
            )
            self._add(self._counts, [(block, 1) for each in entered for block in each.member], 0)
            self._add(self._counts, [(block, 1) for each in entered for block in each.sure], 1)
            spoken = [(block, text, v) for each in entered for (block, text), v in each.said.items()]
            self._add(self._spoken, [(block, hash(text)) for block, text, _ in spoken], 0)
            self._add(self._spoken, [(block, hash(text)) for block, text, sure in spoken if sure], 1)

    def _entered(
        self, numbers: dict[str, int], assertions: Sequence[Assertion], blocks: Sequence[str]
    ) -> _Entered:
        self._blockless.update(stale_block(key) for key in _keys(assertions, blocks) if key not in numbers)
        member = frozenset(numbers[key] for key in blocks if key in numbers)
        sure: dict[int, int] = {}
        said: dict[tuple[int, str], bool] = {}
        for assertion in assertions:
            block = numbers.get(identifier_block(assertion.identifier))
            if block is None:
                continue
            sure[block] = max(sure.get(block, 0), int(assertion.assurance))
            if assertion.description is not None and block in member:
                place = block, assertion.description
                said[place] = said.get(place, False) or assertion.assurance is Assurance.VERIFIED
        return _Entered(member, sure, said)

    def _expect_holders(self) -> None:
        for rows in self._chunks(
            """SELECT r.id, r.customer, n.asserted FROM record r CROSS JOIN node n ON n.id = r.node
            WHERE r.digest IS NOT NULL AND NOT r.deleted"""
        ):
            self._add(
                self._holders,
                [
                    (block, hash((b"" if customer is None else customer, record, assurance)))
                    for record, customer, asserted in rows
                    for block, assurance in codec.asserted_in(asserted)
                ],
                0,
            )

    # -- what is there -------------------------------------------------------------------------

    def _take_off(self) -> None:
        for rows in self._chunks("SELECT block, node FROM member"):
            self._add(self._members, rows, 0, -1)
        for rows in self._chunks("SELECT block, customer, record, assurance FROM holder"):
            self._add(self._holders, [(block, hash((c, r, a))) for block, c, r, a in rows], 0, -1)
        for rows in self._chunks("SELECT block, description, nodes, verified FROM spoken"):
            for place, column in enumerate((2, 3)):
                self._add(self._spoken, [(row[0], hash(row[1]), row[column]) for row in rows], place, -1)
            self._add(self._counts, [(row[0], 1) for row in rows], 2)
            self._add(self._counts, [(row[0], 1) for row in rows if row[3]], 3)
        for rows in self._chunks("SELECT id, size, asserting, descriptions, verified FROM block"):
            for place in range(4):
                self._add(self._counts, [(row[0], 1, row[place + 1]) for row in rows], place, -1)

    def _add(self, tally: _Words, rows: _Rows, factor: int, times: int = 1) -> None:
        """Add to each row's block its hash, so often as the row's third column says, if it has one."""
        if not rows:
            return
        blocks = np.array([row[0] for row in rows], np.int64)
        hashes = np.array([row[1] & _MASK for row in rows], np.uint64)
        how_often = np.array([(row[2] if len(row) > 2 else 1) * times & _MASK for row in rows], np.uint64)
        np.add.at(tally, blocks, _mixed(hashes) * _ODD[factor] * how_often)

    # -- through the connection ----------------------------------------------------------------

    def _chunks(self, sql: str) -> Iterator[_Rows]:
        rows = self._connection.execute(sql)
        while chunk := list(islice(rows, _CHUNK)):
            yield chunk

    def _numbers(self, keys: set[str]) -> dict[str, int]:
        if not keys:
            return {}
        found: list[Any] = self._connection.execute(
            "SELECT key, id FROM carray(?) CROSS JOIN block ON key = CAST(value AS TEXT)",
            (apsw.carray(tuple(key.encode() for key in keys)),),
        ).fetchall()
        return dict(found)


def _keys(assertions: Sequence[Assertion], blocks: Sequence[str]) -> set[str]:
    return {*blocks, *(identifier_block(assertion.identifier) for assertion in assertions)}


def _mixed(words: _Words) -> _Words:
    """Words that differ little made to differ in half of their bits (the finaliser of SplitMix64)."""
    words = (words ^ words >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ words >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return words ^ words >> np.uint64(31)
