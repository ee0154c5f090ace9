"""A device's trouble, told to its point once: when it begins, when it becomes another, when it is over."""

from __future__ import annotations

import structlog

from gate.clock import Clock
from gate.lanes.events import DeviceFaulted, DeviceRecovered, DeviceRole
from gate.lanes.ports import Post

log = structlog.get_logger()

AWAY = "away"


class Trouble:
    """One device's. `kind` is what it suffers from, None when it is well."""

    def __init__(self, role: DeviceRole, point: str, clock: Clock) -> None:
        self._role = role
        self._point = point
        self._clock = clock
        self._post: Post | None = None
        self.kind: str | None = None

    def attend(self, post: Post) -> None:
        """Begin anew: tell `post` from now on."""
        self._post, self.kind = post, None

    def tell(self, reason: str, kind: str = AWAY) -> None:
        """It suffers from `reason`; told unless it has suffered from that kind already.

        A lost link is one kind, whatever each try to open it again says.
        """
        if kind == self.kind or self._post is None:
            return
        self.kind = kind
        log.warning("kiosk.device_faulted", point=self._point, device=self._role.value, reason=reason)
        self._post(DeviceFaulted(at=self._clock.now(), device=self._role, reason=reason))

    def over(self) -> None:
        """It is well."""
        if self.kind is None or self._post is None:
            return
        self.kind = None
        log.info("kiosk.device_recovered", point=self._point, device=self._role.value)
        self._post(DeviceRecovered(at=self._clock.now(), device=self._role))
