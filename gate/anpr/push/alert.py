"""ISAPI's EventNotificationAlert: the few fields the gate wants, by expat, without a document type."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from xml.parsers import expat

from gate.anpr.push.message import MalformedError

MOST_XML_BYTES = 64 * 1024
_DEEPEST = 16
_MOST_TEXT = 256
_ROOT = "EventNotificationAlert"
_SHORT_OFFSET = re.compile(r"([+-])(\d):(\d{2})$")


class Alert:
    """One alert's texts, by path under the root (`ANPR/licensePlate`). The first of a name counts."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def text(self, path: str) -> str | None:
        """The element's text without space around it; None when it is absent or empty."""
        return self._texts.get(path) or None

    def number(self, path: str, most: int) -> int | None:
        """A whole number from 0 to `most`, or None when absent. Raises MalformedError."""
        text = self.text(path)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit()) or len(text) > len(str(most)) or int(text) > most:
            raise MalformedError(f"{path} is no number up to {most}")
        return int(text)

    def time(self, path: str) -> datetime:
        """A date and time with its offset from UTC. Raises MalformedError."""
        # Some firmware writes the offset -8:00.
        text = _SHORT_OFFSET.sub(r"\g<1>0\2:\3", self.text(path) or "")
        try:
            time = datetime.fromisoformat(text)
            if time.tzinfo is None:
                raise MalformedError(f"{path} has no offset from UTC: set the camera's time zone")
            time.timestamp()
        except (ValueError, OverflowError) as error:
            if isinstance(error, MalformedError):
                raise
            raise MalformedError(f"{path} is no date and time") from error
        return time


def parse_alert(data: bytes) -> Alert:
    """The alert in `data`. Raises MalformedError for anything else, a DOCTYPE of any kind included."""
    if len(data) > MOST_XML_BYTES:
        raise MalformedError(f"the XML is longer than {MOST_XML_BYTES} bytes")
    reading = _Reading()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.characters
    # No document type, so no entities: nothing to expand and nothing to fetch.
    parser.StartDoctypeDeclHandler = reading.doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # an encoding nobody knows is a LookupError
        if isinstance(error, MalformedError):
            raise
        raise MalformedError(f"XML: {error}") from error
    return Alert(reading.texts)


class _Reading:
    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._path: list[str] = []
        self._text = ""

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if not self._path and local != _ROOT:
            raise MalformedError(f"the XML is no {_ROOT}")
        if len(self._path) >= _DEEPEST:
            raise MalformedError(f"the XML is nested deeper than {_DEEPEST}")
        self._path.append(local)
        self._text = ""

    def end(self, _name: str) -> None:
        self.texts.setdefault("/".join(self._path[1:]), self._text.strip())
        self._path.pop()
        self._text = ""

    def characters(self, text: str) -> None:
        self._text = (self._text + text)[:_MOST_TEXT]

    def doctype(self, *_declared: Any) -> None:
        raise MalformedError("the XML declares a document type")
