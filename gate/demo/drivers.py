"""Played drivers and carriers: each does what its script says, and reports how the visit ended."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import httpx2

from gate.demo.officer import Officer, OfficerError
from gate.demo.pictures import Pictures
from gate.demo.script import Kind, Script
from gate.demo.stage import DemoError, Stage
from gate.demo.trader import Traders
from gate.demo.yard import Place, Stay
from gate.lanes.events import BarrierPosition
from gate.model import Corridor

APPROACH, EXIT, TERMINAL, BAY = "approach", "exit-1", "hall-1", "holding-bay"
CHECKS = {
    Corridor.YELLOW: ["documents", "certificates"],
    Corridor.RED: ["documents", "goods", "vehicle", "seals"],
}
FELT_SECONDS = 3.0
LOOK = 0.05
"""Seconds between two looks of a played person."""
PATIENCE = 60.0
UNKNOWN_NUMBER = "0000000000000"
"""A well-formed number nobody has been given."""


@dataclass(slots=True)
class Ending:
    """How a visit ended, as the gate has it on record."""

    script: Script
    numbers: tuple[str, ...] = ()
    visit_id: str = ""
    outcome: str = "?"
    corridor: str | None = None
    lane: str | None = None
    helped: list[str] = field(default_factory=list)
    """What officers had to do."""
    trouble: str = ""
    seconds: float = 0.0

    @property
    def as_scripted(self) -> bool:
        """The visit ended as its script says."""
        wanted = self.script.corridor if self.script.expected == "RELEASED" else None
        right_corridor = wanted is None or self.corridor == wanted.value
        return not self.trouble and self.outcome == self.script.expected and right_corridor


class Drivers:
    """Plays scripts on a stage."""

    def __init__(
        self, stage: Stage, traders: Traders, officer: Officer, pictures: Pictures, *, pace: float
    ) -> None:
        self._stage = stage
        self._traders = traders
        self._officer = officer
        self._pictures = pictures
        self._pace = pace
        """Seconds a vehicle takes for each stretch of road; 0.1 headless."""
        self._kiosk = httpx2.AsyncClient(base_url=stage.kiosk_url, timeout=10, verify=stage.trust)
        self._hall = asyncio.Lock()

    async def aclose(self) -> None:
        """Go home."""
        await self._kiosk.aclose()

    async def declare(self, script: Script) -> tuple[str, ...]:
        """File what the script's goods need, and see it cached at the checkpoint; the numbers."""
        marks = (script.mark,)
        match script.kind:
            case Kind.UNKNOWN | Kind.DEPARTURE:
                return ()
            case Kind.TRANSIT:
                filed = [await self._traders.file_once("LOW-000", marks, category="transit")]
            case Kind.LATE:
                filed = [await self._traders.file_once("LOW-001", marks, minutes_ago=20)]
            case Kind.BAGGAGE | Kind.BAGGAGE_BY_OFFICER:
                filed = [await self._traders.file(_corridor(script), (), mode="baggage")]
            case Kind.GROUPAGE:
                filed = [await self._traders.file(_corridor(script), marks)]
                filed.append(await self._traders.file(Corridor.GREEN, marks))
            case _:
                filed = [await self._traders.file(_corridor(script), marks)]
        borne = None if script.kind in (Kind.BAGGAGE, Kind.BAGGAGE_BY_OFFICER) else script.mark
        await self._until(
            lambda: all(self._is_cached(number, borne) for number in filed), "the feed to bring it"
        )
        return tuple(filed)

    def _is_cached(self, number: str, mark: str | None) -> bool:
        """The checkpoint can go by it: its verdict is there, and `mark`, which an amendment brings."""
        path = self._stage.edge / "cache.db"
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
        try:
            found = connection.execute(
                "SELECT 1 FROM declarations WHERE number = :number"
                " AND (verdict_version = version OR category <> 'goods')"
                " AND (:mark IS NULL OR EXISTS"
                " (SELECT 1 FROM declaration_marks WHERE mark = :mark AND number = :number))",
                {"number": number, "mark": mark},
            ).fetchone()
        finally:
            connection.close()
        return found is not None

    async def play(self, script: Script, numbers: tuple[str, ...]) -> Ending:
        """Play one script to its end; whatever goes wrong is told in the ending."""
        ending = Ending(script, numbers)
        began = time.monotonic()
        try:
            await self._scene(script)(script, ending)
            if ending.visit_id:
                await self._record(ending)
        except (DemoError, TimeoutError, httpx2.HTTPError) as error:
            ending.trouble = f"{type(error).__name__}: {error}"
        ending.seconds = round(time.monotonic() - began, 2)
        return ending

    def _scene(self, script: Script) -> Callable[[Script, Ending], Awaitable[None]]:
        match script.kind:
            case Kind.BAGGAGE | Kind.BAGGAGE_BY_OFFICER:
                return self._baggage
            case Kind.DEPARTURE:
                return self._departs
            case Kind.TURNS_ROUND:
                return self._turns_round
            case _:
                return self._comes_in

    # --- scenes ---------------------------------------------------------------------------------

    async def _comes_in(self, script: Script, ending: Ending) -> None:
        lane = await self.approach(script, ending)
        if script.kind is Kind.WRONG_LANE and lane is not None:
            await self._into_wrong_lane(script, ending, lane)
        if lane is not None:
            await self.through_lane(script, ending, lane)

    async def _turns_round(self, script: Script, ending: Ending) -> None:
        lane = await self.approach(script, ending)
        if lane is None:
            return
        await self._leave_unreleased(script, ending)
        await self._record(ending, "LEFT_UNRELEASED")
        lane = await self.approach(script, ending)
        if lane is not None:
            raise DemoError(f"it came back and was directed again, to {lane}")

    async def _leave_unreleased(self, script: Script, ending: Ending) -> None:
        """Try the exit: held with an alarm until an officer lets it turn back."""
        place = self._stage.yard.places[EXIT]
        async with place.room:
            stay = await self._roll_up(script, place)
            await self._until(lambda: "WAIT" in place.sign(), "the exit to hold it")
            if (await self._officer.point(EXIT))["visit_id"] != ending.visit_id:
                # held because its plate was not read: the officer looks at it
                await self._confirm_in_lane(script, ending, EXIT)
                await self._at_point(EXIT, lambda p: p["phase"] == "held", "the exit to hold it")
            await self._insist("TurnBack", ending, visit_id=ending.visit_id, reason="refuses the control")
            await place.barrier_is(BarrierPosition.UP)
            await self._stage.yard.drive_through(stay, self._pace, partial(self._felt, stay.point))
            await place.barrier_is(BarrierPosition.DOWN)

    async def _departs(self, script: Script, ending: Ending) -> None:
        await self.through_lane(script, ending, EXIT)

    async def _baggage(self, script: Script, ending: Ending) -> None:
        """Type at the terminal; with the wrong number an officer enters the right one (8.0.2)."""
        by_officer = script.kind is Kind.BAGGAGE_BY_OFFICER
        (number,) = ending.numbers
        async with self._hall:
            before = (await self._officer.point(TERMINAL))["visit_id"]
            typed = UNKNOWN_NUMBER if by_officer else number
            await self._type(TERMINAL, typed)
            seen = await self._at_point(
                TERMINAL,
                lambda p: (
                    p["visit_id"] not in (None, before) and p["phase"] in ("directed", "held", "registering")
                ),
                "the terminal to answer",
            )
            ending.visit_id = seen["visit_id"]
        if by_officer:
            await self._insist("EnterNumber", ending, visit_id=ending.visit_id, number=number)
        visit = await self._officer.visit(ending.visit_id)
        if visit["corridor"] in ("YELLOW", "RED") or by_officer:
            checks = CHECKS.get(Corridor(visit["corridor"]), ["registration"])
            await self._insist("ReleaseVisit", ending, visit_id=ending.visit_id, checked=checks)

    # --- stretches of road ------------------------------------------------------------------------

    async def approach(self, script: Script, ending: Ending) -> str | None:
        """Roll up to the approach; returns the lane to drive to, or None when it is not to go on."""
        place = self._stage.yard.places[APPROACH]
        async with place.room:
            await place.sign_says(lambda text: not text)
            stay = await self._roll_up(script, place)
            if script.kind is Kind.UNREAD:
                await self._at_point(APPROACH, lambda p: p["phase"] != "free", "the loop to feel it")
                await self._type(APPROACH, ending.numbers[0])
            said = await place.sign_says(lambda text: text.startswith(("LANE", "GENERAL", "WAIT")))
            point = await self._at_point(
                APPROACH, lambda p: p["phase"] in ("directed", "held"), "the console to show it"
            )
            ending.visit_id = point["visit_id"]
            self._stage.yard.leave(stay)
            await place.sign_says(lambda text: not text)
        await asyncio.sleep(self._pace)
        if said.startswith("WAIT"):
            await self._in_the_bay(script, ending)
        visit = await self._officer.visit(ending.visit_id)
        if visit["status"] != "directed":
            return None
        return str(visit["lane"])

    async def _in_the_bay(self, script: Script, ending: Ending) -> None:
        """An officer comes to the holding bay and settles what the machine could not."""
        visit = await self._officer.visit(ending.visit_id)
        if visit["mark"] != script.mark:
            done, message = await self._confirm(point=BAY, visit_id=ending.visit_id, mark=script.mark)
            if not done:
                raise DemoError(f"ConfirmPlate was not done: {message}")
            ending.helped.append("ConfirmPlate")
            visit = await self._officer.visit(ending.visit_id)
        if visit["status"] != "held":
            return
        if script.kind is Kind.UNKNOWN:
            await self._insist(
                "ReferVisit", ending, visit_id=ending.visit_id, reason="no declaration: general lane"
            )
        elif script.expected == "TURNED_BACK":
            await self._insist("TurnBack", ending, visit_id=ending.visit_id, reason="may not enter now")

    async def _into_wrong_lane(self, script: Script, ending: Ending, right: str) -> None:
        """Miss the sign: held in a lane not its own, backs out."""
        wrong = next(p.name for p in self._stage.settings.points if p.kind == "entry" and p.name != right)
        place = self._stage.yard.places[wrong]
        async with place.room:
            stay = await self._roll_up(script, place)
            await self._until(lambda: "WAIT" in place.sign(), "the wrong lane to hold it")
            if place.is_up:
                raise DemoError(f"the barrier of {wrong} rose for a vehicle directed to {right}")
            ending.helped.append("wrong lane")
            self._stage.yard.leave(stay)
            await self._until(lambda: "WAIT" not in place.sign(), "the wrong lane to be free")

    async def through_lane(self, script: Script, ending: Ending, lane: str) -> None:
        """Be read again, be released, drive through."""
        place = self._stage.yard.places[lane]
        async with place.room:
            stay = await self._roll_up(script, place)
            await self._until_open(script, ending, place)
            if not ending.visit_id:
                ending.visit_id = (await self._officer.point(lane))["visit_id"]
            await self._stage.yard.drive_through(stay, self._pace, partial(self._felt, stay.point))
            await place.barrier_is(BarrierPosition.DOWN)

    async def _felt(self, lane: str) -> None:
        """Wait until the gate sees somebody under the boom; one that is being restarted looks later."""
        deadline = time.monotonic() + FELT_SECONDS
        while time.monotonic() < deadline:
            with suppress(httpx2.HTTPError, OfficerError):
                if (await self._officer.point(lane))["safety"] == "occupied":
                    return
            await asyncio.sleep(LOOK)

    async def _until_open(self, script: Script, ending: Ending, place: Place) -> None:
        """Wait at the barrier while officers do what is theirs to do."""
        deadline = time.monotonic() + PATIENCE
        while not place.is_up:
            if time.monotonic() > deadline:
                raise DemoError(f"{place.name} did not open; its board says {place.sign()!r}")
            point = await self._officer.point(place.name)
            if point["phase"] == "control":
                checks = CHECKS[script.corridor or Corridor.RED]
                await self._insist("ReleaseVisit", ending, visit_id=point["visit_id"], checked=checks)
                await place.barrier_is(BarrierPosition.UP)
            elif point["phase"] == "held":
                await self._confirm_in_lane(script, ending, place.name)
            await asyncio.sleep(LOOK)

    async def _confirm_in_lane(self, script: Script, ending: Ending, lane: str) -> None:
        done, _ = await self._confirm(point=lane, visit_id=None, mark=script.mark)
        if done:
            ending.helped.append(f"plate confirmed in {lane}")

    async def _confirm(self, **what: object) -> tuple[bool, str]:
        """Confirm a plate by sight; a colleague looks too where what was read is not near to it (8.0.1)."""
        done, message = await self._officer.act("ConfirmPlate", **what)
        if done or "second officer" not in message:
            return done, message
        name, password = self._stage.second_account
        return await self._officer.act("ConfirmPlate", **what, second=name, second_password=password)

    async def _roll_up(self, script: Script, place: Place) -> Stay:
        picture = await asyncio.to_thread(self._pictures.of, script, place.name)
        await asyncio.sleep(self._pace)
        return self._stage.yard.arrive(place.name, script.mark, picture)

    # --- what people do ---------------------------------------------------------------------------

    async def _type(self, point: str, number: str) -> None:
        answer = await self._kiosk.post(f"/api/{point}/number", json={"number": number})
        if answer.status_code != httpx2.codes.ACCEPTED:
            raise DemoError(f"the kiosk at {point} refused {number}: {answer.status_code} {answer.text}")

    async def _insist(self, act: str, ending: Ending, **fields: object) -> None:
        done, message = await self._officer.act(act, **fields)
        if not done:
            raise DemoError(f"{act} was not done: {message}")
        ending.helped.append(act)

    async def _at_point(
        self, name: str, wanted: Callable[[dict[str, object]], bool], what: str
    ) -> dict[str, str]:
        deadline = time.monotonic() + PATIENCE
        while True:
            point = await self._officer.point(name)
            if wanted(point):
                return point
            if time.monotonic() > deadline:
                raise DemoError(f"waited {PATIENCE:.0f} s for {what}: {point}")
            await asyncio.sleep(LOOK)

    async def _until(self, wanted: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not wanted():
            if time.monotonic() > deadline:
                raise DemoError(f"waited {PATIENCE:.0f} s for {what}")
            await asyncio.sleep(LOOK)

    async def _record(self, ending: Ending, wanted: str | None = None) -> None:
        """Read from the gate how the visit ended, giving it the moment the last commit takes."""
        wanted = wanted or ending.script.expected
        deadline = time.monotonic() + 10
        while True:
            visit = await self._officer.visit(ending.visit_id)
            ending.outcome = _OUTCOMES.get(visit["status"], visit["status"].upper())
            ending.corridor, ending.lane = visit["corridor"], visit["lane"]
            same = wanted in (ending.outcome, visit["status"].upper().replace("-", "_"))
            if same or time.monotonic() > deadline:
                return
            await asyncio.sleep(LOOK)


_OUTCOMES = {
    "completed": "RELEASED",
    "departed": "DEPARTED",
    "referred": "REFERRED",
    "left-unreleased": "TURNED_BACK",
    "held": "HELD",
}


def _corridor(script: Script) -> Corridor:
    if script.corridor is None:
        raise AssertionError(f"script {script.kind} has no corridor")
    return script.corridor
