"""What leaves central, and what of it depends on the corridor: nothing but bytes nobody can read (3.6)."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.errors import SealError
from gate.model import Category, Corridor, CorridorVerdict, Declaration, NotificationNumber, RiskGroup
from gate.sealing import check_signature
from gate.store.rows import declaration_row
from gate.sync.central.policy import CentralPolicy
from gate.sync.central.system import Central, open_central
from gate.sync.wire import FeedItem, WireDeclaration
from tests.sealing.made import NUMBER, made
from tests.sync.fakes import TestClock
from tests.sync.loopback import SITE, Loopback, form, running

MADE = made()
STEPS = sorted(
    path.name for path in (Path(str(resources.files("gate.sync.central"))) / "schema").glob("*.sql")
)
BEFORE_SIGNED_ROWS = next(at for at, name in enumerate(STEPS) if name.endswith("signed_rows.sql"))
IMPORTERS = tuple(f"importer-{number}" for number in range(6))
GROUPS = st.lists(st.sampled_from(RiskGroup), min_size=len(IMPORTERS), max_size=len(IMPORTERS))
RATES = st.fixed_dictionaries({RiskGroup.LOW: st.sampled_from([0.0, 1.0]), RiskGroup.MEDIUM: st.just(0.5)})
ALWAYS = CentralPolicy(draw_rates={RiskGroup.LOW: 1.0, RiskGroup.MEDIUM: 1.0})
VERDICTS = st.builds(
    CorridorVerdict,
    number=st.just(NUMBER),
    corridor=st.sampled_from(Corridor),
    route=st.none() | st.text(max_size=60),
    deadline_hours=st.none() | st.integers(1, 10_000),
    group=st.sampled_from(RiskGroup),
    selected=st.booleans(),
)


@given(VERDICTS, VERDICTS)
def test_no_row_is_longer_for_its_verdict(one: CorridorVerdict, other: CorridorVerdict) -> None:
    """On the wire and in cache.db a declaration takes the same room, whatever its verdict says."""
    first, second = MADE.sealed(one), MADE.sealed(other)
    wires = [WireDeclaration.of(declaration).model_dump_json() for declaration in (first, second)]
    assert len(wires[0]) == len(wires[1])
    stored = [declaration_row(declaration) for declaration in (first, second)]
    kinds = [[(type(value), len(str(value).encode())) for value in row[:-2]] for row in stored]
    assert kinds[0] == kinds[1]
    assert [len(bytes(value)) for value in _blobs(stored[0])] == [len(bytes(v)) for v in _blobs(stored[1])]


def _blobs(row: Sequence[object]) -> list[bytes]:
    blobs = [value for value in row[-2:] if isinstance(value, bytes)]
    assert len(blobs) == 2
    return blobs


async def _day(folder: Path, groups: Sequence[RiskGroup], policy: CentralPolicy) -> list[dict[str, Any]]:
    """A day of filings, amendments, a withdrawal and a new site key, and the feed it leaves."""
    clock = TestClock()
    central = await open_central(folder, clock=clock, rng=random.Random(5), policy=policy)  # noqa: S311 - a test repeats
    try:
        await central.register_site(SITE, X25519PrivateKey.generate().public_key())
        for importer, group in zip(IMPORTERS, groups, strict=True):
            await central.decide_group(importer, group, "test")
        numbers = []
        for importer in IMPORTERS:
            clock.utc += timedelta(seconds=1)
            numbers.append((await central.file(_body(importer))).number)
            assert len(await _items(central)) == len(numbers), "published at once"
        for number, importer in zip(numbers[:4], IMPORTERS, strict=False):
            clock.utc += timedelta(seconds=1)
            await central.amend(number, _body(importer, marks=["99-ZZ-999"]))
        await central.withdraw(numbers[1])
        await central.decide_group(IMPORTERS[0], RiskGroup.HIGH, "grounds")
        await central.register_site(SITE, X25519PrivateKey.generate().public_key())
        return await _items(central)
    finally:
        await central.close()


def _body(importer: str, **changes: Any) -> bytes:
    return json.dumps(form(importer=importer, **changes)).encode()


async def _items(central: Central) -> list[dict[str, Any]]:
    page: Any = await central.feed(SITE, 0, 500)
    items: list[dict[str, Any]] = page["items"]
    return items


def _without_randomness(item: dict[str, Any]) -> dict[str, Any]:
    declaration = item["declaration"]
    sealed = declaration["verdict"]
    if sealed is not None:
        sealed = sealed | {"ciphertext": len(sealed["ciphertext"])}
    masked = {"verdict": sealed, "signature": len(declaration["signature"])}
    return item | {"declaration": declaration | masked}


@settings(max_examples=12)
@given(GROUPS, GROUPS, RATES, RATES)
def test_the_feed_is_the_same_whatever_was_assigned(
    tmp_path_factory: pytest.TempPathFactory,
    one: list[RiskGroup],
    other: list[RiskGroup],
    rates: dict[RiskGroup, float],
    other_rates: dict[RiskGroup, float],
) -> None:
    """Numbers, versions, order, moments, validity and lengths: equal for any groups and any draws."""
    feeds = [
        asyncio.run(_day(tmp_path_factory.mktemp("central"), groups, CentralPolicy(draw_rates=drawn)))
        for groups, drawn in ((one, rates), (other, other_rates))
    ]
    assert len(feeds[0]) == 6 + 4 + 1 + 5
    assert [_without_randomness(item) for item in feeds[0]] == [_without_randomness(i) for i in feeds[1]]
    assert [len(json.dumps(item)) for item in feeds[0]] == [len(json.dumps(item)) for item in feeds[1]]


async def test_group_and_selection_travel_inside(tmp_path: Path) -> None:
    """The checkpoint gets them with the verdict, once it may be opened, and not before."""
    async with running(tmp_path, policy=ALWAYS) as here:
        await here.group("medium", "MEDIUM")
        await here.group("other", "MEDIUM")
        await here.file(importer="medium")
        await here.file(importer="stranger")
        opened = [here.open(declaration) for declaration in await _published(here)]
        assert [(v.corridor, v.group, v.selected) for v in opened] == [
            (Corridor.YELLOW, RiskGroup.MEDIUM, True),
            (Corridor.RED, RiskGroup.HIGH, True),
        ]


async def _published(here: Loopback) -> list[Declaration]:
    raw = await _items(here.central)
    return [FeedItem.model_validate_json(json.dumps(item)).declaration.declaration() for item in raw]


async def test_every_row_is_signed(tmp_path: Path) -> None:
    """Transit, what does not conform, what was withdrawn: no verdict, but a signature all the same."""
    async with running(tmp_path) as here:
        await here.file(category="transit", goods=[])
        await here.file(
            goods=[{"code": "0201", "description": "beef", "gross_kg": 900, "origin": "BR", "documents": []}]
        )
        number = (await here.file())["notification_number"]
        await here.http.post(f"/v1/declarations/{number}/withdraw", headers=here.auth("trader"))
        published = await _published(here)
        assert [declaration.verdict is None for declaration in published] == [True, True, False, True]
        for declaration in published:
            check_signature(declaration, here.key)
        with pytest.raises(SealError, match="not what central signed"):
            check_signature(replace(published[0], category=Category.EMPTY), here.key)


async def test_the_other_numbers_travel_with_the_declaration(tmp_path: Path) -> None:
    """A linked preliminary code and a cargo declaration reach the checkpoint, signed."""
    numbers = {"preliminary_code": "0004711004711", "cargo_declaration": "01500/6/03/0042"}
    async with running(tmp_path) as here:
        await here.file(**numbers)
        (declaration,) = await _published(here)
        assert declaration.preliminary == NotificationNumber("0004711004711")
        assert declaration.cargo == "01500/6/03/0042"


@pytest.mark.parametrize(
    "cargo", ["01500/6/13/0042", "1500/6/03/0042", "01500-6-03-0042", "01500/6/00/04", ""]
)
async def test_a_cargo_number_must_be_one(tmp_path: Path, cargo: str) -> None:
    """Office, last digit of the year, month, sequence: the trader is told how to write it."""
    async with running(tmp_path) as here:
        answer = await here.http.post(
            "/v1/declarations", json=form(cargo_declaration=cargo), headers=here.auth("trader")
        )
        assert answer.status_code == 422
        (reason,) = answer.json()["reasons"]
        assert reason["where"] == "cargo_declaration"
        assert "99999/9/99/9999" in reason["do"]


async def test_a_central_from_before_signed_rows_publishes_everything_anew(tmp_path: Path) -> None:
    """Its old rows are dropped, each declaration comes once more under a new cursor, verdicts unchanged."""
    async with running(tmp_path, policy=ALWAYS) as here:
        await here.group("low", "LOW")
        await here.file(importer="low")
        withdrawn = (await here.file(importer="stranger"))["notification_number"]
        await here.http.post(f"/v1/declarations/{withdrawn}/withdraw", headers=here.auth("trader"))
        before = await _published(here)
        assert here.open(before[0]).corridor is Corridor.GREEN
    with closing(sqlite3.connect(tmp_path / "central/central.db")) as old, old:
        old.execute("UPDATE feed SET declaration = '{}'")
        old.execute(f"PRAGMA user_version = {BEFORE_SIGNED_ROWS}")
    async with running(tmp_path, policy=ALWAYS) as here:
        raw = await _items(here.central)
        assert [item["cursor"] for item in raw] == [4, 5]
        low, gone = await _published(here)
        assert (low.number, here.open(low).corridor) == (before[0].number, Corridor.GREEN)
        assert (gone.number, gone.version, gone.status) == (withdrawn, 2, before[2].status)
    async with running(tmp_path, policy=ALWAYS) as here:
        assert len(await _items(here.central)) == 2, "once, not at every start"


async def test_an_older_checkpoint_is_told_that_its_feed_is_gone(tmp_path: Path) -> None:
    """To a gate that asks for unsigned rows central is away, and its vehicles are held as its cache ages."""
    async with running(tmp_path) as here:
        answer = await here.http.get(f"/v1/sites/{SITE}/feed", headers=here.auth(f"site-{SITE}"))
        assert answer.status_code == 404
