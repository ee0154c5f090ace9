"""multipart/form-data as cameras send it: parts in order, within limits, by the library forms use."""

from __future__ import annotations

from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from gate.anpr.push.message import MalformedError

MOST_PARTS = 8
_MOST_BOUNDARY = 70


@dataclass(frozen=True, slots=True)
class Part:
    """`name` is the field's name, `kind` its content type in lower case; either may be empty."""

    name: str
    kind: str
    data: bytes


def split(content_type: str, body: bytes) -> list[Part]:
    """The parts of a whole body. Raises MalformedError for one that is cut off or not multipart."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= _MOST_BOUNDARY:
        raise MalformedError("neither XML nor multipart/form-data with a boundary")
    collecting = _Collecting()
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": collecting.begin,
            "on_header_field": collecting.header_name,
            "on_header_value": collecting.header_value,
            "on_header_end": collecting.header_end,
            "on_part_data": collecting.data,
            "on_part_end": collecting.end,
            "on_end": collecting.finish,
        },
    )
    try:
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise MalformedError(f"multipart: {error}") from error
    if not collecting.finished:
        raise MalformedError("multipart: cut off before its closing boundary")
    return collecting.parts


class _Collecting:
    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.finished = False
        self._headers: dict[bytes, bytes] = {}
        self._name = b""
        self._value = b""
        self._data = bytearray()

    def begin(self) -> None:
        if len(self.parts) >= MOST_PARTS:
            raise MalformedError(f"multipart: more than {MOST_PARTS} parts")
        self._headers = {}
        self._data = bytearray()

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def data(self, data: bytes, start: int, end: int) -> None:
        self._data += data[start:end]

    def end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        kind, _ = parse_options_header(self._headers.get(b"content-type", b""))
        name = options.get(b"name") or options.get(b"filename") or b""
        part = Part(name.decode("utf-8", "replace"), kind.decode("latin-1").lower(), bytes(self._data))
        self.parts.append(part)

    def finish(self) -> None:
        self.finished = True
