"""Pushing the outbox to central: in order, in batches, until central says it keeps them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from prometheus_client import Counter
from pydantic import JsonValue

from gate.clock import Clock
from gate.errors import SyncError
from gate.model import OutboxMessage
from gate.settings import CentralSettings
from gate.sync.ports import Outbox
from gate.sync.status import LinkStatus
from gate.sync.transports.port import Transport
from gate.sync.wire import PAGE_LIMIT, EventBatch, WireEvent, wire_event

log = structlog.get_logger()

DELIVERED = Counter("gate_outbox_delivered_total", "Outbox messages central acknowledged")
GAPS = Counter("gate_outbox_gaps_total", "Times central lacked messages we no longer hold")
UNSENDABLE = Counter("gate_outbox_unsendable_total", "Messages that could not be put on the wire")

_BATCH_BYTES = 2 * 1024 * 1024
"""Well under what central takes: a batch is closed early rather than refused."""


class OutboxPusher:
    """Delivers each message at least once; central keeps it once, by (site, epoch, seq)."""

    def __init__(
        self, *, site: str, outbox: Outbox, transport: Transport, clock: Clock, settings: CentralSettings
    ) -> None:
        self._site = site
        self._outbox = outbox
        self._transport = transport
        self._clock = clock
        self._pause = settings.push_seconds
        self._link = LinkStatus("push", clock.now().utc)
        self._woken = asyncio.Event()
        self._acknowledged = 0
        self._missing_before: int | None = None

    @property
    def status(self) -> str:
        """`connected` or `away since <utc>: <reason>`."""
        return self._link.text

    @property
    def acknowledged(self) -> int:
        """The highest number central is known to keep; 0 before its first answer."""
        return self._acknowledged

    def wake(self) -> None:
        """Something was just committed: push at once, unless central is away. Loop's thread only."""
        self._woken.set()

    async def run(self) -> None:
        """Push until cancelled. Central being away or wrong never ends it; a StoreError does."""
        while True:
            more = False
            self._woken.clear()
            try:
                more = await self.push_once()
            except SyncError as error:
                self._link.failed(str(error), self._clock.now().utc)
            if not more:
                await self._rest()

    async def push_once(self) -> bool:
        """One batch; True when more may be waiting. SyncError when central is away or disagrees."""
        messages = await self._outbox.pending(self._acknowledged, PAGE_LIMIT)
        if not messages:
            if self._link.is_away:
                # An empty batch: whether central is there should not have to wait for a vehicle.
                await self._transport.deliver(self._batch(()))
                self._link.answered()
            return False
        batch = self._batch(messages)
        first, last = batch.events[0].seq, batch.events[-1].seq
        high_water = await self._transport.deliver(batch)
        if high_water < first:
            return await self._go_back(high_water, batch)
        if high_water > last:
            await self._refuse_unless_ours(high_water)
        self._link.answered()
        await self._outbox.acknowledge(high_water)
        DELIVERED.inc(high_water - max(self._acknowledged, first - 1))
        self._acknowledged, self._missing_before = high_water, None
        return len(messages) == PAGE_LIMIT or len(batch.events) < len(messages)

    def _batch(self, messages: Sequence[OutboxMessage]) -> EventBatch:
        events: list[WireEvent] = []
        size = 0
        for message in messages:
            event = self._event(message)
            size += len(event.model_dump_json())
            if events and size > _BATCH_BYTES:
                break
            events.append(event)
        starts_after_gap = bool(events) and events[0].seq == self._missing_before
        return EventBatch(
            site=self._site,
            epoch=self._outbox.epoch,
            missing_before=self._missing_before if starts_after_gap else None,
            events=tuple(events),
        )

    def _event(self, message: OutboxMessage) -> WireEvent:
        try:
            return wire_event(message)
        except ValueError as error:
            # One message nobody could read must not dam up all that follow. Its number is kept, its
            # content stays in the journal.
            UNSENDABLE.inc()
            log.exception("outbox.message_unsendable", seq=message.seq, kind=message.kind)
            body: dict[str, JsonValue] = {"kind": message.kind[:64], "reason": type(error).__name__}
            return WireEvent(seq=message.seq, kind="unsendable", at=self._clock.now().utc, body=body)

    async def _go_back(self, high_water: int, batch: EventBatch) -> bool:
        """Central lacks what came before this batch: it lost some, or it never saw our journal."""
        first = batch.events[0].seq
        if high_water == first - 1 or batch.missing_before is not None:
            raise SyncError(f"outbox: central took nothing of a batch that begins at {first}")
        held = await self._outbox.pending(high_water, 1)
        oldest = held[0].seq if held else first
        log.warning("outbox.central_lacks", acknowledged=high_water, first=first, oldest_held=oldest)
        if oldest > high_water + 1:
            GAPS.inc()
            self._missing_before = oldest
        self._acknowledged = high_water
        return True

    async def _refuse_unless_ours(self, high_water: int) -> None:
        # Messages are trimmed in order: whoever still holds earlier ones holds this one, if it was made.
        held = await self._outbox.pending(high_water - 1, 1)
        if not held or held[0].seq != high_water:
            raise SyncError(
                f"outbox: central keeps {high_water} messages of journal {self._outbox.epoch}, this one "
                "made fewer: journal.db was restored from an older backup; give it a new epoch"
            )

    async def _rest(self) -> None:
        seconds = self._link.wait(self._pause)
        if self._link.is_away:
            # Being woken by every vehicle must not turn the back-off into a hammer.
            await self._clock.sleep(seconds)
            return
        waiting = {asyncio.ensure_future(self._clock.sleep(seconds)), asyncio.ensure_future(self._wake())}
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _wake(self) -> None:
        await self._woken.wait()
