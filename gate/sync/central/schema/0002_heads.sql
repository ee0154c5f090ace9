-- Heads of the checkpoints' journals, countersigned: what central was shown and when.

ALTER TABLE sites ADD COLUMN signing_key BLOB CHECK (signing_key IS NULL OR length(signing_key) = 32);

CREATE TABLE journal_heads (          -- append-only
    site TEXT NOT NULL REFERENCES sites (site),
    epoch TEXT NOT NULL,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    previous INTEGER NOT NULL,
    at TEXT NOT NULL,
    signature BLOB NOT NULL,
    countersigned_at TEXT NOT NULL,
    countersignature BLOB NOT NULL,
    PRIMARY KEY (site, epoch, seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER journal_heads_no_update BEFORE UPDATE ON journal_heads
BEGIN SELECT RAISE(ABORT, 'countersigned heads are append-only'); END;
CREATE TRIGGER journal_heads_no_delete BEFORE DELETE ON journal_heads
BEGIN SELECT RAISE(ABORT, 'countersigned heads are append-only'); END;

CREATE TABLE heads_refused (          -- signed by the site and yet not following what central has
    id INTEGER PRIMARY KEY,
    site TEXT NOT NULL,
    epoch TEXT NOT NULL,
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL,
    previous INTEGER NOT NULL,
    at TEXT NOT NULL,
    signature BLOB NOT NULL,
    refused_at TEXT NOT NULL,         -- when it was first shown
    why TEXT NOT NULL,
    UNIQUE (site, epoch, seq, hash, at, signature)
) STRICT;
