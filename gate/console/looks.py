"""How this browser's console looks and listens: light or dark, and whether single keys do something.

Kept in one cookie of the browser, so that it holds from before the first login on; no script sets it.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gate.console.desk import desk_of
from gate.console.sessions import LoggedIn, check_csrf

router = APIRouter()

LOOKS_COOKIE = "gate_looks"
_SCHEMES = {"auto": "light dark", "light": "light", "dark": "dark"}
_YEAR_SECONDS = 365 * 24 * 3600


def _chosen(request: Request) -> tuple[str, str]:
    """The scheme and "keys" or "no-keys", whatever the cookie says."""
    kept = request.cookies.get(desk_of(request).cookie(LOOKS_COOKIE), "")
    scheme, _, keys = kept.partition("+")
    return scheme if scheme in _SCHEMES else "auto", "no-keys" if keys == "no-keys" else "keys"


def keys_are_on(request: Request) -> bool:
    """Whether single keys are shortcuts: who speaks to his computer turns them off (WCAG 2.1.4)."""
    return _chosen(request)[1] == "keys"


@router.get("/looks.css")
async def scheme(request: Request) -> Response:
    """The one rule that decides between light and dark, for every page, the login's included."""
    rule = f":root {{ color-scheme: {_SCHEMES[_chosen(request)[0]]}; }}\n"
    return Response(rule, media_type="text/css")


@router.get("/keys")
async def keys_page(request: Request, session: LoggedIn) -> Response:
    """Which key does what, and the choice of looks."""
    chosen, keys = _chosen(request)
    return desk_of(request).render(
        "keys.html",
        scheme=chosen,
        keys=keys,
        session=session,
        whole_page="hx-request" not in request.headers,
    )


@router.post("/looks")
async def choose(request: Request, session: LoggedIn) -> Response:
    """Keep a choice, and load the page anew in it."""
    async with request.form(max_files=0, max_fields=5) as form:
        given = {name: str(value) for name, value in form.items()}
    check_csrf(session, given.get("csrf"))
    chosen, keys = _chosen(request)
    if given.get("scheme") in _SCHEMES:
        chosen = given["scheme"]
    if given.get("keys") in ("keys", "no-keys"):
        keys = given["keys"]
    by_htmx = "hx-request" in request.headers
    response = Response(headers={"HX-Refresh": "true"}) if by_htmx else RedirectResponse("/", 303)
    response.set_cookie(
        desk_of(request).cookie(LOOKS_COOKIE),
        f"{chosen}+{keys}",
        max_age=_YEAR_SECONDS,
        path="/",
        httponly=True,
        samesite="strict",
        secure=desk_of(request).secure_cookies,
    )
    return response
