"""One snapshot of the store: many reads, each of which sees what it is told or finds itself overtaken.

The server keeps one state, the present one, so a snapshot is a revision and the rule that nothing younger is
told of. All that changes in place carries the revision of its last change; what is only ever added is left
out where it is younger. Within a query the versions are read after what they speak for, and the head's
revision last: the server writes a commit's properties before anything of it can be reached, the head's, the
oldest in the database, first.

The other way round, the head tells of a commit a moment before all of it can be seen. The session's bookmark
says that the next query is to wait until it can be.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, LiteralString, NamedTuple

from neo4j import Query, Session
from neo4j.exceptions import DriverError, Neo4jError

from graph import codec
from graph.errors import Overtaken, StoreError
from graph.keys import identifier_block
from graph.model import (
    Assurance,
    Block,
    Cause,
    Change,
    Component,
    CustomerId,
    Direction,
    Glance,
    Holder,
    Identifier,
    IdentifierKind,
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
    Tally,
    Touchpoint,
    TouchpointKey,
)
from graph.neo4j.errors import translated, unreachable
from graph.neo4j.keys import CUT, indexed, ordered, pair

_HEAVIEST: Final = 2**63 - 1
_LATEST: Final = 2**63 - 1
_ASSURANCES: Final = {assurance.value: assurance for assurance in Assurance}
_OBSERVED: Final = 1

# Every query ends so, with all that was found as `rows` and the youngest version of it as `latest`.
_NOW: Final[LiteralString] = """
MATCH (h:Head {one: 1})
RETURN rows, latest, h.vanished, h.silence, h.adopted, h.dequeued, h.suggested, h.revision"""
# Where what was found does not change, or the head alone tells whether it has.
_SURE: Final[LiteralString] = "\nWITH rows, 0 AS latest" + _NOW

_HEAD: Final[LiteralString] = (
    """
WITH COLLECT { MATCH (w:Waiting) WHERE w.since > 0 RETURN w.since ORDER BY w.since LIMIT 1 } AS rows"""
    + _SURE
)

_A_RECORD: Final = """[r.source, r.record_id, r.version, r.deleted, r.digest, r.evidence,
    [(r)<-[:HAS_RECORD]-(of:Customer) | coalesce(of.raw, of.id)][0], r.first_revision,
    [(r)-[:SAYS]->(said:Evidence) | coalesce(said.raw, said.digest)][0]]"""
_A_NODE: Final = "[coalesce(e.raw, e.digest), e.features, e.assertions, e.blocks]"
_A_CUSTOMER: Final = """[coalesce(c.raw, c.id), c.minted,
    [(c)-[:ANCHORED_IN]->(a:Record) | [a.source, a.record_id]][0], c.erased]"""
_A_TOUCHPOINT: Final = """[t.occurred, t.source, t.touchpoint_id, t.digest, t.channel, t.direction, t.body,
    r.source, r.record_id]"""
_A_JUDGEMENT: Final = """[coalesce(j.raw, j.id), j.kind, j.parts, j.author, j.reason, j.time, j.revision,
    CASE WHEN j.retracted <= $at THEN j.retracted END, j.reverts]"""
_A_CHANGE: Final = """[x.revision, x.cause, x.time, x.judgement, x.before, x.after, x.evidence,
    [(x)-[m:MOVED]->(r:Record) | [m.place, r.source, r.record_id, m.before, m.after]]]"""

_RECORDS: Final[LiteralString] = (
    f"""
UNWIND $keys AS key
MATCH (r:Record {{key: key}}) WHERE r.digest IS NOT NULL
WITH r, {_A_RECORD} AS row
WITH collect(row) AS rows, max(r.changed) AS latest"""
    + _NOW
)

_KNOWN_TOUCHPOINTS: Final[LiteralString] = (
    """
UNWIND $keys AS key
MATCH (t:Touchpoint {key: key})-[:FROM]->(r:Record)
WITH collect([t.source, t.touchpoint_id, t.digest, r.source, r.record_id]) AS rows, max(t.revision) AS latest
"""
    + _NOW
)

_BLOCKS: Final[LiteralString] = (
    """
UNWIND $keys AS key
MATCH (b:Block {key: key}) WHERE b.size > 0
CALL (b) {
    MATCH (b)<-[:IN_BLOCK]-(e:Evidence) WHERE $limit > 0
    WITH DISTINCT e ORDER BY left(e.digest, $cut), coalesce(e.rest, '') LIMIT $limit
    RETURN collect(coalesce(e.raw, e.digest)) AS members
}
WITH b, [b.key, b.size, b.descriptions, b.verified, members, b.version] AS row
WITH collect(row) AS rows, max(row[5]) AS latest"""
    + _NOW
)

_SILENT: Final[LiteralString] = (
    """
