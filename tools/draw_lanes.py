"""Rewrite what the docs show of the lanes from the code they run on (`make diagrams`)."""

from __future__ import annotations

import re
from pathlib import Path

from gate.lanes.diagram import MACHINES, mermaid
from gate.lanes.occurrences import MEANING
from gate.lanes.rules.meanings import MEANING as FOUND

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "ARCHITECTURE.md"
OUTCOMES = ROOT / "docs" / "outcomes.md"
FINDINGS = ROOT / "docs" / "findings.md"


def drawn(page: str) -> str:
    """The page with every diagram between its markers drawn anew."""
    for name, table in MACHINES.items():
        page = _between(page, f"lane:{name}", f"```mermaid\n{mermaid(table)}\n```")
    return page


def listed(page: str) -> str:
    """The page with the table of a lane's outcomes written anew."""
    rows = "\n".join(f"| `lane.{what.value}` | {meaning} |" for what, meaning in MEANING.items())
    return _between(
        page, "outcomes", f"| reported as | what happened, and what the lane does |\n|---|---|\n{rows}"
    )


def found(page: str) -> str:
    """The page with the table of findings written anew."""
    rows = "\n".join(
        f"| `{code}` | {', '.join(its.rules)} | {its.outcome.value} | {its.text} |"
        for code, its in FOUND.items()
    )
    head = "| finding | Rules | alone it demands | what is so |\n|---|---|---|---|"
    return _between(page, "findings", f"{head}\n{rows}")


def _between(page: str, name: str, text: str) -> str:
    block = f"<!-- {name} -->\n{text}\n<!-- /{name} -->"
    page, count = re.subn(rf"<!-- {name} -->.*?<!-- /{name} -->", lambda _: block, page, flags=re.DOTALL)
    if count != 1:
        raise SystemExit(f"{count} places are marked {name}, one is wanted")
    return page


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    FINDINGS.write_text(found(FINDINGS.read_text(encoding="utf-8")), encoding="utf-8")
    OUTCOMES.write_text(listed(OUTCOMES.read_text(encoding="utf-8")), encoding="utf-8")
