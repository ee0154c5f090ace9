"""What happened to accounts and logins, kept until the journal has it.

The journal has one writer, the daemon; `gate officer` works beside it, and while it is down. So both write
here first, in the transaction of the change itself, and the daemon carries it over.
"""

from __future__ import annotations

import sqlite3
from typing import cast

from gate.store.accounts import AccountEvent
from gate.store.officer_file import OfficerFile

KEPT_AFTERWARDS = 1_000
"""Events the journal has already: a short look back for `gate officer`, no second record."""
MOST_REFUSALS_AN_HOUR = 30
"""A guesser may not write a line with every guess into a record that is kept for years."""


def note(
    db: sqlite3.Connection, at: float, change: str, account: str, acted_by: str = "", source: str = ""
) -> None:
    """Keep one event, inside the transaction of the change it tells of."""
    db.execute(
        "INSERT INTO account_event (at, change, account, acted_by, source) VALUES (?,?,?,?,?)",
        (at, change, account, acted_by, source),
    )


def note_refusals(db: sqlite3.Connection, at: float, source: str) -> None:
    """Somebody guesses: whose name he types is not kept, for it may be a password typed there by mistake."""
    (lately,) = db.execute(
        "SELECT count(*) FROM account_event WHERE change = 'logins-refused' AND at > ?", (at - 3600,)
    ).fetchone()
    if lately < MOST_REFUSALS_AN_HOUR:
        note(db, at, "logins-refused", "", source=source)


class AccountEvents:
    """The events as the daemon carries them into the journal."""

    def __init__(self, file: OfficerFile) -> None:
        self._file = file

    def waiting(self) -> list[AccountEvent]:
        """What the journal does not have yet, oldest first."""
        rows = self._file.all(
            "SELECT seq, at, change, account, acted_by, source FROM account_event "
            "WHERE journalled = 0 ORDER BY seq LIMIT 500"
        )
        return [AccountEvent(*cast("tuple[int, float, str, str, str, str]", row)) for row in rows]

    def carried(self, seq: int) -> None:
        """The journal has everything up to this one."""
        with self._file.writing() as db:
            db.execute("UPDATE account_event SET journalled = 1 WHERE journalled = 0 AND seq <= ?", (seq,))
            db.execute(
                "DELETE FROM account_event WHERE journalled = 1 AND seq <= ?", (seq - KEPT_AFTERWARDS,)
            )
