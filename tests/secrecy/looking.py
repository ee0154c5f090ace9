"""Everybody who may look, looking at everything there is: fixed requests at fixed moments."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from gate.store.logins import form_key_of
from gate.store.officers import Role
from tests.secrecy.border import PLAIN, Border
from tests.secrecy.emissions import Emissions, figures
from tests.secrecy.steady import DayLoop

PAGES = (
    "/",
    "/fragments/checkpoint",
    "/fragments/banner",
    "/refused",
    "/api/me",
    "/api/overview",
)
OPEN = ("/login", "/healthz", "/static/console.js", "/nowhere")
KIOSK = ("/approach", "/approach/az", "/api/approach", "/hall-1", "/hall-1/en", "/api/hall-1", "/nowhere")


@dataclass
class Looking:
    """The faces of a running gate, seen from outside."""

    border: Border
    emissions: Emissions
    morning: bool = False

    @property
    def console(self) -> str:
        """Where officers look."""
        return f"http://127.0.0.1:{self.border.console}"

    @property
    def kiosk(self) -> str:
        """Where drivers look."""
        return f"http://127.0.0.1:{self.border.kiosk}"

    def token(self, role: Role) -> str:
        """A login of this part of the day."""
        return self.border.tokens[self.morning][role]

    async def around(self, *searched: str) -> None:
        """Every page of every role, every open address, every kiosk page; and searches for `searched`."""
        for role in Role:
            async with self._client(self.console, {"gate_session": self.token(role)}) as client:
                overview = await client.get("/api/overview")
                visits = [visit["visit_id"] for visit in overview.json()["visits"]]
                paths = [*PAGES, *(f"/visits/{visit}" for visit in visits)]
                paths += [f"/api/visits/{visit}" for visit in visits]
                for path in paths:
                    await self._get(client, role.value, path)
                for query in searched:
                    await self.search(query, role)
        async with self._client(self.console) as client:
            for path in OPEN:
                await self._get(client, "anybody", path)
            text = (await client.get("/metrics")).text
            for line in figures(text):
                self.emissions.note("figures", line)
        async with self._client(self.kiosk) as client:
            for path in KIOSK:
                await self._get(client, "driver", path)

    async def search(self, query: str, role: Role) -> list[httpx2.Response]:
        """Search at the console, as a person and as a program."""
        async with self._client(self.console, {"gate_session": self.token(role)}) as client:
            return [
                await self._get(client, role.value, str(httpx2.URL(path, params={"q": query})))
                for path in ("/search", "/api/search")
            ]

    async def type_number(self, point: str, number: str) -> httpx2.Response:
        """A driver types a number at a kiosk page."""
        async with self._client(self.kiosk) as client:
            answer = await client.post(f"/api/{point}/number", json={"number": number})
        self._note(f"driver POST {point} number", answer)
        return answer

    async def call_help(self, point: str) -> httpx2.Response:
        """A driver calls an officer."""
        async with self._client(self.kiosk) as client:
            answer = await client.post(f"/api/{point}/help", json={"reason": "call"})
        self._note(f"driver POST {point} help", answer)
        return answer

    async def act(self, role: Role, kind: str, **fields: object) -> httpx2.Response:
        """An officer acts."""
        token = self.token(role)
        async with self._client(self.console, {"gate_session": token}) as client:
            headers = {"X-CSRF-Token": form_key_of(token)}
            # Every act of these days is about a visit: he looks at it first, as everybody must.
            sight = await self._get(client, role.value, f"/api/look?visit_id={fields['visit_id']}")
            fields = fields | {"seen": sight.json().get("seen", "")}
            asked = client.post("/api/acts", json={"act": kind, **fields}, headers=headers)
            answer = await _answered(asked)
        self._note(f"{role.value} POST {kind}", answer)
        return answer

    @asynccontextmanager
    async def screen(self, role: Role) -> AsyncIterator[None]:
        """An open screen: its stream is followed until the end of the block."""
        following = asyncio.create_task(self._follow(role))
        try:
            yield
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _follow(self, role: Role) -> None:
        async with (
            self._client(self.console, {"gate_session": self.token(role)}) as client,
            client.stream("GET", "/events", timeout=None) as stream,
        ):
            self.emissions.note("stream", f"{stream.status_code} {_headers(stream)}")
            async for chunk in stream.aiter_text():
                self.emissions.note("stream", chunk)

    @asynccontextmanager
    async def _client(
        self, base: str, cookies: dict[str, str] | None = None
    ) -> AsyncIterator[httpx2.AsyncClient]:
        async with httpx2.AsyncClient(
            base_url=base, cookies=cookies, trust_env=False, verify=PLAIN
        ) as client:
            yield client

    async def _get(self, client: httpx2.AsyncClient, who: str, path: str) -> httpx2.Response:
        answer = await client.get(path)
        self._note(f"{who} GET {path}", answer)
        return answer

    def _note(self, asked: str, answer: httpx2.Response) -> None:
        self.emissions.note("http", f"{asked}\n{answer.status_code}\n{_headers(answer)}\n\n{answer.text}")


async def _answered(asked: Coroutine[Any, Any, httpx2.Response]) -> httpx2.Response:
    """An answer that may take the gate some of the day's time: it passes while it is waited for."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, DayLoop)
    answer = asyncio.create_task(asked)
    await loop.rest()
    while not answer.done():
        await loop.forward(0.5)
    return await answer


def _headers(answer: httpx2.Response) -> str:
    return "\n".join(f"{name.decode()}: {value.decode()}" for name, value in answer.headers.raw)
