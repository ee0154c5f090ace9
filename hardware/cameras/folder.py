"""Photographs in a folder as a camera: shown in name order, the last one standing still."""

from __future__ import annotations

import threading
from pathlib import Path

import structlog

from gate.errors import DeviceError
from gate.settings import FolderCamera
from hardware.cameras.newest import NewestFrame
from hardware.cameras.pictures import Still

log = structlog.get_logger()

SUFFIXES = (".jpg", ".jpeg", ".png")


class FolderFeed:
    """Each tick shows the next name; after the last it stands still, as a waiting vehicle does.

    A photograph added later is shown if its name sorts after the one standing. One that cannot
    be used is counted, logged and passed over. A missing or empty folder is a fault that mends
    itself.
    """

    def __init__(self, settings: FolderCamera) -> None:
        self._folder = settings.path
        self._period = 1.0 / settings.frames_per_second
        self.name = str(settings.path)
        self.patience = self._period
        self._shown = ""
        self._standing: Still | None = None

    def run(self, newest: NewestFrame, stopping: threading.Event) -> None:
        """Show the photographs."""
        while not stopping.is_set():
            try:
                following = self._next()
                if following is not None:
                    self._shown = following.name
                    fresh = Still(following.read_bytes())
                    if newest.put(fresh):
                        self._standing = fresh
                    else:
                        log.warning("camera.photo_skipped", path=str(following))
                        continue
                elif self._standing is not None:
                    newest.put(self._standing)
                else:
                    raise DeviceError(f"it holds no usable photograph ({', '.join(SUFFIXES)})")
            except OSError as error:
                raise DeviceError(f"cannot read it: {error.strerror}") from error
            stopping.wait(self._period)

    def cut(self) -> None:
        """Nothing to wake: `stopping` does."""

    def _next(self) -> Path | None:
        later = (
            path
            for path in self._folder.iterdir()
            if path.suffix.lower() in SUFFIXES and path.name > self._shown
        )
        return min(later, key=lambda path: path.name, default=None)
