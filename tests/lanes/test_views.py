"""What the glass is told of a point beside its state: the read, who looked, the board's answer, the time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from gate.lanes.events import BarrierPosition, PlateConfirmed
from gate.lanes.signage import board_lines
from gate.lanes.state import Phase
from gate.lanes.views import BoardView, PointView, ReadView
from gate.model import Corridor
from tests.lanes.gatehouse import House, gatehouse
from tests.lanes.stories import LORRY, VAN, read

LANE = "lane-1"


async def _view(house: House, name: str = LANE) -> PointView:
    return next(view for view in (await house.checkpoint.overview()).points if view.name == name)


async def test_a_sure_read_is_told_with_its_confidence_and_the_time_that_runs(tmp_path: Path) -> None:
    """While the barrier rises: when the vehicle came, by when the barrier must be up; free again: nothing."""
    async with gatehouse(tmp_path) as house:
        await house.rests(LANE)
        view = await _view(house)
        assert (view.read, view.began, view.due) == (None, None, None)
        await house.has_directed("visit-1", Corridor.GREEN, LANE)
        await house.rolls_up(LANE)
        await house.phase(LANE, Phase.RAISING)
        view = await _view(house)
        assert view.read == ReadView(LORRY, read().confidence, sure=True)
        passage = house.points[LANE].state.passage
        assert passage is not None
        assert view.began == datetime.fromisoformat(passage.began_utc)
        now, deadline = house.clock.now(), house.points[LANE].state.deadline
        assert deadline is not None
        assert view.due is not None
        assert abs(view.due - now.utc - timedelta(seconds=deadline - now.mono)) < timedelta(milliseconds=1)
        house.barrier(LANE, BarrierPosition.UP)
        await house.phase(LANE, Phase.PASSING)
        assert (await _view(house)).due != view.due


async def test_an_unsure_read_is_told_as_that_and_so_is_who_looked(tmp_path: Path) -> None:
    """With what another reader made of it; after a look the officer's name is there, and the read stays."""
    async with gatehouse(tmp_path) as house:
        await house.rests(LANE)
        doubtful = replace(read(sure=False), rivals=(VAN,))
        await house.rolls_up(LANE, doubtful)
        await house.phase(LANE, Phase.HELD)
        view = await _view(house)
        assert view.read == ReadView(LORRY, doubtful.confidence, sure=False, rivals=(VAN,))
        assert view.plate == LORRY
        assert view.confirmed_by == ()
        await house.points[LANE].tell(PlateConfirmed(at=house.clock.now(), mark=VAN, officer="Leyla"))
        await house.phase(LANE, Phase.HELD)
        view = await _view(house)
        assert view.confirmed_by == ("Leyla",)
        assert view.plate == VAN
        assert view.read == ReadView(LORRY, doubtful.confidence, sure=False, rivals=(VAN,))


async def test_a_board_counts_as_showing_a_text_when_it_says_so_itself(tmp_path: Path) -> None:
    """Ordered is not shown: while its line does not flow the board still has the text of before."""
    async with gatehouse(tmp_path) as house:
        await house.rests(LANE)
        board, point = house.boards[LANE], house.points[LANE]
        await house.until(lambda: bool(board.shows) and board.shows[-1] == point.state.message)
        before = board.shows[-1]
        assert (await _view(house)).board == BoardView(board_lines(before), confirmed=True)
        board.flowing.clear()
        await house.rolls_up(LANE, unread=True)
        await house.phase(LANE, Phase.HELD)
        assert (await _view(house)).board == BoardView(board_lines(before), confirmed=False)
        board.flowing.set()
        await house.until(lambda: board.shows[-1] == point.state.message)
        assert (await _view(house)).board == BoardView(board_lines(point.state.message), confirmed=True)
