"""The kiosk of stand_bench, still and running."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gate.kiosk.app import create_kiosk
from tests.console.serving import client_of
from tests.console.tiny_checkpoint import TinyCheckpoint
from tests.hardware.kiosk_benches import (
    going,
    keypad_bench,
    printer_bench,
    scanner_bench,
)
from tests.kiosk.stand_bench import POINT, Hurried, Kiosk, found


@pytest.fixture(params=["serial", "evdev"])
async def still(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kiosk]:
    """The kiosk with each kind of scanner, not running."""
    gate = TinyCheckpoint()
    app = create_kiosk(gate, Hurried(), {POINT: "approach"})
    async with AsyncExitStack() as stack:
        yield Kiosk(
            gate,
            app,
            await stack.enter_async_context(client_of(app)),
            await stack.enter_async_context(scanner_bench(request.param, tmp_path / "s")),
            await stack.enter_async_context(keypad_bench(tmp_path / "k")),
            await stack.enter_async_context(printer_bench("serial", tmp_path / "p")),
        )


@pytest.fixture
async def kiosk(still: Kiosk) -> AsyncIterator[Kiosk]:
    """The same, running, every device found."""
    async with going(still.stand().run(still.posted)):
        await found(still)
        yield still
