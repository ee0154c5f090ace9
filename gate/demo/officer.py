"""An officer at the console, over HTTP: logs in, looks, acknowledges, checks, releases."""

from __future__ import annotations

import asyncio
import re
import ssl
from typing import Any

import httpx2

from gate.errors import GateError
from gate.lanes.staleness import ON_VEHICLES

_ON_VEHICLES = frozenset(act.__name__ for act in ON_VEHICLES)
_LOOKS = 3
"""How often an officer looks before he gives an act up."""


class OfficerError(GateError):
    """The console did not take what the played officer asked for."""


class Officer:
    """One logged-in officer. Every act goes through the console's own door."""

    def __init__(self, url: str, name: str, password: str, *, trust: ssl.SSLContext | bool = True) -> None:
        self._client = httpx2.AsyncClient(base_url=url, timeout=10, verify=trust)
        self._name = name
        self._password = password
        self._csrf = ""

    async def log_in(self) -> None:
        """Log in as a person would, and learn the token that acts carry."""
        self._client.cookies.clear()
        page = await self._client.get("/login")
        fields = {"name": self._name, "password": self._password} | _hidden(page.text)
        answer = await self._client.post("/login", data=fields)
        if answer.status_code not in (200, 303):
            raise OfficerError(f"login refused: {answer.status_code}")
        me = await self._client.get("/api/me")
        if me.status_code != httpx2.codes.OK:
            raise OfficerError(f"not logged in after login: {me.status_code}")
        self._csrf = me.json()["csrf"]

    async def aclose(self) -> None:
        """Leave the booth."""
        await self._client.aclose()

    async def overview(self) -> dict[str, Any]:
        """Look at the first screen."""
        result: dict[str, Any] = (await self._get("/api/overview")).json()
        return result

    async def visit(self, visit_id: str) -> dict[str, Any]:
        """Look at one visit."""
        result: dict[str, Any] = (await self._get(f"/api/visits/{visit_id}")).json()["visit"]
        return result

    async def _get(self, path: str) -> httpx2.Response:
        answer = await self._client.get(path)
        if answer.status_code == httpx2.codes.UNAUTHORIZED:
            await self.log_in()
            answer = await self._client.get(path)
        answer.raise_for_status()
        return answer

    async def act(self, kind: str, **fields: object) -> tuple[bool, str]:
        """Do one act, having looked; (done, the console's message). Told that things changed, look again."""
        done, message, stale = await self._act(kind, fields)
        for _ in range(_LOOKS - 1):
            if not stale:
                break
            done, message, stale = await self._act(kind, fields)
        return done, message

    async def _act(self, kind: str, fields: dict[str, object]) -> tuple[bool, str, bool]:
        seen = {"seen": await self._look(fields)} if kind in _ON_VEHICLES else {}
        answer = await self._client.post(
            "/api/acts", json={"act": kind, **fields, **seen}, headers={"X-CSRF-Token": self._csrf}
        )
        body = answer.json()
        done = answer.status_code == httpx2.codes.OK
        return done, str(body.get("message", body)), bool(body.get("stale"))

    async def _look(self, fields: dict[str, object]) -> str:
        wanted = {name: str(fields[name]) for name in ("visit_id", "point") if fields.get(name) is not None}
        answer = await self._client.get("/api/look", params=httpx2.QueryParams(wanted))
        # Nothing to see: the act says so by itself.
        return str(answer.json().get("seen", ""))

    async def point(self, name: str) -> dict[str, Any]:
        """Look at one point."""
        for point in (await self.overview())["points"]:
            if point["name"] == name:
                found: dict[str, Any] = point
                return found
        raise OfficerError(f"the console shows no point {name}")

    async def answer_calls(self, pause: float) -> None:
        """Acknowledge whatever call comes up, until cancelled."""
        while True:
            try:
                for call in (await self.overview())["calls"]:
                    await self.act("AcknowledgeCall", call_id=call["call_id"])
            except (httpx2.HTTPError, OfficerError, ValueError):
                await asyncio.sleep(1.0)  # the gate is being restarted; the officer looks again
            await asyncio.sleep(pause)


def _hidden(page: str) -> dict[str, str]:
    """Pick the hidden fields of the login form."""
    found = re.findall(r'<input[^>]*type="hidden"[^>]*>', page)
    fields = {}
    for tag in found:
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and value:
            fields[name.group(1)] = value.group(1)
    return fields
