"""`gate anpr bench` with a real engine on rendered photographs."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from gate.anpr.bench.answer import Answer
from gate.anpr.bench.failing import failures_of
from gate.anpr.bench.labels import Labels, Photograph, load_labels
from gate.anpr.bench.running import EngineFailedError, EngineMissingError, run_engine
from gate.anpr.cli import app
from gate.anpr.recogniser import Engine
from hardware.emulators.scenes import empty_road, render_scene

PLATES = {"AZ": "90AA123", "GE": "AB123CD", "TR": "34ABC123", "RU": "A123BC77", "KZ": "123ABC02"}
"""A mark of each state, as it writes them."""
ODD = "<b>\x07é.jpg"
"""A file's name that neither a page nor a terminal may take at its word."""

runner = CliRunner()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two labelled folders: one of every kind of answer, and one with boxes alone."""
    root = tmp_path_factory.mktemp("labelled")
    mixed, boxes = root / "[red]mixed", root / "boxes"
    mixed.mkdir()
    boxes.mkdir()
    scene = render_scene("AB123CD", country="GE", seed=4)
    for name in ("right.jpg", "folded.jpg", ODD):
        cv2.imwrite(str(mixed / name), scene)
    cv2.imwrite(str(mixed / "road.jpg"), empty_road(seed=1))
    (mixed / "cut.jpg").write_bytes((mixed / "right.jpg").read_bytes()[:20_000])
    (mixed / "labels.tsv").write_text(
        "file\tplate\tx\ty\tw\th\n"
        "right.jpg\tAB 123 CD\t660\t480\t200\t80\n"
        "folded.jpg\tABI23CD\t660\t480\t200\t80\n"
        f"{ODD}\tAB128CD\t660\t480\t200\t80\n"
        "road.jpg\t\t\t\t\t\n"
        "cut.jpg\tAB123CD\t660\t480\t200\t80\n"
        "lost.jpg\tAB123CD\t660\t480\tbroad\t80\n",
        encoding="utf-8",
    )
    cv2.imwrite(str(boxes / "a.jpg"), scene)
    (boxes / "labels.tsv").write_text("file\tx\ty\tw\th\na.jpg\t660\t480\t200\t80\na.jpg\t5\t5\t40\t10\n")
    return root


class Done:
    """One run of the command over everything, with all that it writes."""

    def __init__(self, root: Path, out: Path) -> None:
        self.page, self.picture, self.reads = out / "sheet.html", out / "sheet.PNG", out / "reads.jsonl"
        words = ["--engine", "ppocr", "--sheet", str(self.page), "--sheet", str(self.picture)]
        done = runner.invoke(app, ["bench", str(root), *words, "--reads", str(self.reads), "--json"])
        self.status, self.told = done.exit_code, done.stderr
        self.scores: dict[str | None, dict[str, Any]] = {
            line["folder"]: line for line in map(json.loads, done.stdout.splitlines())
        }


@pytest.fixture(scope="module")
def done(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """The command run once."""
    return Done(root, tmp_path_factory.mktemp("out"))


def test_every_rate_is_counted(done: Done) -> None:
    """Right, folded, wrong and believed, no plate, unusable: each in its own figure."""
    line = done.scores["[red]mixed"]
    assert (line["engine"], line["threads"], line["accept"]) == ("ppocr", 1, 0.9)
    assert (line["photos"], line["unusable"], line["marks"], line["empty"]) == (4, 2, 3, 1)
    assert (line["exact"], line["folded"]) == (33.3, 66.7)
    assert (line["character_error_rate"], line["character_error_rate_folded"]) == (9.5, 4.8)
    assert (line["accepted"], line["accepted_and_wrong"], line["accepted_and_wrong_count"]) == (100, 25, 1)
    assert (line["found_text"], line["none"]) == (100, 1)
    assert line["coverage_at_995"] == 0  # all three reads are equally sure, and one of them is wrong


def test_boxes_alone_are_scored_as_found_or_not(done: Done) -> None:
    """Without text nothing is right or wrong."""
    line = done.scores["boxes"]
    assert (line["marks"], line["boxes"], line["found_text"]) == (0, 2, 50)
    assert {line[key] for key in ("exact", "folded", "accepted", "coverage_at_995")} == {None}


def test_all_folders_together_are_a_line_of_their_own(done: Done) -> None:
    """Over plates, not over folders' averages."""
    assert list(done.scores) == ["[red]mixed", "boxes", None]
    line = done.scores[None]
    assert (line["photos"], line["unusable"], line["marks"], line["boxes"]) == (5, 2, 3, 5)
    assert (line["folded"], line["found_text"]) == (66.7, 80)


