"""What a site file may say of Modbus boards."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gate.config import load_site
from gate.lanes.events import Contact, Detector
from gate.settings import BoardWatchdog, ModbusTcp
from tests.config.test_problems import DEMO as FITTED
from tests.config.test_problems import problems_of

LANE_1 = "{driver: modbus-rtu, port: dev/lane-1-io}"
LANE_3 = "{driver: modbus-rtu, port: dev/lane-3-io}"
DEMO = re.sub(
    r"(name: lane-1\n.*?    io:)\n.*?hard_wired: [^\n]*\n", rf"\1 {LANE_1}\n", FITTED, flags=re.DOTALL
)
"""The demo's file with a plain lane 1."""


def test_a_board_on_the_network_with_everything(tmp_path: Path) -> None:
    """Host, unit, wiring, marker and watchdog; what is fitted follows from the wiring."""
    told = """{driver: modbus-tcp, host: 10.0.0.7, unit: 3, marker: loopback,
         inputs: {arming: 4, safety: 5, photo-eye: 6, cabinet: 7},
         watchdog: {address: 0x1100, step_seconds: 0.001, seconds: 2.5}}"""
    (tmp_path / "site.yaml").write_text(DEMO.replace(LANE_1, told))
    point = load_site(tmp_path / "site.yaml").points[1]
    assert isinstance(point.io, ModbusTcp)
    assert (point.io.port, point.io.unit) == (502, 3)
    assert point.io.watchdog == BoardWatchdog(address=0x1100, step_seconds=0.001, seconds=2.5)
    assert point.io.watchdog.steps == 2500
    assert point.fitted.detectors == {Detector.ARMING, Detector.SAFETY, Detector.PHOTO_EYE}
    assert point.fitted.contacts == {Contact.CABINET}
    assert not point.fitted.feedback


@pytest.mark.parametrize(
    ("first", "third", "what"),
    [
        (LANE_1, "{driver: modbus-rtu, port: dev/lane-1-io}", "share the serial port"),
        (LANE_1, "{driver: modbus-rtu, port: dev/lane-1-io, unit: 2, baud: 9600}", "differ in baud"),
        (
            LANE_1,
            "{driver: modbus-rtu, port: dev/lane-1-io, unit: 2, settle_seconds: 1}",
            "differ in baud or settle_seconds",
        ),
        (
            "{driver: modbus-tcp, host: 10.0.0.7}",
            "{driver: modbus-tcp, host: 10.0.0.7}",
            "lane-1 io and lane-3 io share 10.0.0.7:502",
        ),
        (LANE_1, "{driver: modbus-tcp, host: h, watchdog: {address: 1, seconds: 1}}", "watchdog.seconds"),
        (LANE_1, "{driver: modbus-tcp, host: h, poll_seconds: 0.9}", "poll_seconds"),
        (LANE_1, "{driver: modbus-tcp, host: h, marker: hope}", "marker"),
        (LANE_1, "{driver: modbus-tcp}", "host"),
    ],
)
def test_what_cannot_work_is_refused(first: str, third: str, what: str, tmp_path: Path) -> None:
    """Two drivers of one unit, lines spoken to in two manners, watchdogs that polling could not feed."""
    problems = problems_of(tmp_path, DEMO.replace(LANE_1, first).replace(LANE_3, third))
    assert any(what in f"{problem.key}: {problem.what}" for problem in problems), problems


def test_units_behind_one_gateway_may_share_it(tmp_path: Path) -> None:
    """Same host and port, different units: two lanes."""
    text = DEMO.replace(LANE_1, "{driver: modbus-tcp, host: h}")
    text = text.replace(LANE_3, "{driver: modbus-tcp, host: h, unit: 2}")
    (tmp_path / "site.yaml").write_text(text)
    assert load_site(tmp_path / "site.yaml").site == "samur"
