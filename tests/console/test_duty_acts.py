"""Duties at a lane, as forms and programs ask for them: understood or refused, and by whom."""

from __future__ import annotations

import json
from typing import Any, get_args

import httpx2 as httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.console.asking import ACTS, AskingError, understand
from gate.console.asking_duties import DUTIES
from gate.console.fields import MOST_MARKS
from gate.console.sessions import may
from gate.lanes.attended import FALLIBLE
from gate.lanes.duty_acts import (
    AnswerRollCall,
    ArmLane,
    AssignCorridors,
    AttendLane,
    BeginMaintenance,
    ClearBreakdown,
    DeclareBreakdown,
    DutyAct,
    EndEmergencies,
    EndMaintenance,
    HoldToRun,
    LeaveLane,
    LetGo,
    ListConvoy,
    OpenForEmergency,
    SayPassed,
)
from gate.lanes.order_acts import HoldVisit, OpenOnce, OrderCheck, ReviewEmergency, SendToBay
from gate.model import CheckSource, Corridor, NoGoods, RegistrationMark
from gate.store.officers import Role
from tests.console.conftest import Room
from tests.console.serving import client_of, csrf_of, log_in, look

WHO = "Leyla"
MARKS = frozenset({RegistrationMark("10AA123"), RegistrationMark("77BC401")})

