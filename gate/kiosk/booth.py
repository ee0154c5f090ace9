"""What the kiosk's handlers share, and where they find it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from traceback import format_exception
from typing import Any, Literal, cast

import structlog
from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request

from gate.clock import Clock
from gate.kiosk.speech import Tongue, load_tongues
from gate.kiosk.tries import Tries
from gate.lanes.views import Checkpoint
from gate.model import NumberFormats

log = structlog.get_logger()

Asked = Literal["number", "help"]
HelpReason = Literal["no-number", "call"]
NUMBER_MAX = 40
"""Characters: the digits with room for separators."""

HERE = Path(__file__).parent


@cache
def _pages() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(slots=True)
class Booth:
    """The kiosks' collaborators. `points` are the kiosks: name -> kind."""

    checkpoint: Checkpoint
    clock: Clock
    points: Mapping[str, str]
    formats: NumberFormats = field(default_factory=NumberFormats)
    """How this checkpoint's numbers are written: the one door from a text to a number."""
    tongues: Mapping[str, Tongue] = field(default_factory=load_tongues)
    tries: Tries = field(default_factory=Tries)
    spoken: dict[str, str] = field(default_factory=dict)
    """point -> the language its driver has chosen, until the dialogue begins anew."""
    prints: dict[str, Callable[[], bool]] = field(default_factory=dict)
    """point -> whether a slip sent to its printer now would come out; only points with a printer."""
    pages: Environment = field(default_factory=_pages)
    _telling: set[asyncio.Task[None]] = field(default_factory=set)

    def known(self, point: str) -> str:
        """The point, if it is one of the kiosks; else 404."""
        if point not in self.points:
            raise HTTPException(404, "There is no such kiosk.")
        return point

    def wait(self, point: str, what: Asked) -> float:
        """Seconds to wait before the next try at this point, or 0: this one counts.

        Each kind on its own: too many numbers must not keep anybody from calling an officer. Typed,
        keyed and scanned numbers are one kind: another device gives nobody more tries.
        """
        return self.tries.ask(f"{point} {what}", self.clock.now().mono)

    def take_number(self, point: str, text: str) -> bool:
        """Pass a well-formed number on; False when `text` is none. What it means is told to nobody."""
        number = self.formats.parse(text) if len(text) <= NUMBER_MAX else None
        if number is None:
            return False
        self.tell(self.checkpoint.give_number(point, number))
        return True

    def photographed(self, point: str) -> str | None:
        """The visit whose code the page shows for a phone to photograph; None where paper does that."""
        view = self.checkpoint.kiosk_view(point)
        if view is None or view.visit_id is None:
            return None
        prints = self.prints.get(point)
        return None if prints is not None and prints() else view.visit_id

    def call_officer(self, point: str, reason: HelpReason) -> None:
        """Pass a call for an officer on."""
        self.tell(self.checkpoint.ask_help(point, reason))

    def tell(self, what: Coroutine[Any, Any, None]) -> None:
        """Pass on what a driver did, apart from the answer: how long it takes must tell nobody anything."""
        task = asyncio.create_task(what)
        self._telling.add(task)
        task.add_done_callback(self._told)

    def _told(self, task: asyncio.Task[None]) -> None:
        self._telling.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Formatted here: a renderer that shows local variables would show the number, too.
            log.error("kiosk.not_passed_on", error=repr(error), trace="".join(format_exception(error)))


def booth_in(app: FastAPI) -> Booth:
    """The booth of a kiosk application."""
    return cast("Booth", app.state.booth)


def booth_of(request: Request) -> Booth:
    """The booth of the application this request came to."""
    return booth_in(request.app)
