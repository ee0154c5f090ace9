"""A lane worked by hand, from the officers' acts to the pulse: through the one door for people."""

from __future__ import annotations

from gate.lanes.acts import ConfirmPlate
from gate.lanes.duty_acts import AttendLane, HoldToRun, LetGo
from gate.lanes.events import Detector, Occupancy
from gate.lanes.state import Phase
from gate.model import Corridor
from tests.lanes.gatehouse import House
from tests.lanes.officers import WHO
from tests.lanes.stories import LORRY
from tests.lanes.test_desk import declared


async def test_with_a_dead_arming_loop_the_officers_word_begins_the_passage(open_house: House) -> None:
    """The loop tells of nobody: the plate confirmed by sight does, and then the button may be held."""
    await open_house.files(declared(open_house, Corridor.RED))
    visit_id = await open_house.approaches()
    await open_house.moves_on()
    open_house.detector("lane-4", Detector.ARMING, Occupancy.UNKNOWN)
    await open_house.phase("lane-4", Phase.RECOVERY)
    gate, lane = open_house.checkpoint, open_house.points["lane-4"]
    confirmed = ConfirmPlate(officer=WHO, point="lane-4", visit_id=None, mark=LORRY)
    assert not (await gate.act(confirmed)).done, "nobody attends the lane yet"
    attends = AttendLane(officer=WHO, point="lane-4", failed=frozenset({"arming"}), reason="loop cut")
    assert (await gate.act(attends)).done

    assert (await gate.act(confirmed)).done
    await open_house.until(lambda: lane.state.passage is not None and lane.state.passage.visit_id == visit_id)
    pressed = HoldToRun(officer=WHO, point="lane-4", visit_id=visit_id, checked=("goods",))
    assert (await gate.act(pressed)).done
    await open_house.until(lambda: bool(open_house.io["lane-4"].told("raise")))
    gate.keep_hold("lane-4", WHO)
    assert (await gate.act(LetGo(officer=WHO, point="lane-4"))).done
    assert lane.state.phase is Phase.ATTENDED
