"""Days on which the clock is wrong: the whole checkpoint, its journal and its restarts."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from gate.errors import StoreError
from gate.lanes.acts import AttendTerminal, ConfirmPlate, EnterNumber
from gate.lanes.commands import UpdateVisit
from gate.lanes.events import NumberGiven, PointClosed
from gate.lanes.state import Phase
from gate.model import TransportMode, VisitStatus
from gate.store.journal import Journal
from tests.clocks import PaperKernel, adrift
from tests.lanes.gatehouse import BorderClock, House, gatehouse
from tests.lanes.officers import WHO, does
from tests.lanes.stories import LORRY
from tests.lanes.test_desk import ONE, declared
from tests.sealing.made import ARRIVED, Made, made
from tests.store.kept import rows, step

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
POINTS = ("approach", "terminal", "green", "blue", "yellow", "red")

DEAD = {
    "1970": datetime(1970, 1, 1, 0, 0, 20, tzinfo=UTC),
    "the build's date": datetime(2025, 11, 3, tzinfo=UTC),
    "fake-hwclock, three days slow": ARRIVED - timedelta(days=3),
    "slow by less than anybody notices": ARRIVED - timedelta(seconds=50),
}


@asynccontextmanager
async def opened(
    data: Path,
    clock: BorderClock | None = None,
    kernel: PaperKernel | None = None,
    *,
    keys: Made | None = None,
    boot: str = "boot1",
) -> AsyncIterator[House]:
    """A checkpoint with every kind of point."""
    async with gatehouse(data, POINTS, clock=clock, kernel=kernel, keys=keys, boot=boot) as house:
        yield house


async def at_rest(house: House) -> None:
    """Nobody is there."""
    await house.rests(*(name for name in house.points if name != "hall-1"))


def central_answers(house: House, true_now: datetime) -> None:
    """Central tells its time; the way there and back takes no time."""
    here = house.clock.now()
    house.trust.measured(here, here, true_now)


async def files(house: House, *, minutes_before: int, now: datetime = ARRIVED) -> None:
    """Central registered the lorry so long before `now`, and the feed has just brought it."""
    house.cursor += 1
    declaration = declared(house, registered_at=now - minutes_before * MINUTE)
    await house.store.cache.apply(house.cursor, [declaration], now)


async def codes(house: House, visit_id: str) -> set[str]:
    """The visit's findings."""
    return {finding.code for finding in (await house.knows(visit_id)).findings}


async def looks(house: House, visit_id: str, point: str = "holding-bay") -> str:
    """An officer compares the plate by sight, which identifies the vehicle anew."""
    return await does(house, ConfirmPlate(officer=WHO, point=point, visit_id=visit_id, mark=LORRY))


# --- the clock that nobody knows ----------------------------------------------------------------------


@pytest.mark.parametrize("wrong", DEAD.values(), ids=DEAD.keys())
async def test_with_a_dead_clock_everybody_is_held_until_it_is_set_and_central_answers(
    tmp_path: Path, wrong: datetime
) -> None:
    """A power cut, central away: an hour-old declaration or not, nobody is directed; then the same vehicle
    is, by the moment it really came.
    """
    clock = BorderClock(wrong)
    async with opened(tmp_path, clock, adrift()) as house:
        await at_rest(house)
        await files(house, minutes_before=90)
        visit_id = await house.approaches()
        assert "clock-unknown" in await codes(house, visit_id)
        await house.moves_on()
        clock.passes(10 * MINUTE)
        assert "still held" in await looks(house, visit_id)

        true_now = ARRIVED + 10 * MINUTE
        central_answers(house, true_now)
        await house.store.cache.touch(true_now)
        if ARRIVED - wrong > 2 * MINUTE:
            assert "still held" in await looks(house, visit_id)
            assert "clock-skewed" in await codes(house, visit_id)
            clock.set(true_now - clock.now().utc)
            assert "still held" in await looks(house, visit_id)
            assert "clock-unknown" in await codes(house, visit_id)
            central_answers(house, true_now)
        assert (await looks(house, visit_id)).startswith("directed")


async def test_a_dead_clock_that_is_set_makes_no_late_declaration_early(tmp_path: Path) -> None:
    """It came 40 minutes after registration by nobody's clock; two hours later it is still 40 minutes."""
    clock = BorderClock(DEAD["1970"])
    async with opened(tmp_path, clock, adrift()) as house:
        await at_rest(house)
        await files(house, minutes_before=40)
        visit_id = await house.approaches()
        await house.moves_on()
        clock.passes(2 * HOUR)
        clock.set(ARRIVED + 2 * HOUR - clock.now().utc)
        central_answers(house, ARRIVED + 2 * HOUR)
        await house.store.cache.touch(ARRIVED + 2 * HOUR)
        assert "still held" in await looks(house, visit_id)
        assert await codes(house, visit_id) == {"late-declaration"}


