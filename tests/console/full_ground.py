"""A checkpoint with everything there is to see: each state of a lane, a board, a read. For eyes and tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gate.clock import Instant, SystemClock
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.ports import Declared
from gate.lanes.signage import board_lines
from gate.lanes.views import BoardView, PointView, ReadView
from gate.model import (
    Category,
    Corridor,
    DeclarationStatus,
    RegistrationMark,
    TransportMode,
    Visit,
    VisitStatus,
)
from tests.console.busy_morning import busy_morning, crop, keep, scene
from tests.console.tiny_checkpoint import MORNING, TinyCheckpoint, number, point

NOW = MORNING + timedelta(minutes=14, seconds=20)
"""When the picture is taken."""


class MorningClock(SystemClock):
    """The time of that morning, running on as time does."""

    def __init__(self, at: datetime = NOW) -> None:
        self._ahead = at - super().now().utc

    def now(self) -> Instant:
        """The moment, with the true monotonic second."""
        instant = super().now()
        return Instant(instant.utc + self._ahead, instant.mono)


def read_back(view: PointView) -> BoardView:
    """A board that shows what it should."""
    return BoardView(board_lines(view.message), confirmed=True)


def declared(visit: Visit, minutes: int, *, cargo: str | None = None, also: str = "") -> list[Declared]:
    """What the declarations of a visit say, so many minutes before it came."""
    marks = tuple(RegistrationMark(mark) for mark in (str(visit.mark), also) if mark and mark != "None")
    return [
        Declared(
            one,
            1,
            DeclarationStatus.ACTIVE,
            Category.GOODS,
            TransportMode.ROAD,
            marks,
            visit.first_presence - timedelta(minutes=minutes),
            cargo=cargo,
        )
        for one in visit.numbers
    ]


def full_ground(evidence: Path) -> TinyCheckpoint:
    """The busy morning with reads, boards read back, timers and declarations."""
    gate = busy_morning(evidence)
    gate.visits["v-103"] = replace(
        gate.visits["v-103"],
        numbers=(*gate.visits["v-103"].numbers, number("731550028846"), number("900144725031")),
    )
    gate.visits["v-105"] = replace(gate.visits["v-105"], numbers=(number("482913756012"),))
    for visit_id, minutes in (("v-101", 95), ("v-102", 310), ("v-104", 71), ("v-105", 34)):
        gate.declared += declared(gate.visits[visit_id], minutes, also="10AA511" if minutes == 310 else "")
    gate.declared += declared(gate.visits["v-103"], 1440, cargo="10500/6/05/0417")
    here = {"approach": 150, "lane-1": 8, "lane-3": 312, "lane-4": 671}
    for name, view in list(gate.points.items()):
        board = None if name == "hall-1" else read_back(view)
        began = NOW - timedelta(seconds=here[name]) if name in here else None
        gate.change_point(name, board=board, began=began)
    gate.change_point(
        "approach", read=ReadView("99BA731", 0.612, sure=False, rivals=("99BA737",)), plate="99BA731"
    )
    gate.change_point("lane-1", read=ReadView("90XB417", 0.987, sure=True), due=NOW + timedelta(seconds=112))
    scenes = {mark: keep(evidence, scene(mark)) for mark in ("90XB417", "AA117BB", "34KLM06")}
    for name, mark, confidence in (("lane-1", "90XB417", 0.987), ("lane-3", "AA117BB", 0.941)):
        gate.change_point(
            name,
            read=ReadView(mark, confidence, sure=True),
            evidence=(scenes[mark], *gate.points[name].evidence),
        )
    gate.change_point(
        "lane-4",
        read=ReadView("34KLM0G", 0.704, sure=False),
        confirmed_by=("Leyla",),
        evidence=(scenes["34KLM06"], *gate.points["lane-4"].evidence),
        board=BoardView(("QIRMIZI", "RED"), confirmed=False),
    )
    gate.change_point("lane-2", board=BoardView(None, confirmed=False))
    gate.change_point("exit-1", board=None)
    for call_id, seconds in (("c-1", 41), ("c-2", 12)):
        gate.calls[call_id] = replace(gate.calls[call_id], since=NOW - timedelta(seconds=seconds))
    return gate


_LOOKS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("free", {}),
    ("passing", {"barrier": "up", "safety": "occupied", "plate": "10RT224"}),
    ("reading", {"arming": "occupied"}),
    ("control", {"arming": "occupied", "plate": "34KLM06"}),
    ("emergency", {"barrier": "up", "crossings": 3}),
    ("attended", {"attended_by": "Leyla", "failed": ("arming",), "arming": "unknown"}),
    ("recovery", {"barrier": "unknown", "arming": "unknown", "faults": ("io: no heartbeat",)}),
    ("held", {"arming": "occupied", "plate": "77CC12O"}),
    ("closed", {"message": BoardMessage(MessageKind.CLOSED)}),
    ("raising", {"barrier": "moving", "arming": "occupied", "plate": "90XB417"}),
    ("maintenance", {}),
    ("blocked", {"safety": "occupied"}),
    ("lowering", {"barrier": "moving"}),
    ("disarmed", {}),
    ("waiting", {"arming": "occupied", "plate": "61ZZ900"}),
    ("free", {"inputs": (("exit", "clear"), ("cabinet", "active"))}),
)  # fmt: skip


def sixteen_lanes(evidence: Path) -> TinyCheckpoint:
    """Twelve lanes in, four out, each in another state, with vehicles in and before them."""
    gate = full_ground(evidence)
    others = {name: view for name, view in gate.points.items() if view.kind in ("approach", "terminal")}
    corridors = tuple(Corridor)
    gate.points = dict(others)
    for at, (phase, changes) in enumerate(_LOOKS):
        kind, label = ("entry", str(at + 1)) if at < 12 else ("exit", f"X{at - 11}")
        served = (corridors[at % 4],) if kind == "entry" else ()
        view = replace(point(f"lane-{at + 1}", label, kind, *served), phase=phase, **changes)
        pictures: tuple[str, ...] = ()
        if view.plate:
            pictures = (keep(evidence, scene(view.plate)), keep(evidence, crop(view.plate)))
            view = replace(
                view,
                read=ReadView(view.plate, 0.93, sure=phase != "held"),
                began=NOW - timedelta(seconds=9 * at + 4),
            )
        gate.points[view.name] = replace(view, evidence=pictures, board=read_back(view))
    for at in range(8):
        gate.arrive(
            f"v-3{at}",
            f"{20 + at}XY{300 + at}",
            "approach",
            corridor=corridors[at % 4],
            status=VisitStatus.DIRECTED,
            lane=str(at + 1),
            minutes=12,
        )
    return gate
