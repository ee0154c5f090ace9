"""Information boards (Rules 9.2)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gate.settings.types import Baud, Section


class AlphaSerial(Section):
    """A board speaking the Alpha sign protocol on a serial line."""

    driver: Literal["alpha-serial"]
    port: Path
    baud: Baud = 9600


class MqttBoard(Section):
    """A board on the site's broker, by the topic contract."""

    driver: Literal["mqtt"]


Board = Annotated[AlphaSerial | MqttBoard, Field(discriminator="driver")]
