"""The feed pulled into the cache: what is refused, what is counted, what mends itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from pydantic import JsonValue
from structlog.testing import capture_logs

from gate.clock import Clock
from gate.errors import SyncError
from gate.model import Corridor, Declaration, NotificationNumber, damm_digit
from gate.sync import FeedPuller
from gate.sync.transports.http import HttpTransport
from gate.sync.transports.port import Transport
from gate.sync.wire import FeedPage, WireDeclaration
from tests.clocks import trusted
from tests.sealing.made import made, plain
from tests.sync.fakes import START, ScriptedFeed, SqliteCache, TestClock, WatchedClock, settings
from tests.sync.loopback import SITE, Loopback, running

MADE = made()
CENTRALS = START + timedelta(seconds=40)
"""What central's clock says, when ours says START."""


def _raw(cursor: int, declaration: Declaration) -> dict[str, Any]:
    return {"cursor": cursor, "declaration": WireDeclaration.of(declaration).model_dump(mode="json")}


def _page(items: list[JsonValue], cursor: int, head: int) -> FeedPage:
    return FeedPage.model_validate_json(
        FeedPage(items=tuple(items), cursor=cursor, head=head, now=CENTRALS).model_dump_json()
    )


def _declaration(number: int) -> Declaration:
    digits = f"{number:012d}"
    return MADE.sealed(declaration=replace(plain(), number=NotificationNumber(digits + damm_digit(digits))))


def _puller(cache: SqliteCache, transport: Transport, folder: Path, clock: Clock | None = None) -> FeedPuller:
    return FeedPuller(
        site=SITE,
        central_key=MADE.central_public,
        cache=cache,
        transport=transport,
        clock=clock or TestClock(),
        settings=settings("http://127.0.0.1:1", folder / "token"),
    )


def _refused(reason: str) -> float:
    return REGISTRY.get_sample_value("gate_feed_refused_total", {"reason": reason}) or 0.0


@asynccontextmanager
async def _pulling(
    here: Loopback, cache: SqliteCache, folder: Path, clock: Clock | None = None
) -> AsyncIterator[FeedPuller]:
    transport = here.transport()
    puller = FeedPuller(
        site=SITE,
        central_key=here.key,
        cache=cache,
        transport=transport,
        clock=clock or WatchedClock(),
        settings=settings(here.url, folder / "token"),
    )
    task = asyncio.create_task(puller.run())
    try:
        yield puller
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await transport.aclose()


async def test_declarations_arrive_and_open(tmp_path: Path) -> None:
    """What is filed at a real central lands in the cache, and its verdict opens at the site."""
    cache = SqliteCache(tmp_path / "cache.db")
    async with running(tmp_path) as here, _pulling(here, cache, tmp_path) as puller:
        number = (await here.file())["notification_number"]
        await cache.until(lambda: number in cache.declarations())
        assert here.open(cache.declarations()[number]).corridor is Corridor.RED
        assert puller.status == "connected"
        await here.http.post(f"/v1/declarations/{number}/withdraw", headers=here.auth("trader"))
        await cache.until(lambda: cache.declarations()[number].version == 2)
        assert cache.declarations()[number].verdict is None


async def test_many_pages_are_read_without_a_pause(tmp_path: Path) -> None:
    """A site that was away for 1,200 declarations catches up page by page, never sleeping in between."""
    cache = SqliteCache(tmp_path / "cache.db")
    declarations = [_declaration(number) for number in range(1, 1201)]
    pages = [
        _page([_raw(n, declarations[n - 1]) for n in range(first, min(first + 500, 1201))], last, 1200)
        for first, last in ((1, 500), (501, 1000), (1001, 1200))
    ]
    feed = ScriptedFeed([*pages])
    puller = _puller(cache, feed, tmp_path)
    assert [await puller.pull_once() for _ in range(3)] == [True, True, False]
    assert feed.asked == [0, 500, 1000]
    assert len(cache.declarations()) == 1200


