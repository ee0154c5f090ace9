"""Filing, amending and withdrawing over HTTP (Rules 3), and what the checkpoint then may know."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gate.model import Corridor, Declaration, DeclarationStatus, parse_number
from gate.sealing import CIPHERTEXT_LENGTH
from gate.sync.central.corridors import RiskGroup
from gate.sync.central.policy import CentralPolicy
from gate.sync.wire import FeedItem, feed_path
from tests.sync.fakes import START, TestClock
from tests.sync.loopback import SITE, Loopback, form, running

ALWAYS = CentralPolicy(draw_rates={RiskGroup.LOW: 1.0, RiskGroup.MEDIUM: 1.0})


async def _feed(here: Loopback, after: int = 0) -> list[tuple[int, Declaration]]:
    answer = await here.http.get(feed_path(SITE), params={"after": after}, headers=here.auth(f"site-{SITE}"))
    assert answer.status_code == 200, answer.text
    items = [FeedItem.model_validate_json(json.dumps(raw)) for raw in answer.json()["items"]]
    return [(item.cursor, item.declaration.declaration()) for item in items]


async def test_a_declaration_gets_a_number_and_reaches_its_site(tmp_path: Path) -> None:
    """Filed, registered, noticed in real time (3.3), published with a verdict that opens on arrival."""
    async with running(tmp_path) as here:
        notice = await here.file()
        assert parse_number(notice["notification_number"]) == notice["notification_number"]
        assert notice["result"] == "accepted"
        assert notice["conforming"] is True
        assert notice["registered_at"] == START.isoformat()
        ((_, declaration),) = await _feed(here)
        assert declaration.number == notice["notification_number"]
        assert declaration.marks == ("10AA123",)
        assert declaration.registered_at == START
        verdict = here.open(declaration)
        assert (verdict.corridor, verdict.route) == (Corridor.RED, "samur - Gəncə")


async def test_each_corridor_reaches_its_site(tmp_path: Path) -> None:
    """One importer of each fate, and the feed as the checkpoint sees it shows no difference (3.6)."""
    async with running(tmp_path, policy=ALWAYS) as here:
        for number in range(10):
            await here.group(f"low{number}", "LOW")
        await here.group("medium0", "MEDIUM")
        await here.group("medium1", "MEDIUM")
        expected = {
            "low0": "BLUE",
            "low1": "GREEN",
            "medium0": "YELLOW",
            "medium1": "GREEN",
            "stranger": "RED",
        }
        numbers = {(await here.file(importer=who))["notification_number"]: who for who in expected}
        feed = await _feed(here)
        assert [declaration.number for _, declaration in feed] == list(numbers)
        opened = {numbers[d.number]: here.open(d).corridor.value for _, d in feed}
        assert opened == expected
        lengths = {len(d.verdict.ciphertext) for _, d in feed if d.verdict}
        assert lengths == {CIPHERTEXT_LENGTH}
        raw = await here.http.get(feed_path(SITE), headers=here.auth(f"site-{SITE}"))
        items = raw.json()["items"]
        assert len({len(str(item)) for item in items}) == 1
        # Without what is random by nature: any short word turns up in it some day.
        told = str([_without_randomness(item) for item in items])
        assert not any(word in told for word in ("GREEN", "BLUE", "YELLOW", "RED", "LOW", "HIGH", "low0"))


def _without_randomness(item: dict[str, Any]) -> dict[str, Any]:
    declaration = item["declaration"]
    sealed = declaration["verdict"] and declaration["verdict"] | {"ciphertext": ""}
    return item | {"declaration": declaration | {"verdict": sealed, "signature": ""}}


async def test_no_notice_tells_the_corridor(tmp_path: Path) -> None:
    """The importer's notice is the same whatever was decided, but for its number (3.6)."""
    async with running(tmp_path, policy=ALWAYS) as here:
        await here.group("low", "LOW")
        notices = [await here.file(importer=who) for who in ("low", "stranger")]
        for notice in notices:
            del notice["notification_number"], notice["printed_number"]
        assert notices[0] == notices[1]


