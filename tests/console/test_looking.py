"""No act on a vehicle without a look at it: by program, by form, once, and for two minutes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from gate.console.asking import ACTS
from gate.lanes.acts import (
    AcknowledgeCall,
    AttendTerminal,
    ClosePoint,
    DeclineAsSecond,
    OpenPoint,
    WithdrawAsking,
)
from gate.lanes.duty_acts import DutyAct
from gate.lanes.sight import LASTS_SECONDS
from gate.lanes.staleness import ON_VEHICLES
from gate.lanes.state import Phase
from gate.model import Corridor, VisitStatus
from tests.console.conftest import Accounts, Room
from tests.console.real_booth import SHOWN, Booth, asks, real_booth
from tests.console.serving import csrf_of, look
from tests.lanes.looks import journalled_acts
from tests.lanes.officers import in_control, in_the_bay
from tests.lanes.stories import LORRY, VAN, read
from tests.lanes.test_desk import ONE, TWO, declared

SHEET = {"HX-Request": "true", "HX-Target": "sheet"}
WITHOUT_A_LOOK = (AcknowledgeCall, ClosePoint, OpenPoint, AttendTerminal, DeclineAsSecond, WithdrawAsking)
VEHICLES: list[dict[str, Any]] = [
    {"act": "ReleaseVisit", "visit_id": "v-1", "checked": ["goods"]},
    {"act": "ConfirmPlate", "point": "approach", "visit_id": "v-1", "mark": "10AA123"},
    {"act": "EnterNumber", "visit_id": "v-1", "number": "4829137560129"},
    {"act": "EnterCargoNumber", "visit_id": "v-1", "cargo": "10500/6/03/0042"},
    {"act": "ReferVisit", "visit_id": "v-1", "reason": "transit"},
    {"act": "TurnBack", "visit_id": "v-1", "reason": "no papers"},
    {"act": "OrderCheck", "visit_id": "v-1", "source": "canine", "facts": "the dog sat down"},
    {"act": "HoldVisit", "visit_id": "v-1", "reason": "a call came"},
    {"act": "SendToBay", "visit_id": "v-1", "place": "H", "reason": "to wait"},
    {"act": "OpenOnce", "point": "lane-1", "category": "empty", "reason": "empty lorry"},
    {"act": "HoldToRun", "point": "lane-1", "visit_id": "v-1", "checked": ["goods"]},
    {"act": "AskSecond", "asked": {"act": "ConfirmPlate", "point": "approach", "mark": "10AA123"}},
    {"act": "AgreeAsSecond", "request_id": "second-1", "password": "seven tall poplars"},
]


@pytest.fixture
async def booth(tmp_path: Path, accounts: Accounts) -> AsyncIterator[Booth]:
    """A console over a running checkpoint."""
    async with real_booth(tmp_path, accounts) as running:
        yield running


def test_every_act_is_about_a_vehicle_or_is_known_not_to_be() -> None:
    """A new act says which it is: by default nobody would have to look."""
    named = {*ON_VEHICLES, *WITHOUT_A_LOOK}
    duties = {act for act in ACTS.values() if act in DutyAct.__args__ and act not in ON_VEHICLES}
    assert set(ACTS.values()) == named | duties
    assert {fields["act"] for fields in VEHICLES} == {act.__name__ for act in ON_VEHICLES}


@pytest.mark.parametrize("fields", VEHICLES, ids=lambda fields: str(fields["act"]))
@pytest.mark.parametrize("seen", [None, "", 7])
async def test_a_program_that_has_not_looked_is_told_how(
    room: Room, leyla: httpx.AsyncClient, fields: dict[str, Any], seen: object
) -> None:
    """422, with where to look; the gate never hears of it."""
    answer = await asks(leyla, fields | ({} if seen is None else {"seen": seen}))
    assert answer.status_code == 422
    assert "GET /api/look" in answer.json()["error"]
    assert room.checkpoint.acts == []


async def test_a_look_counts_for_one_act_of_one_officer(booth: Booth) -> None:
    """Used, somebody else's, or made up: refused, said so, and on record."""
    visit_id = await in_control(booth.house)
    release = {"act": "ReleaseVisit", "visit_id": visit_id, "checked": ["papers"]}
    async with booth.officer("Leyla") as leyla, booth.officer("Nigar") as nigar:
        seen = await look(leyla, release)
        for client, name in ((nigar, seen), (leyla, "made-up")):
            refused = await asks(client, release | {"seen": name})
            assert (refused.status_code, refused.json()["stale"]) == (409, True)
            assert "Look again" in refused.json()["message"]
        assert (await asks(leyla, release | {"seen": seen})).status_code == 200
        again = await asks(leyla, release | {"seen": seen})
        assert (again.status_code, again.json()["stale"]) == (409, True)
    kept = [(one["act"]["officer"], one["done"]) for one in journalled_acts(booth.house)]
    assert kept == [("Nigar", False), ("Leyla", False), ("Leyla", True), ("Leyla", False)]


