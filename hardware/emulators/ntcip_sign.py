"""A road sign that speaks NTCIP 1203: its message memory, its state machine, and what can befall it."""

from __future__ import annotations

from types import TracebackType
from typing import NoReturn, Self

from gate.lanes.signage import Arrow
from hardware.emulators.faults import Faults
from hardware.emulators.ntcip_agent import (
    GEN_ERR,
    NOT_WRITABLE,
    WRONG_VALUE,
    AgentUser,
    Distortion,
    NtcipAgent,
    SetRefusedError,
    Value,
)
from hardware.signboards.multi import DARK, Font, Text, parse, read, write
from hardware.signboards.ntcip_objects import (
    ACTIVATE,
    ACTIVATE_ERROR,
    CONTROL_MODE,
    LOCAL_MODE,
    TABLE_SOURCE,
    VALIDATE_ERROR,
    ActivateError,
    ActivationCode,
    Column,
    Memory,
    Status,
    TableSource,
    ValidateError,
    cell,
    message_crc,
)

COMMUNITY = "gate-sign"
FONT = Font("ascii", {Arrow.LEFT: 0x1B, Arrow.RIGHT: 0x1A, Arrow.AHEAD: 0x18})
_CENTRAL = 4
_BLANK = TableSource(Memory.BLANK, 1, 0)


