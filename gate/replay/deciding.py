"""Decisions taken again on what they were taken on."""

from __future__ import annotations

from dataclasses import dataclass

from gate.lanes.basis import Basis, answered, decided_on, load_basis
from gate.lanes.events import Decided
from gate.lanes.holding import settle
from gate.lanes.record import plain
from gate.lanes.recorded import read_decided
from gate.model import Corridor, Decision
from gate.replay.difference import Difference, differs
from gate.replay.entries import Entry


@dataclass(frozen=True, slots=True)
class Taken:
    """A recorded decision with its basis."""

    entry: Entry
    event: Decided
    basis: Basis


def taken(entry: Entry) -> Taken | Difference | None:
    """Read the entry's decision; None when it was recorded without its basis, or is none."""
    told = entry.body.get("event")
    if not isinstance(told, dict) or not told.get("basis"):
        return None
    try:
        event = read_decided(told)
        return Taken(entry, event, load_basis(event.basis))
    except ValueError as error:
        why = f"today's core cannot read what it was decided on: {error}"
        return differs(entry, "decision", told["basis"], why)


def again(event: Decided, basis: Basis) -> Decision:
    """Decide as the desk does; which lane was open then is an input, not a decision."""
    return answered(decided_on(basis), has_lane=event.lane is not None, too_high=event.oversize)


def compared(one: Taken) -> list[Difference]:
    """Decide again. The edition of the rules is counted elsewhere: the same outcome is no difference."""
    found: list[Difference] = []
    recorded, now = _result(one.event.decision), _result(again(one.event, one.basis))
    if recorded != now:
        found.append(differs(one.entry, "decision", recorded, now))
    if one.entry.is_settled:
        body = one.entry.body
        records = plain(settle(one.event.visit_id, body.get("mark"), one.event, str(body.get("officer"))))
        if records != body.get("commands"):
            found.append(differs(one.entry, "commands", body.get("commands"), records))
    return found


def _result(decision: Decision) -> dict[str, object]:
    return {
        "outcome": decision.outcome.value,
        "corridor": decision.corridor.value if isinstance(decision.corridor, Corridor) else None,
        "findings": plain(decision.findings),
        "numbers": list(decision.numbers),
        "policy": decision.policy_version,
    }
