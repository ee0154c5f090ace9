"""Where held vehicles wait: one or several places, what each takes, and who is there or on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from gate.lanes.commands import UpdateVisit
from gate.lanes.machine import Step
from gate.model import Visit, VisitStatus

BAY = "holding-bay"
"""The point name under which the journal keeps what happens there."""


@dataclass(frozen=True, slots=True)
class Place:
    """A holding place by its label on the ground; `places` vehicles fit, or nobody has counted (None)."""

    label: str
    places: int | None = None


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A holding place now. `waiting` counts the vehicles there and on the way."""

    label: str
    places: int | None
    waiting: int
    overfull: bool


class HoldingPlaces:
    """Follows held vehicles from the approach to the bay and out of it.

    Carriers of baggage stay on foot at their terminal, so visits from `on_foot` points take no place.
    """

    def __init__(self, places: Sequence[Place], on_foot: Collection[str] = ()) -> None:
        self._places = tuple(places)
        self._labels = frozenset(place.label for place in places)
        self._on_foot = frozenset(on_foot)
        self._place_of: dict[str, str] = {}
        self.tipped: asyncio.Queue[str] = asyncio.Queue()
        """Visits whose vehicle was one more than all places take."""

    def load(self, visits: Iterable[Visit]) -> None:
        """Begin with the visits the journal knows."""
        for visit in visits:
            if visit.status is VisitStatus.HELD and visit.point not in self._on_foot:
                self._place_of[visit.visit_id] = self._label(visit.lane)

    def note(self, point: str, step: Step) -> None:
        """Follow the visits a step has changed."""
        for command in step.commands:
            if not isinstance(command, UpdateVisit) or command.status is None:
                continue
            if command.status is not VisitStatus.HELD:
                self._place_of.pop(command.visit_id, None)
            elif command.visit_id and point not in self._on_foot and (point != BAY or command.lane):
                self._enter(command.visit_id, self._label(command.lane))

    def _enter(self, visit_id: str, label: str) -> None:
        new = visit_id not in self._place_of
        self._place_of[visit_id] = label
        if new and self.overfull:
            self.tipped.put_nowait(visit_id)

    def _label(self, label: str | None) -> str:
        """A hold before any identification goes to the first place, as boards say."""
        return label if label in self._labels and label is not None else self._places[0].label

    def choose(self) -> str | None:
        """Pick the place with the most room, in the order they are named; None when there is but one."""
        if len(self._places) == 1:
            return None
        uncounted = float("inf")
        room = {
            place.label: (uncounted if place.places is None else place.places) - self.waiting(place.label)
            for place in self._places
        }
        return max(room, key=lambda label: room[label])

    def waiting(self, label: str) -> int:
        """Count the vehicles at a place or on the way there."""
        return sum(1 for its in self._place_of.values() if its == label)

    @property
    def overfull(self) -> bool:
        """More vehicles are held than all places together take."""
        counted = [place.places for place in self._places if place.places is not None]
        return len(counted) == len(self._places) and len(self._place_of) > sum(counted)

    def view(self) -> tuple[PlaceView, ...]:
        """Every place now."""
        return tuple(self._view(place, self.waiting(place.label)) for place in self._places)

    @staticmethod
    def _view(place: Place, waiting: int) -> PlaceView:
        return PlaceView(
            place.label, place.places, waiting, place.places is not None and waiting > place.places
        )
