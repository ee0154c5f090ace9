"""Votes sign by sign: the same in any order, whole marks out of spoilt ones, no certainty of repetition."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.anpr.aligning import align, alike
from gate.anpr.looks import Look, views
from gate.anpr.voting import count
from gate.model import PlateCandidate, RegistrationMark

SIGNS = "0123456789ABXY"
MARK = "10AA019"


def look(
    mark: str,
    sure: float | tuple[float, ...] = 0.95,
    *,
    sequence: int = 1,
    sharpness: float = 100.0,
    x: int = 100,
    height: int = 30,
) -> Look:
    """One frame's read."""
    characters = sure if isinstance(sure, tuple) else (sure,) * len(mark)
    box = (x, 100, 5 * height, height)
    candidate = PlateCandidate(RegistrationMark(mark), "AZ", min(characters), box, mark, characters)
    return Look(sequence, float(sequence), sharpness, candidate)


marks = st.text(SIGNS, min_size=1, max_size=9)
seen = st.lists(
    st.tuples(
        st.sampled_from((MARK, "10AA018", "10AA01", "110AA019", "1OAA019")),
        st.floats(0, 1),
        st.floats(1, 5000),
        st.integers(0, 400),
    ),
    min_size=1,
    max_size=12,
).map(
    lambda rows: [
        look(mark, sure, sequence=number, sharpness=sharpness, x=x)
        for number, (mark, sure, sharpness, x) in enumerate(rows)
    ]
)


@given(marks, marks)
def test_an_alignment_uses_every_sign_once(one: str, other: str) -> None:
    """Each sign of either has a counterpart, has none, or is too many; the distance is the same both ways."""
    laid = align(one, other)
    used = [at for at in laid.pairs if at is not None] + [at for _, at in laid.extra]
    assert sorted(used) == list(range(len(other)))
    assert len(laid.pairs) == len(one)
    assert [at for at in laid.pairs if at is not None] == sorted(at for at in laid.pairs if at is not None)
    differ = sum(at is not None and one[place] != other[at] for place, at in enumerate(laid.pairs))
    assert laid.distance == differ + laid.pairs.count(None) + len(laid.extra)
    assert laid.distance == align(other, one).distance


def test_reads_a_third_apart_may_be_one_plate() -> None:
    """Two of seven signs may be misread; three may not."""
    for other, may in (("10AA08", True), ("18AA018", True), ("18BA018", False), ("34ABC123", False)):
        assert alike(align(MARK, other).distance, len(MARK)) is may


@given(seen, st.randoms(use_true_random=False))
def test_the_order_of_the_frames_decides_nothing(looks: list[Look], rng: random.Random) -> None:
    """Shuffled frames say the same, to the last digit."""
    shuffled = looks.copy()
    rng.shuffle(shuffled)
    assert count(shuffled, 0.8) == count(looks, 0.8)


@given(seen)
def test_no_sign_is_surer_than_correlated_frames_justify(looks: list[Look]) -> None:
    """At most half of the best frame's doubt is taken away; votes never outnumber the frames."""
    tally = count(looks, 0.8)
    assert len(tally.characters) == len(tally.mark)
    best = max(max(look.characters) for look in looks)
    assert 0.0 <= tally.confidence <= max(tally.characters) <= 1 - (1 - best) / 2 + 1e-9
    assert tally.lead <= tally.votes <= len(looks)


@given(st.floats(0, 1), st.integers(1, 40))
def test_the_same_picture_again_adds_nothing(sure: float, frames: int) -> None:
    """A vehicle that stands still is as sure after forty frames as after one."""
    once = count([look(MARK, sure)], 0.8)
    again = count([look(MARK, sure, sequence=number) for number in range(frames)], 0.8)
    assert again.confidence == pytest.approx(once.confidence)


def test_views_that_differ_add_a_little() -> None:
    """The plate moved half its height: less doubt than before, more than half of it left."""
    still = count([look(MARK, 0.9), look(MARK, 0.9, sequence=2)], 0.8)
    moved = count([look(MARK, 0.9), look(MARK, 0.9, sequence=2, x=120)], 0.8)
    assert still.confidence == pytest.approx(0.9)
    assert 0.9 < moved.confidence <= 0.95
    # Two independent witnesses would be worth 0.69.
    doubtful = count([look(MARK, 0.6), look(MARK, 0.6, sequence=2, x=120)], 0.8)
    assert 0.6 < doubtful.confidence < 0.66


def test_an_unsure_view_that_agrees_takes_nothing_away() -> None:
    """A blurred frame on the way to the line does not spoil the sharp one at it."""
    sharp = look(MARK, 0.9)
    assert count([sharp, look(MARK, 0.3, sequence=2, x=200)], 0.8).confidence == pytest.approx(0.9)


def test_a_view_that_reads_another_sign_costs_confidence() -> None:
    """Three views agree, a fourth is as sure of something else: less sure than the three alone."""
    agree = [look(MARK, 0.9, sequence=number, x=100 + 40 * number) for number in range(3)]
    other = look("10AA018", 0.9, sequence=9, x=400)
    assert count([*agree, other], 0.8).characters[-1] < count(agree, 0.8).characters[-1] - 0.02
    assert count([*agree, other], 0.8).characters[0] == count(agree, 0.8).characters[0]


def test_a_whole_mark_out_of_two_halves() -> None:
    """One frame is unsure of the first signs, another of the last: together every sign is read surely."""
    first = look(MARK, (0.5, 0.5, 0.97, 0.97, 0.97, 0.97, 0.97))
    second = look(MARK, (0.97, 0.97, 0.97, 0.97, 0.97, 0.5, 0.4), sequence=2, x=140)
    tally = count([first, second], 0.9)
    assert tally.mark == MARK
    assert tally.votes == 1
    assert tally.confidence >= 0.9


def test_a_mark_that_no_frame_read() -> None:
    """Each of three frames spoils another sign, and is unsure of it; the votes read past all three."""
    spoilt = [
        look("70AA019", (0.4, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95), sequence=1, x=100),
        look("10AA819", (0.95, 0.95, 0.95, 0.95, 0.4, 0.95, 0.95), sequence=2, x=130),
        look("10AA01", (0.95, 0.95, 0.95, 0.95, 0.95, 0.5), sequence=3, x=160),
    ]
    tally = count(spoilt, 0.8)
    assert tally.mark == MARK
    assert tally.votes >= 1
    assert tally.confidence <= 0.975


def test_a_sign_too_many_in_one_frame_is_dropped() -> None:
    """The crest read as an 8 in one frame of three is outvoted, and costs confidence in nothing else."""
    looks = [look(MARK, sequence=1), look("108AA019", sequence=2), look(MARK, sequence=3)]
    tally = count(looks, 0.8)
    assert (tally.mark, tally.votes, tally.lead) == (MARK, 3, 1)


@given(seen, st.integers(0, 11))
def test_views_are_told_apart_whatever_the_order(looks: list[Look], turn: int) -> None:
    """The same groups come of any order, and every look is in one of them."""
    turned = looks[turn % len(looks) :] + looks[: turn % len(looks)]
    groups = {frozenset(one.sequence for one in view) for view in views(looks)}
    assert groups == {frozenset(one.sequence for one in view) for view in views(turned)}
    assert sum(map(len, groups)) == len(looks)