async def test_an_amendment_is_a_new_version_with_a_new_time(tmp_path: Path) -> None:
    """Amended, it is published again; lead time (2.2) counts from the amendment."""
    clock = TestClock(START)
    async with running(tmp_path, clock=clock) as here:
        number = (await here.file())["notification_number"]
        clock.utc += timedelta(minutes=30)
        answer = await here.http.put(
            f"/v1/declarations/{number}", json=form(marks=["77-ZZ-777"]), headers=here.auth("trader")
        )
        assert (answer.status_code, answer.json()["version"]) == (200, 2)
        (_, first), (_, second) = await _feed(here)
        assert (first.version, second.version) == (1, 2)
        assert second.marks == ("77ZZ777",)
        assert second.registered_at == START + timedelta(minutes=30)
        assert here.open(second).corridor is Corridor.RED


async def test_a_withdrawal_is_published_without_a_verdict(tmp_path: Path) -> None:
    """Withdrawn, it is published as such; withdrawing or amending it again is refused."""
    async with running(tmp_path) as here:
        number = (await here.file())["notification_number"]
        path, auth = f"/v1/declarations/{number}", here.auth("trader")
        answer = await here.http.post(f"{path}/withdraw", headers=auth)
        assert (answer.status_code, answer.json()["status"]) == (200, "withdrawn")
        last = (await _feed(here))[-1][1]
        assert (last.status, last.version, last.verdict) == (DeclarationStatus.WITHDRAWN, 2, None)
        assert (await here.http.post(f"{path}/withdraw", headers=auth)).status_code == 409
        assert (await here.http.put(path, json=form(), headers=auth)).status_code == 409


@pytest.mark.parametrize("change", [{"importer": "other"}, {"site": "astara"}])
async def test_an_amendment_keeps_importer_and_site(tmp_path: Path, change: dict[str, Any]) -> None:
    """A declaration cannot be amended into another importer's risk group, or to another checkpoint."""
    async with running(tmp_path) as here:
        await here.central.register_site("astara", X25519PrivateKey.generate().public_key())
        number = (await here.file())["notification_number"]
        answer = await here.http.put(
            f"/v1/declarations/{number}", json=form(**change), headers=here.auth("trader")
        )
        assert answer.status_code == 409
        assert "withdraw" in answer.json()["do"]
        assert len(await _feed(here)) == 1


@pytest.mark.parametrize(
    "goods",
    [
        {"code": "300490", "description": "medicines", "gross_kg": 10, "origin": "TR"},
        {"code": "0102", "description": "cattle", "gross_kg": 9000, "origin": "XQ", "documents": ["V-1"]},
    ],
)
async def test_what_does_not_conform_gets_no_verdict(tmp_path: Path, goods: dict[str, Any]) -> None:
    """Registered, told why, published without a verdict: the gate will hold it (3.4, 3.5)."""
    async with running(tmp_path) as here:
        notice = await here.file(goods=[goods])
        assert notice["conforming"] is False
        assert "3.4" in notice["remarks"][0]["error"]
        ((_, declaration),) = await _feed(here)
        assert declaration.verdict is None


@pytest.mark.parametrize(
    "change",
    [{"category": "transit"}, {"category": "empty", "goods": []}, {"direction": "exit"}],
)
async def test_outside_the_rules_there_is_no_verdict(tmp_path: Path, change: dict[str, Any]) -> None:
    """Transit, empty lorries and exits have no corridor to seal (2.1)."""
    async with running(tmp_path) as here:
        await here.file(**change)
        ((_, declaration),) = await _feed(here)
        assert declaration.verdict is None


async def test_baggage_needs_no_mark(tmp_path: Path) -> None:
    """Accompanied baggage is identified by its number alone (8.0.2), and gets a verdict."""
    async with running(tmp_path) as here:
        await here.file(mode="baggage", marks=None)
        ((_, declaration),) = await _feed(here)
        assert declaration.marks == ()
        assert here.open(declaration).corridor is Corridor.RED


