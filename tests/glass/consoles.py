"""Consoles without a browser: the stream of parts, as htmx asks for it."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx2

from tests.console.serving import PASSWORD, log_in

_PART = re.compile(r'<[a-z]+ [^>]*?\bid="([^"]+)" data-is=')
"""Where a part of the screen begins; a card within a list is one of its own."""


@dataclass
class Console:
    """One open screen: all parts at first, after each change those that changed."""

    http: httpx2.AsyncClient
    parts: dict[str, str] = field(default_factory=dict)
    fresh: int = 0
    """How often something new came."""
    at: float = 0.0
    """When it was last fresh (time.time)."""
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def follow(self) -> None:
        """Until cancelled."""
        told: list[str] = []
        async with self.http.stream("GET", "/events/checkpoint", timeout=None) as stream:
            stream.raise_for_status()
            async for line in stream.aiter_lines():
                if line.startswith("data:"):
                    told.append(line.removeprefix("data:").removeprefix(" "))
                elif not line and told:
                    await self._put("\n".join(told))
                    told.clear()

    async def _put(self, html: str) -> None:
        found = [*_PART.finditer(html)]
        ends = [*(one.start() for one in found[1:]), len(html)]
        async with self.changed:
            self.parts |= {one[1]: html[one.start() : end] for one, end in zip(found, ends, strict=True)}
            self.at = time.time()
            self.fresh += 1
            self.changed.notify_all()

    @property
    def shows(self) -> str:
        """Everything on the screen."""
        return "\n".join(self.parts.values())

    async def until_shows(self, text: str) -> None:
        """Wait until this stands on the screen."""
        async with self.changed:
            await self.changed.wait_for(lambda: text in self.shows)


@asynccontextmanager
async def consoles(
    address: str, trust: ssl.SSLContext, count: int, name: str = "Nigar"
) -> AsyncIterator[list[Console]]:
    """So many screens of one officer's login, all following; all closed at the end."""
    limits = httpx2.Limits(max_connections=4)
    async with AsyncExitStack() as stack:

        async def client() -> httpx2.AsyncClient:
            made = httpx2.AsyncClient(
                base_url=address, trust_env=False, verify=trust, timeout=60, limits=limits
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
