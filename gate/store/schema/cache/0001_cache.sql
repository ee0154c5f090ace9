-- cache.db: declarations and sealed verdicts as published by central. Rebuildable from the feed.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE declarations (
    number TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    site TEXT NOT NULL,
    direction TEXT NOT NULL,
    mode TEXT NOT NULL,
    category TEXT NOT NULL,
    status TEXT NOT NULL,
    marks TEXT NOT NULL,
    registered_at TEXT NOT NULL,
    verdict_version INTEGER,
    valid_from TEXT,
    valid_until TEXT,
    ciphertext BLOB,
    signature BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE declaration_marks (
    mark TEXT NOT NULL,
    number TEXT NOT NULL,
    PRIMARY KEY (mark, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX declaration_marks_number ON declaration_marks (number);
