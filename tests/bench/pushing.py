"""How fast the outbox empties into the real central over loopback HTTP."""

from __future__ import annotations

import time
from pathlib import Path

from gate.clock import SystemClock
from gate.lanes.commands import Report
from gate.sync.outbox import OutboxPusher
from tests.bench.measuring import Figure
from tests.store.kept import a_store, step
from tests.sync.fakes import settings
from tests.sync.loopback import SITE, running

MESSAGES = 5_000
_BODY = {"visit": "approach-80a02743-1", "point": "lane-1", "corridor": "GREEN", "at": "2026-05-04T06:30:00"}


async def figures(folder: Path) -> list[Figure]:
    """A backlog as after some hours without central: batches of 500, gzipped, kept, acknowledged, trimmed."""
    clock = SystemClock()
    with a_store(folder / "outbox") as store:
        for _ in range(MESSAGES // 500):
            await store.ledger.commit(step(*(Report("visit.released", _BODY) for _ in range(500))))
        async with running(folder / "central", clock=clock) as central:
            transport = central.transport()
            token = central.data / "tokens" / f"site-{SITE}"
            pusher = OutboxPusher(
                site=SITE,
                outbox=store.outbox,
                transport=transport,
                clock=clock,
                settings=settings(central.url, token),
            )
            began = time.perf_counter()
            while await pusher.push_once():
                pass
            seconds = time.perf_counter() - began
            await transport.aclose()
        assert await store.outbox.waiting() == 0
    note = f"{MESSAGES} messages in {seconds:.2f} s, central in the same process"
    return [Figure("outbox to central, loopback", f"{MESSAGES / seconds:,.0f} messages/s", note)]
