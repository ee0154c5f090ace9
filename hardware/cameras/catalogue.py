"""Every camera driver, chosen by its settings. To add one: a settings model, a file here, a case."""

from __future__ import annotations

from typing import assert_never

from gate.settings import FolderCamera, MjpegCamera
from hardware.cameras.port import Camera


def build_camera(settings: MjpegCamera | FolderCamera) -> Camera:
    """The camera these settings describe, not yet started."""
    match settings:
        case MjpegCamera():
            from hardware.cameras.mjpeg import MjpegCamera as Mjpeg

            return Mjpeg(settings)
        case FolderCamera():
            from hardware.cameras.folder import FolderCamera as Folder

            return Folder(settings)
        case _:
            assert_never(settings)
