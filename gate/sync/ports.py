"""What the pullers and pushers expect of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gate.model import Declaration, OutboxMessage
from gate.sealing.heads import Countersignature, SignedHead


class Cache(Protocol):
    """cache.db as the feed sees it."""

    async def cursor(self) -> int:
        """The feed position the cache was built to; 0 when it is empty."""
        ...

    async def apply(self, cursor: int, declarations: Sequence[Declaration], fetched_at: datetime) -> None:
        """One transaction: replace each declaration whose stored version is not newer, move the
        cursor, note central's time; the highest cursor ever applied is recorded in journal.db too.
        """
        ...

    async def touch(self, fetched_at: datetime) -> None:
        """The feed was confirmed up to date at this time of central's, with nothing new."""
        ...


class Outbox(Protocol):
    """journal.db's outbox as the pusher sees it."""

    @property
    def epoch(self) -> str:
        """The identity of this journal: sequence numbers mean something within it only."""
        ...

    async def pending(self, after: int, limit: int) -> Sequence[OutboxMessage]:
        """Messages still held with `seq > after`, in order, at most `limit`."""
        ...

    async def acknowledge(self, high_water: int) -> None:
        """Central has everything up to and including `high_water`; those may be trimmed."""
        ...


class Heads(Protocol):
    """journal.db's signed heads as their pusher sees them."""

    async def pending(self, limit: int) -> Sequence[SignedHead]:
        """Heads of this journal that wait for central's countersignature, oldest first, at most `limit`."""
        ...

    async def anchor(self, countersigned: Sequence[tuple[int, Countersignature]]) -> None:
        """Keep checked countersignatures, each with its head's entry."""
        ...
