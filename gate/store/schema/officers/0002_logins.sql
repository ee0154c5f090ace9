-- Accounts can be shut, logins are listed and change their token, and every change is kept for the journal.
ALTER TABLE officer ADD COLUMN disabled_at REAL;

-- Who had an account once: the journal names him, so nobody else is ever given his name.
CREATE TABLE former_officer (
    account    TEXT PRIMARY KEY,
    removed_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- Logins of before end here: they have no form key. Everybody logs in once more.
DROP TABLE login;
CREATE TABLE login (
    login_id      TEXT PRIMARY KEY,             -- for lists and live screens; opens nothing
    account       TEXT NOT NULL REFERENCES officer (account) ON DELETE CASCADE,
    form_key      TEXT NOT NULL,                -- what the forms repeat; opens nothing by itself
    token_hash    BLOB NOT NULL UNIQUE,         -- SHA-256: a stolen file opens no login
    previous_hash BLOB,                         -- the token before this one, while it still does
    token_at      REAL NOT NULL,
    token_used_at REAL,                         -- the browser has the new token: the one before it may go
    started_at    REAL NOT NULL,
    seen_at       REAL NOT NULL,
    source        TEXT NOT NULL
) STRICT;
CREATE INDEX login_previous ON login (previous_hash) WHERE previous_hash IS NOT NULL;
CREATE INDEX login_account ON login (account);

-- Browsers an officer has logged in with: their mistypings are counted apart from everybody else's.
CREATE TABLE known_browser (
    browser_hash BLOB NOT NULL,
    account      TEXT NOT NULL REFERENCES officer (account) ON DELETE CASCADE,
    seen_at      REAL NOT NULL,
    PRIMARY KEY (browser_hash, account)
) STRICT, WITHOUT ROWID;

-- What happened to accounts and logins, until the daemon has written it into the journal.
CREATE TABLE account_event (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    at         REAL NOT NULL,
    change     TEXT NOT NULL,
    account    TEXT NOT NULL,                   -- empty where nobody knows whose it was
    acted_by   TEXT NOT NULL,                   -- an officer, or an account of the operating system
    source     TEXT NOT NULL,
    journalled INTEGER NOT NULL DEFAULT 0 CHECK (journalled IN (0, 1))
) STRICT;
CREATE INDEX account_event_waiting ON account_event (seq) WHERE journalled = 0;
CREATE TRIGGER account_event_stays BEFORE UPDATE OF seq, at, change, account, acted_by, source ON account_event
BEGIN SELECT RAISE(ABORT, 'what happened to an account is not rewritten'); END;
CREATE TRIGGER account_event_kept BEFORE DELETE ON account_event WHEN OLD.journalled = 0
BEGIN SELECT RAISE(ABORT, 'what happened to an account is kept until the journal has it'); END;

PRAGMA user_version = 2;
