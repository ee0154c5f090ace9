"""The tests of everything that does not move: inputs, signal, board, camera, a kiosk's devices."""

from __future__ import annotations

import time

from gate.cli.device.alone import UNKNOWN
from gate.cli.device.trial import SETTLE_SECONDS, FailedError, Sequence, Trial
from gate.errors import DeviceError
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.events import Aspect, Detector, DeviceRole, Occupancy
from gate.lanes.ports import LaneIo, Signboard
from gate.lanes.signage import board_lines
from gate.model import Corridor
from gate.settings import PointSettings

CAMERA_SECONDS = 15.0
_RETRY_SECONDS = 0.2


async def try_inputs(trial: Trial) -> None:
    """Every input answers; then each detector is interrupted and freed by hand."""
    await inputs_known(trial)
    for detector in Detector:
        if detector.value in trial.lane.inputs:
            await interrupted(trial, detector)


async def inputs_known(trial: Trial) -> None:
    """Every fitted input is known, and told as it stands."""
    lane = trial.lane
    if not await lane.until(lambda: lane.known, SETTLE_SECONDS):
        unknown = ", ".join(name for name, state in lane.inputs.items() if state == UNKNOWN)
        why = lane.faults.get(DeviceRole.IO)
        raise FailedError(f"io does not answer: {why}" if why else f"not known: {unknown}")
    trial.passed("inputs read", note=", ".join(f"{name} {state}" for name, state in lane.inputs.items()))


async def interrupted(trial: Trial, detector: Detector) -> None:
    """The engineer interrupts a detector and frees it: both must be seen."""
    lane, patience = trial.lane, trial.wanted.patience
    if lane.detector(detector) is not Occupancy.CLEAR:
        raise FailedError(f"{detector.value} is {lane.detector(detector).value} with nothing on it")
    trial.engineer.tell(f"  Interrupt the {detector.value} now ...")
    if not await lane.until(lambda: lane.detector(detector) is Occupancy.OCCUPIED, patience):
        raise FailedError(f"{detector.value} was not seen occupied within {patience:g} s")
    trial.engineer.tell("  ... and free it again ...")
    began = time.monotonic()
    if not await lane.until(lambda: lane.detector(detector) is Occupancy.CLEAR, patience):
        raise FailedError(f"{detector.value} did not come clear within {patience:g} s")
    trial.passed(f"{detector.value} interrupted and freed", time.monotonic() - began)


async def try_signal(trial: Trial) -> None:
    """Red, green, red again, each judged by eye."""
    io = trial.lane.devices.io
    if io is None:
        raise FailedError("no io")
    await inputs_known(trial)
    try:
        for aspect in (Aspect.RED, Aspect.GREEN):
            await io.set_signal(aspect)
            await trial.confirms(f"signal {aspect.value}", f"  Does the signal show {aspect.value}?")
    finally:
        await io.set_signal(Aspect.RED)


async def try_board(trial: Trial) -> None:
    """Every text a vehicle may read here: `show` returns by the board's own word, then eyes judge."""
    board = trial.lane.devices.board
    if board is None:
        raise FailedError("no board")
    try:
        for message in texts_of(trial.lane.point):
            await _show(trial, board, message)
            text = " / ".join(line for line in board_lines(message) if line)
            if not await trial.engineer.agrees(f'  Does the board show "{text}"?'):
                raise FailedError(f'"{text}" is not what the board shows')
            trial.passed(f'board "{text}"', note=f"shown by the board's own word, {trial.seen}")
    finally:
        await board.show(BoardMessage(MessageKind.CLOSED))


def texts_of(point: PointSettings) -> tuple[BoardMessage, ...]:
    """The texts of this kind of point: an approach directs, a lane says go."""
    plain = [MessageKind.WAIT, MessageKind.CLOSED]
    if point.kind in ("approach", "terminal"):
        directs = [BoardMessage(MessageKind.DIRECT, "1", corridor) for corridor in Corridor]
        return (*directs, *(BoardMessage(kind) for kind in (MessageKind.REFER, *plain)))
    own = [BoardMessage(MessageKind.BLANK, corridor=corridor) for corridor in point.corridors]
    return (*own, *(BoardMessage(kind) for kind in (MessageKind.GO, *plain)))


async def try_camera(trial: Trial) -> None:
    """A picture comes."""
    lane, began = trial.lane, time.monotonic()
    if not await lane.until(lambda: lane.noted(DeviceRole.CAMERA) is not None, CAMERA_SECONDS):
        why = lane.faults.get(DeviceRole.CAMERA, "")
        raise FailedError(f"no picture within {CAMERA_SECONDS:g} s{f': {why}' if why else ''}")
    trial.passed(lane.noted(DeviceRole.CAMERA) or "", time.monotonic() - began)


def hearing(role: DeviceRole, please: str) -> Sequence:
    """The test of a device that is heard when a person does something at it."""

    async def hear(trial: Trial) -> None:
        lane = trial.lane
        if role not in lane.roles:
            raise FailedError(f"this program cannot listen to the {role.value} without the gate")
        before = lane.noted(role)
        trial.engineer.tell(f"  {please}")
        if not await lane.until(lambda: lane.noted(role) is not before, trial.wanted.patience):
            why = lane.faults.get(role, f"nothing heard for {trial.wanted.patience:g} s")
            raise FailedError(f"{role.value}: {why}")
        trial.passed(f"{role.value}: {lane.noted(role)}")

    return hear


async def _show(trial: Trial, board: Signboard, message: BoardMessage) -> None:
    """Showing a text twice does no harm: a board not heard from yet is asked again for a while."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        try:
            await board.show(message)
        except DeviceError:
            if time.monotonic() >= deadline:
                raise
            await trial.lane.until(lambda: False, _RETRY_SECONDS)
        else:
            return


def io_of(trial: Trial) -> LaneIo:
    """The lane's io; FailedError where there is none."""
    if trial.lane.devices.io is None:
        raise FailedError("no io")
    return trial.lane.devices.io
