"""State diagrams drawn from the transition tables, so that docs and code cannot disagree."""

from __future__ import annotations

from gate.lanes import approach, entry_lane, exit_lane, terminal
from gate.lanes.events import Started
from gate.lanes.machine import Table

MACHINES: dict[str, Table] = {
    "approach": approach.TABLE,
    "terminal": terminal.TABLE,
    "entry": entry_lane.TABLE,
    "exit": exit_lane.TABLE,
}
"""Every machine by the kind of point it runs."""


def mermaid(table: Table) -> str:
    """Draw one table as a Mermaid state diagram. Rows that stay where they are go without an arrow."""
    arrows: dict[tuple[str, str], set[str]] = {}
    first: set[str] = set()
    for (phase, event), line in table.items():
        for target in line.to:
            if event is Started:
                first.add(target.value)
            elif target is not phase:
                arrows.setdefault((phase.value, target.value), set()).add(event.__name__)
    lines = ["stateDiagram-v2"]
    lines += [f"    [*] --> {phase}: Started" for phase in sorted(first)]
    lines += [
        f"    {source} --> {target}: {' / '.join(sorted(events))}"
        for (source, target), events in sorted(arrows.items())
    ]
    return "\n".join(lines)
