"""The console when the gate could not start: the same address says what is wrong and what to do.

Nobody can log in here, for the accounts may be what is broken. So it tells what a stranger in the booth's
network may know: files, lines, keys of the configuration, what may stand there, what to do. Never a value
that stood there, nor anything of a vehicle or an officer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from gate.console.desk import HERE
from gate.console.words import coded
from gate.glass import BoundedBody, SafeHeaders


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong. `where` is a file and line, `key` what of the configuration; may be empty."""

    where: str
    key: str
    what: str
    allowed: str = ""

    @property
    def told(self) -> str:
        """In a line."""
        said = f"{self.what}; allowed: {self.allowed}" if self.allowed else self.what
        return ": ".join(part for part in (self.where, self.key, said) if part)


def create_safe_mode_console(troubles: Sequence[Trouble], what_to_do: str) -> FastAPI:
    """One page for every address, and a /healthz that answers 503 with the reason.

    Needs no database and no login: what is given must tell nothing about visits, and no secret.
    """
    app = FastAPI(title="Gate console, safe mode", openapi_url=None, docs_url=None, redoc_url=None)
    pages = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    pages.filters["coded"] = coded
    page = pages.get_template("safe_mode.html").render(troubles=troubles, what_to_do=what_to_do)
    problem = "\n".join(trouble.told for trouble in troubles)

    @app.get("/healthz")
    async def healthz() -> Response:
        return JSONResponse({"safe_mode": problem, "what_to_do": what_to_do}, 503)

    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")

    @app.api_route("/{path:path}", methods=["GET", "HEAD", "POST"])
    async def everything(path: str) -> Response:
        status = 200 if path == "" else 503
        return HTMLResponse(page, status)

    app.add_middleware(BoundedBody, face="console", limit=32 * 1024)
    app.add_middleware(SafeHeaders)
    return app
