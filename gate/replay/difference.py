"""Where today's core does not do what the journal recorded."""

from __future__ import annotations

import json
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
        """Tell it to people: of two lists only what the other has not."""
        if isinstance(self.recorded, list) and isinstance(self.now, list):
            before = [item for item in self.recorded if item not in self.now]
            after = [item for item in self.now if item not in self.recorded]
            if before or after:
                return _said(before), _said(after)
        return _said(self.recorded), _said(self.now)


def differs(entry: Entry, what: What, recorded: object, now: object) -> Difference:
    """Name the entry."""
    return Difference(entry.seq, entry.at, entry.point, entry.kind, what, recorded, now)


def _said(value: object) -> str:
    match value:
        case str():
            return value
        case []:
            return "nothing"
        case list():
            return "; ".join(_said(item) for item in value)
        case {"type": str() as name, **rest}:
            said = ", ".join(f"{key}={_short(item)}" for key, item in rest.items() if item is not None)
            return f"{name}({said})"
        case dict():
            return ", ".join(f"{key} {_short(item)}" for key, item in value.items())
        case _:
            return _short(value)


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
