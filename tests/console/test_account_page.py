"""An officer looks after his own account: password, and where he is logged in."""

from __future__ import annotations

import httpx2 as httpx

from gate.store.officers import Login
from tests.console.conftest import Room
from tests.console.serving import PASSWORD, client_of, csrf_of, log_in

NEW = "nine crooked willows"


async def change(
    client: httpx.AsyncClient, current: str, new: str, again: str | None = None
) -> httpx.Response:
    """The form, sent back."""
    form = {"csrf": await csrf_of(client), "current": current, "new": new, "again": again or new}
    return await client.post("/account/password", data=form)


async def test_leyla_changes_her_password_and_her_other_login_ends(room: Room) -> None:
    """Her own goes on under a new token; the old password is worth nothing; it is kept who did it."""
    async with client_of(room.app) as here, client_of(room.app, "10.0.0.9") as there:
        await log_in(here, "Leyla")
        await log_in(there, "Leyla")
        token = here.cookies["gate_session"]
        answer = await change(here, PASSWORD, NEW)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=password")
        assert here.cookies["gate_session"] != token
        assert "is changed" in (await here.get("/account?done=password")).text
        assert (await there.get("/api/me")).status_code == 401
        assert room.officers.session(token, touch=False) is None
    assert room.officers.verify("Leyla", PASSWORD) is None
    assert room.officers.verify("Leyla", NEW) is not None
    assert room.officers.events.waiting()[-1].change == "password-changed"


async def test_what_will_not_do_changes_nothing(room: Room) -> None:
    """Wrong now, not twice the same, too short, too easy, the same as before; guessing is delayed."""
    async with client_of(room.app) as client:
        await log_in(client, "Leyla")
        for current, new, again, says in (
            (PASSWORD, NEW, NEW + " ", "not typed the same"),
            (PASSWORD, "short", None, "at least 15"),
            (PASSWORD, "password password", None, "too easy to guess"),
            (PASSWORD, PASSWORD, None, "the one you have"),
            ("wrong words here", NEW, None, "not your password"),
        ):
            answer = await change(client, current, new, again)
            assert answer.status_code in (403, 422)
            assert says in answer.text
            assert new not in answer.text or new == "short"
        for _ in range(3):
            late = await change(client, "wrong words here", NEW)
        assert late.status_code == 429
        assert (await client.post("/account/password", data={"csrf": "x"})).status_code == 403
        assert (await client.get("/api/me")).status_code == 200, "who is logged in stays so"
    assert room.officers.verify("Leyla", PASSWORD) is not None


async def test_she_sees_where_she_is_logged_in_and_ends_the_others(room: Room) -> None:
    """Only with her password; this one goes on."""
    elsewhere = room.officers.log_in("Leyla", PASSWORD, "10.0.0.77")
    assert isinstance(elsewhere, Login)
    async with client_of(room.app) as client:
        await log_in(client, "Leyla")
        page = (await client.get("/account")).text
        assert "10.0.0.77" in page
        assert "this one" in page
        form = {"csrf": await csrf_of(client), "current": "wrong words here"}
        assert (await client.post("/account/end-others", data=form)).status_code == 403
        assert room.officers.session(elsewhere.token, touch=False) is not None
        done = await client.post("/account/end-others", data=form | {"current": PASSWORD})
        assert done.status_code == 303
        page = (await client.get("/account")).text
        assert "10.0.0.77" not in page
        assert "End the others" not in page
    assert room.officers.session(elsewhere.token, touch=False) is None


async def test_password_fields_are_masked_and_open_to_password_safes(room: Room) -> None:
    """type=password, named for autofill, nothing that hinders pasting, room for long ones."""
    async with client_of(room.app) as client:
        pages = (await client.get("/login")).text
        await log_in(client, "Leyla")
        pages += (await client.get("/account")).text
    assert pages.count('type="password"') == 5
    for kind in ("current-password", "new-password", "username"):
        assert f'autocomplete="{kind}"' in pages
    assert "onpaste" not in pages
    assert pages.count('maxlength="256"') == 5