async def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    """A refused form names each problem, its place and its remedy in one answer."""
    async with running(tmp_path) as here:
        bad = form(importer="?", mode="rail", site="nowhere", destination="\x07", preliminary_code="12")
        bad |= {"goods": [{"code": "x", "gross_kg": -1}], "extra": 1, "received_at": START.isoformat()}
        answer = await here.http.post("/v1/declarations", json=bad, headers=here.auth("trader"))
        assert answer.status_code == 422
        body = answer.json()
        assert body["result"] == "refused"
        places = {reason["where"] for reason in body["reasons"]}
        assert places == {
            *("importer", "mode", "site", "destination", "preliminary_code", "extra", "received_at"),
            *("goods.0.code", "goods.0.gross_kg", "goods.0.description", "goods.0.origin"),
        }
        assert all(reason["error"] and reason["do"] for reason in body["reasons"])
        assert await _feed(here) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"marks": []}, "marks"),
        ({"marks": None}, "marks"),
        ({"marks": ["--"]}, "marks"),
        ({"marks": ["A" * 17]}, "marks"),
        ({"marks": ["A1"] * 21}, "marks"),
        ({"goods": []}, "goods"),
        ({"mode": None}, "mode"),
    ],
)
async def test_forms_that_do_not_hold_together_are_refused(
    tmp_path: Path, change: dict[str, Any], where: str
) -> None:
    """By road a mark is needed, for goods a line, and none of either without bound."""
    async with running(tmp_path) as here:
        answer = await here.http.post("/v1/declarations", json=form(**change), headers=here.auth("trader"))
        assert answer.status_code == 422
        assert where in {reason["where"] for reason in answer.json()["reasons"]}


async def test_relayed_declarations_keep_their_time_only_where_trusted(tmp_path: Path) -> None:
    """received_at becomes the registration time with --trust-received-at, and is refused without."""
    received = START - timedelta(hours=2)
    async with running(tmp_path / "a", trust=True) as here:
        assert (await here.file(received_at=received.isoformat()))["registered_at"] == received.isoformat()
        ((_, declaration),) = await _feed(here)
        assert here.open(declaration).number == declaration.number
        for when in (START + timedelta(seconds=1), START - timedelta(days=31)):
            answer = await here.http.post(
                "/v1/declarations", json=form(received_at=when.isoformat()), headers=here.auth("trader")
            )
            assert answer.status_code == 422
    async with running(tmp_path / "b") as here:
        answer = await here.http.post(
            "/v1/declarations", json=form(received_at=received.isoformat()), headers=here.auth("trader")
        )
        assert answer.status_code == 422
        assert "not taken here" in answer.json()["reasons"][0]["error"]


async def test_numbers_repeat_with_a_seed_and_never_collide(tmp_path: Path) -> None:
    """A seeded demonstration gives the same numbers again; within one central none comes twice."""
    async with running(tmp_path / "a", seed=7) as here:
        once = [(await here.file())["notification_number"] for _ in range(20)]
    async with running(tmp_path / "b", seed=7) as here:
        again = [(await here.file())["notification_number"] for _ in range(20)]
    assert once == again
    assert len(set(once)) == 20
    async with running(tmp_path / "a", seed=7) as here:
        assert (await here.file())["notification_number"] not in once


async def test_a_changed_site_key_seals_everything_anew(tmp_path: Path) -> None:
    """After a site lost its key its active declarations open with the new one, corridors unchanged."""
    async with running(tmp_path) as here:
        await here.file()
        withdrawn = (await here.file())["notification_number"]
        await here.http.post(f"/v1/declarations/{withdrawn}/withdraw", headers=here.auth("trader"))
        before = await _feed(here)
        here.site_private = X25519PrivateKey.generate()
        await here.central.register_site(SITE, here.site_private.public_key())
        after = await _feed(here, before[-1][0])
        assert [(d.number, d.version) for _, d in after] == [(before[0][1].number, 1)]
        assert here.open(after[0][1]).corridor is Corridor.RED