class NtcipSign(Faults):
    """`async with NtcipSign() as sign:` serves at 127.0.0.1, port `sign.port`, until the end of the block.

    One changeable message. `beacons` False is a sign without beacon and pixel service objects.
    """

    def __init__(
        self,
        *,
        community: str = COMMUNITY,
        user: AgentUser | None = None,
        font: Font = FONT,
        beacons: bool = True,
        port: int = 0,
    ) -> None:
        super().__init__()
        self._font = font
        self._agent = NtcipAgent(self, community, user, "127.0.0.1", port)
        self._words = {Column.MULTI: b"", Column.OWNER: b""}
        self._numbers = {Column.PRIORITY: 32}
        if beacons:
            self._numbers |= {Column.BEACON: 0, Column.PIXEL_SERVICE: 0}
        self._status = Status.NOT_USED
        self._source = _BLANK
        self._current = b""
        self._running_priority = 0
        self._activate_error = ActivateError.NONE
        self._validate_error = ValidateError.NONE
        self.mode = _CENTRAL
        """dmsControlMode; 2 is local."""
        self.stuck = False
        """It acknowledges texts and goes on showing what it shows."""
        self.spoils_memory = False
        """What is written to it is stored otherwise."""
        self.texts: list[tuple[str, ...]] = []
        """Every text it was told to show, oldest first."""
        self.refused: list[str] = []
        """What it would not do, with why."""

    # --- what tests and drivers of vehicles see -------------------------------------------------------

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._agent.port

    @property
    def agent(self) -> NtcipAgent:
        """Its SNMP half."""
        return self._agent

    @property
    def wrong_community(self) -> int:
        """Requests with a wrong community, user or passphrase: none of them was obeyed."""
        return self._agent.wrong_credentials

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands on it, line by line; empty when dark."""
        return self._shown.lines

    @property
    def text(self) -> str:
        """What stands on it; empty when dark."""
        return "\n".join(self.lines)

    @property
    def colour(self) -> str:
        """The number of the text's colour in the classic scheme."""
        return str(self._shown.colour)

    @property
    def _shown(self) -> Text:
        return read(self._current, self._font) or DARK

    # --- what can befall it -----------------------------------------------------------------------------

    @property
    def silent(self) -> bool:
        """Mute, or its cable is out."""
        return self.muted or not self.plugged

    def reboot(self) -> None:
        """A power cut: volatile state is gone, and it comes back dark."""
        self._status = Status.NOT_USED
        self._show(_BLANK, b"", 0)
        self._agent.booted()
        super().reboot()

    def write_over(self, lines: tuple[str, ...], *, priority: int = 32) -> None:
        """Another centre shows its own message, from volatile memory."""
        multi = write(Text(lines, 1), self._font)
        self._show(TableSource(Memory.VOLATILE, 2, message_crc(multi)), multi, priority)

    def distort(self, distortion: Distortion | None) -> None:
        """Make something else of its answers from now on."""
        self._agent.distort = distortion

    # --- life ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Power it."""
        await self._agent.start()

    async def stop(self) -> None:
        """Take it down."""
        await self._agent.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.stop()

    # --- its objects --------------------------------------------------------------------------------------

    def get(self, oid: str) -> Value | None:
        """The value of an object it has."""
        row: dict[Column, Value] = {**self._words, **self._numbers}
        known: dict[str, Value] = {
            **{cell(column, Memory.CHANGEABLE): value for column, value in row.items()},
            CONTROL_MODE: self.mode,
            TABLE_SOURCE: self._source.dump(),
            ACTIVATE_ERROR: self._activate_error.value,
            VALIDATE_ERROR: self._validate_error.value,
            cell(Column.CRC, Memory.CHANGEABLE): self._crc(),
            cell(Column.MULTI, Memory.CURRENT): self._current,
        }
        if oid == cell(Column.STATUS, Memory.CHANGEABLE):
            told = self._status
            if told is Status.VALIDATING:  # told once, then it is done
                self._validate()
            return told.value
        return known.get(oid)

    def set(self, oid: str, value: Value) -> None:
        """Change an object, or say why not."""
        if oid == ACTIVATE:
            self._activate(value)
            return
        if oid == cell(Column.STATUS, Memory.CHANGEABLE):
            self._ask_status(value)
            return
        column = next(
            (one for one in (*self._words, *self._numbers) if oid == cell(one, Memory.CHANGEABLE)), None
        )
        if column is None:
            self._refuse(NOT_WRITABLE, f"no writable object {oid}")
        if self._status is not Status.MODIFYING:
            self._refuse(GEN_ERR, f"{column.name} set while {self._status.name}")
        if isinstance(value, bytes) and column in self._words:
            self._words[column] = b"SPOILT" if self.spoils_memory and column is Column.MULTI else value
        elif isinstance(value, int) and column in self._numbers:
            self._numbers[column] = value
        else:
            self._refuse(WRONG_VALUE, f"{column.name} of another type")

    def _ask_status(self, value: Value) -> None:
        if self.mode == LOCAL_MODE:
            self._refuse(GEN_ERR, "in local mode")
        match value:
            case Status.MODIFY_REQ if self._status is not Status.VALIDATING:
                self._status = Status.MODIFYING
            case Status.VALIDATE_REQ if self._status is Status.MODIFYING:
                self._status = Status.VALIDATING
            case Status.NOT_USED_REQ:
                self._status = Status.NOT_USED
            case _:
                self._refuse(WRONG_VALUE, f"status {value!r} asked while {self._status.name}")

    def _validate(self) -> None:
        fine = parse(self._words[Column.MULTI]) is not None
        self._status = Status.VALID if fine else Status.ERROR
        self._validate_error = ValidateError.NONE if fine else ValidateError.SYNTAX

    def _activate(self, value: Value) -> None:
        code = ActivationCode.parse(value) if isinstance(value, bytes) else None
        if code is None:
            self._refuse(WRONG_VALUE, "an activation code of another size")
        self._activate_error = self._why_not(code)
        if self._activate_error is not ActivateError.NONE:
            self._refuse(GEN_ERR, f"activation: {self._activate_error.name}")
        if self.stuck:
            return
        if code.memory == Memory.BLANK:
            self._show(_BLANK, b"", 0)
        else:
            source = TableSource(code.memory, code.number, code.crc)
            self._show(source, self._words[Column.MULTI], self._numbers[Column.PRIORITY])
        self.texts.append(self.lines)

    def _why_not(self, code: ActivationCode) -> ActivateError:
        if self.mode == LOCAL_MODE:
            return ActivateError.LOCAL_MODE
        if code.memory not in (Memory.CHANGEABLE, Memory.BLANK):
            return ActivateError.MEMORY_TYPE
        if code.number != 1:
            return ActivateError.MESSAGE_NUMBER
        if code.memory == Memory.CHANGEABLE and self._status is not Status.VALID:
            return ActivateError.MESSAGE_STATUS
        if code.crc != (self._crc() if code.memory == Memory.CHANGEABLE else 0):
            return ActivateError.MESSAGE_CRC
        return ActivateError.PRIORITY if code.priority < self._running_priority else ActivateError.NONE

    def _crc(self) -> int:
        return message_crc(
            self._words[Column.MULTI],
            self._numbers.get(Column.BEACON, 0),
            self._numbers.get(Column.PIXEL_SERVICE, 0),
        )

    def _show(self, source: TableSource, multi: bytes, priority: int) -> None:
        self._source, self._current, self._running_priority = source, multi, priority
        self.changed()

    def _refuse(self, status: int, why: str) -> NoReturn:
        self.refused.append(why)
        raise SetRefusedError(status)
