"""The lane diagrams in ARCHITECTURE.md are the tables the lanes run on."""

from __future__ import annotations

from tools.draw_lanes import PAGE, drawn


def test_the_drawn_lanes_are_the_lanes_that_run() -> None:
    """A table that changed without its diagram is told; `make diagrams` draws it anew."""
    page = PAGE.read_text(encoding="utf-8")
    assert drawn(page) == page, "run `make diagrams`"
