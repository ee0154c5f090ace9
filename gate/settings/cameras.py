"""Cameras: where frames come from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from gate.settings.types import RtspUrl, Section, Url


def _no_secrets(url: str) -> str:
    """Refuse a password where logs, screens and backups would show it."""
    # A value_error's message does not repeat the value, as a pattern's would.
    if "@" in urlsplit(url).netloc:
        raise ValueError("holds a user or password: write user:password into a file, name credentials_file")
    return url


Share = Annotated[float, Field(ge=0, le=1)]
"""Of the picture's width or height, from its upper left corner."""
_LEAST_PART = 0.05
_FEWEST_CORNERS, _MOST_CORNERS = 3, 32


class Roi(Section):
    """The part of the picture that is read, as shares of it: a rectangle."""

    x: Share
    y: Share
    w: float = Field(ge=_LEAST_PART, le=1)
    h: float = Field(ge=_LEAST_PART, le=1)

    @field_validator("w", "h")
    @classmethod
    def _stays_inside(cls, value: float, info: ValidationInfo) -> float:
        begins = info.data.get("x" if info.field_name == "w" else "y", 0.0)
        # Written with two digits, three tenths and seven tenths may be more than one by a bit.
        if begins + value > 1 + 1e-9:
            axis = "x" if info.field_name == "w" else "y"
            raise ValueError(f"ends outside the picture: {axis} + {info.field_name} must be 1 at most")
        return value


class _AnyCamera(Section):
    roi: Roi | None = Field(
        default=None, description="read only this part of the picture: x, y, w, h as shares of it"
    )
    outline: tuple[tuple[Share, Share], ...] | None = Field(
        default=None,
        description="instead of roi, a polygon: at least three corners [x, y] as shares of the picture",
    )
    trigger: Literal["presence", "motion"] = Field(
        default="presence", description="what starts a reading: the point's presence detector, or motion"
    )
    """motion only tells who comes: it is no presence detector, and directs and opens nothing."""
    stale_seconds: float = Field(default=3.0, gt=0, le=60)
    """A frame older than this is not read, and no newer one is a fault."""
    frozen_seconds: float = Field(default=30.0, ge=0, le=3600)
    """Frames that show the very same picture for so long are a fault and are not read; 0: never."""

    @field_validator("outline")
    @classmethod
    def _outline_fits(
        cls, value: tuple[tuple[float, float], ...] | None, info: ValidationInfo
    ) -> tuple[tuple[float, float], ...] | None:
        if value is None:
            return None
        if not _FEWEST_CORNERS <= len(value) <= _MOST_CORNERS:
            raise ValueError(f"has {len(value)} corners: it needs {_FEWEST_CORNERS} to {_MOST_CORNERS}")
        if info.data.get("roi") is not None:
            raise ValueError("stands beside roi: name one of the two")
        for axis, letter in enumerate("xy"):
            across = [corner[axis] for corner in value]
            if max(across) - min(across) < _LEAST_PART:
                raise ValueError(
                    f"is too thin along {letter}: it must span {_LEAST_PART} of the picture at least"
                )
        return value


class _NetworkCamera(_AnyCamera):
    credentials_file: Path | None = None
    """One line, `user:password`. Digest is used where the camera offers it, else Basic."""
    timeout_seconds: float = Field(default=5.0, gt=0, le=60)
    """For connecting, and for the next byte after that."""


class MjpegCamera(_NetworkCamera):
    """A camera that serves multipart MJPEG over HTTP or HTTPS."""

    driver: Literal["http-mjpeg"]
    url: Annotated[Url, AfterValidator(_no_secrets)]
    ca_file: Path | None = None
    """Certificates (PEM) that an https camera's must be signed by; without it, the system's."""


class RtspCamera(_NetworkCamera):
    """A camera that serves H.264, H.265 or MJPEG over RTSP."""

    driver: Literal["rtsp"]
    url: Annotated[RtspUrl, AfterValidator(_no_secrets)]
    transport: Literal["tcp", "udp"] = "tcp"
    """udp loses packets, and pictures with them; some old cameras offer nothing else."""


class V4l2Camera(_AnyCamera):
    """A camera of this machine: USB, or a capture card."""

    driver: Literal["v4l2"]
    device: Path
    """By id: /dev/video0 may be another camera after the next restart."""
    size: str | None = Field(
        default=None, pattern=r"^[1-9]\d{1,4}x[1-9]\d{1,4}$", description="width x height, e.g. 1920x1080"
    )
    frames_per_second: float | None = Field(default=None, gt=0, le=240)
    pixels: Literal["mjpeg", "yuyv422", "h264"] | None = None
    """What the camera is asked to send; without it, what it offers first (often yuyv422, and slowly)."""


class FolderCamera(_AnyCamera):
    """Photographs in a folder, shown in name order, the last one standing still."""

    driver: Literal["folder"]
    path: Path
    frames_per_second: float = Field(default=5.0, gt=0)
    frozen_seconds: float = Field(default=0.0, ge=0, le=3600)


class VideoFileCamera(_AnyCamera):
    """A recording, shown at its own pace, then again (`loop`) or its last picture standing still."""

    driver: Literal["video-file"]
    path: Path
    loop: bool = False
    frozen_seconds: float = Field(default=0.0, ge=0, le=3600)


Camera = Annotated[
    MjpegCamera | RtspCamera | V4l2Camera | FolderCamera | VideoFileCamera, Field(discriminator="driver")
]
