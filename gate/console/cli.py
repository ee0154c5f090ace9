"""`gate officer`: the accounts of the officers' console, for whoever looks after the machine."""

from __future__ import annotations

import json
import os
import pwd
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gate.clock import SystemClock
from gate.errors import GateError
from gate.store.officers import Officer, OfficerError, Officers, Role
from gate.store.passwords import PASSWORD_MIN

app = typer.Typer(no_args_is_help=True, help="Accounts of the officers' console.")

Name = Annotated[str, typer.Argument(help="The account's name.")]
Data = Annotated[
    Path,
    typer.Option(
        help="The site's data folder (data: in its configuration); officers.db lies there.",
        file_okay=False,
    ),
]
InJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
Stdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]
RoleOption = Annotated[
    Role,
    typer.Option(
        help="officer, shift-lead: may act; auditor: only looks; technician: closes and opens points."
    ),
]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The officer's name, as the journal will record it.")],
    data: Data,
    role: RoleOption = Role.OFFICER,
    *,
    password_stdin: Stdin = False,
    in_json: InJson = False,
) -> None:
    """Add an account. Asks for the password twice; it takes effect at once, also in a running gate."""
    password = _password("add", from_stdin=password_stdin)
    with _accounts("add", data, make=True) as officers:
        officer = officers.add(name, password, role, _who())
    _say(officer, f"Added {officer.name} ({officer.role.value}).", in_json=in_json)


@app.command("list")
def list_(data: Data, *, in_json: InJson = False) -> None:
    """List the accounts, with their roles and open logins."""
    with _accounts("list", data) as officers:
        accounts = officers.accounts()
    if in_json:
        told = [
            {
                "name": one.officer.name,
                "role": one.officer.role.value,
                "disabled": _time(one.disabled_at),
                "created": _time(one.created_at),
                "logins": one.logins,
            }
            for one in accounts
        ]
        typer.echo(json.dumps({"accounts": told}))
        return
    table = Table("name", "role", "open logins", "created", "")
    for one in accounts:
        shut = f"disabled since {_time(one.disabled_at)}" if one.disabled_at is not None else ""
        officer = one.officer
        table.add_row(Text(officer.name), officer.role.value, str(one.logins), _time(one.created_at), shut)
    Console().print(table)


@app.command()
def password(name: Name, data: Data, *, password_stdin: Stdin = False, in_json: InJson = False) -> None:
    """Set a new password for an officer who forgot his. His logins end at once."""
    typed = _password("password", from_stdin=password_stdin)
    with _accounts("password", data) as officers:
        officer = officers.set_password(name, typed, _who())
    _say(officer, f"{officer.name} has a new password, and is logged out everywhere.", in_json=in_json)


@app.command("role")
def role_(
    name: Name,
    role: Annotated[Role, typer.Argument(help="The new role.")],
    data: Data,
    *,
    in_json: InJson = False,
) -> None:
    """Give an account another role. Its logins end at once."""
    with _accounts("role", data) as officers:
        officer = officers.set_role(name, role, _who())
    _say(
        officer, f"{officer.name} is {officer.role.value} now, and is logged out everywhere.", in_json=in_json
    )


@app.command()
def disable(name: Name, data: Data, *, in_json: InJson = False) -> None:
    """Shut an account. Its logins end at once."""
    with _accounts("disable", data) as officers:
        officer = officers.disable(name, _who())
    _say(officer, f"{officer.name} is shut out, and is logged out everywhere.", in_json=in_json)


@app.command()
def enable(name: Name, data: Data, *, in_json: InJson = False) -> None:
    """Open a shut account again."""
    with _accounts("enable", data) as officers:
        officer = officers.enable(name, _who())
    _say(officer, f"{officer.name} may log in again.", in_json=in_json)


@app.command()
def remove(name: Name, data: Data, *, in_json: InJson = False) -> None:
    """Remove an account for good. Its name stays in the journal, so nobody else is ever given it."""
    with _accounts("remove", data) as officers:
        officer = officers.remove(name, _who())
    _say(officer, f"Removed {officer.name}.", in_json=in_json)


@app.command()
def logins(name: Name, data: Data, *, in_json: InJson = False) -> None:
    """List an account's open logins: from where, since when, last used."""
    with _accounts("logins", data) as officers:
        found = officers.logins(name)
    told = [
        {"source": one.source, "since": _time(one.started_at), "used": _time(one.seen_at)} for one in found
    ]
    if in_json:
        typer.echo(json.dumps({"logins": told}))
        return
    table = Table("from", "since", "last used")
    for one in told:
        table.add_row(Text(one["source"]), one["since"], one["used"])
    Console().print(table)


@app.command("end-logins")
def end_logins(
    data: Data,
    name: Annotated[str | None, typer.Argument(help="The account's name; left out with --all.")] = None,
    *,
    everybody: Annotated[bool, typer.Option("--all", help="Of every account.")] = False,
    in_json: InJson = False,
) -> None:
    """End the open logins of one account, or of all."""
    if (name is None) != everybody:
        typer.echo("gate officer end-logins: name one account, or say --all", err=True)
        raise typer.Exit(2)
    with _accounts("end-logins", data) as officers:
        ended = officers.end_logins(name, _who())
    typer.echo(json.dumps({"ended": ended}) if in_json else f"Ended {ended} logins.")


@contextmanager
def _accounts(command: str, data: Path, *, make: bool = False) -> Iterator[Officers]:
    """The accounts of this data folder; what is wrong is said, with a failure."""
    path = data / "officers.db"
    try:
        if not make and not path.exists():
            raise OfficerError(f"there is no {path}: look at data: in the site's configuration")
        officers = Officers(path, SystemClock())
        try:
            yield officers
        finally:
            officers.close()
        _give_to_the_gate(path)
    except GateError as error:
        typer.echo(f"gate officer {command}: {error}", err=True)
        raise typer.Exit(1) from error


def _who() -> str:
    """The account of the operating system that does this: it goes into the journal."""
    name = pwd.getpwuid(os.getuid()).pw_name
    behind = os.environ.get("SUDO_USER", "")
    # What sudo says is kept beside what the kernel says, never instead of it.
    return f"{name} for {behind}"[:64] if behind.isidentifier() else name


def _give_to_the_gate(path: Path) -> None:
    # Run by root, the file would be root's, and the daemon could not open it: it belongs to whom the
    # data folder belongs.
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.chown(path, folder.st_uid, folder.st_gid)


def _say(officer: Officer, words: str, *, in_json: bool) -> None:
    typer.echo(json.dumps({"name": officer.name, "role": officer.role.value}) if in_json else words)


def _time(seconds: float | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _password(command: str, *, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        typer.echo(
            f"gate officer {command}: no terminal to ask for the password; use --password-stdin", err=True
        )
        raise typer.Exit(2)
    answer: str = typer.prompt(
        f"Password (at least {PASSWORD_MIN} characters)",
        hide_input=True,
        confirmation_prompt="The same again",
    )
    return answer
