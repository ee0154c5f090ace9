"""Lanes keep their deadlines by the monotonic clock alone: whoever sets UTC moves nothing."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gate.clock import Instant
from gate.lanes.diagram import MACHINES
from gate.lanes.events import Event
from gate.lanes.explorer import EVERYTHING, VARIANTS, Variant
from gate.lanes.explorer.alphabet import STARTED, alphabet
from gate.lanes.machine import Machine, Step
from gate.lanes.record import canonical
from gate.lanes.state import PointState

STEPS, ANEW = 2000, 250
_MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT[0-9:.]+\+00:00")


def timeless(step: Step) -> bytes:
    """A step with every moment of UTC struck out."""
    return _MOMENT.sub(b"then", canonical((step.state, step.commands)))


def at(event: Event, utc: datetime, mono: float) -> Event:
    """The event at another moment of both clocks."""
    return replace(event, at=Instant(utc, mono))


@pytest.mark.parametrize("variant", [*VARIANTS, *EVERYTHING], ids=lambda variant: variant.name)
def test_utc_jumps_to_and_fro_and_no_lane_does_anything_else(variant: Variant) -> None:
    """Side by side, event by event: one machine with a steady wall clock, one whose is set at every step."""
    dice = random.Random(11)  # noqa: S311 - dice, not a secret
    machine = Machine(variant.name, MACHINES[variant.kind], variant.config)
    events = list(alphabet(variant))
    noon = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    steady = jumping = Step(PointState())
    # In the midst of what the jumping clock shows: a deadline compared with UTC would come now and then.
    mono, seen = 1.5e9, set[str]()
    for number in range(STEPS):
        mono += dice.choice((0.1, 1.0, 30.0))
        if number % ANEW == 0:
            steady = jumping = Step(PointState())
            event: Event = STARTED
        else:
            event = dice.choice(events)
        wild = datetime(1970, 1, 2, tzinfo=UTC) + timedelta(seconds=dice.uniform(0, 3e9))
        steady = machine.step(steady.state, at(event, noon, mono))
        jumping = machine.step(jumping.state, at(event, wild, mono))
        assert timeless(jumping) == timeless(steady), event
        seen.add(steady.state.phase)
    assert len(seen) > 2
