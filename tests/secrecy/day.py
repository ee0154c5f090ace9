"""The scripted day: vehicles of every corridor come and go, somebody is curious, and V comes last."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx2
import pytest

from gate.lanes.events import Detector
from gate.lanes.state import Phase
from gate.model import Corridor, VisitStatus
from gate.store.officers import Role
from tests.secrecy.border import CAMERA_SECRET, NIGHT, PLAIN, Border
from tests.secrecy.central import Traders, central_of
from tests.secrecy.emissions import Emissions, forget_figures
from tests.secrecy.fates import Fate
from tests.secrecy.gatehouse import (
    Gatehouse,
    Yard,
    eavesdropper,
    gate_at,
    leave_out_pictures,
    log_to,
    wires_of,
)
from tests.secrecy.looking import Looking
from tests.secrecy.steady import DayClock, DayLoop, steady_world

V_MARK = "77VV777"
V_IMPORTER = "the-importer-of-V"


@dataclass
class Day:
    """One run."""

    loop: DayLoop
    clock: DayClock
    border: Border
    looking: Looking
    emissions: Emissions
    fate: Fate
    traders: Traders = field(init=False)
    yard: Yard = field(init=False)
    gate: Gatehouse = field(init=False)
    v: str = ""
    """V's notification number."""
    other: str = ""
    """Another's, whose vehicle never comes."""
    pushed: int = 0

    # --- what central hears -----------------------------------------------------------------------

    async def v_is_declared(self) -> None:
        """At this moment, and long before it arrives."""
        await self.traders.decide(V_IMPORTER, self.fate.group)
        with self.traders.binding(self.fate.deadline_hours):
            self.v = await self.traders.file(
                V_IMPORTER, (V_MARK,), drawn=self.fate.drawn, destination=self.fate.destination
            )

    async def v_is_amended(self) -> None:
        """Its corridor stays: amending wins nothing."""
        with self.traders.binding(self.fate.deadline_hours):
            await self.traders.amend(self.v, V_IMPORTER, (V_MARK,), destination=self.fate.destination)

    # --- what happens on the ground ---------------------------------------------------------------

    def phase(self, point: str) -> Phase:
        """Where a point stands."""
        return self.gate.site.points[point].state.phase

    async def passes(self, seconds: float) -> None:
        """Time."""
        await self.loop.forward(seconds)

    async def camera_says(self, point: str, plate: str | None) -> None:
        """A camera that reads by itself pushes."""
        self.pushed += 1
        at = self.clock.now().utc
        body = json.dumps(
            {
                "version": 1,
                "camera": point,
                "nonce": f"nonce-{self.pushed:012d}",
                "captured_at": at.isoformat(timespec="milliseconds"),
                "plate": plate,
                "country": "AZ" if plate else None,
                "confidence": 0.97,
            }
        ).encode()
        stamp = f"{at.timestamp():.3f}"
        signed = hmac.new(CAMERA_SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {"X-Gate-Timestamp": stamp, "X-Gate-Signature": f"v1={signed}"}
        async with httpx2.AsyncClient(trust_env=False, verify=PLAIN) as client:
            answer = await client.post(
                f"http://127.0.0.1:{self.border.push}/{point}", content=body, headers=headers
            )
        assert answer.status_code == 200
        self.emissions.note("http", f"camera {point}\n{answer.headers.raw}\n{answer.text}")
        await self.loop.rest()

    async def comes(self, point: str, plate: str | None) -> None:
        """A vehicle rolls up, and is read or not."""
        self.yard.stands(point, occupied=True)
        await self.passes(0.5)
        if plate is None:
            await self.passes(3.5)
        else:
            await self.camera_says(point, plate)
            await self.passes(0.5)

    async def moves_on(self, point: str) -> None:
        """It leaves the point."""
        self.yard.stands(point, occupied=False)
        await self.passes(2.5)

    async def approaches(self, plate: str | None) -> str:
        """To the approach, and its answer; the visit's id."""
        await self.comes("approach", plate)
        passage = self.gate.site.points["approach"].state.passage
        assert passage is not None
        assert passage.visit_id is not None
        return passage.visit_id

    async def drives_through(self, point: str) -> None:
        """Under the raised boom."""
        assert self.phase(point) is Phase.PASSING, self.phase(point)
        self.yard.stands(point, occupied=True, detector=Detector.SAFETY)
        self.yard.stands(point, occupied=False)
        await self.passes(1)
        self.yard.stands(point, occupied=False, detector=Detector.SAFETY)
        await self.passes(3)
        assert self.phase(point) is Phase.FREE, self.phase(point)

    async def visit_status(self, visit_id: str) -> VisitStatus:
        """What the journal says of a visit."""
        visit = await self.gate.site.store.ledger.visit(visit_id)
        assert visit is not None
        return visit.status

    async def goes_by(self, plate: str, corridor: Corridor) -> None:
        """A vehicle comes, is directed and released in its lane, by an officer where the Rules want one."""
        visit = await self.approaches(plate)
        assert await self.visit_status(visit) is VisitStatus.DIRECTED
        await self.moves_on("approach")
        lane = {c: f"lane-{at}" for at, c in enumerate(Corridor, start=1)}[corridor]
        await self.comes(lane, plate)
        if corridor.needs_officer:
            assert self.phase(lane) is Phase.CONTROL
            answer = await self.looking.act(
                Role.OFFICER, "ReleaseVisit", visit_id=visit, checked=["documents"]
            )
            assert answer.status_code == 200, answer.text
        await self.passes(1)
        await self.drives_through(lane)
        assert await self.visit_status(visit) is VisitStatus.COMPLETED

    # --- the script -------------------------------------------------------------------------------

    async def begins(self) -> None:
        """The devices come up, the cameras say that they are there, the traders file."""
        await self.yard.power()
        await self.passes(2)
        for point in self.gate.site.settings.points:
            if point.push is not None:
                await self.camera_says(point.name, None)
        await self.passes(1)

    async def traders_file(self) -> None:
        """A vehicle of every corridor, and V among them."""
        await self.traders.file("LOW-1", ("10AA111",), hours_ago=2)
        await self.traders.file("LOW-2", ("10BB222",), hours_ago=2, drawn=True)
        await self.v_is_declared()
        await self.traders.file("MEDIUM-1", ("10CC333",), hours_ago=2, drawn=True, destination="Quba")
        await self.traders.file("HIGH-1", ("10DD444",), hours_ago=2, destination="Xaçmaz")
        self.other = await self.traders.file("LOW-3", ("10EE555", "10EE556"), hours_ago=2)
        await self.passes(3)

    async def somebody_is_curious(self) -> None:
        """V's number is typed, scanned and searched for, with and without somebody there; so are others."""
        unknown = "0000000000000"
        for number in (self.v, self.other, unknown, "12"):
            await self.looking.type_number("approach", number)
            await self.looking.type_number("hall-1", number)
            await self.passes(0.5)
        assert self.yard.scanner is not None
        assert self.yard.keypad is not None
        self.yard.scanner.scan(f"https://example.invalid/?number={self.v}")
        await self.passes(5)
        for key in f"{self.v}E":
            self.yard.keypad.press(key)
            await self.loop.rest()  # a finger is slower than the line
        await self.passes(1)

    async def a_covered_plate(self) -> None:
        """Nobody can read the plate; the driver types V's number. An officer sends him back."""
        visit = await self.approaches(None)
        await self.looking.type_number("approach", self.v)
        await self.passes(2)
        assert await self.visit_status(visit) is VisitStatus.HELD
        await self.looking.around(self.v, V_MARK)
        answer = await self.looking.act(
            Role.OFFICER, "TurnBack", visit_id=visit, reason="no plate to be seen"
        )
        assert answer.status_code == 200, answer.text
        await self.moves_on("approach")

    async def another_plate(self) -> None:
        """A plate that belongs to no declaration, with V's number typed beside it."""
        self.yard.stands("approach", occupied=True)
        await self.passes(0.5)
        await self.looking.type_number("approach", self.v)
        await self.passes(0.5)
        await self.camera_says("approach", "99XX999")
        await self.passes(1)
        passage = self.gate.site.points["approach"].state.passage
        assert passage is not None
        assert passage.visit_id is not None
        assert await self.visit_status(passage.visit_id) is VisitStatus.HELD
        await self.looking.act(Role.OFFICER, "EnterNumber", visit_id=passage.visit_id, number=self.v)
        await self.passes(1)
        await self.moves_on("approach")

    async def evening(self) -> None:
        """Everything before the night."""
        await self.begins()
        await self.looking.around()
        await self.traders_file()
        await self.looking.around(self.v, V_MARK, "10AA111")
        await self.somebody_is_curious()
        await self.a_covered_plate()
        await self.goes_by("10AA111", Corridor.GREEN)
        await self.v_is_amended()
        await self.passes(3)
        self.gate.note_files()

    async def morning(self) -> None:
        """Everything between the night and V's arrival."""
        await self.begins()
        await self.looking.around(self.v, V_MARK)
        await self.another_plate()
        await self.goes_by("10BB222", Corridor.BLUE)
        await self.traders.amend(self.other, "LOW-3", ("10EE555",))
        await self.goes_by("10CC333", Corridor.YELLOW)
        await self.somebody_is_curious()
        left = await self.approaches("10DD444")
        await self.moves_on("approach")
        await self.comes("exit-1", "10DD444")
        assert await self.visit_status(left) is VisitStatus.DIRECTED
        await self.looking.around(self.v, V_MARK, "10DD444")
        self.gate.note_files()

    async def morning_and_v(self) -> None:
        """The morning, and V."""
        await self.morning()
        await self.v_arrives()

    async def an_hour(self) -> None:
        """A short day: V is declared, everybody looks, and another's plate comes with V's number."""
        await self.begins()
        await self.traders_file()
        await self.looking.around(self.v)
        for number in (self.v, self.other):
            await self.looking.type_number("approach", number)
            await self.looking.type_number("hall-1", number)
        await self.another_plate()
        self.gate.note_files()

    async def v_arrives(self) -> None:
        """At last; and everybody looks."""
        self.emissions.has_arrived = True
        visit = await self.approaches(V_MARK)
        assert await self.visit_status(visit) is VisitStatus.DIRECTED
        await self.looking.around(self.v, V_MARK)
        self.gate.note_files()


Script = Callable[[Day], Awaitable[None]]


@asynccontextmanager
async def _gate(day: Day) -> AsyncIterator[None]:
    """The gate up, with an officer's screen open."""
    async with gate_at(day.border, day.clock, day.emissions) as day.gate:
        await day.loop.forward(1)
        async with day.looking.screen(Role.OFFICER):
            await day.loop.rest()
            yield
        await day.loop.rest()


async def _live(day: Day, evening: Script, morning: Script | None) -> None:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(eavesdropper(day.border, day.emissions))
        day.traders = await stack.enter_async_context(
            central_of(day.border, day.clock, day.emissions, day.fate.policy)
        )
        for script in (evening, morning):
            if script is None:
                break
            day.yard = Yard(day.border, day.loop)
            await day.yard.wire()
            try:
                async with _gate(day):
                    await script(day)
            finally:
                await day.yard.off()
            await day.loop.rest()
            day.loop.mono += NIGHT.total_seconds()
            day.looking.morning = True
            day.border.log_in("morning")


def live(
    border: Border,
    fate: Fate,
    evening: Script,
    morning: Script | None = None,
    *,
    plant: Callable[[pytest.MonkeyPatch, Border], None] = lambda _patch, _border: None,
) -> Emissions:
    """One run: everything that left the gate."""
    border.clear()
    border.start_broker()
    try:
        with steady_world() as (loop, clock), pytest.MonkeyPatch.context() as patch:
            emissions = Emissions(lambda: loop.mono)
            forget_figures()
            leave_out_pictures(patch)
            wires_of(emissions, loop, patch)
            plant(patch, border)
            day = Day(loop, clock, border, Looking(border, emissions), emissions, fate)
            with (
                log_to(border.data / "log.jsonl", emissions),
                asyncio.Runner(loop_factory=lambda: loop) as runner,
            ):
                runner.run(_live(day, evening, morning))
        return emissions
    finally:
        border.stop_broker()
