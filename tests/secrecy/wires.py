"""The wires out of the process: what went over them, and whether anything is still on its way."""

from __future__ import annotations

import array
import fcntl
import sys
import termios
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gate.sync.transports.http import HttpTransport
from hardware.emulators.pty_port import PtyPort
from hardware.links.character_device import CharacterDevice
from hardware.links.mqtt_session import MqttSession
from tests.secrecy.steady import DayLoop

Note = Callable[[str, str], None]
"""(channel, what)"""


class Wires:
    """Watches every serial line, broker connection and request to central of this process."""

    def __init__(self, note: Note, loop: DayLoop) -> None:
        self._note = note
        self._loop = loop
        self._on_the_way: dict[str, int] = defaultdict(int)
        self._sessions: list[MqttSession] = []
        self._asking = 0

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        """From now on, until `patch` is undone."""
        self._watch_serial(patch)
        self._watch_broker(patch)
        self._watch_central(patch)

    def busy(self) -> str:
        """What is on its way, in words; empty when all is quiet."""
        if self._asking:
            return "a request to central"
        line = next((name for name, count in self._on_the_way.items() if count), None)
        if line is not None:
            return f"{self._on_the_way[line]} bytes on {line}"
        # Twice: while the last connections were looked at, a message may have reached one of the first.
        sessions = (*self._sessions, *self._sessions)
        return next((what for session in sessions if (what := _busy(session, self._loop))), "")

    # --- serial lines -----------------------------------------------------------------------------

    def _watch_serial(self, patch: pytest.MonkeyPatch) -> None:
        on_the_way, note = self._on_the_way, self._note
        write, readable = CharacterDevice.write, CharacterDevice._readable
        answer, close = PtyPort.write, PtyPort.close
        start = PtyPort.__init__

        async def gate_writes(device: CharacterDevice, data: bytes) -> None:
            note(f"serial {device._path.name}", data.hex(" "))
            on_the_way[f"{device._path.name} out"] += len(data)
            await write(device, data)

        def made(port: PtyPort, path: Path, heard: Callable[[bytes], None]) -> None:
            def device_hears(data: bytes) -> None:
                on_the_way[f"{path.name} out"] -= len(data)
                heard(data)

            start(port, path, device_hears)

        def device_writes(port: PtyPort, data: bytes) -> None:
            if port.is_open and f"{port._path.name} read" in on_the_way:
                on_the_way[f"{port._path.name} in"] += len(data)
            answer(port, data)

        def gate_reads(device: CharacterDevice) -> None:
            heard = device._heard

            def counted(data: bytes) -> None:
                # What the device said before the gate opened the line was not counted.
                left = on_the_way[f"{device._path.name} in"] - len(data)
                on_the_way[f"{device._path.name} in"] = max(0, left)
                heard(data)

            device._heard = counted
            try:
                readable(device)
            finally:
                device._heard = heard

        def unplugged(port: PtyPort) -> None:
            on_the_way.pop(f"{port._path.name} in", None)
            on_the_way.pop(f"{port._path.name} out", None)
            close(port)

        opened, closed = CharacterDevice.__init__, CharacterDevice.close

        def gate_opens(device: CharacterDevice, path: Path, *rest: Any, **named: Any) -> None:
            opened(device, path, *rest, **named)
            on_the_way[f"{path.name} read"] = 0  # somebody reads what the device says from now on
            on_the_way[f"{path.name} in"] = 0

        def gate_closes(device: CharacterDevice) -> None:
            # What the gate has written still arrives: the device holds the line open at its end.
            for way in ("read", "in"):
                on_the_way.pop(f"{device._path.name} {way}", None)
            closed(device)

        patch.setattr(CharacterDevice, "write", gate_writes)
        patch.setattr(CharacterDevice, "_readable", gate_reads)
        patch.setattr(CharacterDevice, "__init__", gate_opens)
        patch.setattr(CharacterDevice, "close", gate_closes)
        patch.setattr(PtyPort, "__init__", made)
        patch.setattr(PtyPort, "write", device_writes)
        patch.setattr(PtyPort, "close", unplugged)

    # --- the broker -------------------------------------------------------------------------------

    def _watch_broker(self, patch: pytest.MonkeyPatch) -> None:
        sessions = self._sessions
        start, end = MqttSession.open, MqttSession.close

        async def opened(session: MqttSession, *filters: Any) -> None:
            sessions.append(session)
            await start(session, *filters)

        async def closed(session: MqttSession, **how: Any) -> None:
            if session in sessions:
                sessions.remove(session)
            await end(session, **how)

        patch.setattr(MqttSession, "open", opened)
        patch.setattr(MqttSession, "close", closed)

    # --- central ----------------------------------------------------------------------------------

    def _watch_central(self, patch: pytest.MonkeyPatch) -> None:
        exchange = HttpTransport._exchange

        async def asked(transport: HttpTransport, *what: Any, **named: Any) -> Any:
            self._asking += 1
            try:
                return await exchange(transport, *what, **named)
            finally:
                self._asking -= 1

        patch.setattr(HttpTransport, "_exchange", asked)


def _busy(session: MqttSession, loop: DayLoop) -> str:
    """Whether a connection's thread, socket or acknowledgements have anything left to do.

    The broker acknowledges a message once it has written it to every subscriber's socket: with nothing
    unacknowledged, nothing in any socket and every reader back in its select, nothing is on its way.
    """
    client, name = session._client, session._client_id
    thread = client._thread
    if thread is None:
        return f"{name} connects"
    said = loop.awaits_post(thread.name)
    if not (session._connected.done() and session._subscribed.done()) and not said:
        return f"{name} connects and subscribes"
    # paho's own list of what is unacknowledged: the session's says nothing of one whose answer is post.
    if client._out_packet or client._out_messages:
        return f"messages of {name}"
    link = client.socket()
    waiting = array.array("i", [0])
    if link is not None:
        fcntl.ioctl(link.fileno(), termios.FIONREAD, waiting)
    if waiting[0]:
        return f"{waiting[0]} bytes for {name}"
    frame = sys._current_frames().get(thread.ident or 0)
    return "" if frame is not None and frame.f_code.co_name == "_loop" else f"the thread of {name}"
