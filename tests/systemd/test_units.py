"""The shipped units: systemd understands every line, and they run the commands that exist."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.core import TyperGroup

from gate.cli.main import build
from gate.config import load_site

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "systemd").glob("*.service"))
OURS = [unit for unit in UNITS if unit.name != "gate-kiosk.service"]
"""Those that run the `gate` command; the kiosk's runs a browser (test_kiosk_unit.py)."""


def settings_of(unit: Path) -> dict[str, list[str]]:
    """The unit's settings, each with all its values; continued lines joined."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text().replace("\\\n", " ").splitlines():
        match = re.match(r"([A-Za-z]+)=(.*)", line)
        if match:
            found.setdefault(match[1], []).append(match[2].strip())
    return found


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_it(unit: Path, tmp_path: Path) -> None:
    """systemd-analyze has nothing to say about it."""
    assert shutil.which("systemd-analyze"), "systemd-analyze is missing: sudo apt-get install systemd"
    copy = tmp_path / unit.name
    # The program is not installed under /opt here, and systemd would say so.
    copy.write_text(re.sub(r"(?m)^ExecStart=(?:.*\\\n)*.*$", "ExecStart=/bin/true", unit.read_text()))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", copy],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = [line for line in (done.stdout + done.stderr).splitlines() if unit.name in line]
    assert (done.returncode, told) == (0, [])


@pytest.mark.parametrize("unit", OURS, ids=lambda unit: unit.name)
def test_it_starts_a_command_that_exists(unit: Path) -> None:
    """The command line parses as one of ours, with options it has."""
    (line,) = settings_of(unit)["ExecStart"]
    program, *words = shlex.split(line)
    assert program.endswith("/bin/gate")
    group, context = build(), None
    while True:
        word = words.pop(0)
        context = group.make_context("gate", [word], parent=context, resilient_parsing=True)
        command = group.get_command(context, word)
        assert command is not None, f"gate has no command {word}"
        if not isinstance(command, TyperGroup):
            break
        group = command
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= options


def test_the_gate_unit_keeps_its_promises() -> None:
    """Readiness and watchdog are awaited, it always comes back, no core or swap may hold the key."""
    found = {name: values[-1] for name, values in settings_of(ROOT / "systemd/gate.service").items()}
    assert found["Type"] == "notify"
    assert int(found["WatchdogSec"]) > 0
    assert found["Restart"] == "always"
    assert found["User"] == "gate"
    assert found["LimitCORE"] == found["MemorySwapMax"] == "0"
    assert int(found["TimeoutStopSec"]) > 5
    assert found["KillMode"] == "mixed"


def test_credentials_are_where_the_example_looks() -> None:
    """Every secret the production example names is handed over by the unit under that name."""
    unit = settings_of(ROOT / "systemd/gate.service")
    handed = {f"/run/credentials/gate.service/{value.split(':')[0]}" for value in unit["LoadCredential"]}
    handed |= {f"credential:{value.split(':')[0]}" for value in unit["LoadCredentialEncrypted"]}
    site = load_site(ROOT / "config/production-example.yaml")
    assert site.central is not None
    assert site.mqtt is not None
    keys = (site.keys.site_private, site.keys.site_signing)
    named = {str(path) for path in (*keys, site.central.token_file, site.mqtt.password_file)}
    assert named == handed


def test_the_sites_key_is_on_no_disk_in_clear() -> None:
    """Only its encrypted form is named by the unit, as the document tells to make it."""
    unit = settings_of(ROOT / "systemd/gate.service")
    (encrypted,) = [v.split(":")[1] for v in unit["LoadCredentialEncrypted"] if v.startswith("site.key:")]
    assert not [value for value in unit["LoadCredential"] if value.startswith("site.key:")]
    assert f"encrypt --name=site.key site.key {encrypted}\n" in (ROOT / "docs/cli.md").read_text()
