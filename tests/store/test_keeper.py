"""The keeper beside the lanes: at start and every hour, and a fault of its own stops nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.store.keeping import HandClock, Past, a_past
from tests.store.kept import rows


class BoundedClock(HandClock):
    """Ends the keeper after some time, as the daemon does by cancelling it."""

    until: float = 0.0

    async def sleep(self, seconds: float) -> None:
        """Let so much pass; at the end, no more."""
        await super().sleep(seconds)
        await asyncio.sleep(0)
        if self.mono > self.until:
            raise asyncio.CancelledError


async def lives(past: Past, hours: float) -> None:
    """Run the keeper for so long."""
    clock = BoundedClock(past.clock.utc)
    clock.until = hours * 3600
    past.keeper._clock = past.clock = clock
    task = asyncio.create_task(past.keeper.run())
    await asyncio.wait({task})
    assert task.cancelled()


async def test_at_start_and_every_hour(tmp_path: Path) -> None:
    """What grows old while the gate runs goes within the hour: no restart is needed."""
    with a_past(tmp_path) as past:
        old, soon = past.picture(31), past.picture(29.95)
        await lives(past, 0.5)
        assert (past.file(old).exists(), past.file(soon).exists()) == (False, True)
        await lives(past, 2.5)
        assert not past.file(soon).exists()
        assert rows(past.journal, "SELECT count(*) FROM journal WHERE kind = 'EvidenceErased'") == [(2,)]


async def test_a_fault_is_said_and_mended(tmp_path: Path) -> None:
    """A folder that cannot be read: the status says so, the task lives on, the next hour works."""
    with a_past(tmp_path) as past:
        past.evidence.write_text("a file where a folder should be")
        await lives(past, 0.5)
        assert past.keeper.status.startswith("erasing failed: evidence:")
        past.evidence.unlink()
        name = past.picture(40)
        await lives(past, 1.5)
        assert not past.file(name).exists()
        assert past.keeper.status == "ok"
