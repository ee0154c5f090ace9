"""Labels as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.anpr.bench.labels import BenchError, labelled_folders, load_labels
from tests.anpr.bench.made import plate

HEAD = "file\tplate\tx\ty\tw\th\n"


def _labels(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "labels.tsv").write_text(text, encoding="utf-8")
    return folder


def test_a_photograph_stands_once_with_all_its_plates(tmp_path: Path) -> None:
    """Rows of one file are one photograph; marks are compared without spaces, dashes and case."""
    rows = "a.jpg\tab-123 cd\t1\t2\t30\t9\nb.jpg\t\t5\t6\t7\t8\na.jpg\t\t60.4\t70\t80\t20\n"
    labels = load_labels(_labels(tmp_path, HEAD + rows))
    assert [one.path for one in labels.photographs] == [tmp_path / "a.jpg", tmp_path / "b.jpg"]
    assert labels.photographs[0].plates == (plate("AB123CD", (1, 2, 30, 9)), plate(None, (60, 70, 80, 20)))
    assert labels.photographs[1].plates == (plate(None, (5, 6, 7, 8)),)
    assert (labels.bad, labels.left_out) == ((), 0)


def test_columns_may_stand_in_any_order_and_plates_be_absent(tmp_path: Path) -> None:
    """What counts is the heading, also behind the mark that some editors put before everything."""
    labels = load_labels(_labels(tmp_path, "\ufeffx\ty\tw\th\tseen\tfile\n1\t2\t30\t9\tdusk\ta.jpg\n"))
    assert labels.photographs[0].plates == (plate(None, (1, 2, 30, 9)),)


def test_a_row_of_a_name_alone_says_that_there_is_no_plate(tmp_path: Path) -> None:
    """A photograph of nothing is a test too: whatever is read there is wrong."""
    labels = load_labels(_labels(tmp_path, HEAD + "road.jpg\t\t\t\t\t\n"))
    assert labels.photographs[0].plates == ()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a.jpg\tAB12\tleft\t1\t1\t1", "x 'left' is no number"),
        ("a.jpg\tAB12\t1\t1\tnan\t1", "w 'nan' is no number"),
        ("a.jpg\tAB12\t1\t1\t1e12\t1", "w '1e12' is no number"),
        ("a.jpg\tAB12\t1\t1\t0\t9", "a box of 0 x 9 pixels"),
        ("a.jpg\tAB12\t1\t1", "w '' is no number"),
        ("a.jpg\t--\t1\t1\t9\t9", "plate '--' has no letter or digit"),
        ("a.jpg\tAB12\t\t\t\t", "x '' is no number"),
        ("\tAB12\t1\t1\t9\t9", "no file is named"),
        ("a\0.jpg\tAB12\t1\t1\t9\t9", "no file is named"),
    ],
)
def test_a_row_that_says_nothing_usable_is_told_and_left_out(tmp_path: Path, row: str, said: str) -> None:
    """The place and the reason; the other photographs stand."""
    labels = load_labels(_labels(tmp_path, f"{HEAD}{row}\nb.jpg\tAB12\t1\t1\t9\t9\n"))
    assert [one.path.name for one in labels.photographs] == ["b.jpg"]
    (told,) = labels.bad
    assert f"labels.tsv:2: {said}" in told
    assert labels.left_out == 1


def test_a_photograph_with_one_bad_row_is_not_judged_by_the_others(tmp_path: Path) -> None:
    """What it shows is not known: a read of the plate in the bad row would count as wrong."""
    rows = "a.jpg\tAB12\t1\t1\t9\t9\na.jpg\tCD34\tx\t1\t9\t9\nb.jpg\tAB12\t1\t1\t9\t9\n"
    labels = load_labels(_labels(tmp_path, HEAD + rows))
    assert [one.path.name for one in labels.photographs] == ["b.jpg"]
    assert labels.left_out == 1


def test_only_the_first_photographs_are_taken(tmp_path: Path) -> None:
    """A limit counts photographs, not rows."""
    rows = "".join(f"{name}.jpg\t\t1\t1\t9\t9\n" for name in "aabc")
    labels = load_labels(_labels(tmp_path, HEAD + rows), 2)
    assert [one.path.name for one in labels.photographs] == ["a.jpg", "b.jpg"]
    assert len(labels.photographs[0].plates) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column file, x, y, w, h"),
        ("file\tplate\n", "no column x, y, w, h"),
        (HEAD, "no photograph is labelled"),
        (f"{HEAD}a.jpg\tAB\tleft\t1\t1\t1\n", r"labels\.tsv:2: x 'left'"),
    ],
)
def test_labels_without_any_photograph_are_refused(tmp_path: Path, text: str, said: str) -> None:
    """There is nothing to measure, and the message says why."""
    with pytest.raises(BenchError, match=said):
        load_labels(_labels(tmp_path, text))


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    """A photograph named as labels is told, not guessed at."""
    (tmp_path / "labels.tsv").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(BenchError, match=r"labels\.tsv"):
        load_labels(tmp_path)


def test_folders_are_found_one_level_down(tmp_path: Path) -> None:
    """A folder of labelled folders is all of them, by name; one without any is refused."""
    for name in ("b", "a"):
        _labels(tmp_path / name, HEAD)
    (tmp_path / "c").mkdir()
    assert labelled_folders(tmp_path) == [tmp_path / "a", tmp_path / "b"]
    assert labelled_folders(tmp_path / "b") == [tmp_path / "b"]
    for bare in (tmp_path / "c", tmp_path / "not there"):
        with pytest.raises(BenchError, match=r"labels\.tsv"):
            labelled_folders(bare)
