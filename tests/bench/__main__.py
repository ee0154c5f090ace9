"""`python -m tests.bench`: every figure, in three to four minutes; see docs/bench.md."""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog

from tests.bench import (
    cached,
    deciding,
    glass,
    idle,
    journal,
    lane,
    links,
    near,
    pushing,
    reading,
    record,
    replay,
    wire,
)
from tests.bench.measuring import Figure, table


async def _readings(folder: Path) -> list[Figure]:
    return reading.figures(folder)


FAMILIES: dict[str, Callable[[Path], Awaitable[list[Figure]]]] = {
    "steps": journal.figures,
    "record": record.figures,
    "a lane": lane.figures,
    "deciding": deciding.figures,
    "near": near.figures,
    "cached": cached.figures,
    "replay": replay.figures,
    "reading": _readings,
    "pushing": pushing.figures,
    "wire": wire.figures,
    "idle": idle.figures,
    "glass": glass.figures,
    "links": links.figures,
}


async def _measured(folder: Path) -> list[Figure]:
    figures = []
    for name, family in FAMILIES.items():
        here = folder / name.replace(" ", "-")
        here.mkdir()
        began = time.monotonic()
        found = await family(here)
        figures += found
        # Minutes are long, and what was measured must not be lost with what comes after it.
        sys.stderr.write(f"{name}, {time.monotonic() - began:.0f} s:\n{table(found)}\n")
        sys.stderr.flush()
    return figures


def main() -> int:
    """Measure and print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    began = time.monotonic()
    load = os.getloadavg()[0]
    # Beside the tree and not in /tmp, which is memory on many machines: a commit must meet a disk.
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder:
        figures = asyncio.run(_measured(Path(folder)))
    cores = len(os.sched_getaffinity(0))
    where = f"{cores} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    lines = (
        f"Gate, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {where}",
        # What others did meanwhile: a figure beside its peer says more than one alone.
        f"load {load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end",
        table(figures),
        f"measured in {time.monotonic() - began:.0f} s",
    )
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
