"""The training command: what it offers, and what it says when something is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gate.anpr.training import __main__ as command
from gate.anpr.training.fonts import FontsMissingError


def test_every_part_of_the_way_can_be_gone_alone() -> None:
    """Fonts, rendering, both trainings, calibration and scores are commands of their own."""
    done = CliRunner().invoke(command.app, ["--help"])
    assert done.exit_code == 0
    for part in ("fonts", "render", "reader", "finder", "calibrate", "score"):
        assert f"\n  {part} " in done.stdout


@pytest.mark.parametrize("part", ["finder", "calibrate"])
def test_without_road_frames_it_says_which(part: str, tmp_path: Path) -> None:
    """Scenes are not shipped: the message names the folder, the option and whose frames they are."""
    done = CliRunner().invoke(command.app, [part, "--scenes", str(tmp_path)])
    assert done.exit_code == 1
    told = " ".join(done.stderr.split())
    assert "no labels.tsv in it" in told
    assert "--scenes (RobertLucian/license-plate-dataset, MIT)" in told


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Training needs the extra; its name is told before anything else is done."""
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "torch" else object())
    done = CliRunner().invoke(command.app, ["reader", "--work", str(tmp_path / "work")])
    assert done.exit_code == 1
    assert "training needs torch; install the easyocr extra" in " ".join(done.stderr.split())
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize("part", [["fonts"], ["render", "shards"]])
def test_without_fonts_it_says_what_to_install(
    part: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A font that cannot be fetched ends the command with the advice, not with a stack."""

    def lacking(_folder: Path = tmp_path) -> None:
        raise FontsMissingError("npm is not installed")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gate.anpr.training.fonts.fetch_fonts", lacking)
    monkeypatch.setattr("gate.anpr.training.rendering.fetch_fonts", lacking)
    monkeypatch.setattr("sys.argv", ["training", *part])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 1
    assert "npm is not installed" in capsys.readouterr().err
