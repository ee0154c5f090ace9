"""Lanes that run into one another: one is open at a time, first come first served, unknown is open."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.clock import SystemClock
from gate.lanes.commands import ClaimWay, RaiseBarrier
from gate.lanes.duties import (
    AttendedBegan,
    AttendedEnded,
    EmergencyEnded,
    EmergencyOpened,
    HoldLetGo,
    HoldPressed,
)
from gate.lanes.events import (
    ActuationFailed,
    BarrierPosition,
    Contact,
    Detector,
    Occupancy,
    PlateConfirmed,
    WayGranted,
)
from gate.lanes.merging import Member, Merge, is_shut
from gate.lanes.runtime import PointRuntime
from gate.lanes.state import Inputs, Passage, Phase, PointState
from gate.model import Corridor
from tests.lanes.gatehouse import House, gatehouse
from tests.lanes.stories import LORRY, VAN, Story, read
from tests.lanes.wired import ACTIVE, NORMAL, config, contact_is, detects, fresh, settle

RUNS = int(os.environ.get("GATE_RANDOM_RUNS", "0"))
OCCUPIED, CLEAR = Occupancy.OCCUPIED, Occupancy.CLEAR
UP, DOWN, MOVING, LOST = (
    BarrierPosition.UP,
    BarrierPosition.DOWN,
    BarrierPosition.MOVING,
    BarrierPosition.UNKNOWN,
)
WHO = "leyla"

# --- the merge alone ------------------------------------------------------------------------------


@dataclass
class Sketch:
    """Lanes of a merge, sketched: only their states, and what they were granted."""

    states: dict[str, PointState]
    granted: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.merge = Merge(SystemClock())
        for name in self.states:
            self.merge.join(name, Member(self._state(name), True, self._tell(name)))

    def _state(self, name: str) -> Callable[[], PointState]:
        return lambda: self.states[name]

    def _tell(self, name: str) -> Callable[[WayGranted], None]:
        return lambda event: self.granted.append((name, event.passage_id))

    def waits(self, name: str, passage_id: str) -> None:
        """A vehicle stands in the lane and wants out."""
        self.states[name] = _standing(Phase.WAITING, passage_id)
        self.merge.claim(name, passage_id)

    def becomes(self, name: str, state: PointState) -> None:
        """A lane's next state."""
        self.states[name] = state
        self.merge.note()


def _standing(phase: Phase, passage_id: str | None, barrier: BarrierPosition = DOWN) -> PointState:
    passage = Passage(passage_id, "2026-05-04") if passage_id else None
    return PointState(phase=phase, inputs=Inputs(barrier=barrier), passage=passage)


def _sketch(*names: str) -> Sketch:
    return Sketch({name: _standing(Phase.FREE, None) for name in names})


def test_first_come_first_served() -> None:
    """Three claims: each lane is told when the one before it has shut."""
    sketch = _sketch("a", "b", "c")
    for name in ("b", "a", "c"):
        sketch.waits(name, f"{name}1")
    assert sketch.granted == [("b", "b1")]
    sketch.becomes("b", _standing(Phase.PASSING, "b1", UP))
    assert sketch.granted == [("b", "b1")]
    sketch.becomes("b", _standing(Phase.FREE, None))
    assert sketch.granted[1:] == [("a", "a1")]
    sketch.becomes("a", _standing(Phase.FREE, None))
    assert sketch.granted[2:] == [("c", "c1")]


MAY_BE_OPEN = {
    "recovering, position unknown": _standing(Phase.RECOVERY, None, LOST),
    "recovering, up": _standing(Phase.RECOVERY, None, UP),
    "just started": PointState(),
    "raising": _standing(Phase.RAISING, "x", DOWN),
    "passing": _standing(Phase.PASSING, "x", UP),
    "lowering": _standing(Phase.LOWERING, "x", MOVING),
    "in an emergency": _standing(Phase.EMERGENCY, None, UP),
    "in an emergency, not moved yet": _standing(Phase.EMERGENCY, None, DOWN),
    "attended": _standing(Phase.ATTENDED, None, DOWN),
    "closed and up": _standing(Phase.CLOSED, None, UP),
    "blocked, position unknown": _standing(Phase.BLOCKED, None, LOST),
    "held after an opening that did not end": _standing(Phase.HELD, "xr", MOVING),
    "held, its boom up": _standing(Phase.HELD, "xr", UP),
}


