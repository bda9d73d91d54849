"""All that the server store keeps, as items, and a store made of them.

The server keeps the present state alone, so it can only be read whole while nobody writes it: a section that
is read to its end at another revision than the first raises `Overtaken`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from typing import Any, Final, LiteralString, TypeVar, cast

from neo4j import ManagedTransaction, Session
from neo4j.exceptions import ConstraintError

from graph import codec
from graph.clock import now
from graph.errors import Overtaken, StoreCorrupt, StoreError
from graph.keys import identifier_block
from graph.migrations import Migration, migrations
from graph.model import (
    Cause,
    Change,
    Import,
    Judgement,
    JudgementKind,
    Move,
    Node,
    Record,
    RecordKey,
    Relation,
    RelationKind,
    Statement,
    Suggestion,
    Touchpoint,
    TouchpointKey,
)
from graph.neo4j import migrate, queries, rows
from graph.neo4j.connection import Address, Limits, connect, persist
from graph.neo4j.errors import translated
from graph.neo4j.keys import CUT, indexed
from graph.neo4j.rows import Row
from graph.whole import (
    Fault,
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

T = TypeVar("T", bound=Item)

_CHUNK: Final = 2_000
"""Items that are written in one transaction."""
_LIMITS: Final = Limits()

_REVISION: Final[LiteralString] = "MATCH (h:Head {one: 1}) RETURN h.revision"
_HEAD: Final[LiteralString] = """
MATCH (h:Head {one: 1})
RETURN h.revision, h.silence, h.adopted,
    COLLECT { MATCH (s:Setting) RETURN [s.name, s.value] ORDER BY s.name }"""


@contextmanager
def contents(address: Address, *, limits: Limits = _LIMITS) -> Iterator[Neo4jContents]:
    """All of a store at its latest revision; `Overtaken` is raised where it is written meanwhile.

    Raises as `Neo4jStore.open_reader` does.
    """
    with _session(address, limits) as session:
        with translated:
            migrate.check(session, migrations("neo4j"))
        yield Neo4jContents(session)


def generation(address: Address, *, limits: Limits = _LIMITS) -> tuple[int, tuple[Migration, ...]]:
    """The generation of a store, and the steps that it lacks. Changes nothing.

    Raises as `Neo4jStore.open_reader` does, but for one of an older generation.
    """
    steps = migrations("neo4j")
    with _session(address, limits) as session, translated:
        held = migrate.check(session, steps, complete=False)
    return held, steps[held:]


@contextmanager
def _session(address: Address, limits: Limits) -> Iterator[Session]:
    with translated:
        driver = connect(address, limits)
    try:
        with translated:
            session = driver.session(database=address.database or None)
        try:
            yield session
        finally:
            with translated:
                session.close()
    finally:
        driver.close()


class Neo4jContents:
    """`graph.whole.Contents` of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._revision = self._now()

    def section(self, kind: type[T]) -> Iterator[T]:
        """The items of one section: those by name or revision in its order, others as the server has them."""
        return cast(Iterator[T], self._section(cast(type[Item], kind)))

    def _section(self, kind: type[Item]) -> Iterator[Item]:
        text, item = _SECTIONS[kind]
        with translated:
            for row in self._session.run(text):
                yield item(*row)
        self._still()

    def faults(self) -> Iterator[Fault]:
        """What this store derives and does not agree with the items, a line for each kind of it."""
        with translated:
            for text, name, words in _FAULTS:
                ((number, example),) = self._session.run(text)
                if number:
                    yield Fault(name, words, number, example or "")
            yield from _misplaced(self._session)
        self._still()

    def _now(self) -> int:
        with translated:
            (revision,) = self._session.run(_REVISION).single(strict=True)
        return int(revision)

    def _still(self) -> None:
        if self._now() != self._revision:
            raise Overtaken(["revision"])


# -- rows to items ---------------------------------------------------------------------------------


def _key(pair: Sequence[str] | None) -> RecordKey:
    if pair is None:
        raise StoreCorrupt("the database names what is not there: resolver doctor tells more")
    return RecordKey(*pair)


def _head(revision: int, silence: int, adopted: int, settings: Sequence[Sequence[str]]) -> Head:
    return Head(revision, silence, adopted, tuple((name, value) for name, value in settings))


def _node(digest: str, features: bytes, assertions: str, blocks: str, component: str | None) -> HeldNode:
    node = Node(digest, bytes(features), codec.assertions_in(assertions), codec.texts_in(blocks))
    return HeldNode(node, component)


