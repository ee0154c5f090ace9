"""The wire's codecs, and a transport before a central that misbehaves."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gate.errors import SyncError
from gate.model import (
    Category,
    Check,
    Declaration,
    DeclarationStatus,
    NotificationNumber,
    NumberFormat,
    NumberFormats,
    RegistrationMark,
    SealedVerdict,
    TransportMode,
    TravelDirection,
    damm_digit,
)
from gate.sealing import CIPHERTEXT_LENGTH, SIGNATURE_LENGTH
from gate.sync.transports.http import HttpTransport
from gate.sync.wire import MAX_PAGE_BYTES, EventBatch, WireDeclaration
from tests.clocks import trusted

ZONES = st.sampled_from([UTC, timezone(timedelta(hours=4)), timezone(timedelta(hours=-3, minutes=-30))])
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001 - bounds take none
NUMBERS = st.text("0123456789", min_size=12, max_size=12).map(lambda d: NotificationNumber(d + damm_digit(d)))
MARKS = st.text("ABCXYZ0189ƏĞ", min_size=1, max_size=16).map(RegistrationMark)
VERDICTS = st.builds(
    SealedVerdict,
    version=st.integers(1, 2**53),
    valid_from=MOMENTS,
    valid_until=MOMENTS,
    ciphertext=st.binary(min_size=CIPHERTEXT_LENGTH, max_size=CIPHERTEXT_LENGTH),
)
DECLARATIONS = st.builds(
    Declaration,
    number=NUMBERS,
    version=st.integers(1, 2**53),
    site=st.from_regex(r"[a-z0-9][a-z0-9-]{0,31}", fullmatch=True),
    direction=st.sampled_from(TravelDirection),
    mode=st.sampled_from(TransportMode),
    category=st.sampled_from(Category),
    status=st.just(DeclarationStatus.ACTIVE),
    marks=st.lists(MARKS, max_size=20).map(tuple),
    registered_at=MOMENTS,
    verdict=st.none() | VERDICTS,
    preliminary=st.none() | st.from_regex(r"[0-9]{13}", fullmatch=True).map(NotificationNumber),
    cargo=st.none() | st.from_regex(r"[0-9]{5}/[0-9]/(0[1-9]|1[0-2])/[0-9]{4}", fullmatch=True),
    signature=st.binary(min_size=SIGNATURE_LENGTH, max_size=SIGNATURE_LENGTH),
)


@given(DECLARATIONS)
def test_a_declaration_survives_the_wire(declaration: Declaration) -> None:
    """Out and back, any declaration is what it was, to the microsecond and the byte."""
    text = WireDeclaration.of(declaration).model_dump_json()
    assert WireDeclaration.model_validate_json(text).declaration() == declaration


@given(st.binary(max_size=300))
def test_garbage_is_no_batch(body: bytes) -> None:
    """Bytes that are no batch raise ValidationError and nothing else."""
    with pytest.raises(ValidationError):
        EventBatch.model_validate_json(body)


@asynccontextmanager
async def _answering(answer: bytes) -> AsyncIterator[HttpTransport]:
    """A transport before a server that answers every request with these bytes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    transport = HttpTransport(
        f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", "samur", "t", trusted()
    )
    async with server:
        yield transport
        await transport.aclose()


def _http(body: bytes, status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "disconnected"),
        (b"SSH-2.0-OpenSSH\r\n", "."),
        (b"\x00" * 2000, "."),
        (_http(b"<html>"), "not a FeedPage"),
        (_http(b"[" * 100_000), "not a FeedPage"),
        (_http(b'{"items": [], "cursor": -1, "head": 0}'), "cursor"),
        (_http(b'{"items": {}, "cursor": 0, "head": 0}'), "items"),
        (_http(b'{"items": [], "cursor": 0}'), "head"),
        (_http(b'{"items": [], "cursor": 0, "head": 0}'), "now"),
        (_http(b'{"items": [], "cursor": 0, "head": 0, "now": 1767225600}'), "now"),
        (_http(b'{"items": [], "cursor": 0, "head": 0, "now": "2026-01-01T00:00:00"}'), "now"),
        (_http(b"", "302 Found", "Location: http://elsewhere/\r\n"), "302"),
        (_http(b"<html>proxy</html>", "502 Bad Gateway"), "502 without a reason"),
        (_http(b'{"error": "Busy", "where": "here", "do": "wait"}', "503 Busy"), r"503 Busy \(here\): wait"),
        (_http(b" " * (MAX_PAGE_BYTES + 1)), "longer than"),
        (
            _http(gzip.compress(b" " * (40 * MAX_PAGE_BYTES)), headers="Content-Encoding: gzip\r\n"),
            "longer than",
        ),
        (_http(b"not gzip", headers="Content-Encoding: gzip\r\n"), "."),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", "."),
    ],
)
async def test_whatever_answers_is_a_sync_error_with_the_address(answer: bytes, said: str) -> None:
    """No answer, however wrong or long, is anything but a SyncError that names the address."""
    async with _answering(answer) as transport:
        with pytest.raises(SyncError, match=rf"(?s)/v2/sites/samur/feed: .*{said}"):
            await transport.fetch(0, 500)


@given(DECLARATIONS, st.text("0123456789", min_size=9, max_size=9))
def test_a_site_reads_the_numbers_its_settings_name(declaration: Declaration, body: str) -> None:
    """Ten digits with Luhn's check are a number where the site says so, and nowhere else."""
    formats = NumberFormats(NumberFormat(10, Check.LUHN, (10,)))
    told = json.loads(WireDeclaration.of(declaration).model_dump_json())
    told["number"] = formats.notification.complete(body)
    text = json.dumps(told)
    assert WireDeclaration.model_validate_json(text, context=formats).number == told["number"]
    with pytest.raises(ValidationError, match="is not a notification number: 13 digits"):
        WireDeclaration.model_validate_json(text)
