"""The child process itself, spoken to over its pipes."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import cv2

from gate.anpr.passage.evidence import EvidenceFolder
from gate.anpr.process.wire import (
    REPORTS,
    Answer,
    CameraFigures,
    CameraState,
    Heartbeat,
    Leaving,
    Ready,
    Refused,
    Settings,
    Sighted,
    Start,
    Stop,
)
from gate.settings import AnprSettings, FolderCamera, MjpegCamera, Roi, RtspCamera
from hardware.emulators.rtsp_camera import RtspServer
from tests.anpr.conftest import MARK

PATIENCE = 40.0

ReportT = TypeVar("ReportT", Ready, Heartbeat, Answer, Sighted, CameraState, CameraFigures, Refused, Leaving)


class Child:
    """The worker and its two pipes."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    def say(self, line: bytes) -> None:
        """Write one line to its stdin."""
        assert self.process.stdin is not None
        self.process.stdin.write(line)

    async def hear(self, kind: type[ReportT]) -> ReportT:
        """The next report of this kind; others are passed over, but every line must be a report."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while line := await self.process.stdout.readline():
                report = REPORTS.validate_json(line)
                if isinstance(report, kind):
                    return report
        raise AssertionError(f"the child ended without a {kind.__name__}")


@asynccontextmanager
async def child() -> AsyncIterator[Child]:
    """The worker, ended with the test."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gate.anpr.process.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield Child(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_it_serves_reports_and_ends(tmp_path: Path, photos: Path) -> None:
    """Ready, heartbeats, camera states, answers; bad orders refused; the end of stdin ends it with 0."""
    settings = Settings(
        anpr=AnprSettings(frames=2, give_up_seconds=4),
        cameras={
            "lane-1": FolderCamera(driver="folder", path=photos, frames_per_second=10),
            "lane-2": MjpegCamera(driver="http-mjpeg", url="http://127.0.0.1:9/none.mjpeg"),
        },
        evidence=tmp_path / "evidence",
    )
    async with child() as worker:
        worker.say(settings.encode())
        await worker.hear(Ready)
        # Ctrl-C reaches the whole group of a terminal: ending is the daemon's to order.
        worker.process.send_signal(signal.SIGINT)
        state = await worker.hear(CameraState)
        while state.point != "lane-2":
            state = await worker.hear(CameraState)
        assert state.fault is not None
        worker.say(Start(point="lane-1", passage="p1", seconds=20).encode())
        answer = await worker.hear(Answer)
        assert answer.read is not None
        assert (answer.passage, answer.read.mark, answer.read.sure) == ("p1", MARK, True)
        worker.say(b"what?\n")
        await worker.hear(Refused)
        worker.say(b'{"type":"start","point":"lane-1"}\n')
        await worker.hear(Refused)
        worker.say(Start(point="lane-2", passage="stopped", seconds=0.5).encode())
        worker.say(Stop(point="lane-2", passage="stopped").encode())
        worker.say(Start(point="lane-2", passage="blind", seconds=0.5).encode())
        answer = await worker.hear(Answer)
        assert (answer.passage, answer.read) == ("blind", None)
        beat = await worker.hear(Heartbeat)
        assert beat.passages == 0
        assert worker.process.stdin is not None
        worker.process.stdin.close()
        async with asyncio.timeout(PATIENCE):
            assert await worker.process.wait() == 0


async def test_settings_it_cannot_use_end_it() -> None:
    """A first line that is no settings: status 2, nothing on stdout."""
    async with child() as worker:
        worker.say(b'{"type":"settings"}\n')
        async with asyncio.timeout(PATIENCE):
            assert await worker.process.wait() == 2
        assert worker.process.stdout is not None
        assert await worker.process.stdout.read() == b""


