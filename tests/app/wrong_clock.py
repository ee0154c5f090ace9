"""`gate run` on a machine whose clock is wrong: the whole daemon with a clock and a kernel of the test's.

    python -m tests.app.wrong_clock SITE.YAML SECONDS BOOT

The wall clock is SECONDS ahead of the true time, and nothing keeps it right.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from gate import logs
from gate.app.lifecycle import _run
from gate.clock import Instant, SystemClock
from gate.config import load_site
from gate.notify import Notifier
from tests.clocks import adrift


class WrongClock(SystemClock):
    """The machine's own monotonic clock, and a wall clock that is wrong."""

    def __init__(self, ahead: timedelta) -> None:
        self._ahead = ahead

    def now(self) -> Instant:
        """Both clocks."""
        true = super().now()
        return Instant(true.utc + self._ahead, true.mono)


if __name__ == "__main__":
    site = load_site(Path(sys.argv[1]))
    site.data.mkdir(parents=True, exist_ok=True)
    logs.configure(site.data / "log.jsonl")
    clock = WrongClock(timedelta(seconds=float(sys.argv[2])))
    asyncio.run(_run(site, clock, Notifier.from_environment(), adrift(sys.argv[3])))
    os._exit(0)  # as `gate run` does: nothing is left to lose
