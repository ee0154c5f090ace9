"""What systemd hears, over a real datagram socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gate.notify import LOST, Notifier


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """A NOTIFY_SOCKET as systemd makes it, by path or by abstract name, and its listening end."""
    address = f"@gate-test-{os.getpid()}" if request.param == "abstract" else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind("\0" + address[1:] if request.param == "abstract" else address)
        end.settimeout(5)
        yield address, end


def test_the_whole_life_is_told(systemd: tuple[str, socket.socket]) -> None:
    """Ready, alive, a status, stopping: each one datagram in systemd's own words."""
    address, end = systemd
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "10000000"})
    assert notifier.watchdog_seconds == 10
    notifier.ready("7 points")
    notifier.watchdog()
    notifier.status("line one\nREADY=0 ünlü")
    notifier.stopping()
    notifier.close()
    heard = [end.recv(4096).decode() for _ in range(4)]
    assert heard == ["READY=1\nSTATUS=7 points", "WATCHDOG=1", "STATUS=line one READY=0 ünlü", "STOPPING=1"]


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_watchdog_time(tmp_path: Path, variables: dict[str, str], seconds: float | None) -> None:
    """The watchdog is ours only when systemd says so, and a wrong value is no watchdog."""
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": str(tmp_path / "n"), **variables})
    assert notifier.watchdog_seconds == seconds
    notifier.close()


def test_without_systemd_nothing_happens() -> None:
    """In a terminal every call does nothing, and nothing is watched."""
    notifier = Notifier.from_environment({"WATCHDOG_USEC": "3000000"})
    assert notifier.watchdog_seconds is None
    notifier.ready()
    notifier.watchdog()
    notifier.stopping()


def test_a_deaf_systemd_stops_nothing(systemd: tuple[str, socket.socket]) -> None:
    """A socket that is gone is counted and said, never raised; so is one nobody reads."""
    address, end = systemd
    notifier = Notifier(address)
    before = LOST._value.get()
    for _ in range(10_000):  # until the queue is full
        notifier.watchdog()
        if LOST._value.get() > before:
            break
    end.close()
    full = LOST._value.get()
    notifier.watchdog()
    notifier.close()
    notifier.watchdog()
    assert full == before + 1
    assert LOST._value.get() == full + 1


def test_an_address_of_another_kind_is_refused() -> None:
    """Only paths and abstract names are spoken."""
    notifier = Notifier("vsock:2:9999", watchdog_seconds=5)
    notifier.ready()
    assert notifier.watchdog_seconds is None
