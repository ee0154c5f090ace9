"""The officers' accounts and logins, in officers.db.

Its own small file: `gate officer` writes it while the daemon runs, and journal.db has one writer only.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
import unicodedata
from pathlib import Path
from typing import cast

from argon2 import PasswordHasher

from gate.clock import Clock
from gate.store.account_events import AccountEvents, note
from gate.store.accounts import (
    Account,
    Login,
    LoginLimits,
    LoginRefused,
    Officer,
    OfficerError,
    OpenLogin,
    Role,
    account_of,
)
from gate.store.guesses import Guesses
from gate.store.logins import Logins
from gate.store.officer_file import OfficerFile
from gate.store.passwords import Passwords

__all__ = [
    "Account",
    "Login",
    "LoginLimits",
    "LoginRefused",
    "Officer",
    "OfficerError",
    "Officers",
    "OpenLogin",
    "Role",
]

_NAME = re.compile(r"\w[\w .'\-]{1,62}\w")


class Officers:
    """The accounts. Every method blocks (Argon2id costs tens of milliseconds): call it off the loop.

    Safe to call from several threads: one lock around one connection; passwords are hashed
    outside the lock so that a guesser cannot make logged-in officers wait.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        limits: LoginLimits = LoginLimits(),  # noqa: B008 - frozen
        *,
        site: str = "",
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._file = OfficerFile(path, clock)
        self._passwords = Passwords(path.parent, hasher)
        self._guesses = Guesses(self._file)
        self._logins = Logins(self._file, limits)
        self._site = site
        self.events = AccountEvents(self._file)
        self.limits = limits

    def close(self) -> None:
        """Close the file. Nothing works after this."""
        self._file.close()

    def add(self, name: str, password: str, role: Role, by: str = "") -> Officer:
        """A new account; OfficerError when the name or password will not do, or the name is taken."""
        officer = Officer(_checked_name(name), role)
        account, now = account_of(officer.name), self._file.seconds()
        self._passwords.check(password, (officer.name, self._site))
        if self._file.one("SELECT 1 FROM former_officer WHERE account = ?", account):
            raise OfficerError(
                f"there was an account named {officer.name} once, and the journal names it: take another name"
            )
        hashed = self._passwords.hashed(password)
        try:
            with self._file.writing() as db:
                db.execute(
                    "INSERT INTO officer (account, name, role, password_hash, created_at) VALUES (?,?,?,?,?)",
                    (account, officer.name, role.value, hashed, now),
                )
                note(db, now, f"added-as-{role.value}", officer.name, by)
        except sqlite3.IntegrityError as error:
            raise OfficerError(f"there is an account named {officer.name} already") from error
        return officer

    def is_empty(self) -> bool:
        """No account yet: nobody can log in until one is added."""
        return self._file.one("SELECT 1 FROM officer LIMIT 1") is None

    def accounts(self) -> list[Account]:
        """Every account, by name."""
        rows = self._file.all(
            "SELECT account, name, role, created_at, disabled_at FROM officer ORDER BY account"
        )
        found = []
        for row in rows:
            account, name, role, created_at, disabled_at = cast(
                "tuple[str, str, str, float, float | None]", row
            )
            officer = Officer(name, Role(role))
            found.append(Account(officer, created_at, disabled_at, len(self._logins.of(account))))
        return found

    def set_password(self, name: str, password: str, by: str) -> Officer:
        """A new password set by whoever looks after accounts; every login of the account ends."""
        officer = self._known(name)
        self._passwords.check(password, (officer.name, self._site))
        self._change(officer, "password-set", by, "password_hash = ?", self._passwords.hashed(password))
        return officer

    def set_role(self, name: str, role: Role, by: str) -> Officer:
        """Another role; every login ends, so that none goes on with the rights of before."""
        officer = self._known(name)
        self._change(officer, f"made-{role.value}", by, "role = ?", role.value)
        return Officer(officer.name, role)

    def disable(self, name: str, by: str) -> Officer:
        """Shut the account, and end its logins at once."""
        officer = self._known(name)
        self._change(officer, "disabled", by, "disabled_at = ?", self._file.seconds())
        return officer

    def enable(self, name: str, by: str) -> Officer:
        """Open a shut account again."""
        officer = self._known(name)
        self._change(officer, "enabled", by, "disabled_at = ?", None)
        return officer

    def remove(self, name: str, by: str) -> Officer:
        """Forget the account; its name is never given again, for the journal names it."""
        officer, now = self._known(name), self._file.seconds()
        with self._file.writing() as db:
            db.execute("DELETE FROM officer WHERE account = ?", (account_of(name),))
            db.execute("INSERT OR REPLACE INTO former_officer VALUES (?,?)", (account_of(name), now))
            note(db, now, "removed", officer.name, by)
        return officer

    def end_logins(self, name: str | None, by: str) -> int:
        """End every login of one account, or of all (None); how many there were."""
        officer = None if name is None else self._known(name)
        with self._file.writing() as db:
            ended = db.execute(
                "DELETE FROM login WHERE ?1 IS NULL OR account = ?1",
                (None if name is None else account_of(name),),
            ).rowcount
            note(db, self._file.seconds(), "logins-ended", officer.name if officer else "", by)
        return ended

    def logins(self, name: str) -> list[OpenLogin]:
        """The account's open logins, the one used last first."""
        self._known(name)
        return self._logins.of(account_of(name))

    def _known(self, name: str) -> Officer:
        row = self._file.one("SELECT name, role FROM officer WHERE account = ?", account_of(name))
        if row is None:
            raise OfficerError(
                f"there is no account named {name!r}; `gate officer list` tells which there are"
            )
        return Officer(cast("str", row[0]), Role(cast("str", row[1])))

    def _change(self, officer: Officer, change: str, by: str, what: str, value: object) -> None:
        account = account_of(officer.name)
        with self._file.writing() as db:
            db.execute(f"UPDATE officer SET {what} WHERE account = ?", (value, account))
            db.execute("DELETE FROM login WHERE account = ?", (account,))
            note(db, self._file.seconds(), change, officer.name, by)

    def verify(self, name: str, password: str) -> Officer | None:
        """The officer whose name and password these are, or None, in about the same time."""
        account = account_of(name)
        row = cast(
            "tuple[str, str, str] | None",
            self._file.one(
                "SELECT name, role, password_hash FROM officer WHERE account = ? AND disabled_at IS NULL",
                account,
            ),
        )
        if not self._passwords.agrees(row[2] if row else None, password) or row is None:
            return None
        if self._passwords.wants_rehash(row[2]):
            with self._file.writing() as db:
                db.execute(
                    "UPDATE officer SET password_hash = ? WHERE account = ? AND password_hash = ?",
                    (self._passwords.hashed(password), account, row[2]),
                )
        return Officer(row[0], Role(row[1]))

    def log_in(
        self, name: str, password: str, address: str, browser: str = "", instead_of: str = ""
    ) -> Login | LoginRefused:
        """A new login, or a refusal. Failures delay their own place for that name only (see guesses).

        `browser` is what a login of before gave this browser to be known by; `instead_of` the token of a
        login it still has open, which ends.
        """
        officer = self.vouch(name, password, address, browser)
        if isinstance(officer, LoginRefused):
            return officer
        if instead_of:
            self.log_out(instead_of)
        known_by = browser if self._guesses.knows(browser) else secrets.token_urlsafe(32)
        token = self._logins.open(account_of(name), officer, address)
        self._guesses.know(account_of(name), known_by)
        return Login(token, officer, known_by)

    def knows(self, browser: str) -> bool:
        """Whether an officer has logged in with this browser before."""
        return self._guesses.knows(browser)

    def vouch(self, name: str, password: str, address: str, browser: str = "") -> Officer | LoginRefused:
        """Whose name and password these are, checked and delayed as a login is; no login is opened."""
        account = account_of(name)
        place = self._guesses.place(account, address, browser)
        wait = self._guesses.wait(account, place)
        if wait:
            return LoginRefused(wait)
        officer = self.verify(name, password)
        if officer is None:
            return LoginRefused(self._guesses.failed(account, place, address))
        self._guesses.forgive(account, place)
        return officer

    def change_password(
        self, login: OpenLogin, current: str, new: str, address: str, browser: str = ""
    ) -> str | LoginRefused:
        """The officer's own new password. His other logins end, and this one goes on with the token returned.

        LoginRefused when `current` is not his password; OfficerError when the new one will not do.
        """
        officer = self.vouch(login.officer.name, current, address, browser)
        if isinstance(officer, LoginRefused):
            return officer
        self._passwords.check(new, (officer.name, self._site))
        if new == current:
            raise OfficerError("the new password is the one you have")
        account, hashed = account_of(officer.name), self._passwords.hashed(new)
        with self._file.writing() as db:
            db.execute("UPDATE officer SET password_hash = ? WHERE account = ?", (hashed, account))
            db.execute("DELETE FROM login WHERE account = ? AND login_id <> ?", (account, login.login_id))
            note(db, self._file.seconds(), "password-changed", officer.name, officer.name, address)
        token = self._logins.renew_at_once(login.login_id)
        if token is None:
            raise OfficerError(
                "the password is changed, and this login ended meanwhile: log in with the new one"
            )
        return token

    def end_others(self, login: OpenLogin, address: str) -> int:
        """End every login of this officer but this one; how many there were."""
        name = login.officer.name
        with self._file.writing() as db:
            ended = db.execute(
                "DELETE FROM login WHERE account = ? AND login_id <> ?", (account_of(name), login.login_id)
            ).rowcount
            note(db, self._file.seconds(), "logins-ended", name, name, address)
        return ended

    def session(self, token: str, *, touch: bool) -> OpenLogin | None:
        """Whose login this is, or None when it is unknown or over. `touch`: a person did something."""
        return self._logins.find(token, touch=touch)

    def is_open(self, login_id: str) -> bool:
        """Whether the login has not ended."""
        return self._logins.is_open(login_id)

    def log_out(self, token: str) -> None:
        """End this login."""
        login = self._logins.find(token, touch=False)
        if login is None:
            return
        with self._file.writing() as db:
            db.execute("DELETE FROM login WHERE login_id = ?", (login.login_id,))
            name = login.officer.name
            note(db, self._file.seconds(), "logged-out", name, name, login.source)


def _checked_name(name: str) -> str:
    name = " ".join(unicodedata.normalize("NFKC", name).split())
    if not _NAME.fullmatch(name):
        raise OfficerError(
            f"{name!r} cannot be an account's name: 3 to 64 letters, digits, spaces and . _ ' - ; "
            "a letter or digit first and last"
        )
    return name
