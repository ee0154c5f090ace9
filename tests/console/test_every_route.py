"""Every address of the console: who gets what there, with what headers, and what no page elsewhere can do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount

from gate.store.officers import Login, Role
from tests.console.conftest import Accounts, Room
from tests.console.serving import PASSWORD, client_of, csrf_of

NOBODY, OFFICER, LEAD, AUDITOR, TECHNICIAN = range(5)
NAMES = {OFFICER: "Leyla", LEAD: "Nigar", AUDITOR: "Rauf", TECHNICIAN: "Togrul"}
PICTURE = "a" * 64

# What nobody, an officer, the shift lead, the auditor and the technician get. A new route wants a line here.
WHO_GETS_WHAT: dict[tuple[str, str], tuple[int, int, int, int, int]] = {
    ("GET", "/login"): (200, 303, 303, 303, 303),
    ("POST", "/login"): (403, 403, 403, 403, 403),  # without the form's cookie: nobody's
    ("POST", "/logout"): (303, 303, 303, 303, 303),
    ("GET", "/account"): (303, 200, 200, 200, 200),
    ("POST", "/account/password"): (303, 422, 422, 422, 422),
    ("POST", "/account/end-others"): (303, 403, 403, 403, 403),  # without the password
    ("GET", "/"): (303, 200, 200, 200, 200),
    ("GET", "/keys"): (303, 200, 200, 200, 200),
    ("POST", "/looks"): (303, 303, 303, 303, 303),
    ("GET", "/looks.css"): (200, 200, 200, 200, 200),  # the login page has colours, too
    # 404: this console has no record to look back in. test_looking_back and test_repairs have one.
    ("GET", "/passages"): (303, 404, 404, 404, 403),
    ("GET", "/api/passages"): (401, 404, 404, 404, 403),
    ("GET", "/day"): (303, 404, 404, 404, 404),
    ("GET", "/repairs"): (303, 404, 404, 404, 404),
    ("GET", "/api/repairs"): (401, 404, 404, 404, 404),
    ("GET", "/api/look"): (401, 200, 200, 200, 200),
    ("GET", "/api/acts"): (401, 200, 200, 200, 200),
    ("GET", "/requests/{request_id}"): (303, 409, 409, 403, 403),  # nobody asks any more
    ("GET", "/fragments/checkpoint"): (303, 200, 200, 200, 200),
    ("GET", "/fragments/banner"): (303, 200, 200, 200, 200),
    ("GET", "/visits/{visit_id}"): (303, 200, 200, 200, 200),
    ("GET", "/evidence/{name}.jpg"): (401, 404, 404, 404, 404),  # there is no such picture
    ("GET", "/search"): (303, 200, 200, 200, 403),
    ("GET", "/api/search"): (401, 422, 422, 422, 403),  # asked for nothing
    ("GET", "/api/me"): (401, 200, 200, 200, 200),
    ("GET", "/api/overview"): (401, 200, 200, 200, 200),
    ("GET", "/api/visits/{visit_id}"): (401, 200, 200, 200, 200),
    ("POST", "/api/acts"): (401, 422, 422, 403, 422),  # an act that is none
    ("POST", "/acts/{kind}"): (303, 422, 422, 403, 403),  # ReleaseVisit, nothing named as checked
    ("GET", "/acts/{kind}"): (303, 200, 200, 403, 403),
    ("GET", "/lanes/{name}"): (303, 200, 200, 200, 200),
    ("POST", "/api/hold/{point}"): (401, 204, 204, 403, 403),
    ("GET", "/refused"): (303, 200, 200, 200, 200),
    ("GET", "/healthz"): (200, 200, 200, 200, 200),
    ("GET", "/metrics"): (200, 200, 200, 200, 200),  # from this machine; others get 403
}
STREAMS = {("GET", "/events"): 401, ("GET", "/events/checkpoint"): 401}
"""An event stream does not end: only what nobody gets is asked for here; test_showing follows it."""

FILLED = {
    "{visit_id}": "v-1",
    "{name}.jpg": f"{PICTURE}.jpg",
    "{name}": "lane-4",
    "{kind}": "ReleaseVisit",
    "{point}": "lane-4",
    "{request_id}": "second-1",
}
QUERIES = {"/acts/{kind}": "?visit_id=v-1", "/api/look": "?visit_id=v-1"}
CHANGING = [route for route in WHO_GETS_WHAT if route[0] == "POST"]
POLICY = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "object-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cache-control": "no-store",
}


def address(path: str) -> str:
    """The route's path with something in its blanks."""
    for blank, value in FILLED.items():
        path = path.replace(blank, value)
    return path


