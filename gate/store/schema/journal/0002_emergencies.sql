-- Emergencies, and pulses that rest on one instead of a release.

CREATE TABLE emergencies (
    emergency_id TEXT PRIMARY KEY,
    point TEXT NOT NULL,
    officer TEXT NOT NULL,
    reason TEXT NOT NULL,
    began_at TEXT NOT NULL,
    ended_at TEXT
) STRICT;

DROP TRIGGER pulse_needs_standing_release;
ALTER TABLE pulses RENAME TO pulses_before;

-- One pulse per decision id; a raise only on a release that stands, or on an emergency that lasts.
CREATE TABLE pulses (
    decision_id TEXT PRIMARY KEY,
    point TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('raise', 'lower', 'emergency')),
    release_id TEXT REFERENCES releases (release_id),
    at TEXT NOT NULL,
    CHECK (kind <> 'raise' OR release_id = decision_id),
    CHECK (kind = 'raise' OR release_id IS NULL)
) STRICT;
INSERT INTO pulses SELECT decision_id, point, kind, release_id, at FROM pulses_before;
DROP TABLE pulses_before;

CREATE TRIGGER pulse_needs_standing_release BEFORE INSERT ON pulses
WHEN NEW.kind = 'raise'
    AND NOT EXISTS (SELECT 1 FROM releases WHERE release_id = NEW.release_id AND revoked IS NULL)
BEGIN SELECT RAISE(ABORT, 'no raise without a committed release'); END;

CREATE TRIGGER pulse_needs_lasting_emergency BEFORE INSERT ON pulses
WHEN NEW.kind = 'emergency'
    AND NOT EXISTS (SELECT 1 FROM emergencies WHERE emergency_id = NEW.decision_id AND ended_at IS NULL)
BEGIN SELECT RAISE(ABORT, 'no emergency opening without a committed emergency'); END;
