-- A call that nobody acknowledges goes up: 1 called, 2 alarm, 3 reported to central.

ALTER TABLE calls ADD COLUMN level INTEGER NOT NULL DEFAULT 1 CHECK (level BETWEEN 1 AND 3);
