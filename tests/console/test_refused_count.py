"""No bad input goes uncounted at the console: every family that refuses has its line there."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client import REGISTRY

import gate
import hardware
from gate.console.refused_count import FAMILIES, refused_by_devices
from hardware.links.modbus_line import REFUSED

COUNTERS = re.compile(r'Counter\(\s*"(gate_\w+refused)_total"')
OF_OTHERS = {
    "gate_feed_refused": "central's feed: told as central's status",
    "gate_central_refused": "the reference central's own",
    "gate_seals_refused": "rows and verdicts that stay shut: each a finding of its visit",
    "gate_central_heads_refused": "the reference central's own",
    "gate_glass_bodies_refused": "forms sent to a web face: answered there",
    "gate_kiosk_refused": "what drivers type: answered to them",
    "gate_anpr_lines_refused": "our own child process",
    "gate_tls_refused": "whoever does not speak TLS with a web face: the connection ends there",
}
"""Refusals that are not a device's bad input, and who hears of them."""


def _counters(*packages: str | None) -> set[str]:
    files = (file for package in packages if package for file in Path(package).parent.rglob("*.py"))
    return {name for file in files for name in COUNTERS.findall(file.read_text(encoding="utf-8"))}


def test_every_counter_of_refusals_is_shown_or_is_somebody_elses() -> None:
    """A driver of a new family that counts what it refuses must have its name at the console."""
    found = _counters(gate.__file__, hardware.__file__)
    assert found, "the search found nothing at all"
    assert found - set(OF_OTHERS) == set(FAMILIES)
    assert set(OF_OTHERS) <= found


def test_what_is_refused_appears_by_its_reason() -> None:
    """One more, and the console's count is one more."""
    before = refused_by_devices().get("Modbus boards", {}).get("garbled", 0)
    REFUSED.labels("garbled").inc()
    assert refused_by_devices()["Modbus boards"]["garbled"] == before + 1
    assert REGISTRY.get_sample_value("gate_modbus_refused_total", {"reason": "garbled"}) == before + 1
