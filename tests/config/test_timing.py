"""How long the area under a boom must have been clear is no matter of taste where lorries are real."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.config import load_site
from tests.config.test_problems import line_of, problems_of

EXAMPLE = (Path(__file__).parents[2] / "config/production-example.yaml").read_text()


@pytest.mark.parametrize("clear", ["0", "0.5"])
def test_a_production_site_lowers_into_no_gap(tmp_path: Path, clear: str) -> None:
    """Refused with its line and the least that is allowed."""
    text = EXAMPLE.replace("clear: 1.5", f"clear: {clear}")
    assert text != EXAMPLE
    (problem,) = problems_of(tmp_path, text)
    assert problem.line in (line_of(text, "timing:"), line_of(text, f"clear: {clear}"))
    assert "gap between lorry and trailer" in str(problem)
    assert "at least 1" in str(problem)


def test_a_demo_may_hurry(tmp_path: Path) -> None:
    """Its lorries are emulated."""
    demo = (Path(__file__).parents[2] / "config/demo.yaml").read_text()
    (tmp_path / "site.yaml").write_text(demo)
    assert load_site(tmp_path / "site.yaml").timing.clear == 0.5
