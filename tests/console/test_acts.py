"""Acts: from forms and from programs, by those who may."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx2 as httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.console.asking import ACTS, AskingError, understand
from gate.lanes.acts import ConfirmPlate, EnterNumber, ReleaseVisit
from gate.model import Corridor, RegistrationMark, VisitStatus
from tests.console.conftest import Room
from tests.console.serving import client_of, csrf_of, log_in, look
from tests.console.tiny_checkpoint import number

RELEASE = {"act": "ReleaseVisit", "visit_id": "v-1", "checked": ["documents", "seals"]}


def _red(room: Room) -> None:
    room.checkpoint.arrive(
        "v-1", "34KLM06", "approach", corridor=Corridor.RED, status=VisitStatus.DIRECTED, lane="4"
    )
    room.checkpoint.change_point("lane-4", phase="control", visit_id="v-1")


async def _ask(client: httpx.AsyncClient, fields: Any) -> httpx.Response:
    headers = {"X-CSRF-Token": await csrf_of(client), "Content-Type": "application/json"}
    if isinstance(fields, dict) and isinstance(fields.get("visit_id", ""), str):
        fields = fields | {"seen": await look(client, fields)}
    return await client.post("/api/acts", content=json.dumps(fields), headers=headers)


async def test_a_program_releases_and_is_told_when_it_is_too_late(
    room: Room, leyla: httpx.AsyncClient
) -> None:
    """Done is 200, not done is 409 with the gate's own words; the act carries the officer's name."""
    _red(room)
    done = await _ask(leyla, RELEASE)
    assert (done.status_code, done.json()["done"]) == (200, True)
    assert room.checkpoint.acts == [
        ReleaseVisit(officer="Leyla", visit_id="v-1", checked=("documents", "seals"))
    ]
    again = await _ask(leyla, RELEASE)
    assert again.status_code == 409
    assert again.json() == {"done": False, "message": "This visit is not waiting for a release."}


async def test_a_form_does_the_same(room: Room, leyla: httpx.AsyncClient) -> None:
    """What was ticked and what was written are both named; the page goes back to the checkpoint."""
    _red(room)
    page = await leyla.get("/acts/ReleaseVisit?visit_id=v-1")
    assert 'value="vehicle"' in page.text
    assert "<!doctype html>" in page.text
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', page.text)
    form = {
        "csrf": await csrf_of(leyla),
        "seen": seen,
        "visit_id": "v-1",
        "checked": ["goods", "person"],
        "also_checked": " fuel tank ",
    }
    done = await leyla.post("/acts/ReleaseVisit", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert room.checkpoint.acts == [
        ReleaseVisit(officer="Leyla", visit_id="v-1", checked=("goods", "person", "fuel tank"))
    ]


async def test_a_release_must_name_something_checked(room: Room, leyla: httpx.AsyncClient) -> None:
    """The form comes back saying so, and nothing reaches the gate."""
    _red(room)
    form = {"csrf": await csrf_of(leyla), "visit_id": "v-1", "also_checked": "  "}
    answer = await leyla.post(
        "/acts/ReleaseVisit", data=form, headers={"HX-Request": "true", "HX-Target": "sheet"}
    )
    assert answer.status_code == 422
    assert "Name at least one thing that was checked" in answer.text
    assert "<!doctype html>" not in answer.text
    assert room.checkpoint.acts == []


@pytest.mark.parametrize("token", [None, "", "0" * 64, "\xff"])
async def test_without_the_token_nothing_is_done(
    room: Room, leyla: httpx.AsyncClient, token: str | None
) -> None:
    """Neither by a program nor by a form, nor with an act's method changed."""
    _red(room)
    headers = {} if token is None else {b"X-CSRF-Token": token.encode("latin-1")}
    assert (await leyla.post("/api/acts", json=RELEASE, headers=headers)).status_code == 403
    form = {"visit_id": "v-1", "checked": "goods"} | ({} if token is None else {"csrf": token})
    assert (await leyla.post("/acts/ReleaseVisit", data=form)).status_code == 403
    assert room.checkpoint.acts == []


async def test_another_officers_token_is_not_good(room: Room, leyla: httpx.AsyncClient) -> None:
    """A token belongs to one login."""
    async with client_of(room.app) as other:
        await log_in(other, "Leyla")
        theirs = {"X-CSRF-Token": await csrf_of(leyla)}
        assert (await other.post("/api/acts", json=RELEASE, headers=theirs)).status_code == 403


async def test_an_auditor_sees_and_may_not_act(room: Room) -> None:
    """Every act is 403 with the reason, and no button is offered."""
    _red(room)
    room.checkpoint.call("c-1", "lane-4", "wrong lane", alarm=True)
    async with client_of(room.app) as client:
        await log_in(client, "Rauf")
        page = (await client.get("/")).text
        assert "34KLM06" in page
        assert "/acts/" not in page
        asked: list[Any] = [RELEASE, {"act": "AcknowledgeCall", "call_id": "c-1"}, {"act": "nonsense"}, []]
        for fields in asked:
            answer = await _ask(client, fields)
            assert answer.status_code == 403
            assert "auditor" in answer.json()["error"]
        assert (await client.get("/acts/ReleaseVisit?visit_id=v-1")).status_code == 403
    assert room.checkpoint.acts == []


