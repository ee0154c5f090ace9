"""One point's machine, stepped again by the events it was told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gate.lanes.diagram import MACHINES
from gate.lanes.machine import Machine, Step, TableError
from gate.lanes.record import digest, plain
from gate.lanes.recorded import read_beginning, read_event
from gate.lanes.state import PointState
from gate.replay.difference import Difference, differs
from gate.replay.entries import Entry


class PointReplay:
    """Follows one point. A state that diverges is told once: then the point is lost.

    A lost point goes on stepping, untold, until its state is the recorded one again - most are at the
    vehicle's end - or until the next entry with a beginning.
    """

    def __init__(self) -> None:
        self._machine: Machine | None = None
        self._state = PointState()
        self._lost = False

    def forget(self) -> None:
        """Nothing is known of the point until its next beginning: an event could not be read."""
        self._machine = None

    def take(self, entry: Entry) -> list[Difference] | None:
        """Step again and compare; None where no beginning has been met yet."""
        found: list[Difference] = []
        begins = entry.body.get("begins")
        if begins is not None:
            found += self._begin(entry, begins)
        elif self._machine is None:
            return None
        if self._machine is not None:
            found += self._step(entry, self._machine)
        return found

    def _begin(self, entry: Entry, told: Mapping[str, Any]) -> list[Difference]:
        following = self._machine is not None and not self._lost
        try:
            beginning = read_beginning(told)
            machine = Machine(entry.point, MACHINES[beginning.kind], beginning.config)
        except (ValueError, KeyError) as error:
            self.forget()
            return [differs(entry, "event", told, f"today's core cannot begin here: {error}")]
        left, self._machine, self._state = self._state, machine, beginning.state
        self._lost = False
        if not following or digest(left) == digest(beginning.state):
            return []
        # What it was restored with is not what the last step on record left.
        return [differs(entry, "state", _named(beginning.state), _named(left))]

    def _step(self, entry: Entry, machine: Machine) -> list[Difference]:
        body, before = entry.body, self._state
        try:
            step = machine.step(before, read_event(body["event"]))
        except ValueError as error:
            self.forget()
            return [differs(entry, "event", body["event"], f"today's core cannot read this event: {error}")]
        except TableError as error:
            was_lost, self._lost = self._lost, True
            return [] if was_lost else [differs(entry, "state", _recorded(body), f"no step: {error}")]
        self._state = step.state
        now = {"from": before.phase.value} | _named(step.state)
        was_lost, self._lost = self._lost, now["state"] != body.get("state")
        return [] if was_lost else _compared(entry, step, now)


def _compared(entry: Entry, step: Step, now: dict[str, object]) -> list[Difference]:
    found = []
    recorded, commands = entry.body.get("commands"), plain(step.commands)
    if commands != recorded:
        found.append(differs(entry, "commands", recorded, commands))
    if now != (kept := _recorded(entry.body)):
        found.append(differs(entry, "state", kept, now))
    return found


def _recorded(body: Mapping[str, Any]) -> dict[str, object]:
    return {"from": body["from"], "phase": body["to"], "state": body.get("state")}


def _named(state: PointState) -> dict[str, object]:
    return {"phase": state.phase.value, "state": digest(state)}