async def test_it_is_on_record_at_which_screen_on_what_sight(booth: Booth) -> None:
    """The address, when it was shown and when asked, the pictures, the read."""
    visit_id = await in_control(booth.house)
    release = {"act": "ReleaseVisit", "visit_id": visit_id, "checked": ["papers"]}
    async with booth.officer("Leyla", "10.0.0.9") as leyla:
        seen = await look(leyla, release)
        booth.house.clock.passes(timedelta(seconds=30))
        assert (await asks(leyla, release | {"seen": seen})).status_code == 200
        await asks(leyla, {"act": "ClosePoint", "point": "lane-1"})
    released, closed = (one["act"]["seen"] for one in journalled_acts(booth.house))
    assert released["screen"] == closed["screen"] == "10.0.0.9"
    assert 30 <= released["age"] <= LASTS_SECONDS
    assert released["shown_at"] < released["asked_at"]
    assert released["sight"]["evidence"] == SHOWN
    assert (closed["sight"], closed["shown_at"]) == (None, None)


async def test_a_form_left_open_is_looked_at_again(booth: Booth) -> None:
    """Two minutes later it comes back as it was filled, with a new look, and then it is done."""
    visit_id = await in_control(booth.house)
    async with booth.officer("Leyla") as leyla:
        page = (await leyla.get(f"/acts/ReleaseVisit?visit_id={visit_id}")).text
        form: dict[str, Any] = {
            "csrf": await csrf_of(leyla),
            "visit_id": visit_id,
            "checked": ["goods"],
            "seen": _seen_in(page),
        }
        booth.house.clock.passes(timedelta(seconds=LASTS_SECONDS + 1))
        late = await leyla.post("/acts/ReleaseVisit", data=form, headers=SHEET)
        assert late.status_code == 409
        assert "look again" in late.text
        assert re.search(r'value="goods" checked', late.text)
        assert booth.house.points["lane-4"].state.phase is Phase.CONTROL
        done = await leyla.post(
            "/acts/ReleaseVisit", data=form | {"seen": _seen_in(late.text)}, headers=SHEET
        )
        assert "data-done" in done.text


async def test_an_emergency_never_waits_for_a_look(booth: Booth) -> None:
    """However old its form, and with none at all."""
    async with booth.officer("Leyla") as leyla:
        page = (await leyla.get("/acts/OpenForEmergency?point=lane-1")).text
        form = {"csrf": await csrf_of(leyla), "points": "lane-1", "reason": "fire", "seen": _seen_in(page)}
        booth.house.clock.passes(timedelta(seconds=10 * LASTS_SECONDS))
        assert (await leyla.post("/acts/OpenForEmergency", data=form, headers=SHEET)).status_code == 200
        second = {"act": "OpenForEmergency", "points": ["lane-4"], "reason": "fire", "seen": "forgotten"}
        assert (await asks(leyla, second)).status_code == 200
    assert booth.house.points["lane-1"].state.phase is Phase.EMERGENCY
    assert booth.house.points["lane-4"].state.phase is Phase.EMERGENCY


