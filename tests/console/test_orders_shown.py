"""Officers' orders at the glass: who is offered what, the forms, and what stands until it is reviewed."""

from __future__ import annotations

from dataclasses import replace

import httpx2 as httpx
import pytest

from gate.console.asking import ACTS
from gate.console.offers import point_offers, visit_offers
from gate.console.order_sheets import TITLES
from gate.console.words import no_goods_words, source_words
from gate.lanes.order_acts import OrderCheck, ReviewEmergency
from gate.lanes.orders import held_by
from gate.lanes.ports import ReviewLine
from gate.model import CheckSource, Corridor, NoGoods, VisitStatus
from gate.store.officers import Role
from tests.console.conftest import Room
from tests.console.serving import client_of, csrf_of, log_in, look
from tests.console.tiny_checkpoint import MORNING, TinyCheckpoint

DIRECTED, HELD = VisitStatus.DIRECTED, VisitStatus.HELD
EMERGENCY = ReviewLine(
    ("lane-1.emergency-1", "lane-2.emergency-1"), ("lane-1", "lane-2"), "Leyla", "fire", MORNING, MORNING
)


async def _offered(gate: TinyCheckpoint, visit_id: str, role: Role = Role.OFFICER) -> list[str]:
    overview = await gate.overview()
    return [offer.kind for offer in visit_offers(gate.visits[visit_id], overview, role)]


async def test_green_is_offered_a_check_and_red_is_not() -> None:
    """4.4 is of what passes freely; a hold and the bay are for everybody nothing was released to."""
    gate = TinyCheckpoint()
    gate.arrive("green", "10AA001", "approach", corridor=Corridor.GREEN, status=DIRECTED)
    gate.arrive("red", "10AA002", "approach", corridor=Corridor.RED, status=DIRECTED)
    gate.arrive("held", "10AA003", "approach")
    gate.arrive("bags", None, "hall-1", corridor=Corridor.GREEN, status=DIRECTED)
    gate.arrive("gone", "10AA004", "approach", corridor=Corridor.GREEN, status=VisitStatus.RELEASED)
    assert await _offered(gate, "green") == ["OrderCheck", "HoldVisit", "SendToBay"]
    assert await _offered(gate, "red") == ["HoldVisit", "SendToBay"]
    assert "SendToBay" in await _offered(gate, "held")
    assert not {"OrderCheck", "HoldVisit", "SendToBay"} & {
        *await _offered(gate, "bags"),
        *await _offered(gate, "gone"),
    }
    assert await _offered(gate, "green", Role.AUDITOR) == []
    assert await _offered(gate, "green", Role.TECHNICIAN) == []


async def test_a_checked_green_vehicle_is_offered_its_release_where_it_stands() -> None:
    """Ordered once; then it is released like one that was controlled."""
    gate = TinyCheckpoint()
    green = gate.arrive("green", "10AA001", "approach", corridor=Corridor.GREEN, status=DIRECTED)
    gate.change_point("lane-1", phase="held", visit_id="green", plate="10AA001")
    gate.visits["green"] = replace(green, check_ordered=True)
    assert await _offered(gate, "green") == ["ReleaseVisit", "HoldVisit", "SendToBay"]


async def test_who_an_officer_holds_in_a_lane_is_looked_at_again_there() -> None:
    """That ends the hold: no release is offered before."""
    gate = TinyCheckpoint()
    red = gate.arrive("red", "10AA002", "approach", corridor=Corridor.RED, status=DIRECTED)
    gate.change_point("lane-4", phase="held", visit_id="red", plate="10AA002")
    gate.visits["red"] = replace(red, status=HELD, findings=(held_by("Leyla", "the seal"),))
    assert await _offered(gate, "red") == ["ConfirmPlate", "SendToBay", "TurnBack"]


def test_a_held_stranger_is_offered_a_single_opening_in_an_entry_lane() -> None:
    """With a known plate, by an officer; not at an exit, not for who is being read."""
    gate = TinyCheckpoint()
    gate.change_point("lane-1", phase="held", plate="77BC401")
    assert "OpenOnce" in [offer.kind for offer in point_offers(gate.points["lane-1"], Role.OFFICER)]
    for role in (Role.AUDITOR, Role.TECHNICIAN):
        assert "OpenOnce" not in [offer.kind for offer in point_offers(gate.points["lane-1"], role)]
    for name, changes in (("lane-1", {"plate": None}), ("lane-1", {"phase": "reading"})):
        gate.change_point("lane-1", phase="held", plate="77BC401")
        gate.change_point(name, **changes)
        assert "OpenOnce" not in [offer.kind for offer in point_offers(gate.points[name], Role.OFFICER)]
    gate.change_point("exit-1", phase="held", plate="77BC401")
    assert "OpenOnce" not in [offer.kind for offer in point_offers(gate.points["exit-1"], Role.OFFICER)]


