-- Retention: what may be erased and when, and which pictures were.

-- When the opened verdict can be opened no more; NULL for openings of before.
ALTER TABLE openings ADD COLUMN valid_until TEXT;

-- When mark, numbers and free texts were erased; NULL while they are held.
ALTER TABLE visits ADD COLUMN erased_at TEXT;
CREATE INDEX visits_held ON visits (first_presence) WHERE erased_at IS NULL;
ALTER TABLE calls ADD COLUMN erased_at TEXT;
CREATE INDEX calls_held ON calls (since) WHERE erased_at IS NULL;
CREATE INDEX calls_visit ON calls (visit_id) WHERE acknowledged_by IS NULL;
CREATE INDEX openings_at ON openings (opened_at, number);

-- Pictures that retention erased. A row is written before its file is deleted, and told once the sweep's
-- journal entry is: whatever a power cut leaves is settled at the next start.
CREATE TABLE evidence_erased (
    name BLOB PRIMARY KEY CHECK (length(name) = 32),
    at TEXT NOT NULL,
    why TEXT NOT NULL CHECK (why IN ('age', 'quota', 'disk')),
    bytes INTEGER NOT NULL,
    told INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_untold ON evidence_erased (at) WHERE told = 0;
