"""Officers say who has come: a plate by sight, a number at the carrier's request; with a second one where
it matters (8.0.1, 8.0.2).

Two acts can put a vehicle under a declaration that no device found for it: a plate confirmed that is not
near to what was read, and a number declared with another plate. One officer alone does neither. The rule
stands here, in the core, whatever the console asks for; and neither act takes a declaration away that is
registered with the plate, so the strictest verdict still sets the lane (1.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.lanes import orders
from gate.lanes.acts import DONE, ActResult, ConfirmPlate, EnterCargoNumber, EnterNumber, Seconded, refused
from gate.lanes.commands import FindVisit, Identify
from gate.lanes.events import NumberGiven, PlateConfirmed
from gate.lanes.state import Phase, serves
from gate.model import Identification, IdentifiedBy, Outcome, RegistrationMark, Visit, VisitStatus, is_near
from gate.model.syntax import countries_of

if TYPE_CHECKING:
    from gate.lanes.checkpoint import LiveCheckpoint
    from gate.lanes.runtime import PointRuntime


def without_second(officer: str, second: str | None, why: str | None) -> ActResult | None:
    """The refusal when an act that needs a second officer (`why` says what for) has none; else None.

    The same person twice is no second officer, whether one is needed or not.
    """
    if second is not None and same_person(second, officer):
        return ActResult(False, "the second officer must be another person than the first", why is not None)
    if why is None or second is not None:
        return None
    return ActResult(False, f"{why}: a second officer must agree, with a name and password of his own", True)


def same_person(one: str, other: str) -> bool:
    """Whether two account names are one person's: spaces and capitals make nobody another."""
    return _person(one) == _person(other)


def _person(name: str) -> str:
    return " ".join(name.split()).casefold()


def is_baggage(checkpoint: LiveCheckpoint, visit: Visit) -> bool:
    """Whether the visit began at a baggage terminal."""
    runtime = checkpoint.points.get(visit.point)
    return runtime is not None and runtime.around.kind == "terminal"


async def why_two(checkpoint: LiveCheckpoint, act: Seconded) -> str | None:
    """Why this act takes two officers as things stand, or None; nothing is done."""
    if isinstance(act, ConfirmPlate):
        runtime = checkpoint.points.get(act.point)
        if runtime is not None and _stands_there(runtime, act):
            return _correction(_read_there(runtime), act.mark)
        read = await checkpoint.ledger.plates_read(act.visit_id) if act.visit_id is not None else None
        return _correction(_plates((read.mark, *read.rivals), sure=read.sure) if read else (), act.mark)
    number = act.cargo if isinstance(act, EnterCargoNumber) else act.number
    by = {IdentifiedBy.OFFICER} | ({IdentifiedBy.CARGO} if isinstance(act, EnterCargoNumber) else set())
    runtime = checkpoint.standing_at(act.visit_id)
    if runtime is not None and runtime.around.kind == "approach":
        mark = runtime.state.passage.mark if runtime.state.passage else None
    else:
        visit = await checkpoint.ledger.visit(act.visit_id)
        mark = visit.mark if visit is not None else None
    return await _of_another_plate(
        checkpoint, Identification(frozenset(by), mark, number, act.officer), act.visit_id
    )


async def confirm_plate(checkpoint: LiveCheckpoint, act: ConfirmPlate) -> ActResult:
    """The plate as an officer sees it: at a point, else for a visit in the holding bay."""
    if not act.mark:
        return refused("the plate is empty")
    runtime = checkpoint.points.get(act.point)
    if runtime is not None and _stands_there(runtime, act):
        if runtime.around.kind == "entry" and act.visit_id is not None:
            held = await checkpoint.ledger.visit(act.visit_id)
            if held is not None and orders.is_held(held.findings):
                return await _look_again(checkpoint, runtime, held, act)
        return await _confirm_there(runtime, act, checkpoint)
    if act.visit_id is None:
        return refused(f"no vehicle stands at {act.point}")
    found = await held_visit(checkpoint, act.visit_id)
    if isinstance(found, ActResult):
        return found
    return await _confirm_held(checkpoint, found, act)


