"""Rewrite the lane diagrams in ARCHITECTURE.md from the transition tables (`make diagrams`)."""

from __future__ import annotations

import re
from pathlib import Path

from gate.lanes.diagram import MACHINES, mermaid

PAGE = Path(__file__).parents[1] / "ARCHITECTURE.md"


def drawn(page: str) -> str:
    """The page with every diagram between its markers drawn anew."""
    for name, table in MACHINES.items():
        block = f"<!-- lane:{name} -->\n```mermaid\n{mermaid(table)}\n```\n<!-- /lane:{name} -->"
        place = re.compile(rf"<!-- lane:{name} -->.*?<!-- /lane:{name} -->", re.DOTALL)
        page, count = place.subn(block.replace("\\", r"\\"), page)
        if count != 1:
            raise SystemExit(f"{PAGE} has {count} places for the diagram of {name}, one is wanted")
    return page


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
