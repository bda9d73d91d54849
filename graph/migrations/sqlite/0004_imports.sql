-- Files that are, or were, imported, each under its name. `rows` is how many of the file's rows are in,
-- rejected ones too: it is written with what they came to, so an import goes on exactly there. `total`,
-- `size` and `rejects_size` are rows and bytes; `revision` is the one at which the import last changed.
CREATE TABLE import (
    name         TEXT NOT NULL PRIMARY KEY,
    created      INTEGER NOT NULL,
    updated      INTEGER NOT NULL,
    revision     INTEGER NOT NULL,
    state        TEXT NOT NULL,
    file         TEXT NOT NULL,
    digest       TEXT NOT NULL,
    size         INTEGER NOT NULL,
    reading      TEXT NOT NULL,
    total        INTEGER NOT NULL,
    rows         INTEGER NOT NULL,
    recorded     INTEGER NOT NULL,
    duplicates   INTEGER NOT NULL,
    superseded   INTEGER NOT NULL,
    rejected     INTEGER NOT NULL,
    rejects      TEXT NOT NULL,
    rejects_size INTEGER NOT NULL,
    problem      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX import_created ON import (created, name);
