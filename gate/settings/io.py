"""Barriers, detectors, contacts and signals: the board or device that carries a point's inputs and relays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gate.lanes.events import Contact, Detector
from gate.lanes.fitted import Fitted
from gate.settings.types import Baud, Port, Section, Text

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
Register = Annotated[int, Field(ge=0, le=0xFFFF)]

BARRIER_INPUTS: Mapping[Input, int] = {"arming": 0, "safety": 1, "barrier-up": 2, "barrier-down": 3}
APPROACH_INPUTS: Mapping[Input, int] = {"arming": 0}


class BoardWatchdog(Section):
    """The board's own communication watchdog: it opens its relays when no request comes for `seconds`.

    Written to the holding register `address` in steps of `step_seconds` and read back; the board's
    manual names both.
    """

    address: Register
    step_seconds: float = Field(default=0.1, ge=0.001, le=1)
    seconds: float = Field(default=3.0, ge=2, le=60)

    @property
    def steps(self) -> int:
        """What the register must hold."""
        return round(self.seconds / self.step_seconds)


class _ModbusBoard(Section):
    """A relay and input board with the register map of hardware/barriers/modbus."""

    unit: int = Field(default=1, ge=1, le=247)
    poll_seconds: float = Field(default=0.1, gt=0, le=0.5)
    inputs: dict[Input, Terminal] | None = None
    """Which input is wired to which terminal; unless said, the four (at an approach: one) of every lane."""
    marker: Literal["registers", "loopback"] = "registers"
    """How the board proves that an answer is today's: see hardware/barriers/modbus_marker."""
    marker_register: Register = 0x1000
    """The first of eight holding registers that may be read at any time (marker: registers)."""
    watchdog: BoardWatchdog | None = None


class ModbusRtu(_ModbusBoard):
    """Relay and input board on a serial line."""

    driver: Literal["modbus-rtu"]
    port: Path
    baud: Baud = 115200
    settle_seconds: float = Field(default=0.2, ge=0.02, le=2)
    """How long the line must be silent after a missing or wrong answer before it is used again."""


class ModbusTcp(_ModbusBoard):
    """Relay and input board on the network, or behind a gateway."""

    driver: Literal["modbus-tcp"]
    host: Text
    port: Port = 502


class MqttIo(Section):
    """A device on the site's broker, by the topic contract."""

    driver: Literal["mqtt"]
    inputs: tuple[Input, ...] | None = None


Io = Annotated[ModbusRtu | ModbusTcp | MqttIo, Field(discriminator="driver")]


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
