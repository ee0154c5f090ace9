"""`gate run` and `gate demo`: the daemon alone, and with a whole checkpoint around it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def run(
    config: Annotated[
        Path,
        typer.Option(
            "--config", "-c", metavar="FILE", envvar="GATE_CONFIG", help="The site configuration (YAML)."
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="DIR", help="The data folder, instead of the one the configuration names."
        ),
    ] = None,
) -> None:
    """Run the gate controller of one site until SIGTERM.

    Devices, broker and central may be away: the daemon starts, shows what is missing, and mends
    itself when the thing returns. SIGTERM ends it within 5 seconds. With a configuration that cannot
    be used it says so here and at the console's address, and directs nobody, until it is ended.

    Exit codes: 0 ended as told, 1 could not go on, 2 wrong configuration.
    """
    from gate.config import SiteConfigError, load_site
    from gate.config.salvage import console_of

    try:
        settings = load_site(config, data)
    except SiteConfigError as error:
        found = console_of(config, data)
        if found is None:
            raise
        from gate.app.safe_mode import run_misconfigured

        for line in (
            *str(error).splitlines(),
            f"safe mode: {found.console.url}/ says so too",
        ):
            typer.echo(f"gate: {line}", err=True)
        raise typer.Exit(run_misconfigured(error, found)) from error
    from gate.app import run_site

    raise typer.Exit(run_site(settings))


def demo(
    *,
    headless: Annotated[
        bool, typer.Option("--headless", help="As fast as the links allow, no live table; end by itself.")
    ] = False,
    vehicles: Annotated[
        int | None,
        typer.Option(
            "--vehicles", min=1, metavar="N", help="End after N visits; without it, 50 headless, else no end."
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", metavar="N", help="The same N gives the same traffic; else a new one each time."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line for each visit, then one with the summary.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="DIR", help="Keep what the run makes in DIR; else a folder of its own."
        ),
    ] = None,
    photos: Annotated[
        Path | None,
        typer.Option(
            "--photos",
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="Photographs to show the cameras, not scenes.",
        ),
    ] = None,
) -> None:
    """Run a whole checkpoint: central system, gate daemon, emulated devices and traffic.

    Needs nothing but this machine. Prints the addresses of the console and the kiosk pages and a
    throw-away officer's account.

    Exit codes: 0 every visit ended as its script says, everything written was delivered and nothing
    was violated; 1 otherwise.
    """
    from gate.demo import DemoOptions, main

    options = DemoOptions(
        headless=headless, vehicles=vehicles, seed=seed, json=as_json, data=data, photos=photos
    )
    raise typer.Exit(main(options))
