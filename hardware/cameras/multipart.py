"""multipart/x-mixed-replace apart from its transport: bytes in, picture bytes out, never an exception."""

from __future__ import annotations

import re
from collections.abc import Callable

MAX_HEADER_BYTES = 8 * 1024
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,12})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)


def boundary_of(content_type: str) -> bytes | None:
    """The boundary named in a Content-Type header, or None when the answer is no multipart stream."""
    if not content_type.lower().startswith("multipart/"):
        return None
    found = _BOUNDARY.search(content_type)
    # Many cameras write the delimiter's own dashes into the parameter; without them both kinds match.
    name = found.group(1).strip().lstrip("-") if found else ""
    return name.encode("ascii", "replace") if name else None


class MultipartSplitter:
    """Cuts a stream into parts. A part longer than `limit` is refused and the stream resynchronised.

    Parts are taken by Content-Length where it is given, else up to the next delimiter. A length
    that lies costs the parts it covers. Memory stays within `limit` plus one read.
    """

    def __init__(self, boundary: bytes, limit: int, refused: Callable[[str], None]) -> None:
        self._delimiter = b"--" + boundary
        self._limit = limit
        self._refused = refused
        self._buffer = bytearray()
        self._state: Callable[[list[bytes]], bool] = self._seek
        self._length = 0
        self._scanned = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The parts completed by `data`, oldest first."""
        self._buffer += data
        parts: list[bytes] = []
        while self._state(parts):
            pass
        return parts

    # Each state returns True when it moved on and another may run, False when it needs more bytes.

    def _seek(self, _parts: list[bytes]) -> bool:
        at = self._buffer.find(self._delimiter)
        if at < 0:
            del self._buffer[: max(0, len(self._buffer) - len(self._delimiter) + 1)]
            return False
        del self._buffer[: at + len(self._delimiter)]
        self._state = self._headers
        return True

    def _headers(self, _parts: list[bytes]) -> bool:
        if self._buffer.startswith(b"--"):  # the closing delimiter
            self._state = self._seek
            return True
        blank = _BLANK_LINE.search(self._buffer, 0, MAX_HEADER_BYTES)
        if blank is None:
            if len(self._buffer) < MAX_HEADER_BYTES:
                return False
            self._refused("headers")
            self._state = self._seek
            return True
        length = _LENGTH.search(self._buffer, 0, blank.start() + 1)
        # Taken before the buffer moves: a match looks its groups up in the buffer as it is then.
        declared = int(length.group(1)) if length is not None else None
        del self._buffer[: blank.end()]
        if declared is None:
            self._scanned = 0
            self._state = self._until_delimiter
        elif declared > self._limit:
            self._refused("too-large")
            self._state = self._seek
        else:
            self._length = declared
            self._state = self._by_length
        return True

    def _by_length(self, parts: list[bytes]) -> bool:
        if len(self._buffer) < self._length:
            return False
        self._take(self._length, parts)
        return True

    def _until_delimiter(self, parts: list[bytes]) -> bool:
        at = self._buffer.find(self._delimiter, self._scanned)
        if at >= 0:
            end = at
            for newline in (b"\r\n", b"\n"):
                if self._buffer.endswith(newline, 0, at):
                    end -= len(newline)
                    break
            self._take(end, parts)
            return True
        if len(self._buffer) > self._limit:
            self._refused("too-large")
            self._state = self._seek
            return True
        self._scanned = max(0, len(self._buffer) - len(self._delimiter) + 1)
        return False

    def _take(self, length: int, parts: list[bytes]) -> None:
        if length:
            parts.append(bytes(self._buffer[:length]))
        del self._buffer[:length]
        self._state = self._seek
