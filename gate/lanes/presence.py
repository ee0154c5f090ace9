"""When a vehicle first stood at the checkpoint, on central's clock: lead time runs on that one (2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gate.clock_trust import Reading
from gate.lanes.ports import Presence
from gate.lanes.rules.facts import ClockFacts


@dataclass(frozen=True, slots=True)
class Times:
    """The moments the Rules compare, on central's clock where it is known, and how well it is."""

    now: datetime
    first_presence: datetime
    clock: ClockFacts


def times(presences: Sequence[Presence], reading: Reading) -> Times:
    """Put a decision's moments on central's clock; of several presences of one stay the earliest counts.

    Within one boot of the machine the monotonic clock carries a presence across every step of UTC. A
    presence of an earlier boot counts as it was known then; was it not, nobody can tell it any more.
    """
    if reading.offset is None:
        first = min((presence.utc for presence in presences), default=reading.now.utc)
        return Times(reading.now.utc, first, ClockFacts())
    now = reading.now.utc + reading.offset
    known = [on_central(presence, reading) for presence in presences]
    told = [moment for moment in known if moment is not None]
    if not told or len(told) < len(known):
        first = min((presence.utc for presence in presences), default=reading.now.utc)
        return Times(now, first, ClockFacts(reading.offset, reading.uncertainty))
    came, uncertainty = min(told, key=lambda moment: moment[0] - moment[1])
    return Times(now, came, ClockFacts(reading.offset, reading.uncertainty, uncertainty))


def on_central(presence: Presence, reading: Reading) -> tuple[datetime, timedelta] | None:
    """Tell a presence on central's clock and what that may be wrong by, either way; None if nobody can."""
    if presence.mono is not None and presence.boot == reading.boot:
        return reading.central(presence.mono)
    return None if presence.central is None else (presence.central, presence.uncertainty)
