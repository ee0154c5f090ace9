"""Road signs that speak NTCIP 1203 over SNMP."""

from __future__ import annotations

import asyncio

from gate.clock import Clock
from gate.errors import DeviceError
from gate.lanes.commands import BoardMessage
from gate.lanes.signage import Arrow, Wording, sign
from gate.model import Corridor
from gate.settings import NtcipBoard
from hardware.signboards.health import BoardHealth
from hardware.signboards.multi import DARK, Colour, Font, Text, read, write
from hardware.signboards.ntcip_objects import (
    ACTIVATE,
    ACTIVATE_ERROR,
    ACTIVATE_WORDS,
    CONTROL_MODE,
    LOCAL_MODE,
    TABLE_SOURCE,
    VALIDATE_ERROR,
    ActivationCode,
    Column,
    Memory,
    Status,
    TableSource,
    ValidateError,
    cell,
    message_crc,
)
from hardware.signboards.polled import CHECK_SECONDS, PolledSign
from hardware.signboards.snmp import Community, SnmpRefusedError, SnmpSession, User, Value

_OWNER = b"gate"
_VALIDATE_SECONDS = 2.0
_LOOK_SECONDS = 0.05
_OURS = Memory.CHANGEABLE

_COLOURS = {
    Corridor.GREEN: Colour.GREEN,
    Corridor.BLUE: Colour.BLUE,
    Corridor.YELLOW: Colour.YELLOW,
    Corridor.RED: Colour.RED,
}


def sign_text(message: BoardMessage, wording: Wording, font: Font, *, colours: bool) -> Text:
    """`message` in the sign's letters; amber unless it names a corridor, so that WAIT never hints at one."""
    said = sign(message, wording)
    if not any(said.lines):
        return DARK
    lines = [font.fold(line) for line in said.lines]
    while not lines[-1]:
        lines.pop()
    colour = Colour.AMBER if said.corridor is None else _COLOURS[said.corridor]
    return Text(tuple(lines), int(colour) if colours else None)


def font_of(settings: NtcipBoard) -> Font:
    """The font the settings describe."""
    glyphs = settings.arrow_glyphs
    arrows = {Arrow.LEFT: glyphs.left, Arrow.RIGHT: glyphs.right, Arrow.AHEAD: glyphs.ahead}
    return Font(settings.code_page, arrows)


class NtcipSign(PolledSign[Text]):
    """The sign at the address that `settings` name."""

    def __init__(
        self, settings: NtcipBoard, point: str, clock: Clock, *, check_seconds: float = CHECK_SECONDS
    ) -> None:
        health = BoardHealth(point, clock)
        wording, font = settings.wording, font_of(settings)
        super().__init__(
            NtcipLink(settings, font, health, clock),
            lambda message: sign_text(message, wording, font, colours=settings.colours),
            health,
            point,
            clock,
            check_seconds,
        )