async def test_a_camera_that_hangs_costs_only_its_own_point(tmp_path: Path, photos: Path) -> None:
    """One answers nothing at all; the other's plate is read meanwhile, and its figures are told."""
    (photos / "0.jpg").write_bytes(b"this is no photograph")
    async with RtspServer() as server, child() as worker:
        server.deaf = True
        settings = Settings(
            anpr=AnprSettings(frames=2, give_up_seconds=4),
            cameras={
                "lane-1": FolderCamera(driver="folder", path=photos, frames_per_second=10),
                "lane-2": RtspCamera(driver="rtsp", url=server.url("lane-2"), timeout_seconds=30),
            },
            evidence=tmp_path / "evidence",
        )
        worker.say(settings.encode())
        await worker.hear(Ready)
        worker.say(Start(point="lane-2", passage="blind", seconds=20).encode())
        worker.say(Start(point="lane-1", passage="p1", seconds=20).encode())
        answer = await worker.hear(Answer)
        assert answer.read is not None
        assert (answer.passage, answer.read.mark) == ("p1", MARK)
        figures = {one.point: one for one in [await worker.hear(CameraFigures) for _ in range(4)]}
        assert figures["lane-1"].refused == {"not-a-picture": 1}
        assert figures["lane-1"].age is not None
        assert figures["lane-1"].age < 1
        assert figures["lane-2"].age is None


async def test_a_process_that_grows_past_its_bound_ends_with_the_reason(tmp_path: Path, photos: Path) -> None:
    """A bound that the engine alone passes: the last line says so, the exit status is 3."""
    settings = Settings(
        anpr=AnprSettings(memory_mb=64),
        cameras={"lane-1": FolderCamera(driver="folder", path=photos)},
        evidence=tmp_path / "evidence",
    )
    async with child() as worker:
        worker.say(settings.encode())
        leaving = await worker.hear(Leaving)
        assert leaving.reason.startswith("it took ")
        assert leaving.reason.endswith("anpr.memory_mb allows 64")
        async with asyncio.timeout(PATIENCE):
            assert await worker.process.wait() == 3


async def test_only_the_region_of_interest_is_read(tmp_path: Path, photos: Path) -> None:
    """The lower half holds the plate, the upper half none; the box is told in the whole picture's pixels."""
    camera = FolderCamera(driver="folder", path=photos, frames_per_second=10)
    settings = Settings(
        anpr=AnprSettings(frames=2, give_up_seconds=20),
        cameras={
            "lane-1": camera.model_copy(update={"roi": Roi(x=0.2, y=0.5, w=0.7, h=0.5)}),
            "lane-2": camera.model_copy(update={"outline": ((0.0, 0.0), (1.0, 0.0), (0.5, 0.5))}),
        },
        evidence=tmp_path / "evidence",
    )
    async with child() as worker:
        worker.say(settings.encode())
        await worker.hear(Ready)
        worker.say(Start(point="lane-1", passage="below", seconds=20).encode())
        answer = await worker.hear(Answer)
        assert answer.read is not None
        assert (answer.passage, answer.read.mark, answer.read.sure) == ("below", MARK, True)
        whole, crop = (
            cv2.imread(str(EvidenceFolder(tmp_path / "evidence").path_of(name)))
            for name in answer.read.evidence
        )
        assert whole is not None
        assert crop is not None
        assert whole.shape[:2] == (720, 1280)
        assert crop.shape[1] < 400
        worker.say(Start(point="lane-2", passage="above", seconds=1).encode())
        answer = await worker.hear(Answer)
        assert (answer.passage, answer.read) == ("above", None)


async def test_motion_alone_has_a_vehicle_read_and_no_order_does(tmp_path: Path, arrival: Path) -> None:
    """Nobody asks, and who rolls up is told once, as no answer to anything; a reading ordered is refused."""
    settings = Settings(
        anpr=AnprSettings(frames=2, give_up_seconds=20),
        cameras={
            "road": FolderCamera(driver="folder", path=arrival, frames_per_second=5, trigger="motion"),
        },
        evidence=tmp_path / "evidence",
    )
    async with child() as worker:
        worker.say(settings.encode())
        await worker.hear(Ready)
        worker.say(Start(point="road", passage="p1", seconds=20).encode())
        refused = await worker.hear(Refused)
        assert "never by order" in refused.reason
        sighted = await worker.hear(Sighted)
        assert (sighted.point, sighted.read.mark, sighted.read.sure) == ("road", MARK, True)
        assert len(sighted.read.evidence) == 2
        figures = await worker.hear(CameraFigures)
        assert figures.motion["sure"] == 1
