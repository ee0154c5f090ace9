"""Cameras: where frames come from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gate.settings.types import Section, Url


class MjpegCamera(Section):
    """A camera that serves multipart MJPEG over HTTP."""

    driver: Literal["http-mjpeg"]
    url: Url


class FolderCamera(Section):
    """Photographs in a folder, shown in name order, the last one standing still."""

    driver: Literal["folder"]
    path: Path
    frames_per_second: float = Field(default=5.0, gt=0)


Camera = Annotated[MjpegCamera | FolderCamera, Field(discriminator="driver")]
