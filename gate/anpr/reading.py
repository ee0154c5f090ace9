"""`gate anpr read`: the recogniser on photographs named by a person."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from gate.anpr.recogniser import Image, Recogniser
from gate.errors import GateError
from gate.model import PlateCandidate

_MOST_BYTES = 64 * 1024 * 1024
_JPEG, _JPEG_END = b"\xff\xd8", b"\xff\xd9"


class PhotoError(GateError):
    """A photograph cannot be used; name a whole JPEG or PNG file."""


@dataclass(frozen=True, slots=True)
class PhotoReading:
    """What was read in one photograph; `error` when it could not be used at all."""

    image: str
    reads: tuple[PlateCandidate, ...]
    ms: float
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The line `gate anpr read --json` prints."""
        reads = [
            {
                "plate": read["mark"],
                "country": read["country"],
                "confidence": read["confidence"],
                "box": list(read["box"]),
            }
            for read in map(asdict, self.reads)
        ]
        line: dict[str, Any] = {"image": self.image, "reads": reads, "ms": self.ms}
        if self.error is not None:
            line["error"] = self.error
        return line


def load_photo(path: Path) -> Image:
    """The photograph as BGR. PhotoError says what is wrong with the file."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise PhotoError(f"{path}: larger than {_MOST_BYTES // 2**20} MB; scale it down")
        data = path.read_bytes()
    except OSError as error:
        raise PhotoError(f"{path}: cannot be read: {error.strerror}") from error
    if not data:
        raise PhotoError(f"{path}: the file is empty")
    try:
        image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise PhotoError(f"{path}: OpenCV cannot decode it: {error.err}") from error
    if image is None:
        if data.startswith(_JPEG) and not data.rstrip(b"\0").endswith(_JPEG_END):
            raise PhotoError(f"{path}: the JPEG is cut off: its end marker is missing; copy it again")
        raise PhotoError(f"{path}: not a photograph OpenCV can decode (JPEG, PNG, BMP, TIFF, WebP)")
    return np.asarray(image, dtype=np.uint8)


def read_photos(paths: Iterable[Path], recogniser: Recogniser) -> Iterator[PhotoReading]:
    """One reading a path, in order; a file that cannot be used yields its error and the rest go on."""
    for path in paths:
        try:
            image = load_photo(path)
        except PhotoError as error:
            yield PhotoReading(str(path), (), 0.0, str(error))
            continue
        began = time.perf_counter()
        reads = recogniser.read(image)
        yield PhotoReading(str(path), reads, round(1000 * (time.perf_counter() - began), 1))
