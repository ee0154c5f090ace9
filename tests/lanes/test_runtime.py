"""The shell around a machine: commit, then act; a stop before everything; no pulse twice (law 2)."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from gate.errors import StoreError
from gate.lanes import actuation, entry_lane
from gate.lanes.commands import BoardMessage, GrantRelease, MessageKind
from gate.lanes.events import (
    BarrierPosition,
    Detector,
    DeviceFaulted,
    DeviceRecovered,
    DeviceRole,
    HelpRequested,
    Occupancy,
    PointClosed,
    RegistrationCommitted,
)
from gate.lanes.machine import Machine, Row, Step, Table
from gate.lanes.state import Phase, PointConfig, PointState
from gate.model import Corridor, VisitStatus
from gate.store.journal_check import verify
from tests.lanes.gatehouse import House, gatehouse
from tests.lanes.stories import MACHINES
from tests.store.kept import rows, step

LANE = "lane-1"
UP, DOWN = BarrierPosition.UP, BarrierPosition.DOWN


async def raising(house: House) -> None:
    """A GREEN vehicle stands in its lane and its release is committed."""
    await house.rests(LANE)
    await house.has_directed("visit-1", Corridor.GREEN, LANE)
    await house.rolls_up(LANE)
    await house.phase(LANE, Phase.RAISING, Phase.HELD)


async def lowering(house: House) -> None:
    """The vehicle has driven through; the barrier is told to close."""
    await raising(house)
    house.barrier(LANE, UP)
    house.detector(LANE, Detector.SAFETY, Occupancy.OCCUPIED)
    house.detector(LANE, Detector.ARMING, Occupancy.CLEAR)
    house.detector(LANE, Detector.SAFETY, Occupancy.CLEAR)
    await house.phase(LANE, Phase.LOWERING)


async def test_every_pulse_is_in_the_journal_when_its_device_hears_of_it(tmp_path: Path) -> None:
    """Seen by the device itself, over a connection of its own, at the moment of the call."""
    async with gatehouse(tmp_path) as house:
        await lowering(house)
        io = house.io[LANE]
        await house.until(lambda: bool(io.told("lower")))
        assert [heard.in_journal for heard in (*io.told("raise"), *io.told("lower"))] == [True, True]
        house.barrier(LANE, DOWN)
        await house.phase(LANE, Phase.FREE)
        assert (await house.knows("visit-1")).status is VisitStatus.COMPLETED
        assert len(io.told("raise")) == len(io.told("lower")) == 1
    kinds = rows(tmp_path / "journal.db", "SELECT kind FROM journal WHERE visit = 'visit-1' ORDER BY seq")
    assert kinds.index(("Registered",)) < kinds.index(("RegistrationCommitted",))
    assert verify(tmp_path / "journal.db").problem is None


async def test_a_stop_goes_out_before_its_step_is_committed(tmp_path: Path) -> None:
    """The one exception to journal-before-acting: a stop never waits for a disk."""
    async with gatehouse(tmp_path) as house:
        await lowering(house)
        io, slow_disk = house.io[LANE], threading.Event()
        await house.until(lambda: bool(io.told("lower")))
        blocked = asyncio.create_task(house.store.thread.run(slow_disk.wait))
        try:
            house.detector(LANE, Detector.SAFETY, Occupancy.OCCUPIED)
            await house.until(lambda: bool(io.told("stop")))
            assert house.points[LANE].state.phase is Phase.LOWERING
        finally:
            slow_disk.set()
            await blocked
        await house.phase(LANE, Phase.RECOVERY)
    stopped = rows(tmp_path / "journal.db", "SELECT seq FROM journal WHERE body LIKE '%StopBarrier%'")
    assert stopped == [(io.told("stop")[0].entries + 1,)]


async def test_a_refused_pulse_is_told_and_not_repeated(tmp_path: Path) -> None:
    """The lane holds, the release is revoked on record, an officer is called with the reason."""
    async with gatehouse(tmp_path, prepare=lambda h: h.io[LANE].refuses.add("raise")) as house:
        await raising(house)
        await house.phase(LANE, Phase.HELD)
        assert len(house.io[LANE].told("raise")) == 1
        (call,) = await house.store.ledger.open_calls()
        assert "no answer within" in call.reason
    assert rows(tmp_path / "journal.db", "SELECT count(*) FROM releases WHERE revoked IS NULL") == [(0,)]


async def test_a_barrier_that_does_not_open_in_time_is_noticed_by_itself(tmp_path: Path) -> None:
    """The runtime's own timer asks the machine; nobody has to press anything."""
    async with gatehouse(tmp_path, barrier_seconds=0.05) as house:
        await raising(house)
        await house.phase(LANE, Phase.HELD)
        assert len(house.io[LANE].told("raise")) == 1


