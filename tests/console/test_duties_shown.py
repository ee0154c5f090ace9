"""What a lane's card and page show and offer: by phase, by role, and after an emergency."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx2 as httpx
import pytest

from gate.console.duty_offers import DUTIES_AT_LANE, card_offers, checkpoint_offers, duties_at, page_offers
from gate.console.duty_sheets import TITLES
from gate.console.offers import point_offers, visit_offers
from gate.console.words import phase_tone, phase_words
from gate.lanes.duty_acts import AnswerRollCall, OpenForEmergency
from gate.lanes.ports import RollCallLine
from gate.lanes.state import Phase
from gate.model import Corridor, VisitStatus
from gate.store.officers import Officer, Role
from tests.console.conftest import Room
from tests.console.serving import client_of, csrf_of, log_in
from tests.console.tiny_checkpoint import MORNING, TinyCheckpoint, point

LEAD = Officer("Nigar", Role.SHIFT_LEAD)
LEYLA = Officer("Leyla", Role.OFFICER)
TOGRUL = Officer("Togrul", Role.TECHNICIAN)

ALWAYS = {"OpenForEmergency"}
OFFERED: dict[str, set[str]] = {
    "free": {
        *ALWAYS,
        "AttendLane",
        "DeclareBreakdown",
        "ListConvoy",
        "AssignCorridors",
        "BeginMaintenance",
    },
    "control": {*ALWAYS, "AttendLane", "DeclareBreakdown", "ListConvoy"},
    "waiting": {*ALWAYS, "DeclareBreakdown", "ListConvoy"},
    "lowering": {*ALWAYS, "ListConvoy"},
    "closed": {*ALWAYS, "AttendLane", "AssignCorridors", "BeginMaintenance"},
    "blocked": {*ALWAYS, "ClearBreakdown", "AssignCorridors", "BeginMaintenance"},
    "emergency": {"EndEmergencies"},
    "attended": {
        *ALWAYS,
        "HoldToRun",
        "SayPassed",
        "LeaveLane",
        "DeclareBreakdown",
        "BeginMaintenance",
    },
    "holding": {*ALWAYS, "LetGo", "LeaveLane"},
    "maintenance": {"EndMaintenance", "AssignCorridors"},
    "disarmed": {*ALWAYS, "ArmLane", "BeginMaintenance", "AssignCorridors"},
}


def _at(gate: TinyCheckpoint, phase: str, by: str = "Nigar") -> None:
    gate.change_point("lane-3", phase=phase, visit_id="v-1", attended_by=by, failed=("safety",))


@pytest.mark.parametrize(("phase", "offered"), OFFERED.items())
def test_each_phase_offers_what_the_lane_would_take(phase: str, offered: set[str]) -> None:
    """Nothing that the lane's table has no row for, and nothing twice."""
    gate = TinyCheckpoint()
    _at(gate, phase)
    view = gate.points["lane-3"]
    on_page = [offer.kind for offers in page_offers(view, LEAD).values() for offer in offers]
    assert set(on_page) == offered
    assert len(on_page) == len(set(on_page))


def test_offers_keep_to_roles_and_to_who_attends() -> None:
    """A technician gets the devices' duties; another officer's lane is not held open by this one."""
    gate = TinyCheckpoint()
    _at(gate, "attended")
    kinds = {act.__name__ for act in duties_at(gate.points["lane-3"], LEYLA)}
    assert not kinds & {"HoldToRun", "SayPassed", "BeginMaintenance"}
    assert {act.__name__ for act in duties_at(gate.points["lane-3"], TOGRUL)} == {"BeginMaintenance"}
    assert duties_at(gate.points["lane-3"], Officer("Rauf", Role.AUDITOR)) == ()
    gate.change_point("lane-3", visit_id=None)
    assert "HoldToRun" not in {act.__name__ for act in duties_at(gate.points["lane-3"], LEAD)}
    assert duties_at(gate.points["approach"], LEAD) == ()
    assert "AssignCorridors" not in {act.__name__ for act in duties_at(gate.points["exit-1"], LEAD)}


