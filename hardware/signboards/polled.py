"""A board that says what it shows only when asked: written, read back, and looked at ever after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import structlog

from gate.clock import Clock
from gate.errors import DeviceError
from gate.lanes.commands import BoardMessage
from gate.lanes.ports import Post, Shown
from hardware.links.backoff import Backoff
from hardware.signboards.health import BoardHealth

log = structlog.get_logger()

CHECK_SECONDS = 5.0
_CONFIRM_SECONDS = 1.0
"""A board that took a text must show it by then."""
_LOOK_SECONDS = 0.05
_MISSES = 2
_MISSES_TO_REOPEN = 10
"""A board silent for so long may have another address or passphrase by now."""


class Lines(Protocol):
    """A text in some board's own terms."""

    @property
    def lines(self) -> tuple[str, ...]:
        """Its lines, in the letters that board has."""
        ...


Text = TypeVar("Text", bound=Lines)


class SignLink(Protocol[Text]):
    """The wire to one board, in its own protocol. Only one call at a time."""

    name: str
    """For people: which board, on which port or address."""
    hung_up: asyncio.Event
    """Set when the link died by itself."""

    async def open(self) -> None:
        """Be ready to ask; DeviceError when it cannot be."""
        ...

    async def close(self) -> None:
        """Give the wire back."""
        ...

    async def write(self, text: Text) -> None:
        """Return once the board acknowledged `text`; DeviceError when it did not."""
        ...

    async def read(self) -> Text | None:
        """What the board shows, None for what we could not have written; DeviceError without an answer."""
        ...


class PolledSign(Generic[Text]):
    """What was last asked for stays wanted: it is put back on a board that lost it, or was away.

    A board that does not answer, or acknowledges and shows something else, is a fault, once.
    """

    def __init__(
        self,
        link: SignLink[Text],
        render: Callable[[BoardMessage], Text],
        health: BoardHealth,
        point: str,
        clock: Clock,
        check_seconds: float,
    ) -> None:
        self._link = link
        self._render = render
        self._health = health
        self._point = point
        self._clock = clock
        self._check_seconds = check_seconds
        self._turn = asyncio.Lock()
        self._is_open = False
        self._orders = 0
        self._wanted: tuple[Text, BoardMessage] | None = None
        self._shows: Shown | None = None

    @property
    def readback(self) -> Shown | None:
        """What it was last read to show, ours or not; nobody knows of a board that does not answer."""
        return self._shows if self._is_open else None

    async def run(self, post: Post) -> None:
        """Hold the link, check what the board shows, until cancelled."""
        self._health.attend(post)
        backoff = Backoff()
        while True:
            try:
                await self._link.open()
                self._is_open = True
                await self._attend(backoff)
            except DeviceError as error:
                self._health.fault(str(error))
            finally:
                self._is_open, self._shows = False, None
                await self._link.close()
            await self._clock.sleep(backoff.next())

    async def show(self, message: BoardMessage) -> None:
        """Return once the board shows the text, read back from it.

        A board at fault is an error at once, not after a wait: the lane's next command may be
        a raise. The text is on it when it returns.
        """
        self._wanted = self._render(message), message
        if self._health.reason is not None or not self._is_open:
            raise DeviceError(self._health.reason or f"{self._link.name} is not open yet")
        self._orders += 1
        try:
            async with self._turn:
                # A text asked for while we waited for the link is newer: show that one.
                await self._put(*self._wanted)
                self._health.well()
        except DeviceError as error:
            self._health.fault(str(error))
            raise
        finally:
            self._orders -= 1

    async def _attend(self, backoff: Backoff) -> None:
        misses = 0
        while not self._link.hung_up.is_set():
            try:
                async with self._turn:
                    await self._check()
            except DeviceError as error:
                misses += 1
                if misses >= _MISSES or self._health.reason is not None:
                    self._health.fault(str(error))
                if misses >= _MISSES_TO_REOPEN:
                    raise
            else:
                misses = 0
                backoff.reset()
                self._health.well()
            try:
                # A failing board is asked more often, so that its return is seen soon.
                async with asyncio.timeout(self._check_seconds if not misses else self._check_seconds / 5):
                    await self._link.hung_up.wait()
            except TimeoutError:
                continue
        raise DeviceError(f"{self._link.name} hung up")

    async def _check(self) -> None:
        shown = await self._look()
        if self._wanted is None:
            return
        text, message = self._wanted
        if shown == text:
            self._shows = Shown(text.lines, message)
        # An order that waits its turn will set it right itself.
        if shown != text and not self._orders:
            log.warning("board.shows_another", point=self._point, action="writing ours again")
            await self._put(text, message)

    async def _look(self) -> Text | None:
        """Read it. What it shows is then known, and whether that is ours is the caller's to say."""
        try:
            shown = await self._link.read()
        except DeviceError:
            self._shows = None
            raise
        self._shows = Shown(() if shown is None else shown.lines, None)
        return shown

    async def _put(self, text: Text, message: BoardMessage) -> None:
        """Write and read back. The caller holds the turn."""
        await self._link.write(text)
        until = self._clock.now().mono + _CONFIRM_SECONDS
        while await self._look() != text:
            if self._clock.now().mono >= until:
                raise DeviceError(f"{self._link.name} took the text and shows something else")
            await asyncio.sleep(_LOOK_SECONDS)
        self._shows = Shown(text.lines, message)
