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

from gate.anpr.plates.place import cut_place, move
from gate.anpr.plates.place import HEIGHT as PLACE_HEIGHT
from gate.anpr.plates.place import WIDTH as PLACE_WIDTH
from gate.anpr.training.scenes_lettering import Lettering
from gate.anpr.training.scenes_photos import Photo
from gate.anpr.training.scenes_vehicles import (
    Drawing,
    Plane,
    Quad,
    add_halo,
    draw_ground,
    draw_vehicle,
    fill,
    stand,
)

Gray = NDArray[np.uint8]

SIDE: Final = 256
"""Of a frame, in pixels at the finder's working size."""
MOST: Final = 6
"""Plates in a frame, at most."""
PLACES: Final = 6
"""Places cut from each frame for the second net."""
SMALLEST, LARGEST = 13.0, 165.0
"""Widths of plates at the working size: larger ones are found in a smaller copy of the picture."""
EXACT, BOX, UNCLEAR = 1.0, 0.15, -1.0
"""How much corners count: drawn ones are exact, labelled boxes are not corners; UNCLEAR plates, cut by the edge
or lost in the dark, are neither plates nor none."""

FRAME = np.dtype([
    ("picture", np.uint8, (SIDE, SIDE)),
    ("plates", np.float32, (MOST, 4, 2)),
    ("weights", np.float32, (MOST,)),
])  # fmt: skip
"""A frame; its plates' corners; how much each one's corners count: 0 no plate, below 0 one that is unclear."""
PLACE = np.dtype([
    ("picture", np.uint8, (PLACE_HEIGHT, PLACE_WIDTH)),
    ("plate", np.float32),
    ("weight", np.float32),
    ("corners", np.float32, (4, 2)),
])  # fmt: skip
"""A place; is it a plate's (1 or 0); how much its corners count; they, in shares of the place."""

_FULL = 2 * SIDE
_DIMMEST = 5.0
"""Spread of gray, of 255, below which a plate is lost in the dark or the glare."""
_METRE = 0.52
"""Of a European plate's width: scenery is drawn to its scale."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A frame at twice the working size. `corners` of plates (n x 4 x 2), `weights` (n), places that are none."""

    picture: Gray
    corners: NDArray[np.float32]
    weights: NDArray[np.float32]
    decoys: list[Quad]


