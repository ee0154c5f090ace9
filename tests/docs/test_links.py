"""Links lead somewhere, and lists of things name all of them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.cli.tree import every_command, options_of
from tests.docs.reading import DOCUMENTS, ROOT, anchors, links

CLI = (ROOT / "docs/cli.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_links_lead_somewhere(document: Path) -> None:
    """Every relative link names a file that is there, and every anchor a heading in it."""
    broken = []
    for link in links(document):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        path = (document.parent / target).resolve() if target else document
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(link)
    assert not broken


@pytest.mark.parametrize(
    ("name", "command"), list(every_command()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_is_documented(name: str, command: object) -> None:
    """docs/cli.md has a section for the command that names each of its options and arguments."""
    heading = re.search(rf"^#+ {re.escape(name)}$|^# The `{re.escape(name)}` command$", CLI, re.MULTILINE)
    assert heading, f"docs/cli.md has no section {name}"
    section = re.split(r"^#+ ", CLI[heading.end() :], maxsplit=1, flags=re.MULTILINE)[0]
    missing = [option for option in options_of(command) if not re.search(rf"`{option}[ `]", section)]
    assert not missing


def test_no_option_is_documented_that_is_not_there() -> None:
    """docs/cli.md promises nothing the commands do not have."""
    there = {option for _, command in every_command() for option in options_of(command)} | {"--help"}
    assert set(re.findall(r"`(--[a-z-]+)", CLI)) <= there


def test_every_dependency_is_justified() -> None:
    """CONTRIBUTING.md says of each dependency why it is here, and of no other."""
    wanted = [
        *PROJECT["dependencies"],
        *(name for extra in PROJECT["optional-dependencies"].values() for name in extra),
    ]
    names = {re.split(r"[<>=\[]", requirement)[0] for requirement in wanted}
    table = CONTRIBUTING.split("## Why each dependency")[1]
    assert set(re.findall(r"^\| ([a-z0-9.-]+) \|", table, re.MULTILINE)) - {"package"} == names


def test_paths_named_in_contributing_exist() -> None:
    """What CONTRIBUTING.md tells people to touch is there."""
    named = set(re.findall(r"`((?:gate|hardware|tests|config|docs|systemd|tools)/[\w./-]+)`", CONTRIBUTING))
    missing = [path for path in named if "XX" not in path and not (ROOT / path).exists()]
    assert not missing


def test_the_licence_is_whole() -> None:
    """LICENSE is the Apache License 2.0, and THIRD-PARTY.md names every dependency."""
    text = (ROOT / "LICENSE").read_text()
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    third = (ROOT / "THIRD-PARTY.md").read_text()
    missing = [
        name
        for requirement in PROJECT["dependencies"]
        if (name := re.split(r"[<>=\[]", requirement)[0]) not in third
    ]
    assert not missing
