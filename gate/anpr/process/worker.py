"""The plate-reading child process, second composition root: `python -m gate.anpr.process.worker`.

Settings and orders come as JSON lines on stdin, reports leave as JSON lines on stdout (`wire.py`),
logs go to stderr. It owns the cameras; frames never leave it. It ends when stdin closes.
"""

from __future__ import annotations

import ctypes
import logging
import os
import queue
import select
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import IO

import cv2
import structlog
from pydantic import ValidationError

from gate.anpr.camera.region import Region
from gate.anpr.catalogue import build_recogniser
from gate.anpr.passage.by_motion import ByMotion
from gate.anpr.passage.evidence import EvidenceFolder
from gate.anpr.passage.pairing import Pairing, rear_of
from gate.anpr.passage.watch import Watch
from gate.anpr.process.memory import MemoryBound, bound_of
from gate.anpr.process.wire import (
    MAX_LINE,
    ORDERS,
    Answer,
    CameraFigures,
    CameraState,
    Heartbeat,
    Leaving,
    QualityBody,
    ReadBody,
    Ready,
    Refused,
    Settings,
    Sighted,
    Start,
    Stop,
)
from gate.errors import GateError
from gate.model import PlateRead
from hardware.cameras.catalogue import build_camera
from hardware.cameras.port import Camera

log = structlog.get_logger()

_NICE = 5
_HEARTBEAT_SECONDS = 1.0
_IDLE_SECONDS = 0.25
_NO_FRAME_SECONDS = 0.02
_MOTION_SECONDS = 0.1
"""Between two looks for motion: cameras seldom send more than ten frames a second."""
_PR_SET_PDEATHSIG = 1
_TOO_LARGE = 3
"""Exit status: the memory bound was passed."""
_LAST_WORD_SECONDS = 1.0
"""A daemon that does not listen for so long does not hear the reason, and the process ends all the same."""

_Message = tuple[float, Start | Stop | Refused | None]
"""When it arrived (monotonic), and what; None is the end of stdin."""


def main() -> int:
    """Run until stdin closes. Exit status 2 when the settings or the engine cannot be used.

    3, at any moment, when the process has grown past its bound.
    """
    _die_with_parent()
    orders, reports = _take_streams()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    try:
        settings = Settings.model_validate_json(orders.readline(MAX_LINE))
    except ValidationError as error:
        log.error("anpr.settings_refused", error=str(error))
        return 2
    # The lanes' loop shares these cores: a vehicle may wait for its plate, a barrier may not.
    os.nice(_NICE)
    cv2.setNumThreads(settings.anpr.threads)

    def leave(reason: str) -> None:
        log.error("anpr.memory_exceeded", reason=reason)
        # The reading loop may be deep in a recogniser and not come back; what is not whole on disk is not
        # there (gate.anpr.passage.evidence), and the waiting passages are given to the next child.
        if select.select([], [reports], [], _LAST_WORD_SECONDS)[1]:
            with suppress(BrokenPipeError):
                reports.write(Leaving(reason=reason).encode())
        os._exit(_TOO_LARGE)

    MemoryBound(bound_of(settings.anpr.engine, settings.anpr.memory_mb), leave).start()
    try:
        recogniser = build_recogniser(settings.anpr.engine, settings.anpr.threads)
    except GateError as error:
        log.error("anpr.engine_failed", engine=settings.anpr.engine, error=str(error))
        return 2
    seen = settings.cameras | {rear_of(point): camera for point, camera in settings.rears.items()}
    cameras = {point: build_camera(camera) for point, camera in seen.items()}
    regions = {point: Region.of(camera) for point, camera in seen.items()}
    for camera in cameras.values():
        camera.start()

    def answer(point: str, passage: str, read: PlateRead | None, trailer: PlateRead | None) -> None:
        if point in by_motion.points:
            by_motion.answered(point, read, trailer)
            return
        bodies = [ReadBody.of(one) if one is not None else None for one in (read, trailer)]
        reports.write(Answer(point=point, passage=passage, read=bodies[0], trailer=bodies[1]).encode())

    pairing = Pairing(settings.rears, settings.anpr.rear_seconds, answer)
    evidence = EvidenceFolder(settings.evidence, settings.evidence_floor)
    pairing.over(lambda on_answer: Watch(settings.anpr, recogniser, cameras, evidence, on_answer, regions))

    def sighted(point: str, read: PlateRead, trailer: PlateRead | None) -> None:
        rear = ReadBody.of(trailer) if trailer is not None else None
        reports.write(Sighted(point=point, read=ReadBody.of(read), trailer=rear).encode())

    moving = [point for point, camera in settings.cameras.items() if camera.trigger == "motion"]
    by_motion = ByMotion(
        settings.anpr, {point: regions[point] for point in moving}, cameras, pairing, sighted
    )
    inbox: queue.Queue[_Message] = queue.Queue(maxsize=1000)
    threading.Thread(target=_listen, args=(orders, inbox), name="orders", daemon=True).start()
    reports.write(Ready().encode())
    try:
        _loop(pairing, by_motion, cameras, inbox, reports)
    except BrokenPipeError:
        log.info("anpr.parent_gone")
    finally:
        for camera in cameras.values():
            camera.stop()
    return 0


