"""The Rules' policy out of its section of the site configuration."""

from __future__ import annotations

from datetime import timedelta

from gate.lanes.rules.policy import Policy
from gate.model import TransportMode
from gate.settings.site import PolicySettings


def policy_from(chosen: PolicySettings) -> Policy:
    """Put a configured policy into the form in which the Rules are given it."""
    return Policy(
        chosen.version,
        {mode: chosen.lead_time(mode) for mode in TransportMode},
        timedelta(seconds=chosen.cache_max_age_seconds),
        chosen.trailer_required,
        chosen.undeclared_trailer_holds,
        chosen.groupage,
        chosen.near_match,
        timedelta(seconds=chosen.clock_max_offset_seconds),
    )