async def _look_again(
    checkpoint: LiveCheckpoint, runtime: PointRuntime, visit: Visit, act: ConfirmPlate
) -> ActResult:
    """End an officer's hold in a lane: decided again first, then matched again where it stands."""
    told = await _confirm_held(checkpoint, visit, act)
    decided = await checkpoint.ledger.visit(visit.visit_id)
    if not told.done or decided is None or decided.status is not VisitStatus.DIRECTED:
        return told
    if decided.lane != runtime.name and decided.corridor in serves(runtime.machine.config, runtime.state):
        # Of several lanes of its corridor it stays in the one it stands in.
        await checkpoint.bay.redirect(decided, runtime.name, act.officer, "it stands there")
    event = PlateConfirmed(at=checkpoint.clock.now(), mark=act.mark, officer=act.officer, second=act.second)
    await runtime.tell(event)
    return told


async def _confirm_held(checkpoint: LiveCheckpoint, found: Visit, act: ConfirmPlate) -> ActResult:
    read = await checkpoint.ledger.plates_read(found.visit_id)
    readings = _plates((read.mark, *read.rivals), sure=read.sure) if read else ()
    if (alone := without_second(act.officer, act.second, _correction(readings, act.mark))) is not None:
        return alone
    number = found.numbers[0] if len(found.numbers) == 1 else None
    cargo = {IdentifiedBy.CARGO} if number and "/" in number else set()
    who = Identification(
        frozenset({IdentifiedBy.SIGHT} | ({IdentifiedBy.KIOSK} if number else set()) | cargo),
        act.mark,
        number,
        act.officer,
        seen=read.mark if read else None,
        confidence=read.confidence if read else None,
        rivals=read.rivals if read else (),
        plate_second=act.second,
    )
    return await _identify_in_bay(checkpoint, found, who, act.officer)


def _stands_there(runtime: PointRuntime, act: ConfirmPlate) -> bool:
    passage = runtime.state.passage
    if passage is None and runtime.state.phase is not Phase.ATTENDED:
        return False
    # Worked by hand, its arming detector dead: the officer's eyes begin the passage.
    return act.visit_id is None or act.visit_id == (passage.visit_id if passage is not None else None)


async def _confirm_there(runtime: PointRuntime, act: ConfirmPlate, checkpoint: LiveCheckpoint) -> ActResult:
    why = _correction(_read_there(runtime), act.mark)
    if (alone := without_second(act.officer, act.second, why)) is not None:
        return alone
    event = PlateConfirmed(at=checkpoint.clock.now(), mark=act.mark, officer=act.officer, second=act.second)
    step = await runtime.tell(event)
    if any(isinstance(command, Identify | FindVisit) for command in step.commands):
        return DONE
    return refused(f"{act.point} is {runtime.state.phase.value}: no plate is asked for")


def _read_there(runtime: PointRuntime) -> tuple[RegistrationMark, ...]:
    passage = runtime.state.passage
    if passage is None or passage.seen is None:
        return ()
    sure = IdentifiedBy.PLATE in passage.by
    return _plates((RegistrationMark(passage.seen), *passage.rivals), sure=sure)


def _plates(readings: tuple[RegistrationMark, ...], *, sure: bool) -> tuple[RegistrationMark, ...]:
    """Of what was read, what is a plate: read surely, or written as some state writes its marks.

    What an unsure reader makes of dirt and lettering is no plate: to it nothing is corrected, and one
    officer reads what the device could not (8.0.1).
    """
    return tuple(
        reading for at, reading in enumerate(readings) if (sure and at == 0) or countries_of(reading)
    )


def _correction(readings: tuple[RegistrationMark, ...], confirmed: RegistrationMark) -> str | None:
    """Why one officer is not enough: a plate was read, and what he confirms is not near to any reading."""
    if not readings or any(is_near(reading, confirmed) for reading in readings):
        return None
    return f"{' and '.join(readings)} was read, which is not near to {confirmed}"


