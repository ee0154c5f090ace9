"""What every test shares: how hypothesis goes about its work, and a log nobody has closed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

# CI's two cores are shared: how long inputs take to make, or an example to run, says nothing of the code.
_CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same inputs in every run of one commit: a change is judged by what it changed, not by luck.
settings.register_profile("gate", _CALM, derandomize=True)
# `make fuzz`: other inputs each time, more of them; what it finds is mended and kept as an example.
settings.register_profile("fuzz", _CALM, max_examples=500)
settings.load_profile(os.environ.get("GATE_HYPOTHESIS", "gate"))


_LONGEST = ("scenarios/", "glass/", "app/", "lanes/test_explorer.py", "kiosk/", "console/")
"""Begun first, in this order, so that neither of two processes is left with them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole files are moved, so that what a file's tests share is made once."""

    def turn(item: pytest.Item) -> int:
        here = item.path.relative_to(Path(__file__).parent).as_posix()
        return next((at for at, name in enumerate(_LONGEST) if here.startswith(name)), len(_LONGEST))

    items.sort(key=turn)


@pytest.fixture(autouse=True)
def _log_as_found() -> Iterator[None]:
    """A command run in this process sets up its log on this test's stderr, which the next test has not."""
    before = structlog.get_config() if structlog.is_configured() else None
    yield
    structlog.reset_defaults()
    if before is not None:
        structlog.configure(**before)