UNDERSTOOD: list[tuple[dict[str, Any], DutyAct]] = [
    (
        {"act": "OpenForEmergency", "points": [], "reason": " fire in the hall "},
        OpenForEmergency(officer=WHO, points=(), reason="fire in the hall"),
    ),
    (
        {"act": "OpenForEmergency", "points": ["lane-1", "exit-1"], "reason": "fire"},
        OpenForEmergency(officer=WHO, points=("lane-1", "exit-1"), reason="fire"),
    ),
    ({"act": "EndEmergencies", "points": ["lane-1"]}, EndEmergencies(officer=WHO, points=("lane-1",))),
    (
        {"act": "AnswerRollCall", "visit_id": "v-1", "present": True},
        AnswerRollCall(officer=WHO, visit_id="v-1", present=True),
    ),
    (
        {"act": "AnswerRollCall", "visit_id": "v-1", "present": "false"},
        AnswerRollCall(officer=WHO, visit_id="v-1", present=False),
    ),
    (
        {"act": "BeginMaintenance", "point": "lane-1", "reason": "new boom"},
        BeginMaintenance(officer=WHO, point="lane-1", reason="new boom"),
    ),
    ({"act": "EndMaintenance", "point": "lane-1"}, EndMaintenance(officer=WHO, point="lane-1")),
    ({"act": "ArmLane", "point": "lane-1"}, ArmLane(officer=WHO, point="lane-1")),
    (
        {"act": "AttendLane", "point": "lane-1", "failed": ["safety", "barrier"], "reason": "loop cut"},
        AttendLane(officer=WHO, point="lane-1", failed=frozenset({"safety", "barrier"}), reason="loop cut"),
    ),
    ({"act": "LeaveLane", "point": "lane-1"}, LeaveLane(officer=WHO, point="lane-1")),
    (
        {"act": "HoldToRun", "point": "lane-1", "visit_id": "v-1", "checked": ["goods", " seals "]},
        HoldToRun(officer=WHO, point="lane-1", visit_id="v-1", checked=("goods", "seals")),
    ),
    ({"act": "LetGo", "point": "lane-1"}, LetGo(officer=WHO, point="lane-1")),
    ({"act": "SayPassed", "point": "lane-1"}, SayPassed(officer=WHO, point="lane-1")),
    ({"act": "DeclareBreakdown", "point": "lane-1"}, DeclareBreakdown(officer=WHO, point="lane-1")),
    ({"act": "ClearBreakdown", "point": "lane-1"}, ClearBreakdown(officer=WHO, point="lane-1")),
    (
        {"act": "ListConvoy", "point": "lane-1", "marks": "10-aa-123\r\n\n 77 bc 401", "reason": "army"},
        ListConvoy(officer=WHO, point="lane-1", marks=MARKS, reason="army"),
    ),
    (
        {"act": "ListConvoy", "point": "lane-1", "marks": ["10AA123", "77BC401"], "reason": "army"},
        ListConvoy(officer=WHO, point="lane-1", marks=MARKS, reason="army"),
    ),
    (
        {"act": "ListConvoy", "point": "lane-1", "marks": "", "reason": " "},
        ListConvoy(officer=WHO, point="lane-1", marks=frozenset(), reason=""),
    ),
    (
        {"act": "AssignCorridors", "point": "lane-1", "corridors": ["BLUE", "GREEN", "BLUE"]},
        AssignCorridors(officer=WHO, point="lane-1", corridors=(Corridor.BLUE, Corridor.GREEN)),
    ),
    (
        {"act": "AssignCorridors", "point": "lane-1"},
        AssignCorridors(officer=WHO, point="lane-1", corridors=()),
    ),
    (
        {"act": "OrderCheck", "visit_id": "v-1", "source": "canine", "facts": " the dog sat down "},
        OrderCheck(officer=WHO, visit_id="v-1", source=CheckSource.CANINE, facts="the dog sat down"),
    ),
    (
        {"act": "HoldVisit", "visit_id": "v-1", "reason": "a hidden tank?"},
        HoldVisit(officer=WHO, visit_id="v-1", reason="a hidden tank?"),
    ),
    (
        {"act": "SendToBay", "visit_id": "v-1", "place": "H2", "reason": "look inside"},
        SendToBay(officer=WHO, visit_id="v-1", place="H2", reason="look inside"),
    ),
    (
        {"act": "OpenOnce", "point": "lane-1", "category": "empty", "reason": "doors open"},
        OpenOnce(officer=WHO, point="lane-1", category=NoGoods.EMPTY, reason="doors open"),
    ),
    (
        {"act": "ReviewEmergency", "emergency_id": "lane-1.emergency-0a", "finding": "it was one"},
        ReviewEmergency(officer=WHO, emergency_id="lane-1.emergency-0a", finding="it was one"),
    ),
]

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"act": "OpenForEmergency", "reason": "fire"}, "points is missing"),
    ({"act": "OpenForEmergency", "points": "lane-1", "reason": "fire"}, "points must be a list"),
    ({"act": "OpenForEmergency", "points": ["../x"], "reason": "fire"}, "points is not a valid id"),
    ({"act": "OpenForEmergency", "points": ["lane-1"] * 51, "reason": "fire"}, "points is too long"),
    ({"act": "OpenForEmergency", "points": []}, "reason is missing"),
    ({"act": "OpenForEmergency", "points": [], "reason": "  "}, "reason is empty"),
    ({"act": "EndEmergencies"}, "points is missing"),
    ({"act": "AnswerRollCall", "visit_id": "v-1"}, "present is missing"),
    ({"act": "AnswerRollCall", "visit_id": "v-1", "present": "perhaps"}, "must be true or false"),
    ({"act": "AnswerRollCall", "present": True}, "visit_id is missing"),
    ({"act": "BeginMaintenance", "point": "lane-1"}, "reason is missing"),
    ({"act": "BeginMaintenance", "point": "lane-1", "reason": "a\x00b"}, "cannot be printed"),
    ({"act": "AttendLane", "point": "lane-1", "reason": "x"}, "tick those that have failed"),
    ({"act": "AttendLane", "point": "lane-1", "failed": [], "reason": "x"}, "tick those that have failed"),
    ({"act": "AttendLane", "point": "lane-1", "failed": ["fire"], "reason": "x"}, "nobody's eyes"),
    ({"act": "AttendLane", "point": "lane-1", "failed": ["safety"]}, "reason is missing"),
    ({"act": "HoldToRun", "point": "lane-1", "visit_id": "v-1"}, "Name at least one thing"),
    ({"act": "HoldToRun", "point": "lane-1", "visit_id": "v-1", "checked": []}, "Name at least one thing"),
    ({"act": "HoldToRun", "point": "lane-1", "checked": ["x"]}, "visit_id is missing"),
    ({"act": "ListConvoy", "point": "lane-1", "reason": "x"}, "marks is missing"),
    (
        {"act": "ListConvoy", "point": "lane-1", "marks": "10AA123\n--", "reason": "x"},
        "marks line 2 is not a",
    ),
    ({"act": "ListConvoy", "point": "lane-1", "marks": ["A" * 41], "reason": "x"}, "marks is too long"),
    (
        {"act": "ListConvoy", "point": "lane-1", "marks": ["10AA123"] * (MOST_MARKS + 1), "reason": "x"},
        "marks is too long",
    ),
    ({"act": "ListConvoy", "point": "lane-1", "marks": "10AA123"}, "whose convoy"),
    ({"act": "OrderCheck", "visit_id": "v-1", "source": "a hunch", "facts": "x"}, "source must be one of"),
    ({"act": "OrderCheck", "visit_id": "v-1", "source": "canine"}, "facts is missing"),
    ({"act": "OrderCheck", "visit_id": "v-1", "source": "canine", "facts": " "}, "facts is empty"),
    ({"act": "OrderCheck", "source": "canine", "facts": "x"}, "visit_id is missing"),
    ({"act": "HoldVisit", "visit_id": "v-1"}, "reason is missing"),
    ({"act": "SendToBay", "visit_id": "v-1", "reason": "x"}, "place is missing"),
    ({"act": "SendToBay", "visit_id": "v-1", "place": "the bay", "reason": "x"}, "place is"),
    ({"act": "OpenOnce", "point": "lane-1", "category": "goods", "reason": "x"}, "category must be one of"),
    ({"act": "OpenOnce", "point": "lane-1", "category": ["empty"], "reason": "x"}, "category must be one of"),
    ({"act": "OpenOnce", "point": "lane-1", "category": "empty"}, "reason is missing"),
    ({"act": "ReviewEmergency", "emergency_id": "e1"}, "finding is missing"),
    ({"act": "ReviewEmergency", "emergency_id": "e1", "finding": "x" * 501}, "finding is too long"),
    ({"act": "AssignCorridors", "point": "lane-1", "corridors": ["PINK"]}, "corridors must be of GREEN"),
    *(
        ({"act": act, "point": "lane-1", "more": 1}, "more is not a field")
        for act in ("ArmLane", "LetGo", "SayPassed", "LeaveLane", "EndMaintenance", "DeclareBreakdown")
    ),
    *(({"act": act}, "point is missing") for act in ("ArmLane", "LetGo", "SayPassed", "ClearBreakdown")),
]


