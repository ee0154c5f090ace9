"""The `push` section of a point: what is asked for, and said when it is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gate.config import load_site
from gate.errors import ConfigError
from gate.settings import HikvisionPush

DEMO = Path(__file__).parents[3] / "config/demo.yaml"
CAMERA: dict[str, Any] = {"driver": "hikvision", "sources": ["10.20.1.21"], "login_file": "secrets/lane-1"}


def site_with(folder: Path, push: dict[str, Any], listen: dict[str, Any] | None) -> Path:
    """The demo site, the camera of its first lane pushing."""
    site = YAML().load(DEMO.read_text(encoding="utf-8"))
    site["data"] = str(folder)
    site["points"][1]["push"] = push
    if listen is not None:
        site["push_listen"] = listen
    with (folder / "site.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(site, file)
    return folder / "site.yaml"


def test_a_pushing_camera_beside_a_camera(tmp_path: Path) -> None:
    """Its secret lies under the data folder like every relative path."""
    site = load_site(site_with(tmp_path, CAMERA, {"host": "127.0.0.1", "port": 8443}))
    push = site.points[1].push
    assert isinstance(push, HikvisionPush)
    assert push.login_file == tmp_path / "secrets/lane-1"
    assert site.points[1].camera is not None
    assert site.push_listen is not None


def test_a_pushing_camera_needs_somewhere_to_push_to(tmp_path: Path) -> None:
    """Else it would push into the void, unnoticed."""
    with pytest.raises(ConfigError, match=r"lane-1 has push: but the site has no push_listen:"):
        load_site(site_with(tmp_path, CAMERA, None))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sources", []),
        ("sources", ["camera-1"]),
        ("mac", "44-A6-42-00-00-01"),
        ("auth", "none"),
        ("accept_confidence", 95),
        ("countries", {"28": "Azerbaijan"}),
        ("login_file", None),
        ("clock_seconds", 0),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, key: str, value: object) -> None:
    """Line and key are named: an open allow-list or no log-in is no setting."""
    with pytest.raises(ConfigError, match=key):
        load_site(site_with(tmp_path, CAMERA | {key: value}, {"host": "127.0.0.1", "port": 8443}))
