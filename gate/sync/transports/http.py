"""The feed and the outbox over HTTP, with a bearer token."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import httpx2
from pydantic import BaseModel, ValidationError

from gate.clock import Instant
from gate.clock_trust import ClockTrust
from gate.errors import SyncError
from gate.sync.wire import (
    MAX_PAGE_BYTES,
    Acknowledgement,
    EventBatch,
    FeedPage,
    HeadBatch,
    HeadsCountersigned,
    Refusal,
    events_path,
    feed_path,
    heads_path,
)

_TIMEOUT = httpx2.Timeout(10.0, connect=3.0)
_WHOLE_ANSWER = 30.0
"""A central that trickles bytes resets the read timeout with each; this bounds the whole exchange."""
_COMPRESSION = 5

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A whole answer, and when its request left and its head came: between the two central was asked."""

    body: bytes
    sent: Instant
    headed: Instant


class HttpTransport:
    """One keep-alive client for one site. Satisfies `Transport`; tells `trust` central's time."""

    def __init__(self, url: str, site: str, token: str, trust: ClockTrust) -> None:
        self._url = url.rstrip("/")
        self._site = site
        self._trust = trust
        self._client = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {token}", "User-Agent": "gate"},
            timeout=_TIMEOUT,
            # A proxy variable left in some shell's environment must not reroute customs data.
            trust_env=False,
        )

    async def fetch(self, after: int, limit: int) -> FeedPage:
        """One page of this site's feed."""
        params = {"after": str(after), "limit": str(limit)}
        answer = await self._exchange("GET", feed_path(self._site), params=params)
        page = _parse(FeedPage, answer.body, self._url + feed_path(self._site))
        self._trust.measured(answer.sent, answer.headed, page.now)
        return page

    async def deliver(self, batch: EventBatch) -> int:
        """Hand over a batch, gzipped; central's contiguous high-water mark for its journal."""
        packed = gzip.compress(batch.model_dump_json().encode(), _COMPRESSION)
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        answer = await self._exchange("POST", events_path(self._site), headers=headers, content=packed)
        kept = _parse(Acknowledgement, answer.body, self._url + events_path(self._site))
        self._trust.measured(answer.sent, answer.headed, kept.now)
        return kept.acknowledged

    async def countersign(self, batch: HeadBatch) -> HeadsCountersigned:
        """Show central signed heads; its countersignatures."""
        headers = {"Content-Type": "application/json"}
        content = batch.model_dump_json().encode()
        answer = await self._exchange("POST", heads_path(self._site), headers=headers, content=content)
        return _parse(HeadsCountersigned, answer.body, self._url + heads_path(self._site))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _exchange(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> _Answer:
        url = self._url + path
        sent = self._trust.now()
        try:
            async with (
                asyncio.timeout(_WHOLE_ANSWER),
                self._client.stream(method, url, params=params, headers=headers, content=content) as response,
            ):
                headed = self._trust.now()  # before the body, which may be long in coming
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > MAX_PAGE_BYTES:
                        raise SyncError(f"{url}: the answer is longer than {MAX_PAGE_BYTES} bytes")
                if response.status_code != httpx2.codes.OK:
                    raise SyncError(f"{url}: {response.status_code} {_reason(bytes(body))}")
                return _Answer(bytes(body), sent, headed)
        except TimeoutError as error:
            raise SyncError(f"{url}: no whole answer within {_WHOLE_ANSWER:g} s") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            raise SyncError(f"{url}: {str(error) or type(error).__name__}") from error


def _parse(model: type[_Model], body: bytes, url: str) -> _Model:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise SyncError(f"{url}: the answer is not a {model.__name__} ({_first(error)})") from error


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}"


def _reason(body: bytes) -> str:
    try:
        refusal = Refusal.model_validate_json(body)
    except ValidationError:
        # Not central's own words: a proxy's page, perhaps. The status code has to do.
        return "without a reason"
    return f"{refusal.error} ({refusal.where}): {refusal.do}"
