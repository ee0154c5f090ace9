"""Heads countersigned over real HTTP: kept for good, never forked, never waited for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from gate.errors import SyncError
from gate.sealing.heads import Head, SignedHead, sign_head
from gate.store.head_check import Keys
from gate.store.heads import JournalHeads
from gate.store.journal_check import Verification, verify
from gate.store.store import Store
from gate.sync import HeadPusher
from gate.sync.transports.http import HttpTransport
from gate.sync.transports.port import Transport
from gate.sync.wire import HEAD_LIMIT, HeadBatch, HeadsCountersigned
from hardware.emulators.broker import free_port
from tests.cli.calling import gate
from tests.clocks import trusted
from tests.store.kept import a_store, rows
from tests.store.recorded import MinuteClock, append, copy_of, heads_of, opened
from tests.sync.fakes import START, CutLink, TestClock
from tests.sync.loopback import SITE, Loopback, running


@dataclass
class Site:
    """A checkpoint's journal and its way to central."""

    store: Store
    heads: JournalHeads
    pusher: HeadPusher
    link: CutLink
    key: Ed25519PrivateKey
    central: Loopback
    path: Path

    async def writes(self, *numbers: int) -> None:
        """Entries, and a head over them."""
        for number in numbers:
            await append(self.store, number)
        assert await self.heads.sign()

    def verified(self) -> Verification:
        """What an auditor with both keys finds."""
        return verify(self.path, Keys((self.key.public_key(),), (self.central.key,)))


def _pusher(heads: JournalHeads, link: Transport, here: Loopback) -> HeadPusher:
    return HeadPusher(site=SITE, heads=heads, transport=link, central_key=here.key, clock=TestClock())


@asynccontextmanager
async def _site(here: Loopback, folder: Path, *, registered: bool = True) -> AsyncIterator[Site]:
    key = Ed25519PrivateKey.generate()
    if registered:
        await here.central.register_signing_key(SITE, key.public_key())
    link = CutLink(here.transport())
    with a_store(folder) as store:
        heads = heads_of(store, key, MinuteClock())
        yield Site(store, heads, _pusher(heads, link, here), link, key, here, folder / "journal.db")
    await link.aclose()


async def test_a_signed_head_is_countersigned(tmp_path: Path) -> None:
    """Then nothing up to it is unanchored; what follows is told until the next one."""
    async with running(tmp_path) as here, _site(here, tmp_path / "edge") as site:
        await site.writes(1, 2, 3)
        assert site.verified().heads.unanchored == 3
        assert await site.pusher.push_once() is False
        assert site.pusher.status == "connected"
        await append(site.store, 4)
        found = site.verified()
        assert (found.problem, found.heads.unanchored, found.heads.unsigned) == (None, 1, 1)
        assert await site.heads.sign()
        assert not await site.heads.sign()
        assert await site.pusher.push_once() is False
        assert site.verified().heads.unanchored == 0


async def test_heads_wait_for_central_and_nothing_waits_for_them(tmp_path: Path) -> None:
    """Central away: entries and heads go on; back again, every head gets its countersignature, in batches."""
    async with running(tmp_path) as here, _site(here, tmp_path / "edge") as site:
        nowhere = HttpTransport(f"http://127.0.0.1:{free_port()}", SITE, "token", trusted())
        away = _pusher(site.heads, nowhere, here)
        for number in range(HEAD_LIMIT + 3):
            await site.writes(number)
            if number % 50 == 0:
                with pytest.raises(SyncError, match=r"127\.0\.0\.1"):
                    await away.push_once()
        await nowhere.aclose()
        assert await site.pusher.push_once() is True
        assert await site.pusher.push_once() is False
        found = site.verified()
        assert (found.problem, found.heads.heads, found.heads.unanchored) == (None, HEAD_LIMIT + 3, 0)


async def test_an_answer_lost_on_the_way_back_is_given_again(tmp_path: Path) -> None:
    """The same head twice gets the same countersignature: central signs it once."""

    class Lossy(CutLink):
        lost = False

        async def countersign(self, batch: HeadBatch) -> HeadsCountersigned:
            answer = await self.inner.countersign(batch)
            if not self.lost:
                self.lost = True
                raise SyncError("the answer was lost on the way back")
            return answer

    async with running(tmp_path) as here, _site(here, tmp_path / "edge") as site:
        await site.writes(1, 2)
        pusher = _pusher(site.heads, Lossy(site.link), here)
        with pytest.raises(SyncError, match="lost"):
            await pusher.push_once()
        (before,) = _central(here, "SELECT countersignature FROM journal_heads")
        await pusher.push_once()
        assert rows(site.path, "SELECT countersignature FROM heads") == [before]
        assert site.verified().heads.unanchored == 0


def _central(here: Loopback, sql: str) -> list[tuple[Any, ...]]:
    return rows(here.data / "central.db", sql)


async def _shown(site: Site, *heads: SignedHead) -> None:
    await site.link.countersign(HeadBatch.of(heads))


