"""Whose turn it is to have a password hashed, among those no officer's browser vouches for."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

MOST_OF_ONE_SOURCE = 4
MOST_IN_LINE = 64
BACK_IN_SECONDS = 2.0


class LineFullError(Exception):
    """Too many of them wait already; nothing was hashed."""


class Line:
    """One hash at a time, a few waiting for each source and for all: the rest is turned away at once."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)
        self._waiting: Counter[str] = Counter()

    @asynccontextmanager
    async def turn(self, source: str) -> AsyncIterator[None]:
        """Wait for a turn and take it. LineFullError instead of waiting behind too many."""
        if self._waiting[source] >= MOST_OF_ONE_SOURCE or self._waiting.total() >= MOST_IN_LINE:
            raise LineFullError
        self._waiting[source] += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting[source] -= 1
            if not self._waiting[source]:
                del self._waiting[source]
