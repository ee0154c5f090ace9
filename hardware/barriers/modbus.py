"""Barrier, signal and inputs on a Modbus relay and input board, whatever its link.

Register map (as Waveshare-type boards have it; addresses from zero):

| what | function, address | meaning |
|---|---|---|
| raise, lower, stop | 05, 0x0200 + 0, 1, 2 | flash-on: close the relay for value x 100 ms, then open it |
| signal | 05, 0x0000 + 3 | FF00 green, 0000 red |
| detectors | 02, their terminals | closed = clear, open = occupied |
| contacts | 02, their terminals | closed = normal, open = active |
| limit-up, limit-down | 02, their terminals | closed = the boom is at that end |

Which input lies on which terminal is the site's (`inputs:`). Detectors and contacts are wired
fail-safe: a cut wire or a dead detector reads as occupied or active. Both limits at once is a
broken switch, and the position unknown.

Pulses are timed by the board, so that a crash here cannot leave a contact closed. The stop relay's
normally-closed contact lies in the barrier's stop circuit: flashing it opens that circuit.

A poll is believed when a marker (modbus_marker) came back before it and another after it. What was
believed is believed for BELIEVED_SECONDS from the moment it was asked for, and no longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from gate.clock import Clock
from gate.errors import DeviceError
from gate.lanes.commands import LowerBarrier, RaiseBarrier
from gate.lanes.events import Aspect, BarrierPosition, Contact, ContactState, Detector, Occupancy
from gate.lanes.fitted import Fitted
from gate.lanes.ports import Post, Stands, at_once
from gate.settings import ModbusRtu, ModbusTcp, wired
from hardware.barriers.modbus_marker import Marker, marker_for
from hardware.barriers.modbus_talk import BoardTalk
from hardware.detectors.debounce import ClearDelay
from hardware.detectors.inputs import LaneInputs
from hardware.links.backoff import Backoff
from hardware.links.modbus_line import LineDownError, ModbusLine

log = structlog.get_logger()

RAISE, LOWER, STOP, SIGNAL = 0, 1, 2, 3
FLASH_ON = 0x0200
FLASH_TENTHS = 5
COIL_ON, COIL_OFF = 0xFF00, 0x0000

BELIEVED_SECONDS = 1.0
"""No input is held known for longer than this after the poll that read it was sent."""
_MISSES = 2
"""Cycles without a believed poll before a board never heard counts as silent: one may be noise."""
_SILENT_POLL_SECONDS = 0.5
_SHARED_SILENT_POLL_SECONDS = 2.0
"""Each try for a silent board keeps its line from the others for about half a second."""
_CLEAR_SECONDS = 0.2


class ModbusIo:
    """Polls the inputs, sends pulses. One request is on the line at a time; none is ever repeated."""

    def __init__(
        self,
        line: ModbusLine,
        settings: ModbusRtu | ModbusTcp,
        lane: str,
        clock: Clock,
        *,
        fitted: Fitted,
        marker: Marker | None = None,
    ) -> None:
        self._line = line
        self._settings = settings
        self._lane = lane
        self._clock = clock
        self._barrier = fitted.barrier
        inputs = wired(settings, barrier=fitted.barrier)
        self._wired = {str(name): at for name, at in inputs.items()}
        self._count = max(self._wired.values()) + 1
        self._inputs = LaneInputs(clock, lane, fitted)
        # A contact bounces as a detector does: active at once, normal when it has held.
        watched: tuple[Detector | Contact, ...] = (*fitted.detectors, *fitted.contacts)
        self._delays = {one: ClearDelay(_CLEAR_SECONDS) for one in watched}
        mark = marker or marker_for(settings.marker, settings.marker_register)
        self._board = BoardTalk(line, settings.unit, lane, mark, settings.watchdog)
        self._known = False
        self._misses = 0
        self._trouble = ""
        self._expiry: asyncio.TimerHandle | None = None
        self._hurry = asyncio.Event()
        self._aspect: Aspect | None = None
        self._aspect_due = False

    async def run(self, post: Post) -> None:
        """Poll, again and again, until cancelled."""
        self._inputs.bind(post)
        self._known = False
        if self._settings.watchdog is None:
            log.warning("io.no_board_watchdog", lane=self._lane, line=self._line.where)
        backoff = Backoff()
        self._line.join(self._lost)
        try:
            while True:
                try:
                    await self._try_cycle()
                except LineDownError as error:
                    self._lost(str(error))
                    await self._pause(backoff.next())
                    continue
                backoff.reset()
                if self._known or self._misses < _MISSES:
                    await self._pause(self._settings.poll_seconds)
                else:
                    shared = self._line.users > 1
                    await self._pause(_SHARED_SILENT_POLL_SECONDS if shared else _SILENT_POLL_SECONDS)
        finally:
            self._line.leave(self._lost)
            self._expire_later(None)

    # --- commands -------------------------------------------------------------------------------

    async def raise_barrier(self, command: RaiseBarrier, stands: Stands = at_once) -> None:
        """One opening pulse. Function 05 carries no id: `command` stays with the caller."""
        del command
        await self._pulse(RAISE, "raise", stands)

    async def lower_barrier(self, command: LowerBarrier, stands: Stands = at_once) -> None:
        """One closing pulse."""
        del command
        await self._pulse(LOWER, "lower", stands)

    async def stop_barrier(self) -> None:
        """Open the stop circuit, even if the board is silent: it may still hear. No barrier, no stop."""
        if self._barrier:
            async with self._line.turn(urgent=True):
                await self._board.write(FLASH_ON + STOP, FLASH_TENTHS, "stop")

    async def set_signal(self, aspect: Aspect) -> None:
        """Show red or green. What is shown last stays wanted: a board that returns is set to it."""
        self._aspect, self._aspect_due = aspect, True
        self._require_known(f"signal {aspect}")
        async with self._line.turn():
            await self._prove_if_due()
            await self._write_aspect()

    async def _pulse(self, coil: int, what: str, stands: Stands) -> None:
        if not self._barrier:
            raise DeviceError(f"{self._lane} has no barrier to {what}")
        self._require_known(what)
        async with self._line.turn():
            await self._prove_if_due()
            self._require_known(what)
            if not stands():  # its line may have been busy for a while
                raise DeviceError(f"{self._lane} io: {what} not sent, it was withdrawn")
            await self._board.write(FLASH_ON + coil, FLASH_TENTHS, what)
        self._hurry.set()

    def _require_known(self, what: str) -> None:
        if not self._known:
            why = self._inputs.fault or "the board has not been heard yet"
            raise DeviceError(f"{self._lane} io: {why}; {what} not sent")

    async def _write_aspect(self) -> None:
        aspect = self._aspect
        if aspect is None:
            return
        await self._board.write(SIGNAL, COIL_ON if aspect is Aspect.GREEN else COIL_OFF, f"signal {aspect}")
        if self._aspect is aspect:
            self._aspect_due = False

    # --- polling --------------------------------------------------------------------------------

    async def _try_cycle(self) -> None:
        try:
            async with self._line.turn():
                await self._cycle()
        except LineDownError:
            raise
        except DeviceError as error:
            self._misses += 1
            self._trouble = self._board.in_words(error)
            if not self._known and self._misses >= _MISSES:
                self._lost(self._trouble)
        else:
            self._misses, self._trouble = 0, ""

    async def _cycle(self) -> None:
        await self._prove_if_due()
        asked_at = self._clock.now().mono
        bits = await self._board.poll(self._count)
        self._believe(bits, asked_at)
        if self._aspect_due:
            await self._write_aspect()

    async def _prove_if_due(self) -> None:
        """Begin afresh after anything went wrong, and show the signal once more."""
        if not self._board.proved:
            await self._board.prove()
            # A board that lost power has its relays open; one that was cut off may still show what was.
            self._aspect_due = self._aspect is not None

    # --- what is known --------------------------------------------------------------------------

    def _believe(self, bits: Sequence[bool], asked_at: float) -> None:
        now = self._clock.now().mono
        if now - asked_at >= BELIEVED_SECONDS:
            raise DeviceError(f"{self._board.where} was heard too late to be believed")
        self._known = True
        self._expire_later(asked_at + BELIEVED_SECONDS - now)
        states = {
            one: delay.sample(not bits[self._wired[one.value]], now) for one, delay in self._delays.items()
        }
        self._inputs.report(
            {one: state for one, state in states.items() if isinstance(one, Detector)},
            self._position(bits),
            {one: _CONTACT[state] for one, state in states.items() if isinstance(one, Contact)},
        )

    def _position(self, bits: Sequence[bool]) -> BarrierPosition:
        if "barrier-up" not in self._wired or "barrier-down" not in self._wired:
            return BarrierPosition.UNKNOWN
        match (bits[self._wired["barrier-up"]], bits[self._wired["barrier-down"]]):
            case (True, False):
                return BarrierPosition.UP
            case (False, True):
                return BarrierPosition.DOWN
            case (False, False):
                return BarrierPosition.MOVING
            case _:
                return BarrierPosition.UNKNOWN

    def _expire_later(self, seconds: float | None) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        self._expiry = None
        if seconds is not None:
            self._expiry = asyncio.get_running_loop().call_later(seconds, self._expired)

    def _expired(self) -> None:
        self._lost(self._trouble or f"{self._board.where} does not answer")

    def _lost(self, reason: str) -> None:
        self._known = False
        self._board.doubt()
        self._expire_later(None)
        for delay in self._delays.values():
            delay.forget()
        self._inputs.lost(reason)

    async def _pause(self, seconds: float) -> None:
        """Until the next poll; at once after a pulse, to see the boom leave its end."""
        self._hurry.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        except TimeoutError:
            return


_CONTACT = {
    Occupancy.CLEAR: ContactState.NORMAL,
    Occupancy.OCCUPIED: ContactState.ACTIVE,
    Occupancy.UNKNOWN: ContactState.UNKNOWN,
}
