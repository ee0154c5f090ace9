"""What a keypad terminal shows when."""

from __future__ import annotations

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from gate.kiosk.dialogue import (
    CORRIDORS,
    IDLE_SECONDS,
    LANE,
    NOTICE_SECONDS,
    SAID,
    TURN_SECONDS,
    CallHelp,
    Dialogue,
    Give,
    Notice,
)
from gate.kiosk.lettering import STANDS_IN, in_ascii, in_latin
from gate.kiosk.next_steps import next_steps
from gate.kiosk.ports import KEYPAD_COLUMNS, Beep, Key
from gate.kiosk.slips import SAID_BY_SLIPS
from gate.kiosk.speech import LOCALES, load_device_tongues, load_tongues
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.views import KioskView
from gate.model import Corridor, NumberFormats, Onward
from tests.console.tiny_checkpoint import number

GOOD = number("482913756012")
BLANK = BoardMessage(MessageKind.BLANK)
WAIT = BoardMessage(MessageKind.WAIT, "H")
DIRECT = BoardMessage(MessageKind.DIRECT, "2", Corridor.BLUE)
DEVICE_WORDS, PAGE_WORDS = load_device_tongues(), load_tongues()


def english() -> Dialogue:
    """A keypad that begins in English."""
    return Dialogue(DEVICE_WORDS, PAGE_WORDS, "en")


def typed(dialogue: Dialogue, keys: str, now: float = 0.0) -> list[Give | CallHelp]:
    """Press keys one after another; what the driver asked for."""
    return [asked for key in keys if (asked := dialogue.press(Key(key), now)) is not None]


def test_from_welcome_to_the_lane() -> None:
    """The way of most drivers, screen by screen."""
    dialogue = english()
    assert dialogue.screen().lines == ("Type your number", "13 digits")
    assert typed(dialogue, GOOD[:9]) == []
    assert dialogue.screen().lines == ("Your number", "4829 137 56")
    assert typed(dialogue, GOOD[9:] + "E") == [Give(GOOD)]
    dialogue.note(Notice.THANKS, 1.0)
    assert dialogue.screen().lines == ("Thank you", "Please wait")
    dialogue.take(KioskView(WAIT), 0.0)
    assert dialogue.screen().lines == ("Please wait here", "Officer is coming")
    dialogue.take(KioskView(DIRECT), 0.0)
    assert dialogue.screen().lines == ("Go to lane 2", "Blue corridor")
    assert dialogue.screen().beep is Beep.TAKEN
    dialogue.take(KioskView(BLANK), 0.0)
    assert dialogue.screen().lines == ("Type your number", "13 digits")


def test_digits_are_grouped_as_on_the_notice() -> None:
    """4-3-3-3, from the first digit on."""
    grouped = NumberFormats().notification.printed
    assert [grouped(GOOD[:count]) for count in (0, 4, 5, 10, 13)] == [
        "",
        "4829",
        "4829 1",
        "4829 137 560",
        "4829 137 560 129",
    ]


def test_clear_takes_one_digit_and_more_than_thirteen_are_not_taken() -> None:
    """A finger that leans on a key costs the end of nothing."""
    dialogue = english()
    typed(dialogue, "1" * 20 + "CC2")
    assert dialogue.screen().lines[1] == "1111 111 111 12"


def test_a_slip_keeps_the_digits_for_correction() -> None:
    """The driver sees the word first, and the digits with the next key."""
    dialogue = english()
    typed(dialogue, "482E")
    dialogue.note(Notice.SLIP, 0.0)
    assert dialogue.screen().lines[0] == "Number has a slip"
    assert dialogue.screen().beep is Beep.WRONG
    typed(dialogue, "9")
    assert dialogue.screen().lines == ("Your number", "4829")


def test_enter_without_digits_asks_nothing() -> None:
    """No try is spent on it."""
    assert typed(english(), "EEE") == []


def test_the_neutral_text_does_not_take_half_a_number_away() -> None:
    """A held driver may be typing; when done, it is there again."""
    dialogue = english()
    typed(dialogue, "482")
    dialogue.take(KioskView(WAIT), 0.0)
    assert dialogue.screen().lines == ("Your number", "482")
    typed(dialogue, "CCC")
    assert dialogue.screen().lines == ("Please wait here", "Officer is coming")


def test_under_a_direction_only_help_and_language_are_heard() -> None:
    """The next driver's digits do not mix with this one's way."""
    dialogue = english()
    dialogue.take(KioskView(DIRECT), 0.0)
    assert typed(dialogue, "4829E") == []
    assert dialogue.screen().lines[0] == "Go to lane 2"
    assert typed(dialogue, "H") == [CallHelp()]
    typed(dialogue, "L")
    assert dialogue.screen().lines == ("Na polosu 2", "Siniy koridor")


def test_the_language_key_goes_round_and_a_new_driver_begins_anew() -> None:
    """The five languages that can be written in its letters; Persian speakers are given English."""
    dialogue = english()
    seen = []
    for _ in DEVICE_WORDS:
        typed(dialogue, "L")
        seen.append(dialogue.tongue)
    assert sorted(seen) == ["az", "en", "ka", "ru", "tr"]
    assert STANDS_IN == {"fa": "en"}
    typed(dialogue, "L")
    assert dialogue.chosen == "ru"
    dialogue.take(KioskView(DIRECT), 0.0)
    dialogue.take(KioskView(BLANK), 0.0)
    assert dialogue.chosen is None


