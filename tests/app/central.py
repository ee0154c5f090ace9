"""A central at the other end of real HTTP that says whatever a test wants, signed or forged."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gate.model import (
    Category,
    Corridor,
    CorridorVerdict,
    Declaration,
    DeclarationStatus,
    NotificationNumber,
    TransportMode,
    TravelDirection,
)
from gate.model.numbers import damm_digit
from gate.sealing import seal
from gate.sync.wire import WireDeclaration, events_path, feed_path

SITE = "samur"


class FakeCentral:
    """Its feed is `items`, one cursor each, whatever they are; `answer`, when set, is given instead."""

    def __init__(self, signs_with: Ed25519PrivateKey, site_public: X25519PublicKey) -> None:
        self.items: list[Any] = []
        self.answer: Response | None = None
        self.asked = 0
        self.ahead = timedelta()
        """Of the true time."""
        self._key = signs_with
        self._site = site_public
        self._rng = random.Random(3)  # noqa: S311 - numbers for a test

    def declaration(
        self, corridor: Corridor, *, key: Ed25519PrivateKey | None = None, site: str = SITE
    ) -> Declaration:
        """Accompanied baggage declared two hours ago, its verdict sealed and signed."""
        now = datetime.now(UTC).replace(microsecond=0)
        digits = "".join(str(self._rng.randrange(10)) for _ in range(12))
        plain = Declaration(
            number=NotificationNumber(digits + damm_digit(digits)),
            version=1,
            site=site,
            direction=TravelDirection.ENTRY,
            mode=TransportMode.BAGGAGE,
            category=Category.GOODS,
            status=DeclarationStatus.ACTIVE,
            marks=(),
            registered_at=now - timedelta(hours=2),
            verdict=None,
        )
        return seal(
            plain,
            CorridorVerdict(plain.number, corridor, None, None),
            valid_from=now - timedelta(hours=2),
            valid_until=now + timedelta(days=1),
            site_public_key=self._site,
            central_private_key=key or self._key,
        )

    def publish(self, declaration: Declaration) -> NotificationNumber:
        """Put it on the feed as central does."""
        wire = WireDeclaration.of(declaration).model_dump(mode="json")
        self.items.append({"cursor": len(self.items) + 1, "declaration": wire})
        return declaration.number

    def _feed(self, request: Request) -> Response:
        self.asked += 1
        if self.answer is not None:
            return self.answer
        after, limit = int(request.query_params["after"]), int(request.query_params["limit"])
        page = self.items[after : after + limit]
        now = (datetime.now(UTC) + self.ahead).isoformat()
        told = {"items": page, "cursor": after + len(page), "head": len(self.items), "now": now}
        return JSONResponse(told)

    async def _events(self, request: Request) -> Response:
        await request.body()
        return self.answer or JSONResponse({"error": "busy", "where": "", "do": "wait"}, 503)

    @asynccontextmanager
    async def serving(self, port: int) -> AsyncIterator[None]:
        """Answer on a loopback port until the end of the block."""
        feed = Route(feed_path(SITE), self._feed)
        events = Route(events_path(SITE), self._events, methods=["POST"])
        listening = socket.create_server(("127.0.0.1", port))
        config = uvicorn.Config(
            Starlette(routes=[feed, events]), log_level="warning", lifespan="off", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield
        finally:
            server.should_exit = True
            await task
            listening.close()


def transplanted(onto: Declaration, verdict_of: Declaration) -> Declaration:
    """Somebody else's rightly signed verdict beside this declaration."""
    return replace(onto, verdict=verdict_of.verdict)


def with_field(declaration: Declaration, **changed: object) -> dict[str, Any]:
    """The declaration as it travels, with fields set to what does not belong there."""
    wire: dict[str, Any] = WireDeclaration.of(declaration).model_dump(mode="json")
    return wire | changed


def short_ciphertext(declaration: Declaration) -> dict[str, Any]:
    """A verdict cut short."""
    verdict = with_field(declaration)["verdict"]
    return with_field(declaration, verdict=verdict | {"ciphertext": verdict["ciphertext"][:40]})
