"""What the cameras see: rendered scenes, or the photographs of a folder with their labels."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.demo.script import Script
from gate.errors import GateError
from gate.model import normalise_mark
from hardware.emulators.scenes import random_mark, render_scene

Image = NDArray[np.uint8]
SIZE = (1280, 720)
STATES = ("AZ", "AZ", "AZ", "GE", "TR", "TR", "RU", "KZ")


class PhotoError(GateError):
    """The folder of photographs cannot be used: it wants labels.tsv with columns file and text."""


class Pictures(Protocol):
    """Marks that come to the border, and pictures of the vehicles that bear them."""

    def make_mark(self, rng: random.Random) -> tuple[str, str]:
        """Draw (state, registration mark)."""
        ...

    def of(self, script: Script, point: str) -> Image:
        """Picture the script's vehicle as the point's camera sees it."""
        ...


class RenderedPictures:
    """Rendered scenes: perspective, night, dirt, blur, by the script."""

    def make_mark(self, rng: random.Random) -> tuple[str, str]:
        """Draw a state and a mark of its syntax."""
        state = rng.choice(STATES)
        return state, str(normalise_mark(random_mark(state, rng)))

    def of(self, script: Script, point: str) -> Image:
        """Render; in the lane another angle than at the approach."""
        return render_scene(
            script.mark,
            country=script.country,
            seed=script.seed + sum(point.encode()),
            night=script.night,
            dirt=script.dirt,
            blur=script.blur,
            size=SIZE,
        )


class PhotoPictures:
    """Real photographs: a folder with labels.tsv. Every camera sees the same one of a vehicle."""

    def __init__(self, folder: Path) -> None:
        self._photos = _labelled(folder)
        self._left = sorted(self._photos)

    def __len__(self) -> int:
        return len(self._photos)

    def make_mark(self, rng: random.Random) -> tuple[str, str]:
        """Draw a photographed mark, each once."""
        if not self._left:
            raise PhotoError("no photographs left: ask for fewer vehicles")
        return "", self._left.pop(rng.randrange(len(self._left)))

    def of(self, script: Script, point: str) -> Image:
        """Show the photograph; a covered plate is blurred out of recognition."""
        del point
        data = np.frombuffer(self._photos[script.mark].read_bytes(), dtype=np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR)
        if image is None:
            raise PhotoError(f"{self._photos[script.mark]} is not a picture")
        if script.blur >= 1.0:
            image = cv2.GaussianBlur(image, (0, 0), 25)
        return np.asarray(image, dtype=np.uint8)


def _labelled(folder: Path) -> dict[str, Path]:
    labels = folder / "labels.tsv"
    if not labels.is_file():
        raise PhotoError(f"{labels} is missing")
    photos: dict[str, Path] = {}
    with labels.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file, delimiter="\t"):
            name = line.get("file") or line.get("image") or ""
            text = line.get("text") or line.get("plate") or ""
            path = folder / name
            if name and text and path.is_file():
                photos.setdefault(str(normalise_mark(text)), path)
    if not photos:
        raise PhotoError(f"{labels} names no photograph that is there")
    return photos
