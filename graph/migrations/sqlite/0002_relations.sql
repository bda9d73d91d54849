-- Nodes of people who live or work together: each pair once, the node of the lesser id first. `shared`
-- lists the attributes that agree.
CREATE TABLE relation (
    one       INTEGER NOT NULL,
    other     INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    stranger  INTEGER NOT NULL,
    household INTEGER NOT NULL,
    shared    TEXT NOT NULL,
    PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX relation_other ON relation (other);

-- What a store holds already is looked at again, so that its relations are found too.
INSERT OR IGNORE INTO waiting SELECT digest, (SELECT revision FROM head) FROM node;