UNWIND $keys AS key
MATCH (b:Block {key: key}) WHERE b.silent
WITH collect(b.key) AS rows"""
    + _SURE
)

_NODES: Final[LiteralString] = (
    f"""
UNWIND $keys AS key
MATCH (e:Evidence {{digest: key}})
WITH collect({_A_NODE}) AS rows, max(e.added) AS latest"""
    + _NOW
)

_COMPONENTS: Final[LiteralString] = (
    f"""
UNWIND $keys AS key
MATCH (seed:Evidence {{digest: key}})
OPTIONAL MATCH (seed)-[:IN_COMPONENT]->(c:Component)
WITH c, count(seed) AS seeds, max(CASE WHEN c IS NULL THEN seed.changed ELSE 0 END) AS unplaced
CALL (c) {{
    MATCH (c)<-[:IN_COMPONENT]-(e:Evidence)
    RETURN collect({_A_NODE}) AS nodes, max(e.added) AS added
}}
CALL (c) {{
    MATCH (c)<-[:IN_COMPONENT]-(:Evidence)<-[:SAYS]-(r:Record)
    WITH r, {_A_RECORD} AS row
    RETURN collect(row) AS records, max(r.changed) AS changed
}}
WITH c, seeds, [coalesce(c.raw, c.id), nodes, records, c.version] AS row, unplaced, added, changed
UNWIND [row[3], unplaced, added, changed] AS version
WITH c, seeds, row, max(version) AS version
WITH collect([seeds, CASE WHEN c IS NULL THEN null ELSE row END]) AS rows, max(version) AS latest"""
    + _NOW
)

_JUDGEMENTS: Final[LiteralString] = (
    f"""
UNWIND $keys AS key
MATCH (r:Record {{key: key}})
OPTIONAL MATCH (r)<-[:NAMES]-(j:Judgement) WHERE j.retracted IS NULL
WITH j, max(r.changed) AS changed
WITH collect(CASE WHEN j IS NULL THEN null ELSE {_A_JUDGEMENT} END) AS rows, max(changed) AS latest"""
    + _NOW
)

_ANCHORED: Final[LiteralString] = (
    f"""
UNWIND $keys AS key
MATCH (r:Record {{key: key}})
OPTIONAL MATCH (r)<-[:ANCHORED_IN]-(c:Customer)
WITH r, c, CASE WHEN c IS NULL THEN null ELSE {_A_CUSTOMER} END AS row
UNWIND [r.unanchored, c.revised] AS version
WITH row, max(version) AS version
WITH collect(row) AS rows, max(version) AS latest"""
    + _NOW
)

_WAITING: Final[LiteralString] = (
    """
CALL () {
    MATCH (w:Waiting) WHERE w.digest >= '' AND w.since <= $at
    WITH w ORDER BY w.digest LIMIT $limit
    RETURN collect(coalesce(w.raw, w.digest)) AS rows
}"""
    + _SURE
)

_AN_IMPORT: Final = f"[{', '.join(f'i.{name}' for name in codec.IMPORT)}]"
_IMPORTS: Final[LiteralString] = (
    f"""
UNWIND $keys AS key
MATCH (i:Import {{key: key}})
WITH i, {_AN_IMPORT} AS row
WITH collect(row) AS rows, max(i.revision) AS latest"""
    + _NOW
)

_META: Final[LiteralString] = "MATCH (s:Setting) WITH collect([s.name, s.value]) AS rows" + _SURE

_HELD: Final[LiteralString] = """
    MATCH (:Block {key: $key})<-[a:ASSERTS]-(r:Record) WHERE NOT r.deleted
    RETURN r, a.assurance AS assurance, 0 AS carried"""
_CARRIED: Final[LiteralString] = f"""{_HELD}
    UNION ALL
    MATCH (:Block {{key: $key}})<-[:REFERS_TO]-(t:Touchpoint)-[:FROM]->(r:Record) WHERE NOT r.deleted
    RETURN r, {_OBSERVED} AS assurance, t.revision AS carried"""


def _holding(held: LiteralString) -> LiteralString:
    return (
        "CALL () {"
        + held
        + """
}
WITH r, max(assurance) AS assurance, max(carried) AS carried
OPTIONAL MATCH (r)<-[:HAS_RECORD]-(c:Customer)
WITH c, CASE WHEN c IS NULL THEN r END AS visitor, count(r) AS records, max(assurance) AS assurance,
    max(carried) AS carried, max(r.changed) AS changed
