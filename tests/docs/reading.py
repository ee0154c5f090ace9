"""The project's documents, and the commands and links in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Shown:
    """A command as a document shows it, with the output shown under it."""

    document: Path
    command: str
    output: tuple[str, ...]


def blocks(document: Path) -> list[tuple[str, str]]:
    """Its fenced blocks: language and content."""
    return [(match[1], match[2]) for match in _BLOCK.finditer(document.read_text())]


def commands(document: Path) -> Iterator[Shown]:
    """Every `$ ` line of its console blocks; lines of "..." stand for output left out."""
    for language, content in blocks(document):
        if language != "console":
            continue
        for part in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
            command, *output = part.splitlines()
            shown = tuple(line.strip() for line in output if line.strip() not in ("", "..."))
            yield Shown(document, command.strip(), shown)


def links(document: Path) -> list[str]:
    """Where its links and pictures lead, code left out."""
    return _LINK.findall(_BLOCK.sub("", document.read_text()))


def anchors(document: Path) -> set[str]:
    """The anchors of its headings, as forges make them."""
    found = _HEADING.findall(_BLOCK.sub("", document.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}
