"""What a point is fitted with. Inputs that are not fitted are never waited for; those that are, always."""

from __future__ import annotations

from dataclasses import dataclass

from gate.lanes.events import Contact, Detector


@dataclass(frozen=True, slots=True)
class Fitted:
    """The inputs of one point. `feedback`: the barrier's limit switches tell where it is."""

    detectors: frozenset[Detector]
    contacts: frozenset[Contact] = frozenset()
    barrier: bool = True
    feedback: bool = True


LANE = Fitted(frozenset({Detector.ARMING, Detector.SAFETY}))
"""The least a barrier lane can do with."""
APPROACH = Fitted(frozenset({Detector.ARMING}), barrier=False, feedback=False)
"""The least an approach can do with."""