ORDER BY c IS NULL, left(c.id, $cut), coalesce(c.rest, ''), visitor.place, coalesce(visitor.rest, '')
WITH collect([coalesce(c.raw, c.id), visitor.source, visitor.record_id, records, assurance,
        coalesce(c.touched, 0)])[..$limit] AS found,
    max(carried) AS carried, max(changed) AS changed, max(c.touched) AS touched
OPTIONAL MATCH (b:Block {key: $key})
WITH found, b IS NULL AS absent, b.changed AS left, carried, changed, touched,
    COLLECT { MATCH (w:Waiting) WHERE w.since > 0 RETURN w.since ORDER BY w.since LIMIT 1 }[0] AS since
UNWIND [left, carried, changed, touched] AS version
WITH found, absent, since, max(version) AS latest
WITH [found, absent, since] AS rows, latest"""
        + _NOW
    )


_HOLDERS: Final[LiteralString] = _holding(_HELD)
_CARRIERS: Final[LiteralString] = _holding(_CARRIED)


def _glanced(held: LiteralString) -> LiteralString:
    return (
        "UNWIND $keys AS key\nCALL (key) {\n    CALL (key) {"
        + held.replace("$key", "key")
        + """
    }
    WITH r, max(carried) AS carried
    OPTIONAL MATCH (r)<-[:HAS_RECORD]-(c:Customer)
    WITH c, max(carried) AS carried, max(r.changed) AS changed
    WITH collect(CASE WHEN c IS NULL THEN null ELSE [coalesce(c.raw, c.id), coalesce(c.touched, 0)] END)[..2]
        AS customers, max(carried) AS carried, max(changed) AS changed, max(c.touched) AS touched
    OPTIONAL MATCH (b:Block {key: key})
    WITH customers, b IS NULL AS absent, b.changed AS left, carried, changed, touched
    UNWIND [left, carried, changed, touched] AS version
    RETURN customers, absent, max(version) AS latest
}
WITH collect([key, customers, absent]) AS found, max(latest) AS latest,
    COLLECT { MATCH (w:Waiting) WHERE w.since > 0 RETURN w.since ORDER BY w.since LIMIT 1 }[0] AS since
WITH [found, since] AS rows, latest"""
        + _NOW
    )


GLANCES: Final[LiteralString] = _glanced(_HELD)
"""Which one customer holds each of `$keys`: the one read that a lookup rests on."""
_GLANCES_CARRIED: Final[LiteralString] = _glanced(_CARRIED)

_TOUCHED: Final[LiteralString] = (
    """
UNWIND $keys AS key
MATCH (c:Customer {id: key}) WHERE c.touched > 0
WITH collect([coalesce(c.raw, c.id), c.touched]) AS rows, max(c.touched) AS latest"""
    + _NOW
)

_CUSTOMER_IDS: Final[LiteralString] = (
    f"""
UNWIND $keys AS key
MATCH (c:Customer {{id: key}}) WHERE c.minted IS NOT NULL
WITH c, {_A_CUSTOMER} AS row
WITH collect(row) AS rows, max(c.revised) AS latest"""
    + _NOW
)

_MEMBERS: Final[LiteralString] = (
    f"""
UNWIND $keys AS key
MATCH (c:Customer {{id: key}})
CALL (c) {{
    MATCH (c)-[:HAS_RECORD]->(r:Record) WHERE NOT r.deleted
    WITH r, {_A_RECORD} AS row
    RETURN collect(row) AS records, max(r.changed) AS changed
}}
WITH records, changed, c.touched AS touched
UNWIND [changed, touched] AS version
WITH records, max(version) AS version
WITH collect(records) AS rows, max(version) AS latest"""
    + _NOW
)

# Where a touchpoint stands among those of its time, as far as its key tells.
_PLACE: Final[LiteralString] = "left(t.key, $cut) + coalesce(t.rest, '')"
_TIMELINE: Final[LiteralString] = (
    f"""
UNWIND $keys AS key
CALL (key) {{
    MATCH (t:Touchpoint)
    WHERE t.of = key AND t.occurred <= $occurred AND t.revision <= $at
        AND (t.occurred < $occurred OR $place IS NULL OR {_PLACE} < $place)
    RETURN t ORDER BY t.of DESC, t.occurred DESC, {_PLACE} DESC LIMIT $limit
}}
WITH key, t ORDER BY t.occurred DESC, {_PLACE} DESC LIMIT $limit
WITH collect([t.source, t.touchpoint_id, key, t.digest, t.occurred, t.channel, t.direction, t.body])
    AS rows"""
    + _SURE
)

_TALLIES: Final[LiteralString] = (
    """
