"""The multipart splitter: any stream, in any pieces, within its memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.cameras.multipart import MAX_HEADER_BYTES, MultipartSplitter, boundary_of

LIMIT = 500
bodies = st.lists(st.binary(min_size=1, max_size=LIMIT).filter(lambda b: b"--edge" not in b), max_size=5)


def feed(data: bytes, cuts: int = 0) -> tuple[list[bytes], list[str]]:
    """All parts and refusals of a stream, fed in pieces of `cuts` bytes."""
    refused: list[str] = []
    splitter = MultipartSplitter(b"edge", LIMIT, refused.append)
    size = cuts or len(data) or 1
    parts = [part for at in range(0, len(data), size) for part in splitter.feed(data[at : at + size])]
    return parts, refused


def stream(parts: list[bytes], *, lengths: bool) -> bytes:
    """The parts as a camera sends them."""
    out = b""
    for part in parts:
        length = b"Content-Length: %d\r\n" % len(part) if lengths else b""
        out += b"--edge\r\nContent-Type: image/jpeg\r\n" + length + b"\r\n" + part + b"\r\n"
    return out + b"--edge--\r\n"


@given(bodies, st.integers(min_value=1, max_value=64))
def test_parts_with_lengths_come_out_as_they_went_in(parts: list[bytes], cuts: int) -> None:
    """However the network cuts them."""
    assert feed(stream(parts, lengths=True), cuts) == (parts, [])


@given(bodies, st.integers(min_value=1, max_value=64))
def test_parts_without_lengths_come_out_too(parts: list[bytes], cuts: int) -> None:
    """Cameras that give no Content-Length are read up to the next delimiter."""
    assert feed(stream(parts, lengths=False), cuts) == (parts, [])


@given(st.binary(max_size=3000), st.integers(min_value=1, max_value=200))
def test_no_stream_breaks_it_and_the_next_picture_is_seen(noise: bytes, cuts: int) -> None:
    """After any rubbish, sound parts are found again, and memory stays bounded."""
    refused: list[str] = []
    splitter = MultipartSplitter(b"edge", LIMIT, refused.append)
    for at in range(0, len(noise), cuts):
        splitter.feed(noise[at : at + cuts])
    assert len(splitter._buffer) <= max(LIMIT, MAX_HEADER_BYTES) + cuts
    sound = stream([b"A" * 400] * 30, lengths=True)
    assert b"A" * 400 in splitter.feed(sound)


def test_a_part_too_large_is_refused_and_passed_over() -> None:
    """With a length, or without."""
    small = stream([b"small"], lengths=True)
    for lengths in (True, False):
        large = stream([b"x" * (LIMIT + 100)], lengths=lengths).removesuffix(b"--edge--\r\n")
        assert feed(large + small, 50) == ([b"small"], ["too-large"])


def test_endless_headers_are_refused() -> None:
    """A part that never begins."""
    data = b"--edge\r\n" + b"X: y\r\n" * 3000 + stream([b"ok"], lengths=True)
    assert feed(data, 1000) == ([b"ok"], ["headers"])


def test_a_length_that_lies_costs_only_the_pictures_it_covers() -> None:
    """The stream is found again behind it."""
    lying = b"--edge\r\nContent-Length: 250\r\n\r\nshort\r\n"
    parts, _ = feed(lying + stream([b"B" * 200, b"C" * 200, b"D" * 200], lengths=True))
    assert parts[-2:] == [b"C" * 200, b"D" * 200]


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/x-mixed-replace; boundary=edge", b"edge"),
        ('multipart/x-mixed-replace;boundary="--edge"', b"edge"),
        ("Multipart/X-Mixed-Replace; Boundary=edge; x=y", b"edge"),
        ("multipart/x-mixed-replace", None),
        ("image/jpeg", None),
        ("", None),
    ],
)
def test_boundaries_are_read_as_cameras_write_them(content_type: str, boundary: bytes | None) -> None:
    """With dashes or without, quoted or not."""
    assert boundary_of(content_type) == boundary