class Scenery:
    """Makes scenes. `draw` gives the next plate's face, gray; `photos` may be empty: then all is drawn."""

    def __init__(
        self, photos: list[Photo], lettering: Lettering, draw: Callable[[np.random.Generator], Gray]
    ) -> None:
        self._photos = photos
        self._lettering = lettering
        self._draw = draw
        self._grain = np.random.default_rng(5).normal(0, 1, (_FULL + 64, _FULL + 64)).astype(np.float32)
        self._by_night = [photo for photo in photos if photo.gray.mean() < 70]  # noqa: PLR2004 - of 255

    def render(self, rng: np.random.Generator) -> Scene:
        """One scene; the same for the same state of `rng` and of the plates' source."""
        kind = rng.random()
        if self._photos and kind < 0.7:
            scene = self._real(rng, replaced=kind > 0.25)
        else:
            scene = self._drawn(rng)
        picture = _spoil(scene.picture, rng, self._grain)
        weights = scene.weights.copy()
        for index, quad in enumerate(scene.corners):
            low, high = (
                np.clip(quad.min(axis=0), 0, _FULL - 2).astype(int),
                np.clip(quad.max(axis=0), 2, _FULL).astype(int),
            )
            if float(picture[low[1] : high[1] + 1, low[0] : high[0] + 1].std()) < _DIMMEST:
                weights[index] = UNCLEAR
        return Scene(picture, scene.corners, weights, scene.decoys)

    def _real(self, rng: np.random.Generator, *, replaced: bool) -> Scene:
        night = bool(self._by_night) and rng.random() < 0.12
        among = self._by_night if night else self._photos
        photo = among[int(rng.integers(len(among)))]
        box = photo.boxes[int(rng.integers(len(photo.boxes)))]
        wanted = _width(rng)
        zoom = float(np.clip(2 * wanted / box[2], 0.55, 5.0))
        if replaced and rng.random() < 0.4:
            # Another view of the background than one around its plate.
            zoom = float(np.exp(rng.uniform(np.log(0.55), np.log(3.0))))
            middle = rng.uniform(0, 1, 2) * (photo.gray.shape[1], photo.gray.shape[0])
        else:
            middle = np.array([box[0] + box[2] / 2, box[1] + box[3] / 2])
        aim = rng.uniform(0.15, 0.85, 2) * _FULL
        turn = float(rng.normal(0, 3)) if rng.random() < 0.5 else 0.0
        matrix = cv2.getRotationMatrix2D((float(middle[0]), float(middle[1])), turn, zoom)
        matrix[:, 2] += aim - middle
        if rng.random() < 0.8:
            # Fill the picture with the frame rather than with what lies beyond it.
            for axis, side in enumerate(photo.gray.shape[::-1]):
                corner = matrix[axis, :2] @ middle + matrix[axis, 2] - zoom * middle[axis]
                low, high = sorted((0.0, _FULL - zoom * side))
                matrix[axis, 2] += float(np.clip(corner, low, high)) - corner
        mirrored = rng.random() < 0.4
        source = photo.bare if replaced else photo.gray
        if zoom < 0.7:
            source = np.asarray(cv2.GaussianBlur(source, (0, 0), 0.5 / zoom), dtype=np.uint8)
        picture = np.asarray(cv2.warpAffine(
            source, matrix, (_FULL, _FULL), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=112.0
        ), dtype=np.uint8)  # fmt: skip
        quads = [_box_quad(found) @ matrix[:, :2].T + matrix[:, 2] for found in photo.boxes]
        if mirrored:
            picture = np.ascontiguousarray(picture[:, ::-1])
            quads = [(np.array([_FULL, 0]) + quad * (-1, 1))[[1, 0, 3, 2]] for quad in quads]
        real = np.array(quads, dtype=np.float32)
        if not replaced:
            corners, weights = _inside(real, np.full(len(real), BOX, dtype=np.float32))
            return Scene(picture, corners, weights, [])
        drawing = Drawing(picture)
        placed: list[Quad] = []
        if rng.random() < 0.3:
            self._letter(
                drawing, stand(rng, tuple(rng.uniform(0.2, 0.8, 2) * _FULL), 2 * wanted / _METRE), rng
            )
        for quad, found in zip(real, photo.boxes, strict=True):
            width = float(np.linalg.norm(quad[1] - quad[0]))
            if not 2 * SMALLEST < width < 2 * LARGEST or rng.random() < 0.1:
                continue
            x, y, across, down = (int(part) for part in found)
            bright = float(
                np.percentile(photo.gray[max(0, y) : y + down + 1, max(0, x) : x + across + 1], 85)
            )
            plane = stand(rng, tuple(quad.mean(axis=0)), width * float(rng.uniform(0.8, 1.25)) / _METRE, 0.8)
            self._mount(drawing, plane, rng, bright * float(rng.uniform(0.8, 1.1)), placed)
        for _ in range(int(rng.integers(0, 3))):
            plane = stand(rng, tuple(rng.uniform(0.05, 0.95, 2) * _FULL), 2 * _width(rng) / _METRE)
            self._mount(drawing, plane, rng, None, placed)
        corners, weights = _inside(np.array(placed, dtype=np.float32).reshape(-1, 4, 2), None)
        return Scene(drawing.picture, corners, weights, drawing.decoys)

    def _drawn(self, rng: np.random.Generator) -> Scene:
        drawing = Drawing(draw_ground(_FULL, rng))
        placed: list[Quad] = []
        if rng.random() < 0.85:
            width = 2 * _width(rng)
            plane = stand(rng, tuple(rng.uniform(0.2, 0.8, 2) * _FULL), width / _METRE)
            draw_vehicle(drawing, plane, rng)
            for _ in range(int(rng.integers(0, 4))):
                self._letter(drawing, plane, rng)
            if rng.random() < 0.3:
                # By night the scene is dark but a plate throws the camera's own light back.
                dark = cv2.convertScaleAbs(drawing.picture, alpha=float(rng.uniform(0.12, 0.5)))
                drawing.picture = np.asarray(dark, dtype=np.uint8)
                for lamp in drawing.lamps:
                    add_halo(drawing.picture, lamp, int(rng.integers(20, 160)), float(rng.uniform(0.3, 1.0)))
            if rng.random() < 0.8:
                self._mount(drawing, plane, rng, float(rng.uniform(100, 255)), placed)
        for _ in range(int(rng.integers(0, 3))):
            plane = stand(rng, tuple(rng.uniform(0.05, 0.95, 2) * _FULL), 2 * _width(rng) / _METRE)
            if rng.random() < 0.6:
                self._mount(drawing, plane, rng, None, placed)
            else:
                self._letter(drawing, plane, rng)
        corners, weights = _inside(np.array(placed, dtype=np.float32).reshape(-1, 4, 2), None)
        return Scene(drawing.picture, corners, weights, drawing.decoys)

    def _mount(self, drawing: Drawing, plane: Plane, rng: np.random.Generator, bright: float | None,
               placed: list[Quad]) -> None:  # fmt: skip
        """Set a plate into the picture at the plane's middle, unless it would cover another one."""
        face = self._draw(rng)
        aspect = face.shape[1] / face.shape[0]
        # A two-line plate is about as large a sign as a long one, not as wide.
        half = _METRE / 2 * (1.0 if aspect > 3.4 else max(0.55, aspect / 3.4 * 0.95))  # noqa: PLR2004 - long plates
        tall = half / aspect
        shift = rng.normal(0, 0.01, 2)
        quad = plane.quad(shift[0] - half, shift[1] - tall, shift[0] + half, shift[1] + tall)
        if not _convex(quad) or any(_near(quad, other) for other in placed):
            return
        if bright is None:
            x, y = np.clip(quad.mean(axis=0).astype(int), 0, _FULL - 1)
            if rng.random() < 0.3:
                bright = float(
                    np.clip(drawing.picture[y, x] * rng.uniform(0.6, 2.2) + rng.uniform(20, 80), 60, 255)
                )
            else:
                bright = float(rng.uniform(110, 255))
        if rng.random() < 0.6:
            # A holder's rim, a dealer's name on it, or the shadow that a recess throws.
            rim = tall * rng.uniform(0.02, 0.35, 4)
            under = plane.quad(shift[0] - half - rim[0], shift[1] - tall - rim[1], shift[0] + half + rim[2],
                               shift[1] + tall + rim[3])  # fmt: skip
            fill(
                drawing.picture,
                under,
                float(rng.uniform(0, 90)) if rng.random() < 0.75 else bright * float(rng.uniform(0.5, 1.1)),
            )
            if rim[3] > 0.15 * tall and rng.random() < 0.6:
                ink = self._lettering.ink("".join(rng.choice(list("AUTOHAUSmotorsdealer.com "), 14)), rng)
                strip = plane.quad(shift[0] - half * 0.7, shift[1] + tall + rim[3] * 0.2, shift[0] + half * 0.7,
                                   shift[1] + tall + rim[3] * 0.8)  # fmt: skip
                _set_in(drawing.picture, np.full_like(ink, 200), ink, strip)
        lit = face.astype(np.float32) * (bright / max(60.0, float(np.percentile(face, 85))))
        if rng.random() < 0.5:
            ramp = np.linspace(1.0, float(rng.uniform(0.6, 1.1)), face.shape[0], dtype=np.float32)
            lit *= ramp[:, None] if rng.random() < 0.7 else ramp[::-1, None]
        if rng.random() < 0.25:
            edge = rng.uniform(-0.2, 1.2, 2) * face.shape[1]
            shade = fill_mask(face.shape, np.array([(edge[0], 0), (face.shape[1] * 2, 0), (face.shape[1] * 2, face.shape[0]),
                                                    (edge[1], face.shape[0])], dtype=np.float32))  # fmt: skip
            lit *= 1 - shade * float(rng.uniform(0.2, 0.65))
        if rng.random() < 0.3:
            mud = cv2.resize(
                rng.random((4, 14), dtype=np.float32), face.shape[::-1], interpolation=cv2.INTER_CUBIC
            )
            cover = np.clip((mud - 0.6) * 3, 0, 0.9)
            lit = lit * (1 - cover) + float(rng.uniform(40, 130)) * cover
        _set_in(drawing.picture, np.clip(lit, 0, 255).astype(np.uint8), None, quad)
        placed.append(quad)

    def _letter(self, drawing: Drawing, plane: Plane, rng: np.random.Generator) -> None:
        """Lettering somewhere about the plane, clear of the plate's own place."""
        face, cover = self._lettering.decoy(rng)
        high = float(np.exp(rng.uniform(np.log(0.05), np.log(0.35))))
        wide = high * face.shape[1] / face.shape[0]
        x = float(rng.uniform(-1.0, 1.0))
        y = (
            -float(rng.uniform(0.25, 1.4)) - high / 2
            if rng.random() < 0.75
            else float(rng.uniform(0.2, 0.5)) + high / 2
        )
        quad = plane.quad(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        if _convex(quad):
            _set_in(drawing.picture, face, cover, quad)
            drawing.decoys.append(quad)


def to_frame(scene: Scene) -> NDArray[np.void]:
    """The scene as the finder sees it: one FRAME."""
    frame = np.zeros((), dtype=FRAME)
    frame["picture"] = cv2.resize(scene.picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    number = min(MOST, len(scene.corners))
    frame["plates"][:number] = scene.corners[:number] / 2
    frame["weights"][:number] = scene.weights[:number]
    return frame


def to_places(scene: Scene, rng: np.random.Generator) -> NDArray[np.void]:
    """PLACES of the scene as the second net sees them, after a rough look: plates, decoys, anything."""
    places = np.zeros(PLACES, dtype=PLACE)
    clear = np.flatnonzero(scene.weights > 0)
    for row in range(PLACES):
        if len(clear) and rng.random() < 0.5:
            chosen = int(rng.choice(clear))
            true = scene.corners[chosen]
            rough = _jittered(true, rng)
            picture, matrix = cut_place(scene.picture, rough)
            places[row]["plate"] = 1
            places[row]["weight"] = scene.weights[chosen]
            places[row]["corners"] = move(true, matrix) / (PLACE_WIDTH, PLACE_HEIGHT)
        else:
            rough = _elsewhere(scene, rng)
            picture, _ = cut_place(scene.picture, rough)
        places[row]["picture"] = picture
    return places


def _elsewhere(scene: Scene, rng: np.random.Generator) -> Quad:
    for _ in range(8):
        if scene.decoys and rng.random() < 0.5:
            rough = _jittered(scene.decoys[int(rng.integers(len(scene.decoys)))], rng)
        else:
            plane = stand(rng, tuple(rng.uniform(0, 1, 2) * _FULL), 2 * _width(rng) / _METRE)
            tall = _METRE / 2 / float(rng.uniform(1.3, 5))
            rough = plane.quad(-_METRE / 2, -tall, _METRE / 2, tall)
        wide = float(np.linalg.norm(rough[1] - rough[0]))
        if (
            2 * SMALLEST < wide < _FULL
            and _convex(rough)
            and not any(_near(rough, one) for one in scene.corners)
        ):
            return rough
    # Every try met a plate: the frame's own corner, of a plate's size, is as good as any place that is none.
    return np.array([(-60, -20), (-10, -20), (-10, -4), (-60, -4)], dtype=np.float32)


def _jittered(quad: Quad, rng: np.random.Generator) -> Quad:
    """Corners as a first look gives them: shifted, sized and bent a little wrongly."""
    along, across = quad[1] - quad[0], quad[3] - quad[0]
    middle = quad.mean(axis=0)
    size = np.exp(rng.normal(0, 0.14, 2)).clip(0.68, 1.5)
    unit = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) / 2 * size
    shift = rng.normal(0, (0.05, 0.12), 2)
    bend = rng.normal(0, (0.025, 0.06), (4, 2))
    part = unit + shift + bend
    rough = middle + part[:, :1] * along + part[:, 1:] * across
    if rng.random() < 0.2:
        # As a label's box is: upright.
        low, high = rough.min(axis=0), rough.max(axis=0)
        rough = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
    rough = rough.astype(np.float32)
    return rough if _convex(rough) else quad


def _width(rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST))))