def test_every_duty_has_its_example() -> None:
    """What the gate can be asked for, the glass can ask for."""
    assert {type(act) for _, act in UNDERSTOOD} == set(get_args(DutyAct))


@pytest.mark.parametrize(("fields", "act"), UNDERSTOOD, ids=lambda value: str(value)[:60])
def test_a_duty_is_understood(fields: dict[str, Any], act: DutyAct) -> None:
    """Texts are trimmed, marks written as the core writes them, and the officer is the session's."""
    assert understand(fields, WHO) == act


@pytest.mark.parametrize(("fields", "says"), REFUSED, ids=lambda value: str(value)[:60])
async def test_a_malformed_duty_is_named_and_not_done(room: Room, fields: dict[str, Any], says: str) -> None:
    """422 with a sentence that names the field; the gate never hears of it."""
    async with client_of(room.app) as client:
        await log_in(client, "Nigar")
        answer = await _ask(client, fields)
    assert answer.status_code == 422
    assert says in answer.json()["error"]
    assert room.checkpoint.acts == []


async def _ask(client: httpx.AsyncClient, fields: Any) -> httpx.Response:
    headers = {"X-CSRF-Token": await csrf_of(client), "Content-Type": "application/json"}
    fields = fields | {"seen": await look(client, fields)}
    return await client.post("/api/acts", content=json.dumps(fields), headers=headers)


LEADS = {EndEmergencies, AssignCorridors, ListConvoy, ReviewEmergency}
ENGINEERS = {ArmLane, BeginMaintenance, EndMaintenance}


@pytest.mark.parametrize("act", DUTIES, ids=lambda act: act.__name__)
def test_each_duty_has_its_roles(act: type[DutyAct]) -> None:
    """Shift leads everything, officers what concerns vehicles, engineers what concerns devices."""
    assert may(Role.SHIFT_LEAD, act)
    assert not may(Role.AUDITOR, act)
    assert may(Role.OFFICER, act) is (act not in LEADS | ENGINEERS)
    assert may(Role.TECHNICIAN, act) is (act in ENGINEERS)


@pytest.mark.parametrize(
    ("name", "act", "status"),
    [
        ("Leyla", "ArmLane", 403),
        ("Leyla", "DeclareBreakdown", 200),
        ("Togrul", "ArmLane", 200),
        ("Togrul", "DeclareBreakdown", 403),
        ("Rauf", "ArmLane", 403),
        ("Nigar", "ArmLane", 200),
    ],
)
async def test_the_door_keeps_to_the_roles(room: Room, name: str, act: str, status: int) -> None:
    """By program and by the form alike, a role that may not is told so, and nothing is done."""
    room.checkpoint.change_point("lane-1", phase="disarmed" if act == "ArmLane" else "free")
    async with client_of(room.app) as client:
        await log_in(client, name)
        assert (await client.get(f"/acts/{act}?point=lane-1")).status_code == status
        assert (await _ask(client, {"act": act, "point": "lane-1"})).status_code == status
    assert len(room.checkpoint.acts) == (status == 200)


