"""A hostile or broken central, over real HTTP: refused, counted, logged, and the line goes on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.responses import JSONResponse, PlainTextResponse, Response

from gate.demo.officer import Officer
from gate.model import Corridor
from tests.app.central import FakeCentral, short_ciphertext, transplanted, with_field
from tests.app.daemon import ACCOUNT, Daemon, ended

HALL = "hall-1"
REFUSED = 'gate_feed_refused_total{reason="%s"}'


class Hall:
    """The attended baggage terminal of a running daemon: the one way in that needs no device (8.0.2)."""

    def __init__(self, daemon: Daemon, officer: Officer) -> None:
        self._daemon = daemon
        self._officer = officer

    async def type(self, number: str) -> dict[str, Any]:
        """A carrier types a number; the visit as the console shows it once it is answered."""
        before = (await self._officer.point(HALL))["visit_id"]
        async with self._daemon.client(self._daemon.kiosk) as kiosk:
            answer = await kiosk.post(f"/api/{HALL}/number", json={"number": number})
        assert answer.status_code == 202, answer.text
        async with asyncio.timeout(20):
            while True:
                shown = await self._officer.point(HALL)
                if shown["visit_id"] not in (None, before) and shown["phase"] in ("directed", "held"):
                    return await self._officer.visit(shown["visit_id"])
                await asyncio.sleep(0.05)


@asynccontextmanager
async def attended(daemon: Daemon) -> AsyncIterator[Hall]:
    """An officer logs in and attends the terminal."""
    officer = Officer(daemon.console, *ACCOUNT, trust=daemon.trust)
    try:
        await officer.log_in()
        done, message = await officer.act("AttendTerminal", point=HALL, attended=True)
        assert done, message
        yield Hall(daemon, officer)
    finally:
        await officer.aclose()


def codes(visit: dict[str, Any]) -> set[str]:
    """The findings of a visit, by code."""
    return {finding["code"] for finding in visit["findings"]}


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    """A daemon with an officer's account; not started."""
    async with ended(Daemon(tmp_path)) as daemon:
        daemon.add_officer()
        yield daemon


def _port(daemon: Daemon) -> int:
    return urlsplit(daemon.site["central"]["url"]).port or 0


async def test_forged_and_malformed_items_are_refused_and_the_good_one_is_directed(daemon: Daemon) -> None:
    """Among nine bad items the one good declaration arrives, opens and is directed; the forged ones hold."""
    central = FakeCentral(daemon.central_key, daemon.site_public)
    stranger = Ed25519PrivateKey.generate()
    forged = central.declaration(Corridor.GREEN, key=stranger)
    red, green = central.declaration(Corridor.RED), central.declaration(Corridor.GREEN)
    swapped = transplanted(red, green)
    elsewhere = central.declaration(Corridor.GREEN, site="astara")
    fine = central.declaration(Corridor.GREEN)
    bad: list[Any] = [
        42,
        {"cursor": "one", "declaration": None},
        {"cursor": 3, "declaration": with_field(fine, number="1234567890124")},
        {"cursor": 4, "declaration": with_field(fine, status="released", surprise=[{}] * 3)},
        {"cursor": 5, "declaration": short_ciphertext(fine)},
        {"cursor": 99, "declaration": with_field(fine)},
    ]
    central.items += bad
    for each in (forged, swapped, elsewhere, fine):
        central.publish(each)
    async with central.serving(_port(daemon)):
        await daemon.start()
        await daemon.until_healthy(lambda health: health["central"] == "connected", "central")
        counted = await daemon.metrics()
        assert counted[REFUSED % "malformed"] == len(bad)
        assert counted[REFUSED % "signature"] == 2
        assert counted[REFUSED % "site"] == 1
        assert counted["gate_feed_applied_total"] == 1
        async with attended(daemon) as hall:
            good = await hall.type(fine.number)
            assert (good["status"], good["corridor"]) in (("directed", "GREEN"), ("completed", "GREEN"))
            for number in (forged.number, red.number, elsewhere.number):
                held = await hall.type(number)
                assert (held["status"], held["corridor"]) == ("held", None)
                assert "no-declaration" in codes(held)
    logged = daemon.log("feed.item_refused")
    assert [line["position"] for line in logged] == list(range(9))
    assert {line["reason"] for line in logged} == {"malformed", "signature", "site"}
    told = (daemon.data / "log.jsonl").read_text(encoding="utf-8")
    assert not any(corridor.value in told for corridor in Corridor), "a log line names a corridor"


