"""Rules 6 and 7: corridors and caps, as pure functions and against a real central.db."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.model import Corridor
from gate.sealing import make_site_keys
from gate.sync.central.audit import selection_log
from gate.sync.central.corridors import RiskGroup, corridor_for
from gate.sync.central.policy import CentralPolicy
from gate.sync.central.selection import Tally, select, within_cap
from gate.sync.central.system import Central, open_central
from tests.sync.fakes import START, TestClock
from tests.sync.loopback import SITE, form

ALWAYS = CentralPolicy(draw_rates={RiskGroup.LOW: 1.0, RiskGroup.MEDIUM: 1.0})


@pytest.mark.parametrize(
    ("group", "selected", "corridor", "rule"),
    [
        (RiskGroup.LOW, False, Corridor.GREEN, "7.0.1"),
        (RiskGroup.MEDIUM, False, Corridor.GREEN, "7.0.1"),
        (RiskGroup.LOW, True, Corridor.BLUE, "7.0.2"),
        (RiskGroup.MEDIUM, True, Corridor.YELLOW, "7.0.3"),
        (RiskGroup.HIGH, True, Corridor.RED, "7.0.4"),
        (RiskGroup.HIGH, False, Corridor.RED, "7.0.4"),
    ],
)
def test_corridors_follow_section_seven(
    group: RiskGroup, selected: bool, corridor: Corridor, rule: str
) -> None:
    """Each row of Rules 7.0, with its number."""
    assert corridor_for(group, selected=selected) == (corridor, rule)


@pytest.mark.parametrize(("group", "cap"), [("LOW", 10), ("MEDIUM", 50), ("HIGH", 100)])
def test_caps_are_the_laws(group: str, cap: int) -> None:
    """10 % of low, 50 % of medium, all of high (6.6.1, 6.6.2, 6.7)."""
    assert RiskGroup(group).cap_percent == cap


@pytest.mark.parametrize(
    ("group", "importers", "most"),
    [("LOW", 9, 0), ("LOW", 10, 1), ("LOW", 29, 2), ("MEDIUM", 1, 0), ("MEDIUM", 5, 2), ("MEDIUM", 6, 3)],
)
def test_caps_are_never_rounded_up(group: str, importers: int, most: int) -> None:
    """A tenth of nine importers is none of them."""
    assert within_cap(RiskGroup(group), most, importers)
    assert not within_cap(RiskGroup(group), most + 1, importers)


@given(st.integers(0, 50), st.integers(0, 50), st.booleans(), st.floats(0, 1))
def test_every_high_risk_importer_is_checked(
    importers: int, checked: int, already: bool, draw: float
) -> None:
    """No draw, rate or tally spares the high-risk group (6.7)."""
    assert select(RiskGroup.HIGH, Tally(importers, checked, already), draw, 0.0).selected


@given(
    st.sampled_from([RiskGroup.LOW, RiskGroup.MEDIUM]),
    st.integers(1, 200),
    st.lists(st.tuples(st.integers(0, 199), st.floats(0, 1, exclude_max=True)), max_size=300),
)
def test_no_sequence_of_draws_breaks_a_cap(
    group: RiskGroup, importers: int, filings: list[tuple[int, float]]
) -> None:
    """Whoever files how often, and even drawing every time, the share of checked importers keeps to 6.6."""
    checked: set[int] = set()
    for who, draw in filings:
        importer = who % importers
        outcome = select(group, Tally(importers, len(checked), importer in checked), draw, 1.0)
        if outcome.selected:
            checked.add(importer)
        assert len(checked) == outcome.checked_after
        assert len(checked) * 100 <= group.cap_percent * importers


async def _central(folder: Path, policy: CentralPolicy, seed: int = 3) -> tuple[Central, TestClock]:
    clock = TestClock(START)
    rng = random.Random(seed)  # noqa: S311 - a test repeats
    central = await open_central(folder, clock=clock, rng=rng, policy=policy)
    await central.register_site(SITE, make_site_keys(folder / "s.key", folder / "s.pub"))
    return central, clock


def _bytes(**changes: object) -> bytes:
    return json.dumps(form(**changes)).encode()


@settings(max_examples=10, deadline=None)
@given(st.data())
async def test_random_importers_keep_the_caps_in_the_log(data: st.DataObject) -> None:
    """Random importers, groups and filings against a real central: every log row keeps its cap."""
    with TemporaryDirectory() as name:
        central, _ = await _central(Path(name), ALWAYS)
        importers = data.draw(st.lists(st.sampled_from(RiskGroup), min_size=1, max_size=25))
        for number, group in enumerate(importers):
            await central.decide_group(f"I{number}", group, "test")
        for who in data.draw(st.lists(st.integers(0, len(importers) - 1), max_size=30)):
            await central.file(_bytes(importer=f"I{who}"))
        await central.close()
        log = selection_log(Path(name) / "central.db")
    for group in (RiskGroup.LOW, RiskGroup.MEDIUM):
        checked = {entry.importer for entry in log if entry.risk_group is group and entry.selected}
        assert len(checked) * 100 <= group.cap_percent * importers.count(group)
    for entry in log:
        assert entry.checked_after * 100 <= entry.cap_percent * entry.importers
        assert entry.corridor is corridor_for(entry.risk_group, selected=entry.selected)[0]
        assert entry.selected or entry.risk_group is not RiskGroup.HIGH


async def test_the_selection_log_tells_the_share_before_and_after(tmp_path: Path) -> None:
    """An auditor sees each draw: of ten low-risk importers the first drawn is checked, the second not."""
    central, _ = await _central(tmp_path, ALWAYS)
    for number in range(10):
        await central.decide_group(f"I{number}", RiskGroup.LOW, "three years of imports")
    for who in ("I0", "I1", "I0"):
        await central.file(_bytes(importer=who))
    await central.close()
    told = [
        (entry.importer, entry.importers, entry.checked_before, entry.checked_after, entry.corridor.value)
        for entry in selection_log(tmp_path / "central.db")
    ]
    assert told == [("I0", 10, 0, 1, "BLUE"), ("I1", 10, 1, 1, "GREEN"), ("I0", 10, 1, 1, "BLUE")]


async def test_the_share_is_counted_anew_in_a_new_period(tmp_path: Path) -> None:
    """When the period has passed, the next importer may be drawn."""
    central, clock = await _central(tmp_path, ALWAYS)
    for who in ("A", "B"):
        await central.decide_group(who, RiskGroup.MEDIUM, "test")
    await central.file(_bytes(importer="A"))
    await central.file(_bytes(importer="B"))
    clock.utc += timedelta(days=31)
    await central.file(_bytes(importer="B"))
    await central.close()
    corridors = [entry.corridor.value for entry in selection_log(tmp_path / "central.db")]
    assert corridors == ["YELLOW", "GREEN", "YELLOW"]


async def test_an_unknown_importer_is_high_risk(tmp_path: Path) -> None:
    """An importer without imports on record is put into HIGH, with the reason (10.1.2)."""
    central, _ = await _central(tmp_path, CentralPolicy())
    await central.file(_bytes(importer="NEWCOMER"))
    await central.close()
    assert selection_log(tmp_path / "central.db")[0].corridor is Corridor.RED
    with closing(sqlite3.connect(tmp_path / "central.db")) as db:
        row = db.execute("SELECT risk_group, reason, review_due FROM importers").fetchone()
    assert row[0] == "HIGH"
    assert "10.1.2" in row[1]
    assert row[2] is not None


async def test_amending_wins_no_new_draw(tmp_path: Path) -> None:
    """A declaration amended ten times keeps its first draw, whatever chance would say (7.0)."""
    central, _ = await _central(tmp_path, CentralPolicy(draw_rates={RiskGroup.MEDIUM: 0.5}))
    for who in ("A", "B"):
        await central.decide_group(who, RiskGroup.MEDIUM, "test")
    number = (await central.file(_bytes(importer="A"))).number
    for _ in range(10):
        await central.amend(number, _bytes(importer="A", marks=["77ZZ777"]))
    await central.close()
    log = selection_log(tmp_path / "central.db")
    assert [entry.version for entry in log] == list(range(1, 12))
    assert len({entry.corridor for entry in log}) == 1
    assert all(entry.draw is None for entry in log[1:])


async def test_a_kept_draw_is_counted_where_it_was_drawn(tmp_path: Path) -> None:
    """An old declaration amended in a new period keeps its corridor without using that period's share."""
    central, clock = await _central(tmp_path, ALWAYS)
    for who in ("A", "B"):
        await central.decide_group(who, RiskGroup.MEDIUM, "test")
    number = (await central.file(_bytes(importer="A"))).number
    clock.utc += timedelta(days=31)
    await central.amend(number, _bytes(importer="A"))
    await central.file(_bytes(importer="B"))
    await central.close()
    log = selection_log(tmp_path / "central.db")
    assert [(entry.corridor.value, entry.checked_before, entry.checked_after) for entry in log] == [
        *(("YELLOW", 0, 1), ("YELLOW", 0, 0), ("YELLOW", 0, 1)),
    ]


