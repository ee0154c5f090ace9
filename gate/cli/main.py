"""All commands put together, and how errors leave the process."""

from __future__ import annotations

import inspect
import sys

import typer
from typer.core import TyperGroup
from typer.main import get_group

import gate
from gate.cli.act import act
from gate.cli.checking import check_config
from gate.cli.crossings import journal
from gate.cli.device import device
from gate.cli.doctor import doctor
from gate.cli.lanes import lanes
from gate.cli.mounted import MountedGroup
from gate.cli.mqtt import mqtt
from gate.cli.replaying import replay
from gate.cli.reporting import report
from gate.cli.running import demo, run
from gate.cli.status import status
from gate.cli.tls import tls
from gate.errors import ConfigError, GateError

_EXIT_CODES = (
    "Exit codes: 0 done; 1 failed, with the reason on stderr; 2 wrong usage or configuration; "
    "3 the daemon does not answer; 4 a lane's devices are in use; 130 interrupted. "
    "Each command is described in docs/cli.md."
)
journal.command()(replay)
EXIT_FAILED = 1
EXIT_CONFIG = 2


def _version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"gate {gate.__version__}")
        raise typer.Exit


def _gate(
    *,
    version: bool = typer.Option(
        False,
        "--version",
        help="Print the version.",
        callback=lambda wanted: _version(wanted=wanted),
        is_eager=True,
    ),
) -> None:
    """Edge gate controller for border-crossing lanes."""


def build() -> TyperGroup:
    """The whole command tree; nothing of a mounted room is imported yet."""
    app = typer.Typer(
        name="gate",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        epilog=_EXIT_CODES,
        callback=_gate,
    )
    app.command()(run)
    app.command()(demo)
    app.command("check-config")(check_config)
    app.command()(status)
    app.command()(doctor)
    app.command()(act)
    app.command()(report)
    app.add_typer(journal, name="journal")
    app.add_typer(lanes, name="lanes")
    app.add_typer(mqtt, name="mqtt")
    app.add_typer(device, name="device")
    app.add_typer(tls, name="tls")
    root = get_group(app)
    root.add_command(MountedGroup("officer", "gate.console.cli", "The accounts of the officers' console."))
    root.add_command(
        MountedGroup("anpr", "gate.cli.anpr", "Read plates from images; measure engines and cameras.")
    )
    root.add_command(MountedGroup("central", "gate.sync.central.cli", "The reference central system."))
    return root


def main() -> None:
    """Run the command of sys.argv and exit."""
    try:
        build()(prog_name="gate")
    except GateError as error:
        _leave((error,))
    except BaseExceptionGroup as group:
        # The daemon's tasks fail together; if all that failed is named, nobody needs the traceback.
        named, rest = group.split(GateError)
        if named is None or rest is not None:
            raise
        _leave(tuple(_leaves(named)))


def _leave(errors: tuple[GateError, ...]) -> None:
    for error in errors:
        typer.echo(f"gate: {error}" if "\n" not in str(error) else str(error), err=True)
    for kind in dict.fromkeys(type(error) for error in errors):
        if kind is not GateError:
            typer.echo(f"gate: {' '.join((inspect.getdoc(kind) or '').split())}", err=True)
    sys.exit(EXIT_CONFIG if any(isinstance(error, ConfigError) for error in errors) else EXIT_FAILED)


def _leaves(group: BaseExceptionGroup[GateError]) -> list[GateError]:
    found: list[GateError] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
