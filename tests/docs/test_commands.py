"""Every command a document shows is run here, or named with the test that runs what it runs."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.reading import DOCUMENTS, ROOT, Shown, blocks, commands

RUN = {
    ".venv/bin/gate --help": {0},
    ".venv/bin/gate check-config config/demo.yaml": {0},
    ".venv/bin/gate check-config --json config/production-example.yaml": {0},
    ".venv/bin/gate status --json": {0, 1, 3},  # whether a demo runs on this machine is not ours to say
    ".venv/bin/gate doctor --json": {0, 1},
    ".venv/bin/gate tls show --json": {0, 1},
    ".venv/bin/gate mqtt acl -c config/production-example.yaml": {0},
    ".venv/bin/gate mqtt accounts -c config/production-example.yaml": {0},
}
"""Quick ones, run as shown, with the exit codes they may have."""

AUDIT = [shown.command for shown in commands(ROOT / "docs/journal.md")]
"""That test runs whatever that page shows."""

EXCHANGE = [shown.command for shown in commands(ROOT / "docs/cli.md") if "-crossings " in shown.command]
"""The exchange with a neighbour, end to end."""

OPENSSL = [
    shown.command
    for shown in commands(ROOT / "docs/wiring/mqtt.md")
    if shown.command.startswith("openssl req ")
]
"""That test runs whatever such lines the page shows."""

REPLAY = [shown.command for shown in commands(ROOT / "docs/replay.md")]
"""That test runs whatever the page shows, on a day of its own."""

TLS = [
    shown.command
    for document in ("docs/tls.md", "docs/wiring/kiosk.md")
    for shown in commands(ROOT / document)
    if " tls " in shown.command
]
"""That test makes and ends a kiosk's certificate by the same command."""

KIOSK = [shown.command for shown in commands(ROOT / "docs/wiring/kiosk.md") if shown.command not in TLS]
"""Setting up the kiosk's machine: that test looks at each file that is installed."""

ACTS = [shown.command for shown in commands(ROOT / "docs/cli.md") if "gate act " in shown.command]
"""They need a daemon with a vehicle in its lane; that test runs each kind of them."""

ELSEWHERE = {
    "make demo": "tests/scenarios",
    ".venv/bin/gate mqtt accounts -c /etc/gate/site.yaml > accounts": "tests/cli/test_mqtt",
    ".venv/bin/gate mqtt acl -c /etc/gate/site.yaml > acl": "tests/cli/test_mqtt",
    "cp accounts passwords": "tests/hardware/test_mqtt_accounts",
    "mosquitto_passwd -U passwords": "tests/hardware/test_mqtt_accounts",
    **dict.fromkeys(AUDIT, "tests/docs/test_journal_document"),
    **dict.fromkeys(OPENSSL, "tests/hardware/test_mqtt_document"),
    ".venv/bin/gate report --month 2026-05 --out reports": "tests/cli/test_report",
    **dict.fromkeys(EXCHANGE, "tests/cli/test_crossings"),
    **dict.fromkeys(ACTS, "tests/cli/test_act"),
    "make test": ".ci/run",
    "make setup": "tests/docs/test_setup.py",
    "make check": ".ci/run",
    "make format": ".ci/run",
    "make bench": "tests/bench",
    ".venv/bin/python -m tests.glass.pictures": "tests/glass",
    ".venv/bin/gate anpr bench ../shared/data --engine gate --engine ppocr --sheet ../failures.html": (
        "tests/anpr/bench"
    ),
    ".venv/bin/gate anpr bench ../shared/data/plates-eu --engine easyocr --limit 10 --threads 2": (
        "tests/anpr/bench"
    ),
    ".venv/bin/python -m gate.anpr.training sequences --seed 2 --json --pictures ../not-right": (
        "tests/anpr/training/test_sequences"
    ),
    ".venv/bin/gate anpr tune lane-1": "tests/anpr/camera/test_tune",
    ".venv/bin/gate anpr tune rtsp://192.0.2.7/stream1 --credentials camera.password --json": (
        "tests/anpr/camera/test_tune"
    ),
    ".venv/bin/pytest tests/config": "tests/config",
    **dict.fromkeys(REPLAY, "tests/cli/test_journal_replay"),
    ".venv/bin/gate device watch lane-1 --json": "tests/cli/test_device_watch",
    '.venv/bin/gate device test lane-1 barrier --engineer "E. Quliyev"': "tests/cli/test_device_test",
    ".venv/bin/gate demo --headless --vehicles 50 --seed 7 --json": "tests/scenarios",
    **dict.fromkeys(TLS, "tests/cli/test_tls"),
    **dict.fromkeys(KIOSK, "tests/systemd/test_kiosk_unit"),
    "sudo systemctl enable --now gate": "tests/systemd",
    "sudo install -m 644 systemd/gate.service /etc/systemd/system/": "tests/systemd",
    "sudo install -m 644 config/production-example.yaml /etc/gate/site.yaml": "tests/config",
    "sudo install -d -m 700 /etc/gate/credentials": "tests/systemd",
    "sudo systemd-creds encrypt --name=site.key site.key /etc/gate/credentials/site.key.cred": (
        "tests/systemd"
    ),
    "sudo useradd --system --groups dialout --home-dir /var/lib/gate gate": "tests/systemd",
}
"""Heavy ones, and those that change the machine: where the same thing is tested."""

