"""A journal's entries through today's core, one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from gate.lanes.rules.decide import RULES_VERSION
from gate.replay.deciding import compared, taken
from gate.replay.difference import Difference
from gate.replay.entries import Entry
from gate.replay.points import PointReplay
from gate.replay.would import Outlook


@dataclass(slots=True)
class Replay:
    """What was found. `steps` and `decisions` were replayed; what could not be is counted beside them."""

    entries: int = 0
    steps: int = 0
    decisions: int = 0
    differences: list[Difference] = field(default_factory=list)
    erased: int = 0
    """Steps and decisions whose personal part was erased."""
    out_of_reach: int = 0
    """Recorded before there was something to begin from, or after an erased entry of the same point."""
    begins_at: int | None = None
    """The first entry that replay could begin at."""
    rules: Counter[str] = field(default_factory=Counter)
    """Decisions by the edition of the rules that took them."""
    outlook: Outlook | None = None
    first: str | None = None
    last: str | None = None

    @property
    def recorded_seconds(self) -> float:
        """From the first entry to the last."""
        if self.first is None or self.last is None:
            return 0.0
        span = datetime.fromisoformat(self.last) - datetime.fromisoformat(self.first)
        return max(0.0, span.total_seconds())

    @property
    def is_possible(self) -> bool:
        """Whether anything could be replayed, or there was nothing to replay."""
        return bool(self.steps or self.decisions) or not (self.erased or self.out_of_reach)

    def told(self, seconds: float) -> dict[str, object]:
        """Tell it to machines, with the seconds it took."""
        return {
            "entries": self.entries,
            "steps": self.steps,
            "decisions": self.decisions,
            "differences": [difference.told() for difference in self.differences],
            "erased": self.erased,
            "not_replayable": {"entries": self.out_of_reach, "before": self.begins_at},
            "rules": {"now": RULES_VERSION, "recorded": dict(self.rules)},
            "policy": self.outlook.told() if self.outlook else None,
            "seconds": round(seconds, 3),
            "recorded_seconds": self.recorded_seconds,
            "ratio": round(self.recorded_seconds / seconds, 1) if seconds else None,
        }


def replay(entries: Iterable[Entry], outlook: Outlook | None = None) -> Replay:
    """Step every point again, take every decision again; `outlook` is shown each decision too."""
    result = Replay(outlook=outlook)
    points: dict[str, PointReplay] = {}
    for entry in entries:
        result.entries += 1
        result.first = result.first or entry.at
        result.last = entry.at
        if not (entry.is_step or entry.is_settled):
            continue
        if not entry.whole:
            result.erased += 1
            points.setdefault(entry.point, PointReplay()).forget()
            continue
        reached = _step(result, points, entry) if entry.is_step else True
        if entry.kind == "Decided" and not _decide(result, entry) and reached:
            result.out_of_reach += 1
    return result


def _step(result: Replay, points: dict[str, PointReplay], entry: Entry) -> bool:
    if result.begins_at is None and "begins" in entry.body:
        result.begins_at = entry.seq
    found = points.setdefault(entry.point, PointReplay()).take(entry)
    if found is None:
        result.out_of_reach += 1
        return False
    result.steps += 1
    result.differences += found
    return True


def _decide(result: Replay, entry: Entry) -> bool:
    one = taken(entry)
    match one:
        case None:
            return False
        case Difference():
            result.differences.append(one)
        case _:
            result.decisions += 1
            result.rules[one.event.decision.rules_version] += 1
            result.differences += compared(one)
            if result.outlook is not None:
                result.outlook.consider(one)
    return True
