"""Plate reading in a real child process over real cameras: answers, death, silence, nonsense."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from gate.anpr.passage.evidence import EvidenceFolder
from gate.anpr.process import supervisor
from gate.anpr.process.supervisor import REFUSED, TOO_LARGE, PlateReaders
from gate.anpr.process.wire import CameraFigures, ReadBody, Sighted
from gate.clock import Clock, Instant, SystemClock
from gate.model import PlateRead
from gate.settings import AnprSettings, FolderCamera, MjpegCamera
from tests.anpr.conftest import MARK
from tests.hardware.posted import eventually

SETTINGS = AnprSettings(frames=2, give_up_seconds=20, accept_confidence=0.8)
PATIENCE = 40.0


class Told:
    """What the readers told, and a way to wait for it."""

    def __init__(self) -> None:
        self.reads: list[tuple[str, str, PlateRead | None]] = []
        self.trailers: list[PlateRead | None] = []
        self.cameras: list[tuple[str, str | None]] = []
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def on_read(self, point: str, passage: str, read: PlateRead | None, trailer: PlateRead | None) -> None:
        """An OnRead."""
        self.reads.append((point, passage, read))
        self.trailers.append(trailer)
        self._notify()

    def on_camera(self, point: str, fault: str | None) -> None:
        """An OnCamera."""
        self.cameras.append((point, fault))
        self._notify()

    def _notify(self) -> None:
        async def wake() -> None:
            async with self._changed:
                self._changed.notify_all()

        task = asyncio.get_running_loop().create_task(wake())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something told makes this true."""
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(condition)


@asynccontextmanager
async def readers(
    tmp_path: Path,
    photos: Path,
    clock: Clock | None = None,
    settings: AnprSettings = SETTINGS,
    rears: Mapping[str, FolderCamera | MjpegCamera] | None = None,
) -> AsyncIterator[tuple[PlateReaders, Told]]:
    """Readers running over one folder camera, and what they tell."""
    told = Told()
    camera = FolderCamera(driver="folder", path=photos, frames_per_second=10)
    subject = PlateReaders(
        settings,
        {"lane-1": camera},
        tmp_path / "evidence",
        clock or SystemClock(),
        told.on_read,
        told.on_camera,
        rears,
    )
    task = asyncio.create_task(subject.run())
    try:
        yield subject, told
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert subject.pid is None


async def test_a_passage_is_read_by_the_child(tmp_path: Path, photos: Path) -> None:
    """Two frames of the vehicle at the lane's camera give one sure read, its evidence on disk."""
    async with readers(tmp_path, photos) as (subject, told):
        assert subject.status == "starting"
        subject.start_reading("lane-1", "p1")
        subject.start_reading("lane-1", "p1")
        await told.until(lambda: len(told.reads) == 1)
        ((point, passage, read),) = told.reads
        assert (point, passage) == ("lane-1", "p1")
        assert read is not None
        assert (read.mark, read.country, read.sure) == (MARK, "AZ", True)
        assert read.frames >= 2
        folder = EvidenceFolder(tmp_path / "evidence")
        assert len(read.evidence) == 2
        assert all(folder.path_of(name).is_file() for name in read.evidence)
        assert subject.status == "ok"
        # A second vehicle at the same, standing camera is read anew.
        subject.start_reading("lane-1", "p2")
        await told.until(lambda: len(told.reads) == 2)
    assert subject.status == "stopped"


def _move_photos(source: Path, target: Path) -> None:
    for photo in source.iterdir():
        photo.rename(target / photo.name)


