"""Codes before a kiosk's camera: rendered as hands, light and cheap sensors show them."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno

from gate.kiosk.codes import code_as_modules
from gate.lanes.events import DeviceFaulted, DeviceRecovered
from hardware.emulators.code_camera import HEIGHT, WIDTH, CodeCameraDevice, held
from hardware.kiosk.codes import CodeReader
from hardware.kiosk.presented import GONE_SECONDS, Presented
from tests.hardware.kiosk_benches import going, refused, scanner_bench
from tests.hardware.posted import eventually

NUMBER = "4829137560129"
ADDRESS = f"https://customs.example.az/?lang=az&number={NUMBER}"


@pytest.mark.parametrize("content", [NUMBER, ADDRESS, "Bildiri\u015f 4829 137 560 129"])
@pytest.mark.parametrize(("light", "noise"), [(1.0, 2.0), (0.25, 6.0), (0.5, 12.0)])
def test_a_code_in_the_hand_is_read_by_day_and_by_night(content: str, light: float, noise: float) -> None:
    """Leaning, dim, noisy."""
    assert CodeReader().read(held(content, light=light, noise=noise)) == [content.encode()]


def test_the_code_of_our_own_page_is_read_off_a_phone() -> None:
    """White on black around it: a phone shows a photograph of the kiosk's glass."""
    rows = code_as_modules("hall-1-7f3a21c9-112")
    phone = np.kron(np.array([[0 if dark else 255 for dark in row] for row in rows]), np.ones((8, 8)))
    seen = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    seen[100 : 100 + phone.shape[0], 200 : 200 + phone.shape[1]] = phone.astype(np.uint8)
    assert CodeReader().read(seen) == [b"hall-1-7f3a21c9-112"]


def test_two_codes_are_two_and_an_empty_hall_is_none() -> None:
    """Whose is whose is not for the reader to say."""
    both = np.hstack([held(NUMBER, module=10), held("hello", module=10)])
    assert sorted(CodeReader().read(both)) == [NUMBER.encode(), b"hello"]
    assert CodeReader().read(np.full((HEIGHT, WIDTH, 3), 90, dtype=np.uint8)) == []


def test_bars_are_read_too() -> None:
    """EAN-13, as on goods: its digits come out, and are a number or not by the kiosk's own rule."""
    digits = "5901234123457"
    odd = [
        "0001101",
        "0011001",
        "0010011",
        "0111101",
        "0100011",
        "0110001",
        "0101111",
        "0111011",
        "0110111",
        "0001011",
    ]
    right = ["".join("10"[int(bit)] for bit in code) for code in odd]
    even = [code[::-1] for code in right]
    # The first digit, a 5, is in which of the six next are drawn the other way.
    sides = zip("LGGLLG", digits[1:7], strict=True)
    left = "".join((odd if side == "L" else even)[int(digit)] for side, digit in sides)
    bars = f"101{left}01010{''.join(right[int(digit)] for digit in digits[7:])}101"
    row = np.repeat([0 if bit == "1" else 255 for bit in f"{'0' * 12}{bars}{'0' * 12}"], 4).astype(np.uint8)
    scene = np.full((HEIGHT, WIDTH), 255, dtype=np.uint8)
    scene[250:450, 200 : 200 + row.size] = row
    assert CodeReader().read(scene) == [digits.encode()]


def test_a_code_held_there_is_one_scan_however_long() -> None:
    """Blurs in between end nothing; taken away and held up again it is another."""
    presented = Presented()
    moments = [at * 0.2 for at in range(50)]
    seen = [presented.see([b"a"] if at % 5 else [], moment) for at, moment in enumerate(moments)]
    assert [code for codes in seen for code in codes] == [b"a"]
    assert presented.see([], moments[-1] + GONE_SECONDS - 0.1) == []
    assert presented.see([b"a", b"b"], moments[-1] + GONE_SECONDS + 0.1) == [b"a", b"b"]
    assert presented.see([b"b", b"a"], moments[-1] + GONE_SECONDS + 0.2) == []


def test_a_wall_of_codes_fills_no_memory() -> None:
    """Only the latest few are remembered."""
    presented = Presented()
    for count in range(1000):
        presented.see([str(count).encode()], 0.0)
    assert len(presented._seen) <= 16


def _is_refused_once_more(reason: str, before: float) -> bool:
    return refused("scanner", reason) > before


async def test_what_is_no_number_is_refused_as_a_scanners_is(tmp_path: Path) -> None:
    """Control characters, a flood, bytes that are no text; the next code is heard, by a new process, too."""
    async with scanner_bench("camera", tmp_path) as bench:
        camera = bench.device
        assert isinstance(camera, CodeCameraDevice)
        async with going(bench.driver.run(bench.posted, bench.scanned)):
            for content, reason in (
                ("a\x1b[2Jb", "not-text"),
                ("7" * 600, "too-long"),
                (b"\x00\x01\x02", "not-text"),
            ):
                before = refused("scanner", reason)
                camera.show(held(content))
                await eventually(partial(_is_refused_once_more, reason, before))
            assert bench.scans == []
            _kill_child()
            await bench.posted.until(
                lambda: any("begun anew" in f.reason for f in bench.posted.of(DeviceFaulted))
            )
            camera.scan(ADDRESS)
            await bench.until_scanned(1)
            assert bench.scans == [ADDRESS]
            assert isinstance(bench.posted.events[-1], DeviceRecovered)


def _kill_child() -> None:
    """As a picture would that crashes the detector."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    workers = [
        int(child) for child in children if b"camera_worker" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
    assert len(workers) == 1
    os.kill(workers[0], signal.SIGKILL)


def test_the_emulators_code_is_a_real_one() -> None:
    """Drawn by segno, photographed straight, read by OpenCV."""
    drawn = segno.make_qr(NUMBER, error="m")
    rows = np.array([[0 if dark else 255 for dark in row] for row in drawn.matrix_iter(scale=6, border=4)])
    assert cv2.QRCodeDetector().detectAndDecode(rows.astype(np.uint8))[0] == NUMBER
