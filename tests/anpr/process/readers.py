"""The daemon's readers over a real child process, and what they tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gate.anpr.process.supervisor import PlateReaders
from gate.clock import Clock, Instant, SystemClock
from gate.model import PlateRead
from gate.settings import AnprSettings, FolderCamera, MjpegCamera

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
