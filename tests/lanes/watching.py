"""The laws as a checker: it sees every step of one point and raises `LawBrokenError` when one is broken."""

from __future__ import annotations

from dataclasses import dataclass, field

from gate.lanes import interlocks, steps
from gate.lanes.commands import (
    BoardMessage,
    CallOfficer,
    GrantOpening,
    GrantRelease,
    LowerBarrier,
    MessageKind,
    RaiseBarrier,
    RaiseOnce,
    RevokeRelease,
    SetSignal,
    ShowMessage,
    StopBarrier,
)
from gate.lanes.events import (
    Aspect,
    BarrierPosition,
    Detector,
    DetectorChanged,
    Event,
    Occupancy,
    Started,
)
from gate.lanes.machine import Step
from gate.lanes.state import Phase, PointConfig, PointState
from gate.model import Corridor, Opening, Release, ReleaseBasis


class LawBrokenError(AssertionError):
    """A law was broken; the first word of the message names it."""


def _law(holds: bool, name: str, what: str) -> None:
    if not holds:
        raise LawBrokenError(f"{name}: {what}")


@dataclass
class Watch:
    """What one point has done so far, over all its restarts. `kind` is as in Surroundings."""

    kind: str
    config: PointConfig
    granted: dict[str, Release | Opening] = field(default_factory=dict)
    raised: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)
    lowered: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    signal: Aspect = Aspect.RED

    def see(self, before: PointState, event: Event, step: Step) -> None:
        """Check one step."""
        here: set[str] = set()
        for command in step.commands:
            match command:
                case GrantRelease(release=release):
                    self._grant(release, step.state)
                    here.add(release.release_id)
                case GrantOpening(opening=opening):
                    self._open_once(opening, step.state)
                    here.add(opening.opening_id)
                case RevokeRelease(release_id=release_id):
                    _law(release_id in self.granted, "revoke", "a release that was never granted")
                    self.revoked.add(release_id)
                case RaiseBarrier(release_id=release_id) | RaiseOnce(opening_id=release_id):
                    self._raise(release_id, here, event, step.state)
                case LowerBarrier(decision_id=decision_id):
                    self._lower(decision_id, event, step.state)
                case CallOfficer(call_id=call_id):
                    _law(call_id not in self.called, "call", f"{call_id} was used before")
                    self.called.add(call_id)
                case SetSignal(aspect=aspect):
                    self.signal = aspect
                case _:
                    pass
        if self.kind in ("entry", "exit"):
            _law(here <= self.raised, "grant", "a lane's release without its raise in the same step")
            self._lane_at_rest(step.state)
            self._stops(before, event, step)
        self._board(before, step)

    def _grant(self, release: Release, after: PointState) -> None:
        _law(release.release_id not in self.granted, "release", f"{release.release_id} granted twice")
        self.granted[release.release_id] = release
        visit = after.passage.visit_id if after.passage else None
        _law(release.visit_id == visit, "release", "of a visit that does not stand here")
        officer = bool(release.officer) and bool(release.checked)
        if release.corridor in (Corridor.YELLOW, Corridor.RED):
            _law(
                officer, "officer", f"{release.corridor} released without an officer naming what was checked"
            )
        match release.basis:
            case ReleaseBasis.REGISTERED:
                _law(release.corridor in (Corridor.GREEN, Corridor.BLUE), "basis", "only green and blue")
                served = self.kind == "terminal" or release.corridor in self.config.corridors
                _law(served, "basis", f"{release.corridor} released by itself in a lane not its own")
            case ReleaseBasis.OFFICER:
                own = release.corridor in (None, *self.config.corridors)  # None: one of a convoy (2.1)
                _law(officer and own, "basis", "officer, own corridor")
            case ReleaseBasis.DEPARTURE:
                _law(self.kind == "exit", "basis", "a departure anywhere but at an exit")

    def _open_once(self, opening: Opening, after: PointState) -> None:
        _law(opening.opening_id not in self.granted, "once", f"{opening.opening_id} granted twice")
        self.granted[opening.opening_id] = opening
        passage = after.passage
        _law(self.kind == "entry" and bool(opening.officer), "once", "by an officer, in an entry lane")
        known = passage is not None and (passage.visit_id, passage.mark) == (opening.visit_id, opening.mark)
        _law(known, "once", "for a vehicle that does not stand here")
        _law(passage is not None and passage.corridor is None, "once", "for a vehicle that was directed")

    def _raise(self, release_id: str, here: set[str], event: Event, after: PointState) -> None:
        _law(release_id in here, "raise", "without a release granted before it in the same step")
        _law(release_id not in self.raised, "raise", f"{release_id} raised twice")
        _law(release_id not in self.revoked, "raise", f"{release_id} was revoked")
        _law(not isinstance(event, Started), "raise", "by a restart")
        answered = after.failed if after.phase is Phase.HOLDING else frozenset()
        unknown = interlocks.unknown_inputs(self.config, after.inputs) - answered
        _law(not unknown, "raise", "with an unknown input")
        _law(after.phase in (Phase.RAISING, Phase.HOLDING), "raise", f"in {after.phase}")
        self.raised.add(release_id)

    def _lower(self, decision_id: str, event: Event, after: PointState) -> None:
        _law(decision_id not in self.lowered, "lower", f"{decision_id} asked for twice")
        _law(not isinstance(event, Started), "lower", "by a restart")
        _law(after.inputs.safety is Occupancy.CLEAR, "lower", "over an area not known clear")
        _law(interlocks.known(self.config, after.inputs), "lower", "with an unknown input")
        self.lowered.add(decision_id)

    def _lane_at_rest(self, after: PointState) -> None:
        if after.phase is Phase.FREE:
            clear = after.inputs.safety is Occupancy.CLEAR and after.inputs.arming is Occupancy.CLEAR
            _law(clear, "free", "with something on a detector, or a detector unknown")
            _law(after.inputs.barrier is BarrierPosition.DOWN, "free", "with its barrier not known down")
        if after.phase in (Phase.RAISING, Phase.PASSING):
            released = after.passage is not None and after.passage.release_id in self.raised
            _law(released, "open", "a way opened for a passage without its release")
            _law(interlocks.known(self.config, after.inputs), "open", "with an unknown input")
        if self.signal is Aspect.GREEN:
            _law(after.phase is Phase.PASSING, "signal", f"green in {after.phase}")

    @staticmethod
    def _stops(before: PointState, event: Event, step: Step) -> None:
        """Something comes under a barrier that may be closing, or may be there: stop (law 3)."""
        if not isinstance(event, DetectorChanged) or event.detector is not Detector.SAFETY:
            return
        asked_down = before.passage is not None and before.passage.attempts > 0
        moving = before.inputs.barrier is BarrierPosition.MOVING
        closing = before.phase is Phase.LOWERING or (before.phase is Phase.RECOVERY and asked_down and moving)
        if closing and event.state is not Occupancy.CLEAR:
            stopped = any(isinstance(command, StopBarrier) for command in step.commands)
            _law(stopped, "stop", "a closing barrier was not stopped")

    def _board(self, before: PointState, step: Step) -> None:
        after = step.state
        shown = [command.message for command in step.commands if isinstance(command, ShowMessage)]
        _law(after.message == (shown[-1] if shown else before.message), "board", "the state forgot the board")
        for message in (*shown, after.message):
            if message.kind is MessageKind.WAIT:
                _law(message == steps.waiting(self.config), "neutral", "two texts for one HOLD")
            if message.kind in (MessageKind.WAIT, MessageKind.GO, MessageKind.REFER, MessageKind.CLOSED):
                _law(message.corridor is None, "neutral", f"{message.kind} names a corridor")
        if after.phase is Phase.HELD:
            _law(after.message == steps.waiting(self.config), "held", f"the board says {after.message.kind}")
        if after.phase is Phase.CLOSED:
            _law(after.message.kind is MessageKind.CLOSED, "closed", f"the board says {after.message.kind}")
        if after.message.kind is MessageKind.GO:
            _law(after.phase is Phase.PASSING, "go", f"on the board in {after.phase}")
        if after.message.kind is MessageKind.DIRECT:
            self._direct(after.message, after)

    def _direct(self, message: BoardMessage, after: PointState) -> None:
        if after.phase is Phase.BLOCKED:
            return  # those behind a breakdown are sent elsewhere, by the lane's own board
        _law(self.kind in ("approach", "terminal"), "direct", "on a lane's board")
        answered = after.passage is not None and after.passage.corridor is message.corridor
        resting = after.phase is Phase.RECOVERY  # a sign keeps its text while its point's inputs are unknown
        _law(answered or resting, "direct", f"another vehicle's direction on the board in {after.phase}")
