"""Key files are private, never overwritten, and refused with a sentence when wrong."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from gate.errors import ConfigError
from gate.sealing import (
    load_central_private,
    load_central_public,
    load_site_private,
    load_site_public,
    make_central_keys,
    make_site_keys,
)


def test_pairs_come_back_from_their_files(tmp_path: Path) -> None:
    """Both halves of both kinds of pair load again and belong together."""
    site = make_site_keys(tmp_path / "keys/site.key", tmp_path / "keys/site.pub")
    central = make_central_keys(tmp_path / "keys/central.key", tmp_path / "keys/central.pub")
    assert load_site_private(tmp_path / "keys/site.key").public_key() == site
    assert load_site_public(tmp_path / "keys/site.pub") == site
    assert load_central_private(tmp_path / "keys/central.key").public_key() == central
    assert load_central_public(tmp_path / "keys/central.pub") == central
    assert len(base64.b64decode((tmp_path / "keys/site.pub").read_text())) == 32


def test_private_files_are_their_owners_alone(tmp_path: Path) -> None:
    """A private key is written 0600 and refused once others can read it."""
    private = tmp_path / "site.key"
    make_site_keys(private, tmp_path / "site.pub")
    assert private.stat().st_mode & 0o777 == 0o600
    private.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_site_private(private)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    """Making keys twice keeps the first: what is sealed to it would be lost."""
    private = tmp_path / "site.key"
    make_site_keys(private, tmp_path / "site.pub")
    before = private.read_bytes()
    with pytest.raises(ConfigError, match="never overwritten"):
        make_site_keys(private, tmp_path / "site.pub")
    assert private.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"not base64!", "one line of base64"), (b"AAAA", "holds 3 bytes"), (b"", "0 bytes")],
)
@pytest.mark.parametrize(
    "load", [load_site_private, load_site_public, load_central_private, load_central_public]
)
def test_a_wrong_file_is_refused_by_name(
    tmp_path: Path, load: Callable[[Path], object], content: bytes, said: str
) -> None:
    """The message names the file and what is wrong with it."""
    path = tmp_path / "some.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match=rf"some\.key.*{said}"):
        load(path)


@pytest.mark.parametrize("load", [load_site_private, load_central_public])
def test_a_missing_file_is_named(tmp_path: Path, load: Callable[[Path], object]) -> None:
    """A path with nothing at its end is named."""
    with pytest.raises(ConfigError, match=r"nowhere\.key"):
        load(tmp_path / "nowhere.key")
