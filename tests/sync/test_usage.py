"""Corridor use by risk group (1.4): what checkpoints reported, joined with what only central knows."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gate.errors import StoreError
from gate.model import Corridor
from gate.report.month import month_of
from gate.sealing import make_site_keys
from gate.sync.central.corridors import RiskGroup
from gate.sync.central.policy import CentralPolicy
from gate.sync.central.system import Central, open_central
from gate.sync.central.usage import corridor_use
from gate.sync.wire import EventBatch, WireEvent
from tests.cli.calling import gate
from tests.sync.fakes import START, TestClock
from tests.sync.loopback import SITE, form

MARCH = month_of("2026-03", "Asia/Baku")
NEVER = CentralPolicy(draw_rates={RiskGroup.LOW: 0.0, RiskGroup.MEDIUM: 0.0})


async def a_central(folder: Path) -> Central:
    """A central that draws nobody: LOW and MEDIUM use GREEN, HIGH uses RED (7.0)."""
    central = await open_central(
        folder,
        clock=TestClock(START),
        rng=random.Random(1),  # noqa: S311 - a test repeats
        policy=NEVER,
    )
    await central.register_site(SITE, make_site_keys(folder / "site.key", folder / "site.pub"))
    return central


async def filed(central: Central, group: RiskGroup, count: int) -> list[str]:
    """Notification numbers of so many declarations of one importer of the group."""
    await central.decide_group(f"I-{group.value}", group, "a test")
    body = json.dumps(form(importer=f"I-{group.value}")).encode()
    return [(await central.file(body)).number for _ in range(count)]


async def reported(central: Central, numbers: Sequence[str], at: datetime, seq: int = 1) -> None:
    """The checkpoint says that these verdicts were opened, each for a vehicle of its own."""
    events = tuple(
        WireEvent(seq=seq + index, kind="verdict.opened", at=at, body={"visit": "v", "numbers": [number]})
        for index, number in enumerate(numbers)
    )
    await central.keep_events(EventBatch(site=SITE, epoch="a" * 32, events=events))


async def test_a_month_of_use_by_group(tmp_path: Path) -> None:
    """Only what was used in the month counts, once each, in its group at the draw; small counts stay."""
    central = await a_central(tmp_path)
    low, medium, high = [
        await filed(central, group, count)
        for group, count in ((RiskGroup.LOW, 12), (RiskGroup.MEDIUM, 3), (RiskGroup.HIGH, 6))
    ]
    later = START + timedelta(days=2)
    await reported(central, [*low[:11], *medium, *high], later)
    await reported(
        central, [low[0], "9999999999999"], later + timedelta(hours=1), seq=21
    )  # told twice; unknown
    await reported(central, low[11:], MARCH.end + timedelta(minutes=1), seq=23)  # in April
    await central.decide_group("I-LOW", RiskGroup.HIGH, "grounds arose since")
    await central.close()
    used = corridor_use(tmp_path / "central.db", MARCH)
    assert (used.month, used.sites, used.unknown) == ("2026-03", 1, 1)
    # 11 LOW and 3 MEDIUM on GREEN: the three are kept back, and the eleven would tell them.
    green = [used.cells[Corridor.GREEN, group] for group in RiskGroup]
    assert green == ["*", "<5", 0]
    assert [used.cells[Corridor.RED, group] for group in RiskGroup] == [0, 0, 6]
    april = corridor_use(tmp_path / "central.db", month_of("2026-04", "Asia/Baku"))
    assert april.cells[Corridor.GREEN, RiskGroup.LOW] == "*"  # one alone: nothing of the column is told


async def test_the_command(tmp_path: Path) -> None:
    """As a table and as JSON; no importer and no number in either; a missing database is named."""
    central = await a_central(tmp_path)
    numbers = await filed(central, RiskGroup.HIGH, 7)
    await reported(central, numbers, START + timedelta(days=1))
    await central.close()
    words = ("central", "publish-use", "--month", "2026-03", "--data", tmp_path)
    spoken, told = await gate(*words), await gate(*words, "--json")
    assert (spoken.code, told.code) == (0, 0)
    assert "RED" in spoken.out
    use = {(row["corridor"], row["risk_group"]): row["consignments"] for row in told.told["use"]}
    assert use["RED", "HIGH"] == 7
    assert sum(cell for cell in use.values() if isinstance(cell, int)) == 7
    for secret in ("I-HIGH", *numbers):
        assert secret not in spoken.out + told.out
    none = await gate("central", "publish-use", "--month", "2026-03", "--data", tmp_path / "nowhere")
    assert none.code == 1
    assert "central.db does not exist" in none.err


async def test_an_amendment_after_the_crossing_changes_no_published_month(tmp_path: Path) -> None:
    """The version in force when the verdict was opened counts."""
    central = await a_central(tmp_path)
    (number,) = await filed(central, RiskGroup.HIGH, 1)
    others = await filed(central, RiskGroup.HIGH, 5)
    await reported(central, [number, *others], START + timedelta(days=1))
    await central.close()
    with closing(sqlite3.connect(tmp_path / "central.db")) as connection:
        connection.execute(
            "INSERT INTO selections SELECT NULL, '2026-03-20T00:00:00.000000+00:00', number, version + 1,"
            " importer, 'LOW', cap_percent, period_start, importers, checked_before, checked_after, draw,"
            " kept_from, selected, why, 'GREEN', rule FROM selections WHERE number = ?",
            (number,),
        )
        connection.commit()
    used = corridor_use(tmp_path / "central.db", MARCH)
    assert used.cells[Corridor.RED, RiskGroup.HIGH] == 6
    assert used.cells[Corridor.GREEN, RiskGroup.LOW] == 0


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """It is named."""
    (tmp_path / "central.db").write_bytes(b"nothing" * 200)
    with pytest.raises(StoreError, match="cannot be read"):
        corridor_use(tmp_path / "central.db", MARCH)
