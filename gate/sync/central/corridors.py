"""Which corridor a declaration uses (Rules 7.0): one pure function."""

from __future__ import annotations

from enum import StrEnum

from gate.model import Corridor


class RiskGroup(StrEnum):
    """An importer's risk group (6.1). Known to central only; never sent to a checkpoint (6.4)."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"

    @property
    def cap_percent(self) -> int:
        """How many in a hundred of the group's importers may be checked (6.6.1, 6.6.2, 6.7)."""
        match self:
            case RiskGroup.LOW:
                return 10
            case RiskGroup.MEDIUM:
                return 50
            case RiskGroup.HIGH:
                return 100


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
