"""No sequence of events breaks a law; and a table broken on purpose is caught (laws 1, 3, 5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from gate.lanes import barrier_lane, entry_lane, exit_lane, passing, recovery, steps
from gate.lanes.commands import (
    BoardMessage,
    GrantRelease,
    LowerBarrier,
    MessageKind,
    RaiseBarrier,
    StopBarrier,
)
from gate.lanes.events import (
    BarrierMoved,
    DetectorChanged,
    Event,
    Occupancy,
    OfficerReleased,
    RegistrationCommitted,
    Started,
    TimeElapsed,
    VisitMatched,
)
from gate.lanes.machine import Row, Step, Table, TableError, row
from gate.lanes.releasing import proceed
from gate.lanes.state import Permit, Phase, PointConfig, PointState
from gate.model import ReleaseBasis
from tests.lanes.driving import Drive, Move, drive_through, moves, random_moves
from tests.lanes.stories import MACHINES, Story
from tests.lanes.watching import LawBrokenError

P = Phase
# Without a merge, an exit loop or other devices nothing waits and nothing is disarmed.
LANE_PHASES = frozenset(barrier_lane.PHASES) - {Phase.WAITING, Phase.DISARMED}
EVERYDAY = LANE_PHASES - set(barrier_lane.OUT) | {Phase.CLOSED, Phase.IDENTIFYING, Phase.DIRECTED}
REACHED = {
    "approach": frozenset({P.RECOVERY, P.FREE, P.READING, P.IDENTIFYING, P.DIRECTED, P.HELD, P.CLOSED}),
    "terminal": frozenset({P.FREE, P.IDENTIFYING, P.REGISTERING, P.DIRECTED, P.HELD, P.CLOSED}),
    "green": LANE_PHASES - {P.CONTROL},
    "red": LANE_PHASES - {P.REGISTERING},
    "exit": LANE_PHASES - {P.CONTROL},
}


@pytest.mark.parametrize("kind", ["approach", "terminal", "green", "blue", "yellow", "red", "exit"])
def test_no_sequence_of_events_breaks_a_law(kind: str) -> None:
    """Whatever happens, in whatever order: every law the watch knows holds after every step."""

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(moves)
    def drives(chosen: list[Move]) -> None:
        drive_through(Drive.of(kind), chosen)

    drives()


@pytest.mark.parametrize("kind", sorted(REACHED))
def test_random_drives_reach_every_phase_and_every_row(kind: str) -> None:
    """The drives are worth something: each phase many times, each line of the table at least once."""
    phases: Counter[Phase] = Counter()
    rows: set[tuple[Phase, type[Event]]] = set()
    for seed in range(220):
        drive = drive_through(Drive.of(kind), random_moves(seed, 90))
        phases += drive.phases
        rows |= set(drive.rows)
    assert {phase for phase in REACHED[kind] if phases[phase] < 25} == set()
    assert set(phases) - REACHED[kind] <= {P.RECOVERY, P.CONTROL, P.REGISTERING}
    # Duties are rare: that every line of them does something is the walks' to show.
    rare = ("gate.lanes.duties",)
    reachable = {
        (phase, event)
        for phase, event in MACHINES[kind].table
        if phase in REACHED[kind] & EVERYDAY and event.__module__ not in rare
    }
    assert reachable - rows == set()


def test_a_restart_in_any_phase_never_moves_a_barrier() -> None:
    """Law 2: after a restart no command is replayed, and every input is unknown."""
    started_in: Counter[Phase] = Counter()
    for kind in ("green", "red", "exit"):
        for seed in range(260):
            drive = drive_through(Drive.of(kind), random_moves(seed, 40))
            started_in[drive.story.phase] += 1
            drive.take(Started(at=drive.story.at, boot_id="again"))
            assert drive.story.phase in (P.RECOVERY, *recovery.LASTING)
            assert not drive.story.asked(RaiseBarrier)
            assert not drive.story.asked(LowerBarrier)
            assert drive.story.state.inputs == PointState().inputs
    assert set(started_in) == LANE_PHASES


# --- broken on purpose ------------------------------------------------------------------------

Handler = Callable[[PointConfig, PointState, Event], Step]


def _without(kind: type, handler: Handler) -> Handler:
    """A handler whose commands of one kind get lost."""

    def lossy(config: PointConfig, state: PointState, event: Event) -> Step:
        step = handler(config, state, event)
        return Step(step.state, tuple(c for c in step.commands if not isinstance(c, kind)))

    return lossy


def _replaced(table: Table, phase: Phase, event: type[Event], change: Callable[[Row], Row]) -> Table:
    return {**table, (phase, event): change(table[phase, event])}


def _deaf(_config: PointConfig, state: PointState, _event: Event) -> Step:
    return Step(state)


def _raise_again(_config: PointConfig, state: PointState, _event: Event) -> Step:
    passage = state.passage
    again = (RaiseBarrier(passage.release_id),) if passage is not None and passage.release_id else ()
    return Step(PointState(passage=passage, message=state.message), again)


def _lower_blindly(config: PointConfig, state: PointState, event: Event) -> Step:
    if state.inputs.safety is Occupancy.CLEAR:
        return Step(state)
    known = replace(state, inputs=replace(state.inputs, safety=Occupancy.CLEAR), area_clear_since=0.0)
    lowered = passing.lower(config, known, event)
    return Step(replace(lowered.state, inputs=state.inputs), lowered.commands)


def _register_all(_config: PointConfig, state: PointState, event: VisitMatched) -> Step:
    passage = state.passage
    assert passage is not None
    bound = replace(passage, visit_id=event.visit_id, corridor=event.corridor)
    return Step(replace(state, phase=P.REGISTERING, passage=bound))


def _release_all(config: PointConfig, state: PointState, event: RegistrationCommitted) -> Step:
    return proceed(config, state, event, Permit(ReleaseBasis.REGISTERED))


def _talkative(config: PointConfig, state: PointState, _event: Event) -> Step:
    held = steps.hold(config, state, "told to the world")
    return Step(held.state, held.commands) if held.state.phase is P.RAISING else _told(config, held.state)


def _told(config: PointConfig, state: PointState) -> Step:
    shown = steps.show(state, BoardMessage(MessageKind.WAIT, config.label))
    return Step(shown.state, shown.commands)


ENTRY = entry_lane.TABLE
BROKEN: dict[str, tuple[str, Table, str]] = {
    "a raise that lost its release": (
        "green",
        _replaced(
            ENTRY,
            P.REGISTERING,
            RegistrationCommitted,
            lambda r: Row(_without(GrantRelease, r.handler), r.to),
        ),
        "raise",
    ),
    "a release that is never raised": (
        "exit",
        _replaced(
            exit_lane.TABLE,
            P.REGISTERING,
            RegistrationCommitted,
            lambda r: Row(_without(RaiseBarrier, r.handler), r.to),
        ),
        "grant",
    ),
    "a restart that replays the raise": (
        "green",
        _replaced(ENTRY, P.RAISING, Started, lambda r: Row(_raise_again, r.to)),
        "raise",
    ),
    "a red lane that registers and releases": (
        "red",
        _replaced(
            _replaced(ENTRY, P.MATCHING, VisitMatched, lambda _: row(_register_all, P.REGISTERING)),
            P.REGISTERING,
            RegistrationCommitted,
            lambda r: Row(_release_all, r.to),
        ),
        "officer",
    ),
    "a blind lowering": (
        "green",
        _replaced(ENTRY, P.PASSING, DetectorChanged, lambda _: row(_lower_blindly, P.PASSING, P.LOWERING)),
        "lower",
    ),
    "a closing barrier nobody stops": (
        "green",
        _replaced(ENTRY, P.LOWERING, DetectorChanged, lambda r: Row(_without(StopBarrier, r.handler), r.to)),
        "stop",
    ),
    "a lane deaf to its barrier": (
        "green",
        {pair: line for pair, line in ENTRY.items() if pair != (P.FREE, BarrierMoved)},
        "free",
    ),
    "a hold that explains itself": (
        "yellow",
        _replaced(ENTRY, P.READING, TimeElapsed, lambda _: row(_talkative, P.HELD)),
        "neutral",
    ),
    "an officer's word taken without a control": (
        "yellow",
        _replaced(
            ENTRY,
            P.CONTROL,
            OfficerReleased,
            lambda r: Row(
                lambda c, s, e: proceed(c, s, e, Permit(ReleaseBasis.OFFICER, e.officer)),
                r.to,
            ),
        ),
        "officer",
    ),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_table_is_caught(name: str) -> None:
    """The watch is no ornament: each way of breaking a table is found, by the law it breaks."""
    kind, table, law = BROKEN[name]
    with pytest.raises(LawBrokenError, match=f"^{law}:"):
        _many_drives(kind, table)


def _many_drives(kind: str, table: Table) -> None:
    for seed in range(400):
        drive_through(Drive.of(kind, table), random_moves(seed, 90))


def test_a_handler_that_leads_where_its_row_does_not_say_is_an_error() -> None:
    """The table declares every phase; the machine refuses a handler that knows better."""
    lying = _replaced(ENTRY, P.RAISING, BarrierMoved, lambda r: row(r.handler, P.RAISING))
    with pytest.raises(TableError, match="led to passing"):
        _many_drives("green", lying)


def test_an_event_without_a_row_changes_no_phase_and_asks_for_nothing() -> None:
    """The tables are total: what they do not name is absorbed as an input, and no more."""
    for kind, machine in MACHINES.items():
        story = Story.at_rest(kind)
        story.tell(RegistrationCommitted(at=story.at, visit_id="nobody"))
        assert (P.FREE, RegistrationCommitted) not in machine.table
        assert story.phase is P.FREE
        assert story.told == ()


def _deafened() -> Table:
    return {pair: Row(_deaf, frozenset({pair[0]})) for pair in ENTRY}


def test_a_deaf_table_reaches_nothing() -> None:
    """The coverage count can fail: a table whose handlers do nothing never leaves its first phase."""
    drive = drive_through(Drive.of("green", _deafened()), random_moves(1, 90))
    assert set(drive.phases) == {P.RECOVERY}
