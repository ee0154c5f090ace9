"""What camera set-up says: each figure beside what reading wants, and what to change, in words with numbers.

The bounds come from 521 plates of a dash camera read by PP-OCR, one frame each: of those 110 to 130 pixels
wide 82 in 100 were read right and from 130 on 95, from 60 to 80 pixels 27; from sharpness 0.8 on 98 in 100,
between 0.6 and 0.7 70, under 0.5 31; with 60 gray levels and more from plate to characters 81, with fewer 53.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gate.anpr.frame_quality import STROKE, WANTED_WIDTH
from gate.anpr.region import Region
from gate.anpr.tune import CameraView, PlateView

LEAST_WIDTH, MOST_WIDTH = 60, 400
"""Pixels of plate; under the least hardly any is read, over the most the next vehicle's may not fit."""
_WANTED_CHARACTER = 16
"""Pixels of height, what a character has on a long plate of the wanted width."""
_AIM_WIDTH = 200
"""What too large a plate is brought down to: a vehicle does not always stop at the same place."""
WANTED_SHARPNESS = 0.7
WANTED_CONTRAST = 60
MOST_BURNT = 0.25
"""Of the plate's pixels; a white plate well lit has fewer."""
_GLARE, _FLOODED = 0.05, 0.4
"""Of the picture's pixels at full white: lamps, and a picture that is too bright as a whole."""
_DARK = 35
"""Mean gray level of a picture, or of a plate, in the dark."""
MOST_ROLL, MOST_ASIDE, MOST_ABOVE = 12, 40, 35
"""Degrees. Beyond them a far side's characters are too narrow, or too low, to be told apart."""
WANTED_RATE, MOST_AGE = 4.0, 1.0
_LEAST_FOR_ANGLES = 80
"""Pixels of plate; on a smaller one the error of a found corner may be worth 20 degrees."""
_PLATE_MM = 520
_SHUTTER = "1/500 s"
"""At 20 km/h a vehicle moves 11 mm in it: one stroke."""

