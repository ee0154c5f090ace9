"""Barriers, detectors, contacts and signals: the board or device that carries a point's inputs and relays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gate.lanes.events import Contact, Detector
from gate.lanes.fitted import Fitted
from gate.settings.types import Baud, Section

Input = Literal[
    "arming",
    "safety",
    "photo-eye",
    "exit",
    "barrier-up",
    "barrier-down",
    "height",
    "fire",
    "emergency-stop",
    "key-switch",
    "mains",
    "ups",
    "cabinet",
]
"""What can be wired to an input: detectors, limit switches, contacts."""
Terminal = Annotated[int, Field(ge=0, le=31)]

BARRIER_INPUTS: Mapping[Input, int] = {"arming": 0, "safety": 1, "barrier-up": 2, "barrier-down": 3}
APPROACH_INPUTS: Mapping[Input, int] = {"arming": 0}


class ModbusRtu(Section):
    """Relay and input board on a serial line."""

    driver: Literal["modbus-rtu"]
    port: Path
    baud: Baud = 115200
    unit: int = Field(default=1, ge=1, le=247)
    poll_seconds: float = Field(default=0.1, gt=0)
    inputs: dict[Input, Terminal] | None = None
    """Which input is wired to which terminal; unless said, the four (at an approach: one) of every lane."""


class MqttIo(Section):
    """A device on the site's broker, by the topic contract."""

    driver: Literal["mqtt"]
    inputs: tuple[Input, ...] | None = None


Io = Annotated[ModbusRtu | MqttIo, Field(discriminator="driver")]


def wired(io: Io, *, barrier: bool) -> Mapping[Input, int]:
    """Each input of this point and its terminal (for MQTT devices the terminals mean nothing)."""
    if io.inputs is None:
        return BARRIER_INPUTS if barrier else APPROACH_INPUTS
    if isinstance(io.inputs, dict):
        return io.inputs
    return {name: at for at, name in enumerate(io.inputs)}


def fitted(io: Io | None, *, barrier: bool) -> Fitted:
    """What this point has, as its lane and its driver need to know it."""
    names = set() if io is None else set(wired(io, barrier=barrier))
    return Fitted(
        frozenset(detector for detector in Detector if detector.value in names),
        frozenset(contact for contact in Contact if contact.value in names),
        barrier=barrier,
        feedback=barrier and {"barrier-up", "barrier-down"} <= names,
    )
