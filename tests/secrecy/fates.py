"""What central may make of V: every corridor, by every way that leads to it, near and far."""

from __future__ import annotations

from dataclasses import dataclass

from gate.model import Corridor
from gate.sync.central.corridors import RiskGroup
from gate.sync.central.policy import CentralPolicy


@dataclass(frozen=True)
class Fate:
    """What central makes of V, and what depends on it: the only thing in which two runs differ."""

    corridor: Corridor
    group: RiskGroup
    drawn: bool = False
    destination: str | None = None
    deadline_hours: int = 48

    def __str__(self) -> str:
        """For the test's name."""
        drawn, bound = "-drawn" if self.drawn else "", "-bound" if self.destination else ""
        return f"{self.corridor}-{self.group}{drawn}{bound}"

    @property
    def policy(self) -> CentralPolicy:
        """Central's policy, the same in every run. V's deadline is its own (`Traders.binding`)."""
        return CentralPolicy(draw_rates={RiskGroup.LOW: 0.5, RiskGroup.MEDIUM: 0.5})


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