@pytest.mark.parametrize("how", MAY_BE_OPEN)
def test_a_lane_that_may_be_up_blocks_the_others(how: str) -> None:
    """Nobody is let into its way; once it is known shut, he is."""
    sketch = _sketch("a", "b")
    sketch.states["b"] = MAY_BE_OPEN[how]
    sketch.waits("a", "a1")
    assert sketch.granted == []
    sketch.becomes("b", _standing(Phase.FREE, None))
    assert sketch.granted == [("a", "a1")]


def test_a_lane_without_feedback_is_shut_only_by_its_phase() -> None:
    """Nobody sees its boom: out of service, recovering or held after a pulse it may be up."""
    assert is_shut(_standing(Phase.FREE, None, LOST), feedback=False)
    for phase in (Phase.CLOSED, Phase.RECOVERY, Phase.BLOCKED, Phase.EMERGENCY):
        assert not is_shut(_standing(phase, None, LOST), feedback=False)


def test_a_claim_whose_vehicle_left_is_dropped() -> None:
    """Waiting or granted: whoever has backed away keeps nobody waiting."""
    sketch = _sketch("a", "b", "c")
    for name in ("a", "b", "c"):
        sketch.waits(name, f"{name}1")
    sketch.becomes("b", _standing(Phase.FREE, None))
    sketch.becomes("a", _standing(Phase.FREE, None))
    assert sketch.granted == [("a", "a1"), ("c", "c1")]


def test_a_lane_that_claims_again_holds_nothing_from_before() -> None:
    """The claim is answered, and does not wait for the lane's own old grant."""
    sketch = _sketch("a", "b")
    sketch.waits("a", "a1")
    sketch.becomes("a", _standing(Phase.ATTENDED, "a1"))
    sketch.merge.claim("a", "a1")
    assert sketch.granted == [("a", "a1"), ("a", "a1")]


# --- lanes and their merge -------------------------------------------------------------------------


@dataclass
class Mouth:
    """Real lanes' machines and their merge, with no time between a step and what it asks for."""

    lanes: dict[str, Story]

    def __post_init__(self) -> None:
        self.merge = Merge(SystemClock())
        self.grants: list[tuple[str, WayGranted]] = []
        for name, story in self.lanes.items():
            self.merge.join(name, Member(self._state(story), True, self._granted(name)))

    def _state(self, story: Story) -> Callable[[], PointState]:
        return lambda: story.state

    def _granted(self, name: str) -> Callable[[WayGranted], None]:
        return lambda event: self.grants.append((name, event))

    def happens(self, name: str, told: Callable[[Story], Story]) -> None:
        """Something in one lane, and the grants that follow from it."""
        self._happens(name, told)
        while self.grants:
            lucky, granted = self.grants.pop(0)
            self._happens(lucky, partial(_is_granted, granted))

    def _happens(self, name: str, told: Callable[[Story], Story]) -> None:
        story = told(self.lanes[name])
        for raised in story.asked(RaiseBarrier):
            self._may_open(name, raised)
        for claim in story.asked(ClaimWay):
            self.merge.claim(name, claim.passage_id)
        self.merge.note()

    def _may_open(self, name: str, raised: RaiseBarrier) -> None:
        by_hand = self.lanes[name].phase is Phase.HOLDING
        open_now = [
            f"{other}: {story.phase}, boom {story.state.inputs.barrier}"
            for other, story in self.lanes.items()
            if other != name and not self._surely_shut(story.state, by_hand=by_hand)
        ]
        assert not open_now, f"{name} raised {raised.release_id} while {open_now}"

    @staticmethod
    def _surely_shut(state: PointState, *, by_hand: bool) -> bool:
        """In this test's own words. An attending officer sees for himself what was forced or burns."""
        opened = state.phase in (Phase.RAISING, Phase.PASSING, Phase.LOWERING, Phase.HOLDING)
        if by_hand:
            return not opened
        return state.inputs.barrier is DOWN and not opened and state.phase is not Phase.EMERGENCY


