"""Which of a corridor's lanes a vehicle is sent to: the shortest queue, equals turn by turn (9.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gate.lanes.desk import LaneChoice
from gate.lanes.events import DeviceRole
from gate.lanes.hub import Queues
from gate.lanes.runtime import PointRuntime
from gate.lanes.state import Phase, serves, takes_vehicles
from gate.model import Corridor


@dataclass(frozen=True, slots=True)
class LaneNow:
    """One lane as far as sending somebody there goes."""

    name: str
    label: str
    serves: bool
    """In service and its devices there: a lane in fault or closed is offered to nobody."""
    hindered: bool
    """Its board or camera is away, or it is finding its rest: only where no other lane serves."""
    queue: int
    turn: int
    """Grows with every vehicle sent anywhere; 0 when nobody was sent here yet."""


def fairest(lanes: Iterable[LaneNow]) -> LaneNow | None:
    """Pick the serving lane with the shortest queue; among equals the one whose turn is longest ago."""
    serving = [lane for lane in lanes if lane.serves]
    return min(serving, key=lambda lane: (lane.hindered, lane.queue, lane.turn), default=None)


def lane_now(point: PointRuntime, queues: Queues) -> LaneNow:
    """Look at one lane."""
    state, config = point.state, point.machine.config
    in_service = takes_vehicles(state)
    return LaneNow(
        config.name,
        config.label,
        in_service and DeviceRole.IO not in state.faults,
        bool(state.faults) or state.phase is Phase.RECOVERY,
        queues.length(config.name),
        queues.turn(config.name),
    )


@dataclass(frozen=True, slots=True)
class Balancer:
    """The desk's ChooseLane over the running lanes."""

    points: Mapping[str, PointRuntime]
    queues: Queues

    def choose(self, corridor: Corridor, *, oversize: bool = False) -> LaneChoice | None:
        """Choose a lane for this corridor, and note whose turn it was; None when no lane serves."""
        best = self._best(corridor, None, oversize=oversize)
        if best is None:
            return None
        # Noted at once: the next vehicle may be decided before this one's direction is committed.
        self.queues.take_turn(best.name)
        return LaneChoice(best.name, best.label)

    def on_foot(self, corridor: Corridor) -> LaneChoice | None:
        """Choose for somebody who needs no barrier: any lane in service, whatever its devices say."""
        lanes = (
            point
            for point in self.points.values()
            if corridor in serves(point.machine.config, point.state) and takes_vehicles(point.state)
        )
        first = next(lanes, None)
        return None if first is None else LaneChoice(first.name, first.machine.config.label)

    def another(self, corridor: Corridor, than: str) -> LaneChoice | None:
        """Choose among this corridor's other lanes: for those who were on their way to `than`."""
        best = self._best(corridor, than)
        return None if best is None else LaneChoice(best.name, best.label)

    def _best(self, corridor: Corridor, but: str | None, *, oversize: bool = False) -> LaneNow | None:
        return fairest(
            lane_now(point, self.queues)
            for name, point in self.points.items()
            if name != but
            and corridor in serves(point.machine.config, point.state)
            and (point.machine.config.takes_oversize or not oversize)
        )
