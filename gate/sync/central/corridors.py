"""Which corridor a declaration uses (Rules 7.0): one pure function."""

from __future__ import annotations

from dataclasses import dataclass

from gate.model import Corridor, RiskGroup

__all__ = ["Assignment", "RiskGroup", "corridor_for"]


@dataclass(frozen=True, slots=True)
class Assignment:
    """The corridor of one version, and what it rests on. It leaves central sealed, or not at all (3.6)."""

    corridor: Corridor
    group: RiskGroup
    selected: bool


def corridor_for(group: RiskGroup, *, selected: bool) -> tuple[Corridor, str]:
    """The corridor for the goods of an importer of `group`, and the Rules number it rests on.

    `selected`: drawn for a customs check within the caps of 6.6. High-risk importers are checked
    always (6.7), so for them it makes no difference.
    """
    match group, selected:
        case RiskGroup.HIGH, _:
            return Corridor.RED, "7.0.4"
        case RiskGroup.MEDIUM, True:
            return Corridor.YELLOW, "7.0.3"
        case RiskGroup.LOW, True:
            return Corridor.BLUE, "7.0.2"
        case _:
            return Corridor.GREEN, "7.0.1"