async def test_a_lanes_duty_expires_too(booth: Booth) -> None:
    """A breakdown form of before lunch blocks no lane after it."""
    async with booth.officer("Leyla") as leyla:
        page = (await leyla.get("/acts/DeclareBreakdown?point=lane-1")).text
        form = {"csrf": await csrf_of(leyla), "point": "lane-1", "seen": _seen_in(page)}
        booth.house.clock.passes(timedelta(seconds=LASTS_SECONDS + 1))
        late = await leyla.post("/acts/DeclareBreakdown", data=form, headers=SHEET)
        assert late.status_code == 409
        assert booth.house.points["lane-1"].state.phase is Phase.FREE
        form["seen"] = _seen_in(late.text)
        assert (await leyla.post("/acts/DeclareBreakdown", data=form, headers=SHEET)).status_code == 200


@pytest.mark.parametrize("names", [("Leyla", "Nigar"), ("Nigar", "Leyla")], ids=" then ".join)
async def test_of_two_officers_at_once_the_second_is_told_who_was_first(
    booth: Booth, names: tuple[str, str]
) -> None:
    """Both screens, one turn of the loop, either order: one release, one pulse, an honest answer."""
    visit_id = await in_control(booth.house)
    release = {"act": "ReleaseVisit", "visit_id": visit_id, "checked": ["papers"]}
    async with booth.officer(names[0]) as one, booth.officer(names[1]) as two:
        clients = {names[0]: one, names[1]: two}
        seen = {name: await look(client, release) for name, client in clients.items()}
        tokens = {name: {"X-CSRF-Token": await csrf_of(client)} for name, client in clients.items()}
        answers = await asyncio.gather(
            *(
                client.post("/api/acts", json=release | {"seen": seen[name]}, headers=tokens[name])
                for name, client in clients.items()
            )
        )
    told = dict(zip(names, answers, strict=True))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    winner = next(name for name, answer in told.items() if answer.status_code == 200)
    (loser,) = {*names} - {winner}
    assert re.match(rf"{winner} released it at \d\d:\d\d:\d\d\. ", told[loser].json()["message"])
    await booth.house.until(lambda: bool(booth.house.io["lane-4"].told("raise")))
    assert len(booth.house.io["lane-4"].told("raise")) == 1


async def test_the_form_shows_what_was_read_and_names_candidates(booth: Booth) -> None:
    """8.0.1: the signs that differ are marked, and one officer confirms a near match by pressing it."""
    await booth.house.files(declared(booth.house, Corridor.RED))
    near = read(type(LORRY)("1OAA128"), sure=False)
    visit_id = await booth.house.approaches(near)
    async with booth.officer("Leyla") as leyla:
        page = (await leyla.get(f"/acts/ConfirmPlate?visit_id={visit_id}&point=approach")).text
        assert f"{round((near.confidence or 0) * 100)} %" in page
        assert f'value="{LORRY}" formnovalidate' in page
        assert "1<mark>0</mark>AA12<mark>3</mark>" in page
        told = (await leyla.get(f"/api/look?visit_id={visit_id}")).json()
        assert told["candidates"] == [LORRY]
        form = {
            "csrf": await csrf_of(leyla),
            "visit_id": visit_id,
            "point": "approach",
            "mark": "",
            "chosen": LORRY,
            "seen": _seen_in(page),
        }
        done = await leyla.post("/acts/ConfirmPlate", data=form, headers=SHEET)
        assert done.status_code == 200, done.text
    await booth.house.phase("approach", Phase.DIRECTED)
    assert (await booth.house.knows(visit_id)).status is VisitStatus.DIRECTED


