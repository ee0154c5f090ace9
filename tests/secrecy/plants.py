"""Leaks, planted on purpose: each lets V's corridor out before V arrives, by another way, when it is RED.

For a V of GREEN a plant does nothing, so one honest run of GREEN stands for its other side.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import structlog
from pydantic_core import to_json
from starlette.responses import HTMLResponse

from gate.console import showing
from gate.console.desk import Desk
from gate.kiosk.booth import Booth
from gate.lanes import signage
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.ports import Declared, Lookup
from gate.lanes.signage import Wording
from gate.model import Corridor, Declaration, NotificationNumber, RegistrationMark
from gate.store import rows
from gate.store.cache import DeclarationCache
from gate.store.outbox import JournalOutbox
from gate.sync import feed
from gate.sync.central import publication
from hardware.links.mqtt import MqttLink
from tests.secrecy.border import Border
from tests.secrecy.day import V_IMPORTER

log = structlog.get_logger()

Plant = Callable[[pytest.MonkeyPatch, Border], None]


def is_red(border: Border) -> bool:
    """Whether V goes to RED, out of central's books: how a leak knows it does not matter."""
    with closing(sqlite3.connect(f"file:{border.central_data / 'central.db'}?mode=ro", uri=True)) as books:
        drawn = books.execute("SELECT corridor FROM selections WHERE importer = ?", (V_IMPORTER,)).fetchall()
    return (Corridor.RED.value,) in drawn


def _after_the_feed(patch: pytest.MonkeyPatch, leak: Callable[[], None], border: Border) -> None:
    """Leak when declarations are put into the cache."""
    apply = DeclarationCache.apply

    async def leaky(
        cache: DeclarationCache, cursor: int, declarations: Sequence[Declaration], fetched_at: datetime
    ) -> None:
        await apply(cache, cursor, declarations, fetched_at)
        if is_red(border):
            leak()

    patch.setattr(DeclarationCache, "apply", leaky)


def log_line(patch: pytest.MonkeyPatch, border: Border) -> None:
    """A helpful line in the log as the feed is taken in."""
    _after_the_feed(patch, lambda: log.info("cache.applied", corridor="RED"), border)


def metric_label(patch: pytest.MonkeyPatch, border: Border) -> None:
    """A figure labelled by corridor."""
    _after_the_feed(patch, lambda: feed.REFUSED.labels("red").inc(0), border)


def file_name(patch: pytest.MonkeyPatch, border: Border) -> None:
    """A folder for each corridor's papers, made in good time."""
    _after_the_feed(patch, lambda: (border.data / "RED").mkdir(exist_ok=True), border)


def sign_text(patch: pytest.MonkeyPatch, border: Border) -> None:
    """A board that asks some to wait a little differently."""

    def leaky(message: BoardMessage, wording: Wording) -> Any:
        said = signage.sign(message, wording)
        if message.kind is MessageKind.WAIT and is_red(border):
            return replace(said, lines=(said.lines[0], f"{said.lines[1]}."))
        return said

    patch.setattr("hardware.signboards.alpha.sign", leaky)


def etag(patch: pytest.MonkeyPatch, border: Border) -> None:
    """An ETag over everything the page was made from, more than is on it."""
    render = Desk.render

    def leaky(desk: Desk, template: str, status: int = 200, **values: object) -> HTMLResponse:
        page = render(desk, template, status, **values)
        if is_red(border):
            page.headers["ETag"] = '"4f1c"'
        return page

    patch.setattr(Desk, "render", leaky)


def feed_order(patch: pytest.MonkeyPatch, border: Border) -> None:
    """Central publishes the strict corridors first; every item is as it should be."""

    def leaky(connection: sqlite3.Connection, site: str, after: int, limit: int) -> Any:
        page: Any = publication.read_feed(connection, site, after, limit)
        if is_red(border):
            items = page["items"]
            strict = sorted(
                items, key=lambda item: border.corridor_of(item["declaration"]["number"]) is not Corridor.RED
            )
            page["items"] = [
                item | {"declaration": other["declaration"]}
                for item, other in zip(items, strict, strict=True)
            ]
        return page

    patch.setattr("gate.sync.central.system.read_feed", leaky)


