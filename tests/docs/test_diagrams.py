"""What the docs show of the lanes is what the lanes run on."""

from __future__ import annotations

from tools.draw_lanes import FINDINGS, OUTCOMES, PAGE, drawn, found, listed


def test_the_drawn_lanes_are_the_lanes_that_run() -> None:
    """A table that changed without its diagram is told; `make diagrams` draws it anew."""
    page = PAGE.read_text(encoding="utf-8")
    assert drawn(page) == page, "run `make diagrams`"


def test_the_listed_outcomes_are_those_that_happen() -> None:
    """An outcome without its line is told; `make diagrams` writes it."""
    page = OUTCOMES.read_text(encoding="utf-8")
    assert listed(page) == page, "run `make diagrams`"


def test_the_listed_findings_are_those_that_are_made() -> None:
    """A finding without its line is told; `make diagrams` writes it."""
    page = FINDINGS.read_text(encoding="utf-8")
    assert found(page) == page, "run `make diagrams`"
