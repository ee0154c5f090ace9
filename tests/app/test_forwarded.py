"""Whose word about an asker's address is taken: a TLS proxy's on this machine, nobody else's."""

from __future__ import annotations

import asyncio
import socket

import httpx2 as httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from gate.app.web import serve
from gate.settings import Listen


async def _who(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope)
    host = request.client.host if request.client else ""
    await PlainTextResponse(f"{request.url.scheme} {host}")(scope, receive, send)


@pytest.mark.parametrize(
    ("asker", "known_as"), [("127.0.0.1", "https 10.20.2.7"), ("127.0.0.2", "http 127.0.0.2")]
)
async def test_only_this_machine_says_for_whom_it_asks(asker: str, known_as: str) -> None:
    """Forwarded headers from 127.0.0.1 are believed, the last address of several; from elsewhere none."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serving = asyncio.create_task(serve(_who, Listen(host="127.0.0.1", port=port), "console"))
    try:
        transport = httpx.AsyncHTTPTransport(local_address=asker, retries=5)
        async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
            told = {"X-Forwarded-For": "127.0.0.1, 10.20.2.7", "X-Forwarded-Proto": "https"}
            answer = await client.get(f"http://127.0.0.1:{port}/", headers=told)
        assert answer.text == known_as
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
