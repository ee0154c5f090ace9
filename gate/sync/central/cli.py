"""The `central` commands: `gate central serve`, `gate central heads`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from gate.errors import GateError

app = typer.Typer(
    no_args_is_help=True,
    help="The reference central system: takes declarations, assigns corridors, keeps crossing events.",
)


@app.callback()
def _central() -> None:
    """The reference central system."""


@app.command()
def serve(
    data: Annotated[
        Path,
        typer.Option(
            help="Folder of central.db, central.key, central.pub and tokens/; made on first start.",
        ),
    ] = Path("data/central"),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one and prints it.")
    ] = 8440,
    site: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=PUBLIC_KEY_FILE",
            help="A border checkpoint and its public key; repeat for more. Its token is written to "
            "tokens/site-NAME. With a changed key its active declarations are sealed anew.",
        ),
    ] = None,
    signing: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=PUBLIC_KEY_FILE",
            help="The public key of the pair a checkpoint signs its journal's heads with; repeat for more. "
            "Without it central countersigns nothing of that checkpoint.",
        ),
    ] = None,
    *,
    trust_received_at: Annotated[
        bool,
        typer.Option(
            "--trust-received-at",
            help="Take the received_at of declarations relayed from an upstream queue as their "
            "registration time (Rules 2.2). Without it such declarations are refused.",
        ),
    ] = False,
    seed: Annotated[
        int | None,
        typer.Option(help="Make numbers and draws repeat from run to run. For demonstrations only."),
    ] = None,
    draw_low: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            help="How likely a low-risk importer's declaration is drawn for a check; at most 10 % of "
            "the group's importers are checked whatever this says (Rules 6.6.1).",
        ),
    ] = 0.1,
    draw_medium: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            help="The same for medium-risk importers, of whom at most 50 % are checked (Rules 6.6.2).",
        ),
    ] = 0.5,
) -> None:
    """Serve the reference central over HTTP until stopped. Logs go to standard error.

    On first start it makes its signing key and the tokens: tokens/trader files declarations,
    tokens/admin also decides importers' risk groups, tokens/site-NAME is for that checkpoint.
    Give central.pub and the site's token to the checkpoint.
    """
    from gate.sync.central.corridors import RiskGroup
    from gate.sync.central.policy import CentralPolicy
    from gate.sync.central.serve import serve as run

    if not structlog.is_configured():
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    policy = CentralPolicy(draw_rates={RiskGroup.LOW: draw_low, RiskGroup.MEDIUM: draw_medium})
    sites = dict(_site(text) for text in site or [])
    keys = dict(_site(text) for text in signing or [])
    trust = trust_received_at
    try:
        run(data, host, port, sites, signing=keys, trust_received_at=trust, seed=seed, policy=policy)
    except GateError as error:
        typer.echo(f"central: {error}", err=True)
        raise typer.Exit(2) from error


@app.command("publish-use")
def publish_use(
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="The month.")],
    data: Annotated[Path, typer.Option(help="Central's data folder.")] = Path("data/central"),
    timezone: Annotated[str, typer.Option(help="Whose months they are.")] = "Asia/Baku",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Print which risk group used which corridor in a month, small counts suppressed (Rules 1.4).

    Reads central.db; central may be running. Exit codes: 0 printed, 1 the database cannot be read, 2 wrong
    usage.
    """
    from gate.report.month import month_of
    from gate.sync.central.corridors import RiskGroup
    from gate.sync.central.usage import corridor_use

    used = corridor_use(data / "central.db", month_of(month, timezone))
    rows = [
        {"corridor": corridor.value, "risk_group": group.value, "consignments": cell}
        for (corridor, group), cell in used.cells.items()
    ]
    if as_json:
        told = {"month": used.month, "sites": used.sites, "unknown": used.unknown, "use": rows}
        typer.echo(json.dumps(told))
        return
    typer.echo(f"{used.month}: consignments by corridor and risk group, {used.sites} checkpoints")
    typer.echo("corridor  " + "".join(f"{group.value:>8}" for group in RiskGroup))
    for corridor in dict.fromkeys(corridor for corridor, _ in used.cells):
        cells = "".join(f"{used.cells[corridor, group]:>8}" for group in RiskGroup)
        typer.echo(f"{corridor.value:<10}{cells}")


@app.command()
def heads(
    site: Annotated[str, typer.Argument(help="The checkpoint's name.")],
    data: Annotated[Path, typer.Option(help="Central's data folder.")] = Path("data/central"),
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Tell which heads of a checkpoint's journal central countersigned, and which it refused.

    Reads central.db, also while central runs. Give its JSON to `gate journal verify --central-heads`.

    Exit codes: 0 none was refused, 1 some were (the journal was made anew, or restored), or it failed.
    """
    from gate.sync.central.heads import heads_of

    found = heads_of(data / "central.db", site)
    if as_json:
        typer.echo(json.dumps({"site": site, **found}))
    else:
        for head in found["heads"]:
            typer.echo(f"{head['countersigned_at']}  {head['epoch']}  {head['seq']:>10}  {head['hash']}")
        for head in found["refused"]:
            typer.echo(f"REFUSED {head['refused_at']}  {head['epoch']}  {head['seq']}: {head['why']}")
        typer.echo(f"{site}: {len(found['heads'])} heads countersigned, {len(found['refused'])} refused")
    raise typer.Exit(1 if found["refused"] else 0)


def _site(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not equals or not name or not path:
        raise typer.BadParameter(f"{text!r}: write NAME=PUBLIC_KEY_FILE, as in samur=keys/site.pub")
    return name, Path(path)


if __name__ == "__main__":
    app()
