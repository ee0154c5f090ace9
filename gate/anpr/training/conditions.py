"""Light, weather, lens and sensor of one vehicle's frames: the same from its first frame to its last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from gate.anpr.training import weather
from gate.anpr.training.approach import SIZE
from gate.anpr.training.chance import around, between, chance
from gate.anpr.training.scenes_vehicles import Gray

_FOCUS: Final = (0.05, 0.09, 0.14)
"""The most the lens blurs (standard deviation) as a share of the distance between signs, by severity."""
_GRAIN: Final = (2.5, 7.0, 13.0)
_COARSEST: Final = (50, 32, 20)
_VEILED: Final = (0.15, 0.3, 0.45)
_RAINS: Final = (0.03, 0.12, 0.3)
_GLARES: Final = (0.03, 0.12, 0.25)
_LEAST_SMEAR: Final = 1.2
"""Pixels, below which movement does not show."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """`severity` 0 to 2; `night` 0 for day to near 1 for lamps alone."""

    severity: int
    night: float
    shutter: float
    """Seconds."""
    focus: float
    """Blur of the lens, as a share of the distance between signs where the vehicle stands."""
    gain: float
    gamma: float
    veil: float
    """Share of the picture that fog or a dirty window hides, evenly."""
    haze: float
    """Its gray."""
    grain: float
    quality: int
    """Of JPEG."""
    streaks: int
    lean: float
    """Of the rain's streaks."""
    drops: tuple[tuple[int, int, int], ...]
    """On the window before the lens: x, y, radius."""
    glare: tuple[float, float, float, float] | None
    """A veil of light: x, y, radius, strength."""

    def expose(self, scene: Gray, smear: NDArray[np.float64], pitch: float, rng: np.random.Generator) -> Gray:
        """The picture of a scene that moves by `smear` pixels. `pitch` is that of the standing vehicle."""
        picture = scene.astype(np.float32)
        if self.glare is not None:
            picture = self._veiled(picture, self.glare)
        if self.veil:
            picture = picture * (1 - self.veil) + self.veil * self.haze
        if self.streaks:
            picture += _streaks(self.streaks, self.lean, rng)
        blur = self.focus * pitch
        if blur > 0.25:
            picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), dtype=np.float32)
        length = float(np.hypot(*smear))
        if length > _LEAST_SMEAR:
            picture = np.asarray(cv2.filter2D(picture, -1, _path(smear)), dtype=np.float32)
        if self.drops:
            picture = self._dropped(picture)
        level = self.gain * (1 + float(rng.normal(0, 0.015)))
        picture = 255 * np.power(np.clip(picture * level, 0, 255) / 255, self.gamma)
        if self.grain > 0.6:
            x, y = (int(part) for part in rng.integers(0, _SLACK, 2))
            picture = picture + _GRAINS[y : y + SIZE[1], x : x + SIZE[0]] * self.grain
        return _packed(np.clip(picture, 0, 255).astype(np.uint8), self.quality)

    @staticmethod
    def _veiled(
        picture: NDArray[np.float32], glare: tuple[float, float, float, float]
    ) -> NDArray[np.float32]:
        x, y, radius, strength = glare
        across = np.exp(-(((np.arange(SIZE[0], dtype=np.float32) - x) / radius) ** 2))
        down = np.exp(-(((np.arange(SIZE[1], dtype=np.float32) - y) / radius) ** 2))
        veil = strength * down[:, None] * across[None, :]
        return np.asarray(picture + veil * (245 - picture), dtype=np.float32)

    def _dropped(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        cover = np.zeros(picture.shape, dtype=np.float32)
        for x, y, radius in self.drops:
            cv2.circle(cover, (x, y), radius, 1.0, -1, cv2.LINE_AA)
        cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), 2), dtype=np.float32)
        soft = cv2.GaussianBlur(picture, (0, 0), 5)
        return np.asarray(picture + cover * (soft - picture), dtype=np.float32)


def draw_conditions(severity: int, rng: np.random.Generator) -> Conditions:
    """Any of that severity: a third of all by night, some of them in rain, fog or against the light."""
    night = weather.night(rng)
    veiled, rains = chance(rng, _VEILED[severity]), chance(rng, _RAINS[severity])
    glares = chance(rng, _GLARES[severity])
    width, height = SIZE
    return Conditions(
        severity=severity,
        night=night,
        shutter=around(rng, 1 / 500, 1 / (200, 100, 50)[severity]) * (1 + night),
        focus=_FOCUS[severity] * float(np.sqrt(rng.uniform(0.02, 1))),
        gain=float(np.exp(rng.normal(-0.05, (0.15, 0.25, 0.35)[severity]))),
        gamma=between(rng, 0.7, 1.4),
        veil=between(rng, 0.1, (0.4, 0.55, 0.7)[severity]) if veiled else 0.0,
        haze=between(rng, 60, 230),
        grain=between(rng, 0, _GRAIN[severity]) * (1 + night),
        quality=int(between(rng, _COARSEST[severity], 96)),
        streaks=int(rng.integers(60, 500)) if rains else 0,
        lean=between(rng, -0.4, 0.4),
        drops=tuple(
            (int(rng.integers(width)), int(rng.integers(height)), int(rng.integers(3, 14)))
            for _ in range(int(rng.integers(0, 14)) if rains else 0)
        ),
        glare=(
            between(rng, 0, width), between(rng, 0, height), around(rng, 60, 400),
            between(rng, 0.2, (0.5, 0.65, 0.75)[severity]),
        ) if glares else None,
    )  # fmt: skip


def _streaks(count: int, lean: float, rng: np.random.Generator) -> NDArray[np.float32]:
    veil = np.zeros((SIZE[1], SIZE[0]), dtype=np.float32)
    for x, y, length in rng.uniform((0, -30, 8), (SIZE[0], SIZE[1], 40), (count, 3)):
        start, end = (int(x), int(y)), (int(x + lean * length), int(y + length))
        cv2.line(veil, start, end, 30.0, 1, cv2.LINE_AA)
    return veil


def _path(smear: NDArray[np.float64]) -> NDArray[np.float32]:
    """The kernel of a straight movement."""
    size = int(np.ceil(np.abs(smear).max())) // 2 * 2 + 3
    kernel = np.zeros((size, size), dtype=np.float32)
    ends = [np.round((size // 2 + sign * smear / 2) * 16).astype(int).tolist() for sign in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA, shift=4)
    return kernel / np.float32(kernel.sum())


def _packed(picture: Gray, quality: int) -> Gray:
    packed = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


_SLACK: Final = 64
_GRAINS: Final = (
    np.random.default_rng(6).standard_normal((SIZE[1] + _SLACK, SIZE[0] + _SLACK)).astype(np.float32)
)
"""A sensor's noise, larger than the picture, so that every frame cuts another piece."""
