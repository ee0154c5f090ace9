"""The clock's last measure, kept in journal.db: a restart while central is away does not lose the time."""

from __future__ import annotations

import structlog
from pydantic import TypeAdapter, ValidationError

from gate.clock_trust import Measure
from gate.store.database import DatabaseThread, transaction

log = structlog.get_logger()
_MEASURE = TypeAdapter(Measure)
_KEY = "clock"


def last_measure(thread: DatabaseThread) -> Measure | None:
    """Read it, before anything else runs on the thread; one that cannot be read counts as none."""
    row = thread.journal.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    if row is None:
        return None
    try:
        return _MEASURE.validate_json(row[0])
    except ValidationError as error:
        log.warning("clock.measure_unreadable", why=str(error), doing="measuring anew")
        return None


async def keep_measure(thread: DatabaseThread, measure: Measure) -> None:
    """Write it in place of the one before."""

    def work() -> None:
        with transaction(thread.journal) as connection:
            connection.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (_KEY, _MEASURE.dump_json(measure).decode()),
            )

    await thread.run(work)
