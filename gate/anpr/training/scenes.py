"""Pictures to learn finding plates from: real frames and drawn ones, plates set in, spoilt as cameras spoil.

Everything is gray and made at twice the finder's working size, then halved, as the finder halves a frame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.training.chance import around, between, chance
from gate.anpr.training.scenes_lettering import Lettering
from gate.anpr.training.scenes_mounting import LONG_PLATE, are_near, letter, mount
from gate.anpr.training.scenes_photos import Photo
from gate.anpr.training.scenes_spoiling import spoil
from gate.anpr.training.scenes_vehicles import (
    Drawing,
    Gray,
    Plane,
    Quad,
    add_halo,
    draw_ground,
    draw_vehicle,
    stand,
)

SIDE: Final = 256
"""Of a frame, in pixels at the finder's working size."""
FULL: Final = 2 * SIDE
"""Of a scene."""
MOST: Final = 8
"""Plates in a frame, at most."""
SMALLEST, LARGEST = 13.0, 165.0
"""Widths of plates at the working size: larger ones are found in a smaller copy of the picture."""
EXACT, BOX, UNCLEAR = 1.0, 0.15, -1.0
"""How much corners count: drawn ones are exact, labelled boxes are not corners. UNCLEAR plates (cut by the
edge, lost in the dark, perhaps one that nobody labelled) are neither to be found nor to be passed over."""

FRAME: Final = np.dtype([
    ("picture", np.uint8, (SIDE, SIDE)),
    ("plates", np.float32, (MOST, 4, 2)),
    ("weights", np.float32, (MOST,)),
])  # fmt: skip
"""A frame; its plates' corners; how much each one's corners count: 0 no plate, below 0 an unclear one."""

