"""`gate check-config`, and what a broken configuration does to the other commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import DEMO, gate


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A site with two mistakes."""
    file = tmp_path / "site.yaml"
    file.write_text(DEMO.read_text().replace("port: 8445", "port: 0").replace("threads: 1", "treads: 1"))
    return file


def line_of(file: Path, part: str) -> int:
    """The line a part of the file stands on, from 1."""
    text = file.read_text()
    return text[: text.index(part)].count("\n") + 1


async def test_a_good_file() -> None:
    """A short summary of what was understood, exit 0."""
    done = await gate("check-config", DEMO)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{DEMO}: good\nsite samur")
    assert "lane-4: entry for RED; io mqtt, board mqtt, camera http-mjpeg" in done.out


async def test_a_broken_file(broken: Path) -> None:
    """Every problem as file:line: key: what, allowed; exit 2."""
    done = await gate("check-config", broken)
    assert done.code == 2
    port, treads = line_of(broken, "port: 0"), line_of(broken, "treads")
    known = (
        "engine, threads, frames, give_up_seconds, accept_confidence, rear_seconds, frame_seconds, memory_mb"
    )
    assert done.out.splitlines() == [
        f"{broken}:{port}: mqtt.port: 0 cannot stand here; allowed: a whole number from 1 to 65535",
        f"{broken}:{treads}: anpr.treads: is not a known key, did you mean threads?; allowed: {known}",
    ]


async def test_json(broken: Path) -> None:
    """The same for machines."""
    good, bad = await gate("check-config", "--json", DEMO), await gate("check-config", "--json", broken)
    assert (good.code, good.told["ok"], good.told["site"]) == (0, True, "samur")
    assert (bad.code, bad.told["ok"]) == (2, False)
    assert [(problem["line"], problem["key"]) for problem in bad.told["problems"]] == [
        (line_of(broken, "port: 0"), "mqtt.port"),
        (line_of(broken, "treads"), "anpr.treads"),
    ]


async def test_a_broken_file_stops_a_command(broken: Path) -> None:
    """Every error at once on stderr, exit 2, nothing on stdout and no traceback."""
    done = await gate("status", "-c", broken)
    assert (done.code, done.out) == (2, "")
    assert "mqtt.port" in done.err
    assert "anpr.treads" in done.err
    assert "gate: The site configuration cannot be used; correct the lines named" in done.err
    assert "Traceback" not in done.err


async def test_no_configuration_anywhere(tmp_path: Path) -> None:
    """Without a file in any of its places the error says which were looked at."""
    done = await gate("status", cwd=tmp_path)
    assert done.code == 2
    assert "/etc/gate/site.yaml or config/demo.yaml" in done.err
    assert "-c FILE" in done.err


async def test_the_environment_may_name_it(broken: Path) -> None:
    """GATE_CONFIG stands in for -c."""
    done = await gate("status", GATE_CONFIG=str(broken))
    assert done.code == 2
    assert str(broken) in done.err
