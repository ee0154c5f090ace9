"""What every test shares: how hypothesis goes about its work, and a log nobody has closed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

# CI's two cores are shared: how long inputs take to make, or an example to run, says nothing of the code.
settings.register_profile("gate", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gate")


@pytest.fixture(autouse=True)
def _log_as_found() -> Iterator[None]:
    """A command run in this process sets up its log on this test's stderr, which the next test has not."""
    before = structlog.get_config() if structlog.is_configured() else None
    yield
    structlog.reset_defaults()
    if before is not None:
        structlog.configure(**before)