@pytest.mark.parametrize("phase", list(Phase))
def test_every_phase_has_words_and_few_buttons(phase: Phase) -> None:
    """A card carries at most three duties, the emergency's last; its words are not the code's."""
    gate = TinyCheckpoint()
    _at(gate, phase)
    offers = card_offers(gate.points["lane-3"], LEAD)
    assert len(offers) <= 3
    assert [offer.weight for offer in offers].count("danger") <= 1
    assert all(offer.weight != "danger" for offer in offers[:-1])
    assert phase_words(phase) != phase.value.capitalize() or phase in (
        Phase.FREE,
        Phase.CLOSED,
        Phase.PASSING,
    )
    assert phase_tone(phase) in ("idle", "busy", "wants", "fault", "closed", "by-hand", "emergency")


async def test_all_lanes_are_opened_from_the_top_of_the_page(room: Room) -> None:
    """Officers may, technicians and auditors see no button; ending it is the shift lead's."""
    overview = await room.checkpoint.overview()
    assert [offer.kind for offer in checkpoint_offers(overview, Role.OFFICER)] == ["OpenForEmergency"]
    assert checkpoint_offers(overview, Role.TECHNICIAN) == ()
    room.checkpoint.change_point("lane-1", phase="emergency")
    overview = await room.checkpoint.overview()
    assert [offer.kind for offer in checkpoint_offers(overview, Role.OFFICER)] == ["OpenForEmergency"]
    both = [offer.kind for offer in checkpoint_offers(overview, Role.SHIFT_LEAD)]
    assert both == ["EndEmergencies", "OpenForEmergency"]


async def test_a_card_tells_who_answers_for_what(room: Room, leyla: httpx.AsyncClient) -> None:
    """Other inputs, the officer at the lane, the convoy still to come, and who passed in an emergency."""
    gate = room.checkpoint
    inputs = (("photo-eye", "occupied"), ("exit", "clear"), ("fire", "normal"), ("mains", "active"))
    gate.change_point(
        "lane-1",
        phase="attended",
        attended_by="Kamran",
        failed=("barrier", "safety"),
        inputs=inputs,
        convoy=("10AA123", "77BC401"),
    )
    gate.change_point("lane-2", phase="emergency", crossings=4)
    page = re.sub(r"\s+", " ", (await leyla.get("/fragments/checkpoint")).text)
    assert "by Kamran, who answers for: <b>barrier</b>, <b>under</b>" in page
    assert "convoy: 2 to come" in page
    assert "EMERGENCY, open" in page
    assert "4 passed" in page
    assert "beam: occupied" in page
    assert "behind: clear" in page
    assert "mains: away" in page
    assert "fire panel" not in page, "a contact at rest is on the lane's own page"
    lane = (await leyla.get("/lanes/lane-1")).text
    assert "fire panel: normal" in lane
    assert "10AA123" in lane
    assert "<!doctype html>" in lane
    assert "<!doctype html>" not in (await leyla.get("/lanes/lane-1", headers={"HX-Request": "true"})).text
    for other in ("lane-9", "approach"):
        assert (await leyla.get(f"/lanes/{other}")).status_code == 404


async def test_every_duty_has_its_form(room: Room) -> None:
    """Each opens at its lane, names it, and says in a sentence what it does."""
    assert set(TITLES) == {act.__name__ for act in DUTIES_AT_LANE}
    room.checkpoint.arrive("v-1", "34KLM06", "approach", corridor=Corridor.RED, status=VisitStatus.DIRECTED)
    _at(room.checkpoint, "attended")
    async with client_of(room.app) as client:
        await log_in(client, "Nigar")
        for kind, title in TITLES.items():
            form = await client.get(f"/acts/{kind}?point=lane-3")
            assert form.status_code == 200, kind
            assert title in form.text
            assert "(lane-3)" in form.text
            assert 'class="note"' in form.text or kind == "HoldToRun"
            for wrong in ("lane-9", "approach"):
                assert (await client.get(f"/acts/{kind}?point={wrong}")).status_code == 404
        assert (await client.get("/acts/ListConvoy")).status_code == 404
        everywhere = await client.get("/acts/OpenForEmergency")
        assert "Every lane:" in everywhere.text
        assert "Open all lanes now" in everywhere.text
        hold = (await client.get("/acts/HoldToRun?point=lane-3")).text
        assert "Holding needs JavaScript" in hold
        assert "/static/hold.js" in hold
        assert 'value="seals"' in hold, "the checklist is that of the visit's corridor"