def _is_granted(granted: WayGranted, story: Story) -> Story:
    return story.tell(replace(granted, at=story.at))


def _mouth(count: int) -> Mouth:
    names = [f"lane-{number}" for number in range(count)]
    wired = {name: config(Detector.EXIT, Contact.MAINS, name=name, merge=True) for name in names}
    return Mouth({name: settle(fresh(one)) for name, one in wired.items()})


def _goes_on(variant: int, story: Story) -> Story:  # noqa: PLR0912 - a line a phase
    """What the lane waits for, from outside the merge."""
    match story.phase:
        case Phase.FREE:
            return story.rolls_up()
        case Phase.READING:
            return story.is_read()
        case Phase.MATCHING:
            return story.is_matched(Corridor.GREEN)
        case Phase.REGISTERING:
            return story.is_registered()
        case Phase.HELD | Phase.CONTROL:
            return story.is_released("seal")
        case Phase.RAISING:
            return story.barrier((UP, UP, MOVING)[variant % 3])
        case Phase.PASSING if story.state.inputs.safety is Occupancy.OCCUPIED:
            story.arming(Occupancy.CLEAR)
            return detects(detects(story, Detector.EXIT, OCCUPIED), Detector.SAFETY, CLEAR)
        case Phase.PASSING:
            return story.safety(OCCUPIED)
        case Phase.LOWERING | Phase.RECOVERY:
            return story.barrier(DOWN)
        case Phase.EMERGENCY:
            return story.tell(EmergencyEnded(at=story.at, officer=WHO))
        case Phase.ATTENDED:
            return _by_hand(variant, story)
        case Phase.HOLDING:
            return story.barrier(UP)
        case _:
            return detects(story, Detector.EXIT, CLEAR)


def _by_hand(variant: int, story: Story) -> Story:
    passage = story.state.passage
    if passage is None or variant % 5 == 0:
        return story.tell(PlateConfirmed(at=story.at, mark=LORRY, officer=WHO))
    if passage.visit_id is None:
        return story.is_matched(Corridor.GREEN)
    return story.tell(HoldPressed(at=story.at, officer=WHO, visit_id=passage.visit_id, checked=("seal",)))


def _pulse_fails(_variant: int, story: Story) -> Story:
    passage = story.state.passage
    decision = (passage.release_id if passage else None) or "none"
    return story.tell(ActuationFailed(at=story.at, decision_id=decision, reason="refused"))


def _attended(variant: int, story: Story) -> Story:
    if story.phase is Phase.ATTENDED and variant % 3 == 0:
        return story.tell(AttendedEnded(at=story.at, officer=WHO))
    failed = frozenset({"photo-eye", "safety"})
    return story.tell(AttendedBegan(at=story.at, officer=WHO, failed=failed, reason="dead"))


def _emergency(_variant: int, story: Story) -> Story:
    event = EmergencyOpened(at=story.at, emergency_id=f"e{story.seconds}", officer=WHO, reason="fire")
    return story.tell(event)


NEXT: dict[str, Callable[[int, Story], Story]] = {
    "goes-on": _goes_on,
    "backs-away": lambda _, story: story.arming(CLEAR),
    "exit": lambda v, story: detects(story, Detector.EXIT, OCCUPIED if v % 2 else CLEAR),
    "barrier": lambda v, story: story.barrier((UP, DOWN, MOVING, LOST)[v % 4]),
    "loop": lambda v, story: story.safety((OCCUPIED, CLEAR, Occupancy.UNKNOWN)[v % 3]),
    "mains": lambda v, story: contact_is(story, Contact.MAINS, ACTIVE if v % 2 else NORMAL),
    "waits": lambda _, story: story.waits(130),
    "pulse-fails": _pulse_fails,
    "attended": _attended,
    "let-go": lambda _, story: story.tell(HoldLetGo(at=story.at, officer=WHO)),
    "emergency": _emergency,
    "restarts": lambda _, story: story.restarts(),
}
turns = st.lists(
    st.tuples(st.sampled_from(("goes-on",) * 12 + tuple(NEXT)), st.integers(0, 2), st.integers(0, 11)),
    min_size=30,
    max_size=120,
)