async def test_a_journal_made_anew_is_refused_loudly(tmp_path: Path) -> None:
    """Root has the site's key and rewrites an entry: another hash for a number central has is a fork."""
    async with running(tmp_path) as here, _site(here, tmp_path / "edge") as site:
        await site.writes(1, 2, 3)
        (signed,) = await site.heads.pending(9)
        await site.pusher.push_once()
        forged = sign_head(replace(signed.head, hash=b"\7" * 32), site.key)
        before = REGISTRY.get_sample_value("gate_central_heads_refused_total") or 0.0
        with capture_logs() as logs, pytest.raises(SyncError, match="409 The journal of samur was made anew"):
            await _shown(site, forged)
        assert [log["log_level"] for log in logs if log["event"] == "central.journal_made_anew"] == ["error"]
        assert REGISTRY.get_sample_value("gate_central_heads_refused_total") == before + 1
        with pytest.raises(SyncError, match="409"):
            await _shown(site, forged)  # again and again: one piece of evidence
        assert _central(here, "SELECT seq, hash, why FROM heads_refused") == [
            (3, b"\7" * 32, "entry 3 is another than was countersigned")
        ]


async def test_a_journal_that_goes_back_is_refused(tmp_path: Path) -> None:
    """Restored from a backup and grown by another way: behind the last head, or off an earlier one."""
    async with running(tmp_path) as here, _site(here, tmp_path / "edge") as site:
        await site.writes(1, 2)
        await site.pusher.push_once()
        (tmp_path / "restored").mkdir()
        backup = copy_of(site.path, tmp_path / "restored/journal.db")
        await site.writes(3, 4, 5)
        await site.pusher.push_once()
        with a_store(backup.parent, "boot2") as restored:
            heads = heads_of(restored, site.key, MinuteClock())
            await append(restored, 6)
            assert await heads.sign()
            with pytest.raises(SyncError, match="goes back behind 5"):
                await _pusher(heads, site.link, here).push_once()
            for number in range(7, 12):
                await append(restored, number)
            assert await heads.sign()
            with pytest.raises(SyncError, match="goes back behind 5"):
                await _pusher(heads, site.link, here).push_once()
        assert site.verified().problem is None
        past = Head(SITE, site.store.outbox.epoch, 9, b"\1" * 32, 2, "2026-05-04T06:30:00.000000+00:00")
        with pytest.raises(SyncError, match="goes back behind 5"):
            await _shown(site, sign_head(past, site.key))


async def test_heads_central_has_lost_are_no_crime(tmp_path: Path) -> None:
    """Central was restored from a backup: the site's later heads are taken, with a warning."""
    async with running(tmp_path) as here, _site(here, tmp_path / "edge") as site:
        await site.writes(1)
        await site.pusher.push_once()
        await site.writes(2)
        await site.heads.anchor([])  # nothing came
        waiting = await site.heads.pending(9)
        await site.writes(3)
        later = (await site.heads.pending(9))[1]
        assert waiting[0].head.seq == 2
        with capture_logs() as logs:
            await _shown(site, later)
        assert [log["event"] for log in logs if log["log_level"] == "warning"] == ["central.heads_missing"]


async def test_only_the_sites_own_key_counts(tmp_path: Path) -> None:
    """Unregistered, or signed by another: refused with what to do; a new key is noted."""
    async with running(tmp_path) as here, _site(here, tmp_path / "edge", registered=False) as site:
        await site.writes(1)
        with pytest.raises(SyncError, match=r"409 No signing key of samur is registered .*--signing"):
            await site.pusher.push_once()
        await here.central.register_signing_key(SITE, Ed25519PrivateKey.generate().public_key())
        with pytest.raises(SyncError, match="422 The head of entry 1 is not signed by samur"):
            await site.pusher.push_once()
        assert _central(here, "SELECT count(*) FROM journal_heads") == [(0,)]
        with capture_logs() as logs:
            await here.central.register_signing_key(SITE, site.key.public_key())
        assert [log["event"] for log in logs] == ["central.site_signing_key_changed"]
        await site.pusher.push_once()
        assert site.verified().heads.unanchored == 0


