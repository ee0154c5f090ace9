"""officers.db written by an older version goes on being used."""

from __future__ import annotations

import sqlite3
from importlib import resources
from pathlib import Path

import pytest

from gate.store.officers import Login, Officer, OfficerError, Officers, Role
from tests.console.conftest import HandClock
from tests.console.quick import QUICK
from tests.console.serving import PASSWORD


def _of_version_1(path: Path) -> None:
    """As the first version left it: an account with a shorter password, a login, failures."""
    script = resources.files("gate.store").joinpath("schema/officers/0001_accounts.sql").read_text("utf-8")
    with sqlite3.connect(path) as db:
        db.executescript(script)
        db.execute(
            "INSERT INTO officer VALUES ('leyla', 'Leyla', 'officer', ?, 1.0)", (QUICK.hash(b"poplars tall"),)
        )
        db.execute("INSERT INTO login VALUES (?, 'leyla', 1.0, 1.0)", (b"x" * 32,))
        db.execute("INSERT INTO failed_login VALUES ('leyla', '10.0.0.66', 5, 1777874399.0, 1.0)")
    db.close()


def test_accounts_of_before_log_in_as_ever(tmp_path: Path) -> None:
    """Also with a password shorter than new ones must be; logins of before have ended, delays have not."""
    path = tmp_path / "officers.db"
    _of_version_1(path)
    for _ in range(2):  # the second time there is nothing left to do
        officers = Officers(path, HandClock(), hasher=QUICK)
        assert officers.logins("Leyla") == []
        assert isinstance(officers.log_in("Leyla", "poplars tall", "10.0.0.5"), Login)
        assert officers.end_logins("Leyla", "root") == 1
        officers.close()
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (2,)
        assert db.execute("SELECT failures FROM failed_login").fetchall() == [(5,)]
    db.close()


def test_a_name_is_never_given_twice(tmp_path: Path) -> None:
    """The journal names who had it."""
    officers = Officers(tmp_path / "officers.db", HandClock(), hasher=QUICK)
    assert officers.add("Leyla", PASSWORD, Role.OFFICER) == Officer("Leyla", Role.OFFICER)
    officers.remove("LEYLA", "root")
    with pytest.raises(OfficerError, match="there was an account"):
        officers.add("leyla", PASSWORD, Role.SHIFT_LEAD)
    with pytest.raises(OfficerError, match="no account named"):
        officers.disable("leyla", "root")
    officers.close()


def test_what_happened_is_not_rewritten(tmp_path: Path) -> None:
    """Events wait until the journal has them, whoever opens the file."""
    path = tmp_path / "officers.db"
    officers = Officers(path, HandClock(), hasher=QUICK)
    officers.add("Leyla", PASSWORD, Role.OFFICER, "root")
    officers.close()
    with sqlite3.connect(path) as db:
        with pytest.raises(sqlite3.IntegrityError, match="kept until the journal"):
            db.execute("DELETE FROM account_event")
        with pytest.raises(sqlite3.IntegrityError, match="not rewritten"):
            db.execute("UPDATE account_event SET acted_by = 'nobody'")
    db.close()
