"""Filling an empty store's file with all the items of a store, at the rate of bare inserts.

The file is marked as unfinished until all is in it: while it is being filled, and after whoever filled it was
killed, it is opened by nobody else, and filling starts over. So nothing need be synced or logged on the
way, and what a store derives is sorted before it is written, so that its trees grow at their ends.

Memory: the names of nodes, records and components are kept with their numbers, blocking keys as digests:
with what is derived in the end about 2 GB a million nodes of fifteen keys each, beside the cache.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from itertools import islice, repeat
from pathlib import Path
from typing import Any, Final, TypeVar

import apsw
import numpy as np
from numpy.typing import NDArray

from graph import codec
from graph.clock import now
from graph.errors import StoreError, StoreUnavailable
from graph.keys import identifier_block, suggestion_id
from graph.migrations import migrations
from graph.model import Assurance, Change, Import, Judgement, RecordKey, Relation, Touchpoint
from graph.sqlite.connection import APPLICATION_ID, UNFINISHED, WriterLock, connect_reader
from graph.sqlite.errors import translated
from graph.sqlite.migrate import migrate
from graph.sqlite.numbering import Numbers
from graph.whole import (
    Head,
    HeldCustomer,
    HeldKey,
    HeldNode,
    HeldSuggestion,
    Item,
    SilentKey,
    WaitingNode,
    sections,
)

Ints = NDArray[np.int64]
T = TypeVar("T")

_CHUNK: Final = 5_000
"""Items that are taken together, so that one statement after the other runs over many rows."""
_CACHE: Final = 512 << 20
"""Bytes of the file that are kept in memory where nobody says how many."""
_OWNER: Final = slice(68, 72)
"""Where SQLite's file format has the application id."""
_SIDE_FILES: Final = ("", "-journal", "-wal", "-shm")
_MOST_BLOCKS: Final = 1 << 29
_MOST_NODES: Final = 1 << 32
"""Numbers are packed in pairs into 64 bits, to be sorted."""


def fill(path: Path | str, items: Iterable[Item], *, clock: Callable[[], int] = now) -> int:
    """Make a store of these items where there is none, or an empty one; see `vacant`."""
    with vacant(path, clock=clock) as place:
        return place.fill(items)


class Vacancy:
    """A place for a store where there is none, held for whoever makes one there."""

    def __init__(self, path: Path, clock: Callable[[], int]) -> None:
        self._path = path
        self._clock = clock

    def fill(self, items: Iterable[Item], *, cache: int = _CACHE) -> int:
        """Make a store of these items; the revision that it is at.

        Up to `cache` bytes of the file are kept in memory, and as many again while its indexes are made.
        `items` come as `graph.whole` has it. Blocks and components have its revision for version. Where
        something goes wrong, an error of the iterable's own among it, there is no store afterwards.

        Fastest where records, customers and touchpoints come in order of key. Raises `StoreError` where an
        item names a node that is not there or a key comes twice, `StoreUnavailable` where the file cannot
        be written.
        """
        try:
            with translated:
                return _fill(self._path, items, self._clock(), cache)
        except BaseException:
            _remove(self._path)
            raise


@contextmanager
def vacant(path: Path | str, *, clock: Callable[[], int] = now) -> Iterator[Vacancy]:
    """Hold the place of a store, so that nobody else makes one there; an empty one is taken away.

    `clock` gives the time, in microseconds since 1970, noted with each migration. Raises `StoreError` where
    there is a store that is not empty, `StoreLocked` where somebody writes there.
    """
    path = Path(path)
    lock = WriterLock(path)
    try:
        with translated:
            _vacate(path)
        yield Vacancy(path, clock)
    finally:
        lock.release()


def is_vacant(path: Path | str) -> bool:
    """Whether there is no store, or one that is empty or was not filled to its end.

    False also where something else is there: whoever opens it is told what.
    """
    try:
        with translated:
            return _is_vacant(Path(path))
    except (StoreError, OSError):
        return False


def _is_vacant(path: Path) -> bool:
    if not path.exists():
        return True
    if path.is_file() and (not path.stat().st_size or _unfinished(path)):
        return True
    connection = connect_reader(path)
    try:
        return _empty(connection)
    finally:
        connection.close()


