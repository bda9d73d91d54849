"""What is asked of the server while change sets are written: each query takes rows, however many.

Nothing is ever put into a text: values are parameters. Of two revisions that touch a thing the later one
stays on it, in whatever order the rows come.
"""

from __future__ import annotations

from typing import Final, LiteralString


def _later(version: LiteralString) -> LiteralString:
    """Sets a version to a row's revision, unless a later change set has been there before."""
    return f"{version} = CASE WHEN {version} > row.revision THEN {version} ELSE row.revision END"


# The lock is had before anything else is read, which the aggregation sees to.
BEGIN: Final[LiteralString] = """
MERGE (w:Writer {id: $writer})
WITH w
MATCH (l:Head {one: 1}) SET l.locked = $writer
WITH w, count(l) AS locked
MATCH (h:Head {one: 1})
WITH w, h, h.revision AS revision, coalesce(w.call = $call, false) AS done, w.revision AS reached,
    h.adopted AS adopted, h.silence AS silence
WITH *, revision <> $read AND NOT done AS moved
CALL (moved) {
    WITH moved WHERE moved
    UNWIND $blocks AS read
    OPTIONAL MATCH (b:Block {key: read[0]}) WHERE b.size > 0
    WITH read, coalesce(b.version, 0) AS version WHERE version <> read[1]
    RETURN collect(read[2]) AS blocks
}
CALL (moved) {
    WITH moved WHERE moved
    UNWIND $components AS read
    OPTIONAL MATCH (c:Component {id: read[0]})
    WITH read, coalesce(c.version, 0) AS version WHERE version <> read[1]
    RETURN collect(read[2]) AS components
}
CALL (moved) {
    WITH moved WHERE moved
    UNWIND $records AS read
    MATCH (r:Record {key: read[0]}) WHERE r.changed > read[1]
    RETURN collect(read[2]) AS records
}
CALL (moved) {
    WITH moved WHERE moved
    UNWIND $imports AS read
    OPTIONAL MATCH (i:Import {key: read[0]})
    WITH read, coalesce(i.revision, 0) AS version WHERE version <> read[1]
    RETURN collect(read[2]) AS imports
}
CALL (moved) {
    WITH moved WHERE moved
    UNWIND $nodes AS node
    MATCH (e:Evidence {digest: node[0]})
    RETURN collect(node[1]) AS nodes
}
CALL () {
    UNWIND $touchpoints AS key
    MATCH (t:Touchpoint {key: key})
    RETURN collect(key) AS told
}
SET h.revision = CASE WHEN done THEN revision ELSE revision + $count END,
    h.silence = CASE WHEN done OR $silence = 0 THEN silence ELSE revision + $silence END,
    h.adopted = CASE WHEN done OR $adopted = 0 THEN adopted ELSE revision + $adopted END,
    w.call = $call, w.revision = CASE WHEN done THEN reached ELSE revision + $count END
RETURN revision, done, reached, adopted, silence, blocks, components, records, imports, nodes, told"""

NAMES: Final[LiteralString] = """
UNWIND $rows AS row
MERGE (r:Record {key: row.key})
ON CREATE SET r += row.properties
WITH r WHERE r.digest IS NOT NULL
RETURN collect(r.key)"""

BLOCKS: Final[LiteralString] = """
UNWIND $rows AS row
MERGE (b:Block {key: row.key})
ON CREATE SET b.version = 0, b.size = 0, b.asserting = 0, b.descriptions = 0, b.verified = 0
SET b.size = b.size + row.members, b.asserting = b.asserting + row.asserting,
    b.version = CASE WHEN row.members > 0 THEN row.revision ELSE b.version END
FOREACH (identifier IN CASE WHEN row.identifier IS NULL THEN [] ELSE [row.identifier] END |
    SET b:Identifier, b += identifier)"""

EVIDENCE: Final[LiteralString] = """
UNWIND $rows AS row
CREATE (e:Evidence)
SET e = row.properties
WITH e, row
UNWIND row.places AS place
MATCH (b:Block {key: place.key})
CREATE (e)-[:IN_BLOCK {said: place.said, description: place.description}]->(b)"""

