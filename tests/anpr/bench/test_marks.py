"""Distances between marks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gate.anpr.bench.marks import align, distance, fold

MARKS = st.text("01OIAB8", max_size=9)


@given(MARKS, MARKS)
def test_distance_is_one(label: str, read: str) -> None:
    """Nothing between equals, the same both ways, never more than the longer has signs."""
    apart = distance(label, read)
    assert (apart == 0) == (label == read)
    assert apart == distance(read, label)
    assert abs(len(label) - len(read)) <= apart <= max(len(label), len(read))


@given(MARKS, MARKS, MARKS)
def test_no_way_round_is_shorter(label: str, between: str, read: str) -> None:
    """The triangle holds."""
    assert distance(label, read) <= distance(label, between) + distance(between, read)


@given(MARKS, MARKS)
def test_an_alignment_is_both_marks_and_as_few_differences_as_can_be(label: str, read: str) -> None:
    """Its columns joined are the marks, and as many differ as the distance says."""
    pairs = align(label, read)
    assert "".join(one for one, _ in pairs) == label
    assert "".join(other for _, other in pairs) == read
    assert sum(one != other for one, other in pairs) == distance(label, read)
    assert ("", "") not in pairs


def test_known_distances() -> None:
    """Left out, put in, exchanged."""
    assert distance("AB123CD", "AB123CD") == 0
    assert distance("AB123CD", "AB23CD") == 1
    assert distance("AB123CD", "AB1234CD") == 1
    assert distance("AB123CD", "A8123CO") == 2
    assert distance("VW4X4WP", "4X4WP") == 2
    assert distance("10AA019", "") == 7


@given(MARKS)
def test_folding_settles_what_cannot_be_told_apart(mark: str) -> None:
    """O is 0 and I is 1; nothing else changes, and folding twice is folding once."""
    folded = fold(mark)
    assert not set(folded) & {"O", "I"}
    assert fold(folded) == folded
    assert [sign for sign in folded if sign not in "01"] == [sign for sign in mark if sign not in "OI01"]
