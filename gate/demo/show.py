"""Runs the demo: the stage, the traffic, what is printed, and the exit code."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx2
from rich.console import Console

from gate import logs
from gate.demo.audit import Audit, audit
from gate.demo.drivers import TERMINAL, Drivers, Ending
from gate.demo.live import LiveTable
from gate.demo.officer import Officer
from gate.demo.options import DemoOptions
from gate.demo.pictures import PhotoPictures, Pictures, RenderedPictures
from gate.demo.script import Script, Scripts
from gate.demo.stage import Stage
from gate.demo.trader import Traders
from gate.demo.trouble import Trouble
from gate.errors import SyncError

HEADLESS_PACE, SHOWN_PACE = 0.08, 1.5
HEADLESS_TROUBLE, SHOWN_TROUBLE = 12.0, 40.0
SHOWN_GAP = 3.0
DRAIN_SECONDS = 30.0
DEFAULT_VEHICLES = 50
AT_ONCE = 6
"""Vehicles on the ground at the same time, headless."""


def main(options: DemoOptions) -> int:
    """Run as asked; 0 when every visit ended as its script says and nothing was lost or violated."""
    # What emulated devices say in passing is nobody's output: stdout is for the visits.
    logs.configure(level="ERROR")
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 30)
    folder = options.data or Path(tempfile.mkdtemp(prefix="gate-demo-"))
    try:
        return asyncio.run(_run(options, folder, seed))
    except asyncio.CancelledError:
        print("Ended at once, with vehicles on the ground.", file=sys.stderr)
        return 1
    finally:
        if options.data is None:
            shutil.rmtree(folder, ignore_errors=True)


async def _run(options: DemoOptions, data: Path, seed: int) -> int:
    stop = asyncio.Event()
    whole = asyncio.current_task()

    def asked_to_end() -> None:
        """First time: finish what is on the ground. Second time: end at once."""
        if stop.is_set() and whole is not None:
            whole.cancel()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked_to_end)
    say = Console(stderr=options.json or options.headless)
    say.print("Starting central, broker, devices and the gate ...", highlight=False)
    async with Stage(data, seed=seed, default_ports=not options.headless) as stage:
        return await Show(options, stage, seed, say, stop).play()


class Show:
    """One run of the demo."""

    def __init__(
        self, options: DemoOptions, stage: Stage, seed: int, say: Console, stop: asyncio.Event
    ) -> None:
        rng = random.Random(seed)  # noqa: S311 - a script, not a secret
        self._options = options
        self._stage = stage
        self._say = say
        self._stop = stop
        self._began = time.monotonic()
        self._traders = Traders(stage.central_url, stage.central_data, stage.settings.site, rng)
        self._officer = Officer(stage.console_url, *stage.account, trust=stage.trust)
        self._pictures: Pictures = PhotoPictures(options.photos) if options.photos else RenderedPictures()
        self._scripts = Scripts(random.Random(seed + 1), self._pictures.make_mark)  # noqa: S311 - the same
        pace = HEADLESS_PACE if options.headless else SHOWN_PACE
        self._drivers = Drivers(stage, self._traders, self._officer, self._pictures, pace=pace)
        self._table = None if options.headless else LiveTable(stage, seed, say)
        self._trouble = Trouble(stage, random.Random(seed + 2), self._tell)  # noqa: S311 - the same
        self._endings: list[Ending] = []

    def _tell(self, what: str) -> None:
        if self._table is not None:
            self._table.tell(what)
        elif not self._options.json:
            self._say.print(what, highlight=False)

    async def play(self) -> int:
        """Prepare, drive, drain, audit, sum up."""
        await self._traders.register_importers()
        await self._officer.log_in()
        await self._officer.act("AttendTerminal", point=TERMINAL, attended=True)
        for note in self._stage.notes:
            self._tell(note)
        pause = HEADLESS_TROUBLE if self._options.headless else SHOWN_TROUBLE
        helpers = [
            asyncio.create_task(self._officer.answer_calls(0.3)),
            asyncio.create_task(self._trouble.keep_making(pause)),
        ]
        if self._table is not None:
            helpers.append(asyncio.create_task(self._table.follow(self._officer)))
        try:
            await self._traffic()
            await self._stop_trouble(helpers)
            await self._delivered()
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)
            await self._drivers.aclose()
            await self._officer.aclose()
            await self._traders.aclose()
        found = audit(self._stage, self._traders, self._endings)
        return self._sum_up(found)

    async def _stop_trouble(self, helpers: list[asyncio.Task[None]]) -> None:
        """Let whatever is broken be mended before the books are closed."""
        helpers[1].cancel()
        await asyncio.gather(helpers[1], return_exceptions=True)
        await self._trouble.mended.wait()

    async def _traffic(self) -> None:
        """Declare ahead of the traffic, and let vehicles come as the ground allows."""
        ready: asyncio.Queue[tuple[Script, tuple[str, ...]] | None] = asyncio.Queue(maxsize=AT_ONCE)
        declaring = asyncio.create_task(self._declare(ready))
        seats = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            while (item := await ready.get()) is not None:
                await seats.acquire()
                group.create_task(self._one(*item, seats))
                if not self._options.headless:
                    await self._pause(SHOWN_GAP)
        await declaring

    async def _declare(self, ready: asyncio.Queue[tuple[Script, tuple[str, ...]] | None]) -> None:
        wanted = self._options.vehicles or (DEFAULT_VEHICLES if self._options.headless else None)
        written = 0
        try:
            while not self._stop.is_set() and (wanted is None or written < wanted):
                script = self._scripts.next()
                numbers = await self._declared(script)
                await ready.put((script, numbers))
                written += 1
            if self._stop.is_set():
                self._tell("Ending once the vehicles on the ground have finished; Ctrl-C again ends at once.")
        finally:
            await ready.put(None)

    async def _declared(self, script: Script) -> tuple[str, ...]:
        """Declare; a trader whose central is away tries again."""
        while True:
            try:
                return await self._drivers.declare(script)
            except (httpx2.HTTPError, SyncError) as error:
                if self._stop.is_set():
                    return ()
                self._tell(f"A trader cannot reach central ({type(error).__name__}) and tries again.")
                await asyncio.sleep(1.0)

    async def _one(self, script: Script, numbers: tuple[str, ...], seats: asyncio.Semaphore) -> None:
        try:
            ending = await self._drivers.play(script, numbers)
        finally:
            seats.release()
        self._endings.append(ending)
        if self._table is not None:
            self._table.ended(ending)
        elif self._options.json:
            print(json.dumps(_line(ending), ensure_ascii=False), flush=True)
        else:
            mark = "ok " if ending.as_scripted else "BAD"
            how = f"{ending.outcome:12} {ending.corridor or '-':6} {ending.lane or '-':7}"
            told = f"{mark} {script.number:3d} {script.kind.value:20} {script.mark:10} {how}"
            self._say.print(f"{told} {ending.seconds:5.1f} s {ending.trouble}", highlight=False)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    async def _delivered(self) -> None:
        """Wait until central has everything."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline:
            overview = await self._officer.overview()
            if overview["system"]["outbox_waiting"] == 0 and overview["system"]["central"] == "connected":
                await asyncio.sleep(1.0)  # the view is half a second old; look twice
                overview = await self._officer.overview()
                if overview["system"]["outbox_waiting"] == 0:
                    return
            await asyncio.sleep(0.2)

    def _sum_up(self, found: Audit) -> int:
        released = [e.corridor for e in self._endings if e.outcome == "RELEASED" and e.corridor]
        summary = {
            "visits": len(self._endings),
            "by_outcome": dict(sorted(Counter(ending.outcome for ending in self._endings).items())),
            "by_corridor": dict(sorted(Counter(released).items())),
            "reads": dict(found.reads),
            "events": {"written": found.written, "delivered": found.delivered},
            "invariant_violations": len(found.violations),
            "seconds": round(time.monotonic() - self._began, 1),
        }
        if self._options.json:
            print(json.dumps({"summary": summary}), flush=True)
        else:
            self._say.print_json(json.dumps({"summary": summary}))
        for violation in found.violations:
            print(f"VIOLATED: {violation}", file=sys.stderr)
        strayed = [ending for ending in self._endings if not ending.as_scripted]
        for ending in strayed:
            print(f"NOT AS SCRIPTED: {json.dumps(_line(ending), ensure_ascii=False)}", file=sys.stderr)
        wanted = self._options.vehicles if self._options.headless else None
        complete = wanted is None or len(self._endings) == wanted or self._stop.is_set()
        good = not found.violations and not strayed and found.written == found.delivered and complete
        return 0 if good else 1


def _line(ending: Ending) -> dict[str, object]:
    """One visit's line."""
    return {
        "visit": ending.visit_id,
        "script": ending.script.kind.value,
        "plate": ending.script.mark,
        "numbers": list(ending.numbers),
        "expected": ending.script.expected,
        "outcome": ending.outcome,
        "corridor": ending.corridor,
        "lane": ending.lane,
        "as_scripted": ending.as_scripted,
        "officers": ending.helped,
        "trouble": ending.trouble,
        "seconds": ending.seconds,
    }
