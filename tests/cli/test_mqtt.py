"""`gate mqtt`: what it prints of a site, and what it refuses to make up."""

from __future__ import annotations

from pathlib import Path

from tests.cli.calling import DEMO, ROOT, gate

EXAMPLE = ROOT / "config/production-example.yaml"


async def test_acl_is_the_shipped_file() -> None:
    """Printed as it may be written to mosquitto's acl_file, byte by byte."""
    done = await gate("mqtt", "acl", "-c", EXAMPLE)
    assert (done.code, done.err) == (0, "")
    assert done.out == (ROOT / "config/mosquitto/acl").read_text()


async def test_accounts_are_the_names_in_the_rules_with_new_passwords() -> None:
    """One account a line for everybody the rules name; no password twice, none short, none kept."""
    first, second = (
        await gate("mqtt", "accounts", "-c", EXAMPLE),
        await gate("mqtt", "accounts", "-c", EXAMPLE),
    )
    rules = await gate("mqtt", "acl", "-c", EXAMPLE)
    accounts = [line.split(":") for line in first.out.splitlines()]
    named = [line.removeprefix("user ") for line in rules.out.splitlines() if line.startswith("user ")]
    assert [name for name, _ in accounts] == named
    passwords = [line.split(":")[1] for line in (first.out + second.out).splitlines()]
    assert len(set(passwords)) == len(passwords) == 2 * len(named)
    assert min(map(len, passwords)) >= 32


async def test_a_site_without_an_account_for_the_gate_is_told_so(tmp_path: Path) -> None:
    """No mqtt: section, or no username in it: a wrong configuration, with what to add."""
    done = await gate("mqtt", "acl", "-c", DEMO)
    assert (done.code, done.out) == (2, "")
    assert "mqtt.username is missing" in done.err
    site = tmp_path / "site.yaml"
    site.write_text(
        "site: samur\nmode: demo\nkeys: {site_private: a, central_public: b}\n"
        "console: {port: 8441}\nkiosk: {port: 8442}\npolicy: {version: '1'}\n"
        "points:\n  - {name: exit-1, label: X, kind: exit, io: {driver: modbus-rtu, port: p}}\n"
    )
    done = await gate("mqtt", "accounts", "-c", site)
    assert (done.code, done.out) == (2, "")
    assert "no mqtt: section" in done.err
