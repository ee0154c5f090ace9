"""What central may make of V: every corridor, by every way that leads to it, near and far."""

from __future__ import annotations

from gate.model import Corridor
from gate.sync.central.corridors import RiskGroup
from tests.secrecy.day import Fate

FAR = "Naxçıvan Muxtar Respublikası, Culfa rayonu, sərbəst zona"  # noqa: RUF001 - so is it written
"""A long way: a route as long as a payload is likely to hold."""

GREEN = Fate(Corridor.GREEN, RiskGroup.LOW)
FATES = (
    Fate(Corridor.GREEN, RiskGroup.MEDIUM),
    Fate(Corridor.BLUE, RiskGroup.LOW, drawn=True),
    Fate(Corridor.YELLOW, RiskGroup.MEDIUM, drawn=True),
    Fate(Corridor.YELLOW, RiskGroup.MEDIUM, drawn=True, destination=FAR, deadline_hours=7),
    Fate(Corridor.RED, RiskGroup.HIGH),
    Fate(Corridor.RED, RiskGroup.HIGH, destination=FAR, deadline_hours=240),
)
"""Beside GREEN for a low-risk importer that was not drawn, with which each is compared (7.0.1-7.0.4)."""
RED = FATES[-1]
