"""ESC/POS as bytes: slips out, status in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.kiosk.codes import code_as_modules
from gate.kiosk.ports import PrinterState, Slip, SlipLine
from hardware.kiosk.escpos_codec import (
    ASK_PRINTED,
    COLUMNS,
    FEED_AND_CUT,
    INITIALISE,
    Pages,
    Printed,
    Realtime,
    build_slip,
    draw,
    encode,
    hear,
    state_of,
)

PAGES = Pages(turkish=13, cyrillic=17)
WELL = 0x12


@pytest.mark.parametrize(
    ("text", "codec", "printed"),
    [
        ("Bildirişin nömrəsi: İĞ", "cp857", "Bildirişin nömresi: İĞ"),
        ("Şeride geçin", "cp857", "Şeride geçin"),
        ("Следуйте на полосу", "cp866", "Следуйте на полосу"),
        ("გადადით ზოლზე", "cp857", "gadadit zolze"),
        ("Lane 2 \N{EM DASH} go", "cp857", "Lane 2 - go"),
        ("مسیر", "cp857", "????"),
    ],
)
def test_each_language_in_the_letters_the_printer_has(text: str, codec: str, printed: str) -> None:
    """Two code pages; Georgian in Latin letters."""
    letters, page = encode(text, PAGES)
    assert letters.decode(codec) == printed
    assert page == (17 if codec == "cp866" else 13)


@given(st.text())
def test_no_text_can_command_the_printer(text: str) -> None:
    """No control byte comes out, whatever goes in: a lane's label opens no cash drawer."""
    letters, _ = encode(text, PAGES)
    assert all(byte >= 0x20 for byte in letters)


@given(st.lists(st.builds(SlipLine, st.text(max_size=100), st.booleans()), max_size=8))
def test_every_slip_begins_clean_fits_the_roll_and_asks_whether_it_is_out(lines: list[SlipLine]) -> None:
    """Initialised, no line longer than the roll is wide, cut, and the question at the end."""
    data = build_slip(Slip(tuple(lines)), PAGES)
    assert data.startswith(INITIALISE)
    assert data.endswith(FEED_AND_CUT + ASK_PRINTED)
    printed = [line.rpartition(b"\x1bt")[2][1:] if b"\x1bt" in line else line for line in data.split(b"\n")]
    assert all(len(line) <= 3 * COLUMNS for line in printed[:-1])  # Shch for one letter


@given(st.integers(0, 255))
def test_an_answer_is_of_one_kind_or_none(byte: int) -> None:
    """The fixed bits keep status, confirmation and noise apart."""
    answer = hear(byte)
    if isinstance(answer, Realtime):
        assert (byte & 0x02, byte & 0x10, byte & 0x81) == (2, 16, 0)
    elif isinstance(answer, Printed):
        assert byte & 0x90 == 0
    else:
        assert byte & 0x90


@pytest.mark.parametrize(
    ("printer", "cause", "paper", "state"),
    [
        (WELL, WELL, WELL, PrinterState.READY),
        (WELL, WELL, WELL | 0x0C, PrinterState.PAPER_LOW),
        (WELL | 0x08, WELL | 0x20, WELL | 0x6C, PrinterState.PAPER_OUT),
        (WELL, WELL, WELL | 0x60, PrinterState.PAPER_OUT),
        (WELL | 0x08, WELL | 0x04, WELL, PrinterState.COVER_OPEN),
        (WELL | 0x08, WELL | 0x24, WELL | 0x60, PrinterState.COVER_OPEN),
        (WELL | 0x08, WELL, WELL, PrinterState.OFFLINE),
        (WELL, WELL | 0x40, WELL, PrinterState.OFFLINE),
        (WELL | 0x04, WELL | 0x08, WELL, PrinterState.READY),
    ],
)
def test_the_three_answers_are_one_state(printer: int, cause: int, paper: int, state: PrinterState) -> None:
    """The one a person must see to first; a cash drawer and the feed button are none of ours."""
    assert state_of(Realtime(printer), Realtime(cause), Realtime(paper)) is state


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=60))
def test_no_byte_of_a_drawn_code_is_a_command(visit: str) -> None:
    """Printers obey real-time commands wherever they stand: the dots hold none, and fit the narrow roll."""
    drawn = draw(code_as_modules(visit))
    across, down = int.from_bytes(drawn[4:6], "little"), int.from_bytes(drawn[6:8], "little")
    assert across * 16 <= 384
    assert len(drawn) == 8 + across * down + 1
    assert set(drawn[8:-1]) <= {0x00, 0x0F, 0xF0, 0xFF}
