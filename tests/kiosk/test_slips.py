"""What a slip says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gate.kiosk.codes import code_as_modules
from gate.kiosk.ports import SlipLine
from gate.kiosk.slips import MOST_NUMBERS, languages, make_slip, speakers_of
from gate.kiosk.speech import load_device_tongues, load_tongues
from gate.lanes.commands import BoardMessage, MessageKind
from gate.model import Corridor
from tests.console.tiny_checkpoint import number

AT = datetime(2026, 11, 24, 10, 5, tzinfo=UTC)
GOOD = number("482913756012")
VISIT = "approach-7f3a21c9-12"
PAGE_WORDS, DEVICE_WORDS = load_tongues(), load_device_tongues()


def text_of(message: BoardMessage, *, numbers: int = 1, chosen: str | None = "en") -> list[str]:
    """The lines of a slip; a large one begins with "# "."""
    several = [number(f"{index:012d}") for index in range(numbers - 1)]
    slip = make_slip(
        message,
        VISIT,
        (GOOD, *several)[:numbers],
        AT,
        "khanoba A1",
        speakers_of(chosen, PAGE_WORDS, DEVICE_WORDS),
    )
    assert slip is not None
    return [f"# {line.text}" if line.large else line.text for line in (*slip.lines, *slip.below)]


def direct(corridor: Corridor, lane: str = "2") -> BoardMessage:
    """Sent to a lane."""
    return BoardMessage(MessageKind.DIRECT, lane, corridor)


def test_a_direction_whole() -> None:
    """Place, time, the lane, the number, the note of 4.5, and that it is no release."""
    assert text_of(direct(Corridor.GREEN)) == [
        "khanoba A1",
        f"{AT.astimezone():%d.%m.%Y %H:%M}",
        "",
        "Go to lane",
        "# 2",
        "",
        "Notification number",
        "4829 137 560 129",
        "",
        "The customs declaration follows later, by the terms of the Customs Code.",
        "This slip shows the direction only. It is not a release of the goods.",
        VISIT,
    ]


@pytest.mark.parametrize("chosen", [None, "az", "en", "ru", "tr", "ka", "fa"])
def test_a_slip_is_the_same_in_every_corridor(chosen: str | None) -> None:
    """The lane's label is all that differs: neither the corridor nor its reason is on paper."""
    slips = {tuple(text_of(direct(corridor), chosen=chosen)) for corridor in Corridor}
    assert len(slips) == 1
    words = " ".join(slips.pop()).lower()
    for corridor in (
        "green",
        "blue",
        "yellow",
        "red corridor",
        "yaş",
        "mavi",
        "rmiz",
        "зелён",
        "красн",
        "risk",
    ):
        assert corridor not in words


def test_a_slip_for_who_waits_is_the_same_whatever_the_cause() -> None:
    """No number, no lane: a typed number that is unknown and one that is RED make the same paper."""
    wait = BoardMessage(MessageKind.WAIT, "H")
    assert text_of(wait, numbers=0) == text_of(wait, numbers=1) == text_of(wait, numbers=5)
    assert "Please wait here. An officer is coming to you." in text_of(wait)
    assert GOOD[:4] not in " ".join(text_of(wait))


def test_outside_the_rules_is_the_general_lane() -> None:
    """REFER names no number either."""
    said = text_of(BoardMessage(MessageKind.REFER, "G"))
    assert "Go to the general lane" in said
    assert not any(line.startswith("# ") for line in said)


def test_in_the_drivers_language_or_the_boards_two() -> None:
    """Chosen at page or keypad; else Azerbaijani and English; English for Persian, too."""
    assert languages("ru") == ("ru",)
    assert languages("fa") == ("en",)
    assert languages(None) == ("az", "en")
    assert {"Bu zolağa keçin", "Go to lane"} <= set(text_of(direct(Corridor.RED), chosen=None))


def test_groupage_lists_its_numbers_up_to_a_limit() -> None:
    """One vehicle, one direction, many notices."""
    said = text_of(direct(Corridor.RED), numbers=MOST_NUMBERS + 3)
    assert sum(line.count(" ") == 3 and line.replace(" ", "").isdigit() for line in said) == MOST_NUMBERS
    assert "+ 3" in said


@pytest.mark.parametrize("kind", [MessageKind.BLANK, MessageKind.GO, MessageKind.CLOSED])
def test_what_directs_nobody_has_no_slip(kind: MessageKind) -> None:
    """An open barrier, a closed point."""
    assert (
        make_slip(BoardMessage(kind), VISIT, (), AT, "x", speakers_of(None, PAGE_WORDS, DEVICE_WORDS)) is None
    )


def test_a_number_is_never_large() -> None:
    """Only the lane is read from afar."""
    slip = make_slip(
        direct(Corridor.BLUE), VISIT, (GOOD,), AT, "x", speakers_of("en", PAGE_WORDS, DEVICE_WORDS)
    )
    assert slip is not None
    assert [line for line in slip.lines if line.large] == [SlipLine("2", large=True)]


def test_the_code_on_a_slip_is_the_visits_id_and_nothing_else() -> None:
    """The same for every corridor; of who waits there is none: his slip is everybody's."""
    speakers = speakers_of("en", PAGE_WORDS, DEVICE_WORDS)
    codes = set()
    for corridor in Corridor:
        slip = make_slip(direct(corridor), VISIT, (GOOD,), AT, "x", speakers)
        assert slip is not None
        codes.add(slip.code)
    assert codes == {code_as_modules(VISIT)}
    waits = make_slip(BoardMessage(MessageKind.WAIT, "H"), VISIT, (GOOD,), AT, "x", speakers)
    assert waits is not None
    assert (waits.code, waits.below) == ((), ())