async def test_a_technician_opens_and_closes_points_only(room: Room) -> None:
    """Who mends a lane does not decide about vehicles."""
    _red(room)
    async with client_of(room.app) as client:
        await log_in(client, "Togrul")
        assert (await _ask(client, RELEASE)).status_code == 403
        assert (await _ask(client, {"act": "ClosePoint", "point": "lane-2"})).status_code == 200


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "must be one of"),
        ([], "object"),
        (None, "object"),
        ("ReleaseVisit", "object"),
        ({"act": "OpenVerdict", "visit_id": "v-1"}, "must be one of"),
        ({"act": ["ReleaseVisit"]}, "must be one of"),
        ({"act": "ReleaseVisit"}, "visit_id is missing"),
        ({"act": "ReleaseVisit", "visit_id": "v-1", "checked": []}, "Name at least one"),
        ({"act": "ReleaseVisit", "visit_id": "v-1", "checked": ["  "]}, "checked is empty"),
        ({"act": "ReleaseVisit", "visit_id": "v-1", "checked": "documents"}, "checked"),
        ({"act": "ReleaseVisit", "visit_id": "v-1", "checked": ["x"] * 21}, "checked"),
        ({**RELEASE, "officer": "somebody else"}, "officer is not a field"),
        ({**RELEASE, "corridor": "GREEN"}, "corridor is not a field"),
        ({**RELEASE, "visit_id": "../../etc/passwd"}, "visit_id is not a valid id"),
        ({**RELEASE, "visit_id": "v-1\n"}, "visit_id is not a valid id"),
        ({**RELEASE, "visit_id": 7}, "visit_id must be a text"),
        ({"act": "EnterNumber", "visit_id": "v-1", "number": "1234567890120"}, "13 digits"),
        ({"act": "ConfirmPlate", "point": "approach", "mark": "--"}, "not a registration mark"),
        ({**RELEASE, "second": "Nigar", "second_password": "x"}, "second is not a field"),
        ({"act": "EnterCargoNumber", "visit_id": "v-1", "cargo": "10500-6-03-0042"}, "99999/9/99/9999"),
        ({"act": "EnterCargoNumber", "visit_id": "v-1", "cargo": "10500/6/13/0042"}, "names month 13"),
        ({"act": "EnterCargoNumber", "visit_id": "v-1", "cargo": "10500/6/03/0000"}, "begin at 0001"),
        ({"act": "ConfirmPlate", "point": "approach", "mark": "A" * 16}, "not a registration mark"),
        ({"act": "TurnBack", "visit_id": "v-1", "reason": "a\x00b"}, "cannot be printed"),
        ({"act": "TurnBack", "visit_id": "v-1", "reason": "a\u202eb"}, "cannot be printed"),
        ({"act": "TurnBack", "visit_id": "v-1", "reason": "\ud800"}, "reason"),
        ({"act": "TurnBack", "visit_id": "v-1", "reason": "x" * 501}, "reason is too long"),
        ({"act": "AttendTerminal", "point": "hall-1", "attended": "perhaps"}, "must be true or false"),
    ],
)
async def test_a_malformed_act_is_named_and_not_done(
    room: Room, leyla: httpx.AsyncClient, fields: Any, says: str
) -> None:
    """422 with a sentence; the gate never hears of it."""
    answer = await _ask(leyla, fields)
    assert answer.status_code == 422
    assert says in answer.json()["error"]
    assert room.checkpoint.acts == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 5000])
async def test_what_is_no_json_is_refused(room: Room, leyla: httpx.AsyncClient, body: bytes) -> None:
    """400, whatever the bytes."""
    headers = {"X-CSRF-Token": await csrf_of(leyla), "Content-Type": "application/json"}
    assert (await leyla.post("/api/acts", content=body, headers=headers)).status_code == 400
    assert room.checkpoint.acts == []


async def test_a_long_body_is_refused_unread(room: Room, leyla: httpx.AsyncClient) -> None:
    """413, whether its length was told or not."""
    headers = {"X-CSRF-Token": await csrf_of(leyla)}
    assert (await leyla.post("/api/acts", content=b"x" * 40_000, headers=headers)).status_code == 413

    async def untold() -> Any:
        for _ in range(40):
            yield b"x" * 1000

    assert (await leyla.post("/api/acts", content=untold(), headers=headers)).status_code == 413
    assert room.checkpoint.acts == []


async def test_the_glass_writes_marks_and_numbers_as_the_core_does(
    room: Room, leyla: httpx.AsyncClient
) -> None:
    """Spaces, dashes and small letters are the officer's business, not the journal's."""
    room.checkpoint.arrive("v-1", None, "approach")
    await _ask(leyla, {"act": "ConfirmPlate", "point": "approach", "visit_id": "v-1", "mark": "99-ba 731"})
    spaced = number("482913756012")
    await _ask(leyla, {"act": "EnterNumber", "visit_id": "v-1", "number": f" {spaced[:4]} {spaced[4:]} "})
    assert room.checkpoint.acts == [
        ConfirmPlate(officer="Leyla", point="approach", visit_id="v-1", mark=RegistrationMark("99BA731")),
        EnterNumber(officer="Leyla", visit_id="v-1", number=spaced),
    ]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_names = st.sampled_from(
    ["visit_id", "point", "mark", "number", "checked", "reason", "call_id", "attended", "officer"]
)


@given(st.sampled_from(sorted(ACTS)) | _json, st.dictionaries(_names, _json, max_size=6))
def test_anything_is_either_an_act_or_a_sentence(kind: Any, fields: dict[str, Any]) -> None:
    """Whatever is sent, nothing else happens, and the act is always in the session's name."""
    try:
        act = understand({**fields, "act": kind}, "Leyla")
    except AskingError as error:
        assert str(error)  # noqa: PT017 - either outcome is right, and each is checked
    else:
        assert act.officer == "Leyla"
