"""What the daemon and its plate-reading child say: one JSON object a line, checked on both sides."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from gate.anpr.camera.quality import Quality
from gate.model import PlateRead, RegistrationMark
from gate.settings import AnprSettings, Camera

MAX_LINE = 64 * 1024
"""Bytes; a longer line is refused on either side."""

_Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Reason = Annotated[str, Field(pattern=r"^[a-z-]{1,32}$")]
_Name = Annotated[str, Field(min_length=1, max_length=128)]
_Share = Annotated[float, Field(ge=0, le=1)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def encode(self) -> bytes:
        """The message as its line, newline included."""
        return self.model_dump_json().encode() + b"\n"


# --- daemon -> child ------------------------------------------------------------------------


class Settings(_Line):
    """The first line, once."""

    type: Literal["settings"] = "settings"
    anpr: AnprSettings
    cameras: dict[str, Camera]
    rears: dict[str, Camera] = {}
    evidence: Path
    evidence_floor: int = Field(default=0, ge=0)
    """Bytes of the disk that pictures leave to others."""


class Start(_Line):
    """Read for this passage. `seconds` is what is left of its give-up time."""

    type: Literal["start"] = "start"
    point: _Name
    passage: _Name
    seconds: float = Field(ge=0, le=3600)


class Stop(_Line):
    """Forget this passage."""

    type: Literal["stop"] = "stop"
    point: _Name
    passage: _Name


Order = Annotated[Start | Stop, Field(discriminator="type")]
ORDERS: TypeAdapter[Start | Stop] = TypeAdapter(Order)

# --- child -> daemon ------------------------------------------------------------------------


class Ready(_Line):
    """The engine is loaded and the cameras are started."""

    type: Literal["ready"] = "ready"


class Heartbeat(_Line):
    """The reading loop turns."""

    type: Literal["heartbeat"] = "heartbeat"
    passages: int = Field(ge=0)


class ReadBody(_Line):
    """A PlateRead on the wire."""

    mark: Annotated[str, Field(pattern=r"^[0-9A-Z]{1,16}$")]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None
    confidence: float = Field(ge=0, le=1)
    frames: int = Field(ge=1)
    sure: bool
    evidence: Annotated[tuple[_Hex, ...], Field(max_length=2)]

    @staticmethod
    def of(read: PlateRead) -> ReadBody:
        """`read` for the wire."""
        return ReadBody(
            mark=read.mark,
            country=read.country,
            confidence=read.confidence,
            frames=read.frames,
            sure=read.sure,
            evidence=read.evidence,
        )

    def to_read(self) -> PlateRead:
        """The record it stands for."""
        return PlateRead(
            RegistrationMark(self.mark),
            self.country,
            self.confidence,
            self.frames,
            self.sure,
            self.evidence,
        )


class Answer(_Line):
    """The one answer to a Start. `read` is None when no plate could be read; `trailer` is the rear's."""

    type: Literal["answer"] = "answer"
    point: _Name
    passage: _Name
    read: ReadBody | None
    trailer: ReadBody | None = None


class Sighted(_Line):
    """A vehicle that motion alone made the child read: nobody ordered it, and it answers no passage."""

    type: Literal["sighted"] = "sighted"
    point: _Name
    read: ReadBody
    trailer: ReadBody | None = None


class CameraState(_Line):
    """A camera began to fail (`fault` says why) or recovered (None). Told when it changes."""

    type: Literal["camera"] = "camera"
    point: _Name
    fault: Annotated[str, Field(max_length=500)] | None


class QualityBody(_Line):
    """A Quality on the wire: how a camera has shown the last vehicles' plates."""

    sharpness: float | None = Field(ge=0, le=100)
    contrast: _Share | None
    burnt: _Share | None
    dark: _Share
    clipped: _Share

    @staticmethod
    def of(quality: Quality) -> QualityBody:
        """`quality` for the wire."""
        return QualityBody(**asdict(quality))

    def to_quality(self) -> Quality:
        """The record it stands for."""
        return Quality(self.sharpness, self.contrast, self.burnt, self.dark, self.clipped)


class CameraFigures(_Line):
    """How a camera does, told with every heartbeat. Counts are from the child's start.

    `age` is the newest frame's, `refused` pictures by reason; `read`, `unchanged` and `old` are frames of
    waiting passages. `motion` counts what came of readings that motion started. `quality` is None
    until enough vehicles have passed.
    """

    type: Literal["figures"] = "figures"
    point: _Name
    age: float | None = Field(ge=0)
    refused: Annotated[dict[_Reason, Annotated[int, Field(ge=0)]], Field(max_length=16)]
    read: int = Field(default=0, ge=0)
    unchanged: int = Field(default=0, ge=0)
    old: int = Field(default=0, ge=0)
    motion: Annotated[dict[_Reason, Annotated[int, Field(ge=0)]], Field(max_length=16)] = {}
    quality: QualityBody | None = None


class Leaving(_Line):
    """The child ends itself; its last line. `reason` is for people."""

    type: Literal["leaving"] = "leaving"
    reason: Annotated[str, Field(max_length=500)]


class Refused(_Line):
    """The child could not use a line it was sent."""

    type: Literal["refused"] = "refused"
    reason: Annotated[str, Field(max_length=500)]


Report = Annotated[
    Ready | Heartbeat | Answer | Sighted | CameraState | CameraFigures | Refused | Leaving,
    Field(discriminator="type"),
]
REPORTS: TypeAdapter[
    Ready | Heartbeat | Answer | Sighted | CameraState | CameraFigures | Refused | Leaving
] = TypeAdapter(Report)
