-- central.db: everything the reference central system knows. Times are ISO 8601 in UTC.

CREATE TABLE tokens (
    hash BLOB PRIMARY KEY,            -- SHA-256; the token itself lies in the data folder's tokens/
    role TEXT NOT NULL CHECK (role IN ('site', 'trader', 'admin')),
    site TEXT REFERENCES sites (site) CHECK ((role = 'site') = (site IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE sites (
    site TEXT PRIMARY KEY,
    public_key BLOB NOT NULL CHECK (length(public_key) = 32)
) STRICT, WITHOUT ROWID;

CREATE TABLE importers (
    importer TEXT PRIMARY KEY,
    risk_group TEXT NOT NULL CHECK (risk_group IN ('LOW', 'MEDIUM', 'HIGH')),
    reason TEXT NOT NULL,             -- decisions are reasoned (6.9)
    decided_at TEXT NOT NULL,
    review_due TEXT                   -- MEDIUM and HIGH: every six months (6.2)
) STRICT, WITHOUT ROWID;
CREATE INDEX importers_by_group ON importers (risk_group);

CREATE TABLE risk_decisions (         -- append-only: what an appeal (6.10) needs
    id INTEGER PRIMARY KEY,
    importer TEXT NOT NULL REFERENCES importers (importer),
    previous TEXT,
    risk_group TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_at TEXT NOT NULL
) STRICT;

CREATE TABLE declarations (           -- the latest version of each
    number TEXT PRIMARY KEY CHECK (length(number) = 13),
    version INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'withdrawn')),
    importer TEXT NOT NULL REFERENCES importers (importer),
    site TEXT NOT NULL REFERENCES sites (site),
    registered_at TEXT NOT NULL,
    filing TEXT NOT NULL              -- the form as filed, JSON
) STRICT, WITHOUT ROWID;
CREATE INDEX declarations_by_site ON declarations (site, status);

CREATE TABLE declaration_versions (   -- append-only: every version as filed
    number TEXT NOT NULL REFERENCES declarations (number),
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    registered_at TEXT NOT NULL,
    filing TEXT NOT NULL,
    remarks TEXT NOT NULL,            -- JSON: why it does not conform (3.5); [] when it does
    PRIMARY KEY (number, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE selections (             -- append-only: how each corridor came about (6.6, 6.7, 7)
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    number TEXT NOT NULL,
    version INTEGER NOT NULL,
    importer TEXT NOT NULL,
    risk_group TEXT NOT NULL,
    cap_percent INTEGER NOT NULL,
    period_start TEXT NOT NULL,
    importers INTEGER NOT NULL,       -- of the group, in all
    checked_before INTEGER NOT NULL,  -- of them, selected for a check in the period
    checked_after INTEGER NOT NULL,
    draw REAL,                        -- NULL where there was nothing to draw: HIGH, or an earlier draw kept
    kept_from INTEGER,                -- the version whose draw this one keeps: it is counted there
    selected INTEGER NOT NULL CHECK (selected IN (0, 1)),
    why TEXT NOT NULL,
    corridor TEXT NOT NULL CHECK (corridor IN ('GREEN', 'BLUE', 'YELLOW', 'RED')),
    rule TEXT NOT NULL,
    UNIQUE (number, version)
) STRICT;
CREATE INDEX selections_by_group ON selections (risk_group, selected, at);

CREATE TABLE feed (                   -- append-only, in the order of registration and nothing else
    cursor INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL REFERENCES sites (site),
    number TEXT NOT NULL,
    version INTEGER NOT NULL,
    declaration TEXT NOT NULL         -- JSON as it travels, verdict sealed
) STRICT;
CREATE INDEX feed_by_site ON feed (site, cursor);

CREATE TABLE event_streams (
    site TEXT NOT NULL REFERENCES sites (site),
    epoch TEXT NOT NULL,
    high_water INTEGER NOT NULL,      -- everything up to here is kept, or is in event_gaps
    PRIMARY KEY (site, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL,
    epoch TEXT NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    body TEXT NOT NULL,
    digest BLOB NOT NULL,             -- SHA-256 of kind, at and body: a second telling must be the same
    received_at TEXT NOT NULL,
    UNIQUE (site, epoch, seq)
) STRICT;

CREATE TABLE event_gaps (             -- what the edge no longer had when we had lost it
    site TEXT NOT NULL,
    epoch TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    noticed_at TEXT NOT NULL,
    PRIMARY KEY (site, epoch, first)
) STRICT, WITHOUT ROWID;
