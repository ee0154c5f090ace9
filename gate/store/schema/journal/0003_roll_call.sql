-- Vehicles that were not released when an emergency ended: each is called over, and answered for.

CREATE TABLE roll_call (
    visit_id TEXT PRIMARY KEY,
    called_at TEXT NOT NULL,
    present INTEGER,
    answered_by TEXT,
    answered_at TEXT
) STRICT;
