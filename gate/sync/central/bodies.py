"""Reading request bodies within bounds, packed or not."""

from __future__ import annotations

import zlib
from http import HTTPStatus

from fastapi import Request
from starlette.requests import ClientDisconnect

from gate.sync.central.refusals import RefusalError

MAX_FORM_BYTES = 256 * 1024
_GZIP = 31


async def read_body(request: Request, limit: int) -> bytes:
    """The body, unpacked if it came gzipped; RefusalError when it is too long or cannot be unpacked."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise RefusalError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"The body is packed as {encoding[:40]!r}",
            do="send it plain or with Content-Encoding: gzip",
        )
    raw = bytearray()
    try:
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > limit:
                raise _too_long(limit)
    except ClientDisconnect as error:
        raise RefusalError(
            HTTPStatus.BAD_REQUEST, "The body broke off", do="send the request again"
        ) from error
    return _unpack(bytes(raw), limit) if encoding == "gzip" else bytes(raw)


def _unpack(packed: bytes, limit: int) -> bytes:
    # Bounded while unpacking: a few kilobytes of gzip can hold gigabytes.
    unpacker = zlib.decompressobj(wbits=_GZIP)
    try:
        body = unpacker.decompress(packed, limit + 1)
    except zlib.error as error:
        raise RefusalError(
            HTTPStatus.BAD_REQUEST, "The body is not gzip", do="pack it with gzip, or send it plain"
        ) from error
    if len(body) > limit:
        raise _too_long(limit)
    if not unpacker.eof or unpacker.unused_data:
        raise RefusalError(
            HTTPStatus.BAD_REQUEST,
            "The gzip body is cut short or has something behind it",
            do="send one whole gzip member",
        )
    return body


def _too_long(limit: int) -> RefusalError:
    return RefusalError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"The body is longer than {limit} bytes",
        do="send less in one request",
    )
