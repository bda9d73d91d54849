-- Texts that repeat (record keys, blocking keys, components) are interned as integers, which also
-- makes the pairs that hang on new ones land side by side in the file. All text is compared byte
-- for byte. The writer checks what hangs together; there are no foreign keys to pay for twice.

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE head (
    one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    revision INTEGER NOT NULL,
    silence  INTEGER NOT NULL,
    blocks   INTEGER NOT NULL
) STRICT;
-- `silence` is the revision at which a blocking key last fell silent or spoke again, `blocks` the
-- greatest number that a block has had.
INSERT INTO head VALUES (1, 0, 0, 0);

-- Every record key ever named. `digest` is null until the key has a statement: a touchpoint, a
-- judgement or an anchor may name it before. `changed` is the revision at which its statement or
-- its judgements last changed.
CREATE TABLE record (
    id             INTEGER NOT NULL PRIMARY KEY,
    source         TEXT NOT NULL,
    record_id      TEXT NOT NULL,
    changed        INTEGER NOT NULL DEFAULT 0,
    first_revision INTEGER NOT NULL DEFAULT 0,
    deleted        INTEGER NOT NULL DEFAULT 0,
    version        INTEGER,
    node           INTEGER,
    customer       TEXT,
    digest         TEXT,
    evidence       TEXT,
    UNIQUE (source, record_id)
) STRICT;
CREATE INDEX record_node ON record (node) WHERE node IS NOT NULL;
CREATE INDEX record_customer ON record (customer) WHERE customer IS NOT NULL;

CREATE TABLE component (
    id      INTEGER NOT NULL PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL
) STRICT;

-- What every step asks of a node is kept apart from the bulk of it. `asserted` lists the blocks of
-- the identifiers that it asserts, each with how sure it is.
CREATE TABLE node (
    id        INTEGER NOT NULL PRIMARY KEY,
    component INTEGER,
    digest    TEXT NOT NULL UNIQUE,
    asserted  TEXT NOT NULL
) STRICT;
CREATE INDEX node_component ON node (component) WHERE component IS NOT NULL;

CREATE TABLE node_body (
    node       INTEGER NOT NULL PRIMARY KEY,
    features   BLOB NOT NULL,
    assertions TEXT NOT NULL,
    blocks     TEXT NOT NULL
) STRICT;

-- `size`, `descriptions` and `verified` count what `member` and `spoken` list, `asserting` the nodes
-- that assert the identifier whose key this is, members or not.
CREATE TABLE block (
    key          TEXT NOT NULL PRIMARY KEY,
    id           INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    size         INTEGER NOT NULL,
    asserting    INTEGER NOT NULL,
    descriptions INTEGER NOT NULL DEFAULT 0,
    verified     INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE member (
    block INTEGER NOT NULL,
    node  INTEGER NOT NULL,
    PRIMARY KEY (block, node)
) STRICT, WITHOUT ROWID;

-- The live records that assert an identifier, by customer. A visitor's have an empty blob for it,
-- which is no text and stands after all texts.
CREATE TABLE holder (
    block     INTEGER NOT NULL,
    customer  ANY NOT NULL,
    record    INTEGER NOT NULL,
    assurance INTEGER NOT NULL,
    PRIMARY KEY (block, customer, record)
) STRICT, WITHOUT ROWID;

-- How many member nodes describe the person behind an identifier so, and how many of them verified.
CREATE TABLE spoken (
    block       INTEGER NOT NULL,
    description TEXT NOT NULL,
    nodes       INTEGER NOT NULL,
    verified    INTEGER NOT NULL,
    PRIMARY KEY (block, description)
) STRICT, WITHOUT ROWID;

CREATE TABLE silent (
    key TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Nodes to be looked at again, since the revision at which that was asked.
CREATE TABLE waiting (
    digest   TEXT NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX waiting_revision ON waiting (revision);

CREATE TABLE touchpoint (
    id            INTEGER NOT NULL PRIMARY KEY,
    record        INTEGER NOT NULL,
    occurred      INTEGER NOT NULL,
    source        TEXT NOT NULL,
    touchpoint_id TEXT NOT NULL,
    digest        TEXT NOT NULL,
    channel       TEXT NOT NULL,
    direction     TEXT NOT NULL,
    body          TEXT NOT NULL,
    UNIQUE (source, touchpoint_id)
) STRICT;
-- Channel and direction are in it so that counting them reads nothing else.
CREATE INDEX touchpoint_record ON touchpoint (record, occurred, channel, direction);

-- References (orders, cases) that touchpoints carry, under the identifier's own key.
CREATE TABLE reference (
    key        TEXT NOT NULL,
    touchpoint INTEGER NOT NULL,
    PRIMARY KEY (key, touchpoint)
) STRICT, WITHOUT ROWID;

-- `minted` is null where records name the customer and its id was not told. `touched` is the revision
-- at which one of its records or their touchpoints last came, changed or went.
CREATE TABLE customer (
    id      TEXT NOT NULL PRIMARY KEY,
    minted  INTEGER,
    anchor  INTEGER,
    erased  INTEGER NOT NULL DEFAULT 0,
    touched INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_anchor ON customer (anchor) WHERE anchor IS NOT NULL;

CREATE TABLE judgement (
    id         INTEGER NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    revision   INTEGER NOT NULL,
    retracted  INTEGER,
    reverts    INTEGER,
    time       INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    author     TEXT NOT NULL,
    reason     TEXT NOT NULL,
    parts      TEXT NOT NULL
) STRICT;
CREATE INDEX judgement_revision ON judgement (revision);

CREATE TABLE judged (
    record    INTEGER NOT NULL,
    judgement INTEGER NOT NULL,
    PRIMARY KEY (record, judgement)
) STRICT, WITHOUT ROWID;

CREATE TABLE change (
    revision  INTEGER NOT NULL PRIMARY KEY,
    time      INTEGER NOT NULL,
    cause     TEXT NOT NULL,
    judgement TEXT NOT NULL,
    before    TEXT NOT NULL,
    after     TEXT NOT NULL,
    evidence  BLOB NOT NULL
) STRICT;

CREATE TABLE move (
    revision INTEGER NOT NULL,
    place    INTEGER NOT NULL,
    record   INTEGER NOT NULL,
    before   TEXT,
    after    TEXT,
    PRIMARY KEY (revision, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX move_before ON move (before) WHERE before IS NOT NULL;
CREATE INDEX move_after ON move (after) WHERE after IS NOT NULL;

CREATE TABLE suggestion (
    id           TEXT NOT NULL PRIMARY KEY,
    component    INTEGER NOT NULL,
    weight       INTEGER NOT NULL,
    left_record  INTEGER NOT NULL,
    right_record INTEGER NOT NULL,
    reason       TEXT NOT NULL,
    evidence     BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX suggestion_component ON suggestion (component);
CREATE INDEX suggestion_weight ON suggestion (weight DESC, id);
