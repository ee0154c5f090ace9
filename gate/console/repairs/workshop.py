"""Looking around for what needs a person, every few seconds, and remembering since when."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from prometheus_client import Gauge

from gate.clock import Clock
from gate.console.repairs import Ending, Facts, Repair, repairs
from gate.console.repairs.dirty import BASELINE, RECENT, Fall, falling
from gate.console.repairs.sight import Sight
from gate.errors import StoreError
from gate.lanes.views import Checkpoint, Overview
from gate.store.archive import Archive

log = structlog.get_logger()
WAITING = Gauge("gate_repairs_waiting", "Things that need a person")

LOOK_SECONDS = 5.0
CAMERAS_EVERY = timedelta(minutes=15)
"""A camera gets dirty in days; its reads of two weeks are many."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured against, from the site's configuration."""

    data: Path
    disk_floor: int
    feed_max_age: timedelta
    personal_days: int
    signed: bool
    cameras: tuple[str, ...]
    """The points whose plates are read."""
    endings: Callable[[], Sequence[Ending]]
    """What has a last day, looked up anew each time: a renewed certificate is one repair less."""
    sights: Callable[[], Sequence[Sight]] = tuple
    """How cameras show plates now; of none where nothing reads plates."""


class Workshop:
    """Knows what needs a person. `run` it beside the lanes, or call `look`."""

    def __init__(self, checkpoint: Checkpoint, archive: Archive, clock: Clock, bench: Bench) -> None:
        self._checkpoint = checkpoint
        self._archive = archive
        self._clock = clock
        self._bench = bench
        self._seen: dict[str, datetime] = {}
        self._unknown: dict[tuple[str, str], datetime] = {}
        self._resting: dict[str, datetime] = {}
        self._falls: tuple[Fall, ...] = ()
        self._cameras_due: datetime | None = None
        self.waiting: tuple[Repair, ...] = ()
        """What needs a person, as of the last look, the gravest first."""

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        while True:
            await self.look()
            await self._clock.sleep(LOOK_SECONDS)

    async def look(self) -> tuple[Repair, ...]:
        """Look once; what needs a person now, each with since when."""
        now = self._clock.now().utc
        overview = await self._checkpoint.overview()
        self._remember(overview, now)
        try:
            upkeep, problem = await self._archive.upkeep(), ""
            await self._look_at_cameras(now)
        except StoreError as error:
            upkeep, problem = None, str(error)
        bench = self._bench
        facts = Facts(
            now=now,
            overview=overview,
            upkeep=upkeep,
            upkeep_problem=problem,
            disk_floor=bench.disk_floor,
            data=str(bench.data),
            feed_max_age=bench.feed_max_age,
            personal_days=bench.personal_days,
            signed=bench.signed,
            falls=self._falls,
            sights=tuple(bench.sights()),
            unknown_since=self._unknown,
            resting_since=self._resting,
        )
        found = repairs(await asyncio.to_thread(_with_files, facts, bench))
        before = self._seen
        self._seen = {one.key: before.get(one.key, now) for one in found}
        for one in found:
            if one.key not in before:
                log.warning("repairs.found", repair=one.key, where=one.where, what=one.what)
        self.waiting = tuple(replace(one, since=one.since or self._seen[one.key]) for one in found)
        WAITING.set(len(self.waiting))
        return self.waiting

    def _remember(self, overview: Overview, now: datetime) -> None:
        unknown = {
            (point.name, name)
            for point in overview.points
            for name, state in (
                *(("arming", point.arming), ("safety", point.safety), ("barrier", point.barrier)),
                *point.inputs,
            )
            if state == "unknown" and _is_fitted(point.kind, name) and not point.by_motion
        }
        self._unknown = {key: self._unknown.get(key, now) for key in unknown}
        resting = {one.name for one in overview.points if one.phase == "recovery" and not one.by_motion}
        self._resting = {name: self._resting.get(name, now) for name in resting}

    async def _look_at_cameras(self, now: datetime) -> None:
        if self._cameras_due is not None and now < self._cameras_due:
            return
        self._cameras_due = now + CAMERAS_EVERY
        found = []
        for point in self._bench.cameras:
            fall = falling(point, await self._archive.reads(point, now - RECENT - BASELINE), now)
            if fall is not None:
                found.append(fall)
        self._falls = tuple(found)


def _is_fitted(kind: str, name: str) -> bool:
    """An approach has no barrier, a terminal no detectors: there they say unknown for good."""
    if kind in ("entry", "exit"):
        return True
    return kind == "approach" and name not in ("barrier", "safety")


def _with_files(facts: Facts, bench: Bench) -> Facts:
    """The facts that only the disk knows. Off the loop: a dying disk answers slowly."""
    try:
        free: int | None = shutil.disk_usage(bench.data).free
        read_only = bool(os.statvfs(bench.data).f_flag & os.ST_RDONLY)
        aside = tuple(sorted(path.name for path in bench.data.glob("cache.db.damaged-*")))
    except OSError:
        return replace(facts, writable=False, endings=tuple(bench.endings()))
    writable = not read_only and os.access(bench.data, os.W_OK)
    return replace(facts, disk_free=free, writable=writable, set_aside=aside, endings=tuple(bench.endings()))
