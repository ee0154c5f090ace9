"""What the console's handlers share, and where they find it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from gate.clock import Clock
from gate.console.hashing import Line
from gate.console.refused_count import refused_in_all
from gate.console.repairs.workshop import Workshop
from gate.console.shown import Shown
from gate.console.timeline import duration, shown_in
from gate.console.words import FILTERS
from gate.lanes.views import Checkpoint
from gate.model import NumberFormats
from gate.store.archive import Archive
from gate.store.officers import Officers

HERE = Path(__file__).parent

WhenErased = Callable[[str], Awaitable[datetime | None]]
"""When retention erased the picture of this name; None where it did not."""


async def never_erased(_name: str) -> datetime | None:
    """Stand for a checkpoint that erases nothing."""
    return None


RecordAccounts = Callable[[], Awaitable[None]]


async def record_nowhere() -> None:
    """Stand for a console without a journal."""


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
    pages.filters["duration"] = duration
    pages.filters["shown_in_story"] = shown_in
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
    when_erased: WhenErased = never_erased
    archive: Archive | None = None
    """What is on record; None where there is no journal to look back in."""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    """The checkpoint's own: whose days and hours people mean."""
    workshop: Workshop | None = None
    """What needs a person; None where nobody looks."""
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """Argon2id takes 64 MiB and a core. This turn is for browsers that officers have logged in with."""
    strangers: Line = field(default_factory=Line)
    """And this line for everybody else, so that a flood of logins keeps no officer waiting."""
    record_accounts: RecordAccounts = record_nowhere
    """Carries what happened to accounts into the journal: called before the answer goes out."""
    shown: Shown = field(default_factory=Shown)
    """What was shown to whom: acts on vehicles are about that."""
    streams: int = 0
    """Open event streams."""

    def render(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """A page or fragment."""
        return HTMLResponse(self.render_text(template, **values), status)

    def render_text(self, template: str, **values: object) -> str:
        """The text of a page, or of a part of one."""
        repairs = len(self.workshop.waiting) if self.workshop is not None else 0
        return _pages(self.formats).get_template(template).render(repairs_waiting=repairs, **values)

    def cookie(self, name: str) -> str:
        """What a cookie is called here: over TLS by a name that browsers take from this origin alone."""
        return f"__Host-{name}" if self.secure_cookies else name

    def holds(self, name: str) -> Path | None:
        """The picture of this name, if it lies in the evidence folder."""
        path = self.evidence / name[:2] / f"{name}.jpg"
        return None if path.is_symlink() or not path.is_file() else path

    async def why_absent(self, name: str) -> str:
        """Why a picture the journal names cannot be shown; empty where it can."""
        if self.holds(name) is not None:
            return ""
        at = await self.when_erased(name)
        if at is None:
            return "Missing: it is not on the disk, and retention did not erase it."
        return f"Erased on {at.date().isoformat()} by retention."


def desk_of(request: Request) -> Desk:
    """The desk of the application this request came to."""
    return cast("Desk", request.app.state.desk)