def _held_key(
    key: Sequence[str],
    changed: int,
    statement: Sequence[Any],
    evidence: str | None,
    said: Sequence[Any],
) -> HeldKey:
    version, deleted, digest = statement
    if digest is None or evidence is None:
        return HeldKey(_key(key), changed, None)
    record = Record(_key(key), Statement(version, deleted, digest), codec.evidence_in(evidence), *said)
    return HeldKey(record.key, changed, record)


def _customer(
    id_: str, minted: int | None, anchor: Sequence[str] | None, erased: bool | None, touched: int | None
) -> HeldCustomer:
    return HeldCustomer(id_, minted, None if anchor is None else _key(anchor), bool(erased), touched or 0)


def _judgement(
    name: str,
    kind: str,
    parts: str,
    author: str,
    reason: str,
    time: int,
    revision: int,
    retracted: int | None,
    reverts: int | None,
) -> Judgement:
    held = JudgementKind(kind), codec.parts_in(parts)
    return Judgement(name, *held, author, reason, time, revision, retracted, reverts)


def _suggestion(
    component: str, left: Sequence[str], right: Sequence[str], weight: int, reason: str, evidence: bytes
) -> HeldSuggestion:
    return HeldSuggestion(component, Suggestion(_key(left), _key(right), weight, reason, bytes(evidence)))


def _relation(
    one: str, other: str, kind: str, stranger: int, household: int, shared: Sequence[str]
) -> Relation:
    left, right = sorted((one, other))
    return Relation(left, right, RelationKind(kind.lower()), stranger, household, tuple(shared))


def _touchpoint(
    key: Sequence[str],
    record: Sequence[str] | None,
    digest: str,
    occurred: int,
    channel: str,
    direction: str,
    body: str,
) -> Touchpoint:
    return codec.touchpoint_in(TouchpointKey(*key), _key(record), digest, occurred, channel, direction, body)


def _change(
    revision: int,
    cause: str,
    time: int,
    judgement: str,
    sides: Sequence[Sequence[str]],
    evidence: bytes,
    moves: Sequence[Sequence[Any]],
) -> Change:
    before, after = map(tuple, sides)
    moved = tuple(Move(_key(key), was, is_) for _, key, was, is_ in sorted(moves, key=lambda move: move[0]))
    return Change(
        Cause(cause),
        time,
        before,
        after,
        moves=moved,
        judgement=judgement,
        evidence=bytes(evidence),
        revision=revision,
    )


def _silent(key: str, raw: str | None) -> SilentKey:
    if raw is None and (len(key) > CUT or indexed(key) != key):
        raise StoreCorrupt("a silent key is only kept in part")
    return SilentKey(key if raw is None else raw)


_SECTIONS: Final[Mapping[type[Item], tuple[LiteralString, Callable[..., Item]]]] = {
    Head: (_HEAD, _head),
    HeldNode: (
        """MATCH (e:Evidence)
        RETURN coalesce(e.raw, e.digest), e.features, e.assertions, e.blocks,
            [(e)-[:IN_COMPONENT]->(c:Component) | coalesce(c.raw, c.id)][0]""",
        _node,
    ),
    HeldKey: (
        """MATCH (r:Record)
        RETURN [r.source, r.record_id], r.changed, [r.version, r.deleted, r.digest], r.evidence,
            [[(r)-[:SAYS]->(e:Evidence) | coalesce(e.raw, e.digest)][0],
            [(r)<-[:HAS_RECORD]-(c:Customer) | coalesce(c.raw, c.id)][0], r.first_revision]""",
        _held_key,
    ),
    HeldCustomer: (
        """MATCH (c:Customer) WHERE c.id >= '' AND (c.minted IS NOT NULL OR c.touched > 0)
        RETURN coalesce(c.raw, c.id), c.minted,
            [(c)-[:ANCHORED_IN]->(a:Record) | [a.source, a.record_id]][0], c.erased, c.touched
        ORDER BY c.id""",
        _customer,
    ),
    Judgement: (
        """MATCH (j:Judgement) WHERE j.revision > 0
        RETURN coalesce(j.raw, j.id), j.kind, j.parts, j.author, j.reason, j.time, j.revision, j.retracted,
            j.reverts
        ORDER BY j.revision, j.id""",
        _judgement,
    ),
    HeldSuggestion: (
        """MATCH (l:Record)-[s:POSSIBLE_MATCH]->(r:Record)
        RETURN COLLECT { MATCH (c:Component {id: s.component}) RETURN coalesce(c.raw, c.id) }[0],
            [l.source, l.record_id], [r.source, r.record_id], s.weight, s.reason, s.evidence
        ORDER BY s.id""",
        _suggestion,
    ),
    Relation: (
        """MATCH (l:Evidence)-[x:SAME_HOUSEHOLD|SAME_ORGANISATION]->(r:Evidence)
        RETURN coalesce(l.raw, l.digest), coalesce(r.raw, r.digest), type(x), x.stranger, x.household,
            x.shared
        ORDER BY l.digest, r.digest""",
        _relation,
    ),
    Touchpoint: (
        """MATCH (t:Touchpoint)
        RETURN [t.source, t.touchpoint_id], [(t)-[:FROM]->(r:Record) | [r.source, r.record_id]][0],
            t.digest, t.occurred, t.channel, t.direction, t.body""",
        _touchpoint,
    ),
    Change: (
        """MATCH (x:Change) WHERE x.revision > 0
        RETURN x.revision, x.cause, x.time, x.judgement, [x.before, x.after], x.evidence,
            [(x)-[m:MOVED]->(r:Record) | [m.place, [r.source, r.record_id], m.before, m.after]]
        ORDER BY x.revision""",
        _change,
    ),
    SilentKey: ("MATCH (b:Block) WHERE b.silent RETURN b.key, b.raw ORDER BY b.key", _silent),
    WaitingNode: (
        "MATCH (w:Waiting) WHERE w.digest >= '' RETURN coalesce(w.raw, w.digest), w.since ORDER BY w.digest",
        WaitingNode,
    ),
    Import: (
        f"MATCH (i:Import) RETURN {', '.join(f'i.{name}' for name in codec.IMPORT)} ORDER BY i.key",
        lambda *row: codec.import_in(row),
    ),
}

