"""Emulated cameras that read plates themselves and push them: ISAPI with Digest, and the signed webhook."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2
import numpy as np

from hardware.emulators.camera import empty_road, encode

_BOUNDARY = "boundary"
_TIMEOUT = 15.0


def scene_jpeg() -> bytes:
    """A picture of the road as a camera would send it."""
    return encode(empty_road(640, 360))


def crop_jpeg() -> bytes:
    """A picture of a plate's size."""
    return encode(np.full((48, 200, 3), 200, dtype=np.uint8))


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it went out, for sending it again."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class _Clock:
    """The camera's own: `wrong` is how far it is off."""

    wrong: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.wrong


@dataclass
class _Pusher:
    base: str
    point: str
    clock: _Clock = field(default_factory=_Clock)
    sent: list[Sent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._client = httpx2.AsyncClient(trust_env=False, timeout=_TIMEOUT, auth=self._auth())

    def _auth(self) -> httpx2.Auth | None:
        return None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def _post(self, headers: Mapping[str, str], body: bytes, point: str | None = None) -> int:
        url = f"{self.base}/{point or self.point}"
        answer = await self._client.post(url, headers=dict(headers), content=body)
        self.sent.append(Sent(url, dict(answer.request.headers), body))
        return answer.status_code

    async def replay(self, which: int = -1, *, point: str | None = None) -> int:
        """Send a request again, byte for byte, its log-in or signature included: what a listener could do."""
        again = self.sent[which]
        url = f"{self.base}/{point}" if point else again.url
        async with httpx2.AsyncClient(trust_env=False, timeout=_TIMEOUT) as stranger:
            answer = await stranger.post(url, headers=dict(again.headers), content=again.body)
        return answer.status_code

    async def hang_up_within(self, headers: Mapping[str, str], body: bytes, share: float = 0.5) -> None:
        """Announce the whole body, send a part of it and hang up."""
        place = urlsplit(self.base)
        _reader, writer = await asyncio.open_connection(place.hostname, place.port)
        lines = [f"POST /{self.point} HTTP/1.1", "Host: gate", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body[: int(len(body) * share)])
        await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@dataclass
class HikvisionCamera(_Pusher):
    """A camera whose alarm server is the gate."""

    user: str = "camera"
    password: str = "camera-password"  # noqa: S105 - of an emulator
    basic: bool = False
    mac: str = "44:a6:42:00:00:01"
    channel: int = 1

    def _auth(self) -> httpx2.Auth | None:
        kind = httpx2.BasicAuth if self.basic else httpx2.DigestAuth
        return kind(self.user, self.password)

    async def push(
        self,
        plate: str | None,
        *,
        captured: datetime | None = None,
        point: str | None = None,
        pictures: Mapping[str, bytes] | None = None,
        **fields: Any,
    ) -> int:
        """Post one read (None: no plate could be read); the status of the answer."""
        xml = self.alert(plate, captured=captured, **fields)
        shown = (
            {"licensePlatePicture.jpg": crop_jpeg(), "detectionPicture.jpg": scene_jpeg()}
            if pictures is None
            else pictures
        )
        return await self._post(self.headers, self.form(xml, shown), point)

    async def push_bytes(self, body: bytes, content_type: str | None = None) -> int:
        """Post these bytes, well-formed or not, logged in; the status."""
        return await self._post({"Content-Type": content_type or self.headers["Content-Type"]}, body)

    @property
    def headers(self) -> dict[str, str]:
        """Of every post."""
        return {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}

    def alert(
        self,
        plate: str | None,
        *,
        captured: datetime | None = None,
        confidence: int | str = 95,
        country: str = "AZ",
        event: str = "ANPR",
        state: str = "active",
        line: int = 1,
        uuid: str | None = None,
        count: int = 1,
    ) -> bytes:
        """The event as XML."""
        at = (captured or self.clock.now()).isoformat(timespec="milliseconds")
        told = f"<UUID>{uuid}</UUID>" if uuid else ""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<EventNotificationAlert version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">'
            "<ipAddress>10.20.1.21</ipAddress><portNo>80</portNo><protocol>HTTP</protocol>"
            f"<macAddress>{self.mac}</macAddress><channelID>{self.channel}</channelID>"
            f"<dateTime>{at}</dateTime><activePostCount>{count}</activePostCount>"
            f"<eventType>{event}</eventType><eventState>{state}</eventState>"
            f"<eventDescription>{event}</eventDescription><channelName>LANE</channelName>{told}"
            f"<ANPR><country>{country}</country><licensePlate>{plate or 'unknown'}</licensePlate>"
            f"<line>{line}</line><direction>forward</direction>"
            f"<confidenceLevel>{confidence}</confidenceLevel><plateType>unknown</plateType></ANPR>"
            "</EventNotificationAlert>"
        ).encode()

    @staticmethod
    def form(xml: bytes, pictures: Mapping[str, bytes]) -> bytes:
        """The multipart body around it, the way firmware writes it."""
        parts = [("anpr.xml", 'text/xml; charset="UTF-8"', xml)]
        parts += [(name, "image/pjpeg", data) for name, data in pictures.items()]
        body = bytearray()
        for name, kind, data in parts:
            body += (
                f"--{_BOUNDARY}\r\n"
                f'Content-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
                f"Content-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n"
            ).encode()
            body += data + b"\r\n"
        return bytes(body + f"--{_BOUNDARY}--\r\n".encode())


@dataclass
class WebhookCamera(_Pusher):
    """A camera, or a box beside one, that speaks the gate's own webhook."""

    name: str = "cam-1"
    secret: str = "0123456789abcdef0123456789abcdef"  # noqa: S105 - of an emulator

    async def push(
        self,
        plate: str | None,
        *,
        captured: datetime | None = None,
        point: str | None = None,
        pictures: Mapping[str, bytes] | None = None,
        **fields: Any,
    ) -> int:
        """Post one read; `fields` replace or add to the message's. The status."""
        message = self.message(plate, captured or self.clock.now(), pictures)
        return await self.push_bytes(json.dumps(message | fields).encode(), point=point)

    def message(
        self, plate: str | None, captured: datetime, pictures: Mapping[str, bytes] | None = None
    ) -> dict[str, Any]:
        """One read as the schema has it, its nonce new."""
        shown = {"scene": scene_jpeg(), "plate": crop_jpeg()} if pictures is None else pictures
        return {
            "version": 1,
            "camera": self.name,
            "nonce": secrets.token_urlsafe(16),
            "captured_at": captured.isoformat(timespec="milliseconds"),
            "plate": plate,
            "country": "AZ",
            "confidence": 0.95,
            "pictures": {name: base64.b64encode(data).decode() for name, data in shown.items()},
        }

    async def push_bytes(self, body: bytes, *, point: str | None = None) -> int:
        """Post these bytes, signed; the status."""
        return await self._post(self.signed(body), body, point)

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers that vouch for `body` now."""
        timestamp = f"{self.clock.now().timestamp():.3f}"
        mac = hmac.new(self.secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
        return {
            "Content-Type": "application/json",
            "X-Gate-Timestamp": timestamp,
            "X-Gate-Signature": f"v1={mac.hexdigest()}",
        }
