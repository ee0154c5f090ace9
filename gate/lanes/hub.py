"""Tells everybody who watches that the checkpoint has changed; and who is on the way to which lane."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

from gate.lanes.commands import UpdateVisit
from gate.lanes.machine import Step
from gate.model import Visit, VisitStatus


class Hub:
    """A version number that grows with every change. Watchers may miss versions, never the last."""

    def __init__(self) -> None:
        self.version = 0
        self._changed = asyncio.Event()

    def change(self) -> None:
        """Wake every watcher."""
        self.version += 1
        waiting, self._changed = self._changed, asyncio.Event()
        waiting.set()

    async def changes(self) -> AsyncIterator[int]:
        """Yield the version at once, and again after each change."""
        seen = -1
        while True:
            waiting = self._changed
            if self.version == seen:
                await waiting.wait()
            seen = self.version
            yield seen


class Queues:
    """Vehicles directed to a lane that have not been released there yet, for balancing (9.3)."""

    def __init__(self) -> None:
        self._lane_of: dict[str, str] = {}
        self._turns: dict[str, int] = {}
        self._turn = 0

    def load(self, visits: Iterable[Visit]) -> None:
        """Begin with the visits the journal knows."""
        for visit in visits:
            if visit.status is VisitStatus.DIRECTED and visit.lane is not None:
                self._lane_of[visit.visit_id] = visit.lane
                self.take_turn(visit.lane)

    def take_turn(self, lane: str) -> None:
        """Note that a vehicle is being sent to `lane`: among equals the others come first now."""
        self._turn += 1
        self._turns[lane] = self._turn

    def turn(self, lane: str) -> int:
        """Tell when `lane` had its last turn: a number that grows, 0 when it had none."""
        return self._turns.get(lane, 0)

    def note(self, step: Step) -> None:
        """Follow the visits a step has changed."""
        for command in step.commands:
            if isinstance(command, UpdateVisit) and command.status is not None:
                if command.status is VisitStatus.DIRECTED and command.lane is not None:
                    self._lane_of[command.visit_id] = command.lane
                else:
                    self._lane_of.pop(command.visit_id, None)

    def length(self, lane: str) -> int:
        """Count the vehicles on their way to `lane`."""
        return sum(1 for name in self._lane_of.values() if name == lane)
