"""Every camera driver, chosen by its settings. To add one: a settings model, a feed here, a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from gate.settings import Camera as CameraSettings
from gate.settings import FolderCamera, MjpegCamera, RtspCamera, V4l2Camera, VideoFileCamera
from hardware.cameras.port import Camera

if TYPE_CHECKING:
    from hardware.cameras.feed import Feed


def build_camera(settings: CameraSettings) -> Camera:
    """The camera these settings describe, not yet started."""
    from hardware.cameras.feed import FedCamera

    return FedCamera(
        _feed(settings), stale_seconds=settings.stale_seconds, frozen_seconds=settings.frozen_seconds
    )


def _feed(settings: CameraSettings) -> Feed:
    match settings:
        case MjpegCamera():
            from hardware.cameras.mjpeg import MjpegFeed

            return MjpegFeed(settings)
        case RtspCamera():
            from hardware.cameras.rtsp import RtspFeed

            return RtspFeed(settings)
        case V4l2Camera():
            from hardware.cameras.v4l2 import V4l2Feed

            return V4l2Feed(settings)
        case FolderCamera():
            from hardware.cameras.folder import FolderFeed

            return FolderFeed(settings)
        case VideoFileCamera():
            from hardware.cameras.video_file import VideoFileFeed

            return VideoFileFeed(settings)
        case _:
            assert_never(settings)
