"""The newest picture of a camera, kept as it came and decoded only when somebody asks."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from hardware.cameras.pictures import Decoded, Picture
from hardware.cameras.port import Frame
from hardware.cameras.stillness import Stillness

log = structlog.get_logger()

_LOG_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _Shot:
    picture: Picture
    captured: float
    sequence: int


class NewestFrame:
    """A one-place exchange between the camera's thread (`put`) and the reader's (`latest`).

    A picture older than `stale` seconds, and one that has stood frozen for `frozen` seconds (0: never
    looked at), is not given out, and is a fault.
    """

    def __init__(
        self,
        source: str,
        *,
        stale: float,
        frozen: float,
        mono: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._stale = stale
        self._frozen_limit = frozen
        self._mono = mono
        self._lock = threading.Lock()
        self._shot: _Shot | None = None
        self._sequence = 0
        self._decoded: tuple[Picture, Decoded] | None = None
        self._stillness = Stillness(frozen)
        self._refused: Counter[str] = Counter()
        self._logged: dict[str, float] = {}

    def put(self, picture: Picture) -> bool:
        """Offer a picture; False when it was refused (counted and logged)."""
        reason = picture.flaw()
        now = self._mono()
        age = self.age
        if age is not None and age > self._stale:
            self._stillness.forget()
        if reason is None and self._stillness.due(now):
            reason = self._look(picture, now)
        if reason is not None:
            self.refuse(reason)
            return False
        with self._lock:
            self._sequence += 1
            self._shot = _Shot(picture, now, self._sequence)
        return True

    def again(self) -> None:
        """The newest picture stands: it is a new frame once more."""
        with self._lock:
            shot = self._shot
        if shot is not None:
            self.put(shot.picture)

    def refuse(self, reason: str) -> None:
        """Count a picture that cannot be used; logged at most every ten seconds per reason."""
        now = self._mono()
        with self._lock:  # both threads refuse
            self._refused[reason] += 1
            quiet = now - self._logged.get(reason, -_LOG_SECONDS) < _LOG_SECONDS
            if not quiet:
                self._logged[reason] = now
        if not quiet:
            log.warning("camera.picture_refused", camera=self._source, reason=reason)

    def latest(self, after: int) -> Frame | None:
        """The newest picture decoded, if newer than `after`, fresh, alive and sound."""
        with self._lock:
            shot = self._shot
        if shot is None or shot.sequence <= after or self.flaw is not None:
            return None
        # A standing picture is put again and again as the same object: decode it once.
        if self._decoded is None or self._decoded[0] is not shot.picture:
            try:
                decoded = shot.picture.decode()
            except ValueError:
                self.refuse("corrupt")
                with self._lock:
                    if self._shot is shot:
                        self._shot = None
                return None
            if decoded is None:
                return None
            self._decoded = (shot.picture, decoded)
        decoded = self._decoded[1]
        return Frame(decoded.image, shot.captured - decoded.behind, shot.sequence)

    @property
    def latest_sequence(self) -> int:
        """How many pictures were accepted so far."""
        return self._sequence

    @property
    def refused(self) -> Mapping[str, int]:
        """How many were not, by reason."""
        with self._lock:
            return dict(self._refused)

    @property
    def age(self) -> float | None:
        """Seconds since the newest picture arrived; None before the first."""
        with self._lock:
            return None if self._shot is None else self._mono() - self._shot.captured

    @property
    def flaw(self) -> str | None:
        """Why the newest picture is not to be relied on, for people."""
        age = self.age
        if age is not None and age > self._stale:
            return f"no frame for over {self._stale:g} s"
        if self._stillness.frozen:
            return f"picture frozen: frames come, all the same for over {self._frozen_limit:g} s"
        return None

    def _look(self, picture: Picture, now: float) -> str | None:
        was = self._stillness.frozen
        try:
            grey = picture.grey()
        except ValueError:
            return "corrupt"
        if grey is not None:
            self._stillness.look(grey, now)
        if self._stillness.frozen is not was:
            log.warning("camera.frozen" if not was else "camera.moves_again", camera=self._source)
        return None
