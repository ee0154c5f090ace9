"""Safe mode: nobody is directed, nothing is raised, and the console's address says what is wrong."""

from __future__ import annotations

import asyncio
import signal
import ssl
from collections.abc import Sequence

import structlog

from gate import logs
from gate.app.web import serve
from gate.certificates.faces import Faces
from gate.certificates.serving import alone
from gate.clock import SystemClock
from gate.config import SiteConfigError
from gate.config.salvage import Salvaged
from gate.console.safe_mode import Trouble, create_safe_mode_console
from gate.errors import GateError
from gate.notify import Notifier
from gate.settings import Listen

log = structlog.get_logger()

BEAT_SECONDS = 0.5
ENDED, NOT_SERVED, WRONG_CONFIGURATION = 0, 1, 2


def run_misconfigured(error: SiteConfigError, found: Salvaged) -> int:
    """Tell at the console's address what is wrong with the configuration, until SIGTERM. The exit code."""
    logs.configure()
    troubles = [
        Trouble(
            f"{problem.file}:{problem.line}" if problem.line else str(problem.file),
            problem.key,
            # Anybody in the booth's network may read the page, and what stood there may be a secret.
            "what stands there cannot be used" if problem.quotes else problem.what,
            problem.allowed,
        )
        for problem in error.problems
    ]
    advice = (
        "Correct these lines, try them with `gate check-config FILE`, then `systemctl restart gate`. "
        "`journalctl -u gate` shows what stands there now."
    )
    return asyncio.run(_misconfigured(troubles, advice, found))


async def _misconfigured(troubles: Sequence[Trouble], advice: str, found: Salvaged) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    notifier = Notifier.from_environment()
    tls = alone(found.console, found.data, SystemClock().now().utc)
    code = await hold_and_tell(troubles, advice, found.console, tls, notifier, stop)
    return code or WRONG_CONFIGURATION


async def hold_because_of(
    error: GateError, faces: Faces, listen: Listen, notifier: Notifier, stop: asyncio.Event
) -> int:
    """Tell what the gate cannot direct anybody without."""
    troubles, advice = [Trouble("", "", str(error))], type(error).__doc__ or ""
    renewing = asyncio.create_task(faces.run())
    try:
        return await hold_and_tell(troubles, advice, listen, faces.context("console"), notifier, stop)
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)


async def hold_and_tell(
    troubles: Sequence[Trouble],
    advice: str,
    listen: Listen,
    tls: ssl.SSLContext | None,
    notifier: Notifier,
    stop: asyncio.Event,
) -> int:
    """Serve the page until told to stop. Not 0 where its address cannot be taken: begun anew, it may be."""
    said = "; ".join(trouble.told for trouble in troubles)
    log.error("gate.safe_mode", why=said, console=f"{listen.host}:{listen.port}")
    app = create_safe_mode_console(troubles, advice)
    serving = asyncio.create_task(serve(app, listen, "console", tls))
    beat = asyncio.create_task(_beat(notifier))
    notifier.ready(f"SAFE MODE: {said}")
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    code = ENDED if stop.is_set() else NOT_SERVED
    notifier.stopping()
    for task in (serving, beat, stopped):
        task.cancel()
    await asyncio.gather(serving, beat, stopped, return_exceptions=True)
    return code


async def _beat(notifier: Notifier) -> None:
    while True:
        notifier.watchdog()
        await asyncio.sleep(BEAT_SECONDS)
