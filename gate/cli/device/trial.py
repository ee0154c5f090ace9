"""A guided test of one lane's devices: its steps, its report, its record."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from typing import Literal

import typer

from gate.cli.device.alone import LaneAlone, site_link
from gate.cli.device.asking import Engineer
from gate.cli.device.ours import may_test
from gate.cli.device.record import CommissioningRecord
from gate.clock import SystemClock
from gate.errors import DeviceError, GateError
from gate.lanes.events import DeviceRole
from gate.settings import PointSettings, SiteSettings

SETTLE_SECONDS = 5.0
"""For a device's first word."""
EXIT_FAILED = 1
EXIT_INTERRUPTED = 130

Result = Literal["passed", "failed", "interrupted"]


class FailedError(GateError):
    """A step did not come out as it should: the part's remaining steps are not tried."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the engineer asked for."""

    parts: tuple[str, ...]
    engineer: str
    new_site: bool
    yes: bool
    patience: float


@dataclass(frozen=True, slots=True)
class Step:
    """One thing tried. `seconds` where a time was measured."""

    part: str
    what: str
    result: Result
    seconds: float | None = None
    note: str = ""


@dataclass
class Trial:
    """What a part's sequence works with."""

    settings: SiteSettings
    lane: LaneAlone
    engineer: Engineer
    record: CommissioningRecord
    wanted: Wanted
    part: str = ""
    steps: list[Step] = field(default_factory=list)

    def passed(self, what: str, seconds: float | None = None, note: str = "") -> None:
        """Note a step that came out as it should."""
        self.steps.append(Step(self.part, what, "passed", seconds, note))
        timed = f" in {seconds:.1f} s" if seconds is not None else ""
        self.engineer.tell(f"  ok      {what}{timed}{f' ({note})' if note else ''}")

    @property
    def seen(self) -> str:
        """Whose eyes judged."""
        return "nobody looked (--yes)" if self.wanted.yes else "seen by the engineer"

    def still_ours(self) -> None:
        """Before every movement: the lane is in maintenance to this moment. NotOursError when it is not."""
        may_test(self.settings.data, self.lane.point.name, new_site=self.wanted.new_site)

    async def confirms(self, what: str, question: str) -> None:
        """A step the engineer judges; FailedError on no."""
        if not await self.engineer.agrees(question):
            raise FailedError(f"{what}: answered with no")
        self.passed(what, note=self.seen)

    async def answers(self, role: DeviceRole, settled: Callable[[], bool]) -> None:
        """Wait for a device's first word; FailedError with its fault when it stays silent."""
        if not await self.lane.until(settled, SETTLE_SECONDS):
            why = self.lane.faults.get(role, f"nothing heard for {SETTLE_SECONDS:g} s")
            raise FailedError(f"{role.value} does not answer: {why}")


Sequence = Callable[[Trial], Awaitable[None]]


def _sequences() -> Mapping[str, tuple[Callable[[PointSettings], bool], Sequence]]:
    """Every part there is: whether a point has it, and how it is tried. Safe ones first, the boom last."""
    from gate.cli.device import barrier, parts

    return {
        "inputs": (lambda point: point.io is not None, parts.try_inputs),
        "camera": (lambda point: point.camera is not None, parts.try_camera),
        "scanner": (_has("scanner"), parts.hearing(DeviceRole.SCANNER, "Scan a code now.")),
        "keypad": (_has("keypad"), parts.hearing(DeviceRole.KEYPAD, "Press a key now.")),
        "printer": (_has("printer"), parts.hearing(DeviceRole.PRINTER, "Open and close its cover now.")),
        "board": (lambda point: point.board is not None, parts.try_board),
        "signal": (lambda point: point.fitted.barrier and point.io is not None, parts.try_signal),
        "barrier": (lambda point: point.fitted.barrier and point.io is not None, barrier.try_barrier),
    }


def _has(section: str) -> Callable[[PointSettings], bool]:
    return lambda point: getattr(point, section, None) is not None


def parts_of(point: PointSettings) -> tuple[str, ...]:
    """What can be tested at this point."""
    return tuple(name for name, (has, _) in _sequences().items() if has(point))


def run_trial(settings: SiteSettings, point: PointSettings, wanted: Wanted, *, as_json: bool) -> int:
    """Try the wanted parts, print the report, keep the record. Returns the exit code."""
    record = CommissioningRecord(
        settings.data, engineer=wanted.engineer, site=settings.site, point=point.name
    )
    record.write("begun", parts=wanted.parts, new_site=wanted.new_site, yes=wanted.yes)
    steps: list[Step] = []
    result: Result = "interrupted"
    try:
        result = asyncio.run(_trial(settings, point, wanted, record, steps))
    except (KeyboardInterrupt, asyncio.CancelledError):
        pass  # told by the result
    finally:
        record.write("ended", result=result, steps=[asdict(step) for step in steps])
    _report(point, result, steps, record, as_json=as_json)
    return {"passed": 0, "failed": EXIT_FAILED, "interrupted": EXIT_INTERRUPTED}[result]


async def _trial(
    settings: SiteSettings,
    point: PointSettings,
    wanted: Wanted,
    record: CommissioningRecord,
    steps: list[Step],
) -> Result:
    this = asyncio.current_task()
    if this is not None:
        # Ctrl-C too: a shell that starts this in the background has it ignored, and a boom may be moving.
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, this.cancel)
    clock = SystemClock()
    mqtt = site_link(settings, (point,), clock)
    engineer = Engineer(yes=wanted.yes)
    async with AsyncExitStack() as stack:
        lane = await stack.enter_async_context(LaneAlone(settings, point, mqtt, clock))
        if mqtt is not None:
            link = asyncio.create_task(mqtt.run())
            stack.push_async_callback(_ended, link)
        trial = Trial(settings, lane, engineer, record, wanted, steps=steps)
        sequences = _sequences()
        for part in wanted.parts:
            trial.part = part
            engineer.tell(f"{point.name} {part}:")
            try:
                await sequences[part][1](trial)
            except (GateError, DeviceError) as error:
                steps.append(Step(part, str(error), "failed"))
                engineer.tell(f"  FAILED  {error}")
    return "failed" if any(step.result == "failed" for step in steps) else "passed"


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _report(
    point: PointSettings,
    result: Result,
    steps: list[Step],
    record: CommissioningRecord,
    *,
    as_json: bool,
) -> None:
    if as_json:
        told = {
            "point": point.name,
            "result": result,
            "steps": [asdict(step) for step in steps],
            "record": str(record.path),
        }
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    typer.echo(f"{point.name}, {time.strftime('%Y-%m-%d %H:%M')}: {result.upper()}")
    for step in steps:
        timed = f"{step.seconds:6.1f} s" if step.seconds is not None else " " * 8
        typer.echo(
            f"  {step.result:<7} {timed}  {step.part}: {step.what}{f' ({step.note})' if step.note else ''}"
        )
    typer.echo(f"kept in {record.path}")
