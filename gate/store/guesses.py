"""The delays that failed logins earn, so that guessing is slow and nobody can be shut out by it.

Counted per name and place. A place is the network address the try came from, or, where that officer has
logged in before with this very browser, the browser: known by a cookie that nobody else has. So a stranger
who types an officer's name wrong a thousand times makes himself wait, even from behind the same proxy;
and whoever sits down at the officer's own screen makes it wait half a minute at the most.
"""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass
from typing import cast

from gate.store.account_events import note_refusals
from gate.store.officer_file import OfficerFile

FREE_FAILURES = 3
"""Mistypings that cost no waiting."""
LONGEST_DELAY_SECONDS = 15 * 60.0
LONGEST_AT_KNOWN_BROWSER_SECONDS = 30.0
FREE_AT_ADDRESS = 50
"""Failures of one address over all names: many tries at many names are guesses, too."""
LONGEST_AT_ADDRESS_SECONDS = 60.0
FORGET_FAILURES_SECONDS = 24 * 3600.0
MOST_FAILURE_ROWS = 10_000
"""A guesser with many names or addresses may not fill the disk."""
BROWSER_KNOWN_SECONDS = 90 * 24 * 3600.0

_ANY_NAME = ""
"""No account is called so: under it an address's failures with all names are counted."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a try came from, as its failures are counted."""

    name: str
    known: bool
    """It is a browser this officer has logged in with."""


def digest(token: str) -> bytes:
    """What the file keeps of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


class Guesses:
    """Failures and delays in officers.db."""

    def __init__(self, file: OfficerFile) -> None:
        self._file = file

    def place(self, account: str, address: str, browser: str) -> Place:
        """How a try for this account from this address, with this browser's cookie, is counted."""
        if browser:
            seen = self._file.one(
                "SELECT seen_at FROM known_browser WHERE browser_hash = ? AND account = ?",
                digest(browser),
                account,
            )
            if seen and self._file.seconds() < cast("float", seen[0]) + BROWSER_KNOWN_SECONDS:
                return Place("browser " + digest(browser).hex()[:32], known=True)
        return Place(address, known=False)

    def wait(self, account: str, place: Place) -> float:
        """Seconds before a try is looked at; the password is not even compared before."""
        rows = self._file.all(
            "SELECT not_before FROM failed_login WHERE address = ? AND account IN (?, ?)",
            place.name,
            account,
            account if place.known else _ANY_NAME,
        )
        return max([0.0, *(cast("float", row[0]) - self._file.seconds() for row in rows)])

    def failed(self, account: str, place: Place, source: str) -> float:
        """Count a failure; the seconds to wait from now on."""
        now = self._file.seconds()
        with self._file.writing() as db:
            _make_room(db, now)
            if place.known:
                delay = _count(
                    db, account, place.name, now, free=FREE_FAILURES, most=LONGEST_AT_KNOWN_BROWSER_SECONDS
                )
            else:
                delay = max(
                    _count(db, account, place.name, now, free=FREE_FAILURES, most=LONGEST_DELAY_SECONDS),
                    _count(
                        db, _ANY_NAME, place.name, now, free=FREE_AT_ADDRESS, most=LONGEST_AT_ADDRESS_SECONDS
                    ),
                )
            if delay:
                note_refusals(db, now, source)
        return delay

    def forgive(self, account: str, place: Place) -> None:
        """It was the officer after all: what was counted for him here is forgotten."""
        with self._file.writing() as db:
            db.execute("DELETE FROM failed_login WHERE account = ? AND address = ?", (account, place.name))

    def know(self, account: str, browser: str) -> None:
        """The officer has logged in with this browser."""
        now = self._file.seconds()
        with self._file.writing() as db:
            db.execute("DELETE FROM known_browser WHERE seen_at <= ?", (now - BROWSER_KNOWN_SECONDS,))
            db.execute("INSERT OR REPLACE INTO known_browser VALUES (?,?,?)", (digest(browser), account, now))

    def knows(self, browser: str) -> bool:
        """Whether anybody has logged in with this browser: a cookie we did not make is nobody's."""
        return bool(
            browser and self._file.one("SELECT 1 FROM known_browser WHERE browser_hash = ?", digest(browser))
        )


def _make_room(db: sqlite3.Connection, now: float) -> None:
    db.execute("DELETE FROM failed_login WHERE last_at <= ?", (now - FORGET_FAILURES_SECONDS,))
    (rows,) = db.execute("SELECT count(*) FROM failed_login").fetchone()
    if rows >= MOST_FAILURE_ROWS - 1:
        # Those with the fewest failures go first: nobody forgets a guesser by inventing names.
        db.execute(
            "DELETE FROM failed_login WHERE (account, address) IN "
            "(SELECT account, address FROM failed_login ORDER BY failures, last_at LIMIT ?)",
            (MOST_FAILURE_ROWS // 10,),
        )


def _count(db: sqlite3.Connection, account: str, place: str, now: float, *, free: int, most: float) -> float:
    row = db.execute(
        "SELECT failures FROM failed_login WHERE account = ? AND address = ?", (account, place)
    ).fetchone()
    failures = (row[0] if row else 0) + 1
    over = min(failures - free, 32)
    delay = min(2.0**over, most) if over > 0 else 0.0
    db.execute(
        "INSERT OR REPLACE INTO failed_login (account, address, failures, last_at, not_before) "
        "VALUES (?,?,?,?,?)",
        (account, place, failures, now, now + delay),
    )
    return delay
