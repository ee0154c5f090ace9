"""What a driver posted, and waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from gate.lanes.events import (
    BarrierMoved,
    BarrierPosition,
    Contact,
    ContactChanged,
    ContactState,
    Detector,
    DetectorChanged,
    DeviceEvent,
    DeviceFaulted,
    DeviceRecovered,
    Occupancy,
)

PATIENCE = 10.0
Kind = TypeVar("Kind", bound=DeviceEvent)


class Posted:
    """Pass it as `post`."""

    def __init__(self) -> None:
        self.events: list[DeviceEvent] = []
        self._changed = asyncio.Event()

    def __call__(self, event: DeviceEvent) -> None:
        """Keep it, and wake whoever waits."""
        self.events.append(event)
        self._changed.set()

    async def until(self, predicate: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Return once `predicate` holds; looked at after every event."""
        try:
            async with asyncio.timeout(seconds):
                while not predicate():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            told = "\n".join(str(event) for event in self.events)
            raise AssertionError(f"it never came; posted so far:\n{told}") from None

    def of(self, kind: type[Kind]) -> list[Kind]:
        """All events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def detector(self, detector: Detector) -> Occupancy | None:
        """What was last said of a detector."""
        said = [event.state for event in self.of(DetectorChanged) if event.detector is detector]
        return said[-1] if said else None

    def contact(self, contact: Contact) -> ContactState | None:
        """What was last said of a contact."""
        said = [event.state for event in self.of(ContactChanged) if event.contact is contact]
        return said[-1] if said else None

    @property
    def barrier(self) -> BarrierPosition | None:
        """What was last said of the barrier."""
        said = self.of(BarrierMoved)
        return said[-1].position if said else None

    @property
    def faulted(self) -> bool:
        """Whether more faults than recoveries were posted."""
        return len(self.of(DeviceFaulted)) > len(self.of(DeviceRecovered))


async def eventually(
    predicate: Callable[[], bool], seconds: float = PATIENCE, *, pause: float = 0.005
) -> None:
    """Return once `predicate` holds, for things that announce nothing (counters, lists, other threads)."""
    async with asyncio.timeout(seconds):
        while not predicate():  # noqa: ASYNC110  there is no event to wait for, which is why this exists
            await asyncio.sleep(pause)