async def test_a_stricter_group_makes_an_amendment_stricter(tmp_path: Path) -> None:
    """After an importer moved to HIGH his amended declaration is RED: a newer verdict from central."""
    central, _ = await _central(tmp_path, CentralPolicy(draw_rates={RiskGroup.LOW: 0.0}))
    await central.decide_group("A", RiskGroup.LOW, "test")
    number = (await central.file(_bytes(importer="A"))).number
    await central.decide_group("A", RiskGroup.HIGH, "found undeclared goods")
    await central.amend(number, _bytes(importer="A"))
    await central.close()
    corridors = [entry.corridor.value for entry in selection_log(tmp_path / "central.db")]
    assert corridors == ["GREEN", "RED"]


async def test_decisions_on_risk_groups_are_kept_with_their_reasons(tmp_path: Path) -> None:
    """What an appeal needs: each decision, what it changed and why (6.9, 6.10)."""
    central, _ = await _central(tmp_path, CentralPolicy())
    await central.decide_group("A", RiskGroup.LOW, "ten years of imports")
    decided = await central.decide_group("A", RiskGroup.MEDIUM, "late payments")
    await central.close()
    assert decided.review_due is not None
    with closing(sqlite3.connect(tmp_path / "central.db")) as db:
        rows = db.execute("SELECT previous, risk_group, reason FROM risk_decisions ORDER BY id").fetchall()
    assert rows == [(None, "LOW", "ten years of imports"), ("LOW", "MEDIUM", "late payments")]
