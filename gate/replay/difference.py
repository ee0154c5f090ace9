"""Where today's core does not do what the journal recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gate.replay.entries import Entry

What = Literal["decision", "commands", "state", "event"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs at one entry. `recorded` and `now` are JSON-able."""

    seq: int
    at: str
    point: str
    kind: str
    what: What
    recorded: object
    now: object

    def told(self) -> dict[str, object]:
        """Tell it to machines."""
        return {
            "entry": self.seq,
            "at": self.at,
            "point": self.point,
            "kind": self.kind,
            "what": self.what,
            "recorded": self.recorded,
            "now": self.now,
        }

    def sides(self) -> tuple[str, str]:
        """Tell it to people, shortly: on each side what the other has not."""
        recorded, now = self.recorded, self.now
        if isinstance(recorded, list) and isinstance(now, list):
            before = [one for one in recorded if one not in now]
            after = [one for one in now if one not in recorded]
            return (_said(before), _said(after)) if before or after else (_said(recorded), _said(now))
        if isinstance(recorded, dict) and isinstance(now, dict):
            others = [key for key in recorded if recorded[key] != now.get(key)]
            return _said({key: recorded[key] for key in others}), _said({key: now.get(key) for key in others})
        return _said(recorded), _said(now)


def differs(entry: Entry, what: What, recorded: object, now: object) -> Difference:
    """Name the entry."""
    return Difference(entry.seq, entry.at, entry.point, entry.kind, what, recorded, now)


def _said(value: object) -> str:
    match value:
        case [] | None:
            return "nothing"
        case list():
            return ", ".join(_said(item) for item in value)
        case {"type": "Finding", "code": code}:
            return str(code)
        case {"type": name, **facts}:
            said = ", ".join(f"{key}={fact}" for key, fact in facts.items() if _is_short(fact))
            return f"{name}({said})" if said else str(name)
        case dict():
            return ", ".join(f"{key} {_said(item)}" for key, item in value.items())
        case _:
            return str(value)


def _is_short(fact: object) -> bool:
    return fact is not None and not isinstance(fact, list | dict)
