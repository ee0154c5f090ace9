"""A whole checkpoint behind the glass: central, `gate run`, a broker, emulated devices, cameras that push.

The daemon is a process of its own, so that it can be killed under an open page. Plates come from cameras
that read by themselves, in no time: how a picture is read is other tests' affair.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from shutil import copyfile
from typing import Any

import httpx2
import numpy as np
from numpy.typing import NDArray

from gate.certificates.authority import Paths, open_authority
from gate.certificates.making import Today
from gate.clock import SystemClock
from gate.config import load_site
from gate.demo.officer import Officer
from gate.demo.trader import Traders
from gate.demo.yard import Place, Yard
from gate.lanes.events import BarrierPosition, Detector
from gate.model import Corridor, normalise_mark
from gate.sealing.keys import load_signing_public, load_site_public
from gate.store.officers import Officers, Role
from hardware.emulators.anpr_camera import WebhookCamera
from hardware.emulators.broker import Broker, free_port
from hardware.emulators.camera import CameraServer, encode
from hardware.emulators.scene_plates import draw_plate, random_mark
from hardware.emulators.scenes import render_scene
from tests.app.daemon import Daemon, ended
from tests.console.serving import PASSWORD
from tests.secrecy.border import CAMERA_SECRET
from tests.sync.loopback import SITE, running

STAFF = {
    "Leyla": Role.OFFICER,
    "Kamran": Role.OFFICER,
    "Nigar": Role.SHIFT_LEAD,
    "Rauf": Role.AUDITOR,
    "Togrul": Role.TECHNICIAN,
}
LANES = {Corridor.GREEN: "lane-1", Corridor.BLUE: "lane-2", Corridor.YELLOW: "lane-3", Corridor.RED: "lane-4"}
APPROACH = "approach"
PATIENCE = 60.0
_LOOK = 0.02


@dataclass
class Crossing:
    """The running checkpoint with what stands around it. Every wait is for a condition, with a limit."""

    daemon: Daemon
    traders: Traders
    yard: Yard
    cameras: dict[str, WebhookCamera]
    watcher: Officer
    """Somebody logged in who only looks: an auditor."""
    leyla: Officer
    """An officer at a screen of her own, for what no scenario is about."""
    http: httpx2.AsyncClient
    dice: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - plates

    # --- declarations -----------------------------------------------------------------------------

    def mark(self) -> str:
        """A plate nobody has seen yet."""
        return str(normalise_mark(random_mark("AZ", self.dice)))

    async def declared(self, corridor: Corridor, mark: str | None, *, mode: str = "road") -> str:
        """A declaration central gave this corridor, known here; its number. Without a plate: baggage."""
        marks = (mark,) if mark else ()
        number = await self.traders.file(corridor, marks, mode=mode)
        await self.until(lambda: self._is_cached(number, mark), f"the feed to bring {number}")
        return number

    def _is_cached(self, number: str, mark: str | None) -> bool:
        path = self.daemon.data / "cache.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as cached:
            whole = "SELECT version FROM declarations WHERE number = ? AND verdict_version = version"
            row = cached.execute(whole, (number,)).fetchone()
        return row is not None and row[0] == (2 if mark else 1)  # the plate comes with an amendment

    # --- vehicles ---------------------------------------------------------------------------------

    async def rolls_up(self, point: str, mark: str | None) -> None:
        """A vehicle stands there and its plate was read; None: it could not be."""
        pictures = await asyncio.to_thread(_pictures, mark or "")  # ready before anybody waits for them
        await self.phase(point, "free")
        self.place(point).lane.set_detector(Detector.ARMING, occupied=True)
        await self.phase(point, "reading")
        assert await self.cameras[point].push(mark, pictures=pictures) == httpx2.codes.OK

    def rolls_off(self, point: str) -> None:
        """It is not there any more."""
        self.place(point).lane.set_detector(Detector.ARMING, occupied=False)

    async def is_directed(self, mark: str) -> str:
        """Through the approach; the visit."""
        await self.rolls_up(APPROACH, mark)
        await self.phase(APPROACH, "directed")
        visit = await self.visit_at(APPROACH)
        self.rolls_off(APPROACH)
        await self.phase(APPROACH, "free")
        return visit

    async def is_held(self, mark: str | None) -> str:
        """Through the approach and into the holding bay; the visit."""
        await self.rolls_up(APPROACH, mark)
        await self.phase(APPROACH, "held")
        visit = await self.visit_at(APPROACH)
        self.rolls_off(APPROACH)
        await self.phase(APPROACH, "free")
        return visit

    async def waits_for_control(self, corridor: Corridor) -> tuple[str, str]:
        """A vehicle declared, directed, and standing in its lane for an officer: (visit, plate)."""
        mark = self.mark()
        await self.declared(corridor, mark)
        visit = await self.is_directed(mark)
        await self.rolls_up(LANES[corridor], mark)
        await self.phase(LANES[corridor], "control")
        return visit, mark

    async def passes(self, mark: str) -> str:
        """A GREEN or BLUE vehicle comes, is released by itself, and goes; the visit."""
        visit = await self.is_directed(mark)
        lane = str((await self.watcher.visit(visit))["lane"])
        await self.rolls_up(lane, mark)
        await self.drives_through(lane)
        return visit

    async def drives_through(self, point: str) -> None:
        """Wait for the boom, pass under it, and leave the lane as it was."""
        lane = self.place(point).lane
        await self.barrier(point, BarrierPosition.UP)
        lane.set_detector(Detector.SAFETY, occupied=True)
        await self.shown(point, lambda seen: seen["safety"] == "occupied", "its loop occupied")
        self.rolls_off(point)
        await self.shown(point, lambda seen: seen["arming"] == "clear", "nobody before it")
        lane.set_detector(Detector.SAFETY, occupied=False)
        await self.barrier(point, BarrierPosition.DOWN)
        await self.phase(point, "free")

    async def attended(self, terminal: str) -> None:
        """An officer is in the hall: without one the terminal takes no number (8.0.2)."""
        done, message = await self.leyla.act("AttendTerminal", point=terminal, attended=True)
        assert done, message

    # --- looking ----------------------------------------------------------------------------------

    def place(self, point: str) -> Place:
        """A point on the ground."""
        return self.yard.places[point]

    def raises(self, point: str) -> int:
        """Opening pulses its barrier has felt so far."""
        return len(self.place(point).lane.raises())

    async def barrier(self, point: str, position: BarrierPosition) -> None:
        """Wait for the boom itself."""
        await self.place(point).barrier_is(position)

    async def phase(self, point: str, *phases: str) -> None:
        """Wait until the gate says the point is in one of these."""
        await self.healthy(
            lambda points: points[point]["phase"] in phases, f"{point} to be {' or '.join(phases)}"
        )

    async def healthy(self, wanted: Callable[[dict[str, Any]], bool], what: str) -> None:
        """Wait until /healthz says this of the points, by name."""
        deadline = time.monotonic() + PATIENCE
        while True:
            health = (await self.http.get(f"{self.daemon.console}/healthz")).json()
            points = {point["name"]: point for point in health["points"]}
            if wanted(points):
                return
            assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s for {what}: {points}"
            await asyncio.sleep(_LOOK)

    async def shown(self, point: str, wanted: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Wait until the console shows this of the point."""
        deadline = time.monotonic() + PATIENCE
        while not wanted(seen := await self.watcher.point(point)):
            assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s for {point}, {what}: {seen}"
            await asyncio.sleep(_LOOK)
        return seen

    async def visit_at(self, point: str) -> str:
        """The visit whose vehicle stands there."""
        return str(
            (await self.shown(point, lambda seen: seen["visit_id"] is not None, "a visit"))["visit_id"]
        )

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s for {what}"
            await asyncio.sleep(_LOOK)

    def journal(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Look into journal.db, read-only."""
        path = self.daemon.data / "journal.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as record:
            return record.execute(sql, values).fetchall()

    def releases(self, visit: str) -> list[tuple[Any, ...]]:
        """(basis, officer, what was checked) of the visit's standing releases."""
        sql = "SELECT basis, officer, checked FROM releases WHERE visit_id = ? AND revoked IS NULL"
        return self.journal(sql, visit)

    # --- the machine ------------------------------------------------------------------------------

    async def start(self, *, at_rest: bool = True) -> None:
        """`gate run`, until central is there and every point has its devices and, `at_rest`, its bearings."""
        await self.daemon.start()
        await self.daemon.until_healthy(lambda health: health["central"] == "connected", "central")
        for camera in self.cameras.values():
            await camera.push(None, pictures={})  # how it says that it is there
        await self.healthy(
            lambda points: (
                not any(
                    point["faults"] or (at_rest and point["phase"] == "recovery") for point in points.values()
                )
            ),
            "every point to be ready",
        )

    async def kill(self) -> None:
        """The power is cut, or the kernel was in need of memory: no goodbye."""
        await self.daemon.end()


@asynccontextmanager
async def crossing_at(
    folder: Path, lanes: Sequence[Corridor] = tuple(LANES), *, halls: int = 4, serial: bool = False
) -> AsyncIterator[Crossing]:
    """Everything started; at the end nothing is left. `lanes`: what lane-1, lane-2, ... serve.

    With `serial` every other lane hangs on a serial line. Its answers are due within a quarter of a
    second, and its emulator shares this process with whatever drives the browser.
    """
    (folder / "site").mkdir()
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(Broker(folder / "broker"))
        central = await stack.enter_async_context(running(folder, clock=SystemClock(), trust=True))
        daemon = await stack.enter_async_context(ended(Daemon(folder / "site", central=central.url)))
        keys = daemon.data / "keys"
        await central.central.register_site(SITE, load_site_public(keys / "site.pub"))
        await central.central.register_signing_key(SITE, load_signing_public(keys / "signing.pub"))
        copyfile(central.data / "central.pub", keys / "central.pub")
        copyfile(central.data / "tokens" / f"site-{SITE}", keys / "token")
        (keys / "token").chmod(0o600)
        (keys / "camera").write_text(CAMERA_SECRET + "\n", encoding="ascii")
        push = free_port()
        daemon.site |= {
            "mqtt": {"host": broker.host, "port": broker.port},
            "push_listen": {"port": push},
            "anpr": {"threads": 1, "give_up_seconds": 6},
            # Long enough for a machine with other things to do: no scenario is about these running out.
            "timing": {"read": 30, "barrier": 20, "enter": 120, "clear": 0.5},
            "points": _points(lanes, halls, serial=serial),
        }
        daemon.write_config()
        # Made before the daemon would make it, so that everybody can trust it from the beginning.
        open_authority(Paths.of(daemon.data), SITE, Today(SystemClock().now().utc, sure=True))
        _staff(daemon.data / "officers.db")
        settings = load_site(daemon.config)
        yard = Yard(settings, CameraServer())
        stack.push_async_callback(yard.stop)
        await yard.start()
        cameras = {
            point.name: await stack.enter_async_context(
                WebhookCamera(f"http://127.0.0.1:{push}", point.name, name=point.name, secret=CAMERA_SECRET)
            )
            for point in settings.points
            if point.push is not None
        }
        traders = Traders(central.url, central.data, SITE, random.Random(11))  # noqa: S311 - goods
        stack.push_async_callback(traders.aclose)
        await traders.register_importers()
        watcher, leyla = (
            Officer(daemon.console, name, PASSWORD, trust=daemon.trust) for name in ("Rauf", "Leyla")
        )
        for person in (watcher, leyla):
            stack.push_async_callback(person.aclose)
        http = await stack.enter_async_context(
            httpx2.AsyncClient(trust_env=False, verify=daemon.trust, timeout=30)
        )
        crossing = Crossing(daemon, traders, yard, cameras, watcher, leyla, http)
        await crossing.start()
        for person in (watcher, leyla):
            await person.log_in()
        yield crossing
        if daemon.process is not None:
            code, _ = await daemon.stop()
            assert code == 0, daemon.output


def _staff(path: Path) -> None:
    officers = Officers(path, SystemClock())
    try:
        for name, role in STAFF.items():
            officers.add(name, PASSWORD, role)
    finally:
        officers.close()


def _points(lanes: Sequence[Corridor], halls: int, *, serial: bool) -> list[dict[str, Any]]:
    """The approach with its kiosk, the lanes, the exit, the terminals in the hall."""
    here = {"driver": "webhook", "sources": ["127.0.0.1"], "secret_file": "keys/camera"}
    on_broker: dict[str, Any] = {"io": {"driver": "mqtt"}, "board": {"driver": "mqtt"}}

    def named(name: str, label: str, kind: str, **more: Any) -> dict[str, Any]:
        return {"name": name, "label": label, "kind": kind, "push": here | {"camera": name}} | more

    def wired(name: str) -> dict[str, Any]:
        io, board = f"dev/{name}-io", f"dev/{name}-board"
        return {
            "io": {"driver": "modbus-rtu", "port": io},
            "board": {"driver": "alpha-serial", "port": board},
        }

    points = [named(APPROACH, "A", "approach", kiosk=True, **on_broker)]
    for number, corridor in enumerate(lanes, start=1):
        name = f"lane-{number}"
        devices = wired(name) if serial and number % 2 else on_broker
        points.append(named(name, str(number), "entry", corridors=[corridor.value], **devices))
    points.append(named("exit-1", "X", "exit", **on_broker))
    hall = {"kind": "terminal", "kiosk": True}
    return points + [{"name": f"hall-{at}", "label": f"T{at}"} | hall for at in range(1, halls + 1)]


@cache
def _pictures(mark: str) -> dict[str, bytes]:
    """What a camera sends along: the vehicle, and its plate cut out."""
    shown = mark or "00XX000"
    scene = render_scene(
        shown, country="AZ", seed=sum(shown.encode()), blur=0.0 if mark else 1.0, size=(640, 360)
    )
    return {"scene": encode(scene)} | ({"plate": encode(_cut_out(mark))} if mark else {})


def _cut_out(mark: str) -> NDArray[np.uint8]:
    """The plate with some of the bumper around it, a third as high as wide."""
    plate = draw_plate(mark, "AZ")
    height, width = plate.shape[:2]
    around = np.full(((width + 40) // 3, width + 40, 3), 48, dtype=np.uint8)
    top = (around.shape[0] - height) // 2
    around[top : top + height, 20 : 20 + width] = plate
    return around