async def test_an_up_to_date_feed_confirms_the_cache(tmp_path: Path) -> None:
    """Nothing new is news too: the cache is touched, so that it does not grow stale."""
    cache = SqliteCache(tmp_path / "cache.db")
    puller = _puller(cache, ScriptedFeed([_page([], 0, 0)]), tmp_path)
    assert await puller.pull_once() is False
    assert len(cache.touched) == 1


def _without(raw: dict[str, Any], field: str) -> dict[str, Any]:
    raw["declaration"].pop(field)
    return raw


def _with(raw: dict[str, Any], **changes: Any) -> dict[str, Any]:
    raw["declaration"] |= changes
    return raw


def _with_verdict(raw: dict[str, Any], **changes: Any) -> dict[str, Any]:
    raw["declaration"]["verdict"] |= changes
    return raw


BAD = _declaration(2)
OTHER = _declaration(3)
BAD_ITEMS: list[tuple[str, JsonValue]] = [
    ("malformed", None),
    ("malformed", "text"),
    ("malformed", []),
    ("malformed", {}),
    ("malformed", {"cursor": 2}),
    ("malformed", _raw(2, BAD) | {"cursor": "2"}),
    ("malformed", _raw(2, BAD) | {"extra": 1}),
    ("malformed", _raw(9, BAD)),
    ("malformed", _raw(0, BAD)),
    ("malformed", _without(_raw(2, BAD), "marks")),
    ("malformed", _with(_raw(2, BAD), number="5728134690213")),
    ("malformed", _with(_raw(2, BAD), number="\N{ARABIC-INDIC DIGIT FIVE}728134690214")),
    ("malformed", _with(_raw(2, BAD), version=True)),
    ("malformed", _with(_raw(2, BAD), version=0)),
    ("malformed", _with(_raw(2, BAD), marks=["10 aa 123"])),
    ("malformed", _with(_raw(2, BAD), marks=["A1"] * 21)),
    ("malformed", _with(_raw(2, BAD), marks=[""])),
    ("malformed", _with(_raw(2, BAD), registered_at="yesterday")),
    ("malformed", _with(_raw(2, BAD), registered_at="2026-03-01T08:00:00")),
    ("malformed", _with(_raw(2, BAD), status="withdrawn")),
    ("malformed", _with(_raw(2, BAD), category="smuggling")),
    ("malformed", _with_verdict(_raw(2, BAD), ciphertext="AAAA")),
    ("malformed", _with_verdict(_raw(2, BAD), signature="A" * 86 + "==")),
    ("malformed", _with(_raw(2, BAD), preliminary="571")),
    ("malformed", _with(_raw(2, BAD), cargo="01500/6/13/0042")),
    ("malformed", _with(_raw(2, BAD), signature="not base64")),
    ("malformed", _with(_raw(2, BAD), signature=5)),
    ("unsigned", _without(_raw(2, BAD), "signature")),
    ("unsigned", _with(_without(_raw(2, BAD), "signature"), verdict=None)),
    ("signature", _with(_raw(2, BAD), signature="A" * 86 + "==")),
    ("signature", _with(_raw(2, BAD), verdict=None)),
    ("signature", _with(_raw(2, BAD), verdict=None, status="withdrawn")),
    ("signature", _with(_raw(2, BAD), category="transit")),
    ("signature", _with(_raw(2, BAD), preliminary=OTHER.number)),
    ("signature", _with(_raw(2, BAD), cargo="01500/6/03/0042")),
    ("signature", _with(_raw(2, BAD), marks=["99XX999"])),
    ("signature", _with(_raw(2, BAD), number=OTHER.number)),
    ("signature", _with(_raw(2, BAD), version=4)),
    ("signature", _with(_raw(2, BAD), registered_at="2020-03-01T08:00:00Z")),
    ("site", _raw(2, MADE.sealed(declaration=replace(plain(), site="astara")))),
]