# -- what is derived -------------------------------------------------------------------------------

_FAULTS: Final[Sequence[tuple[LiteralString, str, str]]] = (
    (
        """MATCH (b:Block)
        CALL (b) {
            MATCH (b)<-[x:IN_BLOCK]-(e:Evidence)
            RETURN count(DISTINCT e) AS size, count(DISTINCT x.description) AS descriptions,
                count(DISTINCT CASE WHEN x.said ENDS WITH '!' THEN x.description END) AS verified
        }
        WITH b WHERE b.size <> size OR b.descriptions <> descriptions OR b.verified <> verified
        RETURN count(b), min('')""",
        "blocks",
        "blocks have another size or other counts than their nodes give",
    ),
    (
        """MATCH (r:Record)
        WITH r, COLLECT {
            MATCH (r)-[a:ASSERTS]->(b:Block) RETURN b.key + ' ' + a.assurance AS held ORDER BY held
        } AS held, COLLECT {
            MATCH (r)-[:SAYS]->(e:Evidence) WHERE NOT r.deleted
            UNWIND range(0, size(e.asserted) - 1) AS i
            RETURN e.asserted[i] + ' ' + e.assurances[i] AS said ORDER BY said
        } AS said
        WHERE held <> said
        RETURN count(r), min(r.source + ':' + r.record_id)""",
        "holders",
        "live records do not hold the identifiers that they assert",
    ),
    (
        """MATCH (r:Record)
        WHERE COUNT { (r)<-[:HAS_RECORD]-() } > 1 OR COUNT { (r)-[:SAYS]->() } > 1
        RETURN count(r), min(r.source + ':' + r.record_id)""",
        "references",
        "records are on several customers, or say several things",
    ),
    (
        """MATCH (t:Touchpoint) WHERE COUNT { (t)-[:FROM]->(:Record) } <> 1
        RETURN count(t), min(t.source + ':' + t.touchpoint_id)""",
        "references",
        "touchpoints are of a record that is not there",
    ),
)
_PLACED: Final[LiteralString] = """
MATCH (e:Evidence)
RETURN e.digest, e.assertions, e.blocks, e.asserted, [(e)-[:IN_BLOCK]->(b:Block) | b.key]"""


def _misplaced(session: Session) -> Iterator[Fault]:
    """Nodes that are in other blocks than theirs, or listed under other identifiers than they assert."""
    for place, name, words in (
        (0, "members", "nodes are in other blocks than theirs"),
        (1, "holders", "nodes list other identifiers than they assert"),
    ):
        wrong = [digest for digest, *sides in map(_sides, session.run(_PLACED)) if sides[place]]
        if wrong:
            yield Fault(name, words, len(wrong), min(wrong))


