"""Tells systemd how the daemon fares, over the socket it names in NOTIFY_SOCKET.

Plain datagrams: the whole protocol is newline-separated KEY=VALUE, and a library would bring C code
for it. Without the variable (a terminal, a test, another init system) every call does nothing.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

import structlog
from prometheus_client import Counter

log = structlog.get_logger()

LOST = Counter("gate_notify_lost_total", "Messages to systemd that could not be sent")


class Notifier:
    """One end of NOTIFY_SOCKET. Never blocks and never raises: a deaf systemd must not stop a lane.

    `watchdog_seconds` is how long systemd waits between two `watchdog()` calls before it kills the
    process, or None when it does not watch; feed it at half of that, and only while the lanes make
    progress.
    """

    def __init__(self, address: str | None, watchdog_seconds: float | None = None) -> None:
        self._address = _socket_address(address)
        self.watchdog_seconds = watchdog_seconds if self._address is not None else None
        self._socket: socket.socket | None = None
        if self._address is not None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Notifier:
        """As systemd set the environment up; WATCHDOG_PID naming another process means no watchdog."""
        env = os.environ if environment is None else environment
        micros = env.get("WATCHDOG_USEC", "")
        mine = env.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        watched = micros.isascii() and micros.isdigit() and int(micros) > 0 and mine
        return cls(env.get("NOTIFY_SOCKET"), int(micros) / 1_000_000 if watched else None)

    def ready(self, status: str = "") -> None:
        """Start-up is complete: units ordered after this one may start."""
        self._send("READY=1", status)

    def status(self, status: str) -> None:
        """One line for `systemctl status`. It is public: never anything that depends on a corridor."""
        self._send("", status)

    def watchdog(self) -> None:
        """Still making progress."""
        self._send("WATCHDOG=1")

    def stopping(self, status: str = "") -> None:
        """The end has begun."""
        self._send("STOPPING=1", status)

    def close(self) -> None:
        """Give the socket back; later calls do nothing."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, state: str, status: str = "") -> None:
        if self._socket is None or self._address is None:
            return
        lines = [state] if state else []
        if status:
            lines.append(f"STATUS={' '.join(status.split())}")  # a newline would begin another variable
        try:
            self._socket.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            LOST.inc()
            log.warning("notify.not_sent", state=state or "STATUS", why=str(error))


def _socket_address(told: str | None) -> str | None:
    if not told:
        return None
    if told.startswith("@"):  # Linux's abstract namespace, which the kernel spells with a zero byte
        return "\0" + told[1:]
    if told.startswith("/"):
        return told
    log.warning("notify.address_refused", address=told, allowed="an absolute path or @name")
    return None
