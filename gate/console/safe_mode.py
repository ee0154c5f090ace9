"""The console when the gate could not start: the same address says what is wrong and what to do."""

from __future__ import annotations

from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from gate.console.desk import HERE
from gate.glass import BoundedBody, SafeHeaders


def create_safe_mode_console(problem: str, what_to_do: str) -> FastAPI:
    """One page for every address, and a /healthz that answers 503 with the reason.

    Needs no database and no login: `problem` and `what_to_do` must tell nothing about visits.
    """
    app = FastAPI(title="Gate console, safe mode", openapi_url=None, docs_url=None, redoc_url=None)
    pages = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    page = pages.get_template("safe_mode.html").render(problem=problem, what_to_do=what_to_do)

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
