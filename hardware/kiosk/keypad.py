"""Keypad terminals that speak gate-keypad/1 on a serial line."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from gate.clock import Clock
from gate.errors import DeviceError
from gate.kiosk.ports import Key, OnKey, Screen
from gate.kiosk.refusing import Refusals
from gate.lanes.events import DeviceRole
from gate.lanes.ports import Post
from gate.settings import GateKeypad
from hardware.kiosk.keypad_codec import (
    HEARTBEAT_SECONDS,
    SEQUENCE,
    SILENCE_SECONDS,
    Alive,
    Bad,
    Frame,
    FrameParser,
    GateAlive,
    Pressed,
    Show,
    build,
)
from hardware.kiosk.telling import Trouble
from hardware.links.backoff import Backoff
from hardware.links.serial import SerialLine

_STUCK_PRESSES = 15
_STUCK_SECONDS = 3.0
"""A whole number of one digit and its correction are fewer presses than that, and slower."""


class StuckKey:
    """Finds a key that does not stop. Pure: time goes in."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=_STUCK_PRESSES)
        self._key: Key | None = None
        self.stuck: Key | None = None

    def press(self, key: Key, now: float) -> bool:
        """Whether this press counts. Another key, or a pause, and the stuck one is trusted again."""
        if key is not self._key or self.quiet(now):
            self._recent.clear()
            self.stuck = None
        self._key = key
        self._recent.append(now)
        if len(self._recent) == _STUCK_PRESSES and now - self._recent[0] < _STUCK_SECONDS:
            self.stuck = key
        return self.stuck is None

    def quiet(self, now: float) -> bool:
        """Whether nothing was pressed for so long that a stuck key has come free."""
        return not self._recent or now - self._recent[-1] >= _STUCK_SECONDS


class KeypadTerminal:
    """Keeps the wanted screen on the display: one the terminal does not show is sent again."""

    def __init__(
        self,
        settings: GateKeypad,
        point: str,
        clock: Clock,
        *,
        heartbeat: float = HEARTBEAT_SECONDS,
        silence: float = SILENCE_SECONDS,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._heartbeat = heartbeat
        self._silence = silence
        self._refusals = Refusals(point, DeviceRole.KEYPAD)
        self._trouble = Trouble(DeviceRole.KEYPAD, point, clock)
        self._stuck = StuckKey()
        self._parser = FrameParser()
        self._wanted: Show | None = None
        self._seq = 0
        self._heard_at = 0.0
        self._last: Pressed | None = None
        self._outgoing: deque[Frame] = deque(maxlen=8)
        self._wake = asyncio.Event()
        self._lost: str | None = None

    def show(self, screen: Screen) -> None:
        """Want this on the display."""
        if self._wanted is None or self._wanted.screen != screen:
            self._wanted = Show(self._next(), screen)
            self._send(self._wanted)

    async def run(self, post: Post, pressed: OnKey) -> None:
        """Hold the line until cancelled."""
        self._trouble.attend(post)
        backoff = Backoff()
        while True:
            try:
                await self._attend(pressed, backoff)
            except DeviceError as error:
                self._trouble.tell(str(error))
            await self._clock.sleep(backoff.next())

    async def _attend(self, pressed: OnKey, backoff: Backoff) -> None:
        self._parser, self._lost, self._last = FrameParser(), None, None
        self._outgoing.clear()
        line = SerialLine(
            self._settings.port, self._settings.baud, self._hearing(pressed, backoff), self._hung_up
        )
        try:
            self._heard_at = self._clock.now().mono
            if self._wanted is not None:
                self._send(self._wanted)
            while True:
                self._check()
                self._send(GateAlive(self._next()))
                await self._write(line)
        finally:
            line.close()

    async def _write(self, line: SerialLine) -> None:
        """Send what is due, as it falls due, until the next heartbeat."""
        try:
            async with asyncio.timeout(self._heartbeat):
                while True:
                    while self._outgoing:
                        await line.write(build(self._outgoing.popleft()))
                    self._wake.clear()
                    await self._wake.wait()
                    if self._lost is not None:
                        return
        except TimeoutError:
            return

    def _check(self) -> None:
        if self._lost is not None:
            raise DeviceError(self._lost)
        now = self._clock.now().mono
        if now - self._heard_at >= self._silence:
            raise DeviceError(
                f"the keypad on {self._settings.port} does not answer: look at its cable and power"
            )
        if self._stuck.stuck is not None and self._stuck.quiet(now):
            self._stuck = StuckKey()
            self._trouble.over()

    def _hearing(self, pressed: OnKey, backoff: Backoff) -> Callable[[bytes], None]:
        def heard(data: bytes) -> None:
            for item in self._parser.feed(data):
                if isinstance(item, Bad):
                    self._refusals.refuse(item.reason, self._clock.now().mono)
                elif isinstance(item, Pressed | Alive):
                    backoff.reset()
                    self._take(item, pressed)
                else:
                    # Our own frames come back: a looped plug, or the line echoes.
                    self._refusals.refuse("unasked", self._clock.now().mono)

        return heard

    def _take(self, item: Pressed | Alive, pressed: OnKey) -> None:
        now = self._clock.now().mono
        self._heard_at = now
        if self._stuck.stuck is None:
            self._trouble.over()
        if isinstance(item, Alive):
            self._last = None
            if self._wanted is not None and item.shown != self._wanted.seq:
                self._send(self._wanted)
            return
        if item == self._last:
            self._refusals.refuse("repeated", now)
            return
        self._last = item
        if self._stuck.press(item.key, now):
            self._trouble.over()
            pressed(item.key)
        else:
            self._refusals.refuse("stuck-key", now)
            reason = f"key {item.key.value} of the keypad on {self._settings.port} is stuck: free it"
            self._trouble.tell(reason, "stuck")

    def _send(self, frame: Frame) -> None:
        if frame not in self._outgoing:
            self._outgoing.append(frame)
        self._wake.set()

    def _next(self) -> int:
        self._seq = (self._seq + 1) % SEQUENCE
        return self._seq

    def _hung_up(self, reason: str) -> None:
        self._lost = reason
        self._wake.set()
