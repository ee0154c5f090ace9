"""Rates over many plates, and times over many photographs."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from gate.anpr.bench.answer import Answer, Loaded
from gate.anpr.bench.cases import Case
from gate.anpr.bench.matching import FOUND, TOUCHED
from gate.anpr.recogniser import Engine

PRECISION = 0.995
WHOLE = "whole"
"""The stage that is all of reading one photograph."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds over the photographs; the 95th percentile is the nearest rank's."""

    median_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How well plates are read. Shares are in percent, None where nothing was there to be judged.

    `marks` are the labelled plates whose text is known, `empty` the photographs without a plate. `exact`,
    `folded` (O=0, I=1), both character error rates, `accepted` and `coverage_at_995` are shares of the
    marks (or of their signs); `accepted_and_wrong` is judged folded and is a share of marks and empty
    photographs together. `coverage_at_995` is the most marks that a threshold accepts of whose reads
    99.5 % are right, and `threshold_at_995` that threshold: None where no threshold is that precise.
    `found` is the share of labelled boxes that a read covers by more than half (intersection over
    union), `found_text` by a quarter: for engines whose box is the text's and not the plate's.
    `none` counts photographs in which nothing at all was read.
    """

    marks: int
    empty: int
    exact: float | None
    folded: float | None
    character_error_rate: float | None
    character_error_rate_folded: float | None
    accepted: float | None
    accepted_and_wrong: float | None
    accepted_and_wrong_count: int
    coverage_at_995: float | None
    threshold_at_995: float | None
    boxes: int
    found: float | None
    found_text: float | None
    none: int


@dataclass(frozen=True, slots=True)
class Score:
    """One engine on one folder, or on all of them together (`folder` None).

    `stages` has the spread of every stage the engine tells apart, and of the whole; `processor` is the
    processor's time of the whole, which neighbours lengthen less. Memory is the reading process's alone,
    in MiB: after the engine was loaded, and the most it ever held up to the folder's end.
    """

    engine: Engine
    folder: str | None
    threads: int
    accept: float
    photos: int
    unusable: int
    accuracy: Accuracy
    stages: dict[str, Spread]
    processor: Spread | None
    load_ms: float
    loaded_rss_mb: float
    peak_rss_mb: float

    def to_json(self) -> dict[str, Any]:
        """The line `gate anpr bench --json` prints: the accuracy's keys beside the others."""
        line = asdict(self)
        accuracy = line.pop("accuracy")
        whole = self.stages.get(WHOLE)
        times = {
            "median_ms": whole.median_ms if whole is not None else None,
            "p95_ms": whole.p95_ms if whole is not None else None,
        }
        before = ("engine", "folder", "threads", "accept", "photos", "unusable")
        first = {key: line.pop(key) for key in before}
        return {**first, **accuracy, **times, **line}


def score(
    engine: Engine,
    folder: str | None,
    threads: int,
    accept: float,
    cases: Sequence[Case],
    answers: Sequence[Answer],
    unusable: int,
    loaded: Loaded,
) -> Score:
    """The figures of what was read; `unusable` photographs are counted and not judged."""
    return Score(
        engine=engine,
        folder=folder,
        threads=threads,
        accept=accept,
        photos=len(answers),
        unusable=unusable,
        accuracy=accuracy_of(cases, accept, sum(not answer.reads for answer in answers)),
        stages=_stages(answers),
        processor=spread([answer.processor_ms for answer in answers]),
        load_ms=round(loaded.load_ms, 1),
        loaded_rss_mb=round(loaded.rss_mb, 1),
        peak_rss_mb=round(max([loaded.rss_mb, *(answer.peak_rss_mb for answer in answers)]), 1),
    )


def accuracy_of(cases: Sequence[Case], accept: float, none: int) -> Accuracy:
    """The rates over these cases at this threshold."""
    marks = [case for case in cases if case.mark is not None]
    empty = [case for case in cases if case.plate is None]
    boxed = [case for case in cases if case.plate is not None]
    signs = sum(len(case.mark or "") for case in marks)
    wrong = sum(case.failure(accept) == "accepted and wrong" for case in cases)
    coverage, threshold = coverage_at(PRECISION, marks, empty)
    return Accuracy(
        marks=len(marks),
        empty=len(empty),
        exact=_percent(sum(case.exact for case in marks), len(marks)),
        folded=_percent(sum(case.right for case in marks), len(marks)),
        character_error_rate=_percent(sum(case.errors for case in marks), signs),
        character_error_rate_folded=_percent(sum(case.folded_errors for case in marks), signs),
        accepted=_percent(sum(case.accepted(accept) for case in marks), len(marks)),
        accepted_and_wrong=_percent(wrong, len(marks) + len(empty)),
        accepted_and_wrong_count=wrong,
        coverage_at_995=None if not marks else round(100 * coverage, 1),
        threshold_at_995=threshold,
        boxes=len(boxed),
        found=_percent(sum(case.covered > FOUND for case in boxed), len(boxed)),
        found_text=_percent(sum(case.covered >= TOUCHED for case in boxed), len(boxed)),
        none=none,
    )


def coverage_at(
    precision: float, marks: Sequence[Case], empty: Sequence[Case] = ()
) -> tuple[float, float | None]:
    """The largest share of `marks` that one threshold accepts while `precision` of what it accepts is
    right, folded, and that threshold; 0 and None where none is that precise.

    The threshold is looked for among the confidences measured, so with few plates it flatters: with
    under 200 it asks for no mistake at all.
    """
    read = [
        (case.read.confidence, case.right, case.plate is not None) for case in (*marks, *empty) if case.read
    ]
    read.sort(reverse=True)
    best: tuple[float, float | None] = (0.0, None)
    accepted = right = covered = 0
    for confidence, tied in groupby(read, key=lambda one: one[0]):
        # Reads of one confidence are accepted together or not at all.
        for _, is_right, of_mark in tied:
            accepted, right, covered = accepted + 1, right + is_right, covered + of_mark
        if marks and right >= precision * accepted:
            best = (covered / len(marks), confidence)
    return best


def spread(times: Iterable[float]) -> Spread | None:
    """Median and 95th percentile; None of nothing."""
    ordered = sorted(times)
    if not ordered:
        return None
    rank = math.ceil(0.95 * len(ordered)) - 1
    return Spread(round(statistics.median(ordered), 2), round(ordered[rank], 2))


def _stages(answers: Sequence[Answer]) -> dict[str, Spread]:
    """A stage that a photograph never came to is no time of zero: it is left out."""
    times: dict[str, list[float]] = {}
    for answer in answers:
        for stage, ms in answer.stages.items():
            times.setdefault(stage, []).append(ms)
    times[WHOLE] = [answer.ms for answer in answers]
    spreads = {stage: spread(taken) for stage, taken in times.items()}
    return {stage: found for stage, found in spreads.items() if found is not None}


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None
