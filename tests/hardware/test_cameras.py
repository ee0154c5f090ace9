"""What every camera driver keeps to, shown over its real link: socket, folder or file."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from hardware.cameras.port import Camera
from tests.hardware.camera_bench import DRIVERS, RED, camera_bench, is_blue, is_red, started
from tests.hardware.posted import eventually

pytestmark = pytest.mark.parametrize("driver", DRIVERS)


async def test_the_newest_picture_is_had_and_sequence_grows(driver: str, tmp_path: Path) -> None:
    """What is shown is seen, with its age and the moment it came; `after` gives only newer frames."""
    async with camera_bench(driver, tmp_path) as bench, started(bench.camera) as camera:
        assert camera.age is None or camera.age < 1
        await eventually(lambda: is_blue(camera.latest(0)))
        frame = camera.latest(0)
        assert frame is not None
        assert time.monotonic() - 2 < frame.captured <= time.monotonic()
        assert camera.fault is None
        assert camera.age is not None
        assert camera.age < 1
        await eventually(lambda: camera.latest(frame.sequence) is not None)
        bench.scene.show(RED)
        await eventually(lambda: is_red(camera.latest(frame.sequence)))
        assert camera.refused == {}


async def test_a_camera_lost_is_a_fault_and_mends_itself(driver: str, tmp_path: Path) -> None:
    """Gone: a fault that names the place. Back there: frames again, the sequence going on."""
    async with camera_bench(driver, tmp_path) as bench, started(bench.camera) as camera:
        await eventually(lambda: camera.latest(0) is not None)
        before = camera.latest(0)
        assert before is not None
        await bench.scene.lose()
        await eventually(lambda: camera.fault is not None)
        assert bench.place in str(camera.fault)
        await bench.scene.find()
        await eventually(lambda: camera.fault is None)
        await eventually(lambda: is_blue(camera.latest(before.sequence)))


async def test_a_frozen_picture_is_a_fault_until_it_moves(driver: str, tmp_path: Path) -> None:
    """The same picture over and over is not read: it may show the vehicle before this one."""
    async with camera_bench(driver, tmp_path) as bench, started(bench.camera) as camera:
        await eventually(lambda: camera.latest(0) is not None)
        bench.scene.show(RED, noise=False)
        await eventually(lambda: "picture frozen" in str(camera.fault))
        assert bench.place in str(camera.fault)
        assert camera.latest(0) is None
        bench.scene.show(RED)
        await eventually(lambda: camera.fault is None)
        await eventually(lambda: is_red(camera.latest(0)))


async def test_it_starts_stops_and_starts_again(driver: str, tmp_path: Path) -> None:
    """Stopping ends the thread, before the first start and twice too; what was is a fault by then."""
    async with camera_bench(driver, tmp_path) as bench:
        camera = bench.camera
        camera.stop()
        for _ in range(2):
            camera.start()
            camera.start()
            assert len(_threads()) == 1
            sequence = _sequence(camera)
            await eventually(lambda after=sequence: camera.latest(after) is not None)  # type: ignore[misc]
            async with started(camera):
                pass
            camera.stop()
            assert not _threads()
            assert camera.fault == "stopped"


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("camera")]


def _sequence(camera: Camera) -> int:
    frame = camera.latest(0)
    return frame.sequence if frame is not None else 0
