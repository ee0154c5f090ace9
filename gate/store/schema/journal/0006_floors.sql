-- The highest version applied of every declaration that was ever amended or withdrawn. A row of cache.db
-- below its floor is an older one that somebody put back, rightly signed though it is.

CREATE TABLE floors (
    number TEXT PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
