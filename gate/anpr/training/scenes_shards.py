"""Scenes on their way from the process that renders them to the one that learns from them. No torch."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.finder import PlateFinder
from gate.anpr.training.chance import between
from gate.anpr.training.faces import Faces
from gate.anpr.training.fonts import fonts_in
from gate.anpr.training.scenes import BEYOND, FRAME, SIDE, UNCLEAR, Scenery, to_frame
from gate.anpr.training.scenes_lettering import Lettering
from gate.anpr.training.scenes_photos import Photo, load_photos
from gate.anpr.training.scenes_places import PLACE, PLACES, to_places
from gate.anpr.training.scenes_plates import Plates

BATCH: Final = 24
"""Frames in one step of learning."""
_LOOKS = 64
"""Places in one step."""
_SHARD = 32
_WAITING = 5
"""Shards that wait to be learnt from, at most: a renderer far ahead of its trainer rests."""
_TIMES = 3.5
"""A frame is learnt from about so often: on shared cores another step is worth more than another frame."""
_AHEAD = 8000
_KEPT = 16_000
"""Frames in memory: 1 GB, and 0.4 GB of places."""
_SHIFT = 40
_DOUBTED = 4
_LIKELY = 0.75
_ANEW = 16
"""Shards between two looks at whether the finder under training has been written anew."""


def render_for_ever(folder: Path, weights: Path, scenes: Path, fonts: Path, seed: int) -> None:
    """Fill `folder` with shards of frames and places until the process that asked for them is gone.

    As soon as `weights` has a finder's weights, what that finder takes for plates goes among the places.
    """
    cv2.setNumThreads(1)
    parent = os.getppid()
    found = fonts_in(fonts)
    lettering = Lettering(found)
    scenery = Scenery(load_photos(scenes, held=False), lettering, Plates(Faces(found), lettering).draw)
    finder: PlateFinder | None = None
    number = 0
    while os.getppid() == parent:
        if len(list(folder.glob("*.npz"))) >= _WAITING:
            time.sleep(0.2)
            continue
        if (
            number % _ANEW == 0
            and (weights / "finder.onnx").is_file()
            and (weights / "corners.onnx").is_file()
        ):
            finder = PlateFinder(weights, 1)
        if finder is not None:
            _doubt(scenery.photos, finder, number)
        path = folder / f"{seed}-{number:06d}.npz"
        with path.with_suffix(".part").open("wb") as file:
            frames, places = _shard(scenery, finder, np.random.default_rng((seed, number)))
            np.savez(file, frames=frames, places=places)
        path.with_suffix(".part").rename(path)
        number += 1


def _doubt(photos: list[Photo], finder: PlateFinder, number: int) -> None:
    """Look again at a few photos, others each time, for plates that nobody labelled: far ones, in traffic.

    To call those no plates would teach the finder to pass over plates.
    """
    for row in range(number * _DOUBTED, (number + 1) * _DOUBTED):
        photo = photos[row % len(photos)]
        low, high = photo.boxes[:, :2], photo.boxes[:, :2] + photo.boxes[:, 2:]
        unsure = []
        for found in finder.find(photo.bare):
            middle = found.corners.mean(axis=0)
            labelled = ((low < middle) & (middle < high)).all(axis=1).any()
            if found.score > _LIKELY and not labelled:
                unsure.append(found.corners)
        quads = np.array(unsure, dtype=np.float32).reshape(-1, 4, 2)
        photos[row % len(photos)] = replace(photo, unsure=quads)


def _shard(
    scenery: Scenery, finder: PlateFinder | None, rng: np.random.Generator
) -> tuple[NDArray[np.void], NDArray[np.void]]:
    frames, places = np.zeros(_SHARD, dtype=FRAME), np.zeros(_SHARD * PLACES, dtype=PLACE)
    for row in range(_SHARD):
        scene = scenery.render(rng)
        frames[row] = to_frame(scene)
        looks = (
            []
            if finder is None
            else [2 * rough.corners for rough in finder.look_over(frames[row]["picture"])]
        )
        places[row * PLACES : (row + 1) * PLACES] = to_places(scene, looks, rng)
    return frames, places


class Pool:
    """The newest frames and places, in memory; what it takes from the folder is gone from there."""

    def __init__(self, folder: Path, keep: int = _KEPT) -> None:
        self._folder = folder
        self.frames = np.zeros(keep, dtype=FRAME)
        self.places = np.zeros(keep * PLACES // 2, dtype=PLACE)
        self.seen = self._seen_places = 0

    def take(self, learnt: int) -> None:
        """Take in the shards that have come, unless there are enough for the `learnt` frames so far."""
        for path in sorted(self._folder.glob("*.npz")):
            if self.seen > _AHEAD + learnt / _TIMES:
                return
            with np.load(path) as shard:
                self.seen = _put(self.frames, shard["frames"], self.seen)
                # Half of the places are enough for the smaller net.
                self._seen_places = _put(self.places, shard["places"][::2], self._seen_places)
            path.unlink()

    def batch(self, rng: np.random.Generator) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """Frames and places to learn from in one step."""
        frames = self.frames[rng.integers(0, min(self.seen, len(self.frames)), BATCH)]
        places = self.places[rng.integers(0, min(self._seen_places, len(self.places)), _LOOKS)]
        for frame in frames:
            _vary(frame, rng)
        for place in places:
            place["picture"] = cv2.LUT(place["picture"], _curve(rng))
        return frames, places


def _vary(frame: NDArray[np.void], rng: np.random.Generator) -> None:
    """Shift the frame and change its light, for it is seen a few times; a plate then cut is unclear."""
    right, down = (int(part) for part in rng.integers(-_SHIFT, _SHIFT + 1, 2))
    matrix = np.array([(1, 0, right), (0, 1, down)], dtype=np.float32)
    picture = cv2.LUT(frame["picture"], _curve(rng))
    frame["picture"] = cv2.warpAffine(
        picture,
        matrix,
        (SIDE, SIDE),
        flags=cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=BEYOND,
    )
    frame["plates"] += (right, down)
    low, high = frame["plates"].min(axis=1), frame["plates"].max(axis=1)
    cut = ((low < 0) | (high > SIDE)).any(axis=1) & (frame["weights"] != 0)
    frame["weights"][cut] = UNCLEAR


def _curve(rng: np.random.Generator) -> NDArray[np.uint8]:
    gain, lift = between(rng, 0.75, 1.3), between(rng, -20, 20)
    curve: NDArray[np.uint8] = np.clip(np.arange(256, dtype=np.float32) * gain + lift, 0, 255).astype(
        np.uint8
    )
    return curve


def _put(ring: NDArray[np.void], new: NDArray[np.void], seen: int) -> int:
    ring[(seen + np.arange(len(new))) % len(ring)] = new
    return seen + len(new)