async def test_the_roll_call_stands_until_everybody_is_answered_for(
    room: Room, leyla: httpx.AsyncClient
) -> None:
    """Plate, where it was directed, since when; once answered for, a vehicle leaves the list."""
    gate = room.checkpoint
    assert "Roll-call" not in (await leyla.get("/")).text
    gate.arrive(
        "v-1", "34KLM06", "approach", corridor=Corridor.RED, status=VisitStatus.DIRECTED, lane="lane-4"
    )
    gate.arrive("v-2", "77CC120", "approach")
    gate.roll_call = [
        RollCallLine("v-1", MORNING),
        RollCallLine("v-2", MORNING),
        RollCallLine("v-3", MORNING),
    ]
    page = (await leyla.get("/")).text
    assert "3 to answer for" in page
    panel = page[page.index('aria-label="Roll-call"') : page.index("</section>")]
    for words in ("34KLM06", "Directed → 4", "77CC120", "v-3"):
        assert words in panel
    csrf = await csrf_of(leyla)
    for visit_id, present in (("v-1", "true"), ("v-2", "false"), ("v-3", "false")):
        form = {"csrf": csrf, "visit_id": visit_id, "present": present}
        assert (await leyla.post("/acts/AnswerRollCall", data=form)).status_code == 303
    assert "Roll-call" not in (await leyla.get("/")).text
    again = await leyla.post(
        "/acts/AnswerRollCall", data={"csrf": csrf, "visit_id": "v-1", "present": "true"}
    )
    assert again.status_code == 409
    assert gate.acts[1] == AnswerRollCall(officer="Leyla", visit_id="v-2", present=False)


async def test_an_unopened_visit_on_the_roll_call_tells_no_corridor(
    room: Room, leyla: httpx.AsyncClient
) -> None:
    """Rules 3.6: an emergency opens barriers, not verdicts."""
    visit = room.checkpoint.arrive("v-1", "34KLM06", "approach", status=VisitStatus.ARRIVED)
    room.checkpoint.roll_call = [RollCallLine("v-1", MORNING)]
    shut = (await leyla.get("/")).text
    room.checkpoint.visits["v-1"] = replace(visit, corridor=Corridor.RED, lane="lane-4")
    assert (await leyla.get("/")).text == shut


async def test_those_who_may_not_act_see_no_buttons(room: Room) -> None:
    """An auditor sees the roll-call and the lanes' pages, and nothing to press."""
    room.checkpoint.arrive("v-1", "34KLM06", "approach")
    room.checkpoint.roll_call = [RollCallLine("v-1", MORNING)]
    async with client_of(room.app) as client:
        await log_in(client, "Rauf")
        page = (await client.get("/")).text
        assert "34KLM06" in page
        assert "/acts/" not in page
        lane = (await client.get("/lanes/lane-1")).text
        assert "/acts/" not in lane
        assert "not by the role auditor" in lane
        assert (await client.get("/acts/OpenForEmergency")).status_code == 403


async def test_what_was_declared_ends_by_its_own_act(room: Room) -> None:
    """A lane in maintenance is not offered to be opened, nor is a vehicle in one in an emergency released."""
    red = room.checkpoint.arrive(
        "v-1", "34KLM06", "approach", corridor=Corridor.RED, status=VisitStatus.DIRECTED
    )
    for phase in ("emergency", "maintenance", "blocked", "attended", "holding", "disarmed"):
        room.checkpoint.change_point("lane-1", phase=phase, visit_id="v-1")
        assert point_offers(room.checkpoint.points["lane-1"], Role.SHIFT_LEAD) == ()
        overview = await room.checkpoint.overview()
        assert "ReleaseVisit" not in {offer.kind for offer in visit_offers(red, overview, Role.OFFICER)}
    free = point("lane-1", "1", "entry", Corridor.GREEN)
    assert [offer.kind for offer in point_offers(free, Role.OFFICER)] == ["ClosePoint"]
    assert OpenForEmergency.__name__ in {act.__name__ for act in duties_at(free, LEYLA)}
