"""Log lines: JSON for machines in a file, words for people on the console."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from gate import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Give the process its logging back."""
    root = logging.getLogger()
    level = root.level
    yield
    structlog.reset_defaults()
    for handler in [one for one in root.handlers if one.name == "gate"]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def lines(file: Path) -> list[dict[str, object]]:
    """The file's lines, each of which must be JSON."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_an_event_goes_to_both(tmp_path: Path) -> None:
    """One event is a JSON object in the file and a readable line on the console."""
    console = io.StringIO()
    file = tmp_path / "deep" / "log.jsonl"
    logs.configure(file, console=console)
    structlog.get_logger().warning("feed.item_refused", source="central", position=7)
    (line,) = lines(file)
    assert line["event"] == "feed.item_refused"
    assert line["level"] == "warning"
    assert line["source"] == "central"
    assert line["position"] == 7
    assert str(line["timestamp"]).endswith("Z")
    assert line["logger"] == __name__
    assert "feed.item_refused" in console.getvalue()
    assert "\x1b" not in console.getvalue()


def test_libraries_end_up_in_the_same_file(tmp_path: Path) -> None:
    """What pymodbus or paho log through the standard library is JSON beside our own."""
    logs.configure(tmp_path / "log.jsonl", console=io.StringIO())
    logging.getLogger("pymodbus.transport").error("port %d is taken", 8441)
    (line,) = lines(tmp_path / "log.jsonl")
    assert line["event"] == "port 8441 is taken"
    assert line["logger"] == "pymodbus.transport"


def test_a_traceback_carries_no_local_variables(tmp_path: Path) -> None:
    """An opened verdict in a variable stays out of file and console when its function fails (3.6)."""
    console = io.StringIO()
    logs.configure(tmp_path / "log.jsonl", console=console)

    def fails(corridor: str) -> None:
        raise RuntimeError(f"broken in {len(corridor)}")

    try:
        fails("VERY" + "SECRET")
    except RuntimeError:
        structlog.get_logger().exception("lane.failed")
    (line,) = lines(tmp_path / "log.jsonl")
    assert "RuntimeError: broken in 10" in str(line["exception"])
    assert "VERYSECRET" not in json.dumps(line) + console.getvalue()
    assert "RuntimeError" in console.getvalue()


def test_configuring_again_replaces(tmp_path: Path) -> None:
    """The last call holds: no line is written twice, none to the old file."""
    logs.configure(tmp_path / "one.jsonl", console=io.StringIO())
    log = structlog.get_logger()
    log.info("first")
    logs.configure(tmp_path / "two.jsonl", level="WARNING", console=io.StringIO())
    log.info("second")
    log.warning("third")
    assert [line["event"] for line in lines(tmp_path / "one.jsonl")] == ["first"]
    assert [line["event"] for line in lines(tmp_path / "two.jsonl")] == ["third"]


def test_control_characters_stay_one_line(tmp_path: Path) -> None:
    """A plate or payload with newlines in it cannot forge a second line."""
    console = io.StringIO()
    logs.configure(tmp_path / "log.jsonl", console=console)
    structlog.get_logger().info("kiosk.refused", typed='1\n{"event": "forged"}\u2028\x1b[2Jx')
    assert [line["event"] for line in lines(tmp_path / "log.jsonl")] == ["kiosk.refused"]
    assert console.getvalue().count("\n") == 1
    assert "\x1b" not in console.getvalue()