async def enter_number(checkpoint: LiveCheckpoint, act: EnterNumber | EnterCargoNumber) -> ActResult:
    """A number entered at the carrier's request (8.0.2), or a cargo declaration's off the papers."""
    number, by = (
        (act.cargo, frozenset({IdentifiedBy.OFFICER, IdentifiedBy.CARGO}))
        if isinstance(act, EnterCargoNumber)
        else (act.number, frozenset({IdentifiedBy.OFFICER}))
    )
    runtime = checkpoint.standing_at(act.visit_id)
    if runtime is not None and runtime.around.kind == "approach":
        passage = runtime.state.passage
        who = Identification(by, passage.mark if passage else None, number, act.officer)
        why = await _of_another_plate(checkpoint, who, act.visit_id)
        if (alone := without_second(act.officer, act.second, why)) is not None:
            return alone
        event = NumberGiven(
            at=checkpoint.clock.now(),
            number=number,
            officer=act.officer,
            second=act.second,
            cargo=IdentifiedBy.CARGO in by,
        )
        step = await runtime.tell(event)
        if any(isinstance(command, Identify) for command in step.commands):
            return DONE
        return ActResult(True, "kept: it counts once the plate has been read or confirmed")
    found = await held_visit(checkpoint, act.visit_id)
    if isinstance(found, ActResult):
        return found
    read = await checkpoint.ledger.plates_read(act.visit_id)
    how: frozenset[IdentifiedBy] = frozenset()
    if found.mark is not None:
        as_read = read is not None and read.sure and read.mark == found.mark
        how = frozenset({IdentifiedBy.PLATE if as_read else IdentifiedBy.SIGHT})
    who = Identification(
        by | how,
        found.mark,
        number,
        act.officer,
        seen=read.mark if read else None,
        confidence=read.confidence if read else None,
        rivals=read.rivals if read else (),
        number_second=act.second,
    )
    why = await _of_another_plate(checkpoint, who, act.visit_id)
    if (alone := without_second(act.officer, act.second, why)) is not None:
        return alone
    return await _identify_in_bay(checkpoint, found, who, act.officer)


async def _of_another_plate(checkpoint: LiveCheckpoint, who: Identification, visit_id: str) -> str | None:
    """Why one officer is not enough: the number is declared with another plate than was seen."""
    if who.mark is None:
        return None
    declared = await checkpoint.bay.desk.declared_elsewhere(who, visit_id)
    return None if declared is None else f"{who.mark} was seen, and this number is declared with {declared}"


async def held_visit(checkpoint: LiveCheckpoint, visit_id: str) -> Visit | ActResult:
    """The held visit, or the refusal that says why there is none."""
    visit = await checkpoint.ledger.visit(visit_id)
    if visit is None:
        return refused("there is no such visit")
    if visit.status is not VisitStatus.HELD:
        return refused(f"the visit is {visit.status.value}, not held")
    return visit


async def _identify_in_bay(
    checkpoint: LiveCheckpoint, visit: Visit, who: Identification, officer: str
) -> ActResult:
    terminal = is_baggage(checkpoint, visit)
    decided = await checkpoint.bay.identify(visit, who, officer, at_terminal=terminal)
    if decided.decision.outcome is Outcome.HOLD and orders.is_held(visit.findings):
        # Looked at again, and something else holds it: the officer's hold stays until it is directed.
        ours = tuple(finding for finding in visit.findings if orders.is_held((finding,)))
        await checkpoint.bay.hold(visit, officer, (*decided.decision.findings, *ours), None)
    decision = decided.decision
    match decision.outcome:
        case Outcome.DIRECT:
            return ActResult(True, f"directed to lane {decided.lane_label} ({decision.corridor})")
        case Outcome.REFER:
            return ActResult(True, f"referred to the general lane {decided.lane_label}")
        case Outcome.HOLD:
            why = "; ".join(f"{f.detail} (Rules {f.rule})" for f in decision.findings)
            return ActResult(True, f"still held: {why}")
