"""What the law leaves to central: data, never code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from gate.model import Corridor
from gate.sync.central.corridors import RiskGroup


@dataclass(frozen=True, slots=True)
class CentralPolicy:
    """One version of central's policy."""

    unknown_importer: RiskGroup = RiskGroup.HIGH
    """An importer never seen before; 10.1.2 puts those without imports into HIGH."""
    unknown_reason: str = "no imports on record (Rules 10.1.2)"
    draw_rates: dict[RiskGroup, float] = field(
        default_factory=lambda: {RiskGroup.LOW: 0.10, RiskGroup.MEDIUM: 0.50}
    )
    """How likely a declaration is drawn for a check. The caps of 6.6 bind whatever stands here."""
    selection_period: timedelta = timedelta(days=30)
    """Over which the share of checked importers is counted."""
    review_after: timedelta = timedelta(days=182)
    """MEDIUM and HIGH are looked at again every six months (6.2)."""
    verdict_validity: timedelta = timedelta(days=30)
    deadline_hours: dict[Corridor, int] = field(
        default_factory=lambda: {Corridor.YELLOW: 48, Corridor.RED: 24}
    )
    """To reach the destination (5.5.1); RED is bound to what YELLOW is (5.9)."""
    oldest_relayed: timedelta = timedelta(days=30)
    """How far back an upstream queue's received_at may lie."""
    permit_codes: tuple[str, ...] = ("0102", "0201", "0202", "0601", "0602", "3003", "3004", "9303")
    """Goods codes that need a certificate or permit named on the line (3.4.2)."""
    quarantined: tuple[tuple[str, str], ...] = (("0102", "XQ"), ("0201", "XQ"), ("0202", "XQ"))
    """(goods code prefix, origin) whose import is barred by disease or quarantine (3.4.4)."""
