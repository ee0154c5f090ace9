"""A second officer at his own screen, over HTTP: shown what is asked, he proves himself and answers."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from gate.lanes.seconding import LASTS_SECONDS
from gate.model import VisitStatus
from tests.console.conftest import Accounts
from tests.console.real_booth import Booth, asks, real_booth
from tests.console.serving import PASSWORD, csrf_of, look
from tests.lanes.looks import journalled_acts
from tests.lanes.stories import LORRY, VAN, read
from tests.lanes.test_desk import ONE, TWO, declared, openings

SHEET = {"HX-Request": "true", "HX-Target": "sheet"}


@pytest.fixture
async def booth(tmp_path: Path, accounts: Accounts) -> AsyncIterator[Booth]:
    """A console over a running checkpoint."""
    async with real_booth(tmp_path, accounts) as running:
        yield running


async def read_as_a_van(booth: Booth) -> dict[str, Any]:
    """The declared lorry was read as a van and waits in the bay; what an officer would confirm."""
    await booth.house.files(declared(booth.house))
    visit_id = await booth.house.approaches(read(VAN))
    await booth.house.moves_on()
    return {"act": "ConfirmPlate", "point": "holding-bay", "visit_id": visit_id, "mark": LORRY}


async def asks_a_colleague(client: httpx.AsyncClient, act: dict[str, Any]) -> str:
    """By program; the request's id."""
    answer = await asks(client, {"act": "AskSecond", "asked": act, "seen": await look(client, act)})
    assert answer.status_code == 200, answer.text
    (request,) = [one for one in (await client.get("/api/overview")).json()["requests"] if not one["answer"]]
    return str(request["request_id"])


async def agree(client: httpx.AsyncClient, request_id: str, password: str = PASSWORD) -> httpx.Response:
    """By program, having looked."""
    fields = {"act": "AgreeAsSecond", "request_id": request_id}
    return await asks(client, fields | {"seen": await look(client, fields), "password": password})


async def test_from_one_screen_to_the_other_by_forms(booth: Booth) -> None:
    """Refused alone, asked, on the colleague's live page, looked at, agreed to; the first is told."""
    act = await read_as_a_van(booth)
    async with booth.officer("Leyla", "10.0.0.7") as leyla, booth.officer("Nigar", "10.0.0.8") as nigar:
        form = {name: value for name, value in act.items() if name != "act"}
        form |= {"csrf": await csrf_of(leyla), "seen": await look(leyla, act)}
        alone = await leyla.post("/acts/ConfirmPlate", data=form, headers=SHEET)
        assert alone.status_code == 409
        assert 'name="ask_second"' in alone.text
        asked = await leyla.post("/acts/ConfirmPlate", data=form | {"ask_second": "yes"}, headers=SHEET)
        assert "another officer has 3 minutes to agree" in asked.text

        card = (await nigar.get("/fragments/checkpoint")).text
        assert "Leyla asks you to agree" in card
        assert f"{VAN} was read, which is not near to {LORRY}" in card
        (path,) = re.findall(r'href="(/requests/[^"]+)"', card)
        own = (await leyla.get("/fragments/checkpoint")).text
        assert "You ask another officer to agree" in own
        assert path not in own

        sheet = (await nigar.get(path, headers=SHEET)).text
        assert "Leyla asks you to confirm the plate" in sheet
        assert read(VAN).evidence[0] in sheet
        answer = _fields(sheet)
        wrong = await nigar.post(
            "/acts/AgreeAsSecond", data=answer | {"password": "wrong words here"}, headers=SHEET
        )
        assert wrong.status_code == 403
        assert "That is not your password" in wrong.text
        assert "wrong words here" not in wrong.text
        answer = _fields(wrong.text)
        done = await nigar.post("/acts/AgreeAsSecond", data=answer | {"password": PASSWORD}, headers=SHEET)
        assert "directed to lane 1" in done.text
        assert "Nigar agreed: directed to lane 1" in (await leyla.get("/fragments/checkpoint")).text
        assert "asks you to agree" not in (await nigar.get("/fragments/checkpoint")).text
    assert openings(booth.house) == [(ONE, "GREEN")]
    kept = {one["act"]["type"]: one["act"] for one in journalled_acts(booth.house) if one["done"]}
    assert (kept["ConfirmPlate"]["officer"], kept["ConfirmPlate"]["second"]) == ("Leyla", "Nigar")
    assert kept["ConfirmPlate"]["seen"]["screen"] == "10.0.0.7"
    assert (kept["AgreeAsSecond"]["officer"], kept["AgreeAsSecond"]["seen"]["screen"]) == (
        "Nigar",
        "10.0.0.8",
    )
    assert PASSWORD not in json.dumps(journalled_acts(booth.house))


async def test_who_may_not_be_the_second_is_not_asked_and_may_not_answer(booth: Booth) -> None:
    """The auditor and the technician see no request and are refused; so is the one who asks."""
    act = await read_as_a_van(booth)
    async with booth.officer("Leyla") as leyla:
        request_id = await asks_a_colleague(leyla, act)
        for name in ("Rauf", "Togrul"):
            async with booth.officer(name) as other:
                assert request_id not in (await other.get("/")).text
                assert (await other.get(f"/requests/{request_id}")).status_code == 403
                assert (await agree(other, request_id)).status_code == 403
        assert "another officer answers it" in (await leyla.get(f"/requests/{request_id}")).text
        mine = await agree(leyla, request_id)
        assert (mine.status_code, "another person" in mine.json()["message"]) == (409, True)
    assert openings(booth.house) == []


