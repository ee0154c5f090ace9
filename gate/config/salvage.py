"""Where the console should listen, out of a configuration that cannot be used as a whole."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from gate.settings import Listen

FALLBACK = Listen(host="127.0.0.1", port=8441)
"""As the shipped configurations have it: this machine alone, which is safe wherever it runs."""

_SECTION = re.compile(r"^console:(?P<inside>[^\n]*(?:\n(?:[ \t][^\n]*)?)*)", re.MULTILINE)
_HOST = re.compile(r"\bhost:\s*[\"']?([A-Za-z0-9.:\-]+?)[\"']?\s*(?:[,}#\n]|$)")
_PORT = re.compile(r"\bport:\s*(\d{1,5})\b")


def console_of(path: Path) -> Listen | None:
    """The console's address as far as it can be made out; None when there is no such file to read."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return _by_its_section(text) or _by_its_words(text) or FALLBACK


def _by_its_section(text: str) -> Listen | None:
    """From a file that is YAML, whatever is wrong elsewhere in it."""
    try:
        loader = YAML(typ="safe", pure=True)
        loader.allow_duplicate_keys = True
        raw = loader.load(text)
    except (YAMLError, ValueError, RecursionError):
        return None
    section = raw.get("console") if isinstance(raw, dict) else None
    return _listen(section.get("host"), section.get("port")) if isinstance(section, dict) else None


def _by_its_words(text: str) -> Listen | None:
    """From a file that is not: what stands under `console:`."""
    section = _SECTION.search(text)
    if section is None:
        return None
    host, port = _HOST.search(section["inside"]), _PORT.search(section["inside"])
    return _listen(host[1] if host else None, int(port[1]) if port else None)


def _listen(host: object, port: object) -> Listen | None:
    try:
        return Listen.model_validate({"host": host or FALLBACK.host, "port": port or FALLBACK.port})
    except ValidationError:
        return None