class NtcipLink:
    """One row of the sign's changeable memory is ours, and what stands on the road is read; see SignLink."""

    def __init__(self, settings: NtcipBoard, font: Font, health: BoardHealth, clock: Clock) -> None:
        self.name = f"the sign at {settings.host}"
        self.hung_up = asyncio.Event()  # never set: a datagram socket cannot hang up
        self._priority = settings.priority
        self._font = font
        self._health = health
        self._clock = clock
        self._session = SnmpSession(settings.host, settings.port, _credentials(settings), health.refuse)
        self._extras: list[Column] | None = None
        """Beacon and pixel service, where the sign has them; None before it was asked."""

    async def open(self) -> None:
        """Make ready; a datagram socket connects to nothing."""
        self._extras = None
        await self._session.open()

    async def close(self) -> None:
        """Give the socket back."""
        await self._session.close()

    async def write(self, text: Text) -> None:
        """Activated, or DeviceError with the sign's reason."""
        if text == DARK:
            await self._activate(Memory.BLANK, 0)
            return
        multi = write(text, self._font)
        status = cell(Column.STATUS, _OURS)
        await self._session.set((status, Status.MODIFY_REQ.value))
        mode, state = await self._numbers(CONTROL_MODE, status)
        if mode == LOCAL_MODE:
            raise DeviceError(f"{self.name} is in local mode: someone works at its cabinet")
        if state != Status.MODIFYING:
            raise DeviceError(f"{self.name} does not let its message be changed (status {state})")
        await self._session.set(
            (cell(Column.MULTI, _OURS), multi),
            (cell(Column.OWNER, _OURS), _OWNER),
            (cell(Column.PRIORITY, _OURS), self._priority),
            # The checksum covers these two: another centre may have left them on.
            *((cell(extra, _OURS), 0) for extra in await self._has_extras()),
        )
        await self._session.set((status, Status.VALIDATE_REQ.value))
        await self._validated(status)
        (crc,) = await self._numbers(cell(Column.CRC, _OURS))
        if crc != message_crc(multi):
            raise DeviceError(f"{self.name} holds another message than was sent (checksum {crc:#06x})")
        await self._activate(_OURS, crc)

    async def read(self) -> Text | None:
        """What stands on the road, by the current buffer; None unless it came from our row."""
        (raw,) = await self._session.get(TABLE_SOURCE)
        source = TableSource.parse(raw) if isinstance(raw, bytes) else None
        if source is None:
            self._health.refuse("wrong-type", "dmsMsgTableSource")
            raise DeviceError(f"{self.name} does not say which message it shows")
        if source.memory == Memory.BLANK:
            return DARK
        (multi,) = await self._session.get(cell(Column.MULTI, Memory.CURRENT))
        if not isinstance(multi, bytes):
            self._health.refuse("wrong-type", "dmsMessageMultiString of the current buffer")
            raise DeviceError(f"{self.name} does not say what it shows")
        shown = read(multi, self._font)
        ours = (source.memory, source.number) == (_OURS, 1)
        return shown if ours or shown == DARK else None

    async def _activate(self, memory: Memory, crc: int) -> None:
        code = ActivationCode(self._priority, memory, 1, crc)
        try:
            await self._session.set((ACTIVATE, code.dump()))
        except SnmpRefusedError as refusal:
            (why,) = await self._session.get(ACTIVATE_ERROR)
            words = next((said for error, said in ACTIVATE_WORDS.items() if error == why), f"error {why!r}")
            raise DeviceError(f"{self.name} does not show the message: {words}") from refusal

    async def _validated(self, status: str) -> None:
        until = self._clock.now().mono + _VALIDATE_SECONDS
        while True:
            (state,) = await self._numbers(status)
            if state == Status.VALID:
                return
            if state != Status.VALIDATING or self._clock.now().mono >= until:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        (why,) = await self._numbers(VALIDATE_ERROR)
        words = "its mark-up" if why == ValidateError.SYNTAX else f"status {state}, error {why}"
        raise DeviceError(f"{self.name} finds the message invalid: {words}")

    async def _has_extras(self) -> list[Column]:
        if self._extras is None:
            both = [Column.BEACON, Column.PIXEL_SERVICE]
            values = await self._session.get(*(cell(extra, _OURS) for extra in both))
            self._extras = [extra for extra, value in zip(both, values, strict=True) if value is not None]
        return self._extras

    async def _numbers(self, *oids: str) -> list[int]:
        values = await self._session.get(*oids)
        return [self._number(oid, value) for oid, value in zip(oids, values, strict=True)]

    def _number(self, oid: str, value: Value | None) -> int:
        if isinstance(value, int):
            return value
        self._health.refuse("wrong-type", oid)
        raise DeviceError(f"{self.name} has no number at {oid}: is it an NTCIP 1203 sign?")


def _credentials(settings: NtcipBoard) -> Community | User:
    if settings.community_file is not None:
        return Community(settings.community_file)
    if settings.user is None or settings.auth_file is None:
        raise AssertionError("settings name a community or a user")
    return User(settings.user, settings.auth, settings.auth_file, settings.privacy_file)
