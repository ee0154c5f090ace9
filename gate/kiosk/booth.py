"""What the kiosk's handlers share, and where they find it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from traceback import format_exception
from typing import Any, cast

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request

from gate.clock import Clock
from gate.kiosk.speech import Tongue, load_tongues
from gate.kiosk.tries import Tries
from gate.lanes.views import Checkpoint

log = structlog.get_logger()

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
    tongues: Mapping[str, Tongue] = field(default_factory=load_tongues)
    tries: Tries = field(default_factory=Tries)
    pages: Environment = field(default_factory=_pages)
    _telling: set[asyncio.Task[None]] = field(default_factory=set)

    def known(self, point: str) -> str:
        """The point, if it is one of the kiosks; else 404."""
        if point not in self.points:
            raise HTTPException(404, "There is no such kiosk.")
        return point

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


def booth_of(request: Request) -> Booth:
    """The booth of the application this request came to."""
    return cast("Booth", request.app.state.booth)
