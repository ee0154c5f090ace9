"""Is this machine fit for a gate? Python, SQLite, packages, programs, disk, clock."""

from __future__ import annotations

import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from gate.cli.doctor.check import Check, fail, ok, warn
from gate.kernel_clock import LinuxClock

_PYTHON = (3, 11)
_SQLITE = (3, 37)
"""STRICT tables."""
_DISK_LOW = 5 * 1024**3
_DISK_GONE = 1024**3
_UNSYNCHRONISED = 5
"""TIME_ERROR of adjtimex."""
_BATTERY_CLOCK = Path("/sys/class/rtc/rtc0")
_BATTERY_APART = 60.0
_GATE_WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)\s*(?:\[[^]]*\])?\s*(?:(==|>=)\s*([0-9][0-9.]*))?[^;]*(;.*)?$")


def check_machine(data: Path | None) -> Iterator[Check]:
    """Every check that needs no site; `data` is where the databases will lie."""
    yield check_python(sys.version_info[:3])
    yield check_sqlite(sqlite3.sqlite_version_info)
    yield check_packages(metadata.requires("gate") or [])
    yield check_program(
        "mosquitto", "the devices' broker; needed here only if it runs on this machine, and for the demo"
    )
    yield check_program("chromium", "needed only to run the tests")
    yield check_disk(data or Path.cwd())
    yield check_wal(data or Path.cwd())
    yield check_clock(datetime.now(UTC), LinuxClock().state())
    yield check_battery_clock(_BATTERY_CLOCK, datetime.now(UTC))


def check_python(version: tuple[int, ...]) -> Check:
    """The interpreter is new enough."""
    found = ".".join(str(part) for part in version)
    if version >= _PYTHON:
        return ok("python", found)
    return fail("python", found, "install Python 3.11 or newer and run `make setup` again")


def check_sqlite(version: tuple[int, ...]) -> Check:
    """The SQLite this Python brings is new enough."""
    found = ".".join(str(part) for part in version)
    if version >= _SQLITE:
        return ok("sqlite", found)
    return fail("sqlite", found, "SQLite 3.37 or newer is needed: use the distribution of Debian 12 or newer")


def check_packages(requirements: list[str]) -> Check:
    """What the project asks for is installed, in versions it can use; extras are left out."""
    wrong = [said for requirement in requirements if (said := _unmet(requirement))]
    if wrong:
        return fail("packages", "; ".join(wrong), "run `make setup`, or `pip install -c constraints.txt .`")
    return ok("packages", "all there")


def check_program(name: str, use: str) -> Check:
    """A program the gate or its tests start is on the path."""
    # Debian keeps daemons where only root's PATH looks.
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found:
        return ok(name, found)
    return warn(name, f"not installed ({use})", f"sudo apt-get install {name}")


def check_disk(folder: Path) -> Check:
    """There is room for evidence and journal."""
    place = _existing(folder)
    free = shutil.disk_usage(place).free
    found = f"{free / 1024**3:.1f} GiB free at {place}"
    if free < _DISK_GONE:
        return fail(
            "disk", found, "free some space: without room nothing can be journalled and nobody directed"
        )
    if free < _DISK_LOW:
        return warn("disk", found, "free some space, or put the data folder on a larger disk")
    return ok("disk", found)


def check_wal(folder: Path) -> Check:
    """The data folder's file system carries SQLite's write-ahead log (network ones do not)."""
    place = _existing(folder)
    try:
        with tempfile.TemporaryDirectory(dir=place, prefix=".gate-doctor-") as trial:
            connection = sqlite3.connect(Path(trial) / "trial.db")
            try:
                mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute("CREATE TABLE trial (x)")
                connection.commit()
            finally:
                connection.close()
    except (OSError, sqlite3.Error) as error:
        return fail("data folder", f"{place}: {error}", "let the gate's user write there")
    if mode != "wal":
        return fail("data folder", f"{place} does not carry a write-ahead log", "use a local disk")
    return ok("data folder", f"{place} is writable and carries a write-ahead log")


def check_clock(now: datetime, kernel_state: int) -> Check:
    """The clock can be right, and something keeps it right: lead times (2.2) are read off it."""
    found = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    advice = (
        "`timedatectl set-ntp true` (sudo apt-get install systemd-timesyncd), or let chrony set the clock"
    )
    if now < _GATE_WRITTEN:
        return fail("clock", f"{found} is in the past", advice)
    if kernel_state == _UNSYNCHRONISED:
        found += ", not synchronised: after each start every vehicle is held until central has answered"
        return warn("clock", found, advice)
    return ok("clock", found if kernel_state < 0 else f"{found}, synchronised")


def check_battery_clock(folder: Path, now: datetime) -> Check:
    """The clock that runs on while the power is away agrees with the system's."""
    try:
        kept = datetime.fromtimestamp(int((folder / "since_epoch").read_text(encoding="ascii")), UTC)
    except (OSError, ValueError, OverflowError):
        return warn(
            "battery clock",
            "none: after a power cut nobody is directed until central or a time server has answered",
            "fit a real-time clock with a battery, or keep a time server on the site's own network",
        )
    found = f"{kept:%Y-%m-%d %H:%M:%S} UTC"
    apart = abs((kept - now).total_seconds())
    if apart > _BATTERY_APART:
        advice = (
            "`sudo hwclock --systohc` once the system's clock is right; change its battery if it comes again"
        )
        return warn("battery clock", f"{found}, {apart:.0f} s from the system's clock", advice)
    return ok("battery clock", found)


def _existing(folder: Path) -> Path:
    folder = folder.absolute()
    return next(place for place in (folder, *folder.parents) if place.is_dir())


def _unmet(requirement: str) -> str:
    match = _REQUIREMENT.match(requirement)
    if match is None or match[4]:  # a marker: an extra's
        return ""
    name, compare, wanted = match[1], match[2], match[3]
    try:
        installed = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"{name} is not installed"
    if not wanted:
        return ""
    have, want = _numbers(installed), _numbers(wanted)
    met = have[: len(want)] == want if compare == "==" else have >= want
    return "" if met else f"{name} is {installed}, wanted {compare}{wanted}"


def _numbers(version: str) -> tuple[int, ...]:
    match = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in match[0].split(".")) if match else ()
