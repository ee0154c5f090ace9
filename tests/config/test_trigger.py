"""What starts a reading, in the configuration: motion only where nothing would take it for a vehicle."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.app.fingerprint import fingerprint
from gate.config import load_site
from tests.config.test_problems import DEMO, line_of, problems_of

IO = "    io: {driver: modbus-rtu, port: dev/approach-io}\n"
CAMERA = 'camera: {driver: http-mjpeg, url: "http://127.0.0.1:8444/approach.mjpeg"}'
BY_MOTION = CAMERA.replace("}", ", trigger: motion}")
KIOSK = "    kiosk: true\n\n  - name: lane-1"
ALONE = DEMO.replace(IO, "").replace(CAMERA, BY_MOTION).replace(KIOSK, "\n  - name: lane-1")
V4L2 = "{driver: v4l2, device: /dev/v, trigger: motion}"


def test_a_point_without_a_detector_may_be_read_by_motion(tmp_path: Path) -> None:
    """An approach with a camera alone, or with a rear camera beside it."""
    file = tmp_path / "site.yaml"
    file.write_text(ALONE)
    point = load_site(file).points[0]
    assert point.io is None
    assert point.camera is not None
    assert point.camera.trigger == "motion"


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        pytest.param(
            DEMO.replace('lane-3.mjpeg"}', 'lane-3.mjpeg", trigger: motion}'),
            "lane-3.mjpeg",
            "motion in a picture is no presence detector",
            id="entry",
        ),
        pytest.param(
            DEMO.replace('exit-1.mjpeg"}', 'exit-1.mjpeg", trigger: motion}'),
            "exit-1.mjpeg",
            "motion in a picture is no presence detector",
            id="exit",
        ),
        pytest.param(DEMO.replace(CAMERA, BY_MOTION), BY_MOTION, "which starts its readings", id="detector"),
        pytest.param(DEMO.replace(IO, ""), CAMERA, "no detector would ever start a reading", id="nothing"),
        pytest.param(
            DEMO.replace("    kind: terminal\n", f"    kind: terminal\n    {BY_MOTION}\n"),
            BY_MOTION,
            "no vehicle comes to a terminal",
            id="terminal",
        ),
        pytest.param(
            DEMO.replace(CAMERA, f"{CAMERA}\n    rear: {BY_MOTION.removeprefix('camera: ')}"),
            "rear:",
            "it is read whenever the front is",
            id="rear",
        ),
        pytest.param(
            ALONE.replace(BY_MOTION, f"{BY_MOTION}\n    kiosk: true"),
            "kiosk: true",
            "nobody could be answered at its kiosk",
            id="kiosk",
        ),
        pytest.param(
            ALONE.replace(BY_MOTION, f"{BY_MOTION}\n    keypad: {{driver: gate-keypad, port: dev/keypad}}"),
            "keypad:",
            "nobody could be answered at a keypad",
            id="keypad",
        ),
        pytest.param(
            DEMO.replace(CAMERA, f"{CAMERA}\n    scanner: {{driver: camera, camera: {V4L2}}}"),
            "scanner:",
            "looked through all the time",
            id="scanner",
        ),
        pytest.param(
            ALONE.replace("trigger: motion", "trigger: movement"), "camera:", "presence, motion", id="word"
        ),
    ],
)
def test_motion_elsewhere_is_refused_at_its_line(tmp_path: Path, text: str, at: str, says: str) -> None:
    """Each with the reason, and with what to write instead."""
    (problem,) = problems_of(tmp_path, text)
    assert says in str(problem)
    assert problem.line == line_of(text, at)


def test_a_pushed_read_needs_a_detector(tmp_path: Path) -> None:
    """A camera's own read is taken only while a vehicle is known to stand there."""
    push = "push: {driver: webhook, camera: box, secret_file: s, sources: [192.0.2.4]}"
    text = ALONE.replace(BY_MOTION, f"{BY_MOTION}\n    {push}")
    text = text.replace("points:\n", "push_listen: {host: 127.0.0.1, port: 8446}\n\npoints:\n")
    (problem,) = problems_of(tmp_path, text)
    assert "taken only while a detector says" in str(problem)


def test_what_starts_a_reading_is_no_device(tmp_path: Path) -> None:
    """A lane armed by an older gate, which knew no trigger, stays armed."""
    file = tmp_path / "site.yaml"
    file.write_text(DEMO)
    lane = load_site(file).points[1]
    assert lane.camera is not None
    otherwise = lane.model_copy(update={"camera": lane.camera.model_copy(update={"trigger": "motion"})})
    assert fingerprint(otherwise, None) == fingerprint(lane, None)
