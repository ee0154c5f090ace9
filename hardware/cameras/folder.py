"""Photographs in a folder as a camera: shown in name order, the last one standing still."""

from __future__ import annotations

import threading
from pathlib import Path

import structlog

from gate.settings import FolderCamera as FolderSettings
from hardware.cameras.newest import NewestFrame
from hardware.cameras.port import Frame

log = structlog.get_logger()

SUFFIXES = (".jpg", ".jpeg", ".png")
_JOIN_SECONDS = 2.0


class FolderCamera:
    """Each tick shows the next name; after the last it stands still, as a waiting vehicle does.

    A photograph added later is shown if its name sorts after the one standing. One that cannot
    be used is counted, logged and passed over. A missing or empty folder is a fault that mends
    itself.
    """

    def __init__(self, settings: FolderSettings) -> None:
        self._folder = settings.path
        self._period = 1.0 / settings.frames_per_second
        self._newest = NewestFrame(str(settings.path))
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._fault: str | None = "not started"

    def start(self) -> None:
        """Begin to show the photographs."""
        if self._thread is not None:
            return
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name=f"camera {self._folder}", daemon=True)
        self._thread.start()

    def latest(self, after: int) -> Frame | None:
        """The photograph now showing, if newer than `after`."""
        return self._newest.latest(after)

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_JOIN_SECONDS)
            self._thread = None
        self._fault = "stopped"

    @property
    def fault(self) -> str | None:
        """Why no photograph shows."""
        return self._fault

    def _run(self) -> None:
        shown = ""
        data: bytes | None = None
        while not self._stop.is_set():
            try:
                following = self._next(shown)
                if following is not None:
                    shown = following.name
                    fresh = following.read_bytes()
                    if self._newest.put(fresh):
                        data, self._fault = fresh, None
                    else:
                        log.warning("camera.photo_skipped", path=str(following))
                        continue
                elif data is not None:
                    self._newest.put(data)
                else:
                    self._set_fault(f"{self._folder} holds no usable photograph ({', '.join(SUFFIXES)})")
            except OSError as error:
                self._set_fault(f"cannot read {self._folder}: {error.strerror}")
            self._stop.wait(self._period)

    def _next(self, shown: str) -> Path | None:
        later = (
            path for path in self._folder.iterdir() if path.suffix.lower() in SUFFIXES and path.name > shown
        )
        return min(later, key=lambda path: path.name, default=None)

    def _set_fault(self, reason: str) -> None:
        if self._fault != reason:
            self._fault = reason
            log.warning("camera.faulted", camera=str(self._folder), reason=reason)
