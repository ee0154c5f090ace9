"""The daemon's life: start, run, drain on SIGTERM; safe mode when it may not direct anybody."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from pathlib import Path

import structlog

from gate import logs
from gate.app.assembly import Assembly, Site
from gate.app.safe_mode import hold_because_of
from gate.app.web import serve
from gate.certificates.faces import Faces
from gate.clock import Clock, SystemClock
from gate.errors import GateError, StoreError, SyncError
from gate.kernel_clock import KernelClock
from gate.lanes.events import PointClosed
from gate.lanes.state import Phase
from gate.notify import Notifier
from gate.settings import SiteSettings
from gate.store.evidence import free_of

log = structlog.get_logger()

DRAIN_SECONDS = 2.0
"""Of the five that SIGTERM allows: for passages in progress to end by themselves."""
LAST_ORDERS_SECONDS = 1.0
"""For signs to say "closed" and barriers over known-clear areas to be told to lower."""
LAST_PUSH_SECONDS = 0.5
THREADS_SECONDS = 0.5
"""For threads to end once everything is committed and closed."""
LEAST_FREE = 32_000_000
"""Bytes on the data folder's disk, or nothing is begun: a gate that fails at its first vehicle is worse."""
_ROOM = "free some room there or make it writable, then `systemctl restart gate`"
VITALS_SECONDS = 0.5
STUCK_SECONDS = 20.0
"""A point that has events and has not stepped for so long is stuck: the watchdog starves."""


def run_site(settings: SiteSettings) -> int:
    """Run one site until SIGTERM or SIGINT. Returns the exit code."""
    os.umask(0o077)  # journal, cache, evidence and logs hold personal data: the gate's user alone reads them
    refused = _log_to(settings.data)
    with asyncio.Runner() as runner:
        code = runner.run(_run(settings, SystemClock(), Notifier.from_environment(), refused=refused))
        # A connect or a name look-up that nobody answers holds its thread for seconds, and Python would
        # wait for it. Nothing is left to lose by now: journal, cache and log are closed.
        last_resort = threading.Timer(THREADS_SECONDS, os._exit, (code,))
        last_resort.daemon = True
        last_resort.start()
    last_resort.cancel()
    return code


def _log_to(data: Path) -> StoreError | None:
    """Log into the data folder, or to the terminal alone where that takes no files: then why."""
    file = data / "log.jsonl"
    try:
        data.mkdir(parents=True, exist_ok=True)
        file.open("ab").close()
        left = free_of(data)
    except OSError as error:
        logs.configure()
        return StoreError(f"the data folder {data} takes no files: {error.strerror}; {_ROOM}")
    logs.configure(file)
    if left < LEAST_FREE:
        return StoreError(f"the disk of {data} is full: {left // 1_000_000} MB are left; {_ROOM}")
    return None


async def _run(
    settings: SiteSettings,
    clock: Clock,
    notifier: Notifier,
    kernel: KernelClock | None = None,
    refused: StoreError | None = None,
) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if refused is not None:
        return await hold_because_of(refused, Faces(settings, clock), settings.console, notifier, stop)
    assembly = Assembly(settings, clock, kernel)
    try:
        site = assembly.build()
        await assembly.restore_queues(site.store)
        await site.accounts.carry()  # what `gate officer` did while nobody could write the journal
    except GateError as error:
        return await hold_because_of(error, Faces(settings, clock), settings.console, notifier, stop)
    log.info("gate.started", site=settings.site, points=len(site.points))
    try:
        await _live(site, notifier, stop)
    finally:
        await _sign_off(site)
        site.archive.close()
        site.store.close()
        site.officers.close()
    log.info("gate.stopped")
    return 0


