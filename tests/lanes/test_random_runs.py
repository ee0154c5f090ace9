"""Random lives of a whole lane: real runtime, store, desk and driver over a real link, faults and kills.

What must hold is looked at from outside (`outside.py`). GATE_RANDOM_RUNS=500 looks for new troubles
with new seeds; without it the same runs are made every time.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import Phase as Stage

from tests.lanes.emulated import Link, emulated
from tests.lanes.random_lives import Move, lives, moves

pytestmark = pytest.mark.usefixtures("short_times")
RUNS = int(os.environ.get("GATE_RANDOM_RUNS", "0"))


def _live(data: Path, link: Link, chosen: Sequence[Move], *, mend: bool = True) -> None:
    async def run() -> None:
        async with emulated(link, data) as world:
            await lives(world, chosen, mend=mend)

    asyncio.run(run())


def _runs(count: int) -> settings:
    return settings(
        max_examples=RUNS or count,
        derandomize=not RUNS,
        database=None,
        deadline=None,
        print_blob=True,
        phases=[Stage.explicit, Stage.generate, Stage.shrink],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.parametrize("link", ["modbus-rtu", "mqtt"])
def test_no_life_of_a_lane_breaks_a_law_seen_from_outside(
    link: Link, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever drives, fails, is pressed or dies: pulses have their decisions, and the lane comes to rest."""

    @_runs(12 if link == "modbus-rtu" else 5)
    @given(moves)
    @example([("goes-on", 1)] * 4)  # a high bed
    @example([("hurries", 1), ("goes-on", 0), ("hurries", 0), ("goes-on", 0)])
    @example([("goes-on", 0), ("killed", 0), ("waits", 0), ("killed", 1), ("goes-on", 0)])
    def live(chosen: Sequence[Move]) -> None:
        _live(tmp_path_factory.mktemp("life"), link, chosen)

    live()
