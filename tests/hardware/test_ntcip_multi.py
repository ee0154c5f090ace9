"""The MULTI codec and NTCIP 1203's codes: bytes in, meaning out, whatever the bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.signage import DEFAULT, Arrow, Wording
from gate.model import Corridor
from hardware.signboards.multi import DARK, Font, Tag, Text, parse, read, render, write
from hardware.signboards.ntcip import sign_text
from hardware.signboards.ntcip_objects import ActivationCode, Memory, TableSource, message_crc

FONT = Font("ascii", {Arrow.LEFT: 0x1B, Arrow.RIGHT: 0x1A, Arrow.AHEAD: 0x18})
fonts = st.sampled_from([FONT, Font("iso8859-9", FONT.arrows), Font("cp1251", FONT.arrows)])
lines = st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from("←→↑[]ƏĞŞ"), max_size=24)
texts = st.builds(
    Text,
    lines=st.lists(lines, min_size=1, max_size=3).map(tuple),
    colour=st.none() | st.integers(min_value=0, max_value=9),
)
tags = st.builds(
    Tag,
    st.sampled_from(["cf", "jl", "jp", "nl", "np", "hc", "fo", "pt", "g", "/fl"]),
    st.text(alphabet="0123456789,abcdef", max_size=6),
)


def test_a_direction_travels_as_the_standard_says() -> None:
    """Centred page and lines, the corridor's colour, the arrow by its number in the font."""
    message = BoardMessage(MessageKind.DIRECT, "2", Corridor.BLUE)
    text = sign_text(message, Wording(("en", "az"), Arrow.LEFT), FONT, colours=True)
    assert write(text, FONT) == b"[jp3][jl3][cf5][hc1b] LANE 2 BLUE[nl][hc1b] ZOLAQ 2 MAVI"


def test_a_sign_of_one_colour_gets_no_colour() -> None:
    """A tag it does not know would make it refuse the whole text."""
    message = BoardMessage(MessageKind.DIRECT, "2", Corridor.RED)
    text = sign_text(message, Wording(("en",)), FONT, colours=False)
    assert write(text, FONT) == b"[jp3][jl3]LANE 2 RED"


@pytest.mark.parametrize("corridor", list(Corridor))
def test_each_corridor_has_its_own_colour(corridor: Corridor) -> None:
    """No two corridors share one, and none is the neutral amber."""
    shown = {sign_text(BoardMessage(MessageKind.DIRECT, "1", one), DEFAULT, FONT, colours=True).colour
             for one in Corridor}  # fmt: skip
    mine = sign_text(BoardMessage(MessageKind.DIRECT, "1", corridor), DEFAULT, FONT, colours=True).colour
    wait = sign_text(BoardMessage(MessageKind.WAIT), DEFAULT, FONT, colours=True).colour
    assert len(shown) == len(Corridor)
    assert mine != wait


@given(texts, fonts)
def test_what_is_written_reads_back_folded(text: Text, font: Font) -> None:
    """Any text at all survives the wire in the sign's letters, brackets too."""
    folded = Text(tuple(font.fold(line) for line in text.lines), text.colour)
    assert read(write(text, font), font) == (folded if any(folded.lines) else DARK)


@given(
    st.lists(tags | st.binary(min_size=1, max_size=9).map(lambda run: run.translate(None, bytes(range(32)))))
)
def test_tags_and_letters_survive_rendering(pieces: list[Tag | bytes]) -> None:
    """Parsing is rendering backwards, runs of letters joined."""
    joined: list[Tag | bytes] = []
    for piece in pieces:
        if isinstance(piece, bytes) and joined and isinstance(joined[-1], bytes):
            joined[-1] += piece
        elif piece:
            joined.append(piece)
    assert parse(render(tuple(joined))) == tuple(joined)


@given(st.binary(max_size=300) | st.text(alphabet="[]clfhnjp0123459/x ", max_size=60).map(str.encode))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    """Garbage is no text, never an error; what is a text can be written again and means the same."""
    parsed = parse(data)
    found = read(data, FONT)
    assert parsed is None or parse(render(parsed)) == parsed
    assert found is None or read(write(found, FONT), FONT) == Text(
        tuple(FONT.fold(line) for line in found.lines), found.colour
    )


@pytest.mark.parametrize(
    "foreign",
    [
        b"[cf5]LANE 2[cf1] RED",
        b"LANE [fl]2[/fl]",
        b"[g3]LANE 2",
        b"ONE[np]TWO",
        b"[hc7f]",
        b"LANE ]2",
        b"LANE [2",
        b"[xyz]LANE",
        b"LANE\x072",
        b"[mvl100]LANE 2",
    ],
)
def test_what_we_would_not_write_is_not_ours(foreign: bytes) -> None:
    """Two colours, flashing, pictures, pages, unknown tags, broken brackets: somebody else's text."""
    assert read(foreign, FONT) is None


def test_layout_a_sign_adds_or_drops_changes_nothing() -> None:
    """Upper-case tags, another font, page times: the words and their colour are what was asked."""
    wanted = Text(("LANE 2", "BLUE"), 5)
    assert read(b"[JP2][fo1][pt30o0][CF5]LANE 2[NL]BLUE", FONT) == wanted
    assert read(b"[cf5]LANE 2[nl]BLUE", FONT) == wanted


def test_the_standards_worked_example() -> None:
    """Message identity 04 00 05 95 F9 and activation code 01 0B 37 04 00 05 95 F9 67 08 09 0A."""
    crc = message_crc(b"[jp3]TEST [fl]Flashing[/fl]")
    assert TableSource(Memory.VOLATILE, 5, crc).dump().hex(" ") == "04 00 05 95 f9"
    code = ActivationCode(55, Memory.VOLATILE, 5, crc, duration=267, source=bytes([103, 8, 9, 10]))
    assert code.dump().hex(" ") == "01 0b 37 04 00 05 95 f9 67 08 09 0a"
    assert ActivationCode.parse(code.dump()) == code


@given(st.binary(max_size=20))
def test_codes_of_another_size_are_none(data: bytes) -> None:
    """Only twelve and five octets are codes."""
    assert (ActivationCode.parse(data) is None) is (len(data) != 12)
    assert (TableSource.parse(data) is None) is (len(data) != 5)


@given(st.binary(max_size=40))
def test_a_beacon_left_on_changes_the_checksum(multi: bytes) -> None:
    """The checksum covers text, beacon and pixel service: another centre's leftovers show."""
    assert message_crc(multi, 1) != message_crc(multi)
    assert message_crc(multi, 0, 1) != message_crc(multi)