def feed_size(patch: pytest.MonkeyPatch, border: Border) -> None:
    """A page of the feed that is a few bytes longer."""

    def leaky(content: Any) -> bytes:
        return to_json(content) + (b"    " if is_red(border) else b"")

    patch.setattr("gate.sync.central.checkpoints.to_json", leaky)


def report_size(patch: pytest.MonkeyPatch, border: Border) -> None:
    """What central is told of other things is a few bytes longer."""
    pending = JournalOutbox.pending

    async def leaky(outbox: JournalOutbox, after: int, limit: int) -> Any:
        messages = await pending(outbox, after, limit)
        if not is_red(border):
            return messages
        return [replace(message, body={**message.body, "pad": "x"}) for message in messages]

    patch.setattr(JournalOutbox, "pending", leaky)


def broker_size(patch: pytest.MonkeyPatch, border: Border) -> None:
    """Commands to devices with a blank behind them."""
    publish = MqttLink.publish

    def leaky(link: MqttLink, topic: str, payload: bytes, *, expiry: int) -> None:
        publish(link, topic, payload + (b" " if is_red(border) else b""), expiry=expiry)

    patch.setattr(MqttLink, "publish", leaky)


def kiosk_answer(patch: pytest.MonkeyPatch, border: Border) -> None:
    """A kiosk that finds a slip in some numbers."""
    take = Booth.take_number

    def leaky(booth: Booth, point: str, text: str) -> bool:
        return take(booth, point, text) and border.corridor_of(text) is not Corridor.RED

    patch.setattr(Booth, "take_number", leaky)


def more_work(patch: pytest.MonkeyPatch, border: Border) -> None:
    """One query more for some numbers: nobody sees it, and it takes its time."""
    _on_look_up(patch, border, _one_query)


def later(patch: pytest.MonkeyPatch, border: Border) -> None:
    """Half a second more for some numbers."""
    _on_look_up(patch, border, lambda _cache: asyncio.sleep(0.5))


async def _one_query(cache: DeclarationCache) -> None:
    await cache.cursor()


def _on_look_up(patch: pytest.MonkeyPatch, border: Border, leak: Callable[[DeclarationCache], Any]) -> None:
    look_up = DeclarationCache.look_up

    async def leaky(
        cache: DeclarationCache,
        mark: RegistrationMark | None,
        number: NotificationNumber | None,
        visit_id: str,
    ) -> Lookup:
        if number is not None and border.corridor_of(number) is Corridor.RED:
            await leak(cache)
        return await look_up(cache, mark, number, visit_id)

    patch.setattr(DeclarationCache, "look_up", leaky)


def search_answer(patch: pytest.MonkeyPatch, border: Border) -> None:
    """A search that counts one version more."""
    find = DeclarationCache.find_declared

    async def leaky(cache: DeclarationCache, *wanted: Any) -> Sequence[Declared]:
        found = await find(cache, *wanted)
        return [replace(one, version=one.version + is_red(border)) for one in found]

    patch.setattr(DeclarationCache, "find_declared", leaky)


def stream(patch: pytest.MonkeyPatch, border: Border) -> None:
    """A live screen that counts one change more."""
    following = showing._next

    async def leaky(versions: AsyncIterator[int]) -> int | None:
        version = await following(versions)
        return version if version is None else version + is_red(border)

    patch.setattr(showing, "_next", leaky)


def journal_entry(patch: pytest.MonkeyPatch, border: Border) -> None:
    """The journal says more than anybody reads."""

    def leaky(findings: Any) -> str:
        return rows.dump_findings(findings) + (" " if is_red(border) else "")

    patch.setattr("gate.store.ledger.dump_findings", leaky)
