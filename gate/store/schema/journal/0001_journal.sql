-- journal.db: what must never be lost. One transaction per step of a point.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Append-only and chained: hash = SHA-256(prev || canonical entry).
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    boot TEXT NOT NULL,
    mono REAL NOT NULL,
    point TEXT NOT NULL,
    kind TEXT NOT NULL,
    visit TEXT,
    body TEXT NOT NULL,
    prev BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE INDEX journal_visit ON journal (visit) WHERE visit IS NOT NULL;

CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE snapshots (
    point TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;

CREATE TABLE visits (
    visit_id TEXT PRIMARY KEY,
    point TEXT NOT NULL,
    status TEXT NOT NULL,
    mark TEXT,
    numbers TEXT NOT NULL DEFAULT '[]',
    corridor TEXT,
    lane TEXT,
    findings TEXT NOT NULL DEFAULT '[]',
    first_presence TEXT NOT NULL,
    opened INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX visits_mark ON visits (mark) WHERE mark IS NOT NULL;
CREATE INDEX visits_open ON visits (first_presence)
    WHERE status IN ('arrived', 'held', 'directed', 'released');

-- A declaration's verdict opens in one visit only (law 4; Rules 8.0).
CREATE TABLE openings (
    number TEXT PRIMARY KEY,
    visit_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    corridor TEXT NOT NULL,
    opened_at TEXT NOT NULL
) STRICT;
CREATE INDEX openings_visit ON openings (visit_id);

-- YELLOW and RED carry an officer's name (law 5; Rules 5.6, 5.8).
CREATE TABLE releases (
    release_id TEXT PRIMARY KEY,
    visit_id TEXT NOT NULL,
    point TEXT NOT NULL,
    corridor TEXT,
    basis TEXT NOT NULL,
    officer TEXT,
    checked TEXT NOT NULL,
    at TEXT NOT NULL,
    revoked TEXT,
    CHECK (corridor IS NULL OR corridor NOT IN ('YELLOW', 'RED') OR (officer IS NOT NULL AND checked <> '[]'))
) STRICT;

-- One pulse per decision id; a raise only on a release that stands.
CREATE TABLE pulses (
    decision_id TEXT PRIMARY KEY,
    point TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('raise', 'lower')),
    release_id TEXT REFERENCES releases (release_id),
    at TEXT NOT NULL,
    CHECK (kind = 'lower' OR release_id = decision_id)
) STRICT;
CREATE TRIGGER pulse_needs_standing_release BEFORE INSERT ON pulses
WHEN NEW.kind = 'raise'
    AND NOT EXISTS (SELECT 1 FROM releases WHERE release_id = NEW.release_id AND revoked IS NULL)
BEGIN SELECT RAISE(ABORT, 'no raise without a committed release'); END;

CREATE TABLE calls (
    call_id TEXT PRIMARY KEY,
    point TEXT NOT NULL,
    visit_id TEXT,
    reason TEXT NOT NULL,
    alarm INTEGER NOT NULL,
    since TEXT NOT NULL,
    acknowledged_by TEXT,
    acknowledged_at TEXT
) STRICT;
CREATE INDEX calls_open ON calls (since) WHERE acknowledged_by IS NULL;
