"""Pulling the change feed into the cache, item by item; one bad item never stops the line."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from prometheus_client import Counter
from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails, to_json

from gate.clock import Clock
from gate.errors import SealError, SyncError
from gate.model import Declaration, NumberFormats
from gate.sealing import check_signature
from gate.settings import CentralSettings
from gate.sync.ports import Cache
from gate.sync.status import LinkStatus
from gate.sync.transports.port import Transport
from gate.sync.wire import PAGE_LIMIT, FeedItem, FeedPage

log = structlog.get_logger()

_AT_A_TIME = 20
"""Items judged before others have their turn: two or three milliseconds."""

APPLIED = Counter("gate_feed_applied_total", "Feed items put into the cache")
REFUSED = Counter("gate_feed_refused_total", "Feed items refused and kept out of the cache", ["reason"])
REWOUND = Counter("gate_feed_rewound_total", "Times the feed's head was found below our cursor")


class _ItemError(Exception):
    """One item's refusal: `reason` is counted, `detail` is logged. Neither holds the item itself."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class FeedPuller:
    """Keeps the cache abreast of central's feed for one site.

    A feed whose head lies below our cursor is a central restored from an older backup: cursors it
    hands out from then on mean other items, so the whole feed is read again from its start (the
    cache keeps what is newer) while the cache's own cursor never goes back.
    """

    def __init__(
        self,
        *,
        site: str,
        central_key: Ed25519PublicKey,
        cache: Cache,
        transport: Transport,
        clock: Clock,
        settings: CentralSettings,
        formats: NumberFormats = NumberFormats(),  # noqa: B008 - frozen
    ) -> None:
        self._site = site
        self._formats = formats
        self._central_key = central_key
        self._cache = cache
        self._transport = transport
        self._clock = clock
        self._pause = settings.pull_seconds
        self._link = LinkStatus("pull", clock.now().utc)
        self._rereading: int | None = None

    @property
    def status(self) -> str:
        """`connected`, with a colon and what is odd, or `away since <utc>: <reason>`."""
        return self._link.text

    async def run(self) -> None:
        """Pull until cancelled. Central being away or wrong never ends it; a StoreError does."""
        while True:
            more = False
            try:
                more = await self.pull_once()
            except SyncError as error:
                self._link.failed(str(error), self._clock.now().utc)
            if not more:
                await self._clock.sleep(self._link.wait(self._pause))

    async def pull_once(self) -> bool:
        """One page; True when more is waiting. SyncError when central is away or makes no sense."""
        cursor = await self._cache.cursor()
        after = cursor if self._rereading is None else self._rereading
        page = await self._transport.fetch(after, PAGE_LIMIT)
        # Central's own word: how old the cache is must not depend on what this box takes for the time.
        fetched_at = page.now
        if page.head < after:
            return self._rewind(page.head, after)
        if bool(page.items) != (after < page.head) or not after <= page.cursor <= page.head:
            raise SyncError(
                f"feed: asked after {after} it answered {len(page.items)} items, cursor {page.cursor}, "
                f"head {page.head}, which do not fit together"
            )
        if page.items and page.cursor == after:
            raise SyncError(f"feed: items without progress after {after}")
        if page.items:
            accepted = await self._judge(page, after)
            await self._cache.apply(max(cursor, page.cursor), accepted, fetched_at)
            APPLIED.inc(len(accepted))
        else:
            await self._cache.touch(fetched_at)
        self._advance(page, cursor)
        return page.cursor < page.head

    def _rewind(self, head: int, after: int) -> bool:
        REWOUND.inc()
        log.error("feed.rewound", head=head, cursor=after, doing="reading the whole feed again")
        self._rereading = 0
        self._link.answered(_behind(head, after))
        return head > 0

    def _advance(self, page: FeedPage, cursor: int) -> None:
        if self._rereading is not None:
            self._rereading = page.cursor
            if page.cursor < cursor:
                self._link.answered(_behind(page.head, cursor))
                return
            self._rereading = None
            log.info("feed.reread", cursor=page.cursor)
        self._link.answered()

    async def _judge(self, page: FeedPage, after: int) -> list[Declaration]:
        accepted = []
        for position, raw in enumerate(page.items):
            if position % _AT_A_TIME == 0:
                await asyncio.sleep(0)  # signatures take their time, and lanes run in this loop too
            try:
                item = self._read(raw, after, page.cursor)
                accepted.append(self._check(item.declaration.declaration()))
            except _ItemError as refused:
                REFUSED.labels(refused.reason).inc()
                log.warning(
                    "feed.item_refused",
                    cursor=_claimed_cursor(raw),
                    page_after=after,
                    position=position,
                    reason=refused.reason,
                    detail=refused.detail,
                )
        return accepted

    def _read(self, raw: JsonValue, after: int, last: int) -> FeedItem:
        try:
            # By way of JSON: strict validation reads times and bytes from JSON text only.
            item = FeedItem.model_validate_json(to_json(raw), context=self._formats)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_input=False, include_context=False)
            told = "; ".join(f"{'.'.join(map(str, p['loc'])) or 'item'}: {p['msg']}" for p in problems[:5])
            raise _ItemError("unsigned" if _lacks_signature(problems) else "malformed", told) from error
        if not after < item.cursor <= last:
            raise _ItemError("malformed", f"cursor {item.cursor} does not lie on this page")
        return item

    def _check(self, declaration: Declaration) -> Declaration:
        if declaration.site != self._site:
            raise _ItemError("site", f"is for site {declaration.site}, this is {self._site}")
        try:
            # Verdict or not: a false category or withdrawal would refer or hold a vehicle.
            check_signature(declaration, self._central_key)
        except SealError as error:
            raise _ItemError("signature", str(error)) from error
        return declaration


def _claimed_cursor(raw: JsonValue) -> int | None:
    match raw:
        case {"cursor": int(cursor)}:
            return cursor
        case _:
            return None


def _lacks_signature(problems: Sequence[ErrorDetails]) -> bool:
    """Whether nothing but the signature is missing: what nobody signed anybody may have written."""
    return [(p["loc"], p["type"]) for p in problems] == [(("declaration", "signature"), "missing")]


def _behind(head: int, cursor: int) -> str:
    return (
        f"central's feed ends at {head}, below {cursor} that we already have: "
        "central was restored from an older backup; its operator should know"
    )
