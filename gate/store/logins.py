"""Open logins: opened, found by their token, given a new token now and then, listed, ended.

The token changes every half hour of use. The one before goes on being taken until the browser has shown
that it has the new one, and a minute longer, for requests that were under way. A token that comes back
after that was copied by somebody: the login ends.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import replace
from typing import cast

from gate.store.account_events import note
from gate.store.accounts import LoginLimits, Officer, OpenLogin, Role
from gate.store.guesses import digest
from gate.store.officer_file import OfficerFile

ROTATE_SECONDS = 30 * 60.0
OVERLAP_SECONDS = 60.0
MOST_LOGINS = 8
"""Of one account; one more ends the one that was idle longest."""

_SEEN_EVERY_SECONDS = 15.0
_COLUMNS = (
    "l.login_id, o.name, o.role, l.form_key, l.started_at, l.seen_at, l.source, l.token_hash, "
    "l.token_at, l.token_used_at, l.previous_hash"
)
_Row = tuple[str, str, str, str, float, float, str, bytes, float, float | None, bytes | None]


def form_key_of(token: str) -> str:
    """What a login's forms repeat, made of its first token: it outlives the token and opens nothing."""
    return hmac.new(token.encode(), b"gate console form", hashlib.sha256).hexdigest()


class Logins:
    """The login table of officers.db."""

    def __init__(self, file: OfficerFile, limits: LoginLimits) -> None:
        self._file = file
        self._limits = limits

    def open(self, account: str, officer: Officer, source: str) -> str:
        """A new login's token."""
        now, token = self._file.seconds(), secrets.token_urlsafe(32)
        with self._file.writing() as db:
            db.execute(
                "DELETE FROM login WHERE started_at <= ? OR seen_at <= ?",
                (now - self._limits.absolute_seconds, now - self._limits.idle_seconds),
            )
            db.execute(
                "DELETE FROM login WHERE login_id IN (SELECT login_id FROM login WHERE account = ? "
                "ORDER BY seen_at DESC LIMIT -1 OFFSET ?)",
                (account, MOST_LOGINS - 1),
            )
            db.execute(
                "INSERT INTO login (login_id, account, form_key, token_hash, token_at, started_at, seen_at, "
                "source) VALUES (?,?,?,?,?,?,?,?)",
                (
                    secrets.token_urlsafe(16),
                    account,
                    form_key_of(token),
                    digest(token),
                    now,
                    now,
                    now,
                    source,
                ),
            )
            note(db, now, "logged-in", officer.name, officer.name, source)
        return token

    def find(self, token: str, *, touch: bool) -> OpenLogin | None:
        """Whose login this is, or None when it is unknown or over. `touch`: a person did something."""
        hashed = digest(token)
        row = cast(
            "_Row | None",
            self._file.one(
                f"SELECT {_COLUMNS} FROM login l JOIN officer o USING (account) "
                "WHERE (l.token_hash = ?1 OR l.previous_hash = ?1) AND o.disabled_at IS NULL",
                hashed,
            ),
        )
        if row is None:
            return None
        found, now = _login(row), self._file.seconds()
        current, token_at, used_at = row[7] == hashed, row[8], row[9]
        if self._over(found, now):
            self.end(found.login_id)
            return None
        if current and used_at is None and row[10] is not None:
            self._write("UPDATE login SET token_used_at = ? WHERE login_id = ?", now, found.login_id)
        elif not current and used_at is not None and now >= used_at + OVERLAP_SECONDS:
            with self._file.writing() as db:
                db.execute("DELETE FROM login WHERE login_id = ?", (found.login_id,))
                note(db, now, "old-token-came-back", found.officer.name, source=found.source)
            return None
        if not touch:
            return found
        if now >= found.seen_at + _SEEN_EVERY_SECONDS:
            self._write("UPDATE login SET seen_at = ? WHERE login_id = ?", now, found.login_id)
        # Due; or a new one was given, and the answer that carried it never came home.
        due = token_at + (ROTATE_SECONDS if current else OVERLAP_SECONDS)
        if now >= due and (current or used_at is None):
            return replace(found, fresh_token=self._renew(found.login_id, row[7], hashed))
        return found

    def _over(self, login: OpenLogin, now: float) -> bool:
        return (
            now >= login.started_at + self._limits.absolute_seconds
            or now >= login.seen_at + self._limits.idle_seconds
        )

    def _renew(self, login_id: str, instead_of: bytes, still: bytes | None) -> str | None:
        """A new token; None when another request has just got one."""
        token = secrets.token_urlsafe(32)
        with self._file.writing() as db:
            done = db.execute(
                "UPDATE login SET token_hash = ?, previous_hash = ?, token_at = ?, token_used_at = NULL "
                "WHERE login_id = ? AND token_hash = ?",
                (digest(token), still, self._file.seconds(), login_id, instead_of),
            )
        return token if done.rowcount else None

    def is_open(self, login_id: str) -> bool:
        """Whether the login has not ended, for screens that outlive a token."""
        row = self._file.one(
            f"SELECT {_COLUMNS} FROM login l JOIN officer o USING (account) "
            "WHERE l.login_id = ? AND o.disabled_at IS NULL",
            login_id,
        )
        return row is not None and not self._over(_login(cast("_Row", row)), self._file.seconds())

    def of(self, account: str) -> list[OpenLogin]:
        """An account's open logins, the one used last first."""
        now = self._file.seconds()
        rows = self._file.all(
            f"SELECT {_COLUMNS} FROM login l JOIN officer o USING (account) WHERE l.account = ? "
            "ORDER BY l.seen_at DESC, l.started_at DESC",
            account,
        )
        found = [_login(cast("_Row", row)) for row in rows]
        return [login for login in found if not self._over(login, now)]

    def end(self, login_id: str) -> None:
        """End one login."""
        self._write("DELETE FROM login WHERE login_id = ?", login_id)

    def renew_at_once(self, login_id: str) -> str | None:
        """A new token for this login, every older one worth nothing from now on; None where it is over."""
        row = self._file.one("SELECT token_hash FROM login WHERE login_id = ?", login_id)
        return None if row is None else self._renew(login_id, cast("bytes", row[0]), None)

    def _write(self, sql: str, *values: object) -> None:
        with self._file.writing() as db:
            db.execute(sql, values)


def _login(row: _Row) -> OpenLogin:
    login_id, name, role, form_key, started_at, seen_at, source = row[:7]
    return OpenLogin(login_id, Officer(name, Role(role)), form_key, started_at, seen_at, source)