Topic = Literal[
    "no-plate", "size", "focus", "shutter", "dark", "bright", "glare", "contrast", "roll", "aside", "above",
    "edge", "rate", "age", "broken", "confidence",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to change: what was found, and what to do about it."""

    topic: Topic
    found: str
    change: str

    def __str__(self) -> str:
        return f"{self.found}: {self.change}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; `good` is None where nothing is asked of it."""

    name: str
    found: str
    wanted: str
    good: bool | None


def advise(view: CameraView, accept: float) -> tuple[Advice, ...]:
    """What to change, the gravest first; empty when all is well.

    `accept` is the confidence from which a read may open a lane. A low one is mentioned only where nothing
    else explains it.
    """
    said = [*_of_frames(view), *(_of_no_plate(view) if view.plate is None else _of_plate(view, view.plate))]
    if view.plate is not None and not said and view.plate.confidence < accept:
        found = f"{view.plate.mark} read with confidence {view.plate.confidence:.2f}, {accept:.2f} is wanted"
        said.append(
            Advice("confidence", found, "the picture is good; look at the plate (dirt, damage, a rare kind)")
        )
    return tuple(said)


def table(view: CameraView, accept: float) -> tuple[Figure, ...]:
    """Every figure beside what is wanted of it."""
    wrong = {advice.topic for advice in advise(view, accept)}
    return tuple(_figures(view, wrong, accept))


def _of_frames(view: CameraView) -> Iterator[Advice]:
    broken = sum(view.refused.values())
    if broken:
        kinds = ", ".join(f"{count} {reason}" for reason, count in sorted(view.refused.items()))
        yield Advice(
            "broken",
            f"{broken} pictures could not be used ({kinds})",
            "look at the cable, switch and camera load",
        )
    if view.rate is not None and view.rate < WANTED_RATE:
        yield Advice(
            "rate",
            f"{view.rate:.1f} frames a second",
            "set the camera to 10, or give its line more bandwidth",
        )
    if view.age > MOST_AGE:
        yield Advice(
            "age",
            f"frames up to {view.age:.1f} s old",
            f"lower picture size or rate until under {MOST_AGE:g} s",
        )


def _of_no_plate(view: CameraView) -> Iterator[Advice]:
    light = view.light
    found = f"no plate in {view.frames} frames"
    yield Advice(
        "no-plate", found, "stand a vehicle where it will stop; its plate must be "
        f"about {WANTED_WIDTH} px wide, sharp, and whole in the {_read_part(view)}",
    )  # fmt: skip
    if light.bright_share >= _FLOODED:
        yield _too_bright("picture", light.bright_share)
    elif light.mean < _DARK:
        yield _too_dark("picture", light.mean)
    elif light.bright_share >= _GLARE:
        yield _glare(light.bright_share)


def _of_plate(view: CameraView, plate: PlateView) -> Iterator[Advice]:
    if 2 * view.read < view.frames:
        yield Advice(
            "no-plate", f"plate in only {view.read} of {view.frames} frames", "let the vehicle stand"
        )
    yield from _of_size(plate)
    # Judged as if the plate were as wide as wanted: a small plate wants another place, not another focus.
    if max(plate.width, WANTED_WIDTH) * STROKE < WANTED_SHARPNESS * plate.smear:
        yield _of_smear(plate)
    light, crowded = plate.light, plate.light.contrast < WANTED_CONTRAST
    if light.bright_share > MOST_BURNT:
        yield _too_bright("plate", light.bright_share)
    elif crowded and light.mean < 2 * _DARK:
        yield _too_dark("plate", light.mean)
    elif crowded and view.light.bright_share >= _GLARE:
        yield _glare(view.light.bright_share)
    elif crowded:
        yield Advice(
            "contrast", f"{light.contrast:.0f} gray levels from plate to characters, not {WANTED_CONTRAST}",
            "clean the window, keep low sun and lamps off it, or light the plate",
        )  # fmt: skip
    if plate.tilt is not None:
        yield from _of_tilt(plate)
    if plate.cut:
        yield Advice("edge", *_of_edge(view.region))


def _read_part(view: CameraView) -> str:
    return "picture" if view.region == Region() else "region"


def _of_edge(region: Region) -> tuple[str, str]:
    if region == Region():
        return "plate at the picture's edge", "turn the camera until it is a plate's width inside"
    return (
        "plate at the region's edge",
        "widen the camera's roi or outline until it is a plate's width inside",
    )


def _of_size(plate: PlateView) -> Iterator[Advice]:
    width = f"plate {plate.width:.0f} px wide (characters about {plate.character:.0f} px high)"
    if plate.width < WANTED_WIDTH:
        width += f", {WANTED_WIDTH / plate.width:.1f} times too narrow"
        much = "hardly any so small is read; " if plate.width < LEAST_WIDTH else ""
        yield Advice(
            "size", width,
            f"{much}zoom in or move closer until about {WANTED_WIDTH} px",
        )  # fmt: skip
    elif plate.width > MOST_WIDTH:
        yield Advice(
            "size", width,
            f"zoom out or move away until about {_AIM_WIDTH} px, or a vehicle that stops elsewhere is missed",
        )  # fmt: skip


def _of_smear(plate: PlateView) -> Advice:
    if math.isinf(plate.smear):
        return Advice("focus", "no edges on the plate", "focus on the plate")
    long = _PLATE_MM * plate.smear / plate.width
    found = f"edges smeared over {plate.smear:.1f} px ({long:.0f} mm of the plate; a stroke is 10 mm)"
    if plate.moving:
        return Advice(
            "shutter", found,
            f"shutter too slow: set {_SHUTTER} or shorter, and make up for the light with a lamp or gain",
        )  # fmt: skip
    return Advice(
        "focus", found,
        f"out of focus: focus on a plate where vehicles stop; clean the window; if they move, {_SHUTTER}",
    )  # fmt: skip


def _of_tilt(plate: PlateView) -> Iterator[Advice]:
    tilt = plate.tilt
    if tilt is None:
        return
    if abs(tilt.roll) > MOST_ROLL:
        way = "clockwise" if tilt.roll > 0 else "anticlockwise"
        yield Advice(
            "roll", f"plate lies {abs(tilt.roll):.0f} degrees {way}", f"turn the camera {way} by as much"
        )
    if plate.width < _LEAST_FOR_ANGLES:
        return
    if tilt.aside > MOST_ASIDE:
        yield Advice(
            "aside", f"plate seen {tilt.aside:.0f} degrees from the side",
            f"too steep: move the camera towards the lane, or look further down it, until under {MOST_ASIDE}",
        )  # fmt: skip
    if tilt.above > MOST_ABOVE:
        yield Advice(
            "above", f"plate seen {tilt.above:.0f} degrees from above",
            f"too steep: mount the camera lower, or further away and zoomed in, until under {MOST_ABOVE}",
        )  # fmt: skip


def _too_bright(what: str, share: float) -> Advice:
    return Advice(
        "bright", f"{share:.0%} of the {what} burnt out (level 250 and above)",
        f"lower exposure time or gain until under {MOST_BURNT:.0%}; at night also the lamp on the plate",
    )  # fmt: skip


def _too_dark(what: str, mean: float) -> Advice:
    return Advice(
        "dark", f"{what} dark (mean level {mean:.0f} of 255)",
        f"light the plate or raise the gain until about 120; leave the shutter at {_SHUTTER} or shorter",
    )  # fmt: skip


def _glare(share: float) -> Advice:
    return Advice(
        "glare", f"{share:.0%} of the picture pure white, and the plate pale or not seen",
        "headlights or sun: lower the gain, tilt down, add a polariser, or an infra-red lamp and filter",
    )  # fmt: skip


def _figures(view: CameraView, wrong: set[Topic], accept: float) -> Iterator[Figure]:
    plate = view.plate
    yield Figure("picture", f"{view.size[0]} x {view.size[1]}", "", None)
    region = view.region
    if region != Region():
        part = f"x {region.x:.2f} to {region.x + region.w:.2f}, y {region.y:.2f} to {region.y + region.h:.2f}"
        yield Figure("region that is read", part, "", None)
    read = f"{view.read} of {view.frames}" + (f", {plate.mark}" if plate is not None else "")
    yield Figure("frames with a plate", read, "all", "no-plate" not in wrong)
    if plate is not None:
        yield from _plate_figures(plate, wrong, accept)
    light = view.light
    levels = f"mean {light.mean:.0f}, {light.dark_share:.0%} dark, {light.bright_share:.0%} burnt out"
    known = not wrong & {"dark", "bright", "glare"} if plate is None else None
    yield Figure(f"light in the {_read_part(view)}", levels, "", known)
    own = view.rate is not None
    rate = f"{view.rate:.1f} a second" if own else "not the camera's own"
    yield Figure(
        "frame rate", rate, f"{WANTED_RATE:g} or more" if own else "", "rate" not in wrong if own else None
    )
    yield Figure("frame age", f"{view.age:.2f} s", f"under {MOST_AGE:g} s", "age" not in wrong)
    yield Figure("broken pictures", str(sum(view.refused.values())), "0", "broken" not in wrong)


def _plate_figures(plate: PlateView, wrong: set[Topic], accept: float) -> Iterator[Figure]:
    yield Figure(
        "plate width", f"{plate.width:.0f} px", f"{WANTED_WIDTH} to {MOST_WIDTH}", "size" not in wrong
    )
    yield Figure(
        "characters", f"{plate.character:.0f} px high", f"{_WANTED_CHARACTER} or more", "size" not in wrong
    )
    sharp = f"{plate.sharpness:.2f}, edges over {plate.smear:.1f} px"
    # Of a plate that is only small, sharpness is short for want of pixels: the size's line says so.
    yield Figure("sharpness", sharp, f"{WANTED_SHARPNESS} or more", not wrong & {"focus", "shutter"})
    light = plate.light
    yield Figure(
        "plate's contrast", f"{light.contrast:.0f} levels", f"{WANTED_CONTRAST} or more",
        not wrong & {"dark", "glare", "contrast"},
    )  # fmt: skip
    burnt = f"{light.bright_share:.0%}"
    yield Figure("burnt out", burnt, f"{MOST_BURNT:.0%} or less", "bright" not in wrong)
    if plate.tilt is None:
        yield Figure("seen from", "not told by this engine", "", None)
    else:
        tilt, told = plate.tilt, plate.width >= _LEAST_FOR_ANGLES
        aside, above = ("aside" not in wrong, "above" not in wrong) if told else (None, None)
        yield Figure("seen from the side", f"{tilt.aside:.0f} degrees", f"{MOST_ASIDE} or less", aside)
        yield Figure("seen from above", f"{tilt.above:.0f} degrees", f"{MOST_ABOVE} or less", above)
        yield Figure("roll", f"{tilt.roll:+.0f} degrees", f"within {MOST_ROLL}", "roll" not in wrong)
    left, top, right, bottom = plate.place
    place = f"x {left:.2f} to {right:.2f}, y {top:.2f} to {bottom:.2f}"
    yield Figure("place in the picture", place, "whole", "edge" not in wrong)
    sure = plate.confidence >= accept
    yield Figure("confidence", f"{plate.confidence:.2f}", f"{accept:.2f} or more", sure)
