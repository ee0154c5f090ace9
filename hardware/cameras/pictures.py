"""A picture as a camera sent it: judged cheaply by its outside, decoded only when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from hardware.cameras.port import Image

MAX_BYTES = 24 * 1024 * 1024
MAX_PIXELS = 64_000_000
"""A few kilobytes of JPEG can claim 65,500 x 65,500 pixels, which is 12 GB once decoded."""
MIN_SIDE = 32
"""Pixels. No plate can be read in less; a camera that sends less is set up wrongly, or starting."""

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

Grey = NDArray[np.uint8]
"""Height x width: enough to tell whether anything moved."""


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """What came of decoding. `behind`: seconds that the image is older than the picture asked for."""

    image: Image
    behind: float = 0.0


class Picture(Protocol):
    """One picture of a camera, not decoded yet."""

    def flaw(self) -> str | None:
        """Why it must not be decoded, in one of a few fixed words, judged by its outside."""
        ...

    def grey(self) -> Grey | None:
        """The picture in grey; None when this one cannot be had alone. Raises ValueError if rotten."""
        ...

    def decode(self) -> Decoded | None:
        """The picture itself; None when it needs one yet to come. Raises ValueError if rotten."""
        ...


class Still:
    """A JPEG or PNG, whole in itself."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def flaw(self) -> str | None:
        """Size and completeness, by the markers."""
        return picture_fault(self._data)

    def grey(self) -> Grey | None:
        """Decoded without its colours."""
        return self._imdecode(cv2.IMREAD_GRAYSCALE)

    def decode(self) -> Decoded:
        """In colour."""
        return Decoded(self._imdecode(cv2.IMREAD_COLOR))

    def _imdecode(self, how: int) -> NDArray[np.uint8]:
        try:
            image = cv2.imdecode(np.frombuffer(self._data, dtype=np.uint8), how)
        except cv2.error as error:
            raise ValueError(str(error)) from None
        if image is None:
            raise ValueError("it cannot be decoded")
        return np.asarray(image, dtype=np.uint8)


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
    return size_fault(*size)


def size_fault(width: int, height: int) -> str | None:
    """Why a picture of this size is refused."""
    if width * height > MAX_PIXELS:
        return "too-many-pixels"
    return "too-small" if min(width, height) < MIN_SIDE else None


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
