"""Scenes on their way from the process that renders them to the one that learns from them. No torch."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.training.faces import Faces
from gate.anpr.training.fonts import fonts_in
from gate.anpr.training.scenes import FRAME, PLACE, PLACES, Scenery, to_frame, to_places
from gate.anpr.training.scenes_lettering import Lettering
from gate.anpr.training.scenes_photos import load_photos
from gate.anpr.training.scenes_plates import Plates

_SHARD = 32
_WAITING = 5
"""Shards that wait to be learnt from, at most: a renderer far ahead of its trainer rests."""
_TIMES = 2.5
"""A frame is learnt from about so often: on shared cores another step is worth more than another frame."""
_AHEAD = 1500
_KEPT = 16_000
"""Frames in memory: 1 GB, and 0.4 GB of places."""
BATCH: Final = 24
"""Frames in one step of learning."""
_LOOKS = 64
"""Places in one step."""


def render_for_ever(folder: Path, scenes: Path, fonts: Path, seed: int) -> None:
    """Fill `folder` with shards of frames and places until the process that asked for them is gone."""
    cv2.setNumThreads(1)
    parent = os.getppid()
    found = fonts_in(fonts)
    lettering = Lettering([font.path for font in found if font.script == "latin"])
    scenery = Scenery(load_photos(scenes, held=False), lettering, Plates(Faces(found), lettering).draw)
    number = 0
    while os.getppid() == parent:
        if len(list(folder.glob("*.npz"))) >= _WAITING:
            time.sleep(0.2)
            continue
        rng = np.random.default_rng((seed, number))
        frames, places = np.zeros(_SHARD, dtype=FRAME), np.zeros(_SHARD * PLACES, dtype=PLACE)
        for row in range(_SHARD):
            scene = scenery.render(rng)
            frames[row] = to_frame(scene)
            places[row * PLACES : (row + 1) * PLACES] = to_places(scene, rng)
        part = folder / "part"
        with part.open("wb") as file:
            np.savez(file, frames=frames, places=places)
        part.rename(folder / f"{seed}-{number:06d}.npz")
        number += 1


class Pool:
    """The newest frames and places, in memory; what it takes from the folder is gone from there."""

    def __init__(self, folder: Path, keep: int = _KEPT) -> None:
        self._folder = folder
        self.frames = np.zeros(keep, dtype=FRAME)
        self.places = np.zeros(keep * PLACES // 2, dtype=PLACE)
        self.seen = self.seen_places = 0

    def take(self, learnt: int) -> None:
        """Take in the shards that have come, unless there are enough for the `learnt` frames so far."""
        for path in sorted(self._folder.glob("*.npz")):
            if self.seen > _AHEAD + learnt / _TIMES:
                return
            with np.load(path) as shard:
                self.seen = _put(self.frames, shard["frames"], self.seen)
                # Half of the places are enough for the smaller net.
                self.seen_places = _put(self.places, shard["places"][::2], self.seen_places)
            path.unlink()

    def batch(self, rng: np.random.Generator) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """Frames and places to learn from in one step."""
        frames = self.frames[rng.integers(0, min(self.seen, len(self.frames)), BATCH)]
        places = self.places[rng.integers(0, min(self.seen_places, len(self.places)), _LOOKS)]
        return frames, places


def _put(ring: NDArray[np.void], new: NDArray[np.void], seen: int) -> int:
    ring[(seen + np.arange(len(new))) % len(ring)] = new
    return seen + len(new)