# How many describe the party behind an identifier, and how many of them verified, before or after.
SPOKEN: Final[LiteralString] = """
UNWIND $rows AS row
UNWIND row.said AS said
WITH row.key AS key,
    EXISTS { MATCH ()-[x:IN_BLOCK]->() WHERE x.said = said } AS stated,
    EXISTS { MATCH ()-[x:IN_BLOCK]->() WHERE x.said = said + '!' } AS verified
WITH key, sum(CASE WHEN stated OR verified THEN $sign ELSE 0 END) AS descriptions,
    sum(CASE WHEN verified THEN $sign ELSE 0 END) AS verified
MATCH (b:Block {key: key})
SET b.descriptions = b.descriptions + descriptions, b.verified = b.verified + verified"""

TOUCH_COMPONENTS: Final[LiteralString] = f"""
UNWIND $rows AS row
MATCH (:Record {{key: row.key}})-[:SAYS]->(:Evidence)-[:IN_COMPONENT]->(c:Component)
SET {_later("c.version")}"""

LEAVE_EVIDENCE: Final[LiteralString] = f"""
UNWIND $rows AS row
MATCH (r:Record {{key: row.key}})-[said:SAYS]->(e:Evidence)
WHERE row.node IS NULL OR e.digest <> row.node OR NOT row.holds
SET {_later("e.changed")}
DELETE said
WITH row, r
MATCH (r)-[a:ASSERTS]->(b:Block)
SET {_later("b.changed")}
DELETE a"""

STATE: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (r:Record {key: row.key})
SET r += row.properties, r.first_revision = coalesce(r.first_revision, row.first)"""

SAY: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (r:Record {key: row.key})
MATCH (e:Evidence {digest: row.node})
CALL (row, r, e) {
    WITH * WHERE NOT EXISTS { (r)-[:SAYS]->(e) }
    CREATE (r)-[:SAYS]->(e)
    WITH row, r, e WHERE row.holds
    UNWIND range(0, size(e.asserted) - 1) AS i
    MATCH (b:Block {key: e.asserted[i]})
    CREATE (r)-[:ASSERTS {assurance: e.assurances[i]}]->(b)
}
RETURN count(*)"""

RAISE: Final[LiteralString] = f"""
UNWIND $rows AS row
MATCH (r:Record {{key: row.key}}) WHERE r.digest IS NOT NULL
SET r.version = row.version, {_later("r.changed")}
WITH row, r
OPTIONAL MATCH (r)<-[:HAS_RECORD]-(c:Customer)
SET {_later("c.touched")}
RETURN count(r)"""

LEAVE_CUSTOMER: Final[LiteralString] = f"""
UNWIND $rows AS row
MATCH (r:Record {{key: row.key}})<-[x:HAS_RECORD]-(c:Customer)
SET {_later("c.touched")}
WITH row, x, c WHERE row.customer IS NULL OR c.id <> row.customer
DELETE x"""

JOIN_CUSTOMER: Final[LiteralString] = f"""
UNWIND $rows AS row
MATCH (r:Record {{key: row.key}})
MERGE (c:Customer {{id: row.customer}})
ON CREATE SET c.raw = row.raw, c.rest = row.rest
SET {_later("c.touched")}
MERGE (c)-[:HAS_RECORD]->(r)"""

CHANGED: Final[LiteralString] = f"""
UNWIND $rows AS row
MATCH (r:Record {{key: row.key}})
SET {_later("r.changed")}
RETURN count(r.digest)"""

CLEAR_COMPONENTS: Final[LiteralString] = f"""
UNWIND $rows AS row
MATCH (c:Component {{id: row.name}})
SET {_later("c.version")}
WITH row, c
MATCH (c)<-[x:IN_COMPONENT]-(e:Evidence) WHERE NOT e.digest IN row.digests
SET {_later("e.changed")}
DELETE x"""

PLACE: Final[LiteralString] = f"""
UNWIND $rows AS row
MERGE (c:Component {{id: row.name}})
ON CREATE SET c.version = row.revision, c.raw = row.raw
WITH row, c
UNWIND row.digests AS digest
MATCH (e:Evidence {{digest: digest}})
OPTIONAL MATCH (e)-[x:IN_COMPONENT]->(o:Component) WHERE o <> c
SET {_later("o.version")}
DELETE x
WITH row, c, e, o
CALL (row, c, e) {{
    WITH * WHERE NOT EXISTS {{ (e)-[:IN_COMPONENT]->(c) }}
    CREATE (e)-[:IN_COMPONENT]->(c)
    SET {_later("e.changed")}
}}
RETURN count(e), collect(DISTINCT o.id)"""