def _box_quad(box: NDArray[np.float32]) -> Quad:
    x, y, width, height = (float(part) for part in box)
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], dtype=np.float32)


def _convex(quad: Quad) -> bool:
    return bool(np.isfinite(quad).all()) and bool(cv2.isContourConvex(quad)) and float(
        cv2.contourArea(quad, oriented=True)
    ) > 20  # fmt: skip


def _near(one: Quad, two: Quad) -> bool:
    low = np.maximum(one.min(axis=0), two.min(axis=0)) - 4
    high = np.minimum(one.max(axis=0), two.max(axis=0)) + 4
    return bool((low < high).all())


def _inside(
    quads: NDArray[np.float32], weights: NDArray[np.float32] | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The plates whose middles and most of whose faces are in the picture, and large enough to be seen."""
    if weights is None:
        weights = np.full(len(quads), EXACT, dtype=np.float32)
    kept = []
    for index, quad in enumerate(quads):
        low, high = quad.min(axis=0), quad.max(axis=0)
        seen = np.prod(np.clip(np.minimum(high, _FULL) - np.maximum(low, 0), 0, None)) / max(
            1.0, float(np.prod(high - low))
        )
        if seen < 0.15:  # noqa: PLR2004 - nothing to see of it
            continue
        kept.append(index)
        if seen < 0.85 or high[0] - low[0] < 1.6 * SMALLEST:  # noqa: PLR2004 - cut off, or too far away
            weights[index] = UNCLEAR
    return quads[kept].astype(np.float32), weights[kept]


def fill_mask(shape: tuple[int, ...], points: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 inside a polygon, 0 outside, height x width."""
    mask = np.zeros(shape, dtype=np.uint8)
    fill(mask, points, 255)
    return mask.astype(np.float32) / 255


def _set_in(picture: Gray, face: Gray, cover: Gray | None, quad: Quad) -> None:
    """Warp a flat face into the picture; where `cover` is given it tells how much of the picture it hides."""
    height, width = picture.shape
    left, top = np.clip(np.floor(quad.min(axis=0)).astype(int) - 2, 0, (width, height))
    right, bottom = np.clip(np.ceil(quad.max(axis=0)).astype(int) + 2, 0, (width, height))
    if left >= right or top >= bottom:
        return
    target = (quad - (left, top)).astype(np.float32)
    solid = np.full_like(face, 255) if cover is None else cover
    across = max(
        float(np.linalg.norm(target[1] - target[0])), float(np.linalg.norm(target[2] - target[3])), 4.0
    )
    down = max(
        float(np.linalg.norm(target[3] - target[0])), float(np.linalg.norm(target[2] - target[1])), 3.0
    )
    size = (min(face.shape[1], int(across * 1.3) + 1), min(face.shape[0], int(down * 1.3) + 1))
    # Shrinking by area first: warping alone would make strokes sparkle as no lens does.
    face, solid = (cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (face, solid))
    source = np.array([(0, 0), (size[0], 0), size, (0, size[1])], dtype=np.float32) - np.float32(0.5)
    matrix = cv2.getPerspectiveTransform(source, target - np.float32(0.5))
    window = (int(right - left), int(bottom - top))
    warped = cv2.warpPerspective(
        face, matrix, window, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    share = cv2.warpPerspective(solid, matrix, window, flags=cv2.INTER_LINEAR).astype(np.uint16)
    area = picture[top:bottom, left:right]
    area[:] = ((area * (255 - share) + warped * share) // 255).astype(np.uint8)


def _spoil(picture: Gray, rng: np.random.Generator, grain: NDArray[np.float32]) -> Gray:
    """Lens, movement, light, sensor and JPEG."""
    kind = rng.random()
    if kind < 0.35:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.4, 2.2))), dtype=np.uint8)
    elif kind < 0.5:
        length = int(rng.integers(3, 10))
        kernel = np.zeros((length, length), dtype=np.float32)
        angle = rng.uniform(0, np.pi)
        reach = np.array([np.cos(angle), np.sin(angle)]) * (length - 1) / 2
        middle = (length - 1) / 2
        cv2.line(
            kernel,
            tuple(np.round(middle - reach).astype(int).tolist()),
            tuple(np.round(middle + reach).astype(int).tolist()),
            1.0,
        )
        picture = np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), dtype=np.uint8)
    elif kind < 0.65:
        side = int(_FULL * rng.uniform(0.3, 0.8))
        small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
        picture = np.asarray(
            cv2.resize(small, (_FULL, _FULL), interpolation=cv2.INTER_LINEAR), dtype=np.uint8
        )
    steps = np.arange(256, dtype=np.float32) / 255
    gamma = float(np.exp(rng.normal(0, 0.35)))
    gain, lift = float(np.exp(rng.normal(0, 0.22))), float(rng.normal(0, 0.06))
    if rng.random() < 0.08:
        gain *= float(rng.uniform(0.2, 0.6))
    curve = np.clip((steps**gamma * gain + lift) * 255, 0, 255).astype(np.uint8)
    picture = np.asarray(cv2.LUT(picture, curve), dtype=np.uint8)
    if rng.random() < 0.08:
        x, y = rng.uniform(0, 1, 2) * _FULL
        add_halo(picture, (float(x), float(y)), int(rng.integers(40, 300)), float(rng.uniform(0.2, 0.9)))
    if rng.random() < 0.6:
        x, y = (int(part) for part in rng.integers(0, 64, 2))
        strength = float(np.exp(rng.uniform(np.log(1.0), np.log(14))))
        noisy = picture + grain[y : y + _FULL, x : x + _FULL] * strength
        picture = np.clip(noisy, 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 92))])
        picture = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return picture
