-- Officers' orders: checks of what passes freely, single openings that release nothing, and reviews.

-- One check a visit, for as long as the visit lasts (Rules 4.4). The facts behind it are personal: they
-- stand in the journal's payload, and leave with it.
CREATE TABLE ordered_checks (
    visit_id TEXT PRIMARY KEY,
    corridor TEXT NOT NULL CHECK (corridor IN ('GREEN', 'BLUE')),
    source TEXT NOT NULL CHECK (source IN ('observation', 'canine', 'scanner', 'message', 'other')),
    officer TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ordered_checks_at ON ordered_checks (at);

CREATE TRIGGER ordered_checks_no_update BEFORE UPDATE ON ordered_checks
BEGIN SELECT RAISE(ABORT, 'an ordered check stays as it was ordered'); END;
CREATE TRIGGER ordered_checks_no_delete BEFORE DELETE ON ordered_checks
BEGIN SELECT RAISE(ABORT, 'an ordered check stays as it was ordered'); END;
CREATE TRIGGER ordered_check_before_release BEFORE INSERT ON ordered_checks
WHEN EXISTS (SELECT 1 FROM releases WHERE visit_id = NEW.visit_id AND revoked IS NULL AND basis <> 'departure')
BEGIN SELECT RAISE(ABORT, 'no check of what is released already'); END;
CREATE TRIGGER release_after_ordered_check BEFORE INSERT ON releases
WHEN NEW.basis = 'registered' AND EXISTS (SELECT 1 FROM ordered_checks WHERE visit_id = NEW.visit_id)
BEGIN SELECT RAISE(ABORT, 'a check was ordered: no release without an officer'); END;
CREATE INDEX releases_visit ON releases (visit_id);

-- The barrier opened once for a vehicle without goods (2.1): never where a verdict was opened.
CREATE TABLE single_openings (
    opening_id TEXT PRIMARY KEY,
    visit_id TEXT NOT NULL,
    point TEXT NOT NULL,
    category TEXT NOT NULL,
    officer TEXT NOT NULL,
    at TEXT NOT NULL,
    revoked TEXT
) STRICT;
CREATE INDEX single_openings_visit ON single_openings (visit_id);
CREATE INDEX single_openings_at ON single_openings (at);

CREATE TRIGGER single_opening_releases_nothing BEFORE INSERT ON single_openings
WHEN EXISTS (SELECT 1 FROM openings WHERE visit_id = NEW.visit_id)
    OR EXISTS (SELECT 1 FROM releases WHERE visit_id = NEW.visit_id)
    OR EXISTS (SELECT 1 FROM visits WHERE visit_id = NEW.visit_id AND (opened = 1 OR corridor IS NOT NULL))
BEGIN SELECT RAISE(ABORT, 'no single opening for what has goods to release'); END;

DROP TRIGGER pulse_needs_standing_release;
DROP TRIGGER pulse_needs_lasting_emergency;
ALTER TABLE pulses RENAME TO pulses_before;

-- One pulse per decision id; a raise only on a release that stands, on a single opening, or on an
-- emergency that lasts.
CREATE TABLE pulses (
    decision_id TEXT PRIMARY KEY,
    point TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('raise', 'lower', 'emergency', 'once')),
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

CREATE TRIGGER pulse_needs_single_opening BEFORE INSERT ON pulses
WHEN NEW.kind = 'once'
    AND NOT EXISTS (
        SELECT 1 FROM single_openings
        WHERE opening_id = NEW.decision_id AND point = NEW.point AND revoked IS NULL)
BEGIN SELECT RAISE(ABORT, 'no single opening without its commit'); END;

-- Every emergency an officer declared is looked back at by another; what was found is in the journal.
CREATE TABLE emergency_reviews (
    emergency_id TEXT PRIMARY KEY REFERENCES emergencies (emergency_id),
    officer TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;

CREATE TRIGGER review_by_another BEFORE INSERT ON emergency_reviews
WHEN EXISTS (
    SELECT 1 FROM emergencies
    WHERE emergency_id = NEW.emergency_id AND (ended_at IS NULL OR officer = NEW.officer))
BEGIN SELECT RAISE(ABORT, 'an emergency is reviewed when it is over, by somebody else'); END;
CREATE TRIGGER reviews_no_update BEFORE UPDATE ON emergency_reviews
BEGIN SELECT RAISE(ABORT, 'a review stays as it was'); END;
CREATE TRIGGER reviews_no_delete BEFORE DELETE ON emergency_reviews
BEGIN SELECT RAISE(ABORT, 'a review stays as it was'); END;