def test_times_and_memory_are_the_engines_own(done: Done) -> None:
    """The stages are parts of the whole; memory is a process's that has loaded nets, and no more."""
    for line in done.scores.values():
        stages = line["stages"]
        assert stages["whole"] == {"median_ms": line["median_ms"], "p95_ms": line["p95_ms"]}
        assert 0 < line["median_ms"] <= line["p95_ms"]
        assert list(stages) == ["finding", "reading", "decoding", "whole"]
        assert {"finding", "reading"} < set(stages)
        assert all(stages[name]["median_ms"] <= line["p95_ms"] for name in stages)
        assert line["processor"]["median_ms"] > 0
        assert line["load_ms"] > 0
        assert 20 < line["loaded_rss_mb"] <= line["peak_rss_mb"] < 1000


def test_what_was_left_out_is_told(done: Done) -> None:
    """The photograph and the row by name, and status 1."""
    assert done.status == 1
    assert "cut.jpg: the JPEG is cut off" in done.told
    assert "labels.tsv:7: w 'broad' is no number of pixels" in done.told


def test_reads_are_kept_for_calibration(done: Done) -> None:
    """Every photograph with its labels, reads and confidences; what was unusable with the reason."""
    lines = [json.loads(line) for line in done.reads.read_text().splitlines()]
    by_name = {line["file"]: line for line in lines}
    assert set(by_name) == {"right.jpg", "folded.jpg", ODD, "road.jpg", "cut.jpg", "a.jpg"}
    right = by_name["right.jpg"]
    assert right["plates"] == [{"mark": "AB123CD", "box": [660, 480, 200, 80]}]
    assert (right["engine"], right["folder"], right["reads"][0]["mark"]) == ("ppocr", "[red]mixed", "AB123CD")
    assert 0.8 <= right["reads"][0]["confidence"] <= 1
    assert by_name["road.jpg"]["reads"] == []
    assert "cut off" in by_name["cut.jpg"]["error"]


def test_the_page_shows_each_failure_with_its_picture(done: Done) -> None:
    """The worst first, label and read sign under sign, the photograph's part inside the page."""
    page = done.page.read_text(encoding="utf-8")
    articles = re.findall(r"<article>.*?</article>", page, re.DOTALL)
    assert len(articles) == 2
    assert page.index("Accepted and wrong: 1") < page.index(articles[0]) < page.index("Not found: 1")
    assert re.findall(r"<td( class=\"differs\")?>(.)</td>", articles[0]) == [
        *[("", sign) for sign in "AB128CD"],
        *[(' class="differs"' if sign == "3" else "", sign) for sign in "AB123CD"],
    ]
    assert "its text is unknown" in articles[1]
    for data in re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page):
        crop = cv2.imdecode(np.frombuffer(base64.b64decode(data), dtype=np.uint8), cv2.IMREAD_COLOR)
        assert crop is not None
        assert 80 < crop.shape[1] <= 340


def test_the_page_needs_nothing_and_runs_nothing(done: Done) -> None:
    """No script, no address, no name taken for markup; controls are spelt out."""
    page = done.page.read_text(encoding="utf-8")
    assert "&lt;b&gt;\\x07é.jpg" in page
    for never in ("<script", "http://", "https://", "<b>\x07", "\x07"):
        assert never not in page
    sources = re.findall(r'(?:src|href)="([^"]{5})', page)
    assert set(sources) == {"data:"}


def test_the_picture_shows_them_too(done: Done) -> None:
    """A montage of the same failures, with the colours of both boxes in it."""
    picture = cv2.imread(str(done.picture))
    assert picture is not None
    assert picture.shape[1] > 1000
    for colour in ((80, 200, 60), (40, 140, 255)):
        near = np.abs(picture.astype(int) - np.array(colour)).max(axis=2) < 40
        assert near.sum() > 100


def test_the_tables_fit_a_terminal(root: Path) -> None:
    """112 signs wide at most, a folder's name as it is written, the failing read counted."""
    done = runner.invoke(app, ["bench", str(root), "--limit", "1", "--engine", "ppocr", "--accept", "1"])
    assert done.exit_code == 1  # the row that names no width
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 112
    (row,) = (line for line in lines if "[red]mixed" in line and "MiB" not in line)
    assert row.split()[2:5] == ["1", "100.0", "100.0"]
    assert "ms, 1 thread" in done.stdout


