"""Consoles without a browser: the stream and the fragment, as htmx asks for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx2

from tests.console.serving import PASSWORD, log_in
from tests.secrecy.border import PLAIN


@dataclass
class Console:
    """One open screen: after each change told on the stream it fetches the checkpoint again."""

    http: httpx2.AsyncClient
    shows: str = ""
    fetched: int = 0
    at: float = 0.0
    """When it was last fresh (time.time)."""
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def follow(self) -> None:
        """Until cancelled."""
        async with self.http.stream("GET", "/events", timeout=None) as stream:
            stream.raise_for_status()
            async for line in stream.aiter_lines():
                if line.startswith("event: changed"):
                    await self._fetch()

    async def _fetch(self) -> None:
        answer = await self.http.get("/fragments/checkpoint", headers={"HX-Request": "true"})
        answer.raise_for_status()
        async with self.changed:
            self.shows, self.at = answer.text, time.time()
            self.fetched += 1
            self.changed.notify_all()

    async def until_shows(self, text: str) -> None:
        """Wait until this stands on the screen."""
        async with self.changed:
            await self.changed.wait_for(lambda: text in self.shows)


@asynccontextmanager
async def consoles(address: str, count: int, name: str = "Nigar") -> AsyncIterator[list[Console]]:
    """So many screens of one officer's login, all following; all closed at the end."""
    limits = httpx2.Limits(max_connections=4)
    async with AsyncExitStack() as stack:

        async def client() -> httpx2.AsyncClient:
            made = httpx2.AsyncClient(
                base_url=address, trust_env=False, verify=PLAIN, timeout=60, limits=limits
            )
            return await stack.enter_async_context(made)

        first = await client()
        await log_in(first, name, PASSWORD)
        opened = [Console(first), *[Console(await client()) for _ in range(count - 1)]]
        for console in opened[1:]:
            console.http.cookies.update(first.cookies)
        following = [asyncio.create_task(console.follow()) for console in opened]
        try:
            await asyncio.gather(*(console.until_shows("<") for console in opened))
            yield opened
            # A screen that lost its stream is no open screen: its error is the test's.
            for task in following:
                if task.done():
                    task.result()
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
