"""Central's HTTP face, version 1: the routers in one application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from gate import __version__
from gate.sync.central import checkpoints, traders
from gate.sync.central.refusals import install
from gate.sync.central.system import Central


def create_app(central: Central) -> FastAPI:
    """The application for `central`, which it closes when it ends."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await central.close()

    # No generated OpenAPI document: bodies are read under their own limits, so it would not show them.
    app = FastAPI(title="Gate reference central", version=__version__, lifespan=lifespan, openapi_url=None)
    install(app)
    app.include_router(traders.router(central))
    app.include_router(checkpoints.router(central))

    @app.get("/v1/healthz")
    async def healthz() -> dict[str, str]:
        await central.check()
        return {"status": "ok"}

    return app
