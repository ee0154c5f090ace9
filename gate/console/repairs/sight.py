"""A camera that shows plates badly now: too dark, burnt out, blurred. What its last vehicles' pictures say.

`dirty.py` sees a camera fall below itself in days, by its reads; this sees at once, by its pictures, and at a
camera that was never set well.
"""

from __future__ import annotations

from dataclasses import dataclass

DIM = 0.15
"""Contrast of a plate: below, its signs are hardly darker than its ground."""
BLACK = 0.97
"""Of the picture, nearly black, where no plate is found either."""
BURNT = 0.4
"""Of a plate's box, pure white: the ground has run over the strokes."""
WHITE = 0.6
"""Of the picture."""
BLURRED = 0.4
"""Sharpness, under which hardly one plate in five of real roads was read right (docs/plate-reading.md)."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Medians over a camera's last vehicles, 0..1; None where no plate was seen to measure."""

    where: str
    """The point, and which of its cameras where it has two."""
    sharpness: float | None
    contrast: float | None
    burnt: float | None
    dark: float
    clipped: float


@dataclass(frozen=True, slots=True)
class Weakness:
    """What is wrong with a camera's pictures, and what to do."""

    name: str
    what: str
    do: str


def weakness(sight: Sight) -> Weakness | None:
    """The first cause; None where plates are shown well enough. Light goes before focus: dark blurs."""
    if sight.contrast is None:
        if sight.dark >= BLACK:
            return Weakness("dark", f"The picture is dark: {_percent(sight.dark)} of it black", _DARK)
        if sight.clipped >= WHITE:
            return Weakness(
                "burnt", f"The picture is burnt out: {_percent(sight.clipped)} of it white", _BURNT
            )
        return None
    if (sight.burnt or 0.0) >= BURNT:
        burnt = _percent(sight.burnt or 0.0)
        return Weakness("burnt", f"Plates are burnt out: {burnt} of them pure white", _BURNT)
    if sight.contrast < DIM:
        contrast = _percent(sight.contrast)
        return Weakness(
            "dark", f"Plates are dim: contrast {contrast}, {_percent(DIM)} at least is needed", _DARK
        )
    if sight.sharpness is not None and sight.sharpness < BLURRED:
        what = f"Plates are blurred: sharpness {sight.sharpness:.2f}, {BLURRED:.2f} at least is needed"
        return Weakness("blurred", what, _BLURRED)
    return None


_DARK = (
    "Look whether the lamp (infrared, at night) burns and shines where plates are; clean lamp and window. "
    "Raise the lamp's power before the gain; leave the shutter at 1/500 s or shorter."
)
_BURNT = (
    "Shorten the shutter or lower the gain; turn the lamp down, or a little aside: plates shine back what it "
    "sends. By day look whether the sun stands in the picture: a hood, or another place."
)
_BLURRED = (
    "Clean the window, inside too. Set the focus on a plate at the stop line, under infrared; lock it. "
    "Where only rolling vehicles are blurred: shutter 1/500 s or shorter, and more light."
)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
