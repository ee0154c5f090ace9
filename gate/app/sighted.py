"""Vehicles read by motion alone: put on record, then shown. Nothing here is told to any lane.

Motion is no presence detector, so what it started is no event: it reaches no machine, opens no visit and asks
no desk. Whoever comes is identified where a detector feels him (Rules 8.0.1).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime

import structlog

from gate.clock import Clock
from gate.errors import StoreError
from gate.lanes.record import canonical
from gate.lanes.views import SightedView
from gate.model import PlateRead
from gate.store.ledger import JournalLedger

log = structlog.get_logger()

KIND = "VehicleSighted"
"""Of its journal entry, which belongs to no visit."""
_MOST_WAITING = 100

_Sighting = tuple[str, datetime, PlateRead, PlateRead | None]


class SightingRecord:
    """Records each sighting, in order, and shows the last of each point. `shown` names the points."""

    def __init__(
        self, points: Iterable[str], ledger: JournalLedger, clock: Clock, changed: Callable[[], None]
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._changed = changed
        self._waiting: asyncio.Queue[_Sighting] = asyncio.Queue(_MOST_WAITING)
        self.shown: dict[str, SightedView | None] = dict.fromkeys(points)

    def note(self, point: str, read: PlateRead, trailer: PlateRead | None) -> None:
        """Take one sighting: an OnSighted."""
        if self._waiting.full():
            # A journal that stands still ends the gate elsewhere; memory must not grow till then.
            log.error("sighting.lost", point=point, why="the journal does not keep up")
            return
        self._waiting.put_nowait((point, self._clock.now().utc, read, trailer))

    async def run(self) -> None:
        """Record what is noted until cancelled. A database that refuses costs the sighting, never a lane."""
        while True:
            point, at, read, trailer = await self._waiting.get()
            body = canonical({"at": at.isoformat(), "read": read, "source": "motion", "trailer": trailer})
            try:
                await self._ledger.record(point, at, KIND, body.decode())
            except StoreError as error:
                log.error("sighting.not_journalled", point=point, why=str(error))
                continue
            self.shown[point] = SightedView(read.mark, read.confidence, read.sure, at, read.evidence)
            self._changed()