def test_what_nobody_goes_on_with_is_forgotten() -> None:
    """A number half typed after a minute, thanks after less; a language, too."""
    dialogue = english()
    typed(dialogue, "L48", now=100.0)
    dialogue.tick(100 + IDLE_SECONDS - 1)
    assert dialogue.screen().lines[1] == "48"
    dialogue.tick(100 + IDLE_SECONDS)
    assert (dialogue.screen().lines[0], dialogue.chosen) == ("Type your number", None)
    dialogue.note(Notice.CALLED, 200.0)
    assert dialogue.screen().lines[0] == "Officer called"
    dialogue.tick(200 + NOTICE_SECONDS)
    assert dialogue.screen().lines[0] == "Type your number"


MESSAGES = st.sampled_from([BLANK, WAIT, DIRECT, *(BoardMessage(kind) for kind in MessageKind)])
STEPS = st.lists(
    st.one_of(
        st.sampled_from(Key), st.sampled_from(Notice), MESSAGES, st.floats(0, 100).map(lambda wait: wait)
    ),
    max_size=60,
)


@given(STEPS, st.sampled_from(sorted(DEVICE_WORDS)))
def test_no_order_of_things_makes_a_screen_that_cannot_be_shown(
    steps: list[Key | Notice | BoardMessage | float], language: str
) -> None:
    """Two lines of at most twenty printable ASCII letters, always; never a number beside a direction."""
    dialogue, now = Dialogue(DEVICE_WORDS, PAGE_WORDS, language), 0.0
    for step in steps:
        match step:
            case Key():
                dialogue.press(step, now)
            case Notice():
                dialogue.note(step, now)
            case BoardMessage():
                dialogue.take(KioskView(step), 0.0)
            case float():
                now += step
                dialogue.tick(now)
        lines = dialogue.screen().lines
        assert len(lines) == 2
        assert all(len(line) <= KEYPAD_COLUMNS and line.isascii() for line in lines)
        assert all(line.isprintable() and not set(line) & set("$*") for line in lines)


@pytest.mark.parametrize("language", sorted(DEVICE_WORDS))
def test_every_text_fits_the_display_in_every_language(language: str) -> None:
    """Nothing is cut off, nothing is lost to a question mark, and every text is translated."""
    tongue, page = DEVICE_WORDS[language], PAGE_WORDS[language]
    texts = [tongue.say(text).format(lane="G123", hours=10_000) for text in SAID]
    texts += [page.say(text) for text in CORRIDORS.values()]
    for shown in texts:
        lines = shown.split("\n")
        assert len(lines) <= 2, shown
        for line in map(in_ascii, lines):
            assert len(line) <= KEYPAD_COLUMNS, line
            assert "?" not in line
    with (LOCALES / language / "LC_MESSAGES/devices.po").open("rb") as source:
        entries = {entry.id: entry for entry in read_po(source, locale=language) if entry.id}
    assert set(entries) == {*SAID, *SAID_BY_SLIPS}
    for text, entry in entries.items():
        assert entry.string, text
        assert not entry.fuzzy
        assert language == "en" or entry.string != text, f"{text!r} is still English"
    assert "{lane}" in tongue.say(LANE)


@pytest.mark.parametrize(
    ("text", "ascii_only", "latin"),
    [
        ("Əhməd, Şağan, İçərişəhər \N{LATIN SMALL LETTER DOTLESS I}ğd", "Ehmed, Sagan, Iceriseher igd", None),
        ("Щёлково, подъезд", "Shchelkovo, podezd", "Shchelkovo, podezd"),
        ("მწვანე დერეფანი", "mtsvane derepani", "mtsvane derepani"),
        ("No\N{NO-BREAK SPACE}5 \N{EM DASH} it\N{RIGHT SINGLE QUOTATION MARK}s", "No 5 - it's", None),
        ("\x1b[2J", " [2J", None),
        ("مسیر", "????", None),
    ],
)
def test_letters_a_device_lacks(text: str, ascii_only: str, latin: str | None) -> None:
    """As in telegrams and passports."""
    assert in_ascii(text) == ascii_only
    assert in_latin(text) == (text if latin is None else latin)


@given(st.text())
def test_any_text_becomes_printable_ascii(text: str) -> None:
    """Nothing a display could choke on."""
    assert in_ascii(text).isascii()
    assert in_ascii(text).isprintable()


def test_what_comes_next_is_said_in_turn() -> None:
    """The lane, then what a yellow driver must know (5.5-5.7), two lines at a time, and round again."""
    dialogue = english()
    bound = Onward(("samur - Nabrań, Xaçmaz",), 48)
    dialogue.take(KioskView(BoardMessage(MessageKind.DIRECT, "3", Corridor.YELLOW), "v1", bound), 100.0)
    told = []
    for turn in range(7):
        dialogue.tick(100.0 + turn * TURN_SECONDS)
        told.append(dialogue.screen())
    assert [screen.lines for screen in told] == [
        ("Go to lane 3", "Yellow corridor"),
        ("Have your documents", "ready for checking"),
        ("Route: samur -", "Nabran, Xacmaz"),
        ("Hours to get there", "48"),
        ("Once there, tell", "customs within 1 h"),
        ("Do not unload, do", "not break seals"),
        ("Go to lane 3", "Yellow corridor"),
    ]
    assert [screen.beep for screen in told] == [Beep.TAKEN, *[Beep.NONE] * 6]


def test_green_and_blue_are_told_of_their_declaration() -> None:
    """It follows later (4.5, 5.4); blue is checked later too (5.3); neither has a way to keep to."""
    said = {}
    for corridor in (Corridor.GREEN, Corridor.BLUE):
        steps = next_steps(corridor, None, DEVICE_WORDS["en"].say)
        said[corridor] = [" ".join(lines) for lines in steps]
    assert said[Corridor.GREEN] == ["Declaration follows later, by the Code"]
    assert said[Corridor.BLUE] == ["Goods are checked later, by customs", *said[Corridor.GREEN]]