def _sides(row: Iterable[Any]) -> tuple[str, bool, bool]:
    digest, assertions, blocks, asserted, placed = row
    said = {indexed(identifier_block(each.identifier)) for each in codec.assertions_in(assertions)}
    own = {indexed(key) for key in codec.texts_in(blocks)}
    return digest, own != set(placed), said != set(asserted)


# -- filling ---------------------------------------------------------------------------------------

_BEGIN: Final[LiteralString] = """
MATCH (h:Head {one: 1})
WHERE h.revision = 0 AND NOT EXISTS { MATCH (:Setting) } AND NOT EXISTS { MATCH (:Record) }
CREATE (m:Migration {number: $unfinished, name: 'filling', digest: '', applied: $applied})
RETURN m.number"""
_BEGUN: Final[LiteralString] = "MATCH (m:Migration {number: $unfinished}) RETURN m.number"
_STEP: Final[LiteralString] = """
MATCH (m:Migration {number: $unfinished})
WITH m, m.step = $step AS done
SET m.step = $step
RETURN done"""
_CLEAR: Final[LiteralString] = """
MATCH (n) WHERE NOT n:Migration AND NOT n:Head
CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS"""
_DONE: Final[LiteralString] = """
MATCH (m:Migration {number: $unfinished})
DELETE m"""
_END: Final[LiteralString] = (
    """
MATCH (h:Head {one: 1})
SET h += $head, h.vanished = $head.revision, h.dequeued = $head.revision, h.suggested = $head.revision
WITH h"""
    + _DONE
)
# What an empty database cannot hold yet is made and not looked for. By whom the party behind an identifier is
# described is counted once all nodes are there.
_NODES: Final[LiteralString] = """
UNWIND $rows AS row
CREATE (e:Evidence)
SET e = row.properties
FOREACH (in IN row.component |
    MERGE (c:Component {id: in.name})
    ON CREATE SET c.version = $revision, c.raw = in.raw
    CREATE (e)-[:IN_COMPONENT]->(c))
WITH e, row
UNWIND row.places AS place
MERGE (b:Block {key: place.key})
ON CREATE SET b.version = $revision, b.size = place.member, b.asserting = 0, b.descriptions = 0,
    b.verified = 0
ON MATCH SET b.version = $revision, b.size = b.size + place.member
CREATE (e)-[:IN_BLOCK {said: place.said, description: place.description}]->(b)"""
_DESCRIBE: Final[LiteralString] = """
MATCH (b:Identifier)
CALL (b) {
    MATCH (b)<-[x:IN_BLOCK]-()
    WITH b, count(DISTINCT x.description) AS descriptions,
        count(DISTINCT CASE WHEN x.said ENDS WITH '!' THEN x.description END) AS verified
    SET b.descriptions = descriptions, b.verified = verified
} IN TRANSACTIONS OF 5000 ROWS"""
_KEYS: Final[LiteralString] = """
UNWIND $rows AS row
CREATE (r:Record)
SET r = row.properties
FOREACH (of IN row.customer |
    MERGE (c:Customer {id: of.name})
    ON CREATE SET c.raw = of.raw, c.rest = of.rest, c.touched = 0
    CREATE (c)-[:HAS_RECORD]->(r))
WITH r, row WHERE row.node IS NOT NULL
MATCH (e:Evidence {digest: row.node})
CREATE (r)-[:SAYS]->(e)
WITH r, row, e
CALL (r, row, e) {
    WITH * WHERE row.holds
    UNWIND range(0, size(e.asserted) - 1) AS i
    MATCH (b:Block {key: e.asserted[i]})
    CREATE (r)-[:ASSERTS {assurance: e.assurances[i]}]->(b)
}
RETURN count(*)"""
_CUSTOMERS: Final[LiteralString] = """
UNWIND $rows AS row
MERGE (c:Customer {id: row.name})
ON CREATE SET c.raw = row.raw, c.rest = row.rest
SET c += row.properties
WITH c, row
MATCH (r:Record {key: row.anchor})
MERGE (c)-[:ANCHORED_IN]->(r)"""
_UNKNOWN: Final[LiteralString] = """
UNWIND $rows AS key
OPTIONAL MATCH (r:Record {key: key})
WITH key, r WHERE r IS NULL
RETURN collect(key)"""
_CONTACT: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (r:Record {key: row.record})
CREATE (t:Touchpoint)-[:FROM]->(r)
SET t = row.properties"""
_WAIT: Final[LiteralString] = """
UNWIND $rows AS row
CREATE (w:Waiting {digest: row.name, since: row.revision})
SET w.raw = row.raw"""


def fill(
    address: Address, items: Iterable[Item], *, limits: Limits = _LIMITS, clock: Callable[[], int] = now
) -> int:
    """Write these items to a database that is empty, or holds an empty store; the revision that it is at.

    `items` come as `graph.whole` has it. Nobody else may have the database open. Until all is in, nobody
    can open it; where a filling was broken off the next one starts anew. Blocks and components have the
    head's revision for version, touchpoints and customer ids too. `clock` gives the time, in microseconds
    since 1970, noted with each migration. Raises `StoreError` where there is a store that is not empty,
    where an item names a node that is not there or a key comes twice, and as `Neo4jStore.open` does.
    """
    with _session(address, limits) as session, translated:
        _start_over(session)
        migrate.migrate(session, migrations("neo4j"), clock())
        if session.run(_BEGIN, unfinished=migrate.UNFINISHED, applied=clock()).single() is None:
            raise StoreError("there is a store already, and it is not empty")
        filling = _Filling(session, limits.patience)
        try:
            for kind, section in sections(items):
                filling.take(kind, section)
            session.run(_END, head=filling.head, unfinished=migrate.UNFINISHED).consume()
        except BaseException:
            # Where the server is away it is done by whoever fills it next.
            with suppress(StoreError), translated:
                _start_over(session)
            raise
    return filling.head["revision"]


def _start_over(session: Session) -> None:
    """Take away what an earlier filling, that was broken off, has written."""
    if session.run(_BEGUN, unfinished=migrate.UNFINISHED).single() is not None:
        session.run(_CLEAR).consume()
        session.run(_DONE, unfinished=migrate.UNFINISHED).consume()


class _Filling:
    """What is told by the head, and by which queries each kind of item is written."""

    def __init__(self, session: Session, patience: float) -> None:
        self._session = session
        self._patience = patience
        self._step = 0
        self.head: dict[str, int] = {}
        self._takers: dict[type[Item], Callable[[ManagedTransaction, Any], None]] = {
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
        """Write one section, so many items a transaction."""
        take = self._takers[kind]
        while chunk := list(islice(section, _CHUNK)):
            self._step += 1
            once = partial(self._session.execute_write, partial(self._once, take, chunk))
            persist(once, self._patience)
        if kind is HeldNode:
            self._session.run(_DESCRIBE).consume()

    def _once(
        self,
        take: Callable[[ManagedTransaction, Any], None],
        chunk: Sequence[Item],
        transaction: ManagedTransaction,
    ) -> None:
        """Write a chunk, unless it was and nobody was told: the connection may be lost over the commit."""
        step = transaction.run(_STEP, unfinished=migrate.UNFINISHED, step=self._step)
        if not step.single(strict=True)[0]:
            take(transaction, chunk)

    @property
    def _revision(self) -> int:
        return self.head["revision"]

    def _take_head(self, transaction: ManagedTransaction, heads: Sequence[Head]) -> None:
        (head,) = heads
        self.head = {"revision": head.revision, "silence": head.silence, "adopted": head.adopted}
        given = [{"key": indexed(name), "name": name, "value": value} for name, value in head.settings]
        _run(transaction, queries.ADOPT, given)

    def _take_nodes(self, transaction: ManagedTransaction, held: Sequence[HeldNode]) -> None:
        given = [{**_placed(each.node, self._revision), "component": _named(each.component)} for each in held]
        _run(transaction, _NODES, given, revision=self._revision)
        asserted = [
            {**row, "members": 0}
            for row in rows.blocks((each.node for each in held), self._revision)
            if row["asserting"]
        ]
        _run(transaction, queries.BLOCKS, asserted)

    def _take_keys(self, transaction: ManagedTransaction, held: Sequence[HeldKey]) -> None:
        given = [_record(each) for each in held]
        if len({row["key"] for row in given}) < len(given):
            raise StoreError("a record comes twice")
        try:
            (said,) = _all(transaction, _KEYS, given)
        except ConstraintError:
            raise StoreError("a record comes twice") from None
        if said < sum(row["node"] is not None for row in given):
            raise StoreError("a node that is named is not there")

    def _take_customers(self, transaction: ManagedTransaction, held: Sequence[HeldCustomer]) -> None:
        self._name(transaction, (each.anchor for each in held if each.anchor is not None))
        _run(transaction, _CUSTOMERS, [_customer_row(each, self._revision) for each in held])

    def _take_judgements(self, transaction: ManagedTransaction, held: Sequence[Judgement]) -> None:
        self._name(transaction, (key for each in held for part in each.parts for key in part))
        _run(transaction, queries.JUDGE, [rows.judgement(each, self._revision) for each in held])

    def _take_suggestions(self, transaction: ManagedTransaction, held: Sequence[HeldSuggestion]) -> None:
        self._name(transaction, (key for _, each in held for key in (each.left, each.right)))
        given = [rows.suggestion(component, each) for component, each in held]
        if _all(transaction, queries.SUGGEST, given) != (len(given),):
            raise StoreError("a component that has suggestions is not there")

    def _take_relations(self, transaction: ManagedTransaction, held: Sequence[Relation]) -> None:
        given = [rows.relation(each, self._revision) for each in held]
        if _all(transaction, queries.RELATE, given) != (len(given),):
            raise StoreError("a node that is named is not there")

    def _take_touchpoints(self, transaction: ManagedTransaction, held: Sequence[Touchpoint]) -> None:
        self._name(transaction, (each.record for each in held))
        # Their customers have told already when they were touched.
        _run(transaction, _CONTACT, [rows.touchpoint(each, self._revision) for each in held])
        _run(transaction, queries.REFER, [row for each in held for row in rows.references(each)])

    def _take_changes(self, transaction: ManagedTransaction, held: Sequence[Change]) -> None:
        self._name(transaction, (move.record for each in held for move in each.moves))
        given = [rows.change(each, each.revision) for each in held]
        _run(transaction, queries.CHANGE, given)
        _run(transaction, queries.LEFT, [row for row in given if row["left"] or row["joined"]])

    def _take_silent(self, transaction: ManagedTransaction, held: Sequence[SilentKey]) -> None:
        _run(
            transaction,
            queries.SILENCE,
            [{**rows.name(each.key), "revision": self._revision} for each in held],
        )

    def _take_waiting(self, transaction: ManagedTransaction, held: Sequence[WaitingNode]) -> None:
        _run(transaction, _WAIT, [{**rows.name(each.digest), "revision": each.revision} for each in held])

    def _take_imports(self, transaction: ManagedTransaction, held: Sequence[Import]) -> None:
        _run(transaction, queries.IMPORT, [rows.an_import(each, each.revision) for each in held])

    def _name(self, transaction: ManagedTransaction, keys: Iterable[RecordKey]) -> None:
        """Make sure that these records are there, by name at least."""
        named = {rows.record_key(key): key for key in sorted(set(keys))}
        (unknown,) = _all(transaction, _UNKNOWN, [*named])
        _run(transaction, queries.NAMES, [rows.record_name(named[key]) for key in unknown])


def _placed(node: Node, revision: int) -> Row:
    """A node with its places; the first in each block makes it a member there."""
    row = rows.node(node, revision)
    before = None
    for place in row["places"]:
        place["member"] = int(place["key"] != before)
        before = place["key"]
    return row


def _record(held: HeldKey) -> Row:
    """A record key, with what its record states, says and belongs to where there is one."""
    row = {**rows.record_name(held.key), "node": None, "holds": False, "customer": []}
    row["properties"] |= {"key": row["key"], "changed": held.changed}
    record = held.record
    if record is not None:
        stated = rows.record(record, held.changed)
        row["properties"] |= {**stated["properties"], "first_revision": stated["first"]}
        row |= {"node": stated["node"], "holds": stated["holds"], "customer": _named(record.customer)}
    return row


def _customer_row(held: HeldCustomer, revision: int) -> Row:
    """A customer id; what it was never told, or has not, is left out."""
    properties: Row = {}
    if held.minted is not None:
        properties |= {"minted": held.minted, "erased": held.erased, "revised": revision}
    if held.touched:
        properties["touched"] = held.touched
    anchor = None if held.minted is None else held.anchor
    return {
        **rows.name(held.id),
        "properties": properties,
        "anchor": None if anchor is None else rows.record_key(anchor),
    }


def _named(text: str | None) -> list[Row]:
    """One name to be found or made, or none."""
    return [] if text is None else [rows.name(text)]


def _run(
    transaction: ManagedTransaction, text: LiteralString, given: Sequence[Row], **values: object
) -> None:
    if given:
        transaction.run(text, {"rows": given, **values}).consume()


def _all(transaction: ManagedTransaction, text: LiteralString, given: Sequence[object]) -> tuple[Any, ...]:
    return tuple(transaction.run(text, rows=given).single(strict=True))
