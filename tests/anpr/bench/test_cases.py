"""Which read a plate is judged by, and what went wrong with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.anpr.bench.cases import Case, Failure, cases_of
from gate.anpr.bench.labels import Box
from gate.anpr.bench.matching import TOUCHED, best_overlap, overlap, read_of_each
from tests.anpr.bench.made import HERE, case, empty, photograph, plate, read

FAR: Box = (900, 600, 200, 50)
BOXES = st.tuples(*[st.integers(0, 40)] * 2, *[st.integers(1, 40)] * 2)


@given(BOXES, BOXES)
def test_overlap_is_a_share(one: Box, two: Box) -> None:
    """All of itself, the same both ways, none of what lies elsewhere."""
    assert overlap(one, one) == 1
    assert 0 <= overlap(one, two) == overlap(two, one) <= 1
    assert overlap(one, (one[0] + one[2], one[1], one[2], one[3])) == 0


def test_half_a_box_beside_itself() -> None:
    """Shifted by half its width, a box shares a third of what both cover."""
    assert overlap((0, 0, 10, 10), (5, 0, 10, 10)) == pytest.approx(1 / 3)


@given(st.lists(BOXES, max_size=4), st.lists(BOXES, max_size=4))
def test_no_read_is_two_plates(boxes: list[Box], found: list[Box]) -> None:
    """Each read is given once at most, only where it touches; the best covered plate has its best read."""
    reads = [read(f"AA{number}", box=box) for number, box in enumerate(found)]
    given_out = read_of_each(boxes, reads)
    assert len(given_out) == len(boxes)
    used = [one.mark for one in given_out if one is not None]
    assert len(used) == len(set(used))
    for box, one in zip(boxes, given_out, strict=True):
        assert one is None or overlap(box, one.box) >= TOUCHED
    best = max((best_overlap(box, reads) for box in boxes), default=0.0)
    got = [overlap(box, one.box) for box, one in zip(boxes, given_out, strict=True) if one is not None]
    assert max(got, default=0.0) == (best if best >= TOUCHED else 0.0)


def test_one_plate_is_judged_by_the_likeliest_read() -> None:
    """A badge read surely before the plate is what a lane would have believed."""
    (judged,) = cases_of(photograph(plate("AB123CD")), (read("EXIT79B", box=FAR), read("AB123CD")))
    assert judged.failure(0.8) == "accepted and wrong"
    assert judged.covered == 1


def test_several_plates_are_judged_each_by_the_read_on_it() -> None:
    """The order of the reads does not matter then."""
    both = photograph(plate("AB123CD"), plate("10AA019", FAR))
    cases = cases_of(both, (read("10AA019", box=FAR), read("AB123CD")))
    assert [one.exact for one in cases] == [True, True]
    (near, far) = cases_of(both, (read("10AA019", box=FAR),))
    assert (near.failure(0.8), far.failure(0.8)) == ("not found", None)


@pytest.mark.parametrize(
    ("judged", "failure"),
    [
        (case("AB123CD", read("AB123CD", 0.8)), None),
        (case("ABI2OCD", read("AB120CD", 0.8)), None),
        (case("AB123CD", read("AB123CD", 0.79)), "refused"),
        (case("AB123CD", read("AB128CD", 0.8)), "accepted and wrong"),
        (case("AB123CD", read("AB128CD", 0.79)), "misread"),
        (case("AB123CD", read("AB128CD", 0.79, FAR)), "not found"),
        (case("AB123CD", read("AB128CD", 0.99, FAR)), "accepted and wrong"),
        (case("AB123CD", None), "not found"),
        (case(None, None), "not found"),
        (case(None, read("AB123CD", 0.99)), None),
        (case(None, read("AB123CD", 0.1)), None),
        (empty(None), None),
        (empty(read("NORTH1", 0.79)), None),
        (empty(read("NORTH1", 0.8)), "accepted and wrong"),
    ],
)
def test_what_went_wrong(judged: Case, failure: Failure | None) -> None:
    """Believed wrongly before all; then misread, refused though right, or not found."""
    assert judged.failure(0.8) == failure


def test_where_no_plate_is_the_surest_read_counts() -> None:
    """A gate that believes any of them has believed a wall."""
    (judged,) = cases_of(photograph(), (read("A1234", 0.3), read("B1234", 0.9, FAR)))
    assert judged.read == read("B1234", 0.9, FAR)


def test_a_plate_not_read_has_all_its_signs_wrong() -> None:
    """And one read has those that differ, with and without O and 0 told apart."""
    assert case("AB123CD", None).errors == 7
    judged = case("RKO99AN", read("RK099AM", box=HERE))
    assert (judged.errors, judged.folded_errors) == (2, 1)
