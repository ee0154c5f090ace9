"""The second officer: own name and password for one act, checked like a login, and no login by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from gate.console.app import create_console
from gate.lanes.acts import ConfirmPlate, EnterCargoNumber, EnterNumber
from gate.model import Check, NotificationNumber, NumberFormat, NumberFormats, RegistrationMark
from gate.store.officers import LoginRefused, Officer, Role
from tests.console.conftest import Accounts, Room
from tests.console.serving import PASSWORD, client_of, csrf_of, log_in, look
from tests.console.tiny_checkpoint import number
from tests.store.kept import rows

CONFIRM = {"act": "ConfirmPlate", "point": "approach", "visit_id": "v-1", "mark": "10AA123"}
NIGAR = {"second": "nigar", "second_password": PASSWORD}
SHEET = {"HX-Request": "true", "HX-Target": "sheet"}


@pytest.fixture(autouse=True)
def _far(room: Room) -> None:
    """A held vehicle whose plate was read as another."""
    room.checkpoint.arrive("v-1", "77BC401", "approach")
    room.checkpoint.far.add("v-1")


async def ask(client: httpx.AsyncClient, fields: dict[str, Any]) -> httpx.Response:
    """An act by a program."""
    headers = {"X-CSRF-Token": await csrf_of(client), "Content-Type": "application/json"}
    fields = fields | {"seen": await look(client, fields)}
    return await client.post("/api/acts", content=json.dumps(fields), headers=headers)


def confirmed(second: str | None) -> ConfirmPlate:
    """What reaches the gate."""
    mark = RegistrationMark("10AA123")
    return ConfirmPlate(officer="Leyla", point="approach", visit_id="v-1", mark=mark, second=second)


async def test_alone_it_is_refused_and_with_a_colleague_it_is_done(
    room: Room, leyla: httpx.AsyncClient, tmp_path: Path
) -> None:
    """409 says that a second officer is wanted; his name reaches the gate as his account has it."""
    alone = await ask(leyla, CONFIRM)
    assert (alone.status_code, alone.json()["needs_second"]) == (409, True)
    together = await ask(leyla, CONFIRM | NIGAR)
    assert together.status_code == 200
    assert room.checkpoint.acts == [confirmed(None), confirmed("Nigar")]
    assert rows(tmp_path / "officers.db", "SELECT account FROM login") == [("leyla",)], "nobody was logged in"


@pytest.mark.parametrize(
    ("second", "status", "says"),
    [
        ({"second": "nigar", "second_password": "wrong words here"}, 403, "name or password is wrong"),
        ({"second": "nobody", "second_password": PASSWORD}, 403, "name or password is wrong"),
        ({"second": "rauf", "second_password": PASSWORD}, 403, "auditor cannot be a second officer"),
        ({"second": "togrul", "second_password": PASSWORD}, 403, "technician cannot be a second officer"),
        ({"second": "nigar"}, 403, "name or password is wrong"),
        ({"second": 7, "second_password": PASSWORD}, 422, "must be texts"),
    ],
)
async def test_not_everybody_is_a_second_officer(
    room: Room, leyla: httpx.AsyncClient, second: dict[str, Any], status: int, says: str
) -> None:
    """Wrong words, an unknown name, a role that may not act: the gate never hears of it."""
    answer = await ask(leyla, CONFIRM | second)
    assert answer.status_code == status
    assert says in answer.json()["error"]
    assert room.checkpoint.acts == []


async def test_guessing_a_colleagues_password_is_delayed_like_guessing_a_login(
    room: Room, leyla: httpx.AsyncClient
) -> None:
    """The same count, the same waiting; and it says nothing of whether the last guess was right."""
    for _ in range(5):
        await ask(leyla, CONFIRM | {"second": "nigar", "second_password": "wrong words here"})
    told = await ask(leyla, CONFIRM | NIGAR)
    assert told.status_code == 429
    assert "Wait" in told.json()["error"]
    assert room.checkpoint.acts == []
    room.clock.forward(3600)
    assert isinstance(room.officers.vouch("nigar", PASSWORD, "127.0.0.1"), Officer)


async def test_strangers_guesses_keep_no_second_officer_from_her_own_booth(room: Room) -> None:
    """Nigar has logged in at this browser before; what others try from behind its address is not hers."""
    async with client_of(room.app) as booth:
        await log_in(booth, "Nigar")
        await booth.post("/logout", data={"csrf": await csrf_of(booth)})
        await log_in(booth, "Leyla")
        for _ in range(5):
            room.officers.log_in("Nigar", "wrong words here", "127.0.0.1")
        elsewhere = room.officers.vouch("Nigar", PASSWORD, "127.0.0.1")
        assert isinstance(elsewhere, LoginRefused)
        assert (await ask(booth, CONFIRM | NIGAR)).status_code == 200


def test_vouching_is_checked_as_a_login_and_opens_none(room: Room) -> None:
    """Whose name and password they are, or a refusal with its delay."""
    assert room.officers.vouch(" NIGAR ", PASSWORD, "here") == Officer("Nigar", Role.SHIFT_LEAD)
    assert room.officers.vouch("nigar", "wrong words here", "here") == LoginRefused(0.0)


async def test_the_form_asks_for_him_only_when_he_is_wanted(room: Room, leyla: httpx.AsyncClient) -> None:
    """First without; then with his name and password, which no answer repeats."""
    page = await leyla.get("/acts/ConfirmPlate?visit_id=v-1&point=approach")
    assert "Second officer" not in page.text
    form = {"csrf": await csrf_of(leyla), "point": "approach", "visit_id": "v-1", "mark": "10 AA 123"}
    form["seen"] = await look(leyla, form)
    wanted = await leyla.post("/acts/ConfirmPlate", data=form, headers=SHEET)
    assert wanted.status_code == 409
    assert 'name="second_password" type="password"' in wanted.text
    assert 'value="10 AA 123"' in wanted.text, "what was typed is still there"
    wrong = {"second": "nigar", "second_password": "wrong words here"}
    again = await leyla.post("/acts/ConfirmPlate", data=form | wrong, headers=SHEET)
    assert again.status_code == 403
    assert "name or password is wrong" in again.text
    assert 'name="second_password"' in again.text
    assert "wrong words here" not in again.text
    done = await leyla.post("/acts/ConfirmPlate", data=form | NIGAR)
    assert done.status_code == 303
    assert room.checkpoint.acts[-1] == confirmed("Nigar")


async def test_numbers_take_a_second_officer_too(room: Room, leyla: httpx.AsyncClient) -> None:
    """A notification's, and a cargo declaration's off the papers."""
    given = number("482913756012")
    await ask(leyla, {"act": "EnterNumber", "visit_id": "v-1", "number": given} | NIGAR)
    await ask(leyla, {"act": "EnterCargoNumber", "visit_id": "v-1", "cargo": " 10500/6/03/0042 "} | NIGAR)
    assert room.checkpoint.acts == [
        EnterNumber(officer="Leyla", visit_id="v-1", number=given, second="Nigar"),
        EnterCargoNumber(
            officer="Leyla", visit_id="v-1", cargo=NotificationNumber("10500/6/03/0042"), second="Nigar"
        ),
    ]
    page = await leyla.get("/acts/EnterCargoNumber?visit_id=v-1")
    assert "box 7" in page.text


async def test_the_console_goes_by_the_sites_own_numbers(room: Room, accounts: Accounts) -> None:
    """Notifications of ten digits with Luhn's check, preliminary codes of eight with none."""
    formats = NumberFormats(NumberFormat(10, Check.LUHN, (3, 3, 4)), NumberFormat(8, Check.NONE, (4, 4)))
    room.checkpoint.far.clear()
    app = create_console(room.checkpoint, room.officers, room.evidence, room.clock, formats)
    async with client_of(app) as client:
        client.cookies.set("gate_session", accounts.token)
        for typed in ("123-456-7897", "1234 5678"):
            assert (
                await ask(client, {"act": "EnterNumber", "visit_id": "v-1", "number": typed})
            ).status_code == 200
        refused = await ask(client, {"act": "EnterNumber", "visit_id": "v-1", "number": "1234567890"})
        assert "8 or 10 digits" in refused.json()["error"]
        assert "8 or 10 digits" in (await client.get("/acts/EnterNumber?visit_id=v-1")).text
        assert "1234 5678" in (await client.get("/visits/v-1")).text
