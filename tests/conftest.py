"""What every test shares: how hypothesis goes about its work."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# CI's two cores are shared: how long inputs take to make, or an example to run, says nothing of the code.
settings.register_profile("gate", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gate")
