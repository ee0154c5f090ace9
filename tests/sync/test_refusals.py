"""What central refuses, always with what is wrong, where, and what to do."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gate.sync.central.bodies import _unpack
from gate.sync.central.refusals import RefusalError
from gate.sync.wire import MAX_BATCH_BYTES, events_path, feed_path
from tests.sync.loopback import SITE, Loopback, form, running

EVENTS = events_path(SITE)
FEED = feed_path(SITE)


def _said(answer: httpx2.Response, status: int) -> dict[str, Any]:
    """The refusal's body, which must be whole."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    assert all(isinstance(body[key], str) and body[key] for key in ("error", "where", "do"))
    return body


def batch(first: int, count: int, **changes: Any) -> dict[str, Any]:
    """A batch of events as the edge would send it."""
    events = [
        {"seq": seq, "kind": "test", "at": "2026-03-01T08:00:00Z", "body": {"n": seq}}
        for seq in range(first, first + count)
    ]
    return {"site": SITE, "epoch": "e1", "events": events} | changes


async def _post(here: Loopback, content: bytes, *, packed: bool = True, **headers: str) -> httpx2.Response:
    encoding = {"Content-Encoding": "gzip"} if packed else {}
    return await here.http.post(
        EVENTS,
        content=gzip.compress(content) if packed else content,
        headers=here.auth(f"site-{SITE}") | encoding | headers,
    )


SPOKEN = [
    *(("GET", FEED), ("POST", EVENTS), ("GET", EVENTS), ("POST", "/v1/declarations")),
    *(("PUT", "/v1/importers/x"), ("POST", "/v1/declarations/5728134690214/withdraw")),
]


async def test_nobody_speaks_without_a_token(tmp_path: Path) -> None:
    """No token or a wrong one: 401, everywhere, and the header named."""
    async with running(tmp_path) as here:
        for method, path in SPOKEN:
            for sent in (None, "Bearer wrong", "Basic x", "Bearer", "Bearer " + "x" * 5000):
                header = {} if sent is None else {"Authorization": sent}
                answer = await here.http.request(method, path, headers=header)
                assert "Authorization" in _said(answer, 401)["where"]
                assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_opens_its_own_door_only(tmp_path: Path) -> None:
    """Another site's token, or another role's, is refused with the right one named."""
    wrong = [
        *(("GET", FEED, token) for token in ("trader", "admin", "site-astara")),
        *(("POST", EVENTS, token) for token in ("trader", "admin", "site-astara")),
        *(("GET", EVENTS, token) for token in ("trader", "site-astara")),
        ("POST", "/v1/declarations", f"site-{SITE}"),
        *(("PUT", "/v1/importers/x", token) for token in ("trader", f"site-{SITE}")),
    ]
    async with running(tmp_path) as here:
        await here.central.register_site("astara", X25519PrivateKey.generate().public_key())
        for method, path, token in wrong:
            answer = await here.http.request(method, path, headers=here.auth(token))
            assert "token" in _said(answer, 403)["do"]


async def test_tokens_are_private_and_kept_hashed(tmp_path: Path) -> None:
    """Token files are 0600; central.db, 0600 too, holds none of them; restarts keep them."""
    async with running(tmp_path) as here:
        names = {"trader", "admin", f"site-{SITE}"}
        tokens = {name: here.token(name) for name in names}
        assert {path.name for path in (here.data / "tokens").iterdir()} == names
        private = [here.data / "central.key", here.data / "central.db", *(here.data / "tokens").iterdir()]
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in private)
        key = here.key.public_bytes_raw()
    stored = b"".join(path.read_bytes() for path in (tmp_path / "central").glob("central.db*"))
    assert not any(token.encode() in stored for token in tokens.values())
    async with running(tmp_path) as here:
        assert {name: here.token(name) for name in names} == tokens
        assert here.key.public_bytes_raw() == key
        await here.file()


GARBAGE = [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"site": "\\ud800"}']


async def test_garbage_is_refused_everywhere(tmp_path: Path) -> None:
    """Bytes that are no form: 422 with a reason, and central goes on."""
    async with running(tmp_path) as here:
        for body in GARBAGE:
            _said(await _post(here, body), 422)
            for method, path, token in (
                ("POST", "/v1/declarations", "trader"),
                ("PUT", "/v1/declarations/5728134690214", "trader"),
                ("PUT", "/v1/importers/x", "admin"),
            ):
                _said(await here.http.request(method, path, content=body, headers=here.auth(token)), 422)
        await here.file()


