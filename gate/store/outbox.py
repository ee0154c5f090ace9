"""The outbox as the pusher sees it: numbered without gaps within this journal's life."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from gate.model import OutboxMessage
from gate.store.database import DatabaseThread, transaction


class JournalOutbox:
    """Messages owed to central, trimmed as central acknowledges them."""

    def __init__(self, thread: DatabaseThread, epoch: str) -> None:
        self._thread = thread
        self._epoch = epoch

    @property
    def epoch(self) -> str:
        """The identity of this journal."""
        return self._epoch

    async def pending(self, after: int, limit: int) -> Sequence[OutboxMessage]:
        """Messages still held with `seq > after`, in order, at most `limit`."""
        rows = await self._thread.run(
            lambda: self._thread.journal.conn.execute(
                "SELECT seq, kind, at, body FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit)
            ).fetchall()
        )
        return [
            OutboxMessage(seq, kind, datetime.fromisoformat(at), json.loads(body))
            for seq, kind, at, body in rows
        ]

    async def acknowledge(self, high_water: int) -> None:
        """Trim what central has."""

        def work() -> None:
            with transaction(self._thread.journal) as connection:
                connection.execute("DELETE FROM outbox WHERE seq <= ?", (high_water,))

        await self._thread.run(work)

    async def waiting(self) -> int:
        """Count the messages central has not acknowledged."""
        (count,) = await self._thread.run(
            lambda: self._thread.journal.conn.execute("SELECT count(*) FROM outbox").fetchone()
        )
        return int(count)

    async def written(self) -> int:
        """Count every message ever written in this epoch."""
        row = await self._thread.run(
            lambda: self._thread.journal.conn.execute(
                "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'"
            ).fetchone()
        )
        return int(row[0]) if row else 0
