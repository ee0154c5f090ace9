"""How alike two marks are: symmetric, blind to look-alikes, one slip wide, and no wider."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.model import Likeness, RegistrationMark, is_near, likeness
from gate.model.likeness import ALPHABET, LOOK_ALIKES, near_skeletons, skeleton

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
marks = st.text(SIGNS, min_size=1, max_size=9).map(RegistrationMark)
plates = st.from_regex(r"[0-9]{2}[A-Z]{2}[0-9]{3}", fullmatch=True).map(RegistrationMark)


@st.composite
def one_slip(draw: st.DrawFn) -> tuple[RegistrationMark, RegistrationMark]:
    """A plate, and the same with one sign wrong, missing or too many."""
    plate = draw(plates)
    at = draw(st.integers(0, len(plate) - 1))
    sign = draw(st.sampled_from(SIGNS))
    head, tail = plate[:at], plate[at:]
    slips = (head + sign + tail[1:], head + tail[1:], head + sign + tail)
    return plate, RegistrationMark(draw(st.sampled_from(slips)))


@pytest.mark.parametrize(
    ("read", "declared", "how"),
    [
        ("10AA123", "10AA123", Likeness.SAME),
        ("1OAA123", "10AA123", Likeness.LOOK_ALIKE),
        ("I0AA8Z3", "10AAB23", Likeness.LOOK_ALIKE),
        ("10\u0410\u0410123", "10AA123", Likeness.LOOK_ALIKE),
        ("AZ10AA123", "10AA123", Likeness.STRIP),
        ("TR34AB1234", "34AB1234", Likeness.STRIP),
        ("10AA124", "10AA123", Likeness.ONE_OFF),
        ("10AA12", "10AA123", Likeness.ONE_OFF),
        ("10AAA123", "10AA123", Likeness.ONE_OFF),
        ("1OAA124", "10AA123", Likeness.ONE_OFF),
        ("10AA213", "10AA123", None),
        ("TR10AA123", "10AA123", Likeness.STRIP),
        ("GE10AA123", "10AA123", None),
        ("77BC401", "10AA123", None),
        ("AB2", "AB3", None),
        ("", "10AA123", None),
    ],
)
def test_examples(read: str, declared: str, how: Likeness | None) -> None:
    """What a reader or a tired hand makes of a plate; TR too writes 10AA123, GE does not."""
    assert likeness(RegistrationMark(read), RegistrationMark(declared)) is how


@given(marks, marks)
def test_it_is_symmetric(one: RegistrationMark, other: RegistrationMark) -> None:
    """Who is like whom has no order."""
    assert likeness(one, other) is likeness(other, one)


@given(one_slip())
def test_one_slip_is_near(pair: tuple[RegistrationMark, RegistrationMark]) -> None:
    """Wherever it is."""
    assert is_near(*pair)


@given(plates, st.data())
def test_look_alikes_are_one(plate: RegistrationMark, data: st.DataObject) -> None:
    """However many of its signs are taken for their twins."""
    twins = {sign: sign + others for sign, others in LOOK_ALIKES}
    twins |= {twin: group for group in twins.values() for twin in group}
    changed = "".join(data.draw(st.sampled_from(twins.get(sign, sign))) for sign in plate)
    assert likeness(plate, RegistrationMark(changed)) in (Likeness.SAME, Likeness.LOOK_ALIKE)


@given(plates, plates)
def test_two_real_differences_are_never_near(one: RegistrationMark, other: RegistrationMark) -> None:
    """Marks of one length that differ in two signs or more, look-alikes apart, are two vehicles."""
    differ = sum(a != b for a, b in zip(skeleton(one), skeleton(other), strict=True))
    assert is_near(one, other) is (differ <= 1)


@given(marks, marks)
def test_what_is_near_is_among_what_is_looked_up(one: RegistrationMark, other: RegistrationMark) -> None:
    """The index is asked for every skeleton that a near mark may have."""
    if is_near(one, other):
        assert skeleton(other) in near_skeletons(one)


@given(one_slip())
def test_a_slip_is_among_what_is_looked_up(pair: tuple[RegistrationMark, RegistrationMark]) -> None:
    """Both ways."""
    read, declared = pair
    assert skeleton(declared) in near_skeletons(read)
    assert skeleton(read) in near_skeletons(declared)


def test_a_search_asks_for_a_few_hundred() -> None:
    """The cost of a look-up does not grow with what is declared."""
    assert len(near_skeletons(RegistrationMark("10AA123"))) < 500
    assert len(ALPHABET) == 36 - sum(len([t for t in twins if t.isascii()]) for _, twins in LOOK_ALIKES)
