"""What stands between an engineer's yes and a closing pulse."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from gate.cli.device.alone import LaneAlone
from gate.cli.device.asking import Engineer
from gate.cli.device.barrier import why_not_lower
from gate.cli.device.record import CommissioningRecord
from gate.cli.device.trial import Trial, Wanted
from gate.clock import SystemClock
from gate.lanes.events import (
    BarrierMoved,
    BarrierPosition,
    Contact,
    ContactChanged,
    ContactState,
    Detector,
    DetectorChanged,
    Occupancy,
)
from gate.settings import Face, KeySettings, KioskFace, ModbusRtu, PointSettings, PolicySettings, SiteSettings

POINT = PointSettings(
    name="exit-1",
    label="X",
    kind="exit",
    io=ModbusRtu(
        driver="modbus-rtu",
        port=Path("dev/io"),
        inputs={
            "arming": 0,
            "safety": 1,
            "photo-eye": 2,
            "barrier-up": 3,
            "barrier-down": 4,
            "fire": 5,
            "emergency-stop": 6,
        },
    ),
)
SITE = SiteSettings(
    site="samur",
    mode="demo",
    keys=KeySettings(site_private=Path("a"), central_public=Path("b")),
    console=Face(port=1),
    kiosk=KioskFace(port=2),
    policy=PolicySettings(version="t"),
    points=(POINT,),
)


@pytest.fixture
async def trial(tmp_path: Path) -> Trial:
    """A trial of a fully fitted lane; no driver runs."""
    lane = LaneAlone(SITE, POINT, None, SystemClock())
    wanted = Wanted(("barrier",), "E", new_site=True, yes=False, patience=1)
    return Trial(SITE, lane, Engineer(yes=False), CommissioningRecord(tmp_path), wanted)


async def test_every_combination_of_what_is_known(trial: Trial) -> None:
    """It may go only with loop and photo-eye clear, fire and stop at rest, the boom's place known."""
    at = SystemClock().now()
    allowed = []
    for safety, eye, fire, stop, boom in product(
        Occupancy, Occupancy, ContactState, ContactState, BarrierPosition
    ):
        trial.lane.heard(DetectorChanged(at=at, detector=Detector.SAFETY, state=safety))
        trial.lane.heard(DetectorChanged(at=at, detector=Detector.PHOTO_EYE, state=eye))
        trial.lane.heard(ContactChanged(at=at, contact=Contact.FIRE, state=fire))
        trial.lane.heard(ContactChanged(at=at, contact=Contact.EMERGENCY_STOP, state=stop))
        trial.lane.heard(BarrierMoved(at=at, position=boom))
        if why_not_lower(trial) is None:
            allowed.append((safety, eye, fire, stop, boom))
    known = [boom for boom in BarrierPosition if boom is not BarrierPosition.UNKNOWN]
    clear, rest = Occupancy.CLEAR, ContactState.NORMAL
    assert allowed == [(clear, clear, rest, rest, boom) for boom in known]


async def test_nothing_heard_yet(trial: Trial) -> None:
    """Before the first word every input is unknown, and unknown is not clear."""
    assert why_not_lower(trial) == "safety is unknown"
