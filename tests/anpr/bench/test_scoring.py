"""Rates, coverage and times."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from gate.anpr.bench.answer import Answer, Loaded
from gate.anpr.bench.cases import Case
from gate.anpr.bench.scoring import accuracy_of, coverage_at, score, spread
from tests.anpr.bench.made import HERE, case, empty, read

CONFIDENCES = st.sampled_from([0.0, 0.25, 0.5, 0.75, 0.8, 1.0])
READS = st.none() | st.builds(read, st.sampled_from(["AB12", "ABI2", "AB13", "A", "XYZ789"]), CONFIDENCES)
MARKS = st.lists(st.builds(case, st.just("AB12"), READS), max_size=30)
EMPTY = st.lists(st.builds(empty, READS), max_size=5)


def _covered(marks: list[Case], others: list[Case], threshold: float, precision: float) -> float:
    """What a threshold covers, by counting; nothing where it is not that precise."""
    accepted = [one for one in (*marks, *others) if one.accepted(threshold)]
    if sum(one.right for one in accepted) < precision * len(accepted):
        return 0
    return sum(one.accepted(threshold) for one in marks) / len(marks)


@given(MARKS, EMPTY, st.floats(0, 1))
def test_no_threshold_covers_more_at_this_precision(
    marks: list[Case], others: list[Case], precision: float
) -> None:
    """The threshold told is that precise, and none of all there are accepts more."""
    coverage, threshold = coverage_at(precision, marks, others)
    if threshold is None:
        assert coverage == 0
    else:
        assert coverage == _covered(marks, others, threshold, precision)
    if marks:
        tried = (0.0, 0.25, 0.5, 0.75, 0.8, 1.0)
        assert coverage == max(_covered(marks, others, one, precision) for one in tried)


@given(MARKS, st.floats(0, 1), st.floats(0, 1))
def test_asking_for_more_precision_never_covers_more(marks: list[Case], one: float, other: float) -> None:
    """Coverage falls, or stays, as the precision rises."""
    low, high = sorted((one, other))
    assert coverage_at(low, marks)[0] >= coverage_at(high, marks)[0]


@given(MARKS, EMPTY, CONFIDENCES)
def test_rates_agree_with_one_another(marks: list[Case], others: list[Case], accept: float) -> None:
    """Folded is never below exact, accepted is right or wrong, and no rate leaves its bounds."""
    rates = accuracy_of([*marks, *others], accept, 0)
    assert (rates.marks, rates.empty, rates.boxes) == (len(marks), len(others), len(marks))
    if not marks:
        assert (rates.exact, rates.folded, rates.character_error_rate, rates.found) == (None,) * 4
        return
    assert rates.exact is not None
    assert rates.folded is not None
    assert rates.character_error_rate is not None
    assert rates.character_error_rate_folded is not None
    assert 0 <= rates.exact <= rates.folded <= 100
    assert 0 <= rates.character_error_rate_folded <= rates.character_error_rate
    assert rates.character_error_rate >= 0
    right = sum(one.right and one.accepted(accept) for one in marks)
    believed = sum(one.accepted(accept) for one in (*marks, *others))
    assert right + rates.accepted_and_wrong_count == believed
    refused_all = accuracy_of(marks, 1.01, 0)
    assert (refused_all.accepted, refused_all.accepted_and_wrong_count) == (0, 0)


def test_known_rates() -> None:
    """Two right, one of them folded, one wrong and believed, one not read, one wall believed."""
    cases = [
        case("AB123CD", read("AB123CD", 0.9)),
        case("RKO99AN", read("RK099AN", 0.7)),
        case("10AA019", read("10AA079", 0.8)),
        case("34ABC12", None),
        empty(read("NORTH1", 0.95)),
    ]
    rates = accuracy_of(cases, 0.8, 1)
    assert (rates.exact, rates.folded) == (25, 50)
    assert rates.character_error_rate == round(100 * 9 / 28, 1)
    assert rates.character_error_rate_folded == round(100 * 8 / 28, 1)
    assert (rates.accepted, rates.accepted_and_wrong, rates.accepted_and_wrong_count) == (50, 40, 2)
    assert (rates.coverage_at_995, rates.threshold_at_995) == (0, None)
    assert (rates.found, rates.found_text, rates.none) == (75, 75, 1)
    without_the_wall = accuracy_of(cases[:-1], 0.8, 1)
    assert (without_the_wall.coverage_at_995, without_the_wall.threshold_at_995) == (25, 0.9)


def test_a_box_of_the_text_alone_is_told_apart_from_the_plates() -> None:
    """Covered by more than half is a plate found, by a quarter its text; by less, nothing."""
    x, y, w, h = HERE
    boxes = [(x, y, w, h), (x, y, w // 2, h), (x, y, w // 4, h), (x, y, w // 5, h)]
    rates = accuracy_of([case("AB12", read("AB12", box=box)) for box in boxes], 0.8, 0)
    assert (rates.found, rates.found_text) == (25, 75)


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=50))
def test_most_photographs_are_quicker_than_the_95th_percentile(times: list[float]) -> None:
    """It is one of the times, at least the median, and 95 in a hundred do not exceed it."""
    told = spread(times)
    assert told is not None
    assert told.p95_ms in [round(one, 2) for one in times]
    assert min(times) - 0.01 <= told.median_ms <= told.p95_ms <= max(times) + 0.01
    assert sum(one <= told.p95_ms + 0.01 for one in times) >= 0.95 * len(times)


def test_nothing_measured_is_no_time_of_zero() -> None:
    """Photographs that could not be used leave no figure, and the line is still JSON."""
    told = score("ppocr", "set", 1, 0.8, [], [], 3, Loaded(12.34, 99.94))
    line = json.loads(json.dumps(told.to_json()))
    assert (line["photos"], line["unusable"], line["median_ms"], line["stages"]) == (0, 3, None, {})
    assert (line["load_ms"], line["peak_rss_mb"]) == (12.3, 99.9)


def test_a_stage_is_timed_where_it_was_come_to() -> None:
    """A photograph without a plate has no reading to time, and does not make reading look quick."""
    answers = [Answer(ms=9, stages={"finding": 5.0}), Answer(ms=19, stages={"finding": 7.0, "reading": 11.0})]
    stages = score("ppocr", "set", 1, 0.8, [], answers, 0, Loaded()).stages
    assert list(stages) == ["finding", "reading", "whole"]
    assert (stages["finding"].median_ms, stages["reading"].median_ms) == (6, 11)
    assert (stages["whole"].median_ms, stages["whole"].p95_ms) == (14, 19)
