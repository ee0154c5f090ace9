"""The touch pages: first the language, then the dialogue."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from gate.kiosk.booth import booth_of
from gate.kiosk.speech import with_length
from gate.model import Corridor, NumberFormats, damm_digit

router = APIRouter()

_START_TONGUES = ("az", "en")
"""Before a language is chosen: the country's own and the most widely read."""


def check_rows() -> tuple[str, ...]:
    """The check digit's ten rows, for the page to check as one types. Row d is reached by digit d first.

    Taken out of `damm_digit` so that the table stands in one place only.
    """
    by_state = {
        damm_digit(first): [damm_digit(first + last) for last in "0123456789"] for first in "0123456789"
    }
    return tuple("".join(by_state[str(state)]) for state in range(10))


_ROWS = ",".join(check_rows())


def shapes(formats: NumberFormats) -> str:
    """The spaces of numbers for the page's script: `length check groups`, one after the other."""
    return ",".join(
        f"{space.length} {space.check.value} {'-'.join(map(str, space.groups))}" for space in formats.each
    )


@router.get("/{point}")
async def start(point: str, request: Request) -> Response:
    """Ask for the language."""
    booth = booth_of(request)
    booth.spoken.pop(booth.known(point), None)
    page = booth.pages.get_template("start.html").render(
        point=booth.known(point),
        tongues=[booth.tongues[code] for code in _START_TONGUES],
        offered=list(booth.tongues.values()),
        page_tongue=booth.tongues[_START_TONGUES[0]],
        on_foot=booth.points[point] == "terminal",
        counted=lambda text: with_length(text, booth.formats),
        corridors=[corridor.value for corridor in Corridor],
    )
    return HTMLResponse(page)


@router.get("/{point}/{language}")
async def dialogue(point: str, language: str, request: Request) -> Response:
    """The number, or help; then the answer."""
    booth = booth_of(request)
    tongue = booth.tongues.get(language)
    if booth.known(point) and tongue is None:
        raise HTTPException(404, "This language is not spoken here.")
    booth.spoken[point] = language
    page = booth.pages.get_template("dialogue.html").render(
        point=point,
        tongues=[tongue],
        page_tongue=tongue,
        on_foot=booth.points[point] == "terminal",
        counted=lambda text: with_length(text, booth.formats),
        rows=_ROWS,
        formats=shapes(booth.formats),
        corridors=[corridor.value for corridor in Corridor],
    )
    return HTMLResponse(page)
