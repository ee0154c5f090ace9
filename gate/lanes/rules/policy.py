"""What the law leaves to the service: versioned data, never code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from gate.model import TransportMode

LAW_LEAD_TIME = timedelta(hours=1)
"""Rules 2.2: at least one hour before the goods cross."""


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
    clock_max_offset: timedelta = timedelta(seconds=120)
    """A box whose clock is further from central's, at worst, holds every vehicle: somebody must set it."""
