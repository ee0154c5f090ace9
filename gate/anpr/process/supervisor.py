"""The daemon's side of plate reading: keeps the child process alive and answers for it when it is not."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog
from prometheus_client import Counter
from pydantic import ValidationError

from gate.anpr.camera.quality import Quality
from gate.anpr.process.figures import Figures
from gate.anpr.process.wire import (
    MAX_LINE,
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
from gate.anpr.recogniser import Engine
from gate.clock import Clock
from gate.lanes.ports import OnRead
from gate.model import PlateRead
from gate.settings import AnprSettings, Camera

log = structlog.get_logger()

READS = Counter("gate_anpr_answers_total", "Answers to passages", ["kind"])
RESTARTS = Counter("gate_anpr_child_restarts_total", "Times the plate-reading child was started again")
REFUSED = Counter("gate_anpr_lines_refused_total", "Lines of the plate-reading child that were refused")
TOO_LARGE = Counter(
    "gate_anpr_memory_exceeded_total", "Times the plate-reading child ended itself over its memory bound"
)

OnCamera = Callable[[str, str | None], None]
"""(point, fault) on the loop's thread; None when the camera is well again."""

OnSighted = Callable[[str, PlateRead, PlateRead | None], None]
"""(point, read, the rear camera's) on the loop's thread: read by motion alone, for no passage."""

_MARGIN_SECONDS = 1.0
"""Beyond the give-up time: for the child's own unsure answer to arrive first."""
_LOAD_SECONDS = 90.0
"""For loading an engine: EasyOCR under torch takes ten seconds on a cold, busy box."""
_SILENT_SECONDS: dict[Engine, float] = {"gate": 20.0, "ppocr": 20.0, "easyocr": 90.0}
"""Without a heartbeat: many frames of the engine on a busy box. It beats between frames only."""
_CLOSE_SECONDS = 1.5
_BACKOFF = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_HEALTHY_SECONDS = 30.0
_NO_CHILD = "the plate-reading process is not running"
_LOGGED_BYTES = 2000

_Key = tuple[str, str]


@dataclass(slots=True)
class _Wanted:
    began: float
    deadline: asyncio.Task[None]


class _SilentError(Exception):
    """No line came from the child for too long."""


