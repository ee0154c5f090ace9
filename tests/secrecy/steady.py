"""A world in which two runs can be compared byte for byte: time by hand, threads in line, loaded dice.

Nothing of the gate is replaced. What is taken away is what two runs could never share: the machine's
clock, the order in which its threads happen to be scheduled, and the operating system's randomness.
"""

from __future__ import annotations

import asyncio
import os
import random
import selectors
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from contextvars import Context
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from types import SimpleNamespace
from typing import Self, TypeVar, TypeVarTuple, Unpack

import pytest

from gate.clock import Instant

DAWN = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)
"""When the day begins."""
_MONO = 1000.0
_RESOLUTION = 0.001
"""On the day's clock: timers this near are one moment, and go off in the order in which they were set."""
_LOOK_SECONDS = 0.001
_QUIET_LOOKS = 2
_PATIENCE = 30.0
"""Real seconds after which a day that does not come to rest is a failure."""

_Args = TypeVarTuple("_Args")
_T = TypeVar("_T")

Busy = Callable[[], str]
"""What is still under way somewhere, in words; empty when nothing is."""


class _Watched(selectors.DefaultSelector):
    """Tells its loop of every look at which there was nothing to do."""

    def __init__(self) -> None:
        super().__init__()
        self.quiet = 0
        self.on_quiet: Callable[[], None] = lambda: None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Never sleep until a timer: time is moved by hand, only the outside world is waited for."""
        if timeout is not None and timeout <= _RESOLUTION:
            self.quiet = 0
            return super().select(0)
        events = super().select(_LOOK_SECONDS)
        self.quiet = 0 if events else self.quiet + 1
        if not events:
            self.on_quiet()
        return events


class DayLoop(asyncio.SelectorEventLoop):
    """An event loop on the day's time. Work for threads is done in line, so that it has one order."""

    def __init__(self) -> None:
        self.mono = _MONO
        self._watched = _Watched()
        super().__init__(self._watched)
        self._watched.on_quiet = self._quiet
        self._clock_resolution = _RESOLUTION
        self._timers = 0
        self._post: list[tuple[str, int, asyncio.Handle]] = []
        self._resting: asyncio.Future[None] | None = None
        self._rests_by = 0.0
        self.busy: list[Busy] = []
        """Asked before the loop counts as at rest: wires with bytes on them, requests under way."""

    def time(self) -> float:
        """The day's monotonic time: asyncio's timers run on it."""
        return self.mono

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[_Args]], object],
        *args: *_Args,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Set a timer. Of two for one moment the one set first goes off first: asyncio promises no order."""
        self._timers += 1
        return super().call_at(when + self._timers * 1e-9, callback, *args, context=context)

    def call_soon_threadsafe(
        self,
        callback: Callable[[Unpack[_Args]], object],
        *args: *_Args,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Another thread's word. It waits until all is quiet, and then comes in an order of its own.

        Which of two devices' answers arrives first, and whether before or after central's, is the
        machine's scheduling; what is said by one thread stays in its order.
        """
        if threading.current_thread() is threading.main_thread():
            return super().call_soon_threadsafe(callback, *args, context=context)
        handle = asyncio.Handle(callback, args, self, context)
        self._post.append((threading.current_thread().name, len(self._post), handle))
        super().call_soon_threadsafe(_look_up)
        return handle

    def awaits_post(self, thread: str) -> bool:
        """Whether this thread has said something that has not been delivered yet."""
        return any(name == thread for name, _, _ in self._post)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[_Args]], _T], *args: *_Args
    ) -> asyncio.Future[_T]:
        """Do it here and now."""
        del executor
        done: asyncio.Future[_T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for it, as an executor does
            done.set_exception(error)
        return done

    async def rest(self) -> None:
        """Return when nothing at all is left to do at this moment of the day."""
        self._rests_by = time.perf_counter() + _PATIENCE
        self._resting = self.create_future()
        await self._resting

    async def forward(self, seconds: float, step: float = 0.5) -> None:
        """Time passes, in steps, each followed by a rest."""
        await self.rest()
        until = self.mono + seconds
        while self.mono < until:
            self.mono = min(until, self.mono + step)
            await self.rest()

    def _quiet(self) -> None:
        if self._watched.quiet < _QUIET_LOOKS or not (self._resting or self._post):
            return
        under_way = next((what for busy in self.busy if (what := busy())), "")
        if under_way:
            self._watched.quiet = 0
            if self._resting and time.perf_counter() > self._rests_by:
                resting, self._resting = self._resting, None
                resting.set_exception(AssertionError(f"the day does not come to rest: {under_way}"))
        elif self._post:
            post, self._post = sorted(self._post, key=lambda item: item[:2]), []
            for _, _, handle in post:
                self.call_soon(handle._run)
        elif self._resting:
            resting, self._resting = self._resting, None
            resting.set_result(None)


def _look_up() -> None:
    """What wakes the loop when there is post."""


class DayClock:
    """The gate's clock and central's, by the day's loop."""

    def __init__(self, loop: DayLoop) -> None:
        self._loop = loop

    def now(self) -> Instant:
        """The moment the day has come to."""
        return Instant(DAWN + timedelta(seconds=self._loop.mono - _MONO), self._loop.mono)

    def wall(self) -> float:
        """The same moment as the machine would tell it."""
        return self.now().utc.timestamp()

    async def sleep(self, seconds: float) -> None:
        """On the day's loop."""
        await asyncio.sleep(seconds)


def dated_by(clock: DayClock) -> type[datetime]:
    """`datetime` for those who ask it for the present."""

    class Dated(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(clock.wall(), tz)

    return Dated


@contextmanager
def steady_world(seed: int = 7) -> Iterator[tuple[DayLoop, DayClock]]:
    """The loop and clock of one run. Until the block ends the process knows no other time and no chance."""
    loop = DayLoop()
    clock = DayClock(loop)
    dice, lock = random.Random(seed), threading.Lock()  # noqa: S311 - loaded on purpose

    def urandom(count: int) -> bytes:
        with lock:
            return dice.randbytes(count)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", loop.time)
        patch.setattr(time, "time", clock.wall)
        dated = dated_by(clock)
        # Two libraries that ask the machine by a name of their own: log stamps, a stream's keep-alive.
        patch.setattr("structlog.processors.datetime", SimpleNamespace(datetime=dated, timezone=timezone))
        patch.setattr("sse_starlette.sse.datetime", dated)
        patch.setattr(os, "urandom", urandom)
        patch.setattr(random, "_urandom", urandom)  # what `secrets` draws from
        yield loop, clock
