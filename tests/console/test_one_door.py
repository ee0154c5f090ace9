"""No hidden path: acts are made where fields are understood, and go to the gate from one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from gate.console.asking import ACTS

ROOT = Path(__file__).parents[2]

MADE = {
    "gate/console/asking.py: AskSecond",
    "gate/console/asking.py: ACTS[]",
}
"""Where an act is made out of what somebody asked: in the name of the login that asked."""
DONE = {
    "gate/console/acting.py: desk.checkpoint.act",
    # once, for a request that two officers have agreed on
    "gate/lanes/seconding.py: checkpoint.act",
}
"""Where an act is handed to the gate."""
OVER_HTTP = {
    "gate/cli/act.py: booth.act",
    "gate/demo/officer.py: self.act",
    "gate/demo/show.py: self._officer.act",
}
OVER_HTTP |= {"gate/demo/drivers.py: self._officer.act"}
"""Programs that log in at the console, and ask it as everybody does."""
CARRIED_OUT = {
    "gate/lanes/checkpoint.py: on_duty.carry_out",
    "gate/lanes/checkpoint.py: acting.carry_out",
    "gate/lanes/acting.py: seconding.carry_out",
    "gate/lanes/on_duty.py: ordering.carry_out",
}
"""Behind the door: after what was seen has been compared, and before it is journalled."""


def calls(source: str) -> Iterator[str]:
    """What a module calls, as it is written; a table of classes that is called as TABLE[]."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Subscript):
            yield f"{ast.unparse(node.func.value)}[]"
        else:
            yield ast.unparse(node.func)


def found(sources: dict[str, str]) -> set[str]:
    """Every place that makes an act, hands one over or carries one out."""
    places = set()
    for name, source in sources.items():
        for call in calls(source):
            last = call.rsplit(".", 1)[-1]
            if last.removesuffix("[]") in {*ACTS, "ACTS"} or last in ("act", "carry_out"):
                places.add(f"{name}: {call}")
    return places


def shipped() -> dict[str, str]:
    """Everything that runs at a checkpoint."""
    files = [*(ROOT / "gate").rglob("*.py"), *(ROOT / "hardware").rglob("*.py")]
    return {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files}


def test_an_act_is_made_and_done_in_known_places_only() -> None:
    """A new one is thought about here first: its login, role, look and entry in the journal."""
    assert found(shipped()) == MADE | DONE | OVER_HTTP | CARRIED_OUT


def test_a_way_round_would_be_found() -> None:
    """Made by name, by the table, under another name's attribute; handed over from a timer."""
    hidden = (
        "async def tick(checkpoint, acts):\n"
        "    await checkpoint.act(acts.ReleaseVisit(officer='timer', visit_id='v', checked=('all',)))\n"
        "    await asking.ACTS['TurnBack'](officer='timer')\n"
        "    await acting.carry_out(checkpoint, None)\n"
    )
    assert found({"gate/app/timer.py": hidden}) == {
        "gate/app/timer.py: checkpoint.act",
        "gate/app/timer.py: acts.ReleaseVisit",
        "gate/app/timer.py: asking.ACTS[]",
        "gate/app/timer.py: acting.carry_out",
    }
