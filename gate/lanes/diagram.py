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

_MOST, _MANY = "most", 6
"""What leads to one phase from so many others is drawn once: the table says from which."""


def mermaid(table: Table) -> str:
    """Draw one table as a Mermaid state diagram. Rows that stay where they are go without an arrow."""
    sources: dict[tuple[str, str], set[str]] = {}
    first: set[str] = set()
    for (phase, event), line in table.items():
        for target in line.to:
            if event is Started:
                first.add(target.value)
            elif target is not phase:
                sources.setdefault((event.__name__, target.value), set()).add(phase.value)
    arrows: dict[tuple[str, str], set[str]] = {}
    for (event_name, target_name), phases in sources.items():
        for source in [_MOST] if len(phases) >= _MANY else phases:
            arrows.setdefault((source, target_name), set()).add(event_name)
    lines = ["stateDiagram-v2"]
    if any(source == _MOST for source, _ in arrows):
        lines.append(f'    state "most phases" as {_MOST}')
    lines += [f"    [*] --> {phase}: Started" for phase in sorted(first)]
    lines += [
        f"    {source} --> {target}: {' / '.join(sorted(events))}"
        for (source, target), events in sorted(arrows.items())
    ]
    return "\n".join(lines)