REMOVED: Final[LiteralString] = """
UNWIND $rows AS digest
MATCH (e:Evidence {digest: digest})
RETURN coalesce(e.raw, e.digest), e.features, e.assertions, e.blocks, EXISTS { (e)<-[:SAYS]-(:Record) },
    [(e)-[:IN_COMPONENT]->(c:Component) | c.id][0]"""

REMOVE: Final[LiteralString] = """
UNWIND $rows AS digest
MATCH (e:Evidence {digest: digest})
OPTIONAL MATCH (e)-[:IN_COMPONENT]->(c:Component)
SET c.version = $revision
WITH DISTINCT e
OPTIONAL MATCH (e)-[:SAME_HOUSEHOLD|SAME_ORGANISATION]-(o:Evidence)
SET o.changed = $revision
WITH DISTINCT e
DETACH DELETE e"""

SHRINK: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (b:Block {key: row.key})
SET b.size = b.size - row.members, b.asserting = b.asserting - row.asserting,
    b.version = CASE WHEN row.members > 0 THEN row.revision ELSE b.version END"""

DROP_BLOCKS: Final[LiteralString] = """
UNWIND $keys AS key
MATCH (b:Block {key: key})
WHERE b.size = 0 AND b.asserting = 0 AND b.silent IS NULL AND NOT EXISTS { (b)--() }
DELETE b"""

DROP_COMPONENTS: Final[LiteralString] = """
UNWIND $keys AS key
MATCH (c:Component {id: key}) WHERE NOT EXISTS { (c)<-[:IN_COMPONENT]-() }
DELETE c
WITH DISTINCT key
RETURN collect(key)"""

UNSUGGEST: Final[LiteralString] = """
UNWIND $keys AS key
MATCH (:Record)-[s:POSSIBLE_MATCH]->(:Record) WHERE s.component = key
DELETE s
RETURN count(s)"""

SUGGEST: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (:Component {id: row.component})
MATCH (l:Record {key: row.left})
MATCH (r:Record {key: row.right})
CREATE (l)-[s:POSSIBLE_MATCH]->(r)
SET s = row.properties
RETURN count(s)"""

UNMATCH: Final[LiteralString] = """
UNWIND $keys AS key
MATCH (:Record)-[m:MATCHES]->(:Record) WHERE m.component = key
DELETE m"""

MATCH: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (l:Record {key: row.left})
MATCH (r:Record {key: row.right})
CREATE (l)-[m:MATCHES]->(r)
SET m = row.properties"""

UNRELATE: Final[LiteralString] = """
UNWIND $rows AS digest
MATCH (e:Evidence {digest: digest})
OPTIONAL MATCH (e)-[x:SAME_HOUSEHOLD|SAME_ORGANISATION]-(o:Evidence)
SET e.changed = $revision, o.changed = $revision
DELETE x
RETURN count(DISTINCT e)"""

RELATE: Final[LiteralString] = f"""
UNWIND $rows AS row
MATCH (l:Evidence {{digest: row.left}})
MATCH (r:Evidence {{digest: row.right}})
SET {_later("l.changed")}, {_later("r.changed")}
WITH row, l, r
OPTIONAL MATCH (l)-[x:SAME_HOUSEHOLD|SAME_ORGANISATION]-(r)
DELETE x
WITH DISTINCT row, l, r
FOREACH (_ IN CASE WHEN row.kind = 'SAME_HOUSEHOLD' THEN [1] ELSE [] END |
    CREATE (l)-[y:SAME_HOUSEHOLD]->(r) SET y = row.properties)
FOREACH (_ IN CASE WHEN row.kind = 'SAME_ORGANISATION' THEN [1] ELSE [] END |
    CREATE (l)-[y:SAME_ORGANISATION]->(r) SET y = row.properties)