def routes_of(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every method and path the application answers."""
    for included in app.routes:
        router = getattr(included, "original_router", None)
        for route in router.routes if router else [included]:
            if isinstance(route, APIRoute):
                yield from ((method, route.path) for method in route.methods or ())
            else:
                assert isinstance(route, Mount), "a kind of route this table does not know"
                assert route.path == "/static"


async def ask(client: httpx.AsyncClient, method: str, path: str, **more: Any) -> httpx.Response:
    """One request, with the form's token where it changes something."""
    where = address(path) + QUERIES.get(path, "")
    if method == "GET":
        return await client.get(where, **more)
    me = await client.get("/api/me")
    token = me.json().get("csrf", "none")
    if path.startswith("/api/"):
        return await client.post(where, json={}, headers={"X-CSRF-Token": token} | more.get("headers", {}))
    form = {"csrf": token, "visit_id": "v-1", "new": "x"}
    return await client.post(where, data=form, headers=more.get("headers", {}))


@pytest.fixture
async def clients(room: Room, accounts: Accounts) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Nobody, and one logged in of each role, before a held vehicle at the red lane."""
    room.checkpoint.arrive("v-1", "77BC401", "approach")
    async with AsyncExitStack() as stack:
        found = [await stack.enter_async_context(client_of(room.app)) for _ in range(5)]
        for at, name in NAMES.items():
            token = accounts.token
            if at != OFFICER:
                login = room.officers.log_in(name, PASSWORD, "127.0.0.1")
                assert isinstance(login, Login)
                token = login.token
            found[at].cookies.set("gate_session", token)
        yield found


def test_every_route_has_its_line(room: Room) -> None:
    """A route that nobody has thought about is found here."""
    assert set(routes_of(room.app)) == {*WHO_GETS_WHAT, *STREAMS}
    assert {role.value for role in Role} == {"officer", "shift-lead", "auditor", "technician"}


async def test_who_gets_what(clients: list[httpx.AsyncClient]) -> None:
    """The table above, asked for line by line; the logouts come last."""
    lines = sorted(WHO_GETS_WHAT, key=lambda line: line[1] == "/logout")
    got = {line: tuple([(await ask(client, *line)).status_code for client in clients]) for line in lines}
    assert got == WHO_GETS_WHAT
    for (method, path), status in STREAMS.items():
        assert (await ask(clients[NOBODY], method, path)).status_code == status


async def test_every_answer_carries_the_headers(clients: list[httpx.AsyncClient]) -> None:
    """Pages, data, refusals, errors and what is not there: no script from elsewhere, no frame, no copy."""
    answers = [await ask(client, *line) for client in clients[:2] for line in WHO_GETS_WHAT]
    answers += [await clients[NOBODY].request(method, "/nowhere") for method in ("GET", "PUT", "TRACE")]
    answers.append(await clients[NOBODY].get("/", headers={"Host": "elsewhere.example"}))
    answers.append(await clients[NOBODY].post("/login", content=b"x" * 40_000))
    for answer in answers:
        for name, value in POLICY.items():
            assert answer.headers.get(name) == value, (answer.request.method, answer.request.url, name)
        assert "server" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers
        if answer.content:
            kind = answer.headers["content-type"]
            assert kind in ("application/json", "text/html; charset=utf-8") or kind.startswith(
                ("text/plain", "text/css")
            )


@pytest.mark.parametrize("route", [line for line in CHANGING if line[1] != "/login"], ids=str)
async def test_nothing_changes_without_the_pages_own_token(
    room: Room, leyla: httpx.AsyncClient, route: tuple[str, str]
) -> None:
    """No token, another's token: 403, and neither the gate nor the accounts hear of it."""
    room.checkpoint.arrive("v-1", "77BC401", "approach")
    for token in (None, "", "made up", "0" * 64):
        carried = {} if token is None else {"X-CSRF-Token": token}
        if route[1].startswith("/api/"):
            answer = await leyla.post(address(route[1]), json={}, headers=carried)
        else:
            form = {"visit_id": "v-1", "checked": "goods"} | ({} if token is None else {"csrf": token})
            answer = await leyla.post(address(route[1]), data=form)
        assert answer.status_code == 403
    assert room.checkpoint.acts == []
    assert (await leyla.get("/api/me")).status_code == 200


@pytest.mark.parametrize("route", CHANGING, ids=str)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
async def test_no_page_elsewhere_changes_anything(
    room: Room, leyla: httpx.AsyncClient, route: tuple[str, str], headers: dict[str, str]
) -> None:
    """Even with the right token and cookie: what a page of another origin sends is refused."""
    answer = await ask(leyla, *route, headers=headers)
    assert answer.status_code == 403
    assert "not the gate's" in answer.text
    assert room.checkpoint.acts == []


@pytest.mark.parametrize("route", CHANGING, ids=str)
async def test_reading_methods_change_nothing(
    leyla: httpx.AsyncClient, room: Room, route: tuple[str, str]
) -> None:
    """What is posted cannot be got, put, deleted or smuggled in by a header that names another method."""
    path, token = address(route[1]), await csrf_of(leyla)
    form = {"csrf": token, "visit_id": "v-1", "checked": "goods"}
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE"):
        if (method, route[1]) in WHO_GETS_WHAT:
            continue
        answer = await leyla.request(
            method, path, params=form, headers={"X-HTTP-Method-Override": "POST", "X-CSRF-Token": token}
        )
        assert answer.status_code == 405
    assert room.checkpoint.acts == []


async def test_a_request_from_its_own_page_is_answered(room: Room) -> None:
    """As browsers send it: the same origin in Origin, Host and Sec-Fetch-Site."""
    async with client_of(room.app) as client:
        await client.get("/login")
        form = {"name": "Leyla", "password": PASSWORD, "csrf": client.cookies["gate_login"]}
        own = {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}
        answer = await client.post("/login", data=form, headers=own)
    assert answer.status_code == 303


async def test_metrics_are_for_this_machine(room: Room) -> None:
    """An exporter on the box passes them on; nobody else reads them."""
    async with client_of(room.app, "10.0.0.9") as client:
        assert (await client.get("/metrics")).status_code == 403


async def test_logging_out_clears_what_the_browser_keeps(leyla: httpx.AsyncClient) -> None:
    """Copies and storage; not the cookie that keeps strangers' guesses from delaying this browser."""
    answer = await leyla.post("/logout", data={"csrf": await csrf_of(leyla)})
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert any('gate_session=""' in one for one in answer.headers.get_list("set-cookie"))