def _loop(
    pairing: Pairing,
    by_motion: ByMotion,
    cameras: Mapping[str, Camera],
    inbox: queue.Queue[_Message],
    reports: IO[bytes],
) -> None:
    watch = pairing.watch
    told: dict[str, str | None] = {}
    beat = 0.0
    while True:
        by_motion.look(time.monotonic())
        read = watch.turn(time.monotonic())
        now = time.monotonic()
        pairing.expire(now)
        if now - beat >= _HEARTBEAT_SECONDS:
            beat = now
            # From this very loop: a heartbeat of another thread would go on over a stuck recogniser.
            reports.write(Heartbeat(passages=watch.passages).encode())
            for point, camera in cameras.items():
                fault = camera.fault
                # The first state is told whatever it is: the child before this one may have told another.
                if point not in told or fault != told[point]:
                    told[point] = fault
                    reports.write(CameraState(point=point, fault=fault and fault[:500]).encode())
                reports.write(_figures(watch, by_motion, point, camera).encode())
        idle = _MOTION_SECONDS if by_motion.points else _IDLE_SECONDS
        patience = 0.0 if read else _NO_FRAME_SECONDS if watch.passages else idle
        if not _obey(pairing, by_motion, inbox, reports, patience):
            return


def _figures(watch: Watch, by_motion: ByMotion, point: str, camera: Camera) -> CameraFigures:
    counts, quality = watch.counts_of(point), watch.quality_of(point)
    return CameraFigures(
        point=point,
        age=camera.age,
        refused=dict(camera.refused),
        read=counts.read,
        unchanged=counts.unchanged,
        old=counts.old,
        motion=by_motion.counts_of(point),
        quality=QualityBody.of(quality) if quality is not None else None,
    )


def _obey(
    pairing: Pairing,
    by_motion: ByMotion,
    inbox: queue.Queue[_Message],
    reports: IO[bytes],
    patience: float,
) -> bool:
    """Do what has been ordered, waiting at most `patience` for the first; False at the end of stdin."""
    try:
        arrived, order = inbox.get(timeout=patience) if patience else inbox.get_nowait()
        while True:
            match order:
                case None:
                    return False
                case Start() if order.point in by_motion.points:
                    # Its lane would take the answer for that of a vehicle that a detector felt.
                    refused = Refused(reason=f"{order.point} is read by motion, never by order")
                    log.warning("anpr.order_refused", reason=refused.reason)
                    reports.write(refused.encode())
                case Start():
                    pairing.start(order.point, order.passage, arrived, order.seconds)
                case Stop():
                    pairing.stop(order.point, order.passage)
                case Refused():
                    log.warning("anpr.order_refused", reason=order.reason)
                    reports.write(order.encode())
            arrived, order = inbox.get_nowait()
    except queue.Empty:
        return True


def _listen(orders: IO[bytes], inbox: queue.Queue[_Message]) -> None:
    """Stamp every order as it arrives: a busy reader must not take older frames for newer ones."""
    while line := orders.readline(MAX_LINE):
        arrived = time.monotonic()
        message: Start | Stop | Refused
        try:
            message = ORDERS.validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            message = Refused(reason=f"{first['loc']}: {first['msg']}"[:500])
        inbox.put((arrived, message))
    inbox.put((time.monotonic(), None))


def _take_streams() -> tuple[IO[bytes], IO[bytes]]:
    """Keep stdin and stdout for the protocol: whatever a library prints goes to stderr instead."""
    reports = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return sys.stdin.buffer, reports


def _die_with_parent() -> None:
    """Ask Linux for our end when the daemon is killed: a stuck recogniser would not see stdin close."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        os._exit(0)
    # Ctrl-C in a terminal goes to the whole group; ending is the daemon's to order, by closing stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