@pytest.mark.parametrize("count", [2, 3])
def test_no_two_lanes_of_a_merge_are_opened_by_software_at_once(count: int) -> None:
    """Whatever happens in them: at every raise the others are known down. Emergencies ask nobody."""

    @settings(max_examples=RUNS or 150, derandomize=not RUNS, deadline=None, database=None)
    @given(turns)
    def live(chosen: Sequence[tuple[str, int, int]]) -> None:
        mouth = _mouth(count)
        for what, lane, variant in chosen:
            mouth.happens(f"lane-{lane % count}", partial(NEXT[what], variant))

    live()


def _waiting(story: Story) -> Story:
    story.rolls_up().is_read().is_matched(Corridor.GREEN)
    return story.is_registered()


def test_a_grant_that_ended_in_a_hold_is_claimed_anew() -> None:
    """Mains away when the way was granted: held. Meanwhile the way is another's."""
    mouth = _mouth(2)
    mouth.happens("lane-0", lambda story: contact_is(story, Contact.MAINS, ACTIVE))
    mouth.happens("lane-0", _waiting)
    mouth.lanes["lane-0"].must_be(Phase.HELD)
    mouth.happens("lane-1", _waiting)
    mouth.lanes["lane-1"].must_be(Phase.RAISING)
    mouth.happens("lane-0", lambda story: contact_is(story, Contact.MAINS, NORMAL))
    mouth.happens("lane-0", lambda story: story.is_released("seal"))
    mouth.lanes["lane-0"].must_be(Phase.WAITING)
    mouth.happens("lane-1", lambda story: story.barrier(UP))
    mouth.happens("lane-1", lambda story: story.safety(OCCUPIED).arming(CLEAR))
    mouth.happens("lane-1", lambda story: detects(story, Detector.EXIT, OCCUPIED).safety(CLEAR))
    mouth.happens("lane-1", lambda story: story.barrier(DOWN))
    mouth.lanes["lane-0"].must_be(Phase.RAISING)


# --- two running lanes ---------------------------------------------------------------------------


async def test_two_running_lanes_take_turns(tmp_path: Path) -> None:
    """Two vehicles want out at once: the second barrier hears nothing until the first is down again."""
    async with gatehouse(tmp_path, ("green", "blue"), prepare=_merged) as house:
        await house.rests("lane-1", "lane-2")
        await house.has_directed("visit-1", Corridor.GREEN, "lane-1", LORRY)
        await house.has_directed("visit-2", Corridor.BLUE, "lane-2", VAN)
        await house.rolls_up("lane-1", read(LORRY))
        await house.phase("lane-1", Phase.RAISING)
        await house.rolls_up("lane-2", read(VAN))
        await house.phase("lane-2", Phase.WAITING)
        house.barrier("lane-1", UP)
        house.detector("lane-1", Detector.SAFETY, OCCUPIED)
        house.detector("lane-1", Detector.ARMING, CLEAR)
        house.detector("lane-1", Detector.SAFETY, CLEAR)
        await house.phase("lane-1", Phase.LOWERING)
        await house.points["lane-2"].orders_done()
        assert not house.io["lane-2"].told("raise")
        house.barrier("lane-1", DOWN)
        await house.phase("lane-2", Phase.RAISING)
        await house.until(lambda: bool(house.io["lane-2"].told("raise")))


def _merged(house: House) -> None:
    """Both lanes run into one."""
    merge = Merge(house.clock)
    for name, point in list(house.points.items()):
        machine = replace(point.machine, config=replace(point.machine.config, merge=True))
        house.points[name] = PointRuntime(machine, "boot1", replace(point.around, merge=merge))