NONSENSE = {
    "not json": PlainTextResponse("<html>proxy</html>"),
    "refused": JSONResponse({"error": "no", "where": "token", "do": "ask central's operator"}, 401),
    "does not fit": JSONResponse({"items": [], "cursor": 7, "head": 3, "now": "2026-01-01T00:00:00Z"}),
    "no progress": JSONResponse({"items": [1, 2], "cursor": 0, "head": 2, "now": "2026-01-01T00:00:00Z"}),
    "too long": Response(b"[" * (5 * 1024 * 1024), media_type="application/json"),
}


async def test_nonsense_for_a_whole_answer_is_central_away_until_it_speaks_sense(daemon: Daemon) -> None:
    """The console says since when and why; with the first good page everything is well again."""
    central = FakeCentral(daemon.central_key, daemon.site_public)
    async with central.serving(_port(daemon)):
        await daemon.start()
        for kind, answer in NONSENSE.items():
            central.answer = answer
            health = await daemon.until_healthy(
                lambda health: "samur/feed" in health["central"] or "feed: " in health["central"], kind
            )
            assert health["central"].startswith("away since"), kind
            central.answer = None
            central.publish(central.declaration(Corridor.GREEN))
            await daemon.until_healthy(lambda health: health["central"] == "connected", f"sense after {kind}")
    pulls = [line["reason"] for line in daemon.log("sync.away") if line["direction"] == "pull"]
    assert len(pulls) >= len(NONSENSE)
    with closing(sqlite3.connect(f"file:{daemon.data / 'cache.db'}?mode=ro", uri=True)) as cache:
        assert cache.execute("SELECT count(*) FROM declarations").fetchone() == (len(NONSENSE),)


async def test_a_damaged_cache_is_set_aside_and_holds_everybody_until_the_feed_is_pulled_again(
    daemon: Daemon,
) -> None:
    """An empty cache behind the journal's cursor directs nobody (law 3); central's feed rebuilds it."""
    central = FakeCentral(daemon.central_key, daemon.site_public)
    numbers = [central.publish(central.declaration(Corridor.GREEN)) for _ in range(2)]
    async with central.serving(_port(daemon)):
        await daemon.start()
        await daemon.until_healthy(lambda health: health["central"] == "connected", "central")
        await daemon.end()  # power is cut: both databases are left with their WAL files
    wreck = b"\x00wrecked" * 4000
    for name in ("cache.db", "cache.db-wal"):  # a whole WAL alone would bring the cache back
        (daemon.data / name).write_bytes(wreck)
    await daemon.start()
    assert (await daemon.until_answering())["http"] == 200
    assert len(daemon.log("store.cache_set_aside")) == 1
    (aside,) = daemon.data.glob("cache.db.damaged-*")
    assert aside.read_bytes() == wreck
    async with attended(daemon) as hall:
        held = await hall.type(numbers[0])
        assert (held["status"], held["corridor"]) == ("held", None)
        assert "stale-cache" in codes(held)
        assert any("older than what was applied" in finding["detail"] for finding in held["findings"])
        async with central.serving(_port(daemon)):
            await daemon.until_healthy(lambda health: health["central"] == "connected", "central")
            good = await hall.type(numbers[1])
    assert good["corridor"] == "GREEN"
    assert good["status"] in ("directed", "completed")
