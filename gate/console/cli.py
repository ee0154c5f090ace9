"""`gate officer`: the accounts of the officers' console."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from gate.clock import SystemClock
from gate.errors import GateError
from gate.store.officers import PASSWORD_MIN, Officers, Role

app = typer.Typer(no_args_is_help=True, help="Accounts of the officers' console.")


@app.callback()
def _officer() -> None:
    """Accounts of the officers' console."""  # keeps `add` a command of its own while it is the only one


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The officer's name, as the journal will record it.")],
    data: Annotated[
        Path,
        typer.Option(
            help="The site's data folder (data: in its configuration); officers.db lies there.",
            file_okay=False,
        ),
    ],
    role: Annotated[
        Role,
        typer.Option(
            help="officer, shift-lead: may act; auditor: only looks; technician: closes and opens points."
        ),
    ] = Role.OFFICER,
    *,
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="Read the password from the first line of standard input."),
    ] = False,
) -> None:
    """Add an account. Asks for the password twice; it takes effect at once, also in a running gate."""
    password = _password(from_stdin=password_stdin)
    try:
        path = data / "officers.db"
        officers = Officers(path, SystemClock())
        try:
            officer = officers.add(name, password, role)
        finally:
            officers.close()
        _give_to_the_gate(path)
    except GateError as error:
        typer.echo(f"gate officer add: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"Added {officer.name} ({officer.role.value}).")


def _give_to_the_gate(path: Path) -> None:
    # Run by root, the file would be root's, and the daemon could not open it: it belongs to whom the
    # data folder belongs.
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.chown(path, folder.st_uid, folder.st_gid)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        typer.echo("gate officer add: no terminal to ask for the password; use --password-stdin", err=True)
        raise typer.Exit(2)
    answer: str = typer.prompt(
        f"Password (at least {PASSWORD_MIN} characters)",
        hide_input=True,
        confirmation_prompt="The same again",
    )
    return answer