async def _live(site: Site, notifier: Notifier, stop: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as group:
        settings = site.settings
        tasks = [group.create_task(point.run(), name=name) for name, point in site.points.items()]
        tasks += [
            group.create_task(
                serve(site.console, settings.console, "console", site.faces.context("console"))
            ),
            group.create_task(serve(site.kiosk, settings.kiosk, "kiosk", site.faces.context("kiosk"))),
            group.create_task(site.faces.run(), name="certificates"),
            group.create_task(_vitals(site, notifier)),
            group.create_task(site.calls.run(), name="calls"),
            group.create_task(site.bay.run(), name="holding bay"),
            group.create_task(site.sightings.run(), name="sightings"),
            group.create_task(site.keeper.run(), name="retention"),
            group.create_task(site.checkpoint.watch_requests(), name="second officers"),
            group.create_task(site.workshop.run(), name="repairs"),
            group.create_task(site.accounts.run(site.clock), name="accounts"),
        ]
        if site.push is not None and settings.push_listen is not None:
            tasks.append(group.create_task(serve(site.push, settings.push_listen, "push")))
        reading = group.create_task(site.readers.run())
        # Devices are listened for before the link is up: a message nobody attends to counts as refused.
        await asyncio.gather(*(point.settled.wait() for point in site.points.values()))
        if site.mqtt is not None:
            tasks.append(group.create_task(site.mqtt.run()))
        # After the points have settled: what they showed before the restart is no new answer to print.
        tasks.append(group.create_task(site.peripherals.run()))
        if site.puller is not None:
            tasks.append(group.create_task(site.puller.run()))
        if site.heads is not None:
            tasks.append(group.create_task(site.heads.run(), name="heads"))
        if site.head_pusher is not None:
            tasks.append(group.create_task(site.head_pusher.run(), name="countersigning"))
        pushing = group.create_task(site.pusher.run()) if site.pusher is not None else None
        notifier.ready(f"{len(site.points)} points")
        await stop.wait()
        notifier.stopping()
        await _drain(site)
        reading.cancel()  # its child may take a second and a half to end: beside the last orders, not after
        await _close_rest(site)
        await _sign_off(site)  # already now, so that central may countersign it beside the last orders
        await asyncio.gather(_last_orders(site), _last_push(site), _last_head(site))
        if pushing is not None:
            tasks.append(pushing)
        for task in tasks:
            task.cancel()
    site.merged.close()
    if site.transport is not None:
        await site.transport.aclose()


async def _drain(site: Site) -> None:
    """Let passages in progress end by themselves."""
    log.info("gate.draining")
    at = site.clock.now()
    for point in site.points.values():
        point.post(PointClosed(at=at, officer=None))
    deadline = at.mono + DRAIN_SECONDS
    changes = site.hub.changes()
    # A point without a passage has nothing to wait for: not even one whose devices are away.
    while any(
        point.state.passage is not None and point.state.phase is not Phase.CLOSED
        for point in site.points.values()
    ):
        left = deadline - site.clock.now().mono
        if left <= 0:
            break
        try:
            await asyncio.wait_for(anext(changes), left)
        except TimeoutError:
            break


async def _close_rest(site: Site) -> None:
    """Leave the passages that did not end to the officer."""
    closing = [
        point.tell(PointClosed(at=site.clock.now(), officer=None, at_once=True))
        for point in site.points.values()
        if point.state.phase is not Phase.CLOSED
    ]
    try:
        async with asyncio.timeout(LAST_ORDERS_SECONDS):
            await asyncio.gather(*closing)
    except TimeoutError:
        log.error("gate.closing_unfinished", why="the journal took too long")


async def _last_orders(site: Site) -> None:
    """Signs go to "closed"; a barrier is lowered only if its area is known clear."""
    try:
        async with asyncio.timeout(LAST_ORDERS_SECONDS):
            await asyncio.gather(*(point.orders_done() for point in site.points.values()))
    except TimeoutError:
        log.warning("gate.last_orders_unanswered", why="a device did not answer while closing")


async def _last_push(site: Site) -> None:
    """Give central a moment to take the last messages; what it does not take stays in the outbox."""
    if site.pusher is None or await site.store.outbox.waiting() == 0:
        return
    site.pusher.wake()
    try:
        async with asyncio.timeout(LAST_PUSH_SECONDS):
            while await site.store.outbox.waiting():
                await site.clock.sleep(0.05)
    except TimeoutError:
        log.info("outbox.kept", waiting=await site.store.outbox.waiting())


async def _sign_off(site: Site) -> None:
    """Sign the journal's head."""
    if site.heads is None:
        return
    try:
        await site.heads.sign()
    except StoreError as error:
        log.error("journal.last_head_unsigned", why=str(error))


async def _last_head(site: Site) -> None:
    """Give central a moment to countersign the last head; else it is shown it after the next start."""
    if site.head_pusher is None:
        return
    try:
        async with asyncio.timeout(LAST_PUSH_SECONDS):
            await site.head_pusher.push_once()
    except (TimeoutError, SyncError) as error:
        log.info("heads.kept", why=str(error) or "central took too long")


async def _vitals(site: Site, notifier: Notifier) -> None:
    """Keep the system view fresh, and feed the watchdog while the lanes make progress."""
    while True:
        state = await site.store.cache.state()
        site.outbox_waiting = await site.store.outbox.waiting()
        site.cache_cursor, site.cache_fetched_at = state.cursor, state.fetched_at
        await site.timekeeper.look()
        now = site.clock.now().mono
        stuck = [name for name, point in site.points.items() if point.has_waited(now) > STUCK_SECONDS]
        if stuck:
            log.error("lane.stuck", points=stuck)
        else:
            notifier.watchdog()
        await site.clock.sleep(VITALS_SECONDS)