def _asked(kind: str) -> str:
    return {"OpenOnce": "point=lane-1", "ReviewEmergency": "emergency_id=lane-1.emergency-1"}.get(
        kind, "visit_id=green"
    )


@pytest.fixture
def busy(room: Room) -> Room:
    """A directed GREEN vehicle, a stranger held in lane 1, and an emergency that is over."""
    room.checkpoint.arrive("green", "10AA001", "approach", corridor=Corridor.GREEN, status=DIRECTED)
    room.checkpoint.change_point("lane-1", phase="held", plate="77BC401")
    room.checkpoint.reviews = [EMERGENCY]
    return room


async def test_every_order_has_its_form(busy: Room) -> None:
    """Each says what it does; auditors and technicians get none; what is not there is not found."""
    async with client_of(busy.app) as client:
        await log_in(client, "Nigar")
        for kind, title in TITLES.items():
            form = await client.get(f"/acts/{kind}?{_asked(kind)}")
            assert form.status_code == 200, kind
            assert f"<h1>{title}</h1>" in form.text
            assert 'class="note"' in form.text
            assert (await client.get(f"/acts/{kind}")).status_code == 404
        once = (await client.get("/acts/OpenOnce?point=lane-1")).text
        assert all(no_goods_words(kind) in once for kind in NoGoods)
        check = (await client.get("/acts/OrderCheck?visit_id=green")).text
        assert all(source_words(source) in check for source in CheckSource)
        assert (await client.get("/acts/OpenOnce?point=exit-1")).status_code == 404


@pytest.mark.parametrize("name", ["Rauf", "Togrul"])
async def test_auditors_and_technicians_order_nothing(busy: Room, name: str) -> None:
    """By form and by program alike: told so, and nothing is done."""
    fields = {
        "OrderCheck": {"visit_id": "green", "source": "canine", "facts": "x"},
        "HoldVisit": {"visit_id": "green", "reason": "x"},
        "SendToBay": {"visit_id": "green", "place": "H", "reason": "x"},
        "OpenOnce": {"point": "lane-1", "category": "empty", "reason": "x"},
        "ReviewEmergency": {"emergency_id": "lane-1.emergency-1", "finding": "x"},
    }
    assert set(fields) == set(TITLES) <= set(ACTS)
    async with client_of(busy.app) as client:
        await log_in(client, name)
        headers = {"X-CSRF-Token": await csrf_of(client)}
        for kind, own in fields.items():
            assert (await client.get(f"/acts/{kind}?{_asked(kind)}")).status_code == 403
            answer = await client.post("/api/acts", json={"act": kind, **own}, headers=headers)
            assert answer.status_code == 403, kind
        page = (await client.get("/")).text
        assert "OrderCheck" not in page
    assert busy.checkpoint.acts == []


async def test_an_order_by_form_is_done_and_a_refused_one_keeps_what_was_typed(
    busy: Room, leyla: httpx.AsyncClient
) -> None:
    """The facts are not typed twice because a source was forgotten."""
    csrf = await csrf_of(leyla)
    form = {"csrf": csrf, "visit_id": "green", "facts": "the dog sat down"}
    refused = await leyla.post("/acts/OrderCheck", data=form)
    assert refused.status_code == 422
    assert "The source is missing." in refused.text
    assert "the dog sat down" in refused.text
    seen = await look(leyla, {"act": "OrderCheck", "visit_id": "green"})
    asked = form | {"source": "canine", "seen": seen}
    assert (await leyla.post("/acts/OrderCheck", data=asked)).status_code == 303
    assert busy.checkpoint.acts == [
        OrderCheck(officer="Leyla", visit_id="green", source=CheckSource.CANINE, facts="the dog sat down")
    ]
    assert "Check ordered" in (await leyla.get("/")).text


async def test_an_emergency_stands_at_the_top_until_another_shift_lead_reviewed_it(
    busy: Room, leyla: httpx.AsyncClient
) -> None:
    """Who declared it sees it wait; an officer may not; the shift lead says what he found, and it goes."""
    page = (await leyla.get("/")).text
    assert "Emergencies to review" in page
    assert "waits for another shift lead" in page
    assert "/acts/ReviewEmergency" not in page
    assert (await leyla.get("/acts/ReviewEmergency?emergency_id=lane-1.emergency-1")).status_code == 403
    async with client_of(busy.app) as client:
        await log_in(client, "Nigar")
        assert "/acts/ReviewEmergency" in (await client.get("/")).text
        form = {
            "csrf": await csrf_of(client),
            "emergency_id": "lane-2.emergency-1",
            "finding": "a burnt toaster",
        }
        assert (await client.post("/acts/ReviewEmergency", data=form)).status_code == 303
        assert "Emergencies to review" not in (await client.get("/")).text
    assert busy.checkpoint.acts == [
        ReviewEmergency(officer="Nigar", emergency_id="lane-2.emergency-1", finding="a burnt toaster")
    ]
