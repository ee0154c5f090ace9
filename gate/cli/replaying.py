"""`gate journal replay`: what today's core makes of what was recorded."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gate.cli.options import AsJson
from gate.errors import StoreError

if TYPE_CHECKING:
    from datetime import date

    from gate.replay.replay import Replay
    from gate.replay.would import Outlook

EXIT_DIFFERS = 1
EXIT_NOTHING = 2
_SHOWN = 20
"""Lines for people; machines get them all."""


def replay(
    path: Annotated[Path, typer.Argument(help="The journal: journal.db in a site's data folder.")],
    *,
    day: Annotated[
        datetime | None,
        typer.Option("--day", formats=["%Y-%m-%d"], help="Only this day (UTC)."),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy",
            metavar="FILE",
            help="Take every decision under this policy too: the keys of a site's policy section, as YAML.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Feed what was recorded to today's core again, and name every entry where it does otherwise.

    Reads only; the gate may be running. With a policy it says what would have changed under it.

    Exit codes: 0 the same (whatever a policy would change), 1 differences, 2 wrong usage, no journal, or
    nothing in it can be replayed.
    """
    outlook = _outlook(policy) if policy is not None else None
    began = time.perf_counter()
    try:
        result = _replayed(path, day.date() if day else None, outlook, quiet=as_json)
    except StoreError as error:
        raise typer.BadParameter(str(error)) from error
    seconds = time.perf_counter() - began
    if as_json:
        typer.echo(json.dumps({"path": str(path)} | result.told(seconds), ensure_ascii=False))
    else:
        _show(path, result, seconds)
    if result.differences:
        raise typer.Exit(EXIT_DIFFERS)
    raise typer.Exit(0 if result.is_possible else EXIT_NOTHING)


def _outlook(policy: Path) -> Outlook:
    from gate.config.loading import load_policy
    from gate.replay.would import Outlook
    from gate.settings.policy import policy_from

    return Outlook(policy_from(load_policy(policy)))


def _replayed(path: Path, day: date | None, outlook: Outlook | None, *, quiet: bool) -> Replay:
    from rich.console import Console
    from rich.progress import track

    from gate.replay.entries import read
    from gate.replay.replay import replay as feed

    console = Console(stderr=True)
    with read(path, day) as entries:
        rows = track(
            entries.rows,
            "replaying",
            total=entries.count,
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        return feed(rows, outlook)


def _show(path: Path, result: Replay, seconds: float) -> None:
    if result.differences:
        _show_differences(result)
    fast = _pace(result.recorded_seconds, seconds)
    typer.echo(
        f"{path}: {result.entries} entries; {result.steps} steps and {result.decisions} decisions replayed"
        f" in {seconds:.1f} s{fast}"
    )
    typer.echo(f"{len(result.differences)} differences")
    if result.out_of_reach:
        first = f"before entry {result.begins_at}" if result.begins_at else "anywhere"
        typer.echo(
            f"{result.out_of_reach} entries are not replayable: there is nothing to begin from {first},"
            " or after an erased entry of the same point"
        )
    if result.erased:
        typer.echo(f"{result.erased} entries are not replayable: what was personal in them has been erased")
    if result.outlook is not None:
        _show_outlook(result.outlook)


def _pace(recorded: float, seconds: float) -> str:
    return f", {recorded / seconds:,.0f} times as fast as they happened" if recorded > seconds > 0 else ""


def _show_differences(result: Replay) -> None:
    from rich.console import Console
    from rich.table import Column, Table

    table = Table(*(Column(head, overflow="fold") for head in ("entry", "where", "what", "recorded", "now")))
    for one in result.differences[:_SHOWN]:
        where = f"{one.at[:19]}\n{one.point}\n{one.kind}"
        table.add_row(str(one.seq), where, one.what, *one.sides())
    Console().print(table)
    if len(result.differences) > _SHOWN:
        typer.echo(f"... and {len(result.differences) - _SHOWN} more; --json has them all")


def _show_outlook(outlook: Outlook) -> None:
    typer.echo(
        f"Under policy {outlook.policy.version}, {len(outlook.changes)} of {outlook.decisions} decisions"
        " would have been others" + (":" if outlook.changes else "")
    )
    for move, count in outlook.moves.most_common():
        typer.echo(f"  {count} {move}")
    for code, held in outlook.held.most_common():
        if outlook.freed[code]:
            typer.echo(f"  {outlook.freed[code]} of {held} held for {code} would have been directed")
    for code, count in outlook.appear.most_common():
        typer.echo(f"  {count} would have been found {code}")
    if outlook.opened:
        typer.echo(
            f"  of {outlook.opened} the verdicts would have been opened: their corridors are not known"
        )
