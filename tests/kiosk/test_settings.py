"""What a point's configuration may say of its kiosk devices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from gate.settings import EscPosPrinter, EvdevScanner, GateKeypad, PointSettings, SerialScanner

APPROACH: dict[str, Any] = {"name": "a-1", "label": "A1", "kind": "approach", "io": {"driver": "mqtt"}}
SCANNER = {"driver": "serial", "port": "/dev/s"}
KEYPAD = {"driver": "gate-keypad", "port": "/dev/k"}
SEES = {"driver": "v4l2", "device": "/dev/v"}
PRINTER = {"driver": "escpos", "port": "/dev/p"}


def test_a_point_may_have_all_three_or_none() -> None:
    """By the words of the example configuration; the page stays a word of its own."""
    point = PointSettings.model_validate(
        APPROACH | {"scanner": SCANNER, "keypad": KEYPAD, "printer": PRINTER}
    )
    assert point.scanner == SerialScanner(driver="serial", port=Path("/dev/s"), terminator="cr")
    assert point.keypad == GateKeypad(driver="gate-keypad", port=Path("/dev/k"), language="az")
    assert point.printer == EscPosPrinter(driver="escpos", port=Path("/dev/p"), link="serial")
    assert point.kiosk is False
    wedge = PointSettings.model_validate(APPROACH | {"scanner": {"driver": "evdev", "device": "/dev/e"}})
    assert wedge.scanner == EvdevScanner(driver="evdev", device=Path("/dev/e"))
    bare = PointSettings.model_validate(APPROACH)
    assert (bare.scanner, bare.keypad, bare.printer) == (None, None, None)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"scanner": SCANNER | {"terminator": "crlf"}}, "'cr' or 'lf'"),
        ({"scanner": {"driver": "bluetooth"}}, "'serial', 'evdev', 'camera'"),
        ({"keypad": KEYPAD | {"language": "de"}}, "'az'"),
        ({"printer": PRINTER | {"turkish_page": 300}}, "255"),
        ({"printer": PRINTER | {"paper": "A4"}}, "Extra inputs"),
        ({"scanner": SCANNER, "printer": PRINTER | {"port": "/dev/s"}}, "scanner share the device /dev/s"),
        (
            {"scanner": {"driver": "evdev", "device": "/dev/x"}, "keypad": KEYPAD | {"port": "/dev/x"}},
            "scanner share the device /dev/x",
        ),
        (
            {"camera": SEES, "scanner": {"driver": "camera", "camera": SEES}},
            "scanner and camera share the device /dev/v",
        ),
        ({"kind": "exit", "printer": PRINTER}, "stands at an approach or terminal"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(changed: dict[str, Any], said: str) -> None:
    """Each names what is allowed, or what it clashes with."""
    with pytest.raises(ValidationError) as refused:
        PointSettings.model_validate(APPROACH | changed)
    assert said in str(refused.value)


def _example() -> list[str]:
    """The commented-out kiosk devices of the example, uncommented."""
    lines = (Path(__file__).parents[2] / "config/production-example.yaml").read_text().splitlines()
    first = next(at for at, line in enumerate(lines) if line == "    # scanner:")
    last = next(at for at, line in enumerate(lines) if "cyrillic_page" in line)
    return [line.removeprefix("    # ") for line in lines[first : last + 1]]


def test_the_examples_devices_are_what_the_gate_takes() -> None:
    """Uncommented, each of them is a good section: all scanners, the keypad, the printer."""
    lines = _example()
    others = [line for line in lines if line.startswith("scanner: {")]
    rest = [line for line in lines if line not in others]
    assert len(others) == 2
    for text in ("\n".join(rest), *others):
        PointSettings.model_validate(APPROACH | YAML(typ="safe").load(text))