def test_an_engine_that_is_not_installed_is_named(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for by name it costs status 1, or 2 where nothing else was asked for; among all, nothing."""
    (tmp_path / "torch.py").write_text("raise ImportError('no torch here', name='torch')\n")
    paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    words = ["bench", str(root / "boxes"), "--json", "--engine"]
    alone = runner.invoke(app, [*words, "easyocr"])
    assert (alone.exit_code, alone.stdout) == (2, "")
    assert "easyocr is not measured: plate reading: engine easyocr needs torch" in alone.stderr
    beside = runner.invoke(app, [*words, "easyocr", "--engine", "ppocr"])
    assert beside.exit_code == 1
    assert json.loads(beside.stdout)["engine"] == "ppocr"
    everything = runner.invoke(app, [*words, "all"])
    assert everything.exit_code == 0
    assert "easyocr is not measured" in everything.stderr
    assert "ppocr" in [json.loads(line)["engine"] for line in everything.stdout.splitlines()]
    with pytest.raises(EngineMissingError, match="torch"):
        run_engine("easyocr", 1, [load_labels(root / "boxes")], lambda *_: None)


def test_an_engine_that_dies_is_told_with_its_photograph(root: Path) -> None:
    """It has no figures then: half a folder's would look like all of it."""

    def kill(_engine: Engine, _labels: Labels, _photograph: Photograph, _answer: Answer) -> None:
        for task in Path("/proc/self/task").iterdir():
            for child in (task / "children").read_text().split():
                if b"reading_process" in Path(f"/proc/{child}/cmdline").read_bytes():
                    os.kill(int(child), signal.SIGKILL)

    with pytest.raises(EngineFailedError, match=r"engine ppocr ended at .*folded\.jpg"):
        run_engine("ppocr", 1, [load_labels(root / "[red]mixed")], kill)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--engine", "tesseract"], "'tesseract' is not one of"),
        (["--sheet", "sheet.pdf"], "neither .html nor .png"),
        (["--accept", "1.5"], "--accept"),
        (["--sheet", "not/there/sheet.html"], "sheet.html: cannot be written"),
        (["--reads", "not/there/reads"], "reads: cannot be written"),
    ],
)
def test_wrong_words_are_refused_before_anything_is_measured(root: Path, words: list[str], said: str) -> None:
    """Status 2 and the reason, at once."""
    done = runner.invoke(app, ["bench", str(root), *words], env={"COLUMNS": "200"})
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_folder_without_labels_says_what_it_needs(tmp_path: Path) -> None:
    """The place and the remedy."""
    done = runner.invoke(app, ["bench", str(tmp_path)])
    assert done.exit_code == 2
    assert "labels.tsv" in done.stderr


def test_nothing_failed_is_said(root: Path, tmp_path: Path) -> None:
    """A sheet of nothing is no empty page."""
    folder = tmp_path / "good"
    folder.mkdir()
    (folder / "a.jpg").write_bytes((root / "[red]mixed" / "right.jpg").read_bytes())
    (folder / "labels.tsv").write_text("file\tplate\tx\ty\tw\th\na.jpg\tAB123CD\t660\t480\t200\t80\n")
    run = run_engine("ppocr", 1, [load_labels(folder)], lambda *_: None)
    assert list(failures_of([run], 0.8)) == []
    assert [one.failure for one in failures_of([run], 1.0)] == ["refused"]


def test_every_engine_that_ships_reads_plates(tmp_path: Path) -> None:
    """Asked for none by name, each reads most of five plates of five states, drawn before a camera."""
    folder = tmp_path / "drawn"
    folder.mkdir()
    rows = ["file\tplate\tx\ty\tw\th"]
    for seed, (country, mark) in enumerate(PLATES.items()):
        cv2.imwrite(str(folder / f"{country}.jpg"), render_scene(mark, country=country, seed=seed))
        rows.append(f"{country}.jpg\t{mark}\t660\t480\t200\t80")
    (folder / "labels.tsv").write_text("\n".join(rows), encoding="utf-8")
    done = runner.invoke(app, ["bench", str(folder), "--json"])
    assert done.exit_code == 0, done.stderr
    scores = [json.loads(line) for line in done.stdout.splitlines()]
    assert [score["engine"] for score in scores] == ["gate", "ppocr"]
    for score in scores:
        assert (score["photos"], score["marks"]) == (5, 5)
        assert score["folded"] >= 80, score