async def test_of_several_declarations_the_papers_name_one(booth: Booth) -> None:
    """8.0.1: a number in both number spaces names neither; the form shows both, and one is pressed."""
    other = declared(booth.house, as_number=TWO, marks=(VAN,), site="astara")
    await booth.house.files(declared(booth.house, preliminary=TWO, site="astara"), other)
    visit_id = await booth.house.approaches(read(LORRY))
    await booth.house.moves_on()
    async with booth.officer("Leyla") as leyla:
        assert "several declarations" not in (await leyla.get(f"/acts/EnterNumber?visit_id={visit_id}")).text
        number = {"act": "EnterNumber", "visit_id": visit_id, "number": TWO}
        told = await asks(leyla, number | {"seen": await look(leyla, number)})
        assert "finds 2 declarations" in told.json()["message"]
        page = (await leyla.get(f"/acts/EnterNumber?visit_id={visit_id}")).text
        assert sorted(re.findall(r'name="chosen" value="(\d+)"', page)) == sorted([ONE, TWO])
        form = {"csrf": await csrf_of(leyla), "visit_id": visit_id, "number": "", "chosen": ONE}
        done = await leyla.post("/acts/EnterNumber", data=form | {"seen": _seen_in(page)}, headers=SHEET)
        assert "finds 2 declarations" not in done.text
        assert "belongs to another checkpoint" in done.text or "data-done" in done.text
    assert (await booth.house.knows(visit_id)).numbers == (ONE,)


async def test_a_technician_is_shown_no_candidates(booth: Booth) -> None:
    """Who mends lanes has no business with declarations; and there is nothing to see of nobody."""
    await booth.house.files(declared(booth.house))
    visit_id = await booth.house.approaches(read(type(LORRY)("1OAA123")))
    async with booth.officer("Togrul") as togrul:
        assert (await togrul.get(f"/api/look?visit_id={visit_id}")).json()["candidates"] == []
        for nothing in ("", "?visit_id=nobody", "?point=lane-9", "?request_id=second-1"):
            assert (await togrul.get(f"/api/look{nothing}")).status_code == 404


async def test_what_a_role_may_not_do_is_on_record_as_tried(booth: Booth) -> None:
    """403, and the journal names who tried what; what nobody can understand is in the log only."""
    visit_id = await in_the_bay(booth.house)
    async with booth.officer("Rauf") as rauf:
        refer = {"act": "ReferVisit", "visit_id": visit_id, "reason": "transit"}
        assert (await asks(rauf, refer)).status_code == 403
        assert (await asks(rauf, {"act": "nonsense"})).status_code == 403
    (kept,) = journalled_acts(booth.house)
    assert (kept["act"]["officer"], kept["act"]["type"], kept["done"]) == ("Rauf", "ReferVisit", False)
    assert "auditor" in kept["message"]


def _seen_in(page: str) -> str:
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', page)
    return str(seen)


async def test_an_erased_picture_is_not_on_record_as_seen(booth: Booth) -> None:
    """Nobody saw it: the form says that there is none, and the act names none."""
    visit_id = await in_control(booth.house)
    for name in SHOWN:
        (booth.house.data / "evidence" / name[:2] / f"{name}.jpg").unlink()
    async with booth.officer("Leyla") as leyla:
        page = (await leyla.get(f"/acts/ReleaseVisit?visit_id={visit_id}")).text
        assert "There is no picture. Look at the vehicle." in page
        form = {
            "csrf": await csrf_of(leyla),
            "visit_id": visit_id,
            "checked": "goods",
            "seen": _seen_in(page),
        }
        assert (await leyla.post("/acts/ReleaseVisit", data=form, headers=SHEET)).status_code == 200
    (kept,) = journalled_acts(booth.house)
    assert kept["act"]["seen"]["sight"]["evidence"] == []


async def test_a_form_sent_twice_is_done_once(booth: Booth) -> None:
    """Closed, opened by a colleague, and the browser sends the old form again: it stays open."""
    async with booth.officer("Leyla") as leyla, booth.officer("Nigar") as nigar:
        page = (await leyla.get("/acts/ClosePoint?point=lane-1")).text
        form = {"csrf": await csrf_of(leyla), "point": "lane-1", "seen": _seen_in(page)}
        assert (await leyla.post("/acts/ClosePoint", data=form, headers=SHEET)).status_code == 200
        assert (await asks(nigar, {"act": "OpenPoint", "point": "lane-1"})).status_code == 200
        again = await leyla.post("/acts/ClosePoint", data=form, headers=SHEET)
        assert (again.status_code, "acted on already" in again.text) == (409, True)
    assert booth.house.points["lane-1"].state.phase is not Phase.CLOSED
