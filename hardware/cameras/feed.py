"""What all cameras share: a thread, tries with growing pauses, faults in words. A driver is a Feed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Protocol

import structlog

from gate.errors import DeviceError
from hardware.cameras.newest import NewestFrame
from hardware.cameras.port import Frame
from hardware.links.backoff import Backoff

log = structlog.get_logger()

_JOIN_SECONDS = 2.0


class Feed(Protocol):
    """One way of getting pictures."""

    @property
    def name(self) -> str:
        """Where they come from, for people: no user, password or query, which may hold a secret."""
        ...

    @property
    def patience(self) -> float:
        """The longest that `run` may go on, in seconds, after it was told to stop."""
        ...

    def run(self, newest: NewestFrame, stopping: threading.Event) -> None:
        """Connect, and put pictures until the link ends or `stopping` is set. Raises DeviceError."""
        ...

    def cut(self) -> None:
        """Wake `run` from another thread, where the link allows it; `stopping` is set by then."""
        ...


class FedCamera:
    """A Camera over a Feed: runs it for ever on one thread, again after each end, with back-off."""

    def __init__(self, feed: Feed, *, stale_seconds: float, frozen_seconds: float) -> None:
        self._feed = feed
        self._newest = NewestFrame(feed.name, stale=stale_seconds, frozen=frozen_seconds)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._fault: tuple[str, int] | None = ("not started", 0)
        """What ended the link, and the last frame before that."""

    def start(self) -> None:
        """Begin to read."""
        if self._thread is not None:
            return
        self._stop.clear()
        self._set_fault(f"{self._feed.name}: no frame yet")
        self._thread = threading.Thread(target=self._run, name=f"camera {self._feed.name}", daemon=True)
        self._thread.start()

    def latest(self, after: int) -> Frame | None:
        """The newest picture, if newer than `after` and to be relied on."""
        return self._newest.latest(after)

    def stop(self) -> None:
        """Cut the link and end the thread."""
        self._stop.set()
        self._feed.cut()
        if self._thread is not None:
            self._thread.join(self._feed.patience + _JOIN_SECONDS)
            self._thread = None
        self._set_fault("stopped")

    @property
    def fault(self) -> str | None:
        """Why no frames can be read."""
        fault = self._fault
        if fault is not None and self._newest.latest_sequence <= fault[1]:
            return fault[0]
        flaw = self._newest.flaw
        return None if flaw is None else f"{self._feed.name}: {flaw}"

    @property
    def age(self) -> float | None:
        """Seconds since the newest picture arrived."""
        return self._newest.age

    @property
    def refused(self) -> Mapping[str, int]:
        """How many pictures were refused, by reason."""
        return self._newest.refused

    def _run(self) -> None:
        backoff = Backoff()
        while not self._stop.is_set():
            before = self._newest.latest_sequence
            try:
                self._feed.run(self._newest, self._stop)
                reason = "the camera ended the stream"
            except DeviceError as error:
                reason = str(error)
            if self._stop.is_set():
                return
            if self._newest.latest_sequence > before:
                backoff.reset()
            self._set_fault(f"{self._feed.name}: {reason}")
            self._stop.wait(backoff.next())

    def _set_fault(self, reason: str) -> None:
        said = self._fault[0] if self._fault is not None else None
        self._fault = (reason, self._newest.latest_sequence)
        if said != reason and self._thread is not None:
            log.warning("camera.faulted", camera=self._feed.name, reason=reason)