UNWIND $keys AS key
MATCH (t:Touchpoint) WHERE t.of = key AND t.occurred IS NOT NULL AND t.revision <= $at
WITH t.channel AS channel, t.direction AS direction,
    count(*) AS count, min(t.occurred) AS first, max(t.occurred) AS last
WITH collect([channel, direction, count, first, last]) AS rows"""
    + _SURE
)

_TOUCHPOINT: Final[LiteralString] = (
    """
MATCH (t:Touchpoint {key: $key})-[:FROM]->(r:Record) WHERE t.revision <= $at
WITH collect([t.source, t.touchpoint_id, r.source, r.record_id, t.digest, t.occurred, t.channel, t.direction,
    t.body]) AS rows"""
    + _SURE
)

_CHANGES: Final[LiteralString] = (
    f"""
MATCH (x:Change) WHERE x.revision > $after AND x.revision <= $at
WITH x ORDER BY x.revision LIMIT $limit
WITH collect({_A_CHANGE}) AS rows"""
    + _SURE
)

_MOVES: Final[LiteralString] = (
    """
UNWIND $keys AS key
MATCH (c:Customer {id: key})<-[:LEFT|JOINED]-(x:Change)
WHERE x.revision > $after AND x.revision <= $at
WITH DISTINCT c, x
MATCH (x)-[m:MOVED]->(r:Record)
WHERE m.before = coalesce(c.raw, c.id) OR m.after = coalesce(c.raw, c.id)
WITH DISTINCT [x.revision, m.place, r.source, r.record_id, m.before, m.after] AS row
WITH collect(row) AS rows"""
    + _SURE
)

_SUGGESTIONS: Final[LiteralString] = (
    """
MATCH (l:Record)-[s:POSSIBLE_MATCH]->(r:Record)
WHERE s.weight <= $weight AND (s.weight < $weight OR s.id > $id)
WITH l, s, r ORDER BY s.weight DESC, s.id LIMIT $limit
WITH collect([s.id, l.source, l.record_id, r.source, r.record_id, s.weight, s.reason, s.evidence]) AS rows"""
    + _SURE
)

_RELATIONS: Final[LiteralString] = (
    """
UNWIND $keys AS key
MATCH (e:Evidence {digest: key})
OPTIONAL MATCH (e)-[x:SAME_HOUSEHOLD|SAME_ORGANISATION]-(o:Evidence)
WITH e, collect([coalesce(e.raw, e.digest), coalesce(o.raw, o.digest), type(x), x.stranger, x.household,
    x.shared]) AS related
WITH collect(related) AS rows, max(e.changed) AS latest"""
    + _NOW
)

_BEARERS: Final[LiteralString] = (
    """
UNWIND $keys AS key
MATCH (e:Evidence {digest: key})
OPTIONAL MATCH (e)<-[:SAYS]-(r:Record)
OPTIONAL MATCH (r)<-[:HAS_RECORD]-(c:Customer)
WITH e, collect(DISTINCT coalesce(c.raw, c.id)) AS customers, max(r.changed) AS moved
WITH [coalesce(e.raw, e.digest), customers] AS row, moved, e.changed AS changed
UNWIND [moved, changed] AS version
WITH row, max(version) AS version
WITH collect(row) AS rows, max(version) AS latest"""
    + _NOW
)

_ALL_JUDGEMENTS: Final[LiteralString] = (
    f"""
CALL () {{
    MATCH (j:Judgement) WHERE j.revision > $after AND j.revision <= $at
    WITH j.revision AS revision ORDER BY revision LIMIT $limit
    RETURN max(revision) AS last
}}
MATCH (j:Judgement) WHERE j.revision > $after AND j.revision <= last
WITH collect({_A_JUDGEMENT}) AS rows"""
    + _SURE
)

# What was deleted since is met with too, so that it is known to have been there.
_ALL_RECORDS: Final[LiteralString] = (
    f"""
MATCH (r:Record)
WHERE r.place >= $place AND ($rest IS NULL OR r.place > $place OR coalesce(r.rest, '') > $rest)
    AND r.first_revision <= $at AND (NOT r.deleted OR r.changed > $at)
WITH r ORDER BY r.place, coalesce(r.rest, '') LIMIT $limit
WITH r, {_A_RECORD} AS row
WITH collect(row) AS rows, max(r.changed) AS latest"""
    + _NOW
)

_ALL_IMPORTS: Final[LiteralString] = (
    f"""
