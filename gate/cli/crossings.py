"""`gate journal export-crossings` and `check-crossings`: confirmations for a neighbouring customs."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from gate.cli.options import AsJson
from gate.cli.verifying import journal
from gate.errors import ConfigError, StoreError

__all__ = ["journal"]
EXIT_BROKEN = 1


@journal.command("export-crossings")
def export_crossings(
    path: Annotated[Path, typer.Argument(help="The journal: journal.db in a site's data folder.")],
    *,
    first: Annotated[
        datetime,
        typer.Option("--from", metavar="DATE", formats=["%Y-%m-%d"], help="The first day, in UTC."),
    ],
    last: Annotated[
        datetime, typer.Option("--to", metavar="DATE", formats=["%Y-%m-%d"], help="The last day, in UTC.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the JSON goes.")],
    visit: Annotated[str | None, typer.Option(metavar="ID", help="Only this visit's.")] = None,
) -> None:
    """Write the entry and exit confirmations of some days, each with its proof, for a neighbouring customs.

    Says who crossed (plate and state while they are held), when, in which direction, and which pictures
    there are; never a corridor, a lane, a finding or an officer. Of other entries it holds digests alone.
    Reads only; the gate may be running.

    Exit codes: 0 written, 1 the file is no journal or cannot be written, 2 wrong usage.
    """
    from gate.store.exchange import export_crossings as gather

    if last < first:
        raise typer.BadParameter("the last day lies before the first", param_hint="--to")
    found = gather(path, first.date(), last.date(), visit)
    text = json.dumps(found.document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{out} cannot be written: {error.strerror}") from error
    typer.echo(f"{out}: {found.crossings} crossings")
    if found.unsigned:
        typer.echo(
            f"gate: {found.unsigned} more are behind the last signed head and cannot be proved yet: "
            "export again in a minute",
            err=True,
        )


@journal.command("check-crossings")
def check_crossings(
    file: Annotated[Path, typer.Argument(help="What `gate journal export-crossings` wrote.")],
    *,
    site_key: Annotated[
        list[Path],
        typer.Option(metavar="FILE", help="The public key the site signs with; repeat where it had several."),
    ],
    central_key: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Central's public key; repeat as above.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a file of crossings by itself, with the site's public key and no database.

    Exit codes: 0 every confirmation is the site's word, 1 one is not, or the file is no such file.
    """
    from gate.sealing.keys import load_signing_public
    from gate.store.exchange_check import check_crossings as check

    try:
        data = file.read_bytes()
    except OSError as error:
        raise StoreError(f"{file} cannot be read: {error.strerror}") from error
    found = check(
        data,
        tuple(load_signing_public(key) for key in site_key),
        tuple(load_signing_public(key) for key in central_key or ()),
    )
    if as_json:
        typer.echo(json.dumps({"ok": not found.problems} | asdict(found), ensure_ascii=False))
    elif found.problems:
        for problem in found.problems:
            typer.echo(f"{file}: {problem}")
    else:
        typer.echo(
            f"{file}: {found.crossings} crossings of {', '.join(found.sites) or 'no site'}, all signed; "
            f"{found.countersigned} countersigned{'' if central_key else ' (not checked)'}, "
            f"{found.erased} without the plate, erased since"
        )
    raise typer.Exit(EXIT_BROKEN if found.problems else 0)
