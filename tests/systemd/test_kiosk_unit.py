"""The kiosk's unit and what is installed beside it: one window, one origin, no way round by keys."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from gate.config import load_site
from tests.docs.reading import blocks
from tests.systemd.test_units import ROOT, settings_of

UNIT = ROOT / "systemd/gate-kiosk.service"
BESIDE = ROOT / "systemd/kiosk"
DOCUMENT = ROOT / "docs/wiring/kiosk.md"


def _lines(file: Path) -> list[str]:
    return [line for line in file.read_text().splitlines() if line and not line.startswith("#")]


def test_it_shows_one_window_and_no_other_terminal() -> None:
    """cage, without the switch that would let keys change terminals, around Chromium in kiosk mode."""
    (line,) = settings_of(UNIT)["ExecStart"]
    compositor, browser = line.split(" -- ")
    assert shlex.split(compositor) == ["/usr/bin/cage", "-d"], "-s would let Ctrl+Alt+F2 reach a login"
    program, *flags = shlex.split(browser)
    assert program == "/usr/bin/chromium"
    assert flags[-1] == "${GATE_KIOSK_URL}"
    assert "--kiosk" in flags
    profile = next(flag for flag in flags if flag.startswith("--user-data-dir="))
    (runtime,) = settings_of(UNIT)["RuntimeDirectory"]
    assert profile == f"--user-data-dir=/run/{runtime}/profile", "in memory, new with each start"
    assert not [flag for flag in flags if "ignore-certificate" in flag or "no-sandbox" in flag]


def test_its_flags_are_flags_chromium_has() -> None:
    """A flag nobody knows is ignored in silence: each stands in the program that is installed here."""
    (line,) = settings_of(UNIT)["ExecStart"]
    flags = re.findall(r"--([a-z-]+)", line.split(" -- ")[1])
    program = Path("/usr/lib/chromium/chromium").read_bytes()
    assert not [flag for flag in flags if flag.encode() not in program]


def test_it_always_comes_back_and_is_nobody() -> None:
    """Whatever ends it; a user of its own without powers, whose certificate nobody else reads."""
    found = {name: values[-1] for name, values in settings_of(UNIT).items()}
    assert (found["Restart"], found["StartLimitIntervalSec"]) == ("always", "0")
    assert found["User"] == found["Group"] == "gate-kiosk"
    assert found["NoNewPrivileges"] == "yes"
    assert found["CapabilityBoundingSet"] == ""
    assert found["StateDirectoryMode"] == "0700"
    assert found["Conflicts"] == f"getty@{Path(found['TTYPath']).name}.service"


def test_keys_that_would_leave_it_do_nothing() -> None:
    """No SysRq, no further terminals, no power keys; keyboards and mice are not heard at all."""
    assert _lines(BESIDE / "90-gate-kiosk.conf") == ["kernel.sysrq = 0"]
    logind = dict(line.split("=") for line in _lines(BESIDE / "10-gate-kiosk.conf") if "=" in line)
    assert (logind["NAutoVTs"], logind["ReserveVT"]) == ("0", "0")
    assert {value for key, value in logind.items() if key.startswith("Handle")} == {"ignore"}
    rules = _lines(BESIDE / "71-gate-kiosk.rules")
    ignored = [
        re.fullmatch(r'SUBSYSTEM=="input", ENV\{(\w+)\}=="1", ENV\{LIBINPUT_IGNORE_DEVICE\}="1"', rule)
        for rule in rules
    ]
    assert [match[1] for match in ignored if match] == ["ID_INPUT_KEYBOARD", "ID_INPUT_MOUSE"]
    assert all(ignored)


def test_logind_understands_its_part(tmp_path: Path) -> None:
    """systemd-analyze finds each key where logind reads it."""
    folder = tmp_path / "etc/systemd/logind.conf.d"
    folder.mkdir(parents=True)
    (folder / "10-gate-kiosk.conf").write_bytes((BESIDE / "10-gate-kiosk.conf").read_bytes())
    done = subprocess.run(
        ["systemd-analyze", "cat-config", f"--root={tmp_path}", "systemd/logind.conf"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "NAutoVTs=0" in done.stdout
    manual = Path("/lib/systemd/systemd-logind").read_bytes()
    keys = [line.split("=")[0] for line in _lines(BESIDE / "10-gate-kiosk.conf") if "=" in line]
    assert not [key for key in keys if key.encode() not in manual]


@pytest.mark.parametrize("file", [UNIT, *sorted(BESIDE.iterdir())], ids=lambda file: file.name)
def test_the_document_says_where_it_goes(file: Path) -> None:
    """Each file is installed by a command the guide shows."""
    shown = "\n".join(content for language, content in blocks(DOCUMENT) if language == "console")
    assert f"{file.relative_to(ROOT)} /etc/" in shown


def test_the_address_it_opens_is_the_examples() -> None:
    """The guide's kiosk.env names the face of the production example."""
    site = load_site(ROOT / "config/production-example.yaml")
    assert f"GATE_KIOSK_URL={site.kiosk.url}/approach" in DOCUMENT.read_text()