async def test_forms_send_lists(room: Room) -> None:
    """Ticks become a list, no tick an empty one, and a text area a line each."""
    forms: list[tuple[str, dict[str, Any]]] = [
        ("AttendLane", {"point": "lane-1", "failed": ["safety", "arming"], "reason": "loops cut"}),
        ("AssignCorridors", {"point": "lane-1", "corridors": ["", "RED", "YELLOW"]}),
        ("AssignCorridors", {"point": "lane-1", "corridors": [""]}),
        ("ListConvoy", {"point": "lane-1", "marks": "10 AA 123\r\n77BC401\r\n", "reason": "army"}),
        ("OpenForEmergency", {"points": "", "reason": "fire"}),
        ("OpenForEmergency", {"points": "lane-2", "reason": "fire"}),
    ]
    async with client_of(room.app) as client:
        await log_in(client, "Nigar")
        csrf = await csrf_of(client)
        for kind, form in forms:
            answer = await client.post(f"/acts/{kind}", data={"csrf": csrf, **form})
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
    who = "Nigar"
    assert room.checkpoint.acts == [
        AttendLane(officer=who, point="lane-1", failed=frozenset({"safety", "arming"}), reason="loops cut"),
        AssignCorridors(officer=who, point="lane-1", corridors=(Corridor.RED, Corridor.YELLOW)),
        AssignCorridors(officer=who, point="lane-1", corridors=()),
        ListConvoy(officer=who, point="lane-1", marks=MARKS, reason="army"),
        OpenForEmergency(officer=who, points=(), reason="fire"),
        OpenForEmergency(officer=who, points=("lane-2",), reason="fire"),
    ]


async def test_a_refused_form_comes_back_as_it_was_filled(room: Room) -> None:
    """With the sentence, the ticks and the texts; at the lane it was for."""
    async with client_of(room.app) as client:
        await log_in(client, "Nigar")
        csrf = await csrf_of(client)
        in_sheet = {"HX-Request": "true", "HX-Target": "sheet"}
        form: dict[str, Any] = {"csrf": csrf, "point": "lane-2", "reason": "army", "marks": "10AA123\n--"}
        back = await client.post("/acts/ListConvoy", data=form, headers=in_sheet)
        assert back.status_code == 422
        assert "line 2 is not a registration mark" in back.text
        assert "10AA123\n--</textarea>" in back.text
        form = {"csrf": csrf, "points": "lane-2", "reason": ""}
        back = await client.post("/acts/OpenForEmergency", data=form, headers=in_sheet)
        assert back.status_code == 422
        assert 'name="points" value="lane-2"' in back.text
        form = {"csrf": csrf, "point": "lane-2", "failed": ["exit"], "reason": ""}
        back = await client.post("/acts/AttendLane", data=form, headers=in_sheet)
        assert 'value="exit" checked' in back.text
    assert room.checkpoint.acts == []


async def test_a_hand_on_the_button_is_passed_on_without_becoming_an_act(
    room: Room, leyla: httpx.AsyncClient
) -> None:
    """Logged in, with the page's token, by a role that may; it is no act and keeps no login alive."""
    token = {"X-CSRF-Token": await csrf_of(leyla)}
    kept = await leyla.post("/api/hold/lane-3", headers=token)
    assert (kept.status_code, kept.content) == (204, b"")
    assert room.checkpoint.held == [("lane-3", "Leyla")]
    assert (await leyla.post("/api/hold/lane-3")).status_code == 403
    assert (await leyla.get("/api/hold/lane-3", headers=token)).status_code == 405
    async with client_of(room.app) as client:
        assert (await client.post("/api/hold/lane-3", headers=token)).status_code == 401
        await log_in(client, "Togrul")
        own = {"X-CSRF-Token": await csrf_of(client)}
        assert (await client.post("/api/hold/lane-3", headers=own)).status_code == 403
    assert room.checkpoint.held == [("lane-3", "Leyla")]
    assert room.checkpoint.acts == []
    for _ in range(3):
        room.clock.forward(11 * 60)
        last = await leyla.post("/api/hold/lane-3", headers=token)
    assert last.status_code == 401


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_values = _json | st.sampled_from(["lane-1", "10AA123", *sorted(FALLIBLE), [], ["RED"], ["safety"]])
_names = st.sampled_from(
    ["points", "point", "visit_id", "present", "reason", "failed", "checked", "marks", "corridors", "officer"]
)


@given(st.sampled_from([act.__name__ for act in DUTIES]), st.dictionaries(_names, _values, max_size=6))
def test_anything_is_either_a_duty_or_a_sentence(kind: str, fields: dict[str, Any]) -> None:
    """Whatever is sent, nothing else happens, and the act is always in the session's name."""
    try:
        act = understand({**fields, "act": kind}, WHO)
    except AskingError as error:
        assert str(error)  # noqa: PT017 - either outcome is right, and each is checked
    else:
        assert isinstance(act, ACTS[kind])
        assert act.officer == WHO
