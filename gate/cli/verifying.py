"""`gate journal verify`: whether the record is whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gate.cli.options import AsJson

journal = typer.Typer(no_args_is_help=True)
EXIT_BROKEN = 1


@journal.callback()
def _journal() -> None:
    """The checkpoint's hash-chained record."""  # keeps `verify` a command while it is the only one


@journal.command()
def verify(
    path: Annotated[Path, typer.Argument(help="The journal: journal.db in a site's data folder.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Walk the journal's hash chain and name the first entry that was changed, removed or added.

    Reads only; the gate may be running. Compare the head with the one central last acknowledged to
    know that nothing was cut off at the end.

    Exit codes: 0 the chain holds, 1 it is broken or the file is no journal.
    """
    from gate.store.journal_check import verify as walk

    found = walk(path)
    if as_json:
        told = {
            "ok": found.problem is None,
            "path": str(found.path),
            "entries": found.entries,
            "head": found.head,
            "entry": found.entry,
            "problem": found.problem,
        }
        typer.echo(json.dumps(told, ensure_ascii=False))
    elif found.problem is None:
        typer.echo(f"{path}: {found.entries} entries, the chain holds, head {found.head}")
    else:
        typer.echo(f"{path}: broken at entry {found.entry}: {found.problem}; {found.entries} before it hold")
    raise typer.Exit(0 if found.problem is None else EXIT_BROKEN)
