"""`gate officer add`."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from gate.console.cli import app
from gate.store.officers import Officer, Officers, Role
from tests.console.conftest import HandClock
from tests.console.serving import PASSWORD


def test_an_account_is_added_from_standard_input(tmp_path: Path) -> None:
    """With its role; the password never appears in what is printed."""
    result = CliRunner().invoke(
        app,
        ["add", "Kamran", "--role", "shift-lead", "--password-stdin", "--data", str(tmp_path)],
        input=f"{PASSWORD}\n",
    )
    assert result.exit_code == 0, result.output
    assert "Kamran (shift-lead)" in result.output
    assert PASSWORD not in result.output
    officers = Officers(tmp_path / "officers.db", HandClock())
    assert officers.verify("Kamran", PASSWORD) == Officer("Kamran", Role.SHIFT_LEAD)
    officers.close()


def test_what_will_not_do_is_said(tmp_path: Path) -> None:
    """A short password, a name taken, and no terminal to ask at each end with words and a failure."""
    add = ["add", "Kamran", "--data", str(tmp_path)]
    short = CliRunner().invoke(app, [*add, "--password-stdin"], input="short\n")
    assert (short.exit_code, "at least 15" in short.output) == (1, True)
    CliRunner().invoke(app, [*add, "--password-stdin"], input=f"{PASSWORD}\n")
    twice = CliRunner().invoke(app, [*add, "--password-stdin"], input=f"{PASSWORD}\n")
    assert (twice.exit_code, "already" in twice.output) == (1, True)
    nobody = CliRunner().invoke(app, add)
    assert (nobody.exit_code, "--password-stdin" in nobody.output) == (2, True)