MATCH (i:Import)
WITH i, left(i.key, $cut) + coalesce(i.rest, '') AS place
WHERE $place IS NULL OR i.created < $created OR (i.created = $created AND place < $place)
WITH i, place ORDER BY i.created DESC, place DESC LIMIT $limit
WITH i, {_AN_IMPORT} AS row
WITH collect(row) AS rows, max(i.revision) AS latest"""
    + _NOW
)


class Found(NamedTuple):
    """What one query found, and when: `latest` is the youngest version of it, the rest is the head's."""

    rows: Any
    latest: int | None
    vanished: int
    silence: int
    adopted: int
    dequeued: int
    suggested: int
    revision: int


class Reading:
    """A session through which one thread reads; each query is a round trip and sees what those before saw."""

    def __init__(self, session: Session, timeout: float) -> None:
        self._session: Session | None = session
        self._timeout = timeout

    def run(self, text: LiteralString, values: Mapping[str, Any]) -> Found:
        """What a query that ends with `_NOW` found; tried once more where the connection had been cut."""
        if self._session is None:
            raise StoreError("the snapshot is closed")
        with translated:
            try:
                return self._run(self._session, text, values)
            except (Neo4jError, DriverError) as error:
                if not unreachable(error):
                    raise
                return self._run(self._session, text, values)

    def _run(self, session: Session, text: LiteralString, values: Mapping[str, Any]) -> Found:
        record = session.run(Query(text, timeout=self._timeout), {**values, "cut": CUT}).single(strict=True)
        return Found(*record)

    def close(self) -> None:
        """Forget the session."""
        self._session = None


def opened(reading: Reading, known: int) -> tuple[Found, int]:
    """The head, and the revision that it is the head of: one of which all can be seen by what is read next.

    Of those up to `known` all can be. A later one is asked for again, which waits until all that was told
    of can be seen, and holds unless what the head tells besides has changed meanwhile.
    """
    head = reading.run(_HEAD, {})
    revision = head.revision
    while revision > known:
        head = reading.run(_HEAD, {})
        if _still(head, revision):
            break
        revision = head.revision
    return head, revision


def glances(reading: Reading, keys: Sequence[str], known: int, *, carried: bool = False) -> Sequence[Glance]:
    """Who holds identifiers now, a glance each: one query, a second where its revision is not `known` yet.

    `keys` are the forms in which their blocks are looked up; `carried`: those who had touchpoints that refer
    to them, too.
    """
    text = _GLANCES_CARRIED if carried else GLANCES
    values = {"keys": [*set(keys)]}
    found = reading.run(text, values)
    revision = found.revision
    while revision > known:
        found = reading.run(text, values)
        gone = found.vanished if any(absent for *_, absent in found.rows[0]) else 0
        if _still(found, revision) and max(found.latest or 0, gone) <= revision:
            break
        revision = found.revision
    rows, since = found.rows
    told = {key: customers for key, customers, _ in rows}
    settled = _settled(since, revision)
    return [Glance(revision, settled, *_alone(told[key]), found.silence) for key in keys]


def _alone(customers: Sequence[Sequence[Any]]) -> tuple[str, int]:
    """The one customer there is, and when it was last touched; none where there are several."""
    if len(customers) != 1:
        return "", 0
    [(customer, touched)] = customers
    return customer, touched


def _still(head: Found, revision: int) -> bool:
    """Whether what the head tells was so at this revision, as far as it is told by a snapshot."""
    return max(head.silence, head.adopted, head.dequeued) <= revision


def latest(reading: Reading) -> int:
    """The head's revision."""
    return reading.run(_HEAD, {}).revision


def settings(reading: Reading) -> Mapping[str, str]:
    """The store's settings."""
    return dict(reading.run(_META, {}).rows)


def _settled(since: int | None, revision: int) -> int:
    return revision if since is None or since > revision else since - 1