async def test_a_killed_child_is_replaced_and_the_passage_read(tmp_path: Path, photos: Path) -> None:
    """Kill -9 in mid-passage: the next child gets the waiting passage and answers it, once."""
    empty = tmp_path / "empty"
    empty.mkdir()
    async with readers(tmp_path, empty) as (subject, told):
        # No photographs yet: the camera faults, which also tells that the child is up.
        await told.until(lambda: any(fault for _, fault in told.cameras))
        subject.start_reading("lane-1", "p1")
        first = subject.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        _move_photos(photos, empty)
        await told.until(lambda: len(told.reads) == 1)
        assert subject.pid not in (None, first)
        assert told.reads[0][1] == "p1"
        read = told.reads[0][2]
        assert read is not None
        assert read.mark == MARK
        await told.until(lambda: told.cameras[-1] == ("lane-1", None))
        assert ("lane-1", "the plate-reading process is not running") in told.cameras


class RacingClock:
    """Time that stands until it is moved; sleepers wake when it passes them."""

    def __init__(self) -> None:
        self.mono = 100.0
        self._sleepers: list[tuple[float, asyncio.Event]] = []

    def now(self) -> Instant:
        """The moment it stands at."""
        return Instant(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.mono), self.mono)

    async def sleep(self, seconds: float) -> None:
        """Sleep until time was moved past."""
        event = asyncio.Event()
        self._sleepers.append((self.mono + seconds, event))
        await event.wait()

    async def move(self, seconds: float) -> None:
        """Let this much time pass and those due wake."""
        await asyncio.sleep(0)
        self.mono += seconds
        for due, event in self._sleepers:
            if due <= self.mono:
                event.set()
        self._sleepers = [(due, event) for due, event in self._sleepers if due > self.mono]
        for _ in range(3):
            await asyncio.sleep(0)


async def test_without_a_child_the_parent_answers(tmp_path: Path) -> None:
    """With no child at all every passage still gets exactly one answer, None, and stopped ones none."""
    told, clock = Told(), RacingClock()
    subject = PlateReaders(SETTINGS, {}, tmp_path, clock, told.on_read, told.on_camera)
    subject.start_reading("lane-1", "p1")
    subject.start_reading("lane-1", "p2")
    subject.start_reading("approach", "p3")
    subject.stop_reading("lane-1", "p2")
    await clock.move(SETTINGS.give_up_seconds)
    assert told.reads == []
    await clock.move(5)
    assert told.reads == [("lane-1", "p1", None), ("approach", "p3", None)]
    await clock.move(100)
    assert len(told.reads) == 2


