"""What a decision was taken on, kept with it: enough to take it again years later, and no secret more."""

from __future__ import annotations

import json
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from gate.lanes import oversize
from gate.lanes.rules.decide import RULES_VERSION, decide
from gate.lanes.rules.facts import Facts, hold
from gate.lanes.rules.policy import Policy
from gate.model import CorridorVerdict, Decision, Outcome


@dataclass(frozen=True, slots=True)
class Basis:
    """The policy as it was, and the facts; or the fault for which there were none."""

    policy: Policy
    facts: Facts | None
    fault: str = ""


_BASIS = TypeAdapter(Basis)


def decided_on(basis: Basis) -> Decision:
    """Decide. Facts that could not be gathered are a fault, and a fault is HOLD (law 3)."""
    if basis.facts is None:
        fault = hold("fault", "3.3", f"the gate could not decide: {basis.fault}")
        return Decision(Outcome.HOLD, None, (fault,), (), RULES_VERSION, basis.policy.version)
    return decide(basis.facts, basis.policy)


def answered(decision: Decision, *, has_lane: bool, too_high: bool) -> Decision:
    """Tell what becomes of a decision: where no open lane serves the vehicle it is held, corridor unspoken.

    A vehicle too high for ordinary lanes that is held for something else keeps that beside it.
    """
    if decision.outcome is Outcome.DIRECT and not has_lane:
        closed = hold("no-open-lane", "9.1", "no open lane serves this vehicle's corridor")
        closed = oversize.NO_LANE if too_high else closed
        return replace(decision, outcome=Outcome.HOLD, findings=(*decision.findings, closed))
    if decision.outcome is Outcome.HOLD and too_high:
        return replace(decision, findings=(*decision.findings, oversize.SEEN))
    return decision


def dump_basis(basis: Basis) -> str:
    """Write canonical JSON. Of verdicts it has that one was there; of opened ones the corridor alone."""
    return json.dumps(_lean(basis), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def load_basis(text: str) -> Basis:
    """Read a basis back. Raises ValueError when it is none of today's."""
    return _BASIS.validate_json(text)


_PLAIN = (str, bool, int, float, type(None))


def _lean(value: object) -> object:
    """JSON-able data without type names, and without what is empty anyway."""
    if type(value) in _PLAIN:  # most of it, and a vehicle waits
        return value
    match value:
        case Enum():
            return value.value
        case bytes():
            return ""  # seals and signatures are nothing the Rules look at, and may not leave the cache (3.6)
        case CorridorVerdict():
            # Whatever else was sealed beside the corridor stays behind the door (6.4, 6.8).
            return _fields_of(CorridorVerdict(value.number, value.corridor, None, None))
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case tuple():
            return [_lean(item) for item in value]
        case AbstractSet():
            return sorted(str(_lean(item)) for item in value)
        case dict():
            return {str(_lean(key)): _lean(item) for key, item in value.items()}
        case _ if is_dataclass(value):
            return _fields_of(value)
        case _:
            return value


def _fields_of(value: object) -> dict[str, object]:
    found: dict[str, object] = {}
    kind: Any = type(value)
    for name, default in _defaults(kind):
        item = getattr(value, name)
        if item == default and item in (None, (), ""):
            continue  # only emptiness is left out: another default may be another one tomorrow
        if default == b"":
            continue  # a signature: whatever it is, it does not get in
        found[name] = _lean(item)
    return found


@cache
def _defaults(kind: type) -> tuple[tuple[str, object], ...]:
    return tuple((one.name, one.default if one.default is not MISSING else ...) for one in fields(kind))
