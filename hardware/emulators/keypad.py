"""A keypad terminal that speaks gate-keypad/1 at the far end of a pseudo-terminal."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from gate.kiosk.ports import Beep, Key, Screen
from hardware.emulators.faults import Faults
from hardware.emulators.pty_port import PtyPort
from hardware.kiosk.keypad_codec import (
    HEARTBEAT_SECONDS,
    SEQUENCE,
    SILENCE_SECONDS,
    Alive,
    Bad,
    FrameParser,
    GateAlive,
    Pressed,
    Show,
    build,
)

ALONE = Screen(("Out of service", "Call an officer"))
"""The terminal's own text while it hears nothing from the gate."""


class KeypadDevice(Faults):
    """`async with KeypadDevice(path):` serves until the end of the block."""

    def __init__(
        self, path: Path, *, heartbeat: float = HEARTBEAT_SECONDS, silence: float = SILENCE_SECONDS
    ) -> None:
        super().__init__()
        self._port = PtyPort(path, self._heard)
        self._heartbeat = heartbeat
        self._silence = silence
        self._parser = FrameParser()
        self._seq = 0
        self._shown: Show | None = None
        self._heard_at = 0.0
        self._task: asyncio.Task[None] | None = None
        self.screens: list[Screen] = []
        """Every screen it has shown, oldest first."""
        self.beeps: list[Beep] = []
        self.refused = 0
        """Frames it dropped as damaged."""
        self.deaf = 0
        """So many of the next screens are lost on the wire."""
        self.on_change(self._plug_changed)

    @property
    def screen(self) -> Screen:
        """What stands on it."""
        return ALONE if self._shown is None else self._shown.screen

    def press(self, keys: str) -> None:
        """Press keys one after another; it takes none while it hears nothing from the gate."""
        for key in keys:
            if self._shown is not None:
                self.send(build(Pressed(self._next(), Key(key))))

    def send(self, data: bytes) -> None:
        """Put bytes on the line as they are."""
        if not self.muted:
            self._port.write(data)

    def reboot(self) -> None:
        """A power cut: it forgets what it showed."""
        self._shown, self._seq = None, 0
        super().reboot()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._beat())
        self._plug_changed()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        self._port.close()

    def _plug_changed(self) -> None:
        if self._task is not None and self.plugged:
            self._port.open()
        else:
            self._port.close()

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if self._shown is not None and loop.time() - self._heard_at >= self._silence:
                self._shown = None
                self.changed()
            self.send(build(Alive(self._next(), self._shown.seq if self._shown else None)))
            await asyncio.sleep(self._heartbeat)

    def _heard(self, data: bytes) -> None:
        for item in self._parser.feed(data):
            if isinstance(item, Bad):
                self.refused += 1
            elif isinstance(item, Show | GateAlive) and not self.muted:
                self._heard_at = asyncio.get_running_loop().time()
                if isinstance(item, Show):
                    self._show(item)

    def _show(self, show: Show) -> None:
        if self.deaf > 0:
            self.deaf -= 1
            return
        if self._shown is None or show.seq != self._shown.seq:
            self._shown = show
            self.screens.append(show.screen)
            if show.screen.beep is not Beep.NONE:
                self.beeps.append(show.screen.beep)
            self.changed()

    def _next(self) -> int:
        self._seq = (self._seq + 1) % SEQUENCE
        return self._seq
