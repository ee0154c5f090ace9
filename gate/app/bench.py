"""What of a site's configuration the workshop of repairs goes by."""

from __future__ import annotations

from datetime import timedelta

from gate.anpr.supervisor import PlateReaders
from gate.app.endings import endings_of
from gate.console.repairs.sight import Sight
from gate.console.repairs.workshop import Bench
from gate.settings import SiteSettings


def bench_of(settings: SiteSettings, readers: PlateReaders) -> Bench:
    """The site's limits and names; certificates and cameras' pictures are looked at anew each time."""
    return Bench(
        settings.data,
        settings.retention.floor_bytes,
        timedelta(seconds=settings.policy.cache_max_age_seconds),
        settings.retention.personal_days,
        settings.keys.site_signing is not None,
        tuple(point.name for point in settings.points if point.camera or point.push),
        lambda: endings_of(settings),
        lambda: _sights(readers),
    )


def _sights(readers: PlateReaders) -> tuple[Sight, ...]:
    return tuple(
        Sight(
            f"{name.removesuffix('/rear')}, {'rear camera' if name.endswith('/rear') else 'camera'}",
            quality.sharpness,
            quality.contrast,
            quality.burnt,
            quality.dark,
            quality.clipped,
        )
        for name, quality in readers.qualities.items()
    )
