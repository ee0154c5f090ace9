"""The site's key as a systemd credential: found where the service has it, explained where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.config import load_site
from gate.config.problems import SiteConfigError
from gate.errors import ConfigError
from gate.sealing import load_site_private, make_site_keys

NAMED = Path("credential:site.key")
ROOT = Path(__file__).parents[2]


def test_the_key_is_read_where_systemd_put_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the service's user by an access list, which shows as a group's right to read."""
    public = make_site_keys(tmp_path / "site.key", tmp_path / "site.pub")
    (tmp_path / "site.key").chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert load_site_private(NAMED).public_key() == public
    (tmp_path / "site.key").chmod(0o444)
    with pytest.raises(ConfigError, match="others can read"):
        load_site_private(NAMED)


def test_without_systemd_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gate started by hand says why it has no key, and what to do."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(ConfigError, match=r"credential:site\.key: systemd hands .* start gate\.service"):
        load_site_private(NAMED)


def test_a_credential_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The unit hands over others, but not this one: the error names where it was looked for."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(ConfigError, match=f"{tmp_path}/site.key"):
        load_site_private(NAMED)


@pytest.mark.parametrize("name", ["", "../site.key", "a/b", ".hidden", "x" * 65])
def test_a_credentials_name_is_checked_with_the_site(tmp_path: Path, name: str) -> None:
    """No name leads out of the credentials folder; the configuration says what is wrong."""
    text = (ROOT / "config/demo.yaml").read_text()
    file = tmp_path / "site.yaml"
    file.write_text(text.replace("site_private: keys/site.key", f"site_private: 'credential:{name}'"))
    with pytest.raises(SiteConfigError, match="write credential:NAME"):
        load_site(file)


def test_a_credential_is_no_path_under_the_data_folder(tmp_path: Path) -> None:
    """Relative paths are settled under the data folder; a credential's name stays what it is."""
    text = (ROOT / "config/demo.yaml").read_text()
    file = tmp_path / "site.yaml"
    file.write_text(text.replace("site_private: keys/site.key", "site_private: credential:site.key"))
    assert load_site(file).keys.site_private == NAMED
