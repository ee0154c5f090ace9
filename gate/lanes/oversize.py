"""A vehicle too high for ordinary lanes: what the approach notes of it, and what the desk makes of that.

The lanes' own height detectors hold whoever comes to the wrong one all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gate.lanes import steps
from gate.lanes.events import Contact, Event
from gate.lanes.machine import Step
from gate.lanes.state import PointConfig, PointState
from gate.model import Finding, Outcome

SEEN = Finding("oversize", "9.1", Outcome.HOLD, "higher than ordinary lanes take: the height detector saw it")
"""Beside whatever else holds the vehicle: whoever finds it a lane later must know."""
NO_LANE = Finding(
    "no-oversize-lane",
    "9.1",
    Outcome.HOLD,
    "higher than ordinary lanes take, and no open lane that serves it takes oversize vehicles",
)


def was_seen(findings: Iterable[Finding]) -> bool:
    """Whether a visit's findings say that its vehicle is too high for ordinary lanes."""
    return any(finding.code in (SEEN.code, NO_LANE.code) for finding in findings)


def note(config: PointConfig, state: PointState, event: Event) -> Step:
    """Note of the vehicle that stands here that it is too high, once."""
    passage = state.passage
    if passage is None or passage.oversize:
        return Step(state)
    noted = replace(state, passage=replace(passage, oversize=True))
    return Step(noted, (steps.report("visit.oversize", config, noted, event),))


def is_coming(config: PointConfig, state: PointState) -> bool:
    """Whether the next vehicle counts as too high: it was seen, or a fitted detector does not say no."""
    blind = Contact.HEIGHT in config.fitted.contacts and Contact.HEIGHT not in state.inputs.normal
    return state.tall or blind
