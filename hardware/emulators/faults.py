"""What can befall any emulated device, and waiting for what it does."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable


class Faults:
    """Fault injection, and word of every change. All on the loop's thread."""

    def __init__(self) -> None:
        self.muted = False
        """The device is powered and linked, and says nothing (nor does what it is told)."""
        self.plugged = True
        self.boot_id = uuid.uuid4().hex[:12]
        self._listeners: list[Callable[[], None]] = []
        self._changed = asyncio.Event()

    def mute(self) -> None:
        """Stop answering."""
        self.muted = True
        self.changed()

    def unmute(self) -> None:
        """Answer again."""
        self.muted = False
        self.changed()

    def unplug(self) -> None:
        """Cut the link."""
        self.plugged = False
        self.changed()

    def plug(self) -> None:
        """Put the link back."""
        self.plugged = True
        self.changed()

    def reboot(self) -> None:
        """Start anew under a new boot id; inputs and position are physical and stay."""
        self.boot_id = uuid.uuid4().hex[:12]
        self.changed()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change."""
        self._listeners.append(listener)

    def changed(self) -> None:
        """Tell the listeners and whoever waits."""
        self._changed.set()
        for listener in list(self._listeners):
            listener()

    async def wait_until(self, predicate: Callable[[], bool], timeout: float = 5.0) -> None:  # noqa: ASYNC109  the emulators' one waiting door
        """Return once `predicate` holds, looked at after every change; TimeoutError when it never does."""
        async with asyncio.timeout(timeout):
            while not predicate():
                self._changed.clear()
                await self._changed.wait()
