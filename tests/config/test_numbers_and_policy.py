"""How a site writes its numbers, and what its policy leaves to officers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from gate.app.assembly import policy_from
from gate.config import load_site
from gate.errors import ConfigError
from gate.lanes.rules.policy import Groupage
from gate.model import Check, NumberFormat, NumberFormats, TransportMode
from gate.settings import SiteSettings

DEMO = Path(__file__).parents[2] / "config" / "demo.yaml"


def site_with(folder: Path, **sections: object) -> SiteSettings:
    """The demo's site with these sections put in."""
    yaml = YAML()
    site = yaml.load(DEMO.read_text(encoding="utf-8"))
    for name, section in sections.items():
        site[name] = section if name not in site or not isinstance(section, dict) else site[name] | section
    path = folder / "site.yaml"
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(site, file)
    return load_site(path)


def test_a_site_that_says_nothing_writes_as_central_issues(tmp_path: Path) -> None:
    """Thirteen digits, Damm's check, 4-3-3-3, in both spaces; near matches on, the strictest lane."""
    site = site_with(tmp_path)
    assert site.numbers.formats() == NumberFormats()
    policy = policy_from(site)
    assert (policy.near_match, policy.groupage, policy.undeclared_trailer_holds) == (
        True,
        Groupage.STRICTEST,
        False,
    )
    assert policy.lead_times[TransportMode.ROAD] == timedelta(hours=1)


def test_both_spaces_are_written_as_the_site_says(tmp_path: Path) -> None:
    """Groups left out: 4-3-3-3 for thirteen digits, one piece for any other length."""
    numbers = {
        "notification": {"length": 10, "check": "luhn", "groups": [3, 3, 4]},
        "preliminary": {"length": 8, "check": "none"},
    }
    site = site_with(tmp_path, numbers=numbers)
    assert site.numbers.formats() == NumberFormats(
        NumberFormat(10, Check.LUHN, (3, 3, 4)), NumberFormat(8, Check.NONE, (8,))
    )


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ({"notification": {"length": 13, "groups": [4, 4, 4]}}, "4 + 4 + 4 digits do not make 13"),
        ({"notification": {"length": 5}}, "a whole number from 6 to 18"),
        ({"preliminary": {"check": "mod97"}}, "damm"),
        ({"cargo": {"length": 13}}, "cargo"),
    ],
)
def test_a_wrong_format_is_told_at_its_line(tmp_path: Path, numbers: object, says: str) -> None:
    """What, where, and what is allowed."""
    with pytest.raises(ConfigError) as told:
        site_with(tmp_path, numbers=numbers)
    assert says in str(told.value)
    assert "site.yaml:" in str(told.value)


def test_the_policy_carries_what_the_site_chose(tmp_path: Path) -> None:
    """Each key of the section reaches the rules."""
    chosen = {"near_match": False, "groupage": "hold", "undeclared_trailer_holds": True}
    policy = policy_from(site_with(tmp_path, policy=chosen))
    assert (policy.near_match, policy.groupage, policy.undeclared_trailer_holds) == (
        False,
        Groupage.HOLD,
        True,
    )
