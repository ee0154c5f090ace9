"""`gate device`: a lane's devices without the daemon, for whoever installs them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gate.cli.options import AsJson, SiteFile, site_file
from gate.errors import ConfigError

if TYPE_CHECKING:
    from gate.settings import PointSettings, SiteSettings

device = typer.Typer(no_args_is_help=True, help="A lane's devices without the daemon: watched, tested.")

EXIT_WRONG = 1
EXIT_NOT_OURS = 4
"""The devices belong to somebody else just now: the running gate, or traffic."""
_PATIENCE = 60.0


@device.command()
def watch(
    lane: Annotated[
        str | None, typer.Argument(metavar="[LANE]", help="The point to watch; without it every point.")
    ] = None,
    config: SiteFile = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print what a lane's devices say, until Ctrl-C. Only listens, never commands.

    Every change of an input, every fault and recovery, with its time, and the table of inputs. Serial
    ports have one user: put the lane into maintenance at the console, or stop the gate, first. MQTT
    devices can be watched beside the running gate.

    Exit codes: 0 ended by Ctrl-C or SIGTERM, 2 wrong usage or configuration, 4 a serial port is in use.
    """
    from gate.cli.device.ours import NotOursError, ports_are_free
    from gate.cli.device.watching import watch_points

    settings, points = _chosen(config, lane)
    try:
        ports_are_free(points)
    except NotOursError as error:
        _leave(error)
    watch_points(settings, points, as_json=as_json)


@device.command("test")
def try_device(
    lane: Annotated[str, typer.Argument(metavar="LANE", help="The point whose device is tested.")],
    part: Annotated[
        str,
        typer.Argument(
            metavar="DEVICE",
            help="inputs, signal, board, barrier, camera, scanner, keypad, printer; all: whatever it has.",
        ),
    ],
    config: SiteFile = None,
    *,
    engineer: Annotated[
        str, typer.Option("--engineer", metavar="NAME", help="Who tests; goes into the record.")
    ],
    new_site: Annotated[
        bool, typer.Option("--new-site", help="The gate has never run here: there is no journal yet.")
    ] = False,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Answer every question with yes; only where the site says mode: demo."),
    ] = False,
    patience: Annotated[
        float,
        typer.Option("--patience", metavar="SECONDS", min=1, help="How long it waits for a hand or a boom."),
    ] = _PATIENCE,
    as_json: AsJson = False,
) -> None:
    """Lead an engineer through the test of a lane's device, and write down what came of it.

    Refuses unless the lane is in maintenance (or the site is new). Asks before every movement of the
    boom, and lowers it only while everything that watches the area under it is known clear. The record
    goes to commissioning.jsonl in the site's data folder.

    Exit codes: 0 passed, 1 something failed or was answered with no, 2 wrong usage or configuration,
    4 the lane is not in maintenance or its port is in use, 130 interrupted.
    """
    from gate.cli.device.ours import NotOursError, may_test, ports_are_free
    from gate.cli.device.trial import Wanted, parts_of, run_trial

    settings, (point,) = _chosen(config, lane)
    if yes and settings.mode != "demo":
        raise typer.BadParameter("--yes is for emulated barriers: this site's mode is production")
    parts = parts_of(point)
    if part != "all" and part not in parts:
        raise typer.BadParameter(f"{lane} has no {part}: it has {', '.join(parts) or 'no devices'}")
    try:
        may_test(settings.data, point.name, new_site=new_site)
        ports_are_free((point,))
    except NotOursError as error:
        _leave(error)
    wanted = Wanted(parts if part == "all" else (part,), engineer.strip(), new_site, yes, patience)
    if not wanted.engineer:
        raise typer.BadParameter("--engineer needs a name: the record says who moved the barrier")
    raise typer.Exit(run_trial(settings, point, wanted, as_json=as_json))


def _chosen(config: Path | None, lane: str | None) -> tuple[SiteSettings, tuple[PointSettings, ...]]:
    from gate import logs
    from gate.config import load_site

    logs.configure(level="ERROR")  # drivers tell the log what we print here
    settings = load_site(site_file(config))
    points = tuple(point for point in settings.points if lane in (None, point.name))
    if not points:
        raise ConfigError(
            f"no point {lane}: this site has {', '.join(each.name for each in settings.points)}"
        )
    return settings, points


def _leave(error: Exception) -> None:
    typer.echo(f"gate: {error}", err=True)
    raise typer.Exit(EXIT_NOT_OURS) from error