async def test_a_hanging_child_is_found_silent(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that hangs (SIGSTOP) is killed for its silence and replaced."""
    monkeypatch.setitem(supervisor._SILENT_SECONDS, "ppocr", 5.0)
    async with readers(tmp_path, photos) as (subject, told):
        await told.until(lambda: bool(told.cameras))
        first = subject.pid
        assert first is not None
        os.kill(first, signal.SIGSTOP)
        await told.until(lambda: any("not running" in (fault or "") for _, fault in told.cameras))
        assert "silent" in subject.status
        subject.start_reading("lane-1", "p1")
        await told.until(lambda: len(told.reads) == 1)
        assert told.reads[0][2] is not None
        assert subject.pid != first


async def test_nonsense_of_the_child_is_refused(tmp_path: Path, photos: Path) -> None:
    """Lines that are no report, or name strangers, are refused and counted; the reading goes on."""
    async with readers(tmp_path, photos) as (subject, told):
        before = REFUSED._value.get()
        lines = (
            b"hello\n",
            b"\xff\xfe\n",
            b"{}\n",
            b'{"type":"answer","point":"lane-1","passage":"p1","read":{"mark":"<b>"}}\n',
            b'{"type":"camera","point":"nowhere","fault":null}\n',
            b'{"type":"heartbeat","passages":-1}\n',
            b'{"type":"figures","point":"nowhere","age":1,"refused":{}}\n',
            b'{"type":"figures","point":"lane-1","age":1,"refused":{"<b>":1}}\n',
        )
        for line in lines:
            subject._take(line)
        assert REFUSED._value.get() - before == len(lines)
        subject._take(b'{"type":"answer","point":"lane-1","passage":"stranger","read":null}\n')
        assert told.reads == []
        subject.start_reading("lane-1", "p1")
        await told.until(lambda: len(told.reads) == 1)


def age_of(point: str) -> float | None:
    """The gauge now."""
    return REGISTRY.get_sample_value("gate_camera_frame_age_seconds", {"point": point})


def refused_of(point: str) -> float:
    """The counter now."""
    labels = {"point": point, "reason": "not-a-picture"}
    return REGISTRY.get_sample_value("gate_camera_frames_refused_total", labels) or 0.0


async def test_a_cameras_figures_reach_the_daemons_metrics(tmp_path: Path, photos: Path) -> None:
    """Age and refused pictures come over the wire; a new child counts from nought, the daemon goes on."""
    (photos / "0.jpg").write_bytes(b"this is no photograph")
    before = refused_of("lane-1")
    async with readers(tmp_path, photos) as (subject, told):
        for child in (1, 2):
            await told.until(lambda: bool(told.cameras) and told.cameras[-1][1] is None)
            await eventually(lambda: age_of("lane-1") is not None, PATIENCE)
            await eventually(lambda wanted=before + child: refused_of("lane-1") == wanted)  # type: ignore[misc]
            assert subject.pid is not None
            os.kill(subject.pid, signal.SIGKILL)
            await told.until(lambda: told.cameras[-1][1] is not None)
            assert age_of("lane-1") is None


def figure_of(name: str, **labels: str) -> float | None:
    """A sample now."""
    return REGISTRY.get_sample_value(name, {"point": "lane-1", **labels})


QUALITY = (
    b'"quality":{"sharpness":0.18,"contrast":0.6,"burnt":%s,"dark":0.1,"clipped":0.0}'  # how plates are shown
)


async def test_frames_and_quality_reach_the_daemons_metrics(tmp_path: Path, photos: Path) -> None:
    """Counts go on over what each child counted; a quality that is no longer known is no longer told."""
    async with readers(tmp_path, photos) as (subject, _):
        head = b'{"type":"figures","point":"lane-1","age":0.1,"refused":{},'
        before = figure_of("gate_camera_frames_total", fate="unchanged") or 0.0
        for count, burnt in ((3, b"0.02"), (5, b"null")):
            subject._take(head + b'"read":2,"unchanged":%d,"old":1,' % count + QUALITY % burnt + b"}\n")
            assert figure_of("gate_camera_frames_total", fate="unchanged") == before + count
            assert figure_of("gate_camera_quality", figure="sharpness") == 0.18
        assert figure_of("gate_camera_quality", figure="burnt") is None
        assert subject.qualities["lane-1"].contrast == 0.6
        subject._take(head + b'"read":2,"unchanged":5,"old":1}\n')
        assert subject.qualities == {}
        assert figure_of("gate_camera_quality", figure="sharpness") is None


async def test_a_child_over_its_memory_bound_is_replaced(tmp_path: Path, photos: Path) -> None:
    """The engine alone passes this bound: each child says why it ends, is counted, and the next is begun."""
    settings = SETTINGS.model_copy(update={"memory_mb": 64})
    before = TOO_LARGE._value.get()
    async with readers(tmp_path, photos, settings=settings) as (subject, told):
        await told.until(lambda: ("lane-1", "the plate-reading process is not running") in told.cameras)
        assert "restarting since" in subject.status
        assert "anpr.memory_mb allows 64" in subject.status
        await eventually(lambda: TOO_LARGE._value.get() >= before + 2, PATIENCE)


async def test_an_engine_that_cannot_load_leaves_the_lane_running(tmp_path: Path, photos: Path) -> None:
    """A child that ends at once is started again with growing pauses, its reason told, passages answered."""
    told, clock = Told(), RacingClock()
    camera = FolderCamera(driver="folder", path=photos)
    subject = PlateReaders(SETTINGS, {"lane-1": camera}, tmp_path / "e", clock, told.on_read, told.on_camera)
    # The child refuses settings it cannot use: a point's camera of no known kind.
    object.__setattr__(camera, "frames_per_second", -1.0)
    task = asyncio.create_task(subject.run())
    try:
        subject.start_reading("lane-1", "p1")
        await told.until(lambda: bool(told.cameras))
        assert told.cameras == [("lane-1", "the plate-reading process is not running")]
        assert "status 2" in subject.status
        await clock.move(SETTINGS.give_up_seconds + 5)
        await told.until(lambda: told.reads == [("lane-1", "p1", None)])
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_the_child_ends_when_stdin_closes(tmp_path: Path, photos: Path) -> None:
    """Ending the readers ends the child, well within the daemon's five seconds."""
    async with readers(tmp_path, photos) as (subject, told):
        await told.until(lambda: bool(told.cameras))
        pid = subject.pid
        assert pid is not None
        began = time.monotonic()
    assert time.monotonic() - began < 4
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


PARENT = """
import asyncio, pathlib, sys
from gate.anpr.process.supervisor import PlateReaders
from gate.clock import SystemClock
from gate.settings import AnprSettings, FolderCamera, MjpegCamera

async def main():
    up = asyncio.Event()
    camera = FolderCamera(driver="folder", path=pathlib.Path(sys.argv[1]))
    evidence = pathlib.Path(sys.argv[1]) / "evidence"
    readers = PlateReaders(
        AnprSettings(), {"lane-1": camera}, evidence, SystemClock(), print, lambda point, fault: up.set()
    )
    task = asyncio.create_task(readers.run())
    await up.wait()
    print("child", readers.pid, flush=True)
    await task

asyncio.run(main())
"""


def test_no_child_outlives_a_killed_daemon(photos: Path) -> None:
    """Kill -9 of the daemon ends its child too: no orphan holds the cameras."""
    command = [sys.executable, "-c", PARENT, str(photos)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(line.split()[1]) for line in iter(parent.stdout.readline, "") if _take_pid(line, parent)]
    (pid,) = pids
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        # A pidfd becomes readable when its process ends, reaped or not.
        assert select.select([handle], [], [], PATIENCE)[0], f"child {pid} still runs"
    finally:
        os.close(handle)


def _take_pid(line: str, parent: subprocess.Popen[str]) -> bool:
    found = line.startswith("child ")
    if found:
        parent.kill()
    return found


async def test_only_what_is_read_by_motion_may_be_sighted(tmp_path: Path, photos: Path) -> None:
    """A child that tells it of a point with a detector, or of a stranger, is refused; figures are counted."""
    told, sighted = Told(), list[tuple[str, PlateRead, PlateRead | None]]()
    presence = FolderCamera(driver="folder", path=photos)
    subject = PlateReaders(
        SETTINGS,
        {"lane-1": presence, "road": presence.model_copy(update={"trigger": "motion"})},
        tmp_path / "evidence",
        SystemClock(),
        told.on_read,
        told.on_camera,
        on_sighted=lambda *one: sighted.append(one),
    )
    read = ReadBody(mark=MARK, country="AZ", confidence=0.9, frames=2, sure=True, evidence=())
    before = REFUSED._value.get()
    for point in ("lane-1", "nowhere", "road"):
        subject._take(Sighted(point=point, read=read).encode())
    assert sighted == [("road", read.to_read(), None)]
    assert REFUSED._value.get() - before == 2
    assert told.reads == []
    labels = {"point": "road", "outcome": "empty"}
    counted = REGISTRY.get_sample_value("gate_camera_motion_total", labels) or 0.0
    subject._take(CameraFigures(point="road", age=None, refused={}, motion={"empty": 3}).encode())
    assert REGISTRY.get_sample_value("gate_camera_motion_total", labels) == counted + 3
