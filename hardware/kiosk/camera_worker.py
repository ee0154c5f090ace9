"""The child process that owns a kiosk's camera: `python -m hardware.kiosk.camera_worker`.

The camera's settings come as one JSON line on stdin; codes and faults leave as JSON lines on stdout, one
line at least each second. It ends when stdin closes. A picture that crashes or hangs the detector costs
this process, and the gate nothing.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
import time

import cv2
import structlog
from pydantic import TypeAdapter

from gate.kiosk.ports import SCAN_MAX
from gate.settings import Camera as CameraSettings
from hardware.cameras.catalogue import build_camera
from hardware.kiosk.codes import CodeReader
from hardware.kiosk.presented import Presented

LOOK_SECONDS = 0.2
"""Between two pictures: five a second are more than a hand needs, and a fifth of a core at most."""
_BEAT_SECONDS = 1.0
_FIRST_SECONDS = 3.0
_NICE = 10
_PR_SET_PDEATHSIG = 1
_CAMERA: TypeAdapter[CameraSettings] = TypeAdapter(CameraSettings)


def main() -> int:
    """Look until stdin closes."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICE)
    cv2.setNumThreads(1)
    # stdout is the gate's; what cameras log goes where the gate's own log goes.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    camera = build_camera(_CAMERA.validate_json(sys.stdin.buffer.readline()))
    closed = threading.Event()
    threading.Thread(target=_watch_stdin, args=(closed,), daemon=True).start()
    reader, presented = CodeReader(), Presented()
    said_at, said_fault, sequence = float("-inf"), "", 0
    began = time.monotonic()
    camera.start()
    while not closed.is_set():
        frame = camera.latest(sequence)
        new: list[bytes] = []
        if frame is not None:
            sequence = frame.sequence
            new = presented.see(reader.read(frame.image), time.monotonic())
        if camera.age is None and time.monotonic() - began < _FIRST_SECONDS:
            closed.wait(LOOK_SECONDS)  # it is being opened: neither well nor ill yet
            continue
        fault = camera.fault or ""
        if new or fault != said_fault or time.monotonic() - said_at >= _BEAT_SECONDS:
            # One byte too many says that it is too long; the rest of it is nobody's business.
            _say({"fault": fault, "codes": [code[: SCAN_MAX + 1].hex() for code in new]})
            said_at, said_fault = time.monotonic(), fault
        closed.wait(LOOK_SECONDS)
    camera.stop()
    return 0


def _watch_stdin(closed: threading.Event) -> None:
    while sys.stdin.buffer.read(1):
        pass
    closed.set()


def _say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
