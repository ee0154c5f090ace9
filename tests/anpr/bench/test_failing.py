"""What the sheets are told of a failure, from answers as an engine that tells everything gives them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from gate.anpr.bench.answer import Answer, Loaded
from gate.anpr.bench.failing import Failed, failures_of
from gate.anpr.bench.labels import Box, Labels, Photograph
from gate.anpr.bench.montage import write_png
from gate.anpr.bench.running import FolderRun, Run
from gate.anpr.bench.sheet import legible, write_html
from gate.model import PlateCandidate, RegistrationMark
from tests.anpr.bench.made import HERE, plate, read

FAR: Box = (700, 500, 150, 40)
LABEL = (80, 200, 60)
READ = (40, 140, 255)


def _run(folder: Path, *answers: tuple[Photograph, PlateCandidate | None]) -> Run:
    told = tuple(Answer(reads=(found,) if found is not None else ()) for _, found in answers)
    labels = Labels(folder, tuple(photograph for photograph, _ in answers))
    return Run("ppocr", 1, Loaded(), (FolderRun(labels, told),))


@pytest.fixture
def photo(tmp_path: Path) -> Photograph:
    """A gray picture whose label says that a plate is in it."""
    path = tmp_path / "gray.png"
    cv2.imwrite(str(path), np.full((720, 1280, 3), 128, dtype=np.uint8))
    return Photograph(path, (plate("AB123CD"),))


def _only(run: Run) -> Failed:
    (failed,) = failures_of([run], 0.8)
    return failed


def _has(picture: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((np.abs(picture.astype(int) - np.array(colour)).max(axis=2) < 30).any())


def test_confidences_stand_under_their_own_signs(photo: Photograph) -> None:
    """A sign left out has none, and those after it keep theirs."""
    found = replace(read("A128CD", 0.5), characters=(0.91, 0.92, 0.93, 0.5, 0.95, 0.96))
    signs = _only(_run(photo.path.parent, (photo, found))).signs
    assert [(sign.label, sign.read, sign.confidence) for sign in signs] == [
        ("A", "A", 0.91), ("B", "", None), ("1", "1", 0.92), ("2", "2", 0.93),
        ("3", "8", 0.5), ("C", "C", 0.95), ("D", "D", 0.96),
    ]  # fmt: skip
    assert [sign.differs for sign in signs] == [False, True, False, False, True, False, False]


def test_a_page_shows_them_with_the_alternatives(photo: Photograph, tmp_path: Path) -> None:
    """In percent, with what else it may be and what the net wrote."""
    found = replace(
        read("AB128CD", 0.504),
        characters=(0.99, 0.98, 0.97, 0.96, 0.504, 0.94, 0.93),
        alternatives=(RegistrationMark("AB123CD"), RegistrationMark("A8128CD")),
        raw="AB·128·CD",
    )
    page = tmp_path / "sheet.html"
    write_html(page, failures_of([_run(photo.path.parent, (photo, found))], 0.8), [])
    text = page.read_text(encoding="utf-8")
    sure = [f'<td class="sure">{percent}</td>' for percent in (99, 98, 97, 96, 50, 94, 93)]
    assert "".join(sure) in text
    for told in ("0.504", "AB123CD, A8128CD", "AB·128·CD", "Misread: 1"):
        assert told in text


def test_a_read_from_elsewhere_is_shown_where_it_came_from(photo: Photograph) -> None:
    """The label's part of the photograph, and another with what was read instead."""
    failed = _only(_run(photo.path.parent, (photo, read("EXIT798", 0.99, FAR))))
    assert failed.read_crop is not None
    assert (_has(failed.crop, LABEL), _has(failed.crop, READ)) == (True, False)
    assert (_has(failed.read_crop, LABEL), _has(failed.read_crop, READ)) == (False, True)
    beside = _only(_run(photo.path.parent, (photo, read("EXIT798", 0.99))))
    assert beside.read_crop is None


@pytest.mark.parametrize(
    "box", [HERE, (-40, -30, 80, 50), (1270, 715, 300, 90), (0, 0, 1280, 720), (5, 5, 1, 1)]
)
def test_a_box_at_the_edge_or_beyond_is_cut_to_the_picture(photo: Photograph, box: Box) -> None:
    """Labels are people's work: whatever they say, there is a picture to show."""
    failed = _only(_run(photo.path.parent, (replace(photo, plates=(plate("AB123CD", box),)), None)))
    assert 0 < failed.crop.shape[1] <= 340
    assert 0 < failed.crop.shape[0] <= 200


def test_the_worst_stand_first_and_the_surest_of_them(photo: Photograph) -> None:
    """Wrong and believed, misread, refused, not found."""
    found = [None, read("AB123CD", 0.2), read("AB128CD", 0.3), read("X999YZ", 0.9), read("X999YZ", 0.95)]
    run = _run(photo.path.parent, *((photo, one) for one in found))
    order = [
        (one.failure, one.case.read.confidence if one.case.read else None) for one in failures_of([run], 0.8)
    ]
    assert order == [
        ("accepted and wrong", 0.95),
        ("accepted and wrong", 0.9),
        ("misread", 0.3),
        ("refused", 0.2),
        ("not found", None),
    ]


def test_a_montage_says_what_it_leaves_out(photo: Photograph, tmp_path: Path) -> None:
    """It grows with the failures to a bound; none at all is a picture too."""
    heights = []
    for count in (0, 1, 5, 6, 30):
        path = tmp_path / "sheet.png"
        few = failures_of([_run(photo.path.parent, (photo, None))], 0.8)
        write_png(path, list(few) * count, most=5)
        picture = cv2.imread(str(path))
        assert picture is not None
        heights.append(picture.shape[0])
    assert heights[0] == heights[1] < heights[2] == heights[3] == heights[4]


def test_what_cannot_be_seen_is_spelt_out() -> None:
    """Controls, marks that turn writing round, and halves of pairs; letters of any script stay."""
    assert legible("a\x1b[31m\u202eb\ud800\n ж é") == "a\\x1b[31m\\u202eb\\ud800\\n ж é"
