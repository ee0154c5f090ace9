"""Whose hand does it: a login kept in a file, or a name and a password that is asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from gate.cli.booth import Booth


class Hand:
    """Whose hand it is: logs in by a kept session, or by name and password."""

    def __init__(self, name: str | None, session: Path | None, *, from_stdin: bool) -> None:
        self._name = name
        self._session = session
        self._from_stdin = from_stdin

    def password(self, of: str) -> str:
        """Ask for a password; it is never on the command line, where others read it."""
        if self._from_stdin:
            return sys.stdin.readline().rstrip("\r\n")
        if not sys.stdin.isatty():
            raise typer.BadParameter("no terminal to ask for a password: use --password-stdin or --session")
        answer: str = typer.prompt(f"Password of {of}", hide_input=True, err=True)
        return answer

    def _log_in(self, booth: Booth) -> None:
        name = self._name
        if name is None:
            if self._from_stdin or not sys.stdin.isatty():
                raise typer.BadParameter("whose login? Give --officer NAME, or --session FILE")
            name = typer.prompt("Officer", err=True)
        booth.log_in(name, self.password(name))

    def keep(self, booth: Booth, url: str) -> None:
        """Log in, and keep the login in the session file."""
        from gate.cli.booth import keep_session

        if self._session is None:
            raise typer.BadParameter("where to keep it? Give --session FILE")
        self._log_in(booth)
        who = booth.who()
        keep_session(self._session, url, booth)
        typer.echo(f"{who} is logged in; {self._session} is as good as the password until it ends.")

    def forget(self, booth: Booth, url: str) -> None:
        """End the login of the session file, and remove the file."""
        from gate.cli.booth import session_of

        if self._session is None:
            raise typer.BadParameter("which login? Give --session FILE")
        with booth.again(session_of(self._session, url)) as inside:
            inside.log_out()
        self._session.unlink()
        typer.echo("Logged out.")

    @contextmanager
    def logged_in(self, booth: Booth, url: str) -> Iterator[Booth]:
        """The booth with somebody in it; a login made for this call ends with it."""
        from gate.cli.booth import keep_session, session_of

        if self._session is not None:
            token = session_of(self._session, url)
            with booth.again(token) as kept:
                kept.who()
                # Tokens do not last as long as logins: the console hands out a fresh one now and then.
                if kept.token != token:
                    keep_session(self._session, url, kept)
                yield kept
            return
        self._log_in(booth)
        booth.who()
        try:
            yield booth
        finally:
            booth.log_out()
