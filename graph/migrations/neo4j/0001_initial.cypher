// One statement a paragraph, schema and data never in one transaction; every statement may run twice.
//
// What is looked up by a text has it in a form that fits into an index and sorts by code point (see
// `graph.neo4j.keys`); where that is not the text itself, `raw` holds the text and `rest` what was cut off.

CREATE CONSTRAINT head_one IF NOT EXISTS FOR (n:Head) REQUIRE n.one IS UNIQUE;

CREATE CONSTRAINT writer_id IF NOT EXISTS FOR (n:Writer) REQUIRE n.id IS UNIQUE;

CREATE CONSTRAINT setting_key IF NOT EXISTS FOR (n:Setting) REQUIRE n.key IS UNIQUE;

CREATE CONSTRAINT record_key IF NOT EXISTS FOR (n:Record) REQUIRE n.key IS UNIQUE;

// Records in the order of their keys.
CREATE INDEX record_place IF NOT EXISTS FOR (n:Record) ON (n.place);

CREATE CONSTRAINT touchpoint_key IF NOT EXISTS FOR (n:Touchpoint) REQUIRE n.key IS UNIQUE;

// One record's touchpoints, the latest first, without those before them.
CREATE INDEX touchpoint_of IF NOT EXISTS FOR (n:Touchpoint) ON (n.of, n.occurred);

CREATE CONSTRAINT customer_id IF NOT EXISTS FOR (n:Customer) REQUIRE n.id IS UNIQUE;

CREATE CONSTRAINT evidence_digest IF NOT EXISTS FOR (n:Evidence) REQUIRE n.digest IS UNIQUE;

CREATE CONSTRAINT block_key IF NOT EXISTS FOR (n:Block) REQUIRE n.key IS UNIQUE;

// Who describes the party behind an identifier so: whether anybody does already is one look.
CREATE INDEX in_block_said IF NOT EXISTS FOR ()-[r:IN_BLOCK]-() ON (r.said);

CREATE CONSTRAINT component_id IF NOT EXISTS FOR (n:Component) REQUIRE n.id IS UNIQUE;

CREATE CONSTRAINT waiting_digest IF NOT EXISTS FOR (n:Waiting) REQUIRE n.digest IS UNIQUE;

CREATE INDEX waiting_since IF NOT EXISTS FOR (n:Waiting) ON (n.since);

CREATE CONSTRAINT judgement_id IF NOT EXISTS FOR (n:Judgement) REQUIRE n.id IS UNIQUE;

CREATE INDEX judgement_revision IF NOT EXISTS FOR (n:Judgement) ON (n.revision);

CREATE CONSTRAINT change_revision IF NOT EXISTS FOR (n:Change) REQUIRE n.revision IS UNIQUE;

CREATE CONSTRAINT import_key IF NOT EXISTS FOR (n:Import) REQUIRE n.key IS UNIQUE;

CREATE CONSTRAINT possible_match_id IF NOT EXISTS FOR ()-[r:POSSIBLE_MATCH]-() REQUIRE r.id IS UNIQUE;

CREATE INDEX possible_match_component IF NOT EXISTS FOR ()-[r:POSSIBLE_MATCH]-() ON (r.component);

CREATE INDEX possible_match_weight IF NOT EXISTS FOR ()-[r:POSSIBLE_MATCH]-() ON (r.weight);

CREATE INDEX matches_component IF NOT EXISTS FOR ()-[r:MATCHES]-() ON (r.component);

CALL db.awaitIndexes(300);

// The head is written in every commit. `silence`, `adopted`, `vanished`, `dequeued` and `suggested` are the
// revisions at which a blocking key last fell silent or spoke again, settings were last adopted, something
// last ceased to be, a node last left the queue, a suggestion last came or went.
MERGE (h:Head {one: 1})
ON CREATE SET h.revision = 0, h.silence = 0, h.adopted = 0, h.vanished = 0, h.dequeued = 0, h.suggested = 0;
