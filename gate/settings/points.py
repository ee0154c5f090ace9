"""One point of the checkpoint: what it is, and which devices stand there."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, ValidationInfo, field_validator

from gate.lanes.fitted import Fitted
from gate.model import Corridor
from gate.settings.boards import Board
from gate.settings.cameras import Camera
from gate.settings.io import Io, fitted, wired
from gate.settings.kiosk import Keypad, KioskDevice, Printer, Scanner, device_path
from gate.settings.push import Push
from gate.settings.types import Name, Section

PointKind = Literal["approach", "entry", "exit", "terminal"]
SafetyInput = Literal["safety", "photo-eye", "emergency-stop", "fire"]
"""Inputs that must stop or open the barrier without us: software is the second line (EN 12453)."""


class PointSettings(Section):
    """One place where a vehicle (or baggage carrier) meets the gate."""

    name: Name
    label: str = Field(description="what boards and drivers call it, e.g. 2", min_length=1, max_length=4)
    kind: PointKind
    corridors: tuple[Corridor, ...] = Field(default=(), validate_default=True)
    io: Io | None = Field(default=None, validate_default=True)
    hard_wired: tuple[SafetyInput, ...] = ()
    """Which of them are wired to the barrier's own controller. Ours are a copy, to see and to tell."""
    board: Board | None = None
    camera: Camera | None = None
    push: Push | None = None
    rear: Camera | None = Field(default=None, description="sees the trailer's plate")
    kiosk: bool = Field(default=False, validate_default=True)
    merge: Name | None = None
    """Lanes of one merge run into one another behind their barriers: one of them opens at a time."""
    takes_oversize: bool = False
    """Vehicles that trip a height detector may be sent here."""
    scanner: Scanner | None = None
    keypad: Keypad | None = None
    printer: Printer | None = None

    # Checked field by field, not on the whole model: pydantic leaves a model's own validators out
    # when a field is wrong, and people want every error at once.
    @field_validator("corridors")
    @classmethod
    def _corridors_fit(cls, value: tuple[Corridor, ...], info: ValidationInfo) -> tuple[Corridor, ...]:
        kind, name = info.data.get("kind"), info.data.get("name")
        if kind == "entry" and not value:
            raise ValueError(f"entry lane {name} serves no corridor: name at least one")
        if kind not in (None, "entry") and value:
            raise ValueError(f"{kind} point {name} cannot serve a corridor: only an entry lane does")
        return value

    @field_validator("io")
    @classmethod
    def _io_fits(cls, value: Io | None, info: ValidationInfo) -> Io | None:
        kind, name = info.data.get("kind"), info.data.get("name")
        if kind in ("entry", "exit") and value is None:
            raise ValueError(f"{kind} lane {name} has no io: a barrier and its detectors")
        if value is not None:
            _inputs_fit(value, name, barrier=kind in ("entry", "exit"))
        return value

    @field_validator("hard_wired")
    @classmethod
    def _hard_wired_fits(
        cls, value: tuple[SafetyInput, ...], info: ValidationInfo
    ) -> tuple[SafetyInput, ...]:
        kind, name = info.data.get("kind"), info.data.get("name")
        if value and kind in ("approach", "terminal"):
            raise ValueError(f"{kind} point {name} has no barrier to wire anything to")
        return value

    @field_validator("camera")
    @classmethod
    def _trigger_fits(cls, value: Camera | None, info: ValidationInfo) -> Camera | None:
        kind, name = info.data.get("kind"), info.data.get("name")
        if value is None or kind is None or "io" not in info.data:
            return value
        has_io = info.data["io"] is not None
        if value.trigger == "motion" and (why := _motion_refused(kind, has_io=has_io)) is not None:
            raise ValueError(f"trigger: motion at {kind} {name}: {why}")
        if value.trigger == "presence" and kind == "approach" and not has_io:
            raise ValueError(
                f"approach {name} has a camera and no io: no detector would ever start a reading. Name "
                "the io with its presence detector, or say trigger: motion, which only tells who comes"
            )
        return value

    @field_validator("push")
    @classmethod
    def _push_fits(cls, value: Push | None, info: ValidationInfo) -> Push | None:
        if value is not None and _by_motion(info):
            raise ValueError(
                f"{info.data.get('name')} is read by motion: a pushed read is taken only while a detector "
                "says that a vehicle stands there, so leave push out or fit a detector"
            )
        return value

    @field_validator("rear")
    @classmethod
    def _rear_fits(cls, value: Camera | None, info: ValidationInfo) -> Camera | None:
        if value is not None and "camera" in info.data and info.data["camera"] is None:
            raise ValueError(f"{info.data.get('name')} has a rear camera and no camera for the front plate")
        if value is not None and value.trigger == "motion":
            raise ValueError(
                f"{info.data.get('name')} rear cannot have trigger: motion: it is read whenever the front is"
            )
        return value

    @field_validator("kiosk")
    @classmethod
    def _kiosk_fits(cls, value: bool, info: ValidationInfo) -> bool:
        if info.data.get("kind") == "terminal" and not value:
            raise ValueError(f"terminal {info.data.get('name')} needs kiosk: true")
        if value and _by_motion(info):
            raise ValueError(
                f"{info.data.get('name')} is read by motion and has no presence detector: nobody could be "
                "answered at its kiosk, so leave kiosk out or fit a detector"
            )
        return value

    @field_validator("scanner", "keypad", "printer")
    @classmethod
    def _kiosk_device_fits(cls, value: KioskDevice | None, info: ValidationInfo) -> KioskDevice | None:
        kind, name = info.data.get("kind"), info.data.get("name")
        if value is None:
            return None
        if kind in ("entry", "exit"):
            raise ValueError(
                f"{name} is an {kind} lane: a {info.field_name} stands at an approach or terminal"
            )
        if _by_motion(info):
            raise ValueError(
                f"{name} is read by motion and has no presence detector: nobody could be answered at a "
                f"{info.field_name}, so leave it out or fit a detector"
            )
        path = device_path(value)
        others = {
            other: getattr(info.data.get(other), "camera", info.data.get(other))
            for other in ("io", "board", "camera", "rear", "scanner", "keypad")
        }
        for other, device in others.items():
            if path is not None and path in (getattr(device, "port", None), getattr(device, "device", None)):
                raise ValueError(f"{name} {info.field_name} and {other} share the device {path}")
        return value

    @property
    def fitted(self) -> Fitted:
        """What the point has, as its lane and its driver need to know it."""
        return fitted(self.io, barrier=self.kind in ("entry", "exit"))