async def test_a_raise_still_waiting_when_its_release_is_revoked_never_goes_out(tmp_path: Path) -> None:
    """Behind a slow device the pulse may come too late: then it does not come at all."""
    async with gatehouse(
        tmp_path, barrier_seconds=0.05, prepare=lambda h: h.io[LANE].flowing.clear()
    ) as house:
        await raising(house)
        await house.phase(LANE, Phase.HELD)
        house.io[LANE].flowing.set()
        await house.points[LANE].orders_done()
        assert house.io[LANE].told("red")
        assert not house.io[LANE].told("raise")


async def test_a_lowering_still_waiting_when_somebody_steps_under_never_goes_out(tmp_path: Path) -> None:
    """Law 3 at the moment of sending: what was clear at the commit may be occupied now."""
    async with gatehouse(tmp_path) as house:
        await raising(house)
        house.io[LANE].flowing.clear()
        await lowering_again(house)
        house.detector(LANE, Detector.SAFETY, Occupancy.OCCUPIED)
        await house.phase(LANE, Phase.RECOVERY)
        house.io[LANE].flowing.set()
        await house.points[LANE].orders_done()
        assert house.io[LANE].told("stop")
        assert not house.io[LANE].told("lower")


async def test_a_lowering_does_not_follow_a_stop_that_takes_its_time(tmp_path: Path) -> None:
    """While the stop is still being sent the pulse behind it in the line is withdrawn already."""
    async with gatehouse(tmp_path) as house:
        await raising(house)
        io = house.io[LANE]
        io.flowing.clear()
        io.stopping.clear()
        await lowering_again(house)
        house.detector(LANE, Detector.SAFETY, Occupancy.OCCUPIED)
        await house.until(lambda: bool(io.told("stop")))
        io.flowing.set()
        await house.points[LANE].orders_done()
        io.stopping.set()
        await house.phase(LANE, Phase.RECOVERY)
        assert not io.told("lower")


async def test_a_closed_lane_does_not_lower_on_whoever_came_since(tmp_path: Path) -> None:
    """Closed at once over a clear area, and stepped under before the pulse went out."""
    async with gatehouse(tmp_path) as house:
        await raising(house)
        house.barrier(LANE, UP)
        house.detector(LANE, Detector.ARMING, Occupancy.CLEAR)
        lane = house.points[LANE]
        await lane.orders_done()
        house.io[LANE].flowing.clear()
        await lane.tell(PointClosed(at=house.clock.now(), officer=None, at_once=True))
        house.detector(LANE, Detector.SAFETY, Occupancy.OCCUPIED)
        await house.until(lambda: lane.state.inputs.safety is Occupancy.OCCUPIED)
        house.io[LANE].flowing.set()
        await lane.orders_done()
        assert rows(tmp_path / "journal.db", "SELECT kind FROM pulses WHERE kind = 'lower'")
        assert not house.io[LANE].told("lower")


async def lowering_again(house: House) -> None:
    """From RAISING through to LOWERING."""
    house.barrier(LANE, UP)
    house.detector(LANE, Detector.SAFETY, Occupancy.OCCUPIED)
    house.detector(LANE, Detector.SAFETY, Occupancy.CLEAR)
    await house.phase(LANE, Phase.LOWERING)


async def test_a_dead_board_does_not_keep_the_barrier_waiting(tmp_path: Path) -> None:
    """Signs have a line of their own: the vehicle goes through, the text follows when it can."""
    async with gatehouse(tmp_path, prepare=lambda h: h.boards[LANE].flowing.clear()) as house:
        await lowering(house)
        await house.until(lambda: bool(house.io[LANE].told("lower")))
        assert house.boards[LANE].shows == []
        house.boards[LANE].flowing.set()
        await house.points[LANE].orders_done()
        assert house.boards[LANE].shows[-1] == house.points[LANE].state.message


