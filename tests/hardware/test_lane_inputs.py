"""What a lane is told of its inputs, and how often."""

from __future__ import annotations

from gate.clock import SystemClock
from gate.lanes.events import (
    BarrierMoved,
    BarrierPosition,
    Detector,
    DetectorChanged,
    DeviceFaulted,
    DeviceRecovered,
    Occupancy,
)
from gate.lanes.fitted import LANE
from hardware.detectors.inputs import LaneInputs
from tests.hardware.posted import Posted

CLEAR = {Detector.ARMING: Occupancy.CLEAR, Detector.SAFETY: Occupancy.CLEAR}


def made() -> tuple[LaneInputs, Posted]:
    """Inputs of a lane with a barrier."""
    posted = Posted()
    inputs = LaneInputs(SystemClock(), "lane-1", LANE)
    inputs.bind(posted)
    return inputs, posted


def test_a_fault_is_told_once_however_often_it_is_seen() -> None:
    """Every poll of a dead board fails; the lane hears of it once."""
    inputs, posted = made()
    inputs.report(CLEAR, BarrierPosition.DOWN)
    for _ in range(5):
        inputs.lost("silent")
    assert [type(event) for event in posted.events[3:]] == [
        DeviceFaulted,
        DetectorChanged,
        DetectorChanged,
        BarrierMoved,
    ]
    assert posted.barrier is BarrierPosition.UNKNOWN


def test_recovery_comes_before_the_states_and_once() -> None:
    """The lane first hears that the device is back, then what it says."""
    inputs, posted = made()
    inputs.lost("silent")
    before = len(posted.events)
    inputs.report(CLEAR, BarrierPosition.UP)
    inputs.report(CLEAR, BarrierPosition.UP)
    assert [type(event) for event in posted.events[before:]] == [
        DeviceRecovered,
        DetectorChanged,
        DetectorChanged,
        BarrierMoved,
    ]


def test_only_changes_are_told() -> None:
    """Ten equal polls are one word."""
    inputs, posted = made()
    for _ in range(10):
        inputs.report(CLEAR, BarrierPosition.DOWN)
    assert len(posted.events) == 3


def test_a_detector_not_reported_is_unknown() -> None:
    """No word is no clear."""
    inputs, posted = made()
    inputs.report({Detector.ARMING: Occupancy.CLEAR}, BarrierPosition.DOWN)
    assert posted.detector(Detector.SAFETY) is Occupancy.UNKNOWN
