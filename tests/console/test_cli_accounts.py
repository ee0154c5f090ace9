"""`gate officer`: looking after accounts from the machine's own command line."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gate.clock import SystemClock
from gate.console.cli import app
from gate.store.officers import Login, Officer, Officers, Role
from tests.console.conftest import Accounts, HandClock
from tests.console.serving import PASSWORD


@pytest.fixture
def data(tmp_path: Path, accounts: Accounts) -> Path:
    """A data folder with an account of each role, and a login of Leyla's."""
    (tmp_path / "officers.db").write_bytes(accounts.path.read_bytes())
    return tmp_path


def gate_officer(data: Path, *words: str, typed: str = "") -> tuple[int, str]:
    """The exit code and what was said."""
    result = CliRunner().invoke(app, [*words, "--data", str(data)], input=typed)
    return result.exit_code, result.output


def in_json(data: Path, *words: str, typed: str = "") -> Any:
    """The same in JSON."""
    code, output = gate_officer(data, *words, "--json", typed=typed)
    assert code == 0, output
    return json.loads(output)


def test_accounts_are_listed(data: Path) -> None:
    """For people and for programs; nothing of a password is in either."""
    code, table = gate_officer(data, "list")
    assert code == 0
    assert all(name in table for name in ("Leyla", "Nigar", "Rauf", "Togrul", "shift-lead"))
    told = in_json(data, "list")["accounts"]
    assert [one["name"] for one in told] == ["Leyla", "Nigar", "Rauf", "Togrul"]
    assert set(told[0]) == {"name", "role", "disabled", "created", "logins"}
    assert "argon2" not in table + json.dumps(told)


def test_a_day_of_an_administrator(data: Path) -> None:
    """Added, promoted, given a new password, shut, opened, removed: each said, each on record."""
    assert in_json(data, "add", "Kamran", "--password-stdin", typed=f"{PASSWORD}\n") == {
        "name": "Kamran",
        "role": "officer",
    }
    assert "shift-lead now" in gate_officer(data, "role", "kamran", "shift-lead")[1]
    code, said = gate_officer(data, "password", "kamran", "--password-stdin", typed="nine crooked willows\n")
    assert (code, "new password" in said) == (0, True)
    assert "shut out" in gate_officer(data, "disable", "kamran")[1]
    assert in_json(data, "list")["accounts"][0]["disabled"]
    assert "may log in again" in gate_officer(data, "enable", "kamran")[1]
    officers = Officers(data / "officers.db", HandClock())
    assert officers.verify("Kamran", "nine crooked willows") == Officer("Kamran", Role.SHIFT_LEAD)
    told = [event for event in officers.events.waiting() if event.account == "Kamran"]
    officers.close()
    assert [event.change for event in told] == [
        *("added-as-officer", "made-shift-lead", "password-set", "disabled", "enabled"),
    ]
    assert {event.acted_by for event in told} == {getpass.getuser()}
    assert "Removed Kamran" in gate_officer(data, "remove", "kamran")[1]
    assert "Kamran" not in gate_officer(data, "list")[1]


def test_logins_are_listed_and_ended(tmp_path: Path) -> None:
    """From where and since when; of one account or of all, and which of both must be said."""
    officers = Officers(tmp_path / "officers.db", SystemClock())
    officers.add("Leyla", PASSWORD, Role.OFFICER)
    login = officers.log_in("Leyla", PASSWORD, "10.0.0.5")
    assert isinstance(login, Login)
    assert [one["source"] for one in in_json(tmp_path, "logins", "leyla")["logins"]] == ["10.0.0.5"]
    assert "10.0.0.5" in gate_officer(tmp_path, "logins", "leyla")[1]
    assert gate_officer(tmp_path, "end-logins")[0] == 2
    assert gate_officer(tmp_path, "end-logins", "leyla", "--all")[0] == 2
    assert in_json(tmp_path, "end-logins", "leyla") == {"ended": 1}
    assert officers.session(login.token, touch=False) is None, "also in a running gate"
    assert in_json(tmp_path, "end-logins", "--all") == {"ended": 0}
    officers.close()


@pytest.mark.parametrize(
    "words",
    [
        ("password", "nobody", "--password-stdin"),
        ("role", "nobody", "auditor"),
        *((command, "nobody") for command in ("disable", "enable", "remove", "logins", "end-logins")),
    ],
    ids=lambda words: words[0],
)
def test_an_account_that_is_not_there_is_said(data: Path, words: tuple[str, ...]) -> None:
    """With the command that tells which there are; and no file is made where none was."""
    code, said = gate_officer(data, *words, typed=f"{PASSWORD}\n")
    assert (code, "gate officer list" in said) == (1, True)
    code, said = gate_officer(data / "elsewhere", *words, typed=f"{PASSWORD}\n")
    assert (code, "there is no" in said) == (1, True)
    assert not (data / "elsewhere").exists()
