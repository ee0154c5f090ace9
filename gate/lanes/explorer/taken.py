"""One step that was taken, as the laws look at it."""

from __future__ import annotations

from dataclasses import dataclass

from gate.lanes.commands import GrantRelease, RaiseBarrier, RaiseOnce
from gate.lanes.events import Event
from gate.lanes.machine import Step
from gate.lanes.state import PointConfig, PointState
from gate.model import Release


@dataclass(frozen=True, slots=True)
class Taken:
    """One step that was taken. `kind` is approach, terminal, entry or exit."""

    kind: str
    config: PointConfig
    before: PointState
    event: Event
    step: Step

    @property
    def is_lane(self) -> bool:
        """A point with a barrier."""
        return self.kind in ("entry", "exit")

    @property
    def raises(self) -> bool:
        """The step asks for a raise that every interlock stands before: all but an emergency's."""
        return self.has(RaiseBarrier, RaiseOnce)

    def granted(self) -> list[Release]:
        """Releases committed in this step."""
        return [command.release for command in self.step.commands if isinstance(command, GrantRelease)]

    def has(self, *kinds: type) -> bool:
        """Whether the step asks for any of these."""
        return any(isinstance(command, kinds) for command in self.step.commands)