@pytest.mark.parametrize("span", [-2 * HOUR, -30 * MINUTE, 30 * MINUTE, 2 * HOUR])
async def test_a_clock_set_while_the_vehicle_stands_changes_no_lead_time(
    tmp_path: Path, span: timedelta
) -> None:
    """Until central answers again it holds; then an hour less a minute is too little, and 90 are enough."""
    for minutes, enough in ((59, False), (90, True)):
        clock = BorderClock(ARRIVED - span)
        async with opened(tmp_path / str(minutes), clock, adrift()) as house:
            await at_rest(house)
            await files(house, minutes_before=minutes)
            visit_id = await house.approaches(unread=True)
            clock.set(span)
            said = await looks(house, visit_id, "approach")
            await house.phase("approach", Phase.HELD)
            assert "clock-unknown" in await codes(house, visit_id), said
            central_answers(house, clock.now().utc)
            await house.moves_on()
            said = await looks(house, visit_id)
            assert said.startswith("directed") is enough, said


async def test_a_skewed_clock_holds_and_says_which_way(tmp_path: Path) -> None:
    """Ten minutes apart, whichever of the two is wrong: an officer reads what to do."""
    async with opened(tmp_path, BorderClock(), adrift()) as house:
        await at_rest(house)
        ahead = house.clock.now().utc + 10 * MINUTE
        central_answers(house, ahead)
        await files(house, minutes_before=90, now=ahead)
        visit = await house.knows(await house.approaches())
        (finding,) = visit.findings
        assert (finding.code, finding.rule) == ("clock-skewed", "2.2")
        assert "600 s behind central's" in finding.detail


async def test_a_small_skew_is_taken_off(tmp_path: Path) -> None:
    """The box is 90 s fast: what looks like an hour and a minute by its clock is half a minute short."""
    for seconds, enough in ((3690, True), (3660, False)):
        data = tmp_path / str(seconds)
        async with opened(data, BorderClock(), adrift()) as house:
            await at_rest(house)
            central_answers(house, house.clock.now().utc - timedelta(seconds=90))
            house.cursor += 1
            by_box = declared(house, registered_at=ARRIVED - timedelta(seconds=seconds))
            await house.store.cache.apply(house.cursor, [by_box], ARRIVED - timedelta(seconds=90))
            visit = await house.knows(await house.approaches())
            assert (visit.status is VisitStatus.DIRECTED) is enough, visit.findings


# --- first presence is the first ------------------------------------------------------------------------


async def test_waiting_wins_nothing(tmp_path: Path) -> None:
    """It came 20 minutes after registration and waits 50: an officer's look, a number, a second look,
    and the holding bay leave it what it was.
    """
    async with opened(tmp_path) as house:
        await at_rest(house)
        await files(house, minutes_before=20)
        visit_id = await house.approaches()
        came = (await house.knows(visit_id)).first_presence
        house.clock.passes(25 * MINUTE)
        await house.store.cache.touch(house.clock.now().utc)
        await looks(house, visit_id, "approach")
        await house.phase("approach", Phase.HELD)
        await house.moves_on()
        house.clock.passes(25 * MINUTE)
        await house.store.cache.touch(house.clock.now().utc)
        said = await does(house, EnterNumber(officer=WHO, visit_id=visit_id, number=ONE))
        assert "still held" in said
        assert "still held" in await looks(house, visit_id)
        assert await codes(house, visit_id) == {"late-declaration"}
        assert (await house.knows(visit_id)).first_presence == came


@pytest.mark.parametrize("orderly", [False, True], ids=["killed", "stopped"])
async def test_a_restart_does_not_move_first_presence(tmp_path: Path, *, orderly: bool) -> None:
    """The vehicle stands at the approach while the gate is away for an hour; read again, it came when it
    came.
    """
    keys, clock = made(), BorderClock()
    async with opened(tmp_path, clock, keys=keys) as house:
        await at_rest(house)
        await files(house, minutes_before=40)
        await house.rolls_up("approach", unread=True)
        await house.phase("approach", Phase.HELD)
        passage = house.points["approach"].state.passage
        assert passage is not None
        before = passage.visit_id
        if orderly:
            await house.points["approach"].tell(PointClosed(at=clock.now(), officer=None, at_once=True))
    clock.passes(HOUR)
    async with opened(tmp_path, clock, keys=keys, boot="boot2") as house:
        house.cursor = 7
        await files(house, minutes_before=40)
        await house.store.cache.touch(clock.now().utc)
        after = await house.approaches()
        assert after == before
        assert await codes(house, after) == {"late-declaration"}


