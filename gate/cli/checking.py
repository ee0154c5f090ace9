"""`gate check-config`: everything wrong with a site configuration, at once."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gate.cli.options import AsJson

if TYPE_CHECKING:
    from gate.settings import SiteSettings

EXIT_WRONG = 2


def check_config(
    file: Annotated[Path, typer.Argument(help="The site configuration (YAML).")],
    *,
    as_json: AsJson = False,
) -> None:
    """Check a site configuration without starting anything.

    Prints every problem as "file:line: key: what is wrong; what is allowed".

    Exit codes: 0 it can be used, 2 it cannot.
    """
    from gate.config import SiteConfigError, load_site

    try:
        settings = load_site(file)
    except SiteConfigError as refused:
        if as_json:
            found = [{**asdict(problem), "file": str(problem.file)} for problem in refused.problems]
            typer.echo(json.dumps({"ok": False, "problems": found}, ensure_ascii=False))
        else:
            typer.echo(str(refused))
        raise typer.Exit(EXIT_WRONG) from refused
    if as_json:
        typer.echo(
            json.dumps({"ok": True, "problems": [], "site": settings.site, "data": str(settings.data)})
        )
    else:
        typer.echo(f"{file}: good\n{_summary(settings)}")


def _summary(settings: SiteSettings) -> str:
    lines = [f"site {settings.site} ({settings.mode}), data in {settings.data}"]
    for point in settings.points:
        devices = [
            f"{role} {device.driver}"
            for role, device in (("io", point.io), ("board", point.board), ("camera", point.camera))
            if device is not None
        ]
        devices += ["kiosk"] if point.kiosk else []
        serves = f" for {', '.join(point.corridors)}" if point.corridors else ""
        lines.append(
            f"  {point.label:>4}  {point.name}: {point.kind}{serves}; {', '.join(devices) or 'no devices'}"
        )
    kiosks = "a certificate each" if settings.kiosk_credentials else "no certificates asked of kiosks"
    lines.append(f"console {settings.console.url}/, kiosk {settings.kiosk.url}/ ({kiosks})")
    lines.append(f"central {settings.central.url if settings.central else 'not configured'}")
    return "\n".join(lines)
