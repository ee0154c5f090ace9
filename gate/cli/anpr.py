"""`gate anpr`: the reading room's own commands, and those that also need a camera."""

from __future__ import annotations

import typer

from gate.anpr.cli import app as reading
from gate.cli.tuning import tune

app = typer.Typer(
    help="Read plates in photographs, measure the engines, set cameras up.", no_args_is_help=True
)
app.add_typer(reading)
app.command()(tune)
