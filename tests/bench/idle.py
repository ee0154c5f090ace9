"""What the daemon costs while nobody comes: `gate run` with eight lanes, their devices elsewhere."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from pathlib import Path
from shutil import copyfile
from typing import Any

from gate.clock import SystemClock
from gate.sealing.keys import load_site_public
from hardware.emulators.broker import Broker
from tests.app.daemon import Daemon, ended
from tests.bench.ground import Plan, ground
from tests.bench.measuring import Figure
from tests.sync.loopback import SITE, running

LANES = 8
SECONDS = 20.0
SETTLE_SECONDS = 3.0
AIM_PERCENT = 5.0
_CORRIDORS = ("GREEN", "BLUE", "YELLOW", "RED")
_TICKS = os.sysconf("SC_CLK_TCK")


async def figures(folder: Path) -> list[Figure]:
    """Half of the lanes on serial lines, half on the broker; a camera each; central answers."""
    names = [f"lane-{number}" for number in range(1, LANES + 1)]
    (folder / "site").mkdir(parents=True)
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(Broker(folder / "broker"))
        central = await stack.enter_async_context(running(folder, clock=SystemClock()))
        daemon = await stack.enter_async_context(ended(Daemon(folder / "site", central=central.url)))
        ports = {name: str(daemon.data / "dev" / name) for name in names[: LANES // 2]}
        plan = Plan(
            SITE,
            broker.port,
            {name: ports.get(name) for name in names},
            {name: f"{ports[name]}-board" if name in ports else None for name in names},
            tuple(names),
        )
        there = await stack.enter_async_context(ground(plan))
        await central.central.register_site(SITE, load_site_public(daemon.data / "keys/site.pub"))
        copyfile(central.data / "central.pub", daemon.data / "keys/central.pub")
        copyfile(central.data / "tokens" / f"site-{SITE}", daemon.data / "keys/token")
        (daemon.data / "keys/token").chmod(0o600)
        daemon.site["mqtt"]["port"] = broker.port
        daemon.site["points"] = [_point(name, ports.get(name), there.cameras) for name in names]
        daemon.write_config()
        await daemon.start()
        await daemon.until_healthy(_is_idle, "eight idle lanes")
        await asyncio.sleep(SETTLE_SECONDS)
        child = _child_of(daemon.pid)
        before = seconds_of(daemon.pid), seconds_of(child)
        await asyncio.sleep(SECONDS)
        spent = seconds_of(daemon.pid) - before[0], seconds_of(child) - before[1]
        await daemon.stop()
    own, reading = (each / SECONDS * 100 for each in spent)
    met = "met" if own < AIM_PERCENT else "MISSED"
    note = f"{SECONDS:g} s, half serial (polled every 0.1 s), half MQTT; central asked every 0.25 s"
    return [
        Figure(f"idle daemon, {LANES} lanes", f"{own:.1f} % of a core", note, f"< {AIM_PERCENT:g} %: {met}"),
        Figure(
            "  its plate reader's process",
            f"{reading:.1f} % of a core",
            f"{LANES} MJPEG streams, nobody waits",
        ),
    ]


def _point(name: str, port: str | None, cameras: int) -> dict[str, Any]:
    number = int(name.removeprefix("lane-"))
    io, board = (
        ({"driver": "modbus-rtu", "port": port}, {"driver": "alpha-serial", "port": f"{port}-board"})
        if port
        else ({"driver": "mqtt"}, {"driver": "mqtt"})
    )
    return {
        "name": name,
        "label": str(number),
        "kind": "entry",
        "corridors": [_CORRIDORS[number % len(_CORRIDORS)]],
        "io": io,
        "board": board,
        "camera": {"driver": "http-mjpeg", "url": f"http://127.0.0.1:{cameras}/{name}.mjpeg"},
    }


def _is_idle(health: dict[str, Any]) -> bool:
    return bool(
        health.get("anpr") == "ok"
        and health.get("central") == "connected"
        and all(point["phase"] == "free" and not point["faults"] for point in health["points"])
    )


def _child_of(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    assert len(children) == 1, f"one child reads plates, not {children}"
    return int(children[0])


def seconds_of(pid: int) -> float:
    """Processor time so far, all threads, user and system."""
    # After the name in brackets, which may hold anything: field 14 is utime, 15 is stime.
    rest = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(rest[11]) + int(rest[12])) / _TICKS
