"""`gate lanes`: the state machines, checked over their whole state space, and drawn."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from gate.cli.options import AsJson

lanes = typer.Typer(no_args_is_help=True, help="The lanes' state machines: proved and drawn.")
EXIT_BROKEN = 1

Machine = Annotated[
    list[str] | None,
    typer.Option("--machine", metavar="KIND", help="approach, terminal, entry or exit; repeat for more."),
]


def _chosen(machines: list[str] | None) -> list[str]:
    from gate.lanes.diagram import MACHINES

    unknown = [name for name in machines or () if name not in MACHINES]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: known are {', '.join(MACHINES)}")
    return machines or list(MACHINES)


@lanes.command()
def explore(*, machine: Machine = None, as_json: AsJson = False) -> None:
    """Walk every state each machine can reach, time abstracted, and check the laws at every step.

    A machine is walked in every way it may be fitted, a line each. Takes a minute or two in all. A broken
    law is told with the step that breaks it.

    Exit codes: 0 every law holds, 1 one is broken.
    """
    from rich.console import Console
    from rich.progress import track

    from gate.lanes.explorer import VARIANTS, explore_all

    broken = False
    kinds = _chosen(machine)
    waiting = Console(stderr=True)
    reports = track(
        explore_all(kinds),
        "walking",
        total=sum(variant.kind in kinds for variant in VARIANTS),
        console=waiting,
        transient=True,
        disable=not waiting.is_terminal,
    )
    for report in reports:
        broken = broken or bool(report.broken)
        if as_json:
            typer.echo(json.dumps(report.as_json()))
            continue
        verdict = "every law holds" if not report.broken else "BROKEN"
        walked = f"{report.states} states, {report.transitions} transitions, {report.seconds:.1f} s"
        typer.echo(f"{report.machine:33} {walked}: {verdict}")
        for law, step in report.broken.items():
            typer.echo(f"  {law}: {step}")
    raise typer.Exit(EXIT_BROKEN if broken else 0)


@lanes.command()
def diagram(*, machine: Machine = None) -> None:
    """Print the machines as Mermaid state diagrams, drawn from the tables they run on."""
    from gate.lanes.diagram import MACHINES, mermaid

    for kind in _chosen(machine):
        typer.echo(f"%% {kind}\n{mermaid(MACHINES[kind])}\n")
