"""What an officer ticks when he releases: YELLOW is control of documents (5.6), RED is every form (5.8)."""

from __future__ import annotations

from gate.model import Corridor

CHECKLISTS: dict[Corridor, tuple[str, ...]] = {
    Corridor.YELLOW: (
        "short import declaration",
        "transport documents",
        "commercial documents",
        "permits and certificates",
    ),
    Corridor.RED: ("documents", "goods", "vehicle", "person", "seals"),
}

ORDERED = CHECKLISTS[Corridor.RED]
"""What an officer ticks who releases green or blue after a check that was ordered (4.4)."""

SEEN_BY_HAND = ("the plate, by sight", "the record of the visit")
"""What an officer who works a lane by hand looks at where its corridor asks for no control."""

KNOWN = frozenset(thing for things in (*CHECKLISTS.values(), ORDERED, SEEN_BY_HAND) for thing in things)
"""Whatever else was checked is in the officer's own words, and may name anybody."""
