"""A file as it is read: its rows in order, each record's greatest statement, each node once.

Of a row a few bytes stay in memory beside its record's key: what its evidence says lies in a spill.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from graph.model import Judgement, RecordKey
from resolver.batch.nodes import Asserted, Blocks, Keys, Nodes
from resolver.batch.preparing import Chunk
from resolver.batch.repeats import Repeats
from resolver.batch.spill import Spill
from resolver.resolve.partition import Evidence
from resolver.resolve.settings import Policy

Ints = NDArray[np.int64]


class Placed(NamedTuple):
    """One row of the file and the customer that it belongs to.

    `number` counts rows from 1. `record_id` is the row's, else its number. `customer` is unique to its
    record where nobody is known to be behind it (a visitor's), and to the row where it was rejected.
    `key` is the record's, None where the row was rejected.
    """

    number: int
    source: str
    record_id: str
    customer: str
    key: RecordKey | None = None


class Roll:
    """Every row in order, and the records that they are of, numbered as they come.

    `standing` are the records' numbers by key. A row that was rejected is of no record. `replaced` rows say
    something else than another of the same record, which stands in their place. `unread` counts by column the
    cells that could not be read.
    """

    def __init__(self) -> None:
        self.standing: dict[RecordKey, int] = {}
        self.rejected = 0
        self.replaced = 0
        self.unread: Counter[str] = Counter()
        self._keys: list[RecordKey] = []
        self._numbers = array("q")
        self._records = array("q")
        self._unnamed: set[int] = set()
        self._first = array("q")

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, number: int, key: RecordKey | None, *, named: bool) -> int:
        """Note the next row; the number of its record, -1 for none. `named`: it has its record's own id."""
        row = len(self._numbers)
        self._numbers.append(number)
        if key is None:
            self.rejected += 1
            self._records.append(-1)
            return -1
        record = self.standing.setdefault(key, len(self._keys))
        if record == len(self._keys):
            self._keys.append(key)
            self._first.append(row)
        if not named:
            self._unnamed.add(row)
        self._records.append(record)
        return record

    def replace(self, said: Ints, stands: Ints) -> None:
        """Count the replaced: `said` is the node of each row, -1 for none, `stands` that of each record."""
        record = np.frombuffer(self._records, np.int64) if self._records else np.zeros(0, np.int64)
        said, record = said[said >= 0], record[said >= 0]
        self.replaced = int((said != stands[record]).sum())

    def name(self, key: RecordKey) -> str:
        """What a record is called in the file: its id, or the number of the first row that it has."""
        return self._called(self._first[self.standing[key]], key)

    def placed(self, row: int, customers: Ints) -> Placed:
        """A row, in its place, with the customer of its record by the record's number."""
        number, record = self._numbers[row], self._records[row]
        if record < 0:
            return Placed(number, "", str(number), f"rejected-{number}")
        key = self._keys[record]
        return Placed(number, key.source, self._called(row, key), str(customers[record]), key)

    def _called(self, row: int, key: RecordKey) -> str:
        return str(self._numbers[row]) if row in self._unnamed else key.record_id


class Rows(Sequence[Placed]):
    """Every row once, in the order of the file, made anew whenever asked."""

    def __init__(self, roll: Roll, customers: Ints) -> None:
        self._roll = roll
        self._customers = customers

    def __len__(self) -> int:
        return len(self._roll)

    @overload
    def __getitem__(self, number: int) -> Placed: ...
    @overload
    def __getitem__(self, number: slice) -> list[Placed]: ...
    def __getitem__(self, number: int | slice) -> Placed | list[Placed]:
        places = range(len(self))[number]
        if isinstance(places, range):
            return [self._roll.placed(place, self._customers) for place in places]
        return self._roll.placed(places, self._customers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


class Names(Mapping[RecordKey, str]):
    """What each record is called in the file."""

    def __init__(self, roll: Roll) -> None:
        self._roll = roll

    def __getitem__(self, key: RecordKey) -> str:
        return self._roll.name(key)

    def __iter__(self) -> Iterator[RecordKey]:
        return iter(self._roll.standing)

    def __len__(self) -> int:
        return len(self._roll.standing)


class Collecting:
    """A file while it is read, chunk by chunk."""

    def __init__(self) -> None:
        self.roll = Roll()
        self._repeats = Repeats()
        self._ranks: list[bytes] = []
        self._node = array("q")
        self._said = array("q")
        self._node_of: dict[bytes, int] = {}
        self._packed = Spill()
        self._blocks = array("q")
        self._starts = array("q", [0])
        self._asserted = array("q")
        self._marks = array("q", [0])

    def take(self, chunk: Chunk) -> None:
        """Note the next rows."""
        self.roll.unread.update(chunk.unread)
        for place, row in enumerate(chunk.rows):
            key = self._repeats.key(row.key) if row.own and row.key is not None else row.key
            record = self.roll.add(row.number, key, named=bool(row.record_id))
            if record < 0:
                self._said.append(-1)
                continue
            node = self._numbered(chunk, place)
            self._said.append(node if row.rank else -1)
            if record == len(self._ranks):
                self._ranks.append(row.rank)
                self._node.append(node)
            elif row.rank > self._ranks[record]:
                self._ranks[record], self._node[record] = row.rank, node

    def _numbered(self, chunk: Chunk, place: int) -> int:
        features = chunk.rows[place].features
        number = self._node_of.setdefault(blake2b(features, digest_size=16).digest(), len(self._node_of))
        if number == len(self._packed):
            self._packed.append(features)
            self._blocks.extend(chunk.keys[chunk.starts[place] : chunk.starts[place + 1]])
            self._starts.append(len(self._blocks))
            self._asserted.extend(chunk.asserted[3 * chunk.marks[place] : 3 * chunk.marks[place + 1]])
            self._marks.append(len(self._asserted) // 3)
        return number

    def collected(self, policy: Policy, judgements: Sequence[Judgement]) -> tuple[Evidence, Blocks]:
        """What the partition is made of, and by which keys its nodes are found. Nothing is taken after."""
        self._ranks, self._node_of = [], {}
        node_of = np.frombuffer(self._node, np.int64) if self._node else np.zeros(0, np.int64)
        self.roll.replace(np.array(self._said, np.int64), node_of)
        self._said = array("q")
        bearing = np.zeros(len(self._packed), bool)
        bearing[node_of] = True
        place = np.cumsum(bearing) - 1
        nodes = Nodes(self._packed.sealed(), np.flatnonzero(bearing))
        node, key = _held(self._starts, bearing, place), np.array(self._blocks, np.int64)
        blocks = Blocks(len(nodes), node[node >= 0], key[node >= 0])
        who, triples = _held(self._marks, bearing, place), np.array(self._asserted, np.int64).reshape(-1, 3)
        self._blocks, self._asserted = array("q"), array("q")
        asserted, described, verified = triples[who >= 0].T
        quiet = blocks.silence(policy, Asserted(asserted, described, verified.astype(bool)), nodes)
        records = list(zip(self.roll.standing, place[node_of].tolist(), strict=True))
        return Evidence(nodes, Keys(nodes), records, judgements, quiet), blocks


def _held(starts: array[int], bearing: NDArray[np.bool_], place: Ints) -> Ints:
    """Of everything that nodes hold in a row, whose it is among those that bear records; -1 for no one's."""
    owner = np.where(bearing, place, -1)
    bounds = np.array(starts, np.int64)
    return np.repeat(owner, bounds[1:] - bounds[:-1])
