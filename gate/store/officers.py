"""officers.db: the officers' accounts, their logins, and the delays that failed logins earn.

Its own small file: `gate officer add` writes it while the daemon runs, and journal.db has one
writer only.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import sqlite3
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gate.clock import Clock
from gate.errors import GateError, StoreError

SCHEMA_VERSION = 1
PASSWORD_MIN = 12
PASSWORD_MAX = 256
PASSWORD_DISTINCT = 4
"""Different characters, at the least: twelve times the same one is no password."""
IDLE_SECONDS = 30 * 60.0
ABSOLUTE_SECONDS = 12 * 3600.0
FREE_FAILURES = 3
"""Mistypings that cost no waiting."""
LONGEST_DELAY_SECONDS = 15 * 60.0
FORGET_FAILURES_SECONDS = 24 * 3600.0
MOST_FAILURE_ROWS = 10_000
"""A guesser with many names or addresses may not fill the disk."""

_SEEN_EVERY_SECONDS = 15.0
_NAME = re.compile(r"\w[\w .'\-]{1,62}\w")


class OfficerError(GateError):
    """The account was not made; correct what the message names and try again."""


class Role(StrEnum):
    """What an account may do."""

    OFFICER = "officer"
    SHIFT_LEAD = "shift-lead"
    AUDITOR = "auditor"
    """Sees everything officers see, and may not act."""
    TECHNICIAN = "technician"
    """Takes points out of service and back; decides nothing about vehicles."""


@dataclass(frozen=True, slots=True)
class Officer:
    """A person with an account. `name` is what the journal records."""

    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Login:
    """An open login. The token is known to the browser only; the file keeps its hash."""

    token: str = field(repr=False)
    officer: Officer


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """Wrong name or password (which of them is never said), or too soon after failures."""

    retry_after: float
    """Seconds to wait before another try is looked at; 0 when one may come at once."""


class Officers:
    """The accounts. Every method blocks (Argon2id costs tens of milliseconds): call it off the loop.

    Safe to call from several threads: one lock around one connection; passwords are hashed
    outside the lock so that a guesser cannot make logged-in officers wait.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._hasher = PasswordHasher()  # Argon2id with RFC 9106's low-memory parameters
        self._nobody = _nobodys_hash()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
            # A rollback journal, not WAL: the daemon and `gate officer add` both write here, and
            # SQLite before 3.51.3 can lose commits when two connections write and checkpoint one WAL.
            self._db.execute("PRAGMA journal_mode = DELETE")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._migrate(path)
            path.chmod(0o600)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{path}: the officers' accounts cannot be opened: {error}") from error

    def _migrate(self, path: Path) -> None:
        with self._transaction() as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version == 0:
                script = resources.files("gate.store").joinpath("schema/officers.sql").read_text("utf-8")
                for statement in _statements(script):
                    db.execute(statement)
            elif version != SCHEMA_VERSION:
                raise StoreError(
                    f"{path}: written by another version of Gate (schema {version}, this one knows "
                    f"{SCHEMA_VERSION}); start the version that wrote it"
                )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Close the file. Nothing works after this."""
        with self._lock:
            self._db.close()

    def add(self, name: str, password: str, role: Role) -> Officer:
        """A new account; OfficerError when the name or password will not do, or the name is taken."""
        officer = Officer(_checked_name(name), role)
        _check_password(password, officer.name)
        hashed = self._hasher.hash(_bytes(password))
        try:
            with self._transaction() as db:
                db.execute(
                    "INSERT INTO officer (account, name, role, password_hash, created_at) VALUES (?,?,?,?,?)",
                    (_account(officer.name), officer.name, role.value, hashed, self._seconds()),
                )
        except sqlite3.IntegrityError as error:
            raise OfficerError(f"there is an account named {officer.name} already") from error
        return officer

    def is_empty(self) -> bool:
        """No account yet: nobody can log in until one is added."""
        with self._lock:
            return self._db.execute("SELECT 1 FROM officer LIMIT 1").fetchone() is None

    def verify(self, name: str, password: str) -> Officer | None:
        """The officer whose name and password these are, or None, in about the same time."""
        with self._lock:
            row = self._db.execute(
                "SELECT name, role, password_hash FROM officer WHERE account = ?", (_account(name),)
            ).fetchone()
        known, role, hashed = row or ("", Role.AUDITOR, self._nobody)
        try:
            self._hasher.verify(hashed, _bytes(password[: PASSWORD_MAX + 1]))
        except (VerificationError, InvalidHashError):
            return None
        return Officer(known, Role(role)) if row else None

    def log_in(self, name: str, password: str, address: str) -> Login | LoginRefused:
        """A new login, or a refusal. Failures from one address delay that address for that name only."""
        officer = self.vouch(name, password, address)
        if isinstance(officer, LoginRefused):
            return officer
        account, now = _account(name), self._seconds()
        token = secrets.token_urlsafe(32)
        with self._transaction() as db:
            db.execute(
                "DELETE FROM login WHERE started_at <= ? OR seen_at <= ?",
                (now - ABSOLUTE_SECONDS, now - IDLE_SECONDS),
            )
            db.execute(
                "INSERT INTO login (token_hash, account, started_at, seen_at) VALUES (?,?,?,?)",
                (_digest(token), account, now, now),
            )
        return Login(token, officer)

    def vouch(self, name: str, password: str, address: str) -> Officer | LoginRefused:
        """Whose name and password these are, checked and delayed as a login is; no login is opened."""
        account, now = _account(name), self._seconds()
        with self._lock:
            row = self._db.execute(
                "SELECT not_before FROM failed_login WHERE account = ? AND address = ?", (account, address)
            ).fetchone()
        if row is not None and now < row[0]:
            return LoginRefused(row[0] - now)
        officer = self.verify(name, password)
        if officer is None:
            return LoginRefused(self._record_failure(account, address, now))
        with self._transaction() as db:
            db.execute("DELETE FROM failed_login WHERE account = ? AND address = ?", (account, address))
        return officer

    def _record_failure(self, account: str, address: str, now: float) -> float:
        with self._transaction() as db:
            db.execute("DELETE FROM failed_login WHERE last_at <= ?", (now - FORGET_FAILURES_SECONDS,))
            (rows,) = db.execute("SELECT count(*) FROM failed_login").fetchone()
            if rows >= MOST_FAILURE_ROWS:
                db.execute(
                    "DELETE FROM failed_login WHERE (account, address) IN "
                    "(SELECT account, address FROM failed_login ORDER BY failures, last_at LIMIT ?)",
                    (MOST_FAILURE_ROWS // 10,),
                )
            row = db.execute(
                "SELECT failures FROM failed_login WHERE account = ? AND address = ?", (account, address)
            ).fetchone()
            failures = (row[0] if row else 0) + 1
            over = min(failures - FREE_FAILURES, 32)
            delay = min(2.0**over, LONGEST_DELAY_SECONDS) if over > 0 else 0.0
            db.execute(
                "INSERT OR REPLACE INTO failed_login (account, address, failures, last_at, not_before) "
                "VALUES (?,?,?,?,?)",
                (account, address, failures, now, now + delay),
            )
        return delay

    def session(self, token: str, *, touch: bool) -> Officer | None:
        """Whose login this is, or None when it is unknown or over. `touch`: a person did something."""
        now, digest = self._seconds(), _digest(token)
        with self._lock:
            row = self._db.execute(
                "SELECT o.name, o.role, l.started_at, l.seen_at FROM login l JOIN officer o USING (account) "
                "WHERE l.token_hash = ?",
                (digest,),
            ).fetchone()
        if row is None:
            return None
        name, role, started_at, seen_at = row
        if now >= started_at + ABSOLUTE_SECONDS or now >= seen_at + IDLE_SECONDS:
            self.log_out(token)
            return None
        if touch and now >= seen_at + _SEEN_EVERY_SECONDS:
            with self._transaction() as db:
                db.execute("UPDATE login SET seen_at = ? WHERE token_hash = ?", (now, digest))
        return Officer(name, Role(role))

    def log_out(self, token: str) -> None:
        """End this login."""
        with self._transaction() as db:
            db.execute("DELETE FROM login WHERE token_hash = ?", (_digest(token),))

    def _seconds(self) -> float:
        return self._clock.now().utc.timestamp()


@cache
def _nobodys_hash() -> str:
    # Compared with when the account does not exist, so that the answer takes as long.
    return PasswordHasher().hash(secrets.token_hex(16))


def _statements(script: str) -> Iterator[str]:
    # executescript() would commit the transaction this runs in.
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _account(name: str) -> str:
    folded = " ".join(unicodedata.normalize("NFKC", name).split()).casefold()[:64]
    return folded.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be stored


def _bytes(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _checked_name(name: str) -> str:
    name = " ".join(unicodedata.normalize("NFKC", name).split())
    if not _NAME.fullmatch(name):
        raise OfficerError(
            f"{name!r} cannot be an account's name: 3 to 64 letters, digits, spaces and . _ ' - ; "
            "a letter or digit first and last"
        )
    return name


def _check_password(password: str, name: str) -> None:
    if len(password) < PASSWORD_MIN:
        raise OfficerError(f"the password has {len(password)} characters; at least {PASSWORD_MIN} are wanted")
    if len(password) > PASSWORD_MAX:
        raise OfficerError(f"the password is longer than {PASSWORD_MAX} characters")
    if (
        password.casefold() in (name.casefold(), name.casefold() * 2)
        or len(set(password)) < PASSWORD_DISTINCT
    ):
        raise OfficerError("the password is too easy to guess; use several words")
