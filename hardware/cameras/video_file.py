"""A recording as a camera, shown at the pace of its own timestamps."""

from __future__ import annotations

import threading
import time

from av.packet import Packet
from av.video.stream import VideoStream

from gate.settings import VideoFileCamera
from hardware.cameras.lavf import Ticket, opened, pour
from hardware.cameras.newest import NewestFrame

_READ_SECONDS = 10.0
"""A file on a share that went away must not hold us either."""
_STANDING_SECONDS = 0.2
_LONGEST_PAUSE = 2.0
"""A longer one is a jump in the timestamps, or a recording put together of several."""


class VideoFileFeed:
    """Shows the file once, then its last picture standing still; with `loop` again and again."""

    def __init__(self, settings: VideoFileCamera) -> None:
        self._settings = settings
        self.name = str(settings.path)
        self.patience = _READ_SECONDS

    def run(self, newest: NewestFrame, stopping: threading.Event) -> None:
        """Show it."""
        while not stopping.is_set():
            before = newest.latest_sequence
            with opened(self.name, name=self.name, seconds=_READ_SECONDS, options={}) as (container, stream):
                pace = _paced(stopping)
                pour(container, stream, newest, stopping, seconds=_READ_SECONDS, before=pace)
            if not self._settings.loop:
                break
            if newest.latest_sequence == before:
                return  # it gives no picture: try again with growing pauses, not at once
        while not stopping.wait(_STANDING_SECONDS):
            newest.again()

    def cut(self) -> None:
        """Nothing to wake: `stopping` does."""


def _paced(stopping: threading.Event) -> Ticket:
    last: float | None = None
    due = time.monotonic()

    def wait(packet: Packet[VideoStream]) -> None:
        nonlocal last, due
        # In the order of decoding, which is the order of the file.
        stamp = packet.dts if packet.dts is not None else packet.pts
        if stamp is None or packet.time_base is None:
            return
        at = float(stamp * packet.time_base)
        if last is not None:
            due += min(max(at - last, 0.0), _LONGEST_PAUSE)
        last = at
        stopping.wait(max(0.0, due - time.monotonic()))

    return wait
