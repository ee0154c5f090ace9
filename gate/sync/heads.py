"""Having central countersign the journal's heads: from then on nobody here can make the record anew."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from prometheus_client import Counter

from gate.clock import Clock
from gate.errors import SyncError
from gate.sealing.heads import Countersignature, SignedHead, head_time, is_countersigned
from gate.sync.ports import Heads
from gate.sync.status import LinkStatus
from gate.sync.transports.port import Transport
from gate.sync.wire import HEAD_LIMIT, HeadBatch

log = structlog.get_logger()
COUNTERSIGNED = Counter("gate_heads_countersigned_total", "Journal heads central countersigned")
IDLE_SECONDS = 30.0
"""Between two looks at heads that still wait, where no new one woke us."""


class HeadPusher:
    """Shows central each head once it is signed. Central away: heads wait, and nothing waits for them."""

    def __init__(
        self, *, site: str, heads: Heads, transport: Transport, central_key: Ed25519PublicKey, clock: Clock
    ) -> None:
        self._site = site
        self._heads = heads
        self._transport = transport
        self._key = central_key
        self._clock = clock
        self._link = LinkStatus("heads", clock.now().utc)
        self._woken = asyncio.Event()

    @property
    def status(self) -> str:
        """`connected` or `away since <utc>: <reason>`."""
        return self._link.text

    def wake(self) -> None:
        """A head was just signed. Loop's thread only."""
        self._woken.set()

    async def run(self) -> None:
        """Show heads until cancelled. Central being away or refusing never ends it; a StoreError does."""
        while True:
            self._woken.clear()
            try:
                more = await self.push_once()
            except SyncError as error:
                more = False
                self._link.failed(str(error), self._clock.now().utc)
            if not more:
                await self._rest()

    async def push_once(self) -> bool:
        """One batch; True when more may be waiting. SyncError when central is away, refuses or forges."""
        waiting = await self._heads.pending(HEAD_LIMIT)
        if not waiting:
            return False
        answer = await self._transport.countersign(HeadBatch.of(waiting))
        countersigned = [
            (one.seq, Countersignature(head_time(one.at), one.signature)) for one in answer.heads
        ]
        self._refuse_unless_ours(waiting, countersigned)
        await self._heads.anchor(countersigned)
        self._link.answered()
        COUNTERSIGNED.inc(len(countersigned))
        return len(waiting) == HEAD_LIMIT

    def _refuse_unless_ours(
        self, waiting: Sequence[SignedHead], countersigned: Sequence[tuple[int, Countersignature]]
    ) -> None:
        if [head.head.seq for head in waiting] != [seq for seq, _ in countersigned]:
            raise SyncError("heads: central answered with other heads than it was shown")
        for signed, (seq, counter) in zip(waiting, countersigned, strict=True):
            if not is_countersigned(signed, counter, (self._key,)):
                raise SyncError(
                    f"heads: the countersignature of entry {seq} is not central's; check keys.central_public"
                )

    async def _rest(self) -> None:
        if self._link.is_away and not self._woken.is_set():
            await self._clock.sleep(self._link.wait(1.0))
            return
        sleeping = asyncio.ensure_future(self._clock.sleep(IDLE_SECONDS))
        waking = asyncio.ensure_future(self._woken.wait())
        try:
            await asyncio.wait((sleeping, waking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            waking.cancel()
            await asyncio.gather(sleeping, waking, return_exceptions=True)
