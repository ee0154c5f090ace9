"""The newest picture of a camera, kept as it came and decoded only when somebody asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import structlog
from prometheus_client import Counter

from hardware.cameras.port import Frame, Image

log = structlog.get_logger()

REFUSED = Counter("gate_camera_frames_refused_total", "Pictures a camera sent that were refused", ["reason"])

MAX_BYTES = 24 * 1024 * 1024
MAX_PIXELS = 64_000_000
"""A few kilobytes of JPEG can claim 65,500 x 65,500 pixels, which is 12 GB once decoded."""

_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_MARKER = 0xFF
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""SOF0..SOF15 without DHT, JPG and DAC, which share the range."""
_PNG_HEADER = 24
"""Signature, IHDR length and tag, width, height."""
_LENGTH_FIELD = 2
"""A JPEG segment's length counts its own two bytes."""
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"IEND\xaeB`\x82"
_LOG_SECONDS = 10.0


def picture_fault(data: bytes) -> str | None:
    """Why `data` cannot be a whole JPEG or PNG of sane size; None when it may be decoded."""
    if len(data) > MAX_BYTES:
        return "too-large"
    if data.startswith(_PNG):
        size = _png_size(data)
        complete = _PNG_END in data[-64:]
    elif data.startswith(_SOI):
        size = _jpeg_size(data)
        # Some cameras pad after the end marker; a cut transfer has none at all.
        complete = _EOI in data[-512:]
    else:
        return "not-a-picture"
    if size is None:
        return "corrupt"
    if not complete:
        return "truncated"
    if size[0] * size[1] > MAX_PIXELS:
        return "too-many-pixels"
    return None


def _png_size(data: bytes) -> tuple[int, int] | None:
    if len(data) < _PNG_HEADER:
        return None
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height out of the start-of-frame segment."""
    at = 2
    while at + 9 <= len(data) and data[at] == _MARKER:
        marker = data[at + 1]
        if marker == _MARKER:  # a fill byte
            at += 1
            continue
        if marker in _START_OF_FRAME:
            height = int.from_bytes(data[at + 5 : at + 7], "big")
            width = int.from_bytes(data[at + 7 : at + 9], "big")
            return (width, height) if width and height else None
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < _LENGTH_FIELD:
            return None
        at += 2 + length
    return None


@dataclass(frozen=True, slots=True)
class _Shot:
    data: bytes
    captured: float
    sequence: int


class NewestFrame:
    """A one-place exchange between the camera's thread (`put`) and the reader's (`latest`)."""

    def __init__(self, source: str, mono: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._mono = mono
        self._lock = threading.Lock()
        self._shot: _Shot | None = None
        self._sequence = 0
        self._decoded: tuple[bytes, Image] | None = None
        self._logged: dict[str, float] = {}

    def put(self, data: bytes) -> bool:
        """Offer a picture; False when it was refused (counted and logged)."""
        reason = picture_fault(data)
        if reason is not None:
            self.refuse(reason)
            return False
        with self._lock:
            self._sequence += 1
            self._shot = _Shot(data, self._mono(), self._sequence)
        return True

    def refuse(self, reason: str) -> None:
        """Count a picture that cannot be used; logged at most every ten seconds per reason."""
        REFUSED.labels(reason).inc()
        now = self._mono()
        if now - self._logged.get(reason, -_LOG_SECONDS) >= _LOG_SECONDS:
            self._logged[reason] = now
            log.warning("camera.picture_refused", camera=self._source, reason=reason)

    def latest(self, after: int) -> Frame | None:
        """The newest picture decoded, if newer than `after` and sound."""
        with self._lock:
            shot = self._shot
        if shot is None or shot.sequence <= after:
            return None
        # A standing picture is put again and again as the same object: decode it once.
        if self._decoded is not None and self._decoded[0] is shot.data:
            return Frame(self._decoded[1], shot.captured, shot.sequence)
        image = self._decode(shot.data)
        if image is None:
            self.refuse("corrupt")
            with self._lock:
                if self._shot is shot:
                    self._shot = None
            return None
        self._decoded = (shot.data, image)
        return Frame(image, shot.captured, shot.sequence)

    @property
    def latest_sequence(self) -> int:
        """How many pictures were accepted so far."""
        return self._sequence

    def age(self) -> float | None:
        """Seconds since the newest picture arrived; None before the first."""
        with self._lock:
            return None if self._shot is None else self._mono() - self._shot.captured

    @staticmethod
    def _decode(data: bytes) -> Image | None:
        try:
            image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
        except cv2.error:
            return None
        return None if image is None else np.asarray(image, dtype=np.uint8)
