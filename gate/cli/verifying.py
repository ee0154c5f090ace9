"""`gate journal verify` and `key`: whether the record is whole, and whose word that is."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gate.cli.options import AsJson
from gate.errors import ConfigError

if TYPE_CHECKING:
    from gate.store.journal_check import Progress, Verification

journal = typer.Typer(no_args_is_help=True)
EXIT_BROKEN = 1

KeyFiles = list[Path] | None


@journal.callback()
def _journal() -> None:
    """The checkpoint's hash-chained record."""


@journal.command()
def key(
    private: Annotated[Path, typer.Argument(help="Where the private key goes, for the site alone.")],
    public: Annotated[Path, typer.Argument(help="Where the public key goes, for central and auditors.")],
) -> None:
    """Make the pair of keys a site signs its journal's heads with. Never overwrites a file.

    Exit codes: 0 made, 2 a file could not be written.
    """
    from gate.sealing.keys import make_signing_keys

    make_signing_keys(private, public)
    typer.echo(f"{private} signs (keys.site_signing of the site), {public} checks (central, auditors)")


@journal.command()
def verify(
    path: Annotated[Path, typer.Argument(help="The journal: journal.db in a site's data folder.")],
    *,
    site_key: Annotated[
        KeyFiles,
        typer.Option(
            metavar="FILE",
            help="The public key the site signs heads with; repeat it where the site has had several.",
        ),
    ] = None,
    central_key: Annotated[
        KeyFiles, typer.Option(metavar="FILE", help="Central's public key; repeat as above.")
    ] = None,
    central_heads: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What `gate central heads SITE --json` told, to compare with."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Walk the journal's chain, payloads and heads, and name the first entry that is wrong.

    Finds any entry, payload or head that was changed, removed, moved or added. Entries behind the last
    head that central countersigned are told as unanchored: nobody but the site vouches for them yet.
    Reads only; the gate may be running.

    Exit codes: 0 the record holds, 1 it is broken or the file is no journal.
    """
    from gate.sealing.keys import load_signing_public
    from gate.store.head_check import Keys
    from gate.store.journal_check import verify as walk

    listed, elsewhere = _listed(central_heads, path) if central_heads is not None else ({}, 0)
    keys = Keys(
        tuple(load_signing_public(file) for file in site_key or ()),
        tuple(load_signing_public(file) for file in central_key or ()),
        listed,
    )
    with _bar() as progress:
        found = walk(path, keys, progress)
    if as_json:
        typer.echo(json.dumps(_as_json(found) | {"central_elsewhere": elsewhere}, ensure_ascii=False))
    else:
        for line in _as_text(found):
            typer.echo(line)
        if elsewhere:
            typer.echo(
                f"central countersigned {elsewhere} heads of other journals of this site: ask for those"
            )
    raise typer.Exit(0 if found.problem is None else EXIT_BROKEN)


def _as_json(found: Verification) -> dict[str, object]:
    told = {name: value for name, value in asdict(found).items() if name != "heads"}
    ok = {"ok": found.problem is None}
    return ok | told | {"path": str(found.path), "heads": asdict(found.heads)}


def _as_text(found: Verification) -> Iterator[str]:
    if found.problem is not None:
        where = (
            f"entry {found.entry}" if found.last is None else f"one of entries {found.entry} to {found.last}"
        )
        yield f"{found.path}: broken at {where}: {found.problem}; {found.entries} before it hold"
        return
    yield f"{found.path}: {found.entries} entries, the chain holds, head {found.head}"
    yield f"payloads: {found.payloads} as committed, {found.erased} erased on record"
    heads = found.heads
    yield f"heads: {heads.heads}, signatures {heads.signatures}, countersignatures {heads.countersignatures}"
    yield _behind("unsigned", "the last signed head", heads.unsigned, heads.signed_to)
    yield _behind("unanchored", "the last head central countersigned", heads.unanchored, heads.anchored_to)


def _behind(what: str, which: str, count: int, to: int) -> str:
    return f"{what}: none" if not count else f"{what}: {count} entries from {to + 1} on, behind {which}"


def _listed(file: Path, journal_path: Path) -> tuple[Mapping[int, bytes], int]:
    """The heads in central's list that are of this journal's epoch, entry to hash; and how many are not."""
    epoch = _epoch_of(journal_path)
    try:
        heads = json.loads(file.read_text(encoding="utf-8"))["heads"]
        ours = {int(one["seq"]): bytes.fromhex(one["hash"]) for one in heads if one["epoch"] == epoch}
        return ours, len(heads) - len(ours)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{file}: not what `gate central heads SITE --json` prints ({type(error).__name__}: {error})"
        ) from error


def _epoch_of(path: Path) -> str | None:
    if not path.is_file():
        return None  # the walk says so
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
    except sqlite3.Error:
        return None  # the walk says that it is no journal
    return None if row is None else str(row[0])


@contextmanager
def _bar() -> Iterator[Progress]:
    """A progress bar on the terminal; nothing where the output goes elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("walking the chain"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("entries", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
