"""A sign that speaks the Alpha protocol at the far end of a pseudo-terminal."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from hardware.emulators.faults import Faults
from hardware.emulators.pty_port import PtyPort
from hardware.signboards.alpha_codec import (
    ACK,
    FILE,
    NAK,
    READ_TEXT,
    WRITE_TEXT,
    Acknowledged,
    Colour,
    Damaged,
    Frame,
    FrameParser,
    Text,
    build_frame,
    parse_text,
    write_text,
)


class AlphaBoard(Faults):
    """`async with AlphaBoard(path):` serves until the end of the block."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._port = PtyPort(path, self._heard)
        self._parser = FrameParser()
        self._serving = False
        self._shown = Text(("",), Colour.AMBER)
        self.texts: list[tuple[str, ...]] = []
        """Every text it was told to show, oldest first."""
        self.refused: list[str] = []
        """Frames it answered with NAK, with why."""
        self.spoil = 0
        """So many of the next frames count as damaged on the wire."""
        self.stuck = False
        """It acknowledges texts and goes on showing what it shows."""
        self.garbage = 0
        """So many of the next answers arrive as noise."""
        self.on_change(self._plug_changed)

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands on it, line by line."""
        return self._shown.lines

    @property
    def text(self) -> str:
        """What stands on it; empty when dark."""
        return "\n".join(self._shown.lines)

    @property
    def colour(self) -> Colour:
        """The colour of the text."""
        return self._shown.colour

    def write_over(self, lines: tuple[str, ...]) -> None:
        """Somebody else writes to it, from his own program."""
        self._shown = Text(lines, Colour.RED)
        self.changed()

    def interject(self, data: bytes) -> None:
        """Say something nobody asked for."""
        self._port.write(data)

    def reboot(self) -> None:
        """A power cut: the sign forgets its text."""
        self._shown = Text(("",), Colour.AMBER)
        super().reboot()

    async def start(self) -> None:
        """Plug in."""
        self._serving = True
        self._plug_changed()

    async def stop(self) -> None:
        """Unplug for good."""
        self._serving = False
        self._port.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _plug_changed(self) -> None:
        if self._serving and self.plugged:
            self._port.open()
        else:
            self._port.close()

    def _heard(self, data: bytes) -> None:
        for item in self._parser.feed(data):
            if not self.muted and not isinstance(item, Acknowledged):
                answer = self._answer(item)
                if self.garbage > 0:
                    self.garbage -= 1
                    answer = b"\x01Z00\x02" + bytes(reversed(answer)) + b"\x04"
                self._port.write(answer)

    def _answer(self, item: Frame | Damaged) -> bytes:
        if self.spoil > 0:
            self.spoil -= 1
            item = Damaged("spoilt on purpose")
        if isinstance(item, Damaged):
            self.refused.append(item.reason)
            return NAK
        if item.body == READ_TEXT + FILE:
            return build_frame(Frame(write_text(self._shown)))
        text = parse_text(item.body) if item.body.startswith(WRITE_TEXT) else None
        if text is None:
            self.refused.append(f"unknown command {item.body[:8]!r}")
            return NAK
        if self.stuck:
            return ACK
        self._shown = text
        self.texts.append(text.lines)
        self.changed()
        return ACK