@pytest.mark.parametrize(("reason", "bad"), BAD_ITEMS)
async def test_a_bad_item_is_refused_and_the_line_goes_on(
    tmp_path: Path, reason: str, bad: JsonValue
) -> None:
    """Whatever is wrong with one item: it is counted, logged with its place, kept out; the others land."""
    cache = SqliteCache(tmp_path / "cache.db")
    first, last = _declaration(1), _declaration(4)
    page = _page([_raw(1, first), bad, _raw(3, last)], 3, 3)
    before = _refused(reason)
    with capture_logs() as logs:
        assert await _puller(cache, ScriptedFeed([page]), tmp_path).pull_once() is False
    assert set(cache.declarations()) == {first.number, last.number}
    assert await cache.cursor() == 3
    assert _refused(reason) == before + 1
    (told,) = [entry for entry in logs if entry["event"] == "feed.item_refused"]
    assert (told["reason"], told["position"], told["page_after"]) == (reason, 1, 0)
    assert told["detail"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_no_item_whatever_stops_the_line(data: st.DataObject) -> None:
    """Any JSON in place of an item, or of any field in one, is judged without an exception."""
    raw = _raw(2, BAD)
    field = data.draw(st.sampled_from(["", "cursor", "declaration", *raw["declaration"], "verdict."]))
    value = data.draw(JSON)
    bad: Any = raw
    match field:
        case "":
            bad = value
        case "cursor" | "declaration":
            raw[field] = value
        case "verdict.":
            raw["declaration"]["verdict"][data.draw(st.sampled_from(list(raw["declaration"]["verdict"])))] = (
                value
            )
        case _:
            raw["declaration"][field] = value
    puller = FeedPuller(
        site=SITE,
        central_key=MADE.central_public,
        cache=SqliteCache(Path(":memory:")),
        transport=ScriptedFeed([]),
        clock=TestClock(),
        settings=settings("http://127.0.0.1:1", Path("token")),
    )
    with capture_logs():
        page = FeedPage(items=(bad, _raw(3, OTHER)), cursor=3, head=3, now=CENTRALS)
        accepted = asyncio.run(puller._judge(page, 1))
    assert accepted[-1] == OTHER
    assert accepted[:-1] in ([], [BAD])


@pytest.mark.parametrize(
    "page",
    [
        _page([], 0, 5),
        _page([], 3, 3),
        _page([_raw(1, BAD)], 0, 1),
        _page([_raw(1, BAD)], 2, 1),
        _page([_raw(1, BAD)], 0, 0),
    ],
)
async def test_pages_that_do_not_fit_together_are_no_answer(tmp_path: Path, page: FeedPage) -> None:
    """A central that contradicts itself counts as away; the cache is neither changed nor confirmed."""
    cache = SqliteCache(tmp_path / "cache.db")
    with pytest.raises(SyncError, match="feed:"):
        await _puller(cache, ScriptedFeed([page]), tmp_path).pull_once()
    assert (cache.declarations(), cache.touched, await cache.cursor()) == ({}, [], 0)


async def test_a_restored_central_is_noticed_and_read_anew(tmp_path: Path) -> None:
    """A head below our cursor: logged, counted, told in the status, and the whole feed is read again."""
    cache = SqliteCache(tmp_path / "cache.db")
    old, kept, new = _declaration(1), _declaration(2), _declaration(3)
    feed = ScriptedFeed(
        [
            _page([_raw(10, old), _raw(11, kept)], 11, 11),
            _page([], 10, 10),
            _page([_raw(10, old)], 10, 10),
            _page([_raw(11, new), _raw(12, old)], 12, 12),
            _page([], 12, 12),
        ]
    )
    puller = _puller(cache, feed, tmp_path)
    assert await puller.pull_once() is False
    with capture_logs() as logs:
        assert await puller.pull_once() is True
    assert {"event": "feed.rewound", "head": 10, "cursor": 11}.items() <= logs[0].items()
    assert "restored from an older backup" in puller.status
    assert puller.status.startswith("connected: ")
    assert await puller.pull_once() is False
    assert "restored from an older backup" in puller.status
    assert await cache.cursor() == 11, "the cache never goes back behind the journal"
    assert await puller.pull_once() is False
    assert set(cache.declarations()) == {old.number, kept.number, new.number}
    assert puller.status == "connected"
    assert await puller.pull_once() is False
    assert feed.asked == [0, 11, 0, 10, 12]


async def test_a_really_restored_central_mends_itself(tmp_path: Path) -> None:
    """central.db put back to an older state under a running puller: everything new still arrives."""
    cache = SqliteCache(tmp_path / "cache.db")
    async with running(tmp_path) as here:
        await here.file()
        port = int(here.url.rsplit(":", 1)[1])
    backup = (tmp_path / "central/central.db").read_bytes()
    async with running(tmp_path, port=port) as here, _pulling(here, cache, tmp_path):
        await here.file(importer="lost")
        await cache.until(lambda: len(cache.declarations()) == 2)
    for path in (tmp_path / "central").glob("central.db-*"):
        path.unlink()
    (tmp_path / "central/central.db").write_bytes(backup)
    async with running(tmp_path, port=port, seed=99) as here, _pulling(here, cache, tmp_path) as puller:
        await cache.until(lambda: len(cache.touched) > 0)
        assert "restored" in puller.status
        reused = (await here.file(importer="reused-cursor"))["notification_number"]
        await cache.until(lambda: reused in cache.declarations())
        assert len(cache.declarations()) == 3
        touched = len(cache.touched)
        await cache.until(lambda: len(cache.touched) > touched)
        assert puller.status == "connected"


async def test_central_away_and_back(tmp_path: Path) -> None:
    """Away: said since when, the cache kept; back: pulled again, with nobody restarting anything."""
    cache, clock = SqliteCache(tmp_path / "cache.db"), WatchedClock()
    async with running(tmp_path) as here:
        port = int(here.url.rsplit(":", 1)[1])
    async with _pulling(here, cache, tmp_path, clock) as puller:
        async with running(tmp_path, port=port) as back:
            number = (await back.file())["notification_number"]
            await cache.until(lambda: number in cache.declarations())
            assert puller.status == "connected"
        await clock.until(lambda: puller.status.startswith("away since 20"))
        assert number in cache.declarations()
        async with running(tmp_path, port=port, seed=2) as back:
            later = (await back.file())["notification_number"]
            await cache.until(lambda: later in cache.declarations())
            assert puller.status == "connected"


async def test_attempts_grow_further_apart_while_central_is_away(tmp_path: Path) -> None:
    """Back-off doubles up to a limit, and the log tells it once, not each time."""
    clock = TestClock()
    puller = _puller(
        SqliteCache(tmp_path / "cache.db"), ScriptedFeed([SyncError("no route")]), tmp_path, clock
    )
    with capture_logs() as logs:
        task = asyncio.create_task(puller.run())
        await clock.until(lambda: len(clock.slept) >= 16)
        task.cancel()
        await asyncio.wait([task])
    assert clock.slept[:3] == [0.02, 0.04, 0.08]
    assert max(clock.slept) == 10.0
    assert [entry["event"] for entry in logs] == ["sync.away"]


async def test_a_wrong_token_is_told_in_the_status(tmp_path: Path) -> None:
    """What central answered stands in the status, in its own words."""
    async with running(tmp_path) as here:
        transport = HttpTransport(here.url, SITE, "wrong", trusted())
        with pytest.raises(SyncError, match=r"401 The token is not known here .*tokens folder"):
            await transport.fetch(0, 10)
        await transport.aclose()


async def test_another_sites_verdicts_never_come(tmp_path: Path) -> None:
    """Two sites at one central: each feed holds its own declarations only."""
    cache = SqliteCache(tmp_path / "cache.db")
    async with running(tmp_path) as here, _pulling(here, cache, tmp_path):
        await here.central.register_site("astara", X25519PrivateKey.generate().public_key())
        await here.file(site="astara")
        mine = (await here.file())["notification_number"]
        await cache.until(lambda: mine in cache.declarations())
        assert set(cache.declarations()) == {mine}
