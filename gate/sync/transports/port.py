"""What a way to central must do. `http.py` is one to copy."""

from __future__ import annotations

from typing import Protocol

from gate.sync.wire import EventBatch, FeedPage, HeadBatch, HeadsCountersigned


class Transport(Protocol):
    """A way to central. Every failure of the way or of the other end is a SyncError.

    It tells a `ClockTrust` central's time, with the moments between which central was asked.
    """

    async def fetch(self, after: int, limit: int) -> FeedPage:
        """One page of this site's feed."""
        ...

    async def deliver(self, batch: EventBatch) -> int:
        """Hand over a batch; central's contiguous high-water mark for its journal."""
        ...

    async def countersign(self, batch: HeadBatch) -> HeadsCountersigned:
        """Show central signed heads of the journal; its countersignature of each, in the same order."""
        ...

    async def aclose(self) -> None:
        """Let go of the link."""
        ...
