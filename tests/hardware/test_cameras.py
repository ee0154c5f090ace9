"""Cameras: real HTTP streams and folders, sound pictures and broken ones."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from prometheus_client import REGISTRY

from gate.settings import FolderCamera, MjpegCamera
from hardware.cameras.catalogue import build_camera
from hardware.cameras.mjpeg import MjpegCamera as Mjpeg
from hardware.cameras.newest import MAX_PIXELS, NewestFrame, picture_fault
from hardware.cameras.port import Camera, Frame, Image
from hardware.emulators.camera import CameraServer, empty_road, encode
from tests.hardware.posted import eventually


def plain(blue: int, green: int, red: int) -> Image:
    """A picture of one colour."""
    return np.full((120, 160, 3), (blue, green, red), dtype=np.uint8)


BLUE, RED = plain(200, 0, 0), plain(0, 0, 200)


def is_blue(frame: Frame | None) -> bool:
    """Mostly blue, JPEG or not."""
    return frame is not None and frame.image[..., 0].mean() > 2 * frame.image[..., 2].mean()


def is_red(frame: Frame | None) -> bool:
    """Mostly red."""
    return frame is not None and frame.image[..., 2].mean() > 2 * frame.image[..., 0].mean()


def refused(reason: str) -> float:
    """The counter now."""
    return REGISTRY.get_sample_value("gate_camera_frames_refused_total", {"reason": reason}) or 0.0


@asynccontextmanager
async def started(camera: Camera) -> AsyncIterator[Camera]:
    """The camera runs for the length of the block."""
    camera.start()
    try:
        yield camera
    finally:
        await asyncio.to_thread(camera.stop)


@pytest.fixture
async def server() -> AsyncIterator[CameraServer]:
    """Emulated cameras."""
    async with CameraServer() as made:
        yield made


def mjpeg(server: CameraServer, name: str = "lane-1") -> Camera:
    """The driver for one of them."""
    return build_camera(MjpegCamera(driver="http-mjpeg", url=server.url(name)))


async def test_the_newest_picture_is_had_and_sequence_grows(server: CameraServer) -> None:
    """What is shown is seen; `after` gives only newer frames."""
    server.show("lane-1", BLUE)
    async with started(mjpeg(server)) as camera:
        await eventually(lambda: is_blue(camera.latest(0)))
        frame = camera.latest(0)
        assert frame is not None
        assert frame.captured <= time.monotonic()
        assert camera.fault is None
        await eventually(lambda: camera.latest(frame.sequence) is not None)
        server.show("lane-1", RED)
        await eventually(lambda: is_red(camera.latest(frame.sequence)))


async def test_an_empty_road_is_dark(server: CameraServer) -> None:
    """None shows the road at night."""
    server.show("lane-1", None)
    async with started(mjpeg(server)) as camera:
        await eventually(lambda: camera.latest(0) is not None)
        frame = camera.latest(0)
        assert frame is not None
        assert frame.image.shape == empty_road().shape
        assert frame.image.mean() < 60


async def test_a_camera_that_goes_away_is_a_fault_and_mends_itself(server: CameraServer) -> None:
    """Cut off: fault in words. Back at the same place: frames, sequence going on."""
    server.show("lane-1", BLUE)
    async with started(mjpeg(server)) as camera:
        await eventually(lambda: camera.latest(0) is not None)
        before = camera.latest(0)
        assert before is not None
        await server.stop()
        await eventually(lambda: camera.fault is not None)
        assert server.url("lane-1") in str(camera.fault)
        server.show("lane-1", RED)
        await server.start()
        await eventually(lambda: is_red(camera.latest(before.sequence)))
        assert camera.fault is None


async def test_a_camera_that_is_not_there_says_so(server: CameraServer) -> None:
    """A wrong path is named in the fault."""
    async with started(mjpeg(server, "nowhere")) as camera:
        await eventually(lambda: "404" in str(camera.fault))
        assert camera.latest(0) is None


async def test_a_connected_camera_without_frames_is_given_up(server: CameraServer) -> None:
    """Silence on an open connection is a fault too."""
    server.show("lane-1", BLUE)
    settings = MjpegCamera(driver="http-mjpeg", url=server.url("lane-1"))
    async with started(Mjpeg(settings, silent_seconds=0.3)) as camera:
        await eventually(lambda: camera.latest(0) is not None)
        server.freeze("lane-1")
        await eventually(lambda: camera.fault is not None)
        server.thaw("lane-1")
        await eventually(lambda: camera.fault is None)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (encode(BLUE)[:-200], "truncated"),
        (b"GIF89a not for us", "not-a-picture"),
        (b"\xff\xd8\xff\xd9", "corrupt"),
    ],
)
async def test_a_broken_picture_is_skipped_and_counted(
    server: CameraServer, data: bytes, reason: str
) -> None:
    """The stream goes on behind it."""
    before = refused(reason)
    server.show_jpeg("lane-1", data)
    async with started(mjpeg(server)) as camera:
        await eventually(lambda: refused(reason) > before)
        assert camera.latest(0) is None
        server.show("lane-1", BLUE)
        await eventually(lambda: is_blue(camera.latest(0)))


def test_a_picture_that_would_not_fit_in_memory_is_refused() -> None:
    """A small JPEG may claim 65,000 x 65,000 pixels."""
    data = bytearray(encode(BLUE))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = b"\xfd\xe8\xfd\xe8"
    assert MAX_PIXELS < 0xFDE8**2
    assert picture_fault(bytes(data)) == "too-many-pixels"


def test_a_picture_sound_outside_and_rotten_inside_is_no_frame() -> None:
    """Markers in place, nothing decodable between: counted when somebody wants to see it."""
    newest = NewestFrame("test")
    whole = encode(BLUE)
    frame_header = whole[whole.index(b"\xff\xc0") :][:19]
    rotten = b"\xff\xd8" + frame_header + b"\x00" * 50 + b"\xff\xd9"
    assert newest.put(rotten)
    before = refused("corrupt")
    assert newest.latest(0) is None
    assert refused("corrupt") == before + 1
    assert newest.put(whole)
    assert is_blue(newest.latest(0))


def test_credentials_are_not_told() -> None:
    """A fault goes to logs and screens; the password does not."""
    camera = Mjpeg(MjpegCamera(driver="http-mjpeg", url="http://root:secret@127.0.0.1:1/x?token=hush"))
    camera.start()
    try:
        assert "secret" not in str(camera.fault)
        assert "hush" not in str(camera.fault)
        assert "127.0.0.1:1/x" in str(camera.fault)
    finally:
        camera.stop()


@contextmanager
def folder_camera(path: Path) -> Iterator[Camera]:
    """A folder shown at 50 photographs a second."""
    camera = build_camera(FolderCamera(driver="folder", path=path, frames_per_second=50))
    camera.start()
    try:
        yield camera
    finally:
        camera.stop()


def write(path: Path, image: Image) -> None:
    """A photograph on disk, whatever letters its path has."""
    done, data = cv2.imencode(path.suffix, image)
    assert done
    path.write_bytes(bytes(data))


def watch(camera: Camera, seen: list[str]) -> Callable[[], bool]:
    """Notes each change of colour; True once the camera has stood still for some frames."""
    last = {"sequence": 0, "still": 0}

    def look() -> bool:
        frame = camera.latest(last["sequence"])
        if frame is not None:
            last["sequence"] = frame.sequence
            colour = "blue" if is_blue(frame) else "red" if is_red(frame) else "other"
            last["still"] += 1
            if not seen or seen[-1] != colour:
                seen.append(colour)
                last["still"] = 0
        return last["still"] > 8

    return look


async def test_a_folder_is_shown_in_name_order_and_the_last_stands_still(tmp_path: Path) -> None:
    """Two photographs, one unusable between them: blue, then red, then red for ever."""
    folder = tmp_path / "şəkillər"
    folder.mkdir()
    write(folder / "a.png", BLUE)
    (folder / "b.jpg").write_bytes(b"this is no photograph")
    write(folder / "c.jpg", RED)
    (folder / "notes.txt").write_text("not a photograph either")
    seen: list[str] = []
    with folder_camera(folder) as camera:
        await eventually(watch(camera, seen))
        assert camera.fault is None
        assert seen == ["blue", "red"]
        write(folder / "d.png", BLUE)
        await eventually(watch(camera, seen))
    assert seen[-1] == "blue"


async def test_a_missing_folder_is_a_fault_that_mends_itself(tmp_path: Path) -> None:
    """No folder, then an empty one, then a photograph."""
    folder = tmp_path / "photos"
    with folder_camera(folder) as camera:
        await eventually(lambda: "cannot read" in str(camera.fault))
        folder.mkdir()
        await eventually(lambda: "no usable photograph" in str(camera.fault))
        write(folder / "a.jpg", RED)
        await eventually(lambda: is_red(camera.latest(0)))
        assert camera.fault is None
