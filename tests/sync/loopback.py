"""A real central on a real loopback port, in this loop, with keys of one site."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from gate.clock import Clock
from gate.model import CorridorVerdict, Declaration
from gate.sealing import load_central_public, load_site_private, load_site_public, make_site_keys
from gate.sealing.unseal import unseal
from gate.sync.central.policy import CentralPolicy
from gate.sync.central.serve import listen, uvicorn_server
from gate.sync.central.system import Central, open_central
from gate.sync.central.web import create_app
from gate.sync.transports.http import HttpTransport
from tests.clocks import trusted
from tests.sync.fakes import PATIENCE, START, TestClock

SITE = "samur"


class _Server:
    """uvicorn without its hands on the test run's signals."""

    def __init__(self, app: object) -> None:
        self.server = uvicorn_server(app)
        self.server.capture_signals = _no_signals  # type: ignore[method-assign]  # pytest owns them here


@contextmanager
def _no_signals() -> Iterator[None]:
    yield


@dataclass
class Loopback:
    """The running central and what its parties hold."""

    central: Central
    data: Path
    url: str
    clock: Clock
    site_private: X25519PrivateKey
    site_public: X25519PublicKey
    http: httpx2.AsyncClient

    @property
    def key(self) -> Ed25519PublicKey:
        """Central's public key, as handed to the site."""
        return load_central_public(self.data / "central.pub")

    def token(self, name: str) -> str:
        """The token of `trader`, `admin` or `site-NAME`."""
        return (self.data / "tokens" / name).read_text().strip()

    def auth(self, name: str) -> dict[str, str]:
        """A header with that token."""
        return {"Authorization": f"Bearer {self.token(name)}"}

    def transport(self) -> HttpTransport:
        """The site's own way here."""
        return HttpTransport(self.url, SITE, self.token(f"site-{SITE}"), trusted())

    async def file(self, **changes: Any) -> dict[str, Any]:
        """File a declaration, which must be accepted."""
        answer = await self.http.post("/v1/declarations", json=form(**changes), headers=self.auth("trader"))
        assert answer.status_code == 201, answer.text
        content: dict[str, Any] = answer.json()
        return content

    async def group(self, importer: str, risk_group: str) -> None:
        """Put an importer into a risk group."""
        answer = await self.http.put(
            f"/v1/importers/{importer}",
            json={"risk_group": risk_group, "reason": "test"},
            headers=self.auth("admin"),
        )
        assert answer.status_code == 200, answer.text

    def open(self, declaration: Declaration) -> CorridorVerdict:
        """What the door would find an hour after registration."""
        return unseal(
            declaration,
            site=SITE,
            site_private_key=self.site_private,
            central_public_key=self.key,
            at=declaration.registered_at + timedelta(hours=1),
        )


def form(**changes: Any) -> dict[str, Any]:
    """A good short import declaration, with changes; None leaves a field out."""
    filed: dict[str, Any] = {
        "importer": "1400123451",
        "mode": "road",
        "site": SITE,
        "marks": ["10 AA-123"],
        "goods": [{"code": "0803", "description": "bananas", "gross_kg": 18000, "origin": "EC"}],
        "destination": "Gəncə",
    }
    return {name: value for name, value in (filed | changes).items() if value is not None}


@asynccontextmanager
async def running(
    folder: Path,
    *,
    clock: Clock | None = None,
    policy: CentralPolicy | None = None,
    trust: bool = False,
    port: int = 0,
    seed: int = 1,
) -> AsyncIterator[Loopback]:
    """Central on a free loopback port, ended with the block; `folder` keeps its data."""
    clock = clock or TestClock(START)
    private, public = folder / "site.key", folder / "site.pub"
    if not private.exists():
        make_site_keys(private, public)
    listener = listen("127.0.0.1", port)
    central = await open_central(
        folder / "central",
        clock=clock,
        rng=random.Random(seed),  # noqa: S311 - a test repeats
        policy=policy,
        trust_received_at=trust,
    )
    await central.register_site(SITE, load_site_public(public))
    server: uvicorn.Server = _Server(create_app(central)).server
    task = asyncio.create_task(server.serve(sockets=[listener]))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE) as http:
            assert (await http.get("/v1/healthz")).json() == {"status": "ok"}
            yield Loopback(
                central,
                folder / "central",
                url,
                clock,
                load_site_private(private),
                load_site_public(public),
                http,
            )
    finally:
        server.should_exit = True
        await task
        listener.close()
