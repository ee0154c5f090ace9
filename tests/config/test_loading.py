"""A good file becomes settings with every path settled."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.config import load_site
from gate.settings import AlphaSerial, ModbusRtu, SiteSettings

CONFIG = Path(__file__).parents[2] / "config"


@pytest.mark.parametrize("name", ["demo.yaml", "production-example.yaml"])
def test_shipped_sites_load(name: str) -> None:
    """Every site file we ship is one the gate can use."""
    assert load_site(CONFIG / name).points


def test_production_example_names_every_key() -> None:
    """The annotated example leaves no section out."""
    text = (CONFIG / "production-example.yaml").read_text()
    missing = [name for name in SiteSettings.model_fields if f"\n{name}:" not in text]
    assert not missing


def test_relative_paths_lie_under_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keys and ports lie under the data folder, the data folder under the current one."""
    monkeypatch.chdir(tmp_path)
    settings = load_site(CONFIG / "demo.yaml")
    assert settings.data == tmp_path / "run/demo/edge"
    assert settings.keys.site_private == settings.data / "keys/site.key"
    assert settings.central is not None
    assert settings.central.token_file == settings.data / "keys/token"
    io, board = settings.points[0].io, settings.points[0].board
    assert isinstance(io, ModbusRtu)
    assert io.port == settings.data / "dev/approach-io"
    assert isinstance(board, AlphaSerial)
    assert board.port == settings.data / "dev/approach-board"


def test_data_given_overrides_the_file(tmp_path: Path) -> None:
    """--data moves the databases and everything relative with them."""
    settings = load_site(CONFIG / "demo.yaml", data=tmp_path / "here")
    assert settings.data == tmp_path / "here"
    assert settings.keys.central_public == tmp_path / "here/keys/central.pub"


def test_absolute_paths_stay(tmp_path: Path) -> None:
    """A device by its absolute name is that device whatever the data folder."""
    settings = load_site(CONFIG / "production-example.yaml", data=tmp_path)
    io = settings.points[0].io
    assert isinstance(io, ModbusRtu)
    assert str(io.port).startswith("/dev/serial/by-id/")
    assert str(settings.keys.site_private) == "credential:site.key"


def test_merge_keys_and_anchors_work(tmp_path: Path) -> None:
    """YAML's own ways of not repeating oneself are welcome."""
    text = (CONFIG / "demo.yaml").read_text()
    text = text.replace("console: {host: 127.0.0.1, port: 8441}", "console: &c {host: 127.0.0.1, port: 8441}")
    text = text.replace("kiosk: {host: 127.0.0.1, port: 8442}", "kiosk: {<<: *c, port: 8442}")
    file = tmp_path / "site.yaml"
    file.write_text(text)
    settings = load_site(file)
    assert (settings.console.port, settings.kiosk.port) == (8441, 8442)
    assert settings.kiosk.host == "127.0.0.1"
