"""Where console and kiosk are served, and how: what would be unsafe is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.config import load_site
from gate.settings import FaceTls
from tests.config.test_problems import DEMO, line_of, problems_of

CONSOLE = "console: {host: 127.0.0.1, port: 8441}"
KIOSK = "kiosk: {host: 127.0.0.1, port: 8442}"
EXAMPLE = Path(__file__).parents[2] / "config/production-example.yaml"


@pytest.mark.parametrize(
    ("face", "written", "key", "what"),
    [
        (CONSOLE, "console: {host: 10.20.2.1, port: 8441, tls: off}", "console.tls", "in the clear"),
        (CONSOLE, "console: {host: 0.0.0.0, port: 8441, tls: off}", "console.tls", "in the clear"),
        (CONSOLE, "console: {host: gate.example, port: 8441, tls: off}", "console.tls", "in the clear"),
        (CONSOLE, "console: {port: 8441, tls: }", "console.tls", "write off, or a section"),
        (CONSOLE, "console: {port: 8441, tls: true}", "console.tls", "write off, or a section"),
        (CONSOLE, "console: {port: 8441, tls: {cert_file: a}}", "console.tls.key_file", "without key_file"),
        (CONSOLE, "console: {port: 8441, tls: {key_file: a}}", "console.tls.key_file", "without cert_file"),
        (
            CONSOLE,
            'console: {port: 8441, tls: {cert_file: a, key_file: "credential:/x"}}',
            "console.tls.key_file",
            "names no credential",
        ),
        (CONSOLE, "console: {port: 8441, tls: {names: ['a b']}}", "console.tls.names[0]", "'a b'"),
        (KIOSK, "kiosk: {host: 127.0.0.1, port: 8441}", "kiosk", "listens where console does"),
        (KIOSK, "kiosk: {host: 0.0.0.0, port: 8441}", "kiosk", "listens where console does"),
        (KIOSK, "kiosk: {host: localhost, port: 8441}", "kiosk", "listens where console does"),
        (KIOSK, "kiosk: {port: 8442, tls: off, credentials: required}", "kiosk.credentials", "over TLS"),
        (KIOSK, "kiosk: {port: 8442, credentials: maybe}", "kiosk.credentials", "'maybe'"),
        (KIOSK, f"{KIOSK}\npush_listen: {{port: 8442}}", "push_listen", "listens where kiosk does"),
    ],
)
def test_the_unsafe_is_refused(tmp_path: Path, face: str, written: str, key: str, what: str) -> None:
    """One problem, at its line, with what to do."""
    text = DEMO.replace(face, written)
    (found,) = problems_of(tmp_path, text)
    assert found.key == key
    assert found.line == line_of(text, written.splitlines()[-1])
    assert what in found.what


def test_two_addresses_may_have_one_port(tmp_path: Path) -> None:
    """The officers' network and the drivers' may both be met at 8443."""
    file = tmp_path / "site.yaml"
    text = DEMO.replace(CONSOLE, "console: {host: 10.20.2.1, port: 8443}")
    file.write_text(text.replace(KIOSK, "kiosk: {host: 10.20.3.1, port: 8443}"))
    site = load_site(file)
    assert (site.console.url, site.kiosk.url) == ("https://10.20.2.1:8443", "https://10.20.3.1:8443")


def test_nothing_said_is_tls_of_the_gates_own(tmp_path: Path) -> None:
    """And behind a proxy on this machine, plain HTTP, if that is said."""
    file = tmp_path / "site.yaml"
    file.write_text(DEMO)
    assert load_site(file).console.tls == FaceTls()
    file.write_text(DEMO.replace(CONSOLE, "console: {port: 8441, tls: off}"))
    assert load_site(file).console.url == "http://127.0.0.1:8441"


def test_real_kiosks_show_certificates_unless_it_is_said_otherwise(tmp_path: Path) -> None:
    """Required in production, off in a demo; a production site whose kiosks have no TLS must say so."""
    file, example = tmp_path / "site.yaml", EXAMPLE.read_text()
    assert load_site(EXAMPLE).kiosk_credentials
    file.write_text(DEMO)
    assert not load_site(file).kiosk_credentials
    file.write_text(DEMO.replace(KIOSK, "kiosk: {port: 8442, credentials: required}"))
    assert load_site(file).kiosk_credentials
    start = example.index("\nkiosk:")
    rest = example[example.index("\n#", start + 1) :]
    text = example[:start] + "\nkiosk: {port: 8442, tls: off}" + rest
    (found,) = problems_of(tmp_path, text)
    assert (found.key, "Say credentials: off" in found.what) == ("kiosk", True)
    file.write_text(text.replace("tls: off}", "tls: off, credentials: off}"))
    assert not load_site(file).kiosk_credentials
