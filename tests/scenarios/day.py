"""The vocabulary of a day at the border, on a running stage."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import time
from collections.abc import Callable
from typing import Any

from gate.demo.drivers import APPROACH, TERMINAL, Drivers, Ending
from gate.demo.officer import Officer
from gate.demo.pictures import Pictures, RenderedPictures
from gate.demo.script import Kind, Script
from gate.demo.stage import Stage
from gate.demo.trader import Traders
from gate.demo.yard import Place, Stay
from gate.model import Corridor, normalise_mark
from hardware.emulators.scenes import random_mark

PACE = 0.05
PATIENCE = 40.0


class Day:
    """One stage with its people. Every wait is for a condition, with a limit."""

    def __init__(self, stage: Stage, pictures: Pictures | None = None) -> None:
        rng = random.Random(11)  # noqa: S311 - traffic, not secrets
        self.stage = stage
        self.rng = rng
        self.traders = Traders(stage.central_url, stage.central_data, stage.settings.site, rng)
        self.officer = Officer(stage.console_url, *stage.account, trust=stage.trust)
        self.pictures = pictures or RenderedPictures()
        self.drivers = Drivers(stage, self.traders, self.officer, self.pictures, pace=PACE)
        self._number = 0

    async def begin(self) -> None:
        """Importers have their groups, an officer is in the booth, the terminal is attended."""
        await self.traders.register_importers()
        await self.officer.log_in()
        done, message = await self.officer.act("AttendTerminal", point=TERMINAL, attended=True)
        assert done, message

    async def end(self) -> None:
        """Everybody goes home."""
        await self.drivers.aclose()
        await self.officer.aclose()
        await self.traders.aclose()

    def script(self, kind: Kind, corridor: Corridor | None = None, *, mark: str = "") -> Script:
        """A clean vehicle from Azerbaijan by day, unless the kind says otherwise."""
        self._number += 1
        hidden = 1.0 if kind is Kind.UNREAD else 0.0
        return Script(
            self._number,
            kind,
            corridor,
            mark or str(normalise_mark(random_mark("AZ", self.rng))),
            "AZ",
            night=False,
            dirt=hidden,
            blur=hidden,
            seed=self.rng.randrange(1 << 30),
        )

    async def plays(self, kind: Kind, corridor: Corridor | None = None) -> Ending:
        """Declare, drive, and end."""
        script = self.script(kind, corridor)
        return await self.drivers.play(script, await self.drivers.declare(script))

    def place(self, name: str) -> Place:
        """A point on the ground."""
        return self.stage.yard.places[name]

    def journal(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Look into journal.db, read-only."""
        path = self.stage.edge / "journal.db"
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
        try:
            return connection.execute(sql, parameters).fetchall()
        finally:
            connection.close()

    def kinds(self, visit_id: str) -> list[str]:
        """The visit's journal entries, by kind, in order."""
        rows = self.journal("SELECT kind FROM journal WHERE visit = ? ORDER BY seq", visit_id)
        return [row[0] for row in rows]

    def findings(self, visit_id: str) -> set[str]:
        """Codes of every finding ever journalled for the visit."""
        rows = self.journal("SELECT body FROM journal_full WHERE visit = ?", visit_id)
        found: set[str] = set()
        for (body,) in rows:
            for command in json.loads(body).get("commands", ()):
                for finding in command.get("findings") or ():
                    found.add(finding["code"])
        return found

    def release(self, visit_id: str) -> dict[str, Any]:
        """The visit's one standing release."""
        rows = self.journal(
            "SELECT release_id, point, corridor, basis, officer, checked FROM releases"
            " WHERE visit_id = ? AND revoked IS NULL",
            visit_id,
        )
        assert len(rows) == 1, f"{len(rows)} releases for {visit_id}"
        names = ("release_id", "point", "corridor", "basis", "officer", "checked")
        return dict(zip(names, rows[0], strict=True))

    def told_central(self) -> dict[str, list[str]]:
        """What central's books say, visit by visit."""
        connection = sqlite3.connect(f"file:{self.stage.central_data / 'central.db'}?mode=ro", uri=True)
        try:
            rows = connection.execute("SELECT kind, body FROM events ORDER BY id").fetchall()
        finally:
            connection.close()
        told: dict[str, list[str]] = {}
        for kind, body in rows:
            told.setdefault(str(json.loads(body).get("visit")), []).append(kind)
        return told

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for a condition."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s for {what}"
            await asyncio.sleep(0.02)

    async def until_phase(self, point: str, *phases: str) -> dict[str, Any]:
        """Wait until the console shows the point in one of these phases."""
        return await self.until_shown(point, lambda shown: shown["phase"] in phases, " or ".join(phases))

    async def until_shown(
        self, point: str, wanted: Callable[[dict[str, Any]], bool], what: str
    ) -> dict[str, Any]:
        """Wait until the console shows this of the point; a device's inputs come one by one."""
        deadline = time.monotonic() + PATIENCE
        while not wanted(shown := await self.officer.point(point)):
            assert time.monotonic() < deadline, f"{point} is not {what}: {shown}"
            await asyncio.sleep(0.05)
        return shown

    async def until_broker(self, wanted: Callable[[str], bool]) -> None:
        """Wait until the console says this of the broker: its devices may be known gone before its link."""
        deadline = time.monotonic() + PATIENCE
        while not wanted(status := (await self.officer.overview())["system"]["broker"]):
            assert time.monotonic() < deadline, f"the broker is still {status!r}"
            await asyncio.sleep(0.05)

    async def until_delivered(self) -> None:
        """Wait until central has acknowledged everything."""
        await self.until(
            lambda: self.journal("SELECT count(*) FROM outbox")[0][0] == 0, "central to have everything"
        )

    async def rolls_up(self, script: Script, point: str) -> Stay:
        """The script's vehicle stands at a point."""
        await self.until_phase(point, "free")
        return self.stage.yard.arrive(point, script.mark, self.pictures.of(script, point))

    async def directed(self, script: Script) -> str:
        """Through the approach; the lane it is sent to."""
        ending = Ending(script)
        lane = await self.drivers.approach(script, ending)
        assert lane is not None, f"{script.mark} was not directed: {self.findings(ending.visit_id)}"
        return lane

    def raises(self, point: str) -> int:
        """Opening pulses the point's barrier has felt so far."""
        return len(self.place(point).lane.raises())

    async def approach_says(self) -> str:
        """What the approach's board answers to the vehicle before it."""
        return await self.place(APPROACH).sign_says(lambda text: text.startswith(("LANE", "GENERAL", "WAIT")))
