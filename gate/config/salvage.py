"""Where the console should listen, out of a configuration that cannot be used as a whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from gate.settings import Face

FALLBACK = Face(host="127.0.0.1", port=8441)
"""As the shipped configurations have it: this machine alone, which is safe wherever it runs."""

_SECTION = re.compile(r"^console:(?P<inside>[^\n]*(?:\n(?:[ \t][^\n]*)?)*)", re.MULTILINE)
_HOST = re.compile(r"\bhost:\s*[\"']?([A-Za-z0-9.:\-]+?)[\"']?\s*(?:[,}#\n]|$)")
_PORT = re.compile(r"\bport:\s*(\d{1,5})\b")
_OFF = re.compile(r"\btls:\s*[\"']?off\b")
_DATA = re.compile(r"^data:\s*[\"']?([^\s\"'#]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Salvaged:
    """Where the console listens and how; and the data folder, if it is there."""

    console: Face
    data: Path | None = None


def console_of(path: Path, data: Path | None = None) -> Salvaged | None:
    """The console's address as far as it can be made out; None when there is no such file to read.

    `data` stands for the folder that the file names.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    named = _DATA.search(text)
    folder = data if data is not None else Path(named[1]) if named else None
    console = _by_its_section(text) or _by_its_words(text) or FALLBACK
    return Salvaged(console, folder if folder is not None and folder.is_dir() else None)


def _by_its_section(text: str) -> Face | None:
    """From a file that is YAML, whatever is wrong elsewhere in it."""
    try:
        loader = YAML(typ="safe", pure=True)
        loader.allow_duplicate_keys = True
        raw = loader.load(text)
    except (YAMLError, ValueError, RecursionError):
        return None
    section = raw.get("console") if isinstance(raw, dict) else None
    if not isinstance(section, dict):
        return None
    try:
        return Face.model_validate(section)
    except ValidationError:
        return _face(section.get("host"), section.get("port"), off=section.get("tls") == "off")


def _by_its_words(text: str) -> Face | None:
    """From a file that is not: what stands under `console:`."""
    section = _SECTION.search(text)
    if section is None:
        return None
    inside = section["inside"]
    host, port = _HOST.search(inside), _PORT.search(inside)
    return _face(host[1] if host else None, int(port[1]) if port else None, off=bool(_OFF.search(inside)))


def _face(host: object, port: object, *, off: bool) -> Face | None:
    told = {"host": host or FALLBACK.host, "port": port or FALLBACK.port}
    for told_too in ({"tls": "off"} if off else {}, {}):
        try:
            return Face.model_validate(told | told_too)
        except ValidationError:
            continue
    return None