RETURN count(*)"""

IDS: Final[LiteralString] = """
UNWIND $rows AS row
MERGE (c:Customer {id: row.id})
ON CREATE SET c.raw = row.raw, c.rest = row.rest
SET c.minted = row.minted, c.erased = row.erased, c.revised = row.revision
WITH row, c
CALL (row, c) {
    MATCH (c)-[x:ANCHORED_IN]->(r:Record) WHERE row.anchor IS NULL OR r.key <> row.anchor
    SET r.unanchored = row.revision
    DELETE x
}
CALL (row, c) {
    WITH * WHERE row.anchor IS NOT NULL
    MATCH (r:Record {key: row.anchor})
    MERGE (c)-[:ANCHORED_IN]->(r)
}"""

JUDGEMENTS_THERE: Final[LiteralString] = """
UNWIND $keys AS key
MATCH (j:Judgement {id: key})
RETURN collect(key)"""

JUDGE: Final[LiteralString] = """
UNWIND $rows AS row
CREATE (j:Judgement {id: row.id, retracted: row.retracted})
SET j += row.properties
WITH row, j
UNWIND row.names AS named
MATCH (r:Record {key: named.record})
CREATE (j)-[:NAMES {part: named.part}]->(r)"""

RETRACT: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (j:Judgement {id: row.id})
SET j.retracted = row.retracted"""

TOUCHPOINTS: Final[LiteralString] = """
UNWIND $rows AS row
MERGE (r:Record {key: row.record})
ON CREATE SET r += $named[row.record]
CREATE (t:Touchpoint)-[:FROM]->(r)
SET t = row.properties
WITH r, max(row.revision) AS revision
MATCH (r)<-[:HAS_RECORD]-(c:Customer)
SET c.touched = CASE WHEN c.touched > revision THEN c.touched ELSE revision END"""

REFER: Final[LiteralString] = """
UNWIND $rows AS row
MERGE (b:Block {key: row.key})
ON CREATE SET b.version = 0, b.size = 0, b.asserting = 0, b.descriptions = 0, b.verified = 0
SET b:Identifier, b += row.identifier
WITH row, b
MATCH (t:Touchpoint {key: row.touchpoint})
CREATE (t)-[:REFERS_TO]->(b)"""

VOICE: Final[LiteralString] = """
UNWIND $keys AS key
MATCH (b:Block {key: key})
SET b.version = $revision
REMOVE b.silent, b.raw"""

SILENCE: Final[LiteralString] = """
UNWIND $rows AS row
MERGE (b:Block {key: row.name})
ON CREATE SET b.size = 0, b.asserting = 0, b.descriptions = 0, b.verified = 0
SET b.version = row.revision, b.silent = true, b.raw = row.raw"""

SETTLE: Final[LiteralString] = """
UNWIND $keys AS key
MATCH (w:Waiting {digest: key})
DELETE w
RETURN count(w)"""

REOPEN: Final[LiteralString] = """
UNWIND $rows AS row
MERGE (w:Waiting {digest: row.name})
ON CREATE SET w.since = $revision, w.raw = row.raw"""

ADOPT: Final[LiteralString] = """
UNWIND $rows AS row
MERGE (s:Setting {key: row.key})
SET s.name = row.name, s.value = row.value"""

REOPEN_ALL: Final[LiteralString] = """
MATCH (e:Evidence)
MERGE (w:Waiting {digest: e.digest})
ON CREATE SET w.since = $revision, w.raw = e.raw"""

IMPORT: Final[LiteralString] = """
UNWIND $rows AS row
MERGE (i:Import {key: row.key})
SET i += row.properties"""

CHANGE: Final[LiteralString] = """
UNWIND $rows AS row
CREATE (x:Change)
SET x = row.properties
WITH x, row
UNWIND row.moves AS move
MATCH (r:Record {key: move.record})
CREATE (x)-[m:MOVED]->(r)
SET m = move.properties"""

LEFT: Final[LiteralString] = """
UNWIND $rows AS row
MATCH (x:Change {revision: row.properties.revision})
CALL (row, x) {
    UNWIND row.left AS customer
    MERGE (c:Customer {id: customer.name})
    ON CREATE SET c.raw = customer.raw, c.rest = customer.rest
    CREATE (x)-[:LEFT]->(c)
}
CALL (row, x) {
    UNWIND row.joined AS customer
    MERGE (c:Customer {id: customer.name})
    ON CREATE SET c.raw = customer.raw, c.rest = customer.rest
    CREATE (x)-[:JOINED]->(c)
}"""

HEAD: Final[LiteralString] = """
MATCH (h:Head {one: 1})
SET h += $properties"""

PUT_SETTINGS: Final[LiteralString] = """
MATCH (l:Head {one: 1}) SET l.locked = 'settings'
WITH count(l) AS locked
UNWIND $rows AS row
MERGE (s:Setting {key: row.key})
ON CREATE SET s.name = row.name, s.value = row.value
WITH s, row WHERE s.value <> row.value
RETURN collect(row.name)"""
