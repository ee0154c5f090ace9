"""Logging in and out, and what stays shut without."""

from __future__ import annotations

from pathlib import Path

import httpx2 as httpx
import pytest

from gate.console.app import create_console
from gate.store.officers import Officers
from tests.console.conftest import Room
from tests.console.serving import PASSWORD, client_of, csrf_of, log_in


@pytest.mark.parametrize("path", ["/", "/visits/v-1", "/acts/ReleaseVisit?visit_id=v-1"])
async def test_pages_ask_to_log_in(room: Room, path: str) -> None:
    """Nothing is shown to nobody."""
    async with client_of(room.app) as client:
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")


@pytest.mark.parametrize(
    "path", ["/api/me", "/api/overview", "/api/visits/v-1", "/events", f"/evidence/{'a' * 64}.jpg"]
)
async def test_programs_are_told_to_log_in(room: Room, path: str) -> None:
    """A program gets 401, not a login page."""
    async with client_of(room.app) as client:
        assert (await client.get(path)).status_code == 401
        assert (
            await client.post("/api/acts", json={"act": "ClosePoint", "point": "lane-1"})
        ).status_code == 401
        fragment = await client.get("/fragments/checkpoint", headers={"HX-Request": "true"})
        assert (fragment.status_code, fragment.headers["hx-redirect"]) == (401, "/login")
    assert room.checkpoint.acts == []


async def test_a_login_has_a_strict_cookie_and_a_new_token_each_time(room: Room) -> None:
    """HttpOnly and SameSite=Strict always; Secure where the site says it is served over TLS."""
    async with client_of(room.app) as client:
        first = await log_in(client, "Leyla")
        cookie = next(
            value for value in first.headers.get_list("set-cookie") if value.startswith("gate_session")
        )
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Secure" not in cookie
        token = client.cookies["gate_session"]
        client.cookies.clear()
        await log_in(client, "Leyla")
        assert client.cookies["gate_session"] != token

    secure = create_console(room.checkpoint, room.officers, room.evidence, room.clock, secure_cookies=True)
    async with client_of(secure) as client:
        answer = await client.get("/login")
        assert "Secure" in answer.headers["set-cookie"]


async def test_a_wrong_password_says_nothing_more(room: Room) -> None:
    """The same answer for a wrong password and for an unknown name; then a delay, with Retry-After."""
    async with client_of(room.app) as client:
        wrong = await log_in(client, "Leyla", "wrong")
        unknown = await log_in(client, "nobody", "wrong")
        assert wrong.status_code == unknown.status_code == 401
        assert "not right" in wrong.text
        assert "gate_session" not in client.cookies
        for _ in range(3):
            late = await log_in(client, "Leyla", "wrong")
        assert late.status_code == 429
        assert late.headers["retry-after"] == "2"


async def test_a_login_form_from_elsewhere_is_refused(room: Room) -> None:
    """Without the cookie the form came with, a login does not open."""
    async with client_of(room.app) as client:
        form = {"name": "Leyla", "password": PASSWORD, "csrf": "made up"}
        assert (await client.post("/login", data=form)).status_code == 403
        assert (await client.post("/login", data={**form, "csrf": ""})).status_code == 403
        assert "gate_session" not in client.cookies


async def test_logging_out_ends_the_login_everywhere(room: Room, leyla: httpx.AsyncClient) -> None:
    """Only with the form's token; and the old cookie is worth nothing afterwards."""
    token = leyla.cookies["gate_session"]
    assert (await leyla.post("/logout", data={"csrf": "wrong"})).status_code == 403
    assert (await leyla.post("/logout", data={"csrf": await csrf_of(leyla)})).status_code == 303
    async with client_of(room.app) as other:
        other.cookies.set("gate_session", token)
        assert (await other.get("/api/me")).status_code == 401


async def test_a_live_screen_does_not_keep_a_login_alive(room: Room, leyla: httpx.AsyncClient) -> None:
    """Only a person's own requests count as activity."""
    for _ in range(3):
        room.clock.forward(11 * 60)
        answer = await leyla.get("/fragments/checkpoint")
    assert answer.status_code == 303


async def test_an_empty_account_file_says_how_to_begin(room: Room, tmp_path: Path) -> None:
    """There is no default account; the login page names the command."""
    officers = Officers(tmp_path / "new" / "officers.db", room.clock)
    assert officers.accounts() == []
    async with client_of(create_console(room.checkpoint, officers, room.evidence, room.clock)) as client:
        assert "gate officer add" in (await client.get("/login")).text
    officers.close()
