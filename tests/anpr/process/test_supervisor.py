"""Plate reading in a real child process over real cameras: answers, death, silence, nonsense."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from gate.anpr.passage.evidence import EvidenceFolder
from gate.anpr.process import supervisor
from gate.anpr.process.supervisor import REFUSED, TOO_LARGE, PlateReaders
from gate.anpr.process.wire import ReadBody, Sighted
from gate.clock import SystemClock
from gate.model import PlateRead
from gate.settings import FolderCamera
from tests.anpr.conftest import MARK
from tests.anpr.process.readers import PATIENCE, SETTINGS, RacingClock, Told, readers
from tests.hardware.posted import eventually


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
    """A child that tells it of a point with a detector, or of a stranger, is refused."""
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
