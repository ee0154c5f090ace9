"""One vehicle as it stands now, for an officer who is about to act on it; and what its plate may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.lanes.sight import Sight
from gate.model import RegistrationMark, VisitStatus

if TYPE_CHECKING:
    from gate.lanes.checkpoint import LiveCheckpoint
    from gate.lanes.runtime import PointRuntime


async def look(checkpoint: LiveCheckpoint, visit_id: str | None, point: str | None) -> Sight | None:
    """The visit's vehicle wherever it is, or with no visit whoever stands at the point; None for neither."""
    if visit_id is None:
        runtime = checkpoint.points.get(point or "")
        return None if runtime is None else _standing(runtime)
    visit = await checkpoint.ledger.visit(visit_id)
    if visit is None:
        return None
    runtime = checkpoint.standing_at(visit_id)
    here = _standing(runtime) if runtime is not None else Sight()
    plate, confidence, rivals = here.plate, here.confidence, here.rivals
    if plate is None and (read := await checkpoint.ledger.plates_read(visit_id)) is not None:
        plate, confidence, rivals = read.mark, read.confidence, read.rivals
    return Sight(
        visit_id=visit_id,
        point=here.point,
        passage_id=here.passage_id,
        phase=here.phase,
        status=visit.status.value,
        mark=visit.mark,
        numbers=visit.numbers,
        # Until a verdict was opened a lane would tell the corridor (3.6).
        lane=visit.lane if visit.opened else None,
        findings=tuple(finding.code for finding in visit.findings),
        plate=plate,
        confidence=confidence,
        rivals=rivals,
        evidence=here.evidence or tuple(await checkpoint.history.evidence(visit_id)),
    )


def _standing(runtime: PointRuntime) -> Sight:
    passage, phase = runtime.state.passage, runtime.state.phase.value
    if passage is None:
        return Sight(point=runtime.name, phase=phase)
    return Sight(
        visit_id=passage.visit_id,
        point=runtime.name,
        passage_id=passage.passage_id,
        phase=phase,
        mark=passage.mark,
        plate=passage.seen,
        confidence=passage.confidence,
        rivals=passage.rivals,
        evidence=passage.evidence,
    )


async def candidates(checkpoint: LiveCheckpoint, sight: Sight) -> tuple[RegistrationMark, ...]:
    """Plates this vehicle may have, for an officer to compare by sight; confirming one still decides anew.

    Declared plates almost like a reading (those the finding names); in a lane, plates sent there.
    """
    readings = [RegistrationMark(sight.plate)] if sight.plate else []
    readings += sight.rivals
    found = dict.fromkeys(await checkpoint.bay.desk.candidates(readings))
    if sight.point is not None and sight.visit_id is None:
        found |= dict.fromkeys(
            visit.mark
            for visit in await checkpoint.history.open_visits()
            if visit.lane == sight.point and visit.status is VisitStatus.DIRECTED and visit.mark is not None
        )
    return tuple(mark for mark in found if mark not in readings)
