"""Scans out of a serial scanner's bytes and out of a keyboard-wedge scanner's key events."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.kiosk.ports import SCAN_MAX
from hardware.emulators.scanner import key, stroke
from hardware.kiosk.evdev_codec import (
    DOWN,
    EV_KEY,
    EV_SYN,
    EVENT,
    KEYS,
    REPEATED,
    SYN_DROPPED,
    SYN_REPORT,
    UP,
    EventParser,
    InputEvent,
    KeyStrokes,
)
from hardware.kiosk.scan_lines import BadScan, Scan, ScanLines, read_scan

TYPEABLE = "".join(sorted({character for pair in KEYS.values() for character in pair}))
TEXTS = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=("C", "Z")), min_size=1
)
ENTER = key(28)


def keyed(data: bytes, strokes: KeyStrokes | None = None, now: float = 0.0) -> list[Scan | BadScan]:
    """What the key events in `data` say."""
    strokes = strokes or KeyStrokes()
    items = (strokes.feed(event, now) for event in EventParser().feed(data))
    return [item for item in items if item is not None]


@given(st.lists(TEXTS.filter(lambda text: len(text.encode()) <= SCAN_MAX), max_size=5), st.data())
def test_every_scan_comes_out_however_the_bytes_are_cut(texts: list[str], data: st.DataObject) -> None:
    """One line, one scan, in order, whatever the reads look like."""
    stream = b"".join(text.encode() + b"\r\n" for text in texts)
    cut = data.draw(st.integers(0, len(stream)))
    lines = ScanLines("cr")
    assert lines.feed(stream[:cut], 1.0) + lines.feed(stream[cut:], 1.0) == [Scan(text) for text in texts]


@given(st.lists(st.binary(max_size=700), max_size=6), st.sampled_from(["cr", "lf"]))
def test_noise_on_the_line_never_raises(chunks: list[bytes], terminator: str) -> None:
    """Whatever comes, what goes on is short and printable."""
    lines = ScanLines("cr" if terminator == "cr" else "lf")
    for at, chunk in enumerate(chunks):
        for item in lines.feed(chunk, at * 0.3):
            if isinstance(item, Scan):
                assert len(item.text) <= SCAN_MAX
                assert item.text.isprintable()
    assert len(lines._line) <= SCAN_MAX + 1


def test_a_flood_is_one_refusal_and_the_next_scan_is_read() -> None:
    """However long it is, and even when its terminator comes late."""
    lines = ScanLines("cr")
    flood = [item for _ in range(100) for item in lines.feed(b"x" * 4096, 1.0)]
    assert flood == [BadScan("too-long")]
    assert lines.feed(b"tail\r12345\r", 1.1) == [Scan("12345")]


def test_a_scan_that_lost_its_end_is_not_glued_to_the_next() -> None:
    """What pauses in the middle is given up."""
    lines = ScanLines("cr")
    assert lines.feed(b"48291", 1.0) == []
    assert lines.feed(b"4829137560129\r", 9.0) == [BadScan("cut-off"), Scan("4829137560129")]


def test_a_scan_with_control_characters_is_no_text() -> None:
    """Tabs and group separators are spaces; an escape sequence is refused."""
    assert read_scan(b"01\x1d21\t3") == Scan("01 21 3")
    assert read_scan(b"\x1b[2J123") == BadScan("not-text")
    assert read_scan(b"\xff\xfe") == BadScan("not-text")


def test_a_scan_keeps_its_text_out_of_tracebacks_and_logs() -> None:
    """It may hold a number."""
    assert "4829137560129" not in repr(Scan("4829137560129"))


def test_an_input_event_is_the_kernels() -> None:
    """24 bytes on a 64-bit machine: two longs of time, type, code, value."""
    assert EVENT.size == 2 * struct.calcsize("l") + 8
    raw = struct.pack("llHHi", 1, 2, EV_KEY, 30, -1)
    assert EventParser().feed(raw) == [InputEvent(EV_KEY, 30, -1)]


@given(st.text(TYPEABLE, min_size=1, max_size=60).filter(lambda text: text.isprintable()), st.integers(1, 23))
def test_what_is_typed_is_what_is_read(text: str, cut: int) -> None:
    """Every character of a US keyboard, with shift, however the events are cut."""
    data = b"".join(map(stroke, text)) + ENTER
    parser, strokes = EventParser(), KeyStrokes()
    events = parser.feed(data[:cut]) + parser.feed(data[cut:])
    items = [item for event in events if (item := strokes.feed(event, 0.0)) is not None]
    assert items == [Scan(text)]


@given(st.lists(st.binary(max_size=200), max_size=10))
def test_noise_for_events_never_raises(chunks: list[bytes]) -> None:
    """And keeps less than one event back."""
    parser, strokes = EventParser(), KeyStrokes()
    for at, chunk in enumerate(chunks):
        for event in parser.feed(chunk):
            strokes.feed(event, at * 0.4)
    assert len(parser._rest) < EVENT.size
    assert len(strokes._text) <= SCAN_MAX


@given(
    st.lists(
        st.builds(InputEvent, st.sampled_from([0, 1, 4]), st.integers(0, 120), st.integers(0, 2)),
        max_size=300,
    )
)
def test_any_order_of_keys_makes_printable_scans_or_refusals(events: list[InputEvent]) -> None:
    """No sequence of presses, repeats and reports gets past that."""
    strokes = KeyStrokes()
    for event in events:
        item = strokes.feed(event, 0.0)
        assert item is None or isinstance(item, BadScan) or item.text.isprintable()


def test_a_stuck_key_types_one_character_and_is_told() -> None:
    """Its repeats are no digits."""
    five = 6
    strokes = KeyStrokes()
    assert strokes.feed(InputEvent(EV_KEY, five, DOWN), 0.0) is None
    told = [strokes.feed(InputEvent(EV_KEY, five, REPEATED), 0.1) for _ in range(100)]
    assert [item for item in told if item] == [BadScan("stuck-key")] * 2
    strokes.feed(InputEvent(EV_KEY, five, UP), 0.2)
    assert keyed(stroke("7") + ENTER, strokes, 0.3) == [Scan("7")]


def test_an_overrun_costs_the_scan_it_hit_and_no_other() -> None:
    """Nothing is read until the kernel's next report, then everything again."""
    strokes = KeyStrokes()
    assert keyed(stroke("1") + stroke("2"), strokes) == []
    assert strokes.feed(InputEvent(EV_SYN, SYN_DROPPED, 0), 0.0) == BadScan("overrun")
    assert strokes.feed(InputEvent(EV_KEY, 6, DOWN), 0.0) is None
    assert strokes.feed(InputEvent(EV_SYN, SYN_REPORT, 0), 0.0) is None
    assert keyed(stroke("9") + ENTER, strokes) == [Scan("9")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (key(200) + stroke("1") + ENTER, "unknown-key"),
        (stroke("1") * (SCAN_MAX + 1) + ENTER, "too-long"),
    ],
)
def test_a_line_of_keys_that_is_no_scan_is_refused_at_its_end(data: bytes, reason: str) -> None:
    """Once, and the next one is read."""
    strokes = KeyStrokes()
    (bad,) = keyed(data, strokes)
    assert isinstance(bad, BadScan)
    assert bad.reason == reason
    assert keyed(stroke("4") + ENTER, strokes) == [Scan("4")]


def test_half_typed_keys_are_given_up_after_a_pause() -> None:
    """A scan that lost its Enter is not glued to the next."""
    strokes = KeyStrokes()
    keyed(stroke("4") * 3, strokes, 0.0)
    assert keyed(stroke("8") + ENTER, strokes, 5.0) == [BadScan("cut-off"), Scan("8")]