class Neo4jSnapshot:
    """What `graph.store.Snapshot` says, at the revision that was the latest when it was opened.

    Every method is one round trip. Where what it would tell has changed since, it raises `Overtaken`.
    """

    def __init__(self, reading: Reading, known: int) -> None:
        self._reading = reading
        head, self._revision = opened(reading, known)
        self._silence = head.silence
        self._adopted = head.adopted
        self._since: int | None = next(iter(head.rows), None)

    def close(self) -> None:
        """Forget the session; the snapshot answers no more."""
        self._reading.close()

    @property
    def revision(self) -> int:
        """The revision that this snapshot sees."""
        return self._revision

    @property
    def settled_revision(self) -> int:
        """The latest revision whose re-openings are all done; `revision` where none is waiting."""
        return _settled(self._since, self._revision)

    @property
    def silence_revision(self) -> int:
        """The latest revision at which any blocking key fell silent or spoke again, 0 before the first."""
        return self._silence

    @property
    def adopted_revision(self) -> int:
        """The latest revision at which the store's settings gave way to others, 0 before the first."""
        return self._adopted

    def meta(self) -> Mapping[str, str]:
        """The store's settings at this revision."""
        found = self._find(_META)
        self._hold(found, found.adopted)
        return dict(found.rows)

    # -- for planning ------------------------------------------------------------------------

    def records(self, keys: Collection[RecordKey]) -> Mapping[RecordKey, Record]:
        """The records of these keys as they stand, tombstones included."""
        found = self._held(_RECORDS, keys=_pairs(keys))
        return {record.key: record for record in map(_record, found.rows)}

    def known_touchpoints(
        self, keys: Collection[TouchpointKey]
    ) -> Mapping[TouchpointKey, tuple[str, RecordKey]]:
        """The digest and the record of each touchpoint already stored."""
        found = self._held(_KNOWN_TOUCHPOINTS, keys=_pairs(keys))
        return {TouchpointKey(row[0], row[1]): (row[2], RecordKey(row[3], row[4])) for row in found.rows}

    def blocks(self, keys: Collection[str], limit: int) -> Mapping[str, Block]:
        """Each blocking key's version, counts and at most `limit` members in order of digest."""
        names = _names(keys)
        found = self._found(_BLOCKS, names, limit=limit)
        return {
            names[key]: Block(version, size, descriptions, verified, tuple(members))
            for key, size, descriptions, verified, members, version in found.rows
        }

    def silent(self, keys: Collection[str]) -> frozenset[str]:
        """Those of these blocking keys that do not speak now (generic, or over their cap)."""
        names = _names(keys)
        found = self._find(_SILENT, keys=[*names])
        self._hold(found, found.silence)
        return frozenset(names[key] for key in found.rows)

    def nodes(self, digests: Collection[str]) -> Mapping[str, Node]:
        """The nodes of these digests."""
        return {row[0]: _node(row) for row in self._found(_NODES, _names(digests)).rows}

    def components(self, digests: Collection[str]) -> Sequence[Component]:
        """The components that hold any of these nodes, each once, in order of id, whole.

        Their nodes are in order of digest, their records in order of key.
        """
        names = _names(digests)
        found = self._held(_COMPONENTS, keys=[*names])
        if sum(seeds for seeds, _ in found.rows) < len(names):
            self._hold(found, found.vanished)
        return [
            Component(
                name,
                version,
                tuple(map(_node, sorted(nodes, key=itemgetter(0)))),
                tuple(map(_record, sorted(records, key=_key))),
            )
            for name, nodes, records, version in sorted(
                (row for _, row in found.rows if row is not None), key=itemgetter(0)
            )
        ]

    def judgements(self, keys: Collection[RecordKey]) -> Sequence[Judgement]:
        """The judgements in force that name any of these records, each once, in order of revision."""
        found = self._held(_JUDGEMENTS, keys=_pairs(keys))
        return sorted(map(_judgement, found.rows), key=lambda judgement: (judgement.revision, judgement.id))

    def anchored(self, keys: Collection[RecordKey]) -> Sequence[CustomerId]:
        """The customer ids anchored at these records, in order of minting."""
        found = self._held(_ANCHORED, keys=_pairs(keys))
        return sorted(map(_customer, found.rows), key=lambda customer: (customer.minted, customer.id))

    def waiting(self, limit: int) -> Sequence[str]:
        """Nodes that wait to be looked at again, in order of digest."""
        found = self._find(_WAITING, limit=limit)
        self._hold(found, found.dequeued)
        return list(found.rows)

    def imports(self, names: Collection[str]) -> Mapping[str, Import]:
        """The imports of these names as they stand."""
        found = self._held(_IMPORTS, keys=[*_names(names)])
        return {row[0]: codec.import_in(row) for row in found.rows}

    # -- for answering -----------------------------------------------------------------------

    def holders(self, identifier: Identifier, limit: int) -> Sequence[Holder]:
        """Whose live records assert this identifier: customers in order of id, then visitors by key.

        For a `reference` also the live records of the touchpoints that carry it. At most `limit` are
        told, each with all of its records counted, however many they are.
        """
        held = _CARRIERS if identifier.kind is IdentifierKind.REFERENCE else _HOLDERS
        (key,) = _names([identifier_block(identifier)])
        found = self._held(held, key=key, limit=limit)
        holders, absent, _ = found.rows
        if absent:
            self._hold(found, found.vanished)
        return [_holder(row) for row in holders]

    def touched(self, customers: Collection[str]) -> Mapping[str, int]:
        """The revision at which a record of each customer, or its touchpoints, last came, changed or went.

        While it and `silence_revision` stay as they are, so does all that a profile shows. Silent on
        those that never had a record.
        """
        return dict(self._held(_TOUCHED, keys=[*_names(customers)]).rows)

    def customer_ids(self, ids: Collection[str]) -> Mapping[str, CustomerId]:
        """What is known of ids ever handed out, with their anchors."""
        found = self._held(_CUSTOMER_IDS, keys=[*_names(ids)])
        return {row[0]: _customer(row) for row in found.rows}

    def members(self, customers: Collection[str]) -> Mapping[str, Sequence[Record]]:
        """The live records of each of these customers, in order of key."""
        found = self._held(_MEMBERS, keys=[*_names(customers)])
        return {rows[0][6]: [_record(row) for row in sorted(rows, key=_key)] for rows in found.rows if rows}

    def timeline(
        self, records: Collection[RecordKey], before: tuple[int, TouchpointKey] | None, limit: int
    ) -> Sequence[Touchpoint]:
        """Touchpoints of these records, latest first: the greatest (occurred time, key) stands first.

        Only those that stand after `before` in that order, where it is given: the last one of the
        previous page.
        """
        with translated:
            of = {indexed(pair(*key)): key for key in records}
            place = None if before is None else ordered(pair(*before[1]))
        occurred = _LATEST if before is None else before[0]
        found = self._find(
            _TIMELINE, keys=[*of], occurred=occurred, place=place, limit=limit, at=self._revision
        )
        return [codec.touchpoint_in(TouchpointKey(*row[:2]), of[row[2]], *row[3:]) for row in found.rows]

    def tallies(self, records: Collection[RecordKey]) -> Sequence[Tally]:
        """All touchpoints of these records counted, in order of channel and direction."""
        found = self._find(_TALLIES, keys=_pairs(records), at=self._revision)
        return [Tally(row[0], Direction(row[1]), *row[2:]) for row in sorted(found.rows)]

    def touchpoint(self, key: TouchpointKey) -> Touchpoint | None:
        """One touchpoint, whole."""
        (name,) = _pairs([key])
        for row in self._find(_TOUCHPOINT, key=name, at=self._revision).rows:
            return codec.touchpoint_in(TouchpointKey(*row[:2]), RecordKey(*row[2:4]), *row[4:])
        return None

    def changes(self, after: int, limit: int) -> Sequence[Change]:
        """Changes of customers with a greater revision, in order."""
        return [
            _change(row) for row in self._find(_CHANGES, after=after, limit=limit, at=self._revision).rows
        ]

    def change(self, revision: int) -> Change | None:
        """The change of customers at this revision, if there was one."""
        at = min(revision, self._revision)
        for row in self._find(_CHANGES, after=revision - 1, limit=1, at=at).rows:
            return _change(row)
        return None

    def moves(self, customers: Collection[str], after: int) -> Sequence[tuple[int, Move]]:
        """Moves out of or into these customers at a greater revision, in order, with the revision."""
        found = self._find(_MOVES, keys=[*_names(customers)], after=after, at=self._revision)
        rows = sorted(found.rows, key=itemgetter(0, 1))
        return [(row[0], Move(RecordKey(*row[2:4]), *row[4:])) for row in rows]

    def suggestions(self, after: tuple[int, str] | None, limit: int) -> Sequence[tuple[str, Suggestion]]:
        """Suggestions with their ids, heaviest first, then by id; those after the (weight, id) given."""
        weight, id_ = after or (_HEAVIEST, "")
        found = self._find(_SUGGESTIONS, weight=weight, id=id_, limit=limit)
        self._hold(found, found.suggested)
        return [
            (row[0], Suggestion(RecordKey(*row[1:3]), RecordKey(*row[3:5]), *row[5:])) for row in found.rows
        ]

    def relations(self, digests: Collection[str]) -> Sequence[Relation]:
        """The relations of any of these nodes with any other, each once, in order of their digests."""
        found = self._found(_RELATIONS, _names(digests))
        return sorted({_relation(row) for related in found.rows for row in related if row[1] is not None})

    def bearers(self, digests: Collection[str]) -> Mapping[str, Sequence[str]]:
        """The customers that have a live record of each of these nodes, in order of id; silent on none."""
        rows = self._found(_BEARERS, _names(digests)).rows
        return {digest: sorted(customers) for digest, customers in rows if customers}

    def all_judgements(self, after: int, limit: int) -> Sequence[Judgement]:
        """Judgements, retracted ones included, with a greater revision, in order.

        Those of one revision are never parted, so that paging by revision misses none: the last of
        them may exceed `limit`.
        """
        found = self._find(_ALL_JUDGEMENTS, after=after, limit=limit, at=self._revision)
        return sorted(map(_judgement, found.rows), key=lambda judgement: (judgement.revision, judgement.id))

    def all_records(self, after: RecordKey | None, limit: int) -> Sequence[Record]:
        """Live records in order of key, those after the key given."""
        with translated:
            place = "" if after is None else ordered(pair(*after))
        rest = None if after is None else place[CUT:]
        found = self._held(_ALL_RECORDS, place=place[:CUT], rest=rest, limit=limit)
        return [_record(row) for row in found.rows]

    def all_imports(self, before: tuple[int, str] | None, limit: int) -> Sequence[Import]:
        """Imports, the last created first, then by name backwards; those before the (created, name) given."""
        with translated:
            place = None if before is None else ordered(before[1])
        created = 0 if before is None else before[0]
        found = self._held(_ALL_IMPORTS, created=created, place=place, limit=limit)
        return [codec.import_in(row) for row in found.rows]

    # -- through the session -----------------------------------------------------------------

    def _find(self, text: LiteralString, **values: object) -> Found:
        """What a query found, whether or not it has changed since."""
        if not values.get("keys", True):
            return Found([], 0, 0, 0, 0, 0, 0, self._revision)
        return self._reading.run(text, {"at": self._revision, **values})

    def _held(self, text: LiteralString, **values: object) -> Found:
        """What a query found, where none of it has changed since."""
        found = self._find(text, **values)
        self._hold(found, found.latest or 0)
        return found

    def _found(self, text: LiteralString, names: Mapping[str, str], **values: object) -> Found:
        """What a query found under these names, a row each, where none has changed since or is gone."""
        found = self._held(text, keys=[*names], **values)
        if len(found.rows) < len(names):
            self._hold(found, found.vanished)
        return found

    def _hold(self, found: Found, changed: int) -> None:
        if found.revision > self._revision and changed > self._revision:
            raise Overtaken(["snapshot"])


