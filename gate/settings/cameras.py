"""Cameras: where frames come from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from gate.settings.types import RtspUrl, Section, Url


def _no_secrets(url: str) -> str:
    """Refuse a password where logs, screens and backups would show it."""
    # A value_error's message does not repeat the value, as a pattern's would.
    if "@" in urlsplit(url).netloc:
        raise ValueError("holds a user or password: write user:password into a file, name credentials_file")
    return url


class _AnyCamera(Section):
    stale_seconds: float = Field(default=3.0, gt=0, le=60)
    """A frame older than this is not read, and no newer one is a fault."""
    frozen_seconds: float = Field(default=30.0, ge=0, le=3600)
    """Frames that show the very same picture for so long are a fault and are not read; 0: never."""


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
