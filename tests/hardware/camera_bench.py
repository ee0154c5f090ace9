"""Benches for cameras: a driver, and what it looks at, at the far end of its real link."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal, Protocol

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from gate.settings import Camera as CameraSettings
from gate.settings import FolderCamera, MjpegCamera, RtspCamera, VideoFileCamera
from hardware.cameras.catalogue import build_camera
from hardware.cameras.port import Camera, Frame, Image
from hardware.emulators.camera import CameraServer, encode
from hardware.emulators.noise import noisy
from hardware.emulators.rtp import Codec
from hardware.emulators.rtsp_camera import RtspServer

FROZEN = 0.5
DRIVERS = ("http-mjpeg", "rtsp-h264", "rtsp-mjpeg", "folder", "video-h264", "video-mjpeg")


def plain(blue: int, green: int, red: int) -> Image:
    """A picture of one colour."""
    return np.full((128, 160, 3), (blue, green, red), dtype=np.uint8)


BLUE, RED = plain(200, 0, 0), plain(0, 0, 200)


def is_blue(frame: Frame | None) -> bool:
    """Mostly blue, whatever the codec made of it."""
    return frame is not None and frame.image[..., 0].mean() > 2 * frame.image[..., 2].mean()


def is_red(frame: Frame | None) -> bool:
    """Mostly red."""
    return frame is not None and frame.image[..., 2].mean() > 2 * frame.image[..., 0].mean()


@asynccontextmanager
async def started(camera: Camera) -> AsyncIterator[Camera]:
    """The camera runs for the length of the block."""
    camera.start()
    try:
        yield camera
    finally:
        await asyncio.to_thread(camera.stop)


def write(path: Path, image: Image) -> None:
    """A photograph on disk, whatever letters its path has."""
    done, data = cv2.imencode(path.suffix, image)
    assert done
    path.write_bytes(bytes(data))


def record(path: Path, pictures: Sequence[Image], *, codec: str = "libx264", rate: int = 20) -> None:
    """A video file of these pictures; put in its place whole, as a recorder would."""
    part = path.with_name(f"part-{path.name}")
    with av.open(str(part), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p" if codec == "libx264" else "yuvj420p"
        stream.codec_context.time_base = Fraction(1, rate)
        if codec == "libx264":
            # With B-frames, which phones record and cameras do not.
            stream.codec_context.options = {"g": "5", "bf": "2", "qp": "20"}
        for number, picture in enumerate(pictures):
            frame = VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    part.replace(path)


class Scene(Protocol):
    """What a camera looks at."""

    def show(self, image: Image, *, noise: bool = True) -> None:
        """From now on; without noise, the very same picture for ever."""
        ...

    async def lose(self) -> None:
        """The camera cannot be reached any more."""
        ...

    async def find(self) -> None:
        """It can again, at the same place."""
        ...


@dataclass
class CameraBench:
    """One driver, not started, and what is before it."""

    camera: Camera
    scene: Scene
    place: str
    """What the fault must name."""


class _Http:
    def __init__(self, server: CameraServer) -> None:
        self._server = server

    def show(self, image: Image, *, noise: bool = True) -> None:
        if noise:
            self._server.show("lane-1", image)
        else:
            self._server.show_jpeg("lane-1", encode(image))

    async def lose(self) -> None:
        await self._server.stop()

    async def find(self) -> None:
        await self._server.start()


class _Rtsp:
    def __init__(self, server: RtspServer) -> None:
        self._server = server

    def show(self, image: Image, *, noise: bool = True) -> None:
        self._server.show("lane-1", image, noise=noise)

    async def lose(self) -> None:
        await self._server.stop()

    async def find(self) -> None:
        await self._server.start()


class _OnDisk:
    """A folder or file that is moved away and back."""

    def __init__(self, path: Path, put: Callable[[Image, bool], None]) -> None:
        self._path = path
        self._put = put

    def show(self, image: Image, *, noise: bool = True) -> None:
        self._put(image, noise)

    async def lose(self) -> None:
        self._path.rename(self._path.with_name("elsewhere"))

    async def find(self) -> None:
        self._path.with_name("elsewhere").rename(self._path)


@asynccontextmanager
async def camera_bench(driver: str, folder: Path) -> AsyncIterator[CameraBench]:
    """A bench for one driver, looking at BLUE; the camera is not started."""
    settings: CameraSettings
    scene: Scene
    match driver:
        case "http-mjpeg":
            async with CameraServer() as http:
                scene = _Http(http)
                scene.show(BLUE)
                settings = MjpegCamera(
                    driver="http-mjpeg", url=http.url("lane-1"), frozen_seconds=FROZEN, timeout_seconds=1
                )
                yield CameraBench(build_camera(settings), scene, http.url("lane-1"))
        case "rtsp-h264" | "rtsp-mjpeg":
            codec: Codec = "h264" if driver == "rtsp-h264" else "mjpeg"
            async with RtspServer(codec) as rtsp:
                scene = _Rtsp(rtsp)
                scene.show(BLUE)
                settings = RtspCamera(
                    driver="rtsp", url=rtsp.url("lane-1"), frozen_seconds=FROZEN, timeout_seconds=1
                )
                yield CameraBench(build_camera(settings), scene, rtsp.url("lane-1"))
        case "folder":
            yield _folder(folder)
        case "video-h264" | "video-mjpeg":
            yield _video(folder, "h264" if driver == "video-h264" else "mjpeg")
        case _:
            raise AssertionError(driver)


def _folder(folder: Path) -> CameraBench:
    photos = folder / "şəkillər"
    photos.mkdir()
    count = 0

    def put(image: Image, noise: bool) -> None:
        nonlocal count
        for seen in noisy(image) if noise else (image,):
            count += 1
            write(photos / f"{count:04}.png", seen)

    put(BLUE, True)
    settings = FolderCamera(driver="folder", path=photos, frames_per_second=30, frozen_seconds=FROZEN)
    return CameraBench(build_camera(settings), _OnDisk(photos, put), str(photos))


def _video(folder: Path, codec: Literal["h264", "mjpeg"]) -> CameraBench:
    film = folder / ("film.mp4" if codec == "h264" else "film.avi")

    def put(image: Image, noise: bool) -> None:
        pictures = [seen for _ in range(4) for seen in (noisy(image) if noise else (image,) * 3)]
        record(film, pictures, codec="libx264" if codec == "h264" else "mjpeg")

    put(BLUE, True)
    settings = VideoFileCamera(driver="video-file", path=film, loop=True, frozen_seconds=FROZEN)
    return CameraBench(build_camera(settings), _OnDisk(film, put), str(film))