def _names(texts: Collection[str]) -> dict[str, str]:
    """Texts by the form in which they are looked up."""
    with translated:
        return {indexed(text): text for text in texts}


def _pairs(keys: Collection[tuple[str, str]]) -> list[str]:
    """The forms in which keys are looked up, each once."""
    with translated:
        return [indexed(pair(*key)) for key in set(keys)]


def _key(row: Sequence[Any]) -> tuple[Any, Any]:
    return row[0], row[1]


def _record(row: Sequence[Any]) -> Record:
    source, record_id, version, deleted, digest, evidence, customer, first_revision, node = row
    return Record(
        RecordKey(source, record_id),
        Statement(version, deleted, digest),
        codec.evidence_in(evidence),
        node,
        customer,
        first_revision,
    )


def _node(row: Sequence[Any]) -> Node:
    digest, features, assertions, blocks = row
    return Node(digest, features, codec.assertions_in(assertions), codec.texts_in(blocks))


def _customer(row: Sequence[Any]) -> CustomerId:
    id_, minted, anchor, erased = row
    return CustomerId(id_, minted, None if anchor is None else RecordKey(*anchor), erased)


def _holder(row: Sequence[Any]) -> Holder:
    customer, source, record_id, records, assurance, touched = row
    if customer is None:
        return Holder(None, RecordKey(source, record_id), records, _ASSURANCES[assurance], 0)
    return Holder(customer, None, records, _ASSURANCES[assurance], touched)


def _judgement(row: Sequence[Any]) -> Judgement:
    name, kind, parts, *rest = row
    return Judgement(name, JudgementKind(kind), codec.parts_in(parts), *rest)


def _relation(row: Sequence[Any]) -> Relation:
    one, other, kind, stranger, household, shared = row
    left, right = sorted((one, other))
    return Relation(left, right, RelationKind(kind.lower()), stranger, household, tuple(shared))


def _change(row: Sequence[Any]) -> Change:
    revision, cause, time, judgement, before, after, evidence, moves = row
    return Change(
        cause=Cause(cause),
        time=time,
        before=tuple(before),
        after=tuple(after),
        moves=tuple(Move(RecordKey(*move[1:3]), *move[3:]) for move in sorted(moves, key=itemgetter(0))),
        judgement=judgement,
        evidence=evidence,
        revision=revision,
    )
