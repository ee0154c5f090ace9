"""Folders, recordings and devices: cameras that are paths on this machine."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import av
import pytest
from av.packet import Packet
from av.video.stream import VideoStream
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.errors import DeviceError
from gate.settings import FolderCamera, V4l2Camera, VideoFileCamera
from hardware.cameras.catalogue import build_camera
from hardware.cameras.gop import Intake
from hardware.cameras.newest import NewestFrame
from hardware.cameras.port import Camera
from hardware.cameras.v4l2 import claimed
from hardware.emulators.noise import noisy
from tests.hardware.camera_bench import BLUE, RED, is_blue, is_red, record, started, write
from tests.hardware.posted import eventually


def colours(camera: Camera, seen: list[str]) -> Callable[[], bool]:
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
        return last["still"] > 4

    return look


def folder_camera(path: Path) -> Camera:
    """A folder shown slowly enough for a busy machine to see every photograph."""
    return build_camera(FolderCamera(driver="folder", path=path, frames_per_second=8))


async def test_a_folder_is_shown_in_name_order_and_the_last_stands_still(tmp_path: Path) -> None:
    """Two photographs, one unusable between them: blue, then red, then red for ever, and no fault."""
    folder = tmp_path / "şəkillər"
    folder.mkdir()
    write(folder / "a.png", BLUE)
    (folder / "b.jpg").write_bytes(b"this is no photograph")
    write(folder / "c.jpg", RED)
    (folder / "notes.txt").write_text("not a photograph either")
    seen: list[str] = []
    async with started(folder_camera(folder)) as camera:
        await eventually(colours(camera, seen))
        assert camera.fault is None
        assert seen == ["blue", "red"]
        assert camera.refused == {"not-a-picture": 1}
        write(folder / "d.png", BLUE)
        await eventually(colours(camera, seen))
    assert seen[-1] == "blue"


async def test_a_missing_folder_is_a_fault_that_mends_itself(tmp_path: Path) -> None:
    """No folder, then an empty one, then a photograph."""
    folder = tmp_path / "photos"
    async with started(folder_camera(folder)) as camera:
        await eventually(lambda: "cannot read" in str(camera.fault))
        folder.mkdir()
        await eventually(lambda: "no usable photograph" in str(camera.fault))
        write(folder / "a.jpg", RED)
        await eventually(lambda: is_red(camera.latest(0)))
        assert camera.fault is None


@pytest.mark.parametrize(("name", "codec"), [("film.mp4", "libx264"), ("film.avi", "mjpeg")])
async def test_a_recording_is_shown_at_its_own_pace_and_its_end_stands(
    tmp_path: Path, name: str, codec: str
) -> None:
    """Half a second of blue, then red: red does not come sooner, and stays for ever."""
    film = tmp_path / name
    record(film, [*noisy(BLUE) * 4, *noisy(RED) * 2], codec=codec, rate=20)
    seen: list[str] = []
    began = time.monotonic()
    async with started(build_camera(VideoFileCamera(driver="video-file", path=film))) as camera:
        await eventually(lambda: is_red(camera.latest(0)))
        assert time.monotonic() - began >= 0.5
        await eventually(colours(camera, seen))
        assert seen == ["red"]
        assert camera.fault is None
        assert camera.refused == {}
        frame = camera.latest(0)
        assert frame is not None
        assert time.monotonic() - frame.captured < 1


async def test_a_recording_in_a_loop_begins_again(tmp_path: Path) -> None:
    """Blue, red, blue, red."""
    film = tmp_path / "film.mp4"
    record(film, [*noisy(BLUE) * 2, *noisy(RED) * 2])
    settings = VideoFileCamera(driver="video-file", path=film, loop=True)
    seen: list[str] = []
    async with started(build_camera(settings)) as camera:
        look = colours(camera, seen)
        await eventually(lambda: look() or seen[:4] == ["blue", "red", "blue", "red"])


@pytest.mark.parametrize("content", [b"", b"no film at all", bytes(range(256)) * 800])
async def test_a_file_that_is_no_recording_is_a_fault(tmp_path: Path, content: bytes) -> None:
    """It is named, and replaced by a sound one it is shown."""
    film = tmp_path / "film.mp4"
    film.write_bytes(content)
    async with started(build_camera(VideoFileCamera(driver="video-file", path=film))) as camera:
        await eventually(lambda: "no video we know" in str(camera.fault))
        assert str(film) in str(camera.fault)
        record(film, noisy(RED) * 4)
        await eventually(lambda: is_red(camera.latest(0)))


async def test_a_recording_cut_short_is_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    """An AVI from a disk that filled up: its whole pictures are seen."""
    film = tmp_path / "film.avi"
    record(film, noisy(BLUE) * 8, codec="mjpeg")
    film.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    async with started(build_camera(VideoFileCamera(driver="video-file", path=film))) as camera:
        await eventually(lambda: is_blue(camera.latest(0)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.binary(max_size=300), st.booleans(), st.booleans()), max_size=8))
def test_no_packets_do_harm(film: Path, packets: list[tuple[bytes, bool, bool]]) -> None:
    """Whatever stands in a stream, key frame or not, is a frame or refused; nothing is raised."""
    with av.open(str(film)) as container:
        newest = NewestFrame("test", stale=3, frozen=30)
        intake = Intake(container.streams.video[0], newest)
        sound = next(iter(container.demux(container.streams.video[0])))
        for data, key, with_sound in packets:
            packet = cast(
                "Packet[VideoStream]", Packet(bytes(sound)[: len(data) * 4] + data if with_sound else data)
            )
            packet.is_keyframe = key
            if packet.size:
                intake.take(packet)
            newest.latest(0)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short recording."""
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    record(path, noisy(BLUE) * 2)
    return path


async def test_a_device_that_is_missing_wrong_or_taken_is_told_apart(tmp_path: Path) -> None:
    """Each has its own fault, with what to do; a real camera is never waited for without end."""
    taken = tmp_path / "taken"
    taken.touch()
    with taken.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for device, said in (
            (tmp_path / "video9", "not there"),
            (Path("/dev/null"), "no camera"),
            (tmp_path, "cannot be opened"),
            (taken, "in use"),
        ):
            async with started(build_camera(V4l2Camera(driver="v4l2", device=device))) as camera:
                await eventually(lambda seen=camera, words=said: words in str(seen.fault))  # type: ignore[misc]
                assert str(device) in str(camera.fault)
                assert camera.latest(0) is None


def test_two_points_cannot_have_one_device(tmp_path: Path) -> None:
    """The first owner keeps it; once it is given back, it is looked at anew."""
    device = tmp_path / "video0"
    device.touch()
    with device.open("rb") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        with pytest.raises(DeviceError, match="in use"), claimed(device):
            pass
    with pytest.raises(DeviceError, match="no camera"), claimed(device):
        pass