async def test_a_colleagues_unattended_screen_agrees_to_nothing(booth: Booth) -> None:
    """Without his password, with the asker's, and guessing it is delayed like guessing a login."""
    act = await read_as_a_van(booth)
    async with booth.officer("Leyla") as leyla, booth.officer("Nigar") as nigar:
        request_id = await asks_a_colleague(leyla, act)
        for word in ("", "wrong words here", "wrong words here", "wrong words here"):
            assert (await agree(nigar, request_id, word)).status_code == 403
        told = await agree(nigar, request_id, "wrong words here")
        assert (told.status_code, "Wait" in told.json()["error"]) == (429, True)
        assert openings(booth.house) == []
        booth.house.clock.passes(timedelta(seconds=4))
        assert (await agree(nigar, request_id)).status_code == 200


async def test_two_seconds_at_once(booth: Booth) -> None:
    """Two screens of two officers, and of one officer twice: one answer counts."""
    booth.officers.add("Aysel", PASSWORD, (await _role(booth)))
    act = await read_as_a_van(booth)
    async with (
        booth.officer("Leyla") as leyla,
        booth.officer("Nigar") as nigar,
        booth.officer("Aysel") as aysel,
        booth.officer("Nigar") as again,
    ):
        request_id = await asks_a_colleague(leyla, act)
        answers = await asyncio.gather(*(agree(client, request_id) for client in (nigar, aysel, again)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    seconds = {one["act"].get("second") for one in journalled_acts(booth.house) if one["act"].get("second")}
    assert len(seconds) == 1
    late = next(answer.json()["message"] for answer in answers if answer.status_code == 409)
    assert "is over" in late
    assert openings(booth.house) == [(ONE, "GREEN")]


async def test_declining_takes_no_password_and_withdrawing_is_the_askers(booth: Booth) -> None:
    """One press each; nothing is done, and it may be asked again."""
    act = await read_as_a_van(booth)
    async with booth.officer("Leyla") as leyla, booth.officer("Nigar") as nigar:
        request_id = await asks_a_colleague(leyla, act)
        answer = _fields((await nigar.get(f"/requests/{request_id}", headers=SHEET)).text)
        no = await nigar.post("/acts/AgreeAsSecond", data=answer | {"decline": "yes"}, headers=SHEET)
        assert "Nigar does not agree: nothing was done" in no.text
        assert "Nigar does not agree" in (await leyla.get("/")).text
        request_id = await asks_a_colleague(leyla, act)
        assert not (await asks(nigar, {"act": "WithdrawAsking", "request_id": request_id})).json()["done"]
        assert (await asks(leyla, {"act": "WithdrawAsking", "request_id": request_id})).json()["done"]
        over = await nigar.get(f"/requests/{request_id}", headers=SHEET)
        assert (over.status_code, "is over" in over.text) == (409, True)
    assert (await booth.house.knows(act["visit_id"])).status is VisitStatus.HELD


async def test_an_open_sheet_does_not_outlive_its_request(booth: Booth) -> None:
    """Answered after three minutes, or after a colleague referred the vehicle: said so, nothing done."""
    act = await read_as_a_van(booth)
    async with booth.officer("Leyla") as leyla, booth.officer("Nigar") as nigar:
        request_id = await asks_a_colleague(leyla, act)
        booth.house.clock.passes(timedelta(seconds=LASTS_SECONDS - 60))
        fields = {"act": "AgreeAsSecond", "request_id": request_id, "password": PASSWORD}
        seen = await look(nigar, fields)
        booth.house.clock.passes(timedelta(seconds=61))
        late = await asks(nigar, fields | {"seen": seen})
        assert (late.status_code, "in time" in late.json()["message"]) == (409, True)
        request_id = await asks_a_colleague(leyla, act)
        fields["request_id"] = request_id
        seen = await look(nigar, fields)
        refer = {"act": "ReferVisit", "visit_id": act["visit_id"], "reason": "transit"}
        assert (await asks(leyla, refer | {"seen": await look(leyla, refer)})).status_code == 200
        gone = await asks(nigar, fields | {"seen": seen})
        assert (gone.status_code, "referred" in gone.json()["message"]) == (409, True)
    assert openings(booth.house) == []


async def test_a_number_is_asked_about_too(booth: Booth) -> None:
    """8.0.2: by form; the card shows the number as it is printed."""
    await booth.house.files(declared(booth.house, as_number=TWO, marks=(VAN,)))
    visit_id = await booth.house.approaches(read(LORRY))
    act = {"act": "EnterNumber", "visit_id": visit_id, "number": TWO}
    async with booth.officer("Leyla") as leyla, booth.officer("Nigar") as nigar:
        request_id = await asks_a_colleague(leyla, act)
        card = (await nigar.get("/fragments/checkpoint")).text
        assert f"{TWO[:4]} {TWO[4:7]}" in card
        assert f"this number is declared with {VAN}" in card
        assert (await agree(nigar, request_id)).status_code == 200


async def _role(booth: Booth) -> Any:
    found = await asyncio.to_thread(booth.officers.verify, "Leyla", PASSWORD)
    assert found is not None
    return found.role


def _fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
