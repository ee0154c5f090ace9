"""What of a site's configuration the workshop of repairs goes by."""

from __future__ import annotations

from datetime import timedelta

from gate.app.endings import endings_of
from gate.console.repairs.workshop import Bench
from gate.settings import SiteSettings


def bench_of(settings: SiteSettings) -> Bench:
    """The site's limits and names; its certificates are read anew at each look."""
    return Bench(
        settings.data,
        settings.retention.floor_bytes,
        timedelta(seconds=settings.policy.cache_max_age_seconds),
        settings.retention.personal_days,
        settings.keys.site_signing is not None,
        tuple(point.name for point in settings.points if point.camera or point.push),
        lambda: endings_of(settings),
    )
