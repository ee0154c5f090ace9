"""gate-keypad/1 as bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.kiosk.ports import KEYPAD_COLUMNS, Beep, Key, Screen
from hardware.kiosk.keypad import StuckKey
from hardware.kiosk.keypad_codec import (
    MAX_FRAME_BYTES,
    Alive,
    Bad,
    Frame,
    FrameParser,
    GateAlive,
    Pressed,
    Show,
    build,
)

SEQ = st.integers(0, 999)
LINE = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="$*"), max_size=KEYPAD_COLUMNS
).map(lambda line: line.rstrip())
FRAMES = st.one_of(
    st.builds(Pressed, SEQ, st.sampled_from(Key)),
    st.builds(Alive, SEQ, st.none() | SEQ),
    st.builds(Show, SEQ, st.builds(Screen, st.tuples(LINE, LINE), st.sampled_from(Beep))),
    st.builds(GateAlive, SEQ),
)


@given(st.lists(FRAMES, max_size=6), st.data())
def test_every_frame_comes_back_however_the_bytes_are_cut(frames: list[Frame], data: st.DataObject) -> None:
    """Built, cut anywhere, parsed: the same, in order."""
    stream = b"".join(map(build, frames))
    cut = data.draw(st.integers(0, len(stream)))
    parser = FrameParser()
    assert parser.feed(stream[:cut]) + parser.feed(stream[cut:]) == frames


@given(FRAMES)
def test_frames_are_short_lines_of_ascii(frame: Frame) -> None:
    """What the smallest controller can buffer, and a person read on a line monitor."""
    data = build(frame)
    assert len(data) <= MAX_FRAME_BYTES
    assert data.endswith(b"\n")
    assert data[:-1].decode("ascii").isprintable()


@given(FRAMES, st.data())
def test_one_wrong_byte_is_never_another_frame(frame: Frame, data: st.DataObject) -> None:
    """The checksum sees every single byte that was changed on the way."""
    raw = bytearray(build(frame))
    at = data.draw(st.integers(1, len(raw) - 2))
    raw[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[at]))
    assert frame not in FrameParser().feed(bytes(raw))
    assert not [item for item in FrameParser().feed(bytes(raw)) if not isinstance(item, Bad)]


@given(st.lists(st.binary(max_size=300), max_size=8), FRAMES)
def test_after_any_noise_the_next_whole_frame_is_heard(noise: list[bytes], frame: Frame) -> None:
    """Nothing raises, nothing grows, and the line recovers at its next end."""
    parser = FrameParser()
    for chunk in noise:
        parser.feed(chunk)
        assert len(parser._line) <= MAX_FRAME_BYTES
    assert parser.feed(b"\n" + build(frame))[-1] == frame


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"$K,001,5*0000\n", "damaged"),
        (b"hello\n", "damaged"),
        (b"$" + b"9" * 100 + b"\n", "too-long"),
        (build(Pressed(1, Key.FIVE))[:6] + build(Pressed(2, Key.SIX)), "damaged"),
    ],
)
def test_what_is_no_frame_is_named(raw: bytes, reason: str) -> None:
    """By one of three words."""
    assert FrameParser().feed(raw)[0] == Bad(reason)  # type: ignore[arg-type]  # the cases above


def test_a_key_nobody_knows_is_refused_by_name() -> None:
    """Rightly framed and yet no key of this terminal: an older gate, a newer terminal."""
    from binascii import crc_hqx

    body = b"K,001,F"
    raw = b"$" + body + b"*" + f"{crc_hqx(body, 0xFFFF):04X}".encode() + b"\r\n"
    assert FrameParser().feed(raw) == [Bad("unknown-key")]


def test_a_known_frame_is_what_the_document_says() -> None:
    """Byte for byte, so that a terminal's maker can compare."""
    assert build(Pressed(17, Key.FIVE)) == b"$K,017,5*6A1D\n"


def test_a_key_is_stuck_after_presses_no_finger_makes() -> None:
    """Fifteen of one key within three seconds; another key, or a pause, and it counts again."""
    stuck = StuckKey()
    counted = [stuck.press(Key.FIVE, at * 0.05) for at in range(40)]
    assert counted == [True] * 14 + [False] * 26
    assert stuck.press(Key.SIX, 2.1)
    for at in range(40):
        stuck.press(Key.FIVE, 3 + at * 0.05)
    assert stuck.stuck is Key.FIVE
    assert stuck.press(Key.FIVE, 9.0)


@given(st.lists(st.tuples(st.sampled_from("0123456789"), st.floats(0.25, 2)), min_size=13, max_size=13))
def test_a_number_keyed_in_briskly_is_never_a_stuck_key(presses: list[tuple[str, float]]) -> None:
    """Four a second, all of one digit if the number is."""
    stuck, now = StuckKey(), 0.0
    for digit, pause in presses:
        now += pause
        assert stuck.press(Key(digit), now)
