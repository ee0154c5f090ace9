"""Accounts and logins in officers.db."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gate.errors import StoreError
from gate.store.officers import Login, LoginRefused, Officer, OfficerError, Officers, Role
from tests.console.conftest import HandClock, Room
from tests.console.serving import PASSWORD


def test_the_right_password_opens_an_account(room: Room) -> None:
    """A name is compared without regard to case or spaces around it, a password exactly."""
    assert room.officers.verify(" leyla ", PASSWORD) == Officer("Leyla", Role.OFFICER)
    assert room.officers.verify("Leyla", PASSWORD.upper()) is None
    assert room.officers.verify("nobody", PASSWORD) is None
    assert room.officers.verify("\udcff", "\udcff\x00") is None


@pytest.mark.parametrize(
    ("name", "password", "why"),
    [
        ("leyla", PASSWORD, "already"),
        ("Kamran", "short", "at least 15"),
        ("Kamran", "a" * 20, "easy to guess"),
        ("Kamran", "x" * 300, "longer than"),
        ("x", PASSWORD, "cannot be an account's name"),
        ("Kam\x1bran", PASSWORD, "cannot be an account's name"),
        ("<b>Kamran</b>", PASSWORD, "cannot be an account's name"),
    ],
)
def test_an_account_that_will_not_do_is_refused_with_a_reason(
    room: Room, name: str, password: str, why: str
) -> None:
    """What is wrong is said, and no account is made."""
    with pytest.raises(OfficerError, match=why):
        room.officers.add(name, password, Role.OFFICER)
    assert room.officers.verify("Kamran", password) is None


def test_nothing_in_the_file_opens_a_session(room: Room, tmp_path: Path) -> None:
    """Neither passwords nor tokens are at rest in the file, and only its owner may read it."""
    login = room.officers.log_in("Leyla", PASSWORD, "10.0.0.5")
    assert isinstance(login, Login)
    raw = (tmp_path / "officers.db").read_bytes()
    assert login.token.encode() not in raw
    assert PASSWORD.encode() not in raw
    assert b"$argon2id$" in raw
    assert (tmp_path / "officers.db").stat().st_mode & 0o077 == 0
    assert login.token not in repr(login)


def test_an_idle_login_ends_and_a_busy_one_ends_after_its_shift(room: Room) -> None:
    """30 minutes without a person, or 12 hours in all."""
    idle = room.officers.log_in("Leyla", PASSWORD, "10.0.0.5")
    assert isinstance(idle, Login)
    room.clock.forward(29 * 60)
    assert room.officers.session(idle.token, touch=False) is not None
    room.clock.forward(60)
    assert room.officers.session(idle.token, touch=True) is None

    busy = room.officers.log_in("Leyla", PASSWORD, "10.0.0.5")
    assert isinstance(busy, Login)
    for _ in range(47):
        room.clock.forward(15 * 60)
        assert room.officers.session(busy.token, touch=True) is not None
    room.clock.forward(15 * 60)
    assert room.officers.session(busy.token, touch=True) is None


def test_failures_delay_their_own_address_and_nobody_else(room: Room) -> None:
    """A guesser waits ever longer; the officer at the desk, and a login already open, do not."""
    login = room.officers.log_in("Leyla", PASSWORD, "desk")
    assert isinstance(login, Login)
    waits = []
    for _ in range(6):
        refused = room.officers.log_in("Leyla", "wrong", "stranger")
        assert isinstance(refused, LoginRefused)
        waits.append(refused.retry_after)
        room.clock.forward(refused.retry_after)
    assert waits == [0, 0, 0, 2, 4, 8]
    again = room.officers.log_in("Leyla", "wrong", "stranger")
    assert isinstance(again, LoginRefused)
    assert again.retry_after == 16
    too_soon = room.officers.log_in("Leyla", PASSWORD, "stranger")
    assert isinstance(too_soon, LoginRefused)
    assert isinstance(room.officers.log_in("Leyla", PASSWORD, "desk"), Login)
    assert room.officers.session(login.token, touch=True) is not None
    room.clock.forward(16)
    assert isinstance(room.officers.log_in("Leyla", PASSWORD, "stranger"), Login)


def test_unknown_names_earn_the_same_delays(room: Room) -> None:
    """The delay does not tell which accounts exist."""
    waits = [room.officers.log_in("nobody", "wrong", "stranger") for _ in range(4)]
    assert [wait.retry_after for wait in waits if isinstance(wait, LoginRefused)] == [0, 0, 0, 2]


def test_two_processes_may_write(room: Room, tmp_path: Path) -> None:
    """`gate officer add` works while the daemon runs, and the daemon knows the account at once."""
    other = Officers(tmp_path / "officers.db", HandClock())
    other.add("Kamran", PASSWORD, Role.SHIFT_LEAD)
    other.close()
    assert isinstance(room.officers.log_in("Kamran", PASSWORD, "desk"), Login)


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    """A newer schema is not guessed at, and what is no database is named."""
    path = tmp_path / "officers.db"
    Officers(path, HandClock()).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreError, match="schema 99"):
        Officers(path, HandClock())
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match=r"officers\.db"):
        Officers(path, HandClock())
