"""`gate doctor`: what stands between this machine and a working gate, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import typer

from gate.cli.doctor.check import Check, Verdict
from gate.cli.options import AsJson, SiteFile, find_site_file

__all__ = ["Check", "Verdict", "doctor"]

_MARKS = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "bold red"}


def doctor(config: SiteFile = None, *, as_json: AsJson = False) -> None:
    """Check this machine and a site's files, ports and neighbours.

    Changes nothing. A serial port is opened for a moment; one that the running gate holds is told
    as in use.

    Exit codes: 0 nothing failed (there may be warnings), 1 something failed.
    """
    checks = []
    for check in examine(find_site_file(config)):
        checks.append(check)
        if not as_json:
            _show(check)
    failed = any(check.verdict is Verdict.FAIL for check in checks)
    if as_json:
        told = {"ok": not failed, "checks": [asdict(check) for check in checks]}
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        counts = {verdict: sum(check.verdict is verdict for check in checks) for verdict in Verdict}
        typer.echo(", ".join(f"{count} {verdict.value}" for verdict, count in counts.items()))
    raise typer.Exit(1 if failed else 0)


def examine(config: Path | None) -> Iterator[Check]:
    """Every check, as it is made; without a site only the machine's."""
    from gate.cli.doctor.check import fail, ok, warn
    from gate.cli.doctor.machine import check_machine

    if config is None:
        yield from check_machine(None)
        yield warn("configuration", "none named and none in its place", "name one with -c FILE")
        return
    from gate.cli.doctor.certificates import check_certificates
    from gate.cli.doctor.files import check_files
    from gate.cli.doctor.network import check_network
    from gate.cli.doctor.wiring import check_wiring
    from gate.config import SiteConfigError, load_site

    try:
        settings = load_site(config)
    except SiteConfigError as refused:
        yield from check_machine(None)
        found = f"{len(refused.problems)} wrong, first {refused.problems[0]}"
        yield fail("configuration", found, f"gate check-config {config}")
        return
    yield from check_machine(settings.data)
    if settings.mode == "demo":
        yield warn(
            "configuration",
            f"{config} says mode: demo",
            "right for emulated barriers only; real ones: mode: production, and hard_wired: in every lane",
        )
    else:
        yield ok("configuration", str(config))
    yield from check_wiring(settings)
    yield from check_files(settings)
    yield from check_certificates(settings)
    yield from check_network(settings)


def _show(check: Check) -> None:
    from rich.console import Console
    from rich.text import Text

    line = Text.assemble((f"{check.verdict.value:<5}", _MARKS[check.verdict]), f"{check.name}: {check.found}")
    out = Console(soft_wrap=True)
    out.print(line)
    if check.advice:
        out.print(Text(f"       -> {check.advice}"))
