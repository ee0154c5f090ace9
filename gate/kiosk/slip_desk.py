"""When a point's slips are printed: once for each answer, for the vehicle that stands there, or never.

A slip that comes late is taken by the next driver. So one that could not be printed is kept only while
its answer stands on the board, and no longer than KEEP_SECONDS; then it is dropped, and the console says
so. The driver was told by the board anyway. After a restart nothing is printed by itself.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from gate.clock import Instant
from gate.kiosk.booth import Booth
from gate.kiosk.ports import PrinterState, Slip, SlipPrinter
from gate.kiosk.slips import make_slip, speakers_of
from gate.kiosk.speech import Tongue, load_device_tongues
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.events import DeviceFaulted, DeviceRole
from gate.lanes.ports import Post
from gate.model import NotificationNumber, Visit, VisitStatus

log = structlog.get_logger()

KEEP_SECONDS = 60.0
_REMEMBERED = 256
_KINDS = (MessageKind.DIRECT, MessageKind.WAIT, MessageKind.REFER)
Answered = tuple[str, MessageKind]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A slip that is wanted now."""

    answered: Answered
    slip: Slip
    until: float


class SlipDesk:
    """One point's slips. `changed` is called on every change of the checkpoint, `run` prints."""

    def __init__(
        self,
        booth: Booth,
        point: str,
        place: str,
        printer: SlipPrinter,
        *,
        keep_seconds: float = KEEP_SECONDS,
    ) -> None:
        self._booth = booth
        self._point = point
        self._place = place
        self._printer = printer
        self._keep_seconds = keep_seconds
        self._words: dict[str, Tongue] = dict(load_device_tongues())
        self._done: deque[Answered] = deque(maxlen=_REMEMBERED)
        self._kept: _Kept | None = None
        self._wake = asyncio.Event()
        self._post: Post | None = None

    async def begin(self, post: Post) -> None:
        """Count what was answered before this start as printed."""
        self._post = post
        overview = await self._booth.checkpoint.overview()
        (view,) = (view for view in overview.points if view.name == self._point)
        here = [visit for visit in overview.visits if self._point == visit.point]
        for visit in here:
            self._done += [(visit.visit_id, kind) for kind in _answered_already(visit)]
        if view.visit_id is not None and view.message.kind in _KINDS:
            self._done.append((view.visit_id, view.message.kind))

    async def look(self) -> None:
        """Look whether the point has answered somebody anew."""
        shown = self._booth.checkpoint.kiosk_view(self._point)
        if shown is None or shown.message.kind not in _KINDS:
            self._drop_if_gone(None)
            return
        overview = await self._booth.checkpoint.overview()
        (view,) = (view for view in overview.points if view.name == self._point)
        if view.visit_id is None or view.message.kind not in _KINDS:
            self._drop_if_gone(None)
            return
        answered = (view.visit_id, view.message.kind)
        self._drop_if_gone(answered)
        if answered in self._done:
            return
        self._done.append(answered)
        # Read after the answer was seen: the overview's own visits may be a moment older than it.
        found = await self._booth.checkpoint.visit(view.visit_id)
        self._want(answered, view.message, () if found is None else found.visit.numbers)

    async def run(self) -> None:
        """Print what is wanted, until cancelled."""
        while True:
            self._wake.clear()
            kept = self._kept
            if kept is None:
                await self._wake.wait()
                continue
            state = await self._printer.print_slip(kept.slip, partial(self._wants, kept))
            if self._kept is not kept:
                continue  # its driver has gone meanwhile
            if state.prints:
                log.info("kiosk.slip_printed", point=self._point)
                self._kept = None
                continue
            await self._until_something_changes(kept)

    def _wants(self, kept: _Kept) -> bool:
        return self._kept is kept

    def printer_changed(self) -> None:
        """The printer says something else of itself: perhaps it prints again."""
        self._wake.set()

    async def _until_something_changes(self, kept: _Kept) -> None:
        while self._kept is kept:
            left = kept.until - self._now().mono
            if left <= 0:
                self._drop("nothing could be printed in time")
                return
            try:
                async with asyncio.timeout(left):
                    await self._wake.wait()
            except TimeoutError:
                continue
            self._wake.clear()
            if self._printer.state.prints:
                return

    def _want(
        self, answered: Answered, message: BoardMessage, numbers: tuple[NotificationNumber, ...]
    ) -> None:
        now = self._now()
        chosen = self._booth.spoken.get(self._point)
        speakers = speakers_of(chosen, self._booth.tongues, self._words)
        slip = make_slip(message, answered[0], numbers, now.utc, self._place, speakers, self._booth.formats)
        if slip is not None:
            self._kept = _Kept(answered, slip, now.mono + self._keep_seconds)
            self._wake.set()

    def _drop_if_gone(self, answered: Answered | None) -> None:
        if self._kept is not None and self._kept.answered != answered:
            self._drop("its driver has gone on")

    def _drop(self, why: str) -> None:
        self._kept = None
        self._wake.set()
        state, at = self._printer.state, self._now()
        log.warning("kiosk.slip_dropped", point=self._point, why=why, printer=state.value)
        if self._post is not None and state is not PrinterState.READY:
            self._post(DeviceFaulted(at=at, device=DeviceRole.PRINTER, reason=_note(state, at.utc)))

    def _now(self) -> Instant:
        return self._booth.clock.now()


def _note(state: PrinterState, at: datetime) -> str:
    return (
        f"{state.value}; the slip of {at.astimezone():%H:%M} was not printed (the board told the driver): "
        "see to the printer"
    )


def _answered_already(visit: Visit) -> tuple[MessageKind, ...]:
    """What was said to a visit's driver before this start, as far as its row tells."""
    if visit.status is VisitStatus.ARRIVED:
        return ()
    return (MessageKind.WAIT,) if visit.status is VisitStatus.HELD else _KINDS