async def test_a_stay_that_was_cut_in_two_does_not_begin_later(tmp_path: Path) -> None:
    """A visit that nobody answered, and another of the same plate an hour later: the first one counts."""
    async with opened(tmp_path) as house:
        await at_rest(house)
        await files(house, minutes_before=40)
        await house.store.ledger.commit(
            step(house.opens("cut-off"), UpdateVisit("cut-off", mark=LORRY), point="approach")
        )
        house.clock.passes(HOUR)
        await house.store.cache.touch(house.clock.now().utc)
        visit_id = await house.approaches()
        assert await codes(house, visit_id) == {"late-declaration"}
        await house.store.ledger.commit(
            step(UpdateVisit("cut-off", VisitStatus.LEFT_UNRELEASED), point="approach")
        )
        await house.moves_on()
        assert (await looks(house, visit_id)).startswith("directed"), "that one was over"


async def test_typing_the_number_again_wins_nothing(tmp_path: Path) -> None:
    """8.0.2: the carrier of baggage typed it 40 minutes after registration, and again half an hour later."""
    async with opened(tmp_path) as house:
        house.cursor += 1
        bag = declared(house, mode=TransportMode.BAGGAGE, marks=(), registered_at=ARRIVED - 40 * MINUTE)
        await house.store.cache.apply(house.cursor, [bag], ARRIVED)
        await does(house, AttendTerminal(officer=WHO, point="hall-1", attended=True))
        for attempt, wait in ((1, timedelta()), (2, 30 * MINUTE)):
            house.clock.passes(wait)
            await house.store.cache.touch(house.clock.now().utc)
            house.points["hall-1"].post(NumberGiven(at=house.clock.now(), number=bag.number, officer=None))
            await house.until(lambda n=attempt: len(decided_visits(house)) == n)  # type: ignore[misc]  # bound now
            assert await codes(house, decided_visits(house)[-1]) == {"late-declaration"}


def decided_visits(house: House) -> list[str]:
    """The visits for which the terminal has an answer, in order."""
    found = rows(
        house.data / "journal.db",
        "SELECT visit FROM journal WHERE point = 'hall-1' AND kind = 'Decided' ORDER BY seq",
    )
    return [str(visit) for (visit,) in found]


async def test_first_presence_is_written_once(tmp_path: Path) -> None:
    """The database itself refuses another."""
    async with opened(tmp_path) as house:
        await house.store.ledger.commit(step(house.opens("visit-1"), point="approach"))
        await house.store.ledger.commit(step(house.opens("visit-1", ARRIVED + HOUR), point="approach"))
        assert (await house.knows("visit-1")).first_presence == ARRIVED
        for column in ("first_presence", "seen_mono", "seen_boot", "seen_central"):
            with pytest.raises(StoreError, match="first presence is written once"):
                await house.store.ledger.write(partial(_overwrite, column))


def _overwrite(column: str, connection: sqlite3.Connection, _: Journal) -> None:
    connection.execute(f"UPDATE visits SET {column} = 0")  # noqa: S608 - our own words


# --- the machine restarts --------------------------------------------------------------------------------


async def test_a_power_cut_with_a_vehicle_in_the_bay(tmp_path: Path) -> None:
    """Known when it came, it is released by that moment on the next boot, whose clocks began anew."""
    keys = made()
    async with opened(tmp_path, BorderClock(), adrift("before"), keys=keys) as house:
        await at_rest(house)
        central_answers(house, house.clock.now().utc)
        await files(house, minutes_before=90)
        visit_id = await house.approaches(unread=True)
        await house.moves_on()
    clock = BorderClock(ARRIVED + 5 * MINUTE)
    clock.passes(-timedelta(days=2))  # the monotonic clock of a machine that was just switched on
    clock.set(timedelta(days=2))
    async with opened(tmp_path, clock, adrift("after"), keys=keys, boot="boot2") as house:
        assert "still held" in await looks(house, visit_id)
        assert "clock-unknown" in await codes(house, visit_id)
        central_answers(house, clock.now().utc)
        await house.store.cache.touch(clock.now().utc)
        assert (await looks(house, visit_id)).startswith("directed")


async def test_a_power_cut_with_a_vehicle_whose_coming_nobody_could_time(tmp_path: Path) -> None:
    """Unknown when it came, and the clock that timed it is gone: it stays held, and is told why."""
    keys = made()
    async with opened(tmp_path, BorderClock(), adrift("before"), keys=keys) as house:
        await at_rest(house)
        await files(house, minutes_before=90)
        visit_id = await house.approaches(unread=True)
        await house.moves_on()
    async with opened(tmp_path, BorderClock(), adrift("after"), keys=keys, boot="boot2") as house:
        central_answers(house, house.clock.now().utc)
        said = await looks(house, visit_id)
        assert "before this machine restarted" in said