def not_hard_wired(point: PointSettings) -> tuple[SafetyInput, ...]:
    """The safety inputs this barrier lane has and does not declare as hard-wired."""
    if point.io is None or point.kind not in ("entry", "exit"):
        return ()
    inputs = wired(point.io, barrier=True)
    return tuple(one for one in get_args(SafetyInput) if one in inputs and one not in point.hard_wired)


def _motion_refused(kind: PointKind, *, has_io: bool) -> str | None:
    """Why motion starts no reading at such a point; None where it may."""
    if kind == "terminal":
        return "no vehicle comes to a terminal. Leave trigger out"
    if kind != "approach":
        return (
            "motion in a picture is no presence detector: a shadow moves, a vehicle that stands does not. "
            "Leave trigger out: the arming detector starts the reading"
        )
    if has_io:
        return (
            "it has a presence detector, which starts its readings. Leave trigger out, or leave io out for a "
            "point that only tells who comes"
        )
    return None


def _by_motion(info: ValidationInfo) -> bool:
    camera = info.data.get("camera")
    return camera is not None and camera.trigger == "motion"


def _inputs_fit(io: Io, name: str | None, *, barrier: bool) -> None:
    """Refuse a point that lacks what nothing can be decided without."""
    inputs = wired(io, barrier=barrier)
    needed = ("arming", "safety") if barrier else ("arming",)
    missing = [one for one in needed if one not in inputs]
    if missing:
        raise ValueError(f"{name} io has no {' and no '.join(missing)} detector among its inputs")
    if barrier and ("barrier-up" in inputs) != ("barrier-down" in inputs):
        raise ValueError(f"{name} io has one limit switch: feedback needs barrier-up and barrier-down")
    twice = sorted({at for at in inputs.values() if list(inputs.values()).count(at) > 1})
    if twice:
        raise ValueError(f"{name} io has two inputs on terminal {', '.join(map(str, twice))}")