async def test_a_board_is_shown_its_text_again_until_it_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failure, by itself; after its link came back, at once."""
    monkeypatch.setattr(actuation, "BOARD_RETRY_SECONDS", 0.01)
    async with gatehouse(tmp_path) as house:
        await house.rests(LANE)
        board, lane = house.boards[LANE], house.points[LANE]
        await lane.orders_done()
        shown, board.refuses = len(board.shows), 3
        await house.rolls_up(LANE, unread=True)
        await house.until(lambda: len(board.shows) > shown)
        assert board.shows[shown:] == [BoardMessage(MessageKind.WAIT, "H")]
        lane.post(DeviceFaulted(at=house.clock.now(), device=DeviceRole.BOARD, reason="no answer"))
        lane.post(DeviceRecovered(at=house.clock.now(), device=DeviceRole.BOARD))
        await house.until(lambda: len(board.shows) > shown + 1)
        assert board.shows[-1] == lane.state.message


async def test_a_signal_whose_board_was_lost_is_red_when_it_returns(tmp_path: Path) -> None:
    """It was green when its link broke; the red of that moment could not reach it."""
    async with gatehouse(tmp_path) as house:
        await raising(house)
        house.barrier(LANE, UP)
        await house.until(lambda: bool(house.io[LANE].told("green")))
        house.io[LANE].refuses.add("red")
        lane = house.points[LANE]
        lane.post(DeviceFaulted(at=house.clock.now(), device=DeviceRole.IO, reason="unplugged"))
        house.detector(LANE, Detector.SAFETY, Occupancy.UNKNOWN)
        await house.phase(LANE, Phase.RECOVERY)
        await lane.orders_done()
        reds = len(house.io[LANE].told("red"))
        house.io[LANE].refuses.clear()
        lane.post(DeviceRecovered(at=house.clock.now(), device=DeviceRole.IO))
        await house.until(lambda: len(house.io[LANE].told("red")) > reds)


async def test_a_fault_is_shown_with_its_reason_until_it_is_over(tmp_path: Path) -> None:
    """What officers see beside the point."""
    async with gatehouse(tmp_path) as house:
        lane = house.points[LANE]
        lane.post(DeviceFaulted(at=house.clock.now(), device=DeviceRole.CAMERA, reason="no frames"))
        (view,) = (await house.checkpoint.overview()).points
        assert view.faults == ("camera: no frames",)
        lane.post(DeviceRecovered(at=house.clock.now(), device=DeviceRole.CAMERA))
        assert (await house.checkpoint.overview()).points[0].faults == ()


async def test_a_restart_goes_on_from_the_last_committed_step(tmp_path: Path) -> None:
    """Kill -9 after the release: RECOVERY, no second pulse, the release revoked, the visit read again."""
    async with gatehouse(tmp_path) as house:
        await raising(house)
        await house.until(lambda: bool(house.io[LANE].told("raise")))
        before = house.points[LANE].state
    async with gatehouse(tmp_path, boot="boot2") as house:
        lane = house.points[LANE]
        assert lane.state.phase is Phase.RECOVERY
        assert lane.state.passage == before.passage
        house.detector(LANE, Detector.SAFETY, Occupancy.CLEAR)
        house.barrier(LANE, DOWN)
        await house.rolls_up(LANE)
        await house.phase(LANE, Phase.HELD)
        assert not house.io[LANE].told("raise")
        assert house.boards[LANE].shows[0].kind is MessageKind.WAIT
    assert rows(tmp_path / "journal.db", "SELECT count(*) FROM pulses") == [(1,)]
    assert rows(tmp_path / "journal.db", "SELECT revoked IS NOT NULL FROM releases") == [(1,)]
    assert verify(tmp_path / "journal.db").problem is None


async def test_a_snapshot_that_cannot_be_read_names_its_point(tmp_path: Path) -> None:
    """The gate does not guess where a passage stood."""
    async with gatehouse(tmp_path, kinds=()) as house:
        await house.store.ledger.commit(step(point=LANE, snapshot=b'{"phase": "flying"}'))
    with pytest.raises(ExceptionGroup) as raised:
        async with gatehouse(tmp_path, boot="boot2"):
            pass
    assert raised.group_contains(StoreError, match="snapshot of lane-1")


async def test_a_step_the_database_refuses_stops_the_point_and_reaches_no_device(tmp_path: Path) -> None:
    """A machine that lost its release (broken on purpose) raises nothing: law 5 is kept twice."""
    good = entry_lane.TABLE[Phase.REGISTERING, RegistrationCommitted]

    def lossy(config: PointConfig, state: PointState, event: RegistrationCommitted) -> Step:
        done = good.handler(config, state, event)
        return Step(done.state, tuple(c for c in done.commands if not isinstance(c, GrantRelease)))

    table: Table = {**entry_lane.TABLE, (Phase.REGISTERING, RegistrationCommitted): Row(lossy, good.to)}
    broken = replace(MACHINES["green"], table=table)
    houses: list[House] = []
    with pytest.raises(ExceptionGroup) as raised:
        await _raises_in(tmp_path, broken, houses)
    assert raised.group_contains(StoreError, match="committed release")
    assert not houses[0].io[LANE].told("raise")


async def _raises_in(data: Path, machine: Machine, houses: list[House]) -> None:
    async with gatehouse(data, machine=machine, prepare=houses.append) as house:
        await raising(house)
        await house.phase(LANE, Phase.PASSING)


async def test_tell_answers_once_the_step_is_committed(tmp_path: Path) -> None:
    """An officer's act is on record when its result is shown; waiting events are noticed."""
    async with gatehouse(tmp_path) as house:
        lane = house.points[LANE]
        asked = lane.tell(HelpRequested(at=house.clock.now(), reason="call"))
        done = await asked
        assert len(done.commands) == 1
        assert await house.store.ledger.open_calls()
        assert lane.has_waited(house.clock.now().mono) == 0.0
        disk = threading.Event()
        blocked = asyncio.create_task(house.store.thread.run(disk.wait))
        waiting = asyncio.create_task(lane.tell(HelpRequested(at=house.clock.now(), reason="call")))
        await asyncio.sleep(0)
        assert lane.has_waited(house.clock.now().mono + 30) >= 30
        disk.set()
        await blocked
        await waiting
