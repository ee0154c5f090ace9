"""The reference central at the other end of real HTTP, and everything that passes between the two."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gate.clock import Clock
from gate.sync.central.corridors import RiskGroup
from gate.sync.central.policy import CentralPolicy
from gate.sync.central.serve import listen, uvicorn_server
from gate.sync.central.system import Central, open_central
from gate.sync.central.web import create_app
from tests.secrecy.border import PLAIN, SITE, Border, Dice
from tests.secrecy.emissions import Emissions, without_sealed

IMPORTERS = {RiskGroup.LOW: 20, RiskGroup.MEDIUM: 4, RiskGroup.HIGH: 2}
"""So many that two of the low-risk group may be drawn for a check (6.6)."""


@dataclass
class Traders:
    """Who files declarations. The notice they get back (3.3) is noted, too."""

    central: Central
    url: str
    tokens: dict[str, str]
    dice: Dice
    clock: Clock
    emissions: Emissions
    policy: CentralPolicy

    @contextmanager
    def binding(self, hours: int) -> Iterator[None]:
        """Whatever is filed within has so long to its destination, and nothing else (5.5.1).

        Of others the kiosk tells it once they have arrived: only V's may differ between two runs.
        """
        limits = self.policy.deadline_hours
        usual = dict(limits)
        limits.update(dict.fromkeys(usual, hours))
        try:
            yield
        finally:
            limits.update(usual)

    async def decide(self, importer: str, group: RiskGroup) -> None:
        """The administration puts an importer into a group (6.9)."""
        await self.central.decide_group(importer, group, "a test's")

    async def file(
        self,
        importer: str,
        marks: tuple[str, ...],
        *,
        drawn: bool = False,
        hours_ago: float | None = None,
        **form: Any,
    ) -> str:
        """File a declaration; its notification number. `drawn`: central's dice would check it."""
        self.dice.drawn = drawn
        answer = await self._ask("POST", "/v1/declarations", self._form(importer, marks, hours_ago, form))
        self.dice.drawn = False
        return str(answer["notification_number"])

    async def amend(self, number: str, importer: str, marks: tuple[str, ...], **form: Any) -> None:
        """A new version of a declaration."""
        await self._ask("PUT", f"/v1/declarations/{number}", self._form(importer, marks, None, form))

    def _form(
        self, importer: str, marks: tuple[str, ...], hours_ago: float | None, form: dict[str, Any]
    ) -> dict[str, Any]:
        goods = [{"code": "8703", "description": "spare parts", "gross_kg": 840.0, "origin": "TR"}]
        filed = {"importer": importer, "mode": "road", "site": SITE, "marks": list(marks), "goods": goods}
        if hours_ago is not None:
            filed["received_at"] = (self.clock.now().utc - timedelta(hours=hours_ago)).isoformat()
        return {name: value for name, value in (filed | form).items() if value is not None}

    async def _ask(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.tokens['trader']}"}
        async with httpx2.AsyncClient(base_url=self.url, trust_env=False, verify=PLAIN) as client:
            answer = await client.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        self.emissions.note("notices", f"{answer.status_code} {answer.text}")
        content: dict[str, Any] = answer.json()
        return content


@asynccontextmanager
async def central_of(
    border: Border, clock: Clock, emissions: Emissions, policy: CentralPolicy
) -> AsyncIterator[Traders]:
    """Central with its importers, serving at the border's port until the end of the block."""
    dice = Dice()
    central = await open_central(
        border.central_data, clock=clock, rng=dice, policy=policy, trust_received_at=True
    )
    await central.register_site(SITE, border.site_public)
    tokens = {path.name: path.read_text().strip() for path in (border.central_data / "tokens").iterdir()}
    (border.data / "keys/token").write_text(tokens[f"site-{SITE}"] + "\n", encoding="ascii")
    listener = listen("127.0.0.1", border.central)
    server = uvicorn_server(_Overheard(create_app(central), emissions))
    server.capture_signals = _no_signals  # type: ignore[method-assign]  # pytest owns them here
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    traders = Traders(central, f"http://127.0.0.1:{border.central}", tokens, dice, clock, emissions, policy)
    try:
        for group, count in IMPORTERS.items():
            for number in range(count):
                await traders.decide(f"{group}-{number}", group)
        yield traders
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await central.close()
        listener.close()


@contextmanager
def _no_signals() -> Iterator[None]:
    yield


class _Overheard:
    """Notes what the gate asks of central and is told: paths, headers, bodies, sizes, to the byte."""

    def __init__(self, app: ASGIApp, emissions: Emissions) -> None:
        self._app = app
        self._emissions = emissions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "/sites/" not in scope["path"]:
            await self._app(scope, receive, send)
            return
        asked, told = bytearray(), bytearray()

        async def hear() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._emissions.note("from central", f"{message['status']} {_lines(message['headers'])}")
            told.extend(message.get("body", b""))
            await send(message)

        await self._app(scope, hear, say)
        line = (
            f"{scope['method']} {scope['path']}?{scope['query_string'].decode()} {_lines(scope['headers'])}"
        )
        self._emissions.note("to central", f"{line}\n{_readable(bytes(asked))}")
        self._emissions.note("from central", f"{len(told)} bytes {_readable(bytes(told))}")


def _lines(headers: Any) -> str:
    return "\n".join(f"{name.decode()}: {value.decode()}" for name, value in headers)


def _readable(body: bytes) -> str:
    if not body:
        return ""
    plain = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    tail = len(plain) - len(plain.rstrip())
    said = json.dumps(without_sealed(json.loads(plain)), ensure_ascii=False)
    return f"{len(body)} bytes, {len(plain)} unpacked, {tail} of white space at the end: {said}"
