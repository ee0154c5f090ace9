-- officers.db, version 1: who may use the console. Times are Unix seconds (UTC).
CREATE TABLE officer (
    account       TEXT PRIMARY KEY,             -- the name case-folded: one person, one account
    name          TEXT NOT NULL,                -- as written into the journal
    role          TEXT NOT NULL CHECK (role IN ('officer', 'shift-lead', 'auditor', 'technician')),
    password_hash TEXT NOT NULL,                -- Argon2id, PHC string
    created_at    REAL NOT NULL
) STRICT;

CREATE TABLE login (
    token_hash BLOB PRIMARY KEY,                -- SHA-256: a stolen file opens no session
    account    TEXT NOT NULL REFERENCES officer (account) ON DELETE CASCADE,
    started_at REAL NOT NULL,
    seen_at    REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- Per account and address, so that a stranger's guesses never shut out the officer at the desk.
-- Unknown accounts have rows too: otherwise the delay would tell which names exist.
CREATE TABLE failed_login (
    account    TEXT NOT NULL,
    address    TEXT NOT NULL,
    failures   INTEGER NOT NULL,
    last_at    REAL NOT NULL,
    not_before REAL NOT NULL,
    PRIMARY KEY (account, address)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
