"""How long things are kept: bounds, sense, and safe defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.config import load_site
from gate.errors import ConfigError
from gate.settings import RetentionSettings

DEMO = Path(__file__).parents[2] / "config" / "demo.yaml"


def site_with(folder: Path, *lines: str) -> Path:
    """The demo site with lines of its own."""
    file = folder / "site.yaml"
    file.write_text("\n".join([DEMO.read_text(), *lines, ""]))
    return file


def test_what_nobody_says_is_safe() -> None:
    """A year of plates, a quarter of pictures, bounded room, and a gigabyte left to the journal."""
    settings = load_site(DEMO)
    assert settings.timezone == "Asia/Baku"
    kept = settings.retention
    assert (kept.personal_days, kept.evidence_days) == (365, 90)
    assert (kept.quota_bytes, kept.free_bytes, kept.floor_bytes) == (20 * 10**9, 10**9, 5 * 10**8)


WRONG = {
    "retention: {personal_days: 3}": "retention.personal_days: 3 cannot stand here",
    "retention: {evidence_days: 0}": "retention.evidence_days: 0 cannot stand here",
    "retention: {evidence_megabytes: 1}": "retention.evidence_megabytes: 1 cannot stand here",
    "retention: {evidence_min_free_megabytes: 0}": "retention.evidence_min_free_megabytes",
    "retention: {keep_for_ever: true}": "retention.keep_for_ever: is not a known key",
    "retention: {personal_days: 30, evidence_days: 31}": "pictures show plates and would outlive them",
    "retention: {personal_days: 30}": "pictures show plates and would outlive them",
    "timezone: Asia/Nowhere": "this machine knows no time zone 'Asia/Nowhere'",
    "timezone: ../../etc/passwd": "this machine knows no time zone",
}


@pytest.mark.parametrize("line", WRONG)
def test_nonsense_is_told(tmp_path: Path, line: str) -> None:
    """What, where, and what is allowed."""
    with pytest.raises(ConfigError) as told:
        load_site(site_with(tmp_path, line))
    assert WRONG[line] in str(told.value)


def test_a_sensible_choice_is_taken(tmp_path: Path) -> None:
    """Pictures for as long as plates, and another clock on the wall."""
    lines = ("timezone: Europe/Istanbul", "retention: {personal_days: 30, evidence_days: 30}")
    settings = load_site(site_with(tmp_path, *lines))
    assert settings.retention == RetentionSettings(personal_days=30, evidence_days=30)
    assert settings.timezone == "Europe/Istanbul"
