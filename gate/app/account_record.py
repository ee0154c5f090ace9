"""What happened to accounts and logins, carried into the journal, which has one writer only."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from datetime import UTC, datetime

import structlog

from gate.clock import Clock
from gate.errors import StoreError
from gate.store.ledger import JournalLedger
from gate.store.officers import Officers

log = structlog.get_logger()

POINT = "console"
LOOK_SECONDS = 5.0


class AccountRecord:
    """Carries events over in their order: first into the journal, then marked as carried.

    A stop in between carries one a second time, under the same `account_event`: twice is better than never.
    """

    def __init__(self, officers: Officers, ledger: JournalLedger) -> None:
        self._officers = officers
        self._ledger = ledger
        self._one_at_a_time = asyncio.Lock()
        self._troubled = False

    async def run(self, clock: Clock) -> None:
        """Look now and then for what `gate officer` did beside the running gate."""
        while True:
            await clock.sleep(LOOK_SECONDS)
            await self.carry()

    async def carry(self) -> None:
        """Carry what is waiting. Trouble with the accounts' file costs the console, never a lane."""
        async with self._one_at_a_time:
            try:
                await self._carry()
            except (sqlite3.Error, StoreError) as error:
                if not self._troubled:
                    log.error("accounts.not_journalled", why=str(error), then="tried again by itself")
                self._troubled = True
            else:
                self._troubled = False

    async def _carry(self) -> None:
        for event in await asyncio.to_thread(self._officers.events.waiting):
            at = datetime.fromtimestamp(event.at, UTC)
            facts = {
                "account_event": event.seq,
                "at": at.isoformat(),
                "change": event.change,
                "account": event.account or None,
                "acted_by": event.acted_by or None,
                "address": event.source or None,
            }
            body = json.dumps(facts, sort_keys=True, ensure_ascii=False)
            await self._ledger.record(POINT, at, "Account", body)
            await asyncio.to_thread(self._officers.events.carried, event.seq)
