-- The record: what is personal leaves the chain, and the chain's heads are signed and countersigned.

-- 1: entries of before, hashed as before (docs/journal.md). 2: with the columns below.
ALTER TABLE journal ADD COLUMN clock_offset REAL;
ALTER TABLE journal ADD COLUMN commitment BLOB;
ALTER TABLE journal ADD COLUMN form INTEGER NOT NULL DEFAULT 1;

-- INSERT OR REPLACE fires no delete trigger: an entry only ever goes behind the last one.
CREATE TRIGGER journal_in_order BEFORE INSERT ON journal
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM journal)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- What of an entry's body is personal, whole; the chain holds SHA-256(salt || body) of it as `commitment`.
CREATE TABLE payloads (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    salt BLOB NOT NULL CHECK (length(salt) = 32),
    body TEXT NOT NULL
) STRICT;
CREATE INDEX payloads_at ON payloads (at);

CREATE INDEX journal_erasures ON journal (seq) WHERE kind = 'PayloadsErased';

CREATE TRIGGER payloads_with_their_entry BEFORE INSERT ON payloads
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) FROM journal)
    OR EXISTS (SELECT 1 FROM payloads WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'a payload is written with its entry'); END;
CREATE TRIGGER payloads_no_update BEFORE UPDATE ON payloads
BEGIN SELECT RAISE(ABORT, 'a payload may be erased, never changed'); END;
CREATE TRIGGER payloads_erased_on_record BEFORE DELETE ON payloads
WHEN OLD.seq > coalesce(
    (SELECT body ->> '$.through' FROM journal WHERE kind = 'PayloadsErased' ORDER BY seq DESC LIMIT 1), 0)
BEGIN SELECT RAISE(ABORT, 'a payload is erased only after its erasure is on record'); END;

-- What a reader wants: the whole body where it is still held (`whole`), else what stays for ever.
CREATE VIEW journal_full AS
SELECT
    j.seq, j.at, j.boot, j.mono, j.clock_offset, j.point, j.kind, j.visit,
    coalesce(p.body, j.body) AS body,
    j.commitment IS NULL OR p.seq IS NOT NULL AS whole,
    j.prev, j.hash
FROM journal j LEFT JOIN payloads p ON p.seq = j.seq;

-- The chain's head, signed by the site once a minute and countersigned by central. Heads are chained too.
CREATE TABLE heads (
    seq INTEGER PRIMARY KEY,
    site TEXT NOT NULL,
    epoch TEXT NOT NULL,
    hash BLOB NOT NULL,
    previous INTEGER NOT NULL,
    at TEXT NOT NULL,
    signature BLOB NOT NULL,
    countersigned_at TEXT,
    countersignature BLOB,
    CHECK ((countersigned_at IS NULL) = (countersignature IS NULL))
) STRICT;
CREATE INDEX heads_waiting ON heads (seq) WHERE countersignature IS NULL;

CREATE TRIGGER heads_in_order BEFORE INSERT ON heads
WHEN NEW.seq <= (SELECT coalesce(max(seq), 0) FROM heads)
    OR NEW.previous <> (SELECT coalesce(max(seq), 0) FROM heads)
BEGIN SELECT RAISE(ABORT, 'heads are append-only'); END;
CREATE TRIGGER heads_no_delete BEFORE DELETE ON heads
BEGIN SELECT RAISE(ABORT, 'heads are append-only'); END;
CREATE TRIGGER heads_countersigned_once BEFORE UPDATE ON heads
WHEN OLD.countersignature IS NOT NULL OR NEW.countersignature IS NULL
    OR (NEW.seq, NEW.site, NEW.epoch, NEW.hash, NEW.previous, NEW.at, NEW.signature)
        IS NOT (OLD.seq, OLD.site, OLD.epoch, OLD.hash, OLD.previous, OLD.at, OLD.signature)
BEGIN SELECT RAISE(ABORT, 'a head may be countersigned once, never changed'); END;
