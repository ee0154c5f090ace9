"""One point's kiosk devices joined with the checkpoint: numbers in, messages out, slips at each answer."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from traceback import format_exception
from typing import Any

import structlog

from gate.kiosk.booth import Booth
from gate.kiosk.dialogue import CallHelp, Dialogue, Give, Notice
from gate.kiosk.numbers_in import Answer, NumbersIn
from gate.kiosk.ports import Key, Keypad, Scanner, SlipPrinter
from gate.kiosk.refusing import Refusals
from gate.kiosk.slip_desk import KEEP_SECONDS, SlipDesk
from gate.kiosk.speech import load_device_tongues
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.events import DeviceFaulted, DeviceRecovered, DeviceRole
from gate.lanes.ports import Post
from gate.lanes.views import KioskView

log = structlog.get_logger()

_TICK_SECONDS = 1.0
_AGAIN_SECONDS = 5.0
_STOPPED = "stopped over an error of the gate's own (log: kiosk.devices_stopped); it is begun anew"

_NOTICES = {Answer.TAKEN: Notice.THANKS, Answer.SLIP: Notice.SLIP, Answer.TOO_OFTEN: Notice.OFTEN}


class Stand:
    """Holds what the point has of scanner, keypad and printer. `place` is the slip's first line.

    A mistake of ours in here costs the point its kiosk devices for a few seconds, never a lane.
    """

    def __init__(
        self,
        booth: Booth,
        point: str,
        *,
        place: str,
        scanner: Scanner | None = None,
        keypad: Keypad | None = None,
        printer: SlipPrinter | None = None,
        language: str = "az",
        keep_seconds: float = KEEP_SECONDS,
    ) -> None:
        self._booth = booth
        self._point = point
        self._place = place
        self._scanner, self._keypad, self._printer = scanner, keypad, printer
        self._language = language
        self._keep_seconds = keep_seconds
        self._numbers = NumbersIn(booth, point)
        self._scans = Refusals(point, DeviceRole.SCANNER)
        self._keys = Refusals(point, DeviceRole.KEYPAD)
        self._spoke = False
        self._begin()

    def _begin(self) -> None:
        self._view = KioskView(BoardMessage(MessageKind.BLANK))
        words = load_device_tongues()
        first = self._language if self._language in words else "en"
        self._dialogue = Dialogue(words, self._booth.tongues, first, self._booth.formats)
        self._desk: SlipDesk | None = None
        if (printer := self._printer) is not None:
            self._booth.prints[self._point] = lambda: printer.state.prints
            self._desk = SlipDesk(
                self._booth, self._point, self._place, printer, keep_seconds=self._keep_seconds
            )

    async def run(self, post: Post) -> None:
        """Serve until cancelled."""
        while True:
            try:
                await self._serve(post)
            except Exception as error:  # noqa: BLE001 - told, logged and begun anew: no kiosk may end the gate
                trace = "".join(format_exception(error))
                log.error("kiosk.devices_stopped", point=self._point, error=repr(error), trace=trace)
                self._post_all(post, stopped=True)
                self._begin()
            await self._booth.clock.sleep(_AGAIN_SECONDS)
            self._post_all(post, stopped=False)

    async def _serve(self, post: Post) -> None:
        if self._desk is not None:
            await self._desk.begin(post)
        work: list[Coroutine[Any, Any, None]] = [self._follow(), self._tick()]
        if self._scanner is not None:
            work.append(self._scanner.run(post, self._scanned))
        if self._keypad is not None:
            work.append(self._keypad.run(post, self._pressed))
        if self._printer is not None and self._desk is not None:
            work += [self._printer.run(post, self._desk.printer_changed), self._desk.run()]
        async with asyncio.TaskGroup() as group:
            for each in work:
                group.create_task(each)

    def _post_all(self, post: Post, *, stopped: bool) -> None:
        """Say of every device that it stopped, or that it begins anew: what ails it its driver tells."""
        devices = (
            (DeviceRole.SCANNER, self._scanner),
            (DeviceRole.KEYPAD, self._keypad),
            (DeviceRole.PRINTER, self._printer),
        )
        for role in (role for role, device in devices if device is not None):
            at = self._booth.clock.now()
            post(
                DeviceFaulted(at=at, device=role, reason=_STOPPED)
                if stopped
                else DeviceRecovered(at=at, device=role)
            )

    # --- numbers in -------------------------------------------------------------------------------

    def _scanned(self, text: str) -> None:
        self._answer(self._numbers.scan(text, self._scans))

    def _pressed(self, key: Key) -> None:
        asked = self._dialogue.press(key, self._now())
        match asked:
            case Give(typed):
                self._answer(self._numbers.typed(typed, self._keys))
            case CallHelp():
                answer = self._numbers.call(self._keys)
                self._dialogue.note(Notice.CALLED if answer is Answer.TAKEN else Notice.OFTEN, self._now())
            case None:
                pass
        self._show()

    def _answer(self, answer: Answer) -> None:
        if answer is not Answer.REPEATED:
            self._dialogue.note(_NOTICES[answer], self._now())
        self._show()

    # --- messages out -----------------------------------------------------------------------------

    async def _follow(self) -> None:
        self._take_message()
        async for _ in self._booth.checkpoint.changes():
            self._take_message()
            if self._desk is not None:
                await self._desk.look()

    def _take_message(self) -> None:
        view = self._booth.checkpoint.kiosk_view(self._point)
        if view is not None and view != self._view:
            self._view = view
            self._dialogue.take(view, self._now())
            if view.message.kind is MessageKind.BLANK:
                self._numbers.forget()
                self._booth.spoken.pop(self._point, None)
        self._show()

    async def _tick(self) -> None:
        while True:
            await self._booth.clock.sleep(_TICK_SECONDS)
            self._dialogue.tick(self._now())
            self._show()

    def _show(self) -> None:
        if self._keypad is None:
            return
        self._keypad.show(self._dialogue.screen())
        # The slip speaks as the keypad does; the language chosen at the page is the page's to forget.
        if self._dialogue.chosen is not None:
            self._booth.spoken[self._point] = self._dialogue.chosen
            self._spoke = True
        elif self._spoke:
            self._booth.spoken.pop(self._point, None)
            self._spoke = False

    def _now(self) -> float:
        return self._booth.clock.now().mono