class PlateReaders:
    """A PlateReader (gate.lanes.ports) whose reading runs in a supervised child process.

    Every passage started gets exactly one answer unless it is stopped: the child's, or None once the
    give-up time and a margin are over. Passages waiting while the child dies are given to the next one.
    """

    def __init__(
        self,
        settings: AnprSettings,
        cameras: Mapping[str, Camera],
        evidence: Path,
        clock: Clock,
        on_read: OnRead,
        on_camera: OnCamera,
        rears: Mapping[str, Camera] | None = None,
        evidence_floor: int = 0,
        on_sighted: OnSighted | None = None,
    ) -> None:
        self._settings = settings
        self._cameras = dict(cameras)
        self._rears = dict(rears or {})
        self._sides: dict[str, dict[str, str | None]] = {}
        self._evidence = evidence
        self._evidence_floor = evidence_floor
        self._clock = clock
        self._on_read = on_read
        self._on_camera = on_camera
        self._on_sighted = on_sighted
        self._wanted: dict[_Key, _Wanted] = {}
        self._child: asyncio.subprocess.Process | None = None
        self._ready = False
        self._status = "starting"
        self._told: dict[str, str | None] = {}
        self._figures = Figures()
        self._leaving: str | None = None

    @property
    def status(self) -> str:
        """For people: "ok", "starting", "restarting since HH:MM:SS (why)" or "stopped"."""
        return self._status

    @property
    def qualities(self) -> Mapping[str, Quality]:
        """How well cameras have shown their last vehicles' plates: points, and `point/rear`.

        Without those that have seen too few since the child began.
        """
        return self._figures.qualities

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid if self._child is not None else None

    def start_reading(self, point: str, passage_id: str) -> None:
        """Begin reading for this passage. Call on the loop's thread; `run` may not have begun yet."""
        key = (point, passage_id)
        if key in self._wanted:
            return
        deadline = asyncio.get_running_loop().create_task(self._give_up(key), name=f"anpr deadline {point}")
        self._wanted[key] = _Wanted(self._clock.now().mono, deadline)
        self._order_start(key)

    def stop_reading(self, point: str, passage_id: str) -> None:
        """Forget the passage; no answer after this."""
        wanted = self._wanted.pop((point, passage_id), None)
        if wanted is not None:
            wanted.deadline.cancel()
            self._send(Stop(point=point, passage=passage_id))

    async def run(self) -> None:
        """Keep a child running until cancelled. Nothing the child does ends this."""
        failures = 0
        try:
            while True:
                began = self._clock.now().mono
                self._leaving = None
                reason = await self._run_child()
                lived = self._clock.now().mono - began
                failures = 0 if self._ready and lived > _HEALTHY_SECONDS else failures + 1
                self._ready = False
                self._tell_cameras_lost()
                since = self._clock.now().utc.strftime("%H:%M:%S")
                self._status = f"restarting since {since} UTC ({reason})"
                RESTARTS.inc()
                log.error("anpr.child_lost", reason=reason, failures=failures)
                await self._clock.sleep(_BACKOFF[min(failures, len(_BACKOFF) - 1)])
        finally:
            self._status = "stopped"
            for wanted in self._wanted.values():
                wanted.deadline.cancel()
            self._wanted.clear()

    async def _run_child(self) -> str:
        """Start a child and serve it to its end; why it ended."""
        try:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "gate.anpr.process.worker",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=MAX_LINE,
            )
        except OSError as error:
            return f"it cannot be started: {error.strerror}"
        self._child = child
        log.info("anpr.child_started", pid=child.pid, engine=self._settings.engine)
        self._send(
            Settings(
                anpr=self._settings,
                cameras=self._cameras,
                rears=self._rears,
                evidence=self._evidence,
                evidence_floor=self._evidence_floor,
            )
        )
        said = asyncio.create_task(self._log_stderr(child), name="anpr stderr")
        try:
            await self._hear(child)
            status = await child.wait()
        except _SilentError as error:
            return str(error)
        else:
            if self._leaving is not None:
                return self._leaving
            return f"it ended with signal {-status}" if status < 0 else f"it ended with status {status}"
        finally:
            self._child = None
            await self._end(child)
            said.cancel()
            with suppress(asyncio.CancelledError):
                await said

    async def _hear(self, child: asyncio.subprocess.Process) -> None:
        assert child.stdout is not None  # noqa: S101 - we asked for the pipe
        while True:
            limit = _SILENT_SECONDS[self._settings.engine] if self._ready else _LOAD_SECONDS
            try:
                # The child's silence is measured in true time: it is another process.
                async with asyncio.timeout(limit):
                    line = await child.stdout.readline()
            except TimeoutError:
                raise _SilentError(f"it was silent for {limit:g} s") from None
            except ValueError:
                self._refuse("a line too long", b"")
                continue
            if not line:
                return
            self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            report = REPORTS.validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            self._refuse(f"{first['loc']}: {first['msg']}", line)
            return
        match report:
            case Ready():
                self._ready = True
                self._status = "ok"
                for key in list(self._wanted):
                    self._order_start(key)
            case Heartbeat():
                pass  # its arrival is the message
            case Answer():
                read = report.read.to_read() if report.read is not None else None
                trailer = report.trailer.to_read() if report.trailer is not None else None
                self._answer((report.point, report.passage), read, trailer)
            case Sighted():
                self._take_sighted(report)
            case CameraState():
                if self._ours(report.point):
                    self._take_camera(report)
            case CameraFigures():
                if self._ours(report.point):
                    self._figures.take(report)
            case Leaving():
                self._leaving = report.reason
                TOO_LARGE.inc()
            case Refused():
                log.error("anpr.order_refused_by_child", reason=report.reason)

    def _ours(self, camera: str) -> bool:
        point = camera.removesuffix("/rear")
        ours = point in (self._cameras if camera == point else self._rears)
        if not ours:
            self._refuse(f"camera {camera!r} is not one of ours", b"")
        return ours

    def _take_sighted(self, report: Sighted) -> None:
        camera = self._cameras.get(report.point)
        if camera is None or camera.trigger != "motion" or self._on_sighted is None:
            self._refuse(f"{report.point!r} is not read by motion", b"")
            return
        trailer = report.trailer.to_read() if report.trailer is not None else None
        self._on_sighted(report.point, report.read.to_read(), trailer)

    def _take_camera(self, report: CameraState) -> None:
        point = report.point.removesuffix("/rear")
        self._tell_camera(point, self._fault_of(point, report))

    def _fault_of(self, point: str, report: CameraState) -> str | None:
        """A point has one camera fault: its front camera's, else its rear camera's."""
        sides = self._sides.setdefault(point, {})
        sides[report.point] = report.fault
        rear = sides.get(f"{point}/rear")
        return sides.get(point) or (rear and f"rear camera: {rear}")

    def _tell_cameras_lost(self) -> None:
        """No child, no camera: said at each point, and taken back when the next child sees frames."""
        self._sides.clear()
        self._figures.forget()
        for point in self._cameras:
            self._tell_camera(point, _NO_CHILD)

    def _tell_camera(self, point: str, fault: str | None) -> None:
        if point not in self._told or self._told[point] != fault:
            self._told[point] = fault
            self._on_camera(point, fault)

    def _refuse(self, reason: str, line: bytes) -> None:
        REFUSED.inc()
        log.warning(
            "anpr.line_refused", source="anpr child", pid=self.pid, reason=reason, line=repr(line[:200])
        )

    def _answer(self, key: _Key, read: PlateRead | None, trailer: PlateRead | None) -> None:
        wanted = self._wanted.pop(key, None)
        if wanted is None:
            return  # stopped, or answered by the deadline, while the line was on its way
        wanted.deadline.cancel()
        READS.labels("none" if read is None else "sure" if read.sure else "unsure").inc()
        self._on_read(*key, read, trailer)

    async def _give_up(self, key: _Key) -> None:
        await self._clock.sleep(self._settings.give_up_seconds + _MARGIN_SECONDS)
        if self._wanted.pop(key, None) is None:
            return
        READS.labels("none").inc()
        log.warning("anpr.no_answer", point=key[0], passage=key[1], status=self._status)
        point, passage = key
        self._send(Stop(point=point, passage=passage))
        self._on_read(point, passage, None, None)

    def _order_start(self, key: _Key) -> None:
        if not self._ready:
            return  # every passage still wanted is sent once the child is ready
        left = self._wanted[key].began + self._settings.give_up_seconds - self._clock.now().mono
        self._send(Start(point=key[0], passage=key[1], seconds=max(0.0, left)))

    def _send(self, message: Settings | Start | Stop) -> None:
        child = self._child
        if child is None or child.stdin is None or child.stdin.is_closing():
            return
        # A few hundred bytes a passage: the pipe holds thousands before this buffers in memory.
        child.stdin.write(message.encode())

    async def _end(self, child: asyncio.subprocess.Process) -> None:
        """Close its stdin, wait a little, then kill it."""
        if child.stdin is not None:
            child.stdin.close()
        if child.returncode is None:
            try:
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await child.wait()
            except TimeoutError:
                with suppress(ProcessLookupError):  # it ended in this very moment
                    child.kill()
        await child.wait()

    async def _log_stderr(self, child: asyncio.subprocess.Process) -> None:
        assert child.stderr is not None  # noqa: S101 - we asked for the pipe
        while chunk := await child.stderr.read(_LOGGED_BYTES):
            for line in chunk.decode(errors="replace").splitlines():
                log.info("anpr.child_said", pid=child.pid, line=line)