async def test_bodies_too_long_are_refused(tmp_path: Path) -> None:
    """Too long as sent, or too long once unpacked: 413 before anything is parsed."""
    async with running(tmp_path) as here:
        long = form(extra="x" * 300_000)
        _said(await here.http.post("/v1/declarations", json=long, headers=here.auth("trader")), 413)
        _said(await _post(here, b" " * (MAX_BATCH_BYTES + 1)), 413)
        _said(await _post(here, b" " * (MAX_BATCH_BYTES + 1), packed=False), 413)
        await here.file()


def test_a_gzip_bomb_is_not_unpacked() -> None:
    """64 MiB packed into 64 kB: refused having unpacked no more than the limit."""
    packer = zlib.compressobj(wbits=31)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(64)) + packer.flush()
    tracemalloc.start()
    with pytest.raises(RefusalError) as refused:
        _unpack(packed, 1000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused.value.status == 413
    assert peak < 2**20


async def test_broken_packing_is_refused(tmp_path: Path) -> None:
    """Not gzip, cut short, something behind it, or another packing."""
    async with running(tmp_path) as here:
        whole = gzip.compress(json.dumps(batch(1, 3)).encode())
        for content in (b"not gzip", whole[:-9], whole + b"x"):
            answer = await here.http.post(
                EVENTS, content=content, headers=here.auth(f"site-{SITE}") | {"Content-Encoding": "gzip"}
            )
            assert "gzip" in _said(answer, 400)["error"]
        answer = await here.http.post(
            EVENTS, content=whole, headers=here.auth(f"site-{SITE}") | {"Content-Encoding": "br"}
        )
        _said(answer, 415)
        assert (await _post(here, json.dumps(batch(1, 3)).encode(), packed=False)).json()["acknowledged"] == 3


_AT = "2026-03-01T08:00:00Z"
WRONG_BATCHES: list[dict[str, Any]] = [
    {"site": "astara"},
    {"epoch": ""},
    {"epoch": "a/b"},
    {"missing_before": 2},
    {"extra": 1},
    {"events": [{"seq": 0, "kind": "t", "at": _AT, "body": {}}]},
    {"events": [{"seq": 1, "kind": "t", "at": "2026-03-01T08:00:00", "body": {}}]},
    {"events": [{"seq": 1, "kind": "t e", "at": _AT, "body": {}}]},
    {"events": [{"seq": 1, "kind": "t", "at": _AT, "body": []}]},
    {"events": [{"seq": "1", "kind": "t", "at": _AT, "body": {}}]},
    {"events": [{"seq": 2**60, "kind": "t", "at": _AT, "body": {}}]},
    {"events": batch(1, 2)["events"] + batch(4, 1)["events"]},
    {"events": batch(1, 501)["events"]},
]


async def test_wrong_batches_are_refused_whole(tmp_path: Path) -> None:
    """A batch wrong in any part: 422, nothing of it kept."""
    async with running(tmp_path) as here:
        for changes in WRONG_BATCHES:
            _said(await _post(here, json.dumps(batch(1, 1, **changes)).encode()), 422)
        kept = await here.http.get(EVENTS, headers=here.auth("admin"))
        assert kept.json()["events"] == []


async def test_wrong_queries_are_refused(tmp_path: Path) -> None:
    """Bounds of the feed's query are told."""
    async with running(tmp_path) as here:
        for query in ("after=-1", "after=x", "limit=0", "limit=501", "after=99999999999999999999"):
            for path in (FEED, EVENTS):
                answer = await here.http.get(f"{path}?{query}", headers=here.auth(f"site-{SITE}"))
                assert "whole numbers" in _said(answer, 422)["do"]


async def test_unknown_addresses_and_numbers_are_told(tmp_path: Path) -> None:
    """Wrong paths, methods, sites, numbers: each in words."""
    async with running(tmp_path) as here:
        trader, admin = here.auth("trader"), here.auth("admin")
        _said(await here.http.get("/nowhere"), 404)
        _said(await here.http.delete("/v1/declarations", headers=trader), 405)
        _said(await here.http.get("/v1/sites/nowhere/events", headers=admin), 404)
        for number in ("5728134690214", "123", "x" * 500):
            answer = await here.http.post(f"/v1/declarations/{number}/withdraw", headers=trader)
            assert "13 digits" in _said(answer, 404)["do"]
        wrong = {"risk_group": "LOWEST", "reason": " "}
        body = _said(await here.http.put("/v1/importers/a%20b", json=wrong, headers=admin), 422)
        assert "LOW, MEDIUM or HIGH" in body["do"]