def _vacate(path: Path) -> None:
    """Take away an unfinished store or an empty one, so that a new one can be begun."""
    if not _is_vacant(path):
        raise StoreError("there is a store already, and it is not empty")
    if path.exists() and path.stat().st_size and not _unfinished(path):
        _alone(path)
    _remove(path)


def _alone(path: Path) -> None:
    """Make sure that nobody has it open, who would go on with a file that is no more."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        if connection.pragma("journal_mode", "delete") != "delete":
            raise StoreUnavailable("the empty store is open elsewhere")
    finally:
        connection.close()


def _unfinished(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(_OWNER.stop)[_OWNER] == UNFINISHED.to_bytes(4, "big")


def _empty(connection: apsw.Connection) -> bool:
    filled = "SELECT (SELECT revision FROM head) + (SELECT count(*) FROM meta)"
    return bool(connection.execute(filled).get == 0)


def _remove(path: Path) -> None:
    for suffix in _SIDE_FILES:
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").unlink()


def _fill(path: Path, items: Iterable[Item], applied: int, cache: int) -> int:
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    connection = apsw.Connection(str(path), flags=flags)
    try:
        migrate(connection, migrations("sqlite"), applied)
        connection.pragma("application_id", UNFINISHED)
        connection.pragma("journal_mode", "off")
        connection.pragma("synchronous", "off")
        connection.pragma("cache_size", -(cache >> 10))
        indexes = _without_indexes(connection)
        connection.execute("BEGIN")
        filling = _Filling(connection)
        for kind, section in sections(items):
            filling.take(kind, section)
        filling.end()
        connection.execute("COMMIT")
        for index in indexes:
            connection.execute(index)
        _sync(path)
        # From here on as safe as any write: the mark that it is whole is there, or is not.
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        connection.pragma("application_id", APPLICATION_ID)
    finally:
        connection.close()
    return filling.revision


def _without_indexes(connection: apsw.Connection) -> list[str]:
    """Drop the indexes that can be made afterwards, which is several times faster; how to make them."""
    found: list[Any] = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
    ).fetchall()
    for name, _ in found:
        connection.execute(f'DROP INDEX "{name}"')
    return [sql for _, sql in found]


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


class _Filling:
    """What has been learnt on the way of the integers behind names, and what is derived of it in the end.

    Numbers count from 1 as things come. `_member` packs (block, node), `_said` (block, description,
    whether verified). `_asserted` packs (block, assurance) node after node; those of node n end at
    `_ends[n]`. `_living` lists live records with their nodes in pairs.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        connection.execute("CREATE TEMP TABLE met (block INTEGER NOT NULL PRIMARY KEY, key TEXT NOT NULL)")
        self.revision = 0
        self._records: dict[RecordKey, int] = {}
        self._nodes: dict[str, int] = {}
        self._components: dict[str, int] = {}
        self._blocks = Numbers()
        self._descriptions: dict[str, int] = {}
        self._member = array("q")
        self._said = array("q")
        self._asserted = array("q")
        self._ends = array("q", (0,))
        self._living = array("q")
        self._takers: dict[type[Item], Callable[[Any], None]] = {
            Head: self._take_head,
            HeldNode: self._take_nodes,
            HeldKey: self._take_keys,
            HeldCustomer: self._take_customers,
            Judgement: self._take_judgements,
            HeldSuggestion: self._take_suggestions,
            Relation: self._take_relations,
            Touchpoint: self._take_touchpoints,
            Change: self._take_changes,
            SilentKey: self._take_silent,
            WaitingNode: self._take_waiting,
            Import: self._take_imports,
        }

    def take(self, kind: type[Item], section: Iterator[Item]) -> None:
        """Write one section."""
        take = self._takers[kind]
        while chunk := list(islice(section, _CHUNK)):
            take(chunk)

    def end(self) -> None:
        """Write what is derived, once all is in."""
        if len(self._blocks) >= _MOST_BLOCKS or len(self._nodes) >= _MOST_NODES:
            raise StoreError("more than an embedded store takes at once")
        members = _sorted(self._member)
        self._put_packed("INSERT INTO member (block, node) SELECT value >> 32, value & 4294967295", members)
        said, nodes, verified = _counted(_sorted(self._said))
        self._put_spoken(said, nodes, verified)
        self._put_blocks(members, said, verified)
        self._put_holders()
        self._connection.execute("UPDATE head SET blocks = ?", (len(self._blocks),))

    # -- section by section --------------------------------------------------------------------

    def _take_head(self, heads: Sequence[Head]) -> None:
        (head,) = heads
        self.revision = head.revision
        self._connection.execute(
            "UPDATE head SET revision = ?, silence = ?, adopted = ?",
            (head.revision, head.silence, head.adopted),
        )
        self._many("INSERT INTO meta (name, value) VALUES (?, ?)", head.settings)

    def _take_nodes(self, held: Sequence[HeldNode]) -> None:
        first = len(self._nodes) + 1
        rows, bodies = [], []
        components = len(self._components)
        blocks = self._numbered(held)
        for number, (node, component) in enumerate(held, first):
            self._nodes[node.digest] = number
            assertions = [(next(blocks), int(each.assurance), each.description) for each in node.assertions]
            asserted = self._enter(number, set(islice(blocks, len(node.blocks))), assertions)
            rows.append(
                (number, node.digest, self._component(component), codec.asserted_out(asserted.items()))
            )
            bodies.append(
                (number, node.features, codec.assertions_out(node.assertions), codec.texts_out(node.blocks))
            )
        if len(self._nodes) != first + len(rows) - 1:
            raise StoreError("a node comes twice")
        self._many("INSERT INTO node (id, digest, component, asserted) VALUES (?, ?, ?, ?)", rows)
        self._many("INSERT INTO node_body (node, features, assertions, blocks) VALUES (?, ?, ?, ?)", bodies)
        self._many(
            "INSERT INTO component (id, name, version) VALUES (?, ?, ?)",
            (
                (number, name, self.revision)
                for name, number in islice(self._components.items(), components, None)
            ),
        )

    def _numbered(self, held: Sequence[HeldNode]) -> Iterator[int]:
        """The blocks of what each node asserts and of its keys, in a row; keys first met are written down."""
        keys = [
            key
            for node, _ in held
            for key in (*(identifier_block(each.identifier) for each in node.assertions), *node.blocks)
        ]
        before = len(self._blocks)
        numbers, new = self._blocks.number(keys)
        self._many("INSERT INTO met (block, key) VALUES (?, ?)", enumerate(new, before + 1))
        return iter(numbers.tolist())

    def _enter(
        self, node: int, member: AbstractSet[int], assertions: Sequence[tuple[int, int, str | None]]
    ) -> Mapping[int, int]:
        """Note a node in its blocks and under what it asserts; how sure it is of each of the latter."""
        self._member.extend([block << 32 | node for block in member])
        sure: dict[int, int] = {}
        said: dict[tuple[int, str], bool] = {}
        for block, assurance, description in assertions:
            sure[block] = max(sure.get(block, 0), assurance)
            if description is not None and block in member:
                place = block, description
                said[place] = said.get(place, False) or assurance == Assurance.VERIFIED
        self._asserted.extend([block << 2 | assurance for block, assurance in sure.items()])
        self._ends.append(len(self._asserted))
        texts = self._descriptions
        self._said.extend(
            [
                block << 33 | texts.setdefault(text, len(texts)) << 1 | verified
                for (block, text), verified in said.items()
            ]
        )
        return sure

    def _component(self, name: str | None) -> int | None:
        return None if name is None else self._components.setdefault(name, len(self._components) + 1)

    def _take_keys(self, held: Sequence[HeldKey]) -> None:
        self._many(
            """INSERT INTO record (id, source, record_id, changed, first_revision, deleted, version, node,
            customer, digest, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            [self._key_row(each) for each in held],
        )

    def _key_row(self, held: HeldKey) -> tuple[Any, ...]:
        key, changed, record = held
        number = self._records[key] = len(self._records) + 1
        if record is None:
            return (number, *key, changed, 0, 0, None, None, None, None, None)
        version, deleted, digest = record.statement
        node = None if record.node is None else self._node(record.node)
        if node is not None and not deleted:
            self._living.extend((number, node))
        evidence = codec.evidence_out(record.evidence)
        return (
            number, *key, changed, record.first_revision, deleted, version, node, record.customer, digest,
            evidence,
        )  # fmt: skip

    def _take_customers(self, held: Sequence[HeldCustomer]) -> None:
        self._many(
            "INSERT INTO customer (id, minted, anchor, erased, touched) VALUES (?, ?, ?, ?, ?)",
            [
                (id_, minted, None if anchor is None else self._record(anchor), erased, touched)
                for id_, minted, anchor, erased, touched in held
            ],
        )

    def _take_judgements(self, judgements: Sequence[Judgement]) -> None:
        for judgement in judgements:
            self._connection.execute(
                """INSERT INTO judgement
                (name, kind, parts, author, reason, time, revision, retracted, reverts)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (
                    judgement.id,
                    judgement.kind.value,
                    codec.parts_out(judgement.parts),
                    judgement.author,
                    judgement.reason,
                    judgement.time,
                    judgement.revision,
                    judgement.retracted,
                    judgement.reverts,
                ),
            )
            number = self._connection.last_insert_rowid()
            named = sorted({key for part in judgement.parts for key in part})
            self._many(
                "INSERT INTO judged (record, judgement) VALUES (?, ?)",
                [(self._record(key), number) for key in named],
            )

    def _take_suggestions(self, held: Sequence[HeldSuggestion]) -> None:
        self._many(
            """INSERT INTO suggestion (id, component, weight, left_record, right_record, reason, evidence)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            [
                (
                    suggestion_id(each.left, each.right),
                    self._known_component(component),
                    each.weight,
                    self._record(each.left),
                    self._record(each.right),
                    each.reason,
                    each.evidence,
                )
                for component, each in held
            ],
        )

    def _take_relations(self, relations: Sequence[Relation]) -> None:
        self._many(
            """INSERT INTO relation (one, other, kind, stranger, household, shared)
            VALUES (?, ?, ?, ?, ?, ?)""",
            [
                (
                    *sorted((self._node(each.left), self._node(each.right))),
                    each.kind.value,
                    each.stranger,
                    each.household,
                    codec.texts_out(each.shared),
                )
                for each in relations
            ],
        )

    def _take_touchpoints(self, touchpoints: Sequence[Touchpoint]) -> None:
        before = self._touchpoints
        self._touchpoints += len(touchpoints)
        self._many(
            """INSERT INTO touchpoint
            (id, record, occurred, source, touchpoint_id, digest, channel, direction, body)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            [
                (
                    number,
                    self._record(each.record),
                    each.occurred,
                    *each.key,
                    each.digest,
                    each.channel,
                    each.direction.value,
                    codec.touchpoint_out(each),
                )
                for number, each in enumerate(touchpoints, before + 1)
            ],
        )
        references = {
            (identifier_block(reference), number)
            for number, each in enumerate(touchpoints, before + 1)
            for reference in each.references
        }
        self._many("INSERT INTO reference (key, touchpoint) VALUES (?, ?)", sorted(references))

    _touchpoints = 0

    def _take_changes(self, changes: Sequence[Change]) -> None:
        self._many(
            """INSERT INTO change (revision, time, cause, judgement, before, after, evidence)
            VALUES (?, ?, ?, ?, ?, ?, ?)""",
            [
                (
                    each.revision,
                    each.time,
                    each.cause.value,
                    each.judgement,
                    codec.texts_out(each.before),
                    codec.texts_out(each.after),
                    each.evidence,
                )
                for each in changes
            ],
        )
        self._many(
            "INSERT INTO move (revision, place, record, before, after) VALUES (?, ?, ?, ?, ?)",
            [
                (each.revision, place, self._record(move.record), move.before, move.after)
                for each in changes
                for place, move in enumerate(each.moves)
            ],
        )

    def _take_silent(self, silent: Sequence[SilentKey]) -> None:
        self._many("INSERT INTO silent (key) VALUES (?)", silent)

    def _take_waiting(self, waiting: Sequence[WaitingNode]) -> None:
        self._many("INSERT INTO waiting (digest, revision) VALUES (?, ?)", waiting)

    def _take_imports(self, imports: Sequence[Import]) -> None:
        columns = ", ".join(codec.IMPORT)
        values = ", ".join(f":{name}" for name in codec.IMPORT)
        for each in imports:
            self._connection.execute(
                f"INSERT INTO import ({columns}) VALUES ({values})", codec.import_out(each)
            )

    # -- what names stand for ------------------------------------------------------------------

    def _node(self, digest: str) -> int:
        number = self._nodes.get(digest)
        if number is None:
            raise StoreError("a node that is named is not there")
        return number

    def _known_component(self, name: str) -> int:
        number = self._components.get(name)
        if number is None:
            raise StoreError("a component that has suggestions is not there")
        return number

    def _record(self, key: RecordKey) -> int:
        """The number of a key; one that nobody has told of is named here for the first time."""
        number = self._records.get(key)
        if number is None:
            number = self._records[key] = len(self._records) + 1
            self._connection.execute(
                "INSERT INTO record (id, source, record_id) VALUES (?, ?, ?)", (number, *key)
            )
        return number

    # -- what is derived -----------------------------------------------------------------------

    def _put_blocks(self, members: Ints, said: Ints, verified: Ints) -> None:
        described = said >> 32
        counts = [
            np.bincount(blocks, minlength=len(self._blocks) + 1).astype(np.int32)
            for blocks in (
                members >> 32,
                _ints(self._asserted) >> 2,
                described,
                described[verified > 0],
            )
        ]
        met = self._connection.execute("SELECT block, key FROM met ORDER BY key")
        while some := list(islice(met, _CHUNK)):
            blocks, keys = zip(*some, strict=True)
            self._many(
                """INSERT INTO block (key, id, version, size, asserting, descriptions, verified)
                VALUES (?, ?, ?, ?, ?, ?, ?)""",
                zip(
                    keys,
                    blocks,
                    repeat(self.revision, len(keys)),
                    *(count[list(blocks)].tolist() for count in counts),
                    strict=True,
                ),
            )

    def _put_spoken(self, said: Ints, nodes: Ints, verified: Ints) -> None:
        texts = list(self._descriptions)
        blocks, descriptions = (said >> 32).tolist(), (said & (_MOST_NODES - 1)).tolist()
        self._many(
            "INSERT INTO spoken (block, description, nodes, verified) VALUES (?, ?, ?, ?)",
            zip(
                blocks,
                map(texts.__getitem__, descriptions),
                nodes.tolist(),
                verified.tolist(),
                strict=True,
            ),
        )

    def _put_holders(self) -> None:
        """Each live record under each identifier that its node asserts."""
        living = _ints(self._living).reshape(-1, 2)
        asserted, ends = _ints(self._asserted), _ints(self._ends)
        starts, lengths = ends[living[:, 1] - 1], np.diff(ends)[living[:, 1] - 1]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        said = asserted[np.repeat(starts, lengths) + within]
        held = said >> 2 << 34 | np.repeat(living[:, 0], lengths) << 2 | said & 3
        self._put_packed(
            """INSERT INTO holder (block, customer, record, assurance)
            SELECT value >> 34, coalesce(r.customer, x''), r.id, value & 3""",
            np.sort(held),
            "CROSS JOIN record r ON r.id = value >> 2 & 4294967295",
        )

    def _put_packed(self, insert: str, packed: Ints, joined: str = "") -> None:
        if len(packed):
            self._connection.execute(f"{insert} FROM carray(?) {joined}", (apsw.carray(packed),))

    def _many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany(sql, rows)


def _ints(numbers: array[int]) -> Ints:
    return np.frombuffer(numbers, np.int64) if len(numbers) else np.zeros(0, np.int64)


def _sorted(numbers: array[int]) -> Ints:
    return np.sort(_ints(numbers))


def _counted(said: Ints) -> tuple[Ints, Ints, Ints]:
    """Each (block, description) once, how many nodes say it, and how many of them verified."""
    if not len(said):
        return said, said, said
    places = said >> 1
    starts = np.flatnonzero(np.diff(places, prepend=-1))
    nodes = np.diff(starts, append=len(places))
    return places[starts], nodes, np.add.reduceat(said & 1, starts)