async def test_a_forged_countersignature_is_not_kept(tmp_path: Path) -> None:
    """Somebody in between answers for central: refused, and the head goes on waiting."""

    class Forger(CutLink):
        async def countersign(self, batch: HeadBatch) -> HeadsCountersigned:
            answer = await self.inner.countersign(batch)
            heads = tuple(one.model_copy(update={"signature": bytes(64)}) for one in answer.heads)
            return HeadsCountersigned(heads=heads[: None if batch.heads[0].seq == 2 else 0])

    async with running(tmp_path) as here, _site(here, tmp_path / "edge") as site:
        await site.writes(1, 2)
        with pytest.raises(SyncError, match="not central's"):
            await _pusher(site.heads, Forger(site.link), here).push_once()
        await site.pusher.push_once()
        await site.writes(3)
        with pytest.raises(SyncError, match="other heads than it was shown"):
            await _pusher(site.heads, Forger(site.link), here).push_once()
        assert site.verified().heads.unanchored == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"heads": []}, "at least 1"),
        ({"epoch": "no/epoch"}, "epoch"),
        ({"site": "astara"}, "of site astara"),
        ({"more": 1}, "more"),
        ({"heads": "double"}, "not in order"),
        ({"seq": 0}, "seq"),
        ({"previous": 2}, "before it"),
        ({"hash": "AAAA"}, "hash"),
        ({"at": "2026-05-04T06:30:00"}, "at"),
    ],
)
async def test_what_is_no_batch_of_heads_is_refused(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    """A strict shape, each refusal with its reason; another's token does not open it."""
    async with running(tmp_path) as here, _site(here, tmp_path / "edge") as site:
        await site.writes(1)
        body = json.loads(HeadBatch.of(await site.heads.pending(9)).model_dump_json())
        if change.get("heads") == "double":
            change = {"heads": body["heads"] * 2}
        for name in ("seq", "previous", "hash", "at"):
            if name in change:
                change = {"heads": [{**body["heads"][0], **change}]}
        address = f"/v1/sites/{SITE}/heads"
        answer = await here.http.post(address, json={**body, **change}, headers=here.auth(f"site-{SITE}"))
        assert answer.status_code == 422
        assert said in answer.text
        denied = await here.http.post(address, json=body, headers=here.auth("trader"))
        assert denied.status_code == 403


async def test_the_pusher_lives_through_what_comes(tmp_path: Path) -> None:
    """Woken by each head; central refusing is told once in its status, and later heads get through."""
    async with running(tmp_path) as here, _site(here, tmp_path / "edge", registered=False) as site:
        clock = TestClock(START)
        pusher = HeadPusher(
            site=SITE, heads=site.heads, transport=site.link, central_key=here.key, clock=clock
        )
        site.heads._on_signed = pusher.wake
        task = asyncio.create_task(pusher.run())
        await site.writes(1)
        await clock.until(lambda: "No signing key" in pusher.status)
        await here.central.register_signing_key(SITE, site.key.public_key())
        await clock.until(lambda: pusher.status == "connected")
        await site.writes(2)
        await clock.until(lambda: site.verified().heads.unanchored == 0)
        task.cancel()
        await asyncio.wait([task])


async def test_an_auditor_compares_with_centrals_own_list(tmp_path: Path) -> None:
    """`gate central heads` tells what was countersigned; `gate journal verify` holds a journal against it."""
    async with running(tmp_path) as here:
        async with _site(here, tmp_path / "edge") as site:
            for number in range(1, 6):
                await site.writes(number)
            await site.pusher.push_once()
        listed = await gate("central", "heads", SITE, "--data", here.data, "--json")
        assert (listed.code, [head["seq"] for head in listed.told["heads"]]) == (0, [1, 2, 3, 4, 5])
        (tmp_path / "heads.json").write_text(listed.out)
        compared = ("--central-heads", tmp_path / "heads.json", "--json")
        good = await gate("journal", "verify", site.path, *compared)
        assert (good.code, good.told["heads"]["unanchored"]) == (0, 0)
        with closing(opened(site.path)) as connection:
            connection.executescript(
                "DELETE FROM journal WHERE seq > 3; DELETE FROM payloads WHERE seq > 3;"
                "DELETE FROM heads WHERE seq > 3;"
                "UPDATE meta SET value = 3 WHERE key IN ('signed', 'anchored');"
                "UPDATE meta SET value = '3:' || (SELECT lower(hex(hash)) FROM journal WHERE seq = 3)"
                " WHERE key = 'head';"
            )
        assert (await gate("journal", "verify", site.path)).code == 0
        cut = await gate("journal", "verify", site.path, *compared)
        assert (cut.code, cut.told["entry"], cut.told["last"]) == (1, 4, 5)
        (tmp_path / "heads.json").write_text("[]")
        wrong = await gate("journal", "verify", site.path, *compared)
        assert (wrong.code, "gate central heads" in wrong.err) == (2, True)


async def test_refused_heads_are_told_to_the_auditor(tmp_path: Path) -> None:
    """Exit 1, with which and why: two histories under one signature."""
    async with running(tmp_path) as here, _site(here, tmp_path / "edge") as site:
        await site.writes(1)
        (signed,) = await site.heads.pending(1)
        await site.pusher.push_once()
        with pytest.raises(SyncError, match="409"):
            await _shown(site, sign_head(replace(signed.head, hash=b"\1" * 32), site.key))
        told = await gate("central", "heads", SITE, "--data", here.data)
        assert told.code == 1
        assert "REFUSED" in told.out
        assert "1 heads countersigned, 1 refused" in told.out
    absent = await gate("central", "heads", SITE, "--data", tmp_path / "nowhere")
    assert (absent.code, "cannot be read" in absent.err) == (1, True)
