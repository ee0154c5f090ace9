"""`gate status`: how the running daemon is, asked at its console."""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any

import typer

from gate.cli.options import AsJson, SiteFile, site_file

if TYPE_CHECKING:
    from gate.settings import Face, SiteSettings

EXIT_UNWELL = 1
EXIT_SILENT = 3
_PATIENCE = 3.0


def status(config: SiteFile = None, *, as_json: AsJson = False) -> None:
    """Ask the running daemon how it is.

    Its console is verified with the site's own authority or the certificate the site brought, so this
    needs the right to read the data folder: root, or the gate's user.

    Exit codes: 0 well, 1 in safe mode, with a device that does not answer, a clock that is not trusted or
    a certificate that cannot be used, 2 wrong configuration, 3 no answer.
    """
    from gate.config import load_site

    settings = load_site(site_file(config))
    url = health_url(settings.console)
    health, why = ask_health(settings)
    if health is None:
        if as_json:
            typer.echo(json.dumps({"url": url, "answered": False, "why": why}))
        else:
            typer.echo(f"gate: no answer at {url}: {why}", err=True)
            typer.echo(
                "gate: is it running? See `systemctl status gate`, or start `gate run -c FILE`.", err=True
            )
        raise typer.Exit(EXIT_SILENT)
    unwell = bool(health.get("safe_mode")) or any(point.get("faults") for point in _points(health))
    unwell = unwell or bool(_clock(health).get("do"))
    unwell = unwell or any(one.get("state") == "broken" for one in _certificates(health))
    if as_json:
        typer.echo(json.dumps({"url": url, "answered": True, **health}, ensure_ascii=False))
    else:
        _show(url, health)
    raise typer.Exit(EXIT_UNWELL if unwell else 0)


def health_url(console: Face) -> str:
    """Where the daemon answers; one that listens everywhere answers on loopback."""
    host, scheme = console.host, "http" if console.tls is None else "https"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f"{scheme}://{host}:{console.port}/healthz"
    if address.is_unspecified:
        address = ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")  # noqa: PLR2004
    host = f"[{address}]" if isinstance(address, ipaddress.IPv6Address) else str(address)
    return f"{scheme}://{host}:{console.port}/healthz"


def ask_health(settings: SiteSettings) -> tuple[dict[str, Any] | None, str]:
    """What the gate that runs here says of itself, or None and why there is nothing."""
    import httpx2

    from gate.certificates.trust import trust_of
    from gate.errors import CertificateError

    try:
        trust = trust_of(settings, settings.console)
        # The daemon is on this machine: a proxy of the environment has no say.
        answer = httpx2.get(health_url(settings.console), timeout=_PATIENCE, trust_env=False, verify=trust)
        told = answer.json()
    except CertificateError as error:
        return None, f"{error}; it is made when the gate starts, for root and the gate's user to read"
    except httpx2.HTTPError as error:
        return None, str(error) or type(error).__name__
    except ValueError:
        return None, f"something answers, but it is not a gate (HTTP {answer.status_code}, no JSON)"
    if not isinstance(told, dict) or "safe_mode" not in told:
        return None, f"something answers, but it is not a gate (HTTP {answer.status_code})"
    return told, ""


def _points(health: dict[str, Any]) -> list[dict[str, Any]]:
    return [point for point in health.get("points", []) if isinstance(point, dict)]


def _certificates(health: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in health.get("certificates", []) if isinstance(one, dict)]


def _clock(health: dict[str, Any]) -> dict[str, Any]:
    told = health.get("clock")
    return told if isinstance(told, dict) else {}


def _tell_clock(clock: dict[str, Any]) -> str:
    if clock.get("offset_seconds") is None:
        return str(clock.get("says", "unknown"))
    offset, doubt = clock["offset_seconds"], clock["uncertainty_seconds"]
    figures = f"central's is {offset:+.2f} s from it, give or take {doubt:.2f} s"
    measured = f", measured {clock['measured_at']}" if clock.get("measured_at") else ""
    return f"{clock.get('says')}; {figures}{measured}"


def _show(url: str, health: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    out = Console()
    facts = Table(box=None, show_header=False, pad_edge=False)
    names = ("site", "safe_mode", "central", "broker", "anpr", "evidence", "outbox_waiting")
    for name in names:
        if health.get(name) is not None:
            style = "bold red" if name == "safe_mode" else ""
            facts.add_row(name.replace("_", " "), Text(str(health[name]), style))
    for one in _certificates(health):
        if one.get("state") != "good":
            facts.add_row("certificate", Text(f"{one.get('what')}: {one.get('says')}", "bold red"))
            facts.add_row("", Text(f"-> {one.get('do')}"))
    clock = _clock(health)
    if clock:
        facts.add_row("clock", Text(_tell_clock(clock), "bold red" if clock.get("do") else ""))
    if clock.get("do"):
        facts.add_row("", Text(f"-> {clock['do']}"))
    facts.add_row("console", Text(url.removesuffix("healthz")))
    out.print(facts)
    points = _points(health)
    if not points:
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("point", "phase", "faults"):
        table.add_column(heading)
    for point in points:
        faults = "; ".join(str(fault) for fault in point.get("faults", []))
        table.add_row(
            Text(str(point.get("name", ""))), Text(str(point.get("phase", ""))), Text(faults, "red")
        )
    out.print(table)