SHOWN = [shown for document in DOCUMENTS for shown in commands(document)]


def _name(shown: Shown) -> str:
    return f"{shown.document.name}: {shown.command}"


@pytest.mark.parametrize("shown", SHOWN, ids=_name)
def test_it_is_known_how_it_is_tested(shown: Shown) -> None:
    """No command stands in a document that nothing runs."""
    assert (shown.command in RUN) != (shown.command in ELSEWHERE), (
        f"add {shown.command!r} to RUN or ELSEWHERE"
    )


def test_nothing_is_listed_in_vain() -> None:
    """A command that left the documents leaves the lists here."""
    assert {shown.command for shown in SHOWN} == {*RUN, *ELSEWHERE}


# Once each, however often it is shown.
_RUN_ONCE = {shown.command: shown for shown in SHOWN if shown.command in RUN}


@pytest.mark.parametrize("shown", _RUN_ONCE.values(), ids=_name)
def test_it_runs_as_shown(shown: Shown) -> None:
    """The command ends as it may, and what is shown under it is in its output."""
    program, *words = shlex.split(shown.command)
    here = Path(sys.executable).parent / Path(program).name  # the environment these tests run in
    done = subprocess.run([here, *words], cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode in RUN[shown.command], done.stderr
    printed = {line.strip() for line in done.stdout.splitlines()}
    assert set(shown.output) <= printed


@pytest.mark.parametrize(("command", "place"), ELSEWHERE.items(), ids=str)
def test_its_test_is_there(command: str, place: str) -> None:
    """The place named as testing it exists, and make knows the target."""
    path = ROOT / place
    assert path.exists() or path.with_suffix(".py").exists()
    program, *words = shlex.split(command)
    if program == "make":
        done = subprocess.run(
            ["make", "--dry-run", *words], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, done.stderr


def test_make_demo_is_the_command_the_scenarios_run() -> None:
    """The target adds nothing of its own to `gate demo`, nor .ci/run to `make test`."""
    # Without the flags of a make these tests may run under.
    alone = {
        name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"
    }
    done = subprocess.run(
        ["make", "--dry-run", "demo"], cwd=ROOT, capture_output=True, text=True, check=True, env=alone
    )
    assert [line.strip() for line in done.stdout.splitlines()] == ["sh tools/setup.sh", ".venv/bin/gate demo"]
    assert (ROOT / ".ci/run").read_text().splitlines()[-1] == "make test"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_shell_is_marked_console(document: Path) -> None:
    """Commands hide from these tests in no other kind of block."""
    languages = {language for language, _ in blocks(document)}
    assert not languages & {"sh", "bash", "shell", "zsh"}
    unmarked = [content for language, content in blocks(document) if language != "console"]
    assert not [content for content in unmarked if content.startswith("$ ") or "\n$ " in content]
