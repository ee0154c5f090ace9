"""The test of a boom, by somebody who stands beside it.

It lowers only onto what is known clear, looked at when the pulse goes and to the end of the movement.
No release stands behind these pulses: a person does, and commissioning.jsonl says who.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Literal

from gate.cli.device.alone import heed_interrupt
from gate.cli.device.parts import inputs_known, interrupted, io_of
from gate.cli.device.trial import FailedError, Trial
from gate.errors import DeviceError
from gate.lanes.commands import LowerBarrier, RaiseBarrier
from gate.lanes.events import Aspect, BarrierPosition, Contact, ContactState, Detector, Occupancy

UNDER = (Detector.SAFETY, Detector.PHOTO_EYE)
"""What watches the area under the boom."""
FORBIDS = (Contact.EMERGENCY_STOP, Contact.FIRE)
"""Nothing is moved unless these are known to be at rest."""

_QUESTION = "  Is the area under the barrier clear and a person watching it? It is about to {kind}."
_ENDS = {"raise": BarrierPosition.UP, "lower": BarrierPosition.DOWN}
Kind = Literal["raise", "lower"]


async def try_barrier(trial: Trial) -> None:
    """Up, its detectors proved, down; each movement asked for, timed, and recorded before it begins."""
    io = io_of(trial)
    await inputs_known(trial)
    await io.set_signal(Aspect.RED)
    if not await _is_at(trial, BarrierPosition.DOWN):
        raise FailedError("the boom is not down: bring it down by its own controls, then begin again")
    await _move(trial, "raise")
    for detector in UNDER:
        if detector.value in trial.lane.inputs:
            await interrupted(trial, detector)
    await _move(trial, "lower")


def why_not_lower(trial: Trial) -> str | None:
    """Law 3: whatever watches the area under the boom is known clear, and no contact forbids movement."""
    lane = trial.lane
    for detector in UNDER:
        if detector.value in lane.inputs and lane.detector(detector) is not Occupancy.CLEAR:
            return f"{detector.value} is {lane.detector(detector).value}"
    if "barrier" in lane.inputs and lane.barrier is BarrierPosition.UNKNOWN:
        return "where the boom is, is not known"
    return _forbidden(trial)


def _forbidden(trial: Trial) -> str | None:
    for contact in FORBIDS:
        if contact.value in trial.lane.inputs and trial.lane.contact(contact) is not ContactState.NORMAL:
            return f"{contact.value} is {trial.lane.contact(contact).value}"
    return None


async def _move(trial: Trial, kind: Kind) -> None:
    io = io_of(trial)
    if not await trial.engineer.agrees(_QUESTION.format(kind=kind)):
        raise FailedError(f"{kind}: not moved, the engineer said no")
    trial.still_ours()
    decision = f"commissioning-{uuid.uuid4().hex[:12]}"
    trial.record.write("pulse", kind=kind, decision=decision, inputs=dict(trial.lane.inputs))
    # Nothing is awaited between this look and the pulse.
    why = why_not_lower(trial) if kind == "lower" else _forbidden(trial)
    if why is not None:
        trial.record.write("pulse withheld", kind=kind, decision=decision, why=why)
        raise FailedError(f"{kind}: not moved, {why}")
    began = time.monotonic()
    try:
        if kind == "raise":
            await io.raise_barrier(RaiseBarrier(decision))
        else:
            await io.lower_barrier(LowerBarrier(decision))
        heed_interrupt()
        await _arrived(trial, kind, began)
    except BaseException:
        await _stop(trial, kind)
        raise


async def _arrived(trial: Trial, kind: Kind, began: float) -> None:
    lane, end, patience = trial.lane, _ENDS[kind], trial.wanted.patience
    if "barrier" not in lane.inputs:
        await trial.confirms(f"{kind}d, without feedback", f"  Is the boom {end.value} now?")
        return

    def over() -> bool:
        blocked = kind == "lower" and why_not_lower(trial) is not None
        return lane.barrier is end or blocked or bool(lane.failed)

    await lane.until(over, patience)
    took = time.monotonic() - began
    if lane.failed:
        raise FailedError(f"{kind}: {lane.failed.pop().reason}")
    if lane.barrier is not end:
        why = (why_not_lower(trial) if kind == "lower" else None) or f"not {end.value} within {patience:g} s"
        raise FailedError(f"{kind}: {why}; the boom is {lane.barrier.value} after {took:.1f} s")
    trial.passed("opened" if kind == "raise" else "closed", took)


async def _stop(trial: Trial, kind: Kind) -> None:
    """Whatever went wrong, Ctrl-C too, the boom stops: then people, not software, decide."""
    trial.record.write("stop", after=kind, inputs=dict(trial.lane.inputs))
    try:
        await asyncio.shield(io_of(trial).stop_barrier())
    except DeviceError as error:
        trial.engineer.tell(f"  THE STOP WAS NOT TAKEN ({error}): use the emergency stop")
    trial.engineer.tell("  The boom was told to stop. Look at it before you move it by its own controls.")


async def _is_at(trial: Trial, end: BarrierPosition) -> bool:
    if "barrier" in trial.lane.inputs:
        return trial.lane.barrier is end
    return await trial.engineer.agrees(f"  Is the boom {end.value}?")
