"""The Alpha codec: bytes in, meaning out, whatever the bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.lanes.commands import BoardMessage, MessageKind
from gate.model import Corridor
from hardware.signboards.alpha import sign_text
from hardware.signboards.alpha_codec import (
    Acknowledged,
    Colour,
    Damaged,
    Frame,
    FrameParser,
    Text,
    build_frame,
    fold,
    parse_text,
    write_text,
)

texts = st.builds(
    Text,
    lines=st.lists(st.text(max_size=24), min_size=1, max_size=4).map(tuple),
    colour=st.sampled_from(Colour),
)


def test_a_known_frame_travels_as_the_protocol_says() -> None:
    """Worked out by hand: STX 02 + "AA" 82 + ESC 1B + " " 20 + "b" 62 + 1C + "2" 32 + "GO" 96 + ETX 03."""
    body = write_text(Text(("GO",), Colour.GREEN))
    total = sum(b"\x02AA\x1b b\x1c2GO\x03")
    assert body == b"AA\x1b b\x1c2GO"
    assert build_frame(Frame(body)) == b"\0\0\0\0\0\x01Z00\x02AA\x1b b\x1c2GO\x03" + b"%04X" % total + b"\x04"


@given(texts)
def test_what_is_written_reads_back_folded(text: Text) -> None:
    """Any text at all survives the wire, in the sign's letters."""
    (heard,) = FrameParser().feed(build_frame(Frame(write_text(text))))
    assert isinstance(heard, Frame)
    assert parse_text(heard.body) == Text(tuple(fold(line) for line in text.lines), text.colour)


@given(st.binary(max_size=3000), st.binary(max_size=50))
def test_no_bytes_break_the_parser(noise: bytes, more: bytes) -> None:
    """Noise is damage or nothing, and after the end of a frame the next one is heard."""
    parser = FrameParser()
    parser.feed(noise)
    parser.feed(more + b"\x04")
    frame = Frame(write_text(Text(("OK",), Colour.RED)))
    assert parser.feed(build_frame(frame))[-1] == frame


@given(texts, st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_one_wrong_byte_never_shows_another_text(text: Text, at: int, flip: int) -> None:
    """A damaged frame yields no frame with another body."""
    body = write_text(text)
    data = bytearray(build_frame(Frame(body)))
    data[at % len(data)] ^= flip
    heard = FrameParser().feed(bytes(data))
    assert all(item.body == body for item in heard if isinstance(item, Frame))


@given(st.binary(max_size=200), st.integers(min_value=0, max_value=200))
def test_cutting_the_stream_anywhere_changes_nothing(data: bytes, at: int) -> None:
    """Bytes arrive in any pieces."""
    whole, pieces = FrameParser(), FrameParser()
    assert whole.feed(data) == pieces.feed(data[:at]) + pieces.feed(data[at:])


@given(st.text(max_size=40))
def test_folded_text_holds_no_control_characters_and_folds_no_further(text: str) -> None:
    """No text can end a frame or start a command."""
    folded = fold(text)
    assert all(letter.isprintable() for letter in folded)
    assert fold(folded) == folded


@given(st.binary(max_size=300))
def test_parsing_a_body_never_raises(body: bytes) -> None:
    """Anything but a text is None."""
    found = parse_text(body)
    assert found is None or isinstance(found, Text)


def test_acknowledgements_are_told_apart() -> None:
    """ACK, NAK, noise."""
    assert FrameParser().feed(b"\x06\x00\x15") == [Acknowledged(True), Acknowledged(False)]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b"\x01Z00\x02AAX\x030000\x04", "wrong checksum"),
        (b"\x01Z00\x02AAX\x04", "no checksum"),
        (b"\x01Z\x04", "no header"),
        (b"\x01" + b"x" * 2000, "too long"),
        (b"\x01Z00\x02AA\x01", "a frame broken off"),
    ],
)
def test_damage_is_named(broken: bytes, reason: str) -> None:
    """The log says what is wrong with a line."""
    assert Damaged(reason) in FrameParser().feed(broken)


def test_azerbaijani_is_folded_to_letters_the_sign_has() -> None:
    """Ç, Ö, Ü are native; the others lose their marks."""
    assert fold("GÖZLƏYİN, MƏMUR GƏLİR") == "GÖZLEYIN, MEMUR GELIR"
    assert fold("ÜMUMİ ZOLAQ YAŞIL KEÇİN QIRMIZI BAĞLIDIR") == "ÜMUMI ZOLAQ YASIL KEÇIN QIRMIZI BAGLIDIR"
    assert write_text(Text(("Ü",), Colour.AMBER)).endswith(b"\x9a")


@pytest.mark.parametrize("corridor", list(Corridor))
def test_each_corridor_has_its_own_colour(corridor: Corridor) -> None:
    """A board's colour says the corridor it names, and no two share one."""
    text = sign_text(BoardMessage(MessageKind.DIRECT, lane="1", corridor=corridor))
    assert text.colour.name == corridor.name
