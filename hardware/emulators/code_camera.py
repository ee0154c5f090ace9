"""A kiosk camera before which people hold codes: photographs in a folder, for the `folder` camera driver."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import cv2
import numpy as np
import segno
from numpy.typing import NDArray

WIDTH, HEIGHT = 960, 720
_GREY = 90
_LEAN = ((0.06, 0.08), (-0.03, 0.0), (0.04, -0.05), (-0.05, 0.04))
"""How far each corner of a held code is off, in its own size: nobody holds it straight."""


_SEED = 4


def held(
    content: str | bytes, *, light: float = 1.0, noise: float = 2.0, module: int = 7
) -> NDArray[np.uint8]:
    """What the camera sees of a QR code in a hand: by so much light, with so much noise of its own."""
    code = segno.make_qr(content, error="m")
    rows = [[0 if dark else 255 for dark in row] for row in code.matrix_iter(scale=module, border=4)]
    paper = np.array(rows, dtype=np.uint8)
    side = min(paper.shape[0], HEIGHT - 100)
    paper = np.asarray(cv2.resize(paper, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    scene = np.full((HEIGHT, WIDTH), _GREY, dtype=np.uint8)
    left, top = (WIDTH - side) // 2, (HEIGHT - side) // 2
    scene[top : top + side, left : left + side] = paper
    corners = np.array(
        [[left, top], [left + side, top], [left + side, top + side], [left, top + side]], dtype=np.float32
    )
    leant = (corners + np.array(_LEAN, dtype=np.float32) * side).astype(np.float32)
    seen = cv2.warpPerspective(
        scene, cv2.getPerspectiveTransform(corners, leant), (WIDTH, HEIGHT), borderValue=(_GREY,)
    )
    grains = np.random.default_rng(_SEED).normal(0, noise, seen.shape)
    grey = np.clip(seen * light + grains, 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


class CodeCameraDevice:
    """Hands hold one code after the other before it: the next when the last has been `heard`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0
        self._waiting: deque[NDArray[np.uint8]] = deque()
        folder.mkdir(parents=True)
        self.show(np.full((HEIGHT, WIDTH, 3), _GREY, dtype=np.uint8))

    def show(self, picture: NDArray[np.uint8]) -> None:
        """It sees this from now on."""
        self._count += 1
        shown = self.folder / f"{self._count:06d}.png"
        made = shown.with_suffix(".new")
        made.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
        made.rename(shown)  # never half a picture

    def scan(self, content: str | bytes) -> None:
        """Hold a code before it, after those that are held already."""
        self._waiting.append(held(content))
        if len(self._waiting) == 1:
            self.show(self._waiting[0])

    def heard(self) -> None:
        """The kiosk has answered: the next in the queue."""
        if self._waiting:
            self._waiting.popleft()
        if self._waiting:
            self.show(self._waiting[0])

    def unplug(self) -> None:
        """Gone."""
        self.folder.rename(self.folder.with_suffix(".away"))

    def plug(self) -> None:
        """Back."""
        self.folder.with_suffix(".away").rename(self.folder)
