"""What the console's handlers share, and where they find it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from gate.clock import Clock
from gate.console.refused_count import refused_in_all
from gate.console.words import FILTERS
from gate.lanes.views import Checkpoint
from gate.model import NumberFormats
from gate.store.officers import Officers

HERE = Path(__file__).parent


@cache
def _pages(formats: NumberFormats) -> Environment:
    pages = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters.update(FILTERS)
    pages.filters["grouped"] = formats.printed
    pages.globals["numbers_told"] = formats.told()
    pages.globals["refused_count"] = refused_in_all
    return pages


@dataclass(slots=True)
class Desk:
    """The console's collaborators."""

    checkpoint: Checkpoint
    officers: Officers
    evidence: Path
    clock: Clock
    secure_cookies: bool
    formats: NumberFormats = field(default_factory=NumberFormats)
    """How this checkpoint's numbers are written: the one door from a text to a number."""
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    """Argon2id takes 64 MiB and a core: a flood of logins may not take them all."""
    streams: int = 0
    """Open event streams."""

    def render(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """A page or fragment."""
        return HTMLResponse(_pages(self.formats).get_template(template).render(**values), status)


def desk_of(request: Request) -> Desk:
    """The desk of the application this request came to."""
    return cast("Desk", request.app.state.desk)
