"""`gate doctor` on what a lane is fitted with: allowed, and yet to be rued by a site of lorries."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.cli.doctor.check import Verdict
from gate.cli.doctor.wiring import check_lane, check_oversize, check_wiring
from gate.config import load_site
from gate.settings import ModbusRtu, PointSettings, SiteSettings
from gate.settings.io import BARRIER_INPUTS, Input
from tests.config.test_problems import DEMO


def fitted(*more: Input, without: frozenset[Input] = frozenset()) -> PointSettings:
    """An exit lane with the usual four inputs and these, less those."""
    names = [*(name for name in BARRIER_INPUTS if name not in without), *more]
    inputs = {name: at for at, name in enumerate(names)}
    io = ModbusRtu(driver="modbus-rtu", port=Path("/dev/ttyUSB0"), inputs=inputs)
    return PointSettings(name="exit-1", label="X", kind="exit", io=io)


def test_a_lane_with_eyes_ends_and_a_stop_is_well() -> None:
    """What the wiring guide asks for is there."""
    assert check_lane(fitted("photo-eye", "emergency-stop")).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("point", "says"),
    [
        (fitted("emergency-stop"), "high beds"),
        (fitted("photo-eye"), "no emergency stop"),
        (
            fitted("photo-eye", "emergency-stop", without=frozenset({"barrier-up", "barrier-down"})),
            "possibly up",
        ),
    ],
)
def test_what_a_lane_lacks_is_a_warning_with_advice(point: PointSettings, says: str) -> None:
    """One lack, one word, and what to wire."""
    check = check_lane(point)
    assert check.verdict is Verdict.WARN
    assert says in check.found
    assert check.advice.startswith("wire ")
    assert ";" not in check.found


def _site(tmp_path: Path, *changes: tuple[str, str]) -> SiteSettings:
    text = DEMO
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "site.yaml").write_text(text)
    return load_site(tmp_path / "site.yaml")


def test_who_measures_must_have_lanes_that_fit(tmp_path: Path) -> None:
    """An approach with a height detector and no lane for what it finds: told by corridor."""
    plain = _site(tmp_path)
    assert all(check.name.endswith(" wiring") for check in check_wiring(plain))
    io = ModbusRtu(driver="modbus-rtu", port=Path("/dev/ttyUSB0"), inputs={"arming": 0, "height": 1})
    points = [one.model_copy(update={"io": io}) if one.kind == "approach" else one for one in plain.points]
    measuring = plain.model_copy(update={"points": tuple(points)})
    told = [check for check in check_wiring(measuring) if check.name.endswith(" height")]
    assert [check.verdict for check in told] == [Verdict.WARN]
    assert "GREEN" in told[0].found
    high = [one.model_copy(update={"takes_oversize": one.kind == "entry"}) for one in points]
    fitting = plain.model_copy(update={"points": tuple(high)})
    assert check_oversize(high[0], fitting).verdict is Verdict.OK
