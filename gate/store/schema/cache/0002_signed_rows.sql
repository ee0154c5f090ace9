-- Every row is signed by central, verdict or not, and carries the other numbers it may be found by.
-- Rows from before are no use: what they lack only central can sign. They are dropped, and with them the
-- cursor, so that every vehicle is held (the cache is behind the journal) until the feed has refilled it.

DROP TABLE declaration_marks;
DROP TABLE declarations;
DELETE FROM meta;

-- With a rowid, though it is found by number: rows of this size in an index tree would leave it so few
-- branches that a look-up among a million reads twice as many pages.
CREATE TABLE declarations (
    id INTEGER PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    site TEXT NOT NULL,
    direction TEXT NOT NULL,
    mode TEXT NOT NULL,
    category TEXT NOT NULL,
    status TEXT NOT NULL,
    marks TEXT NOT NULL,                -- one space between two
    registered_at INTEGER NOT NULL,     -- microseconds since 1970, as are all moments here
    preliminary TEXT,
    cargo TEXT,
    verdict_version INTEGER,
    valid_from INTEGER,
    valid_until INTEGER,
    signature BLOB NOT NULL,
    ciphertext BLOB
) STRICT;
CREATE INDEX declarations_preliminary ON declarations (preliminary) WHERE preliminary IS NOT NULL;
CREATE INDEX declarations_cargo ON declarations (cargo) WHERE cargo IS NOT NULL;

CREATE TABLE declaration_marks (
    mark TEXT NOT NULL,
    number TEXT NOT NULL,
    PRIMARY KEY (mark, number)
) STRICT, WITHOUT ROWID;

-- For people with a database browser.
CREATE VIEW readable AS SELECT
    number, version, site, direction, mode, category, status, marks, preliminary, cargo,
    strftime('%Y-%m-%dT%H:%M:%fZ', registered_at / 1e6, 'unixepoch') AS registered_at,
    strftime('%Y-%m-%dT%H:%M:%fZ', valid_until / 1e6, 'unixepoch') AS valid_until,
    verdict_version IS NOT NULL AS has_verdict
FROM declarations;
