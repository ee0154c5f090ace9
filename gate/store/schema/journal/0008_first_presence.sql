-- When a visit's vehicle first stood here, on the clocks that nobody sets: written with the visit, then fixed.

ALTER TABLE visits ADD COLUMN seen_mono REAL;
ALTER TABLE visits ADD COLUMN seen_boot TEXT;
-- By central's clock, where the box knew it, and seconds that may be wrong by, either way.
ALTER TABLE visits ADD COLUMN seen_central TEXT;
ALTER TABLE visits ADD COLUMN seen_uncertainty REAL;

CREATE TRIGGER first_presence_is_fixed
BEFORE UPDATE OF first_presence, seen_mono, seen_boot, seen_central, seen_uncertainty ON visits
BEGIN SELECT RAISE(ABORT, 'first presence is written once'); END;
