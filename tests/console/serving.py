"""An application on a real port for as long as a test wants it, and a client that logs in."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2 as httpx
import uvicorn

PASSWORD = "seven tall poplars"


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """Serve `app` on a free loopback port; yields its address."""
    listening = socket.create_server(("127.0.0.1", 0))  # listens already: nobody has to wait for it
    config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listening.close()


@asynccontextmanager
async def client_of(app: Any, address: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    """A client straight into the application, seeming to come from `address`."""
    transport = httpx.ASGITransport(app=app, client=(address, 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


async def log_in(client: httpx.AsyncClient, name: str, password: str = PASSWORD) -> httpx.Response:
    """Log in as a browser does: fetch the form, send it back."""
    await client.get("/login")
    form = {"name": name, "password": password, "csrf": _before(client)}
    return await client.post("/login", data=form)


def _before(client: httpx.AsyncClient) -> str:
    return client.cookies.get("gate_login") or client.cookies.get("__Host-gate_login") or ""


async def csrf_of(client: httpx.AsyncClient) -> str:
    """The token that acts must carry."""
    answer = (await client.get("/api/me")).json()
    return str(answer["csrf"])


async def look(client: httpx.AsyncClient, fields: dict[str, Any]) -> str:
    """Look at the vehicle an act is about, as a program does; what the act then names."""
    wanted: dict[str, str] = {
        name: str(fields[name]) for name in ("visit_id", "point", "request_id") if name in fields
    }
    answer = await client.get("/api/look", params=wanted)
    return str(answer.json().get("seen", ""))
