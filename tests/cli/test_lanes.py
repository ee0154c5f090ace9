"""`gate lanes`: the proof as it is told to programs, its exit code, and the diagrams."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gate.lanes.diagram import MACHINES, mermaid
from gate.lanes.explorer import VARIANTS
from gate.lanes.explorer.laws import LAWS
from tests.cli.calling import ROOT, gate

BROKEN = """
from dataclasses import replace
from gate.lanes import terminal
from gate.lanes.events import TimeElapsed
from gate.lanes.machine import Row, Step
from gate.lanes.state import Phase

def forgets_its_carrier(config, state, event):
    return Step(replace(state, passage=None))

terminal.TABLE[Phase.DIRECTED, TimeElapsed] = Row(forgets_its_carrier, frozenset(Phase))
"""
"""The terminal's direction outlives its carrier: every process reads this at its start."""


@pytest.mark.timeout(120)
async def test_each_machine_is_a_line_with_its_invariants() -> None:
    """Exactly these five facts, every law by its name, and exit 0 when all of them held."""
    said = await gate("lanes", "explore", "--machine", "terminal", "--json")
    assert said.code == 0
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert [line["machine"] for line in lines] == [one.name for one in VARIANTS if one.kind == "terminal"]
    for line in lines:
        assert list(line) == ["machine", "states", "transitions", "invariants", "seconds"]
        assert line["invariants"] == dict.fromkeys(LAWS, "held")
        assert line["transitions"] > line["states"] > 0
        assert line["seconds"] > 0


@pytest.mark.timeout(120)
@pytest.mark.parametrize("as_json", [True, False])
async def test_a_broken_machine_is_exit_1_and_named(as_json: bool, tmp_path: Path) -> None:
    """Broken on purpose in the program itself: the law, and for people the step that broke it."""
    (tmp_path / "sitecustomize.py").write_text(BROKEN, encoding="utf-8")
    words = ["lanes", "explore", "--machine", "terminal", *(["--json"] if as_json else [])]
    said = await gate(*words, PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert said.code == 1
    if as_json:
        (line,) = map(json.loads, said.out.splitlines())
        assert line["invariants"]["sign-clears-with-its-vehicle"] == "broken"
        assert line["invariants"]["hold-is-neutral"] == "held"
    else:
        assert "BROKEN" in said.out
        assert "sign-clears-with-its-vehicle: directed on TimeElapsed" in said.out


async def test_the_diagrams_are_those_of_the_tables() -> None:
    """Each machine's, or one's; a machine there is not is wrong usage."""
    said = await gate("lanes", "diagram")
    assert said.code == 0
    for kind, table in MACHINES.items():
        assert f"%% {kind}\n{mermaid(table)}" in said.out
    assert (await gate("lanes", "diagram", "--machine", "exit")).out.count("stateDiagram") == 1
    wrong = await gate("lanes", "diagram", "--machine", "runway")
    assert wrong.code == 2
