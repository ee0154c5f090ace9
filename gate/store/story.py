"""A journal entry in a line, for officers; what is personal in it may have been erased."""

from __future__ import annotations

import json
from typing import Any

_ERASED = "erased"


def tell(kind: str, body: str) -> str:
    """One journal entry in a line for officers."""
    facts = json.loads(body)
    if kind == "Act":
        act = facts["act"]
        done = "" if facts["done"] else f" - refused: {facts.get('message', _ERASED)}"
        two = f" and {act['second']}" if act.get("second") else ""
        return f"{act['officer']}{two}: {act['type']}{done}"
    if kind == "CallEscalated":
        return f"nobody came: call raised to level {facts['level']} ({facts.get('reason', _ERASED)})"
    if kind == "CheckOrdered" and "source" in facts:
        return f"{facts['officer']} ordered a check ({facts['source']})"
    if kind == "Crossing":
        return f"crossing confirmed: {facts['direction']}"
    if kind in ("Help", "ClonedPlate"):
        return str(facts.get("what", f"{kind}: {_ERASED}"))
    if kind == "Decided":
        return _tell_decided(facts)
    moved = f" ({facts['from']} to {facts['to']})" if facts.get("from") != facts.get("to") else ""
    asked = ", ".join(str(command["type"]) for command in facts.get("commands", ()))
    return f"{kind}{moved}" + (f": {asked}" if asked else "")


def _tell_decided(facts: dict[str, Any]) -> str:
    """How the gate knew who had come, and what became of it."""
    event = facts.get("event") or facts
    outcome = event["decision"]["outcome"] if "decision" in event else "DECIDED"
    who = event.get("identification")
    if who is None:
        return f"decided: {outcome}"
    told = (
        f"decided: {outcome}; identified by {', '.join(who.get('by', ()))}, {who.get('certainty', _ERASED)}"
    )
    # Both name plates and people, so an entry may outlive them.
    supports, contradicts = who.get("supports"), who.get("contradicts")
    told += f": {'; '.join(supports)}" if supports else ""
    return told + (f". Against it: {'; '.join(contradicts)}" if contradicts else "")
