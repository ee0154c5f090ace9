"""Numbers as people write them: two spaces by their own formats, and the cargo declaration's."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gate.model import Check, NumberFormat, NumberFormats, damm_digit, luhn_digit, parse_cargo

digits = st.text("0123456789", min_size=1, max_size=17)
formats = st.builds(NumberFormat, st.integers(6, 18), st.sampled_from(Check), st.just((4, 3, 3, 3)))
DIGIT = st.sampled_from("0123456789")


@st.composite
def numbers(draw: st.DrawFn) -> tuple[NumberFormat, str]:
    """A format and a number of it."""
    space = draw(formats)
    size = space.length - 1
    body = draw(st.text("0123456789", min_size=size, max_size=size))
    return space, space.complete(body, draw(DIGIT))


@given(numbers(), st.data())
def test_a_number_is_read_however_it_is_spaced(made: tuple[NumberFormat, str], data: st.DataObject) -> None:
    """Spaces and dashes anywhere; and what is printed is read back."""
    space, number = made
    spaced = "".join(sign + data.draw(st.sampled_from(["", " ", "-", "  "])) for sign in number)
    assert space.parse(spaced) == number
    assert space.parse(space.printed(number)) == number


@given(numbers(), st.data())
def test_a_slip_of_one_digit_is_noticed_where_there_is_a_check(
    made: tuple[NumberFormat, str], data: st.DataObject
) -> None:
    """Damm and Luhn both catch every single wrong digit; without a check nothing does."""
    space, number = made
    at, digit = data.draw(st.integers(0, len(number) - 1)), data.draw(DIGIT)
    assume(number[at] != digit)
    slipped = number[:at] + digit + number[at + 1 :]
    assert (space.parse(slipped) is None) is (space.check is not Check.NONE)


@given(digits)
def test_damm_catches_every_transposition(body: str) -> None:
    """Which Luhn does not: 09 and 90 are one to it."""
    whole = body + damm_digit(body)
    for at in range(len(whole) - 1):
        if whole[at] != whole[at + 1]:
            swapped = whole[:at] + whole[at + 1] + whole[at] + whole[at + 2 :]
            assert damm_digit(swapped) != "0"
    assert luhn_digit("109") == luhn_digit("190")


@pytest.mark.parametrize(("body", "check"), [("7992739871", "3"), ("123456789", "7"), ("", "0"), ("0", "0")])
def test_luhn_is_the_one_of_iso_7812(body: str, check: str) -> None:
    """The standard's own example, and one everybody knows."""
    assert luhn_digit(body) == check


@given(numbers(), st.text(max_size=20))
def test_what_is_no_number_is_none(made: tuple[NumberFormat, str], text: str) -> None:
    """Too long, too short, other digits, anything."""
    space, number = made
    assert space.parse(number + "0") is None
    assert space.parse(number[:-1]) is None
    found = space.parse(text)
    assert found is None or (len(found) == space.length and found.isascii() and found.isdigit())


def test_other_peoples_digits_are_not_ours() -> None:
    """isdigit() is true of them; a check digit over them would be nonsense."""
    assert NumberFormat(6, Check.NONE).parse("\u0661\u0662\u0663\u0664\u0665\u0666") is None


def test_both_spaces_are_one_door() -> None:
    """Each text is read in its own space, told in both, and printed as its own notice prints it."""
    both = NumberFormats(NumberFormat(10, Check.LUHN, (3, 3, 4)), NumberFormat(8, Check.NONE, (4, 4)))
    assert both.parse("123-456-7897") == "1234567897"
    assert both.parse("1234 5678") == "12345678"
    assert both.parse("1234567890") is None
    assert (both.printed("1234567897"), both.printed("12345678")) == ("123 456 7897", "1234 5678")
    assert both.printed("10500/6/03/0042") == "10500/6/03/0042"
    assert both.told() == "8 or 10 digits, the last one a check digit"
    assert NumberFormats().told() == "13 digits, the last one a check digit"
    assert both.longest == 10
    assert len(NumberFormats().each) == 1, "two spaces of one format are asked once"


@pytest.mark.parametrize("text", ["10500/6/03/0042", " 10500 / 6 / 03 / 0042 ", "00000/0/12/9999"])
def test_a_cargo_declarations_number(text: str) -> None:
    """Office, last digit of the year, month, sequence (003, box 7)."""
    assert parse_cargo(text) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "99999/9/99/9999"),
        ("10500/6/3/42", "99999/9/99/9999"),
        ("10500-6-03-0042", "99999/9/99/9999"),
        ("105006030042", "99999/9/99/9999"),
        ("1050O/6/03/0042", "99999/9/99/9999"),
        ("10500/6/03/00421", "99999/9/99/9999"),
        ("10500/6/00/0042", "names month 00"),
        ("10500/6/13/0042", "names month 13"),
        ("10500/6/03/0000", "begin at 0001"),
    ],
)
def test_a_wrong_cargo_number_says_what_is_wrong(text: str, says: str) -> None:
    """It has no check digit, so it is read strictly."""
    with pytest.raises(ValueError, match=says):
        parse_cargo(text)
