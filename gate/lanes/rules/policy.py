"""What the law leaves to the service: versioned data, never code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from gate.model import TransportMode

LAW_LEAD_TIME = timedelta(hours=1)
"""Rules 2.2: at least one hour before the goods cross."""


class Groupage(StrEnum):
    """What several notifications on one plate lead to, every one of them usable."""

    STRICTEST = "strictest"
    """The strictest verdict sets the lane; each consignment keeps its own corridor on record (4.3)."""
    HOLD = "hold"
    """An officer looks at the vehicle first."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the checkpoint's policy."""

    version: str
    lead_times: dict[TransportMode, timedelta] = field(
        default_factory=lambda: dict.fromkeys(TransportMode, LAW_LEAD_TIME)
    )
    cache_max_age: timedelta = timedelta(minutes=15)
    """Older than this the cache holds every vehicle."""
    trailer_required: bool = False
    """A vehicle declared with a trailer is held unless the rear camera read it or an officer saw it."""
    undeclared_trailer_holds: bool = False
    """A vehicle whose rear plate was surely read, and is declared with none of its declarations, is held."""
    groupage: Groupage = Groupage.STRICTEST
    near_match: bool = True
    """Declared marks that are almost the one that was read are named to officers. They open nothing."""
    clock_max_offset: timedelta = timedelta(seconds=120)
    """A box whose clock is further from central's, at worst, holds every vehicle: somebody must set it."""