BEYOND = 112.0
"""Gray of what lies beyond a frame, as the finder pads."""
_DIMMEST = 5.0
"""Spread of gray, of 255, below which a plate is lost in the dark or the glare."""
_SEEN, _MOSTLY_SEEN = 0.15, 0.85
_NIGHT = 70
_NONE = np.empty((0, 4, 2), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Scene:
    """A frame at twice the working size; plates' `corners` (n x 4 x 2) and `weights` (n); what is none."""

    picture: Gray
    corners: NDArray[np.float32]
    weights: NDArray[np.float32]
    decoys: list[Quad]


class Scenery:
    """Makes scenes. `draw` gives the next plate's face, gray; `photos` may be empty: then all is drawn."""

    def __init__(
        self, photos: list[Photo], lettering: Lettering, draw: Callable[[np.random.Generator], Gray]
    ) -> None:
        self.photos = list(photos)
        self._by_night = [row for row, photo in enumerate(photos) if photo.gray.mean() < _NIGHT]
        self._lettering = lettering
        self._draw = draw

    def render(self, rng: np.random.Generator) -> Scene:
        """One scene; the same for the same state of `rng` and of the plates' source."""
        if self.photos and chance(rng, 0.7):
            scene = self._replaced(rng) if chance(rng, 0.65) else self._real(rng)
        else:
            scene = self._drawn(rng)
        picture = spoil(scene.picture, rng)
        weights = scene.weights.copy()
        for index, quad in enumerate(scene.corners):
            left, top = np.clip(quad.min(axis=0), 0, FULL - 2).astype(int)
            right, bottom = np.clip(quad.max(axis=0), 2, FULL).astype(int)
            if float(picture[top : bottom + 1, left : right + 1].std()) < _DIMMEST:
                weights[index] = UNCLEAR
        return Scene(picture, scene.corners, weights, scene.decoys)

    def _real(self, rng: np.random.Generator) -> Scene:
        """A real frame with its own plates."""
        photo, which = self._pick(rng)
        zoom = float(np.clip(2 * _width(rng) / photo.boxes[which][2], 0.55, 5.0))
        picture, quads, unsure = _view(photo, photo.gray, zoom, _middle(photo.boxes[which]), rng)
        return _scene(Drawing(picture, list(quads)), BOX, unsure)

    def _replaced(self, rng: np.random.Generator) -> Scene:
        """A real frame whose plates are painted out, with drawn ones in their places and elsewhere."""
        photo, which = self._pick(rng)
        wanted = _width(rng)
        if chance(rng, 0.4):
            zoom = around(rng, 0.55, 3.0)
            middle = rng.uniform(0, 1, 2) * photo.gray.shape[::-1]
        else:
            zoom = float(np.clip(2 * wanted / photo.boxes[which][2], 0.55, 5.0))
            middle = _middle(photo.boxes[which])
        picture, quads, unsure = _view(photo, photo.bare, zoom, middle, rng)
        drawing = Drawing(picture)
        if chance(rng, 0.3):
            letter(drawing, self._anywhere(rng), self._lettering, rng)
        for quad, box in zip(quads, photo.boxes, strict=True):
            width = float(np.linalg.norm(quad[1] - quad[0]))
            if not 2 * SMALLEST < width < 2 * LARGEST or chance(rng, 0.1):
                continue
            x, y, across, down = (int(part) for part in box)
            own = photo.gray[max(0, y) : y + down + 1, max(0, x) : x + across + 1]
            bright = float(np.percentile(own, 85)) * between(rng, 0.8, 1.1)
            plane = stand(rng, _point(quad.mean(axis=0)), width * between(rng, 0.8, 1.25) / LONG_PLATE, 0.8)
            mount(drawing, plane, self._draw(rng), bright, self._lettering, rng)
        for _ in range(int(rng.integers(0, 3))):
            mount(drawing, self._anywhere(rng), self._draw(rng), None, self._lettering, rng)
        return _scene(drawing, EXACT, unsure)

    def _drawn(self, rng: np.random.Generator) -> Scene:
        """A drawn road, mostly with a vehicle on it."""
        drawing = Drawing(draw_ground(FULL, rng))
        if chance(rng, 0.85):
            plane = stand(rng, _point(rng.uniform(0.2, 0.8, 2) * FULL), 2 * _width(rng) / LONG_PLATE)
            draw_vehicle(drawing, plane, rng)
            for _ in range(int(rng.integers(0, 4))):
                letter(drawing, plane, self._lettering, rng)
            if chance(rng, 0.3):
                # By night the scene is dark but a plate throws the camera's own light back.
                dark = cv2.convertScaleAbs(drawing.picture, alpha=between(rng, 0.12, 0.5))
                drawing.picture = np.asarray(dark, dtype=np.uint8)
                for lamp in drawing.lamps:
                    add_halo(drawing.picture, lamp, int(rng.integers(20, 160)), between(rng, 0.3, 1.0))
            if chance(rng, 0.8):
                mount(drawing, plane, self._draw(rng), between(rng, 100, 255), self._lettering, rng)
        for _ in range(int(rng.integers(0, 3))):
            if chance(rng, 0.6):
                mount(drawing, self._anywhere(rng), self._draw(rng), None, self._lettering, rng)
            else:
                letter(drawing, self._anywhere(rng), self._lettering, rng)
        return _scene(drawing, EXACT, _NONE)

    def _pick(self, rng: np.random.Generator) -> tuple[Photo, int]:
        if self._by_night and chance(rng, 0.12):
            photo = self.photos[int(rng.choice(self._by_night))]
        else:
            photo = self.photos[int(rng.integers(len(self.photos)))]
        return photo, int(rng.integers(len(photo.boxes)))

    @staticmethod
    def _anywhere(rng: np.random.Generator) -> Plane:
        return stand(rng, _point(rng.uniform(0.05, 0.95, 2) * FULL), 2 * _width(rng) / LONG_PLATE)


def to_frame(scene: Scene) -> NDArray[np.void]:
    """The scene as the finder sees it: one FRAME."""
    frame = np.zeros((), dtype=FRAME)
    frame["picture"] = cv2.resize(scene.picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    number = min(MOST, len(scene.corners))
    frame["plates"][:number] = scene.corners[:number] / 2
    frame["weights"][:number] = scene.weights[:number]
    return np.asarray(frame)


def _width(rng: np.random.Generator) -> float:
    return around(rng, SMALLEST, LARGEST)


def _middle(box: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(box[:2] + box[2:] / 2, dtype=np.float64)


def _point(point: NDArray[np.float32] | NDArray[np.float64]) -> tuple[float, float]:
    return float(point[0]), float(point[1])


def _view(
    photo: Photo, source: Gray, zoom: float, middle: NDArray[np.float64], rng: np.random.Generator
) -> tuple[Gray, NDArray[np.float32], NDArray[np.float32]]:
    """A part of the photo, zoomed, a little turned, sometimes mirrored.

    With it, there, as quads: its plates' boxes, and what may be plates.
    """
    turn = float(rng.normal(0, 3)) if chance(rng, 0.5) else 0.0
    matrix = np.asarray(cv2.getRotationMatrix2D(_point(middle), turn, zoom), dtype=np.float64)
    matrix[:, 2] += rng.uniform(0.15, 0.85, 2) * FULL - middle
    if chance(rng, 0.8):
        # Fill the picture with the frame rather than with what lies beyond it.
        for axis, side in enumerate(photo.gray.shape[::-1]):
            start = float(matrix[axis, :2] @ middle + matrix[axis, 2] - zoom * middle[axis])
            low, high = sorted((0.0, FULL - zoom * side))
            matrix[axis, 2] += float(np.clip(start, low, high)) - start
    if zoom < 0.7:
        source = np.asarray(cv2.GaussianBlur(source, (0, 0), 0.5 / zoom), dtype=np.uint8)
    picture = cv2.warpAffine(
        source,
        matrix,
        (FULL, FULL),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=BEYOND,
    )
    low, span = photo.boxes[:, None, :2], photo.boxes[:, None, 2:]
    quads = low + span * np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=np.float32)
    quads = np.concatenate([quads, photo.unsure]) @ matrix[:, :2].T + matrix[:, 2]
    if chance(rng, 0.4):
        picture = np.ascontiguousarray(picture[:, ::-1])
        quads = (quads * (-1, 1) + (FULL, 0))[:, [1, 0, 3, 2]]
    number = len(photo.boxes)
    quads = quads.astype(np.float32)
    return np.asarray(picture, dtype=np.uint8), quads[:number], quads[number:]


def _scene(drawing: Drawing, weight: float, unsure: NDArray[np.float32]) -> Scene:
    corners, weights = _seen(drawing.plates, weight)
    doubtful, _ = _seen([quad for quad in unsure if not any(are_near(quad, one) for one in corners)], UNCLEAR)
    weights = np.concatenate([weights, np.full(len(doubtful), UNCLEAR, dtype=np.float32)])
    return Scene(drawing.picture, np.concatenate([corners, doubtful]), weights, drawing.decoys)


def _seen(quads: list[Quad], weight: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The plates that are in the picture, and their weights: UNCLEAR where cut off or too far away."""
    kept, weights = [], []
    for quad in quads:
        low, high = quad.min(axis=0), quad.max(axis=0)
        inside = np.clip(np.minimum(high, FULL) - np.maximum(low, 0), 0, None)
        share = float(np.prod(inside) / max(1.0, float(np.prod(high - low))))
        if share < _SEEN:
            continue
        clear = share > _MOSTLY_SEEN and high[0] - low[0] > 1.6 * SMALLEST
        kept.append(quad)
        weights.append(weight if clear else UNCLEAR)
    return np.array(kept, dtype=np.float32).reshape(-1, 4, 2), np.array(weights, dtype=np.float32)
