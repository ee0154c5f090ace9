"""The part of a camera's picture in which plates are looked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from gate.anpr.recogniser import Image
from gate.model import PlateCandidate
from gate.settings import Camera


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of the picture and, in it, what is ours; all in shares of the picture.

    `outline`: a polygon outside of which nothing is ours; empty where the rectangle is all.
    """

    x: float = 0.0
    y: float = 0.0
    w: float = 1.0
    h: float = 1.0
    outline: tuple[tuple[float, float], ...] = ()

    @staticmethod
    def of(camera: Camera) -> Region:
        """What the camera's settings say; the whole picture where they say nothing."""
        if camera.roi is not None:
            return Region(camera.roi.x, camera.roi.y, camera.roi.w, camera.roi.h)
        if camera.outline is not None:
            across, down = ([corner[axis] for corner in camera.outline] for axis in (0, 1))
            left, top = min(across), min(down)
            return Region(left, top, max(across) - left, max(down) - top, camera.outline)
        return Region()

    def cut(self, image: Image) -> tuple[Image, int, int]:
        """Our part of the picture (a view of it, at least one pixel) and where its corner lies, in pixels."""
        height, width = image.shape[:2]
        left, top = min(int(self.x * width), width - 1), min(int(self.y * height), height - 1)
        right = max(left + 1, min(width, round((self.x + self.w) * width)))
        bottom = max(top + 1, min(height, round((self.y + self.h) * height)))
        return image[top:bottom, left:right], left, top

    def place(
        self, candidates: Sequence[PlateCandidate], corner: tuple[int, int], picture: tuple[int, int]
    ) -> tuple[PlateCandidate, ...]:
        """Plates found in the cut, where they lie in the picture (width, height); without those not ours."""
        moved = tuple(_moved(candidate, *corner) for candidate in candidates)
        return tuple(candidate for candidate in moved if self._holds(candidate, picture))

    def _holds(self, candidate: PlateCandidate, picture: tuple[int, int]) -> bool:
        if not self.outline:
            return True
        x, y, w, h = candidate.box
        polygon = np.array(self.outline, dtype=np.float32) * np.array(picture, dtype=np.float32)
        return cv2.pointPolygonTest(polygon, (x + w / 2, y + h / 2), measureDist=False) >= 0


def _moved(candidate: PlateCandidate, left: int, top: int) -> PlateCandidate:
    if not left and not top:
        return candidate
    x, y, w, h = candidate.box
    corners = tuple((across + left, down + top) for across, down in candidate.corners)
    return replace(candidate, box=(x + left, y + top, w, h), corners=corners)
