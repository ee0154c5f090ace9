"""Emulated cameras: one HTTP server, one multipart MJPEG stream a camera, real JPEGs on a real socket."""

from __future__ import annotations

import asyncio
import itertools
import re
import ssl
from contextlib import suppress
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from hardware.cameras.port import Image
from hardware.emulators.camera_guard import Guard
from hardware.emulators.noise import noisy

FRAMES_PER_SECOND = 8
_BOUNDARY = b"frame"
_PATH = re.compile(rb"^GET /([a-z0-9-]{1,32})\.mjpeg[ ?]")
_AUTHORIZATION = re.compile(rb"^authorization:[ \t]*(.+?)\r$", re.IGNORECASE | re.MULTILINE)
_MAX_REQUEST = 8 * 1024
_REQUEST_SECONDS = 5.0
_STUCK_SECONDS = 5.0
_QUALITY = 85


class CameraServer:
    """`show(name, image)` sets what a camera sees; it is encoded at once, with a sensor's noise, and sent
    again and again while somebody watches. A camera exists from its first `show` on.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        guard: Guard | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.guard = guard
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._pictures: dict[str, tuple[bytes, ...]] = {}
        self._frozen: set[str] = set()
        self._empty_road: tuple[bytes, ...] | None = None
        self._watchers: set[asyncio.Task[None]] = set()

    def url(self, name: str) -> str:
        """Where camera `name` is watched."""
        return f"{'https' if self._tls else 'http'}://{self.host}:{self.port}/{name}.mjpeg"

    def show(self, name: str, image: Image | None) -> None:
        """What `name` sees from now on; None is the empty road at night."""
        if image is None:
            if self._empty_road is None:
                self._empty_road = _encoded(empty_road())
            self._pictures[name] = self._empty_road
        else:
            self._pictures[name] = _encoded(image)

    def show_jpeg(self, name: str, data: bytes) -> None:
        """The same with bytes as they are, sound or not, never changing."""
        self._pictures[name] = (data,)

    def freeze(self, name: str) -> None:
        """The camera stays connected and sends nothing."""
        self._frozen.add(name)

    def thaw(self, name: str) -> None:
        """It sends again."""
        self._frozen.discard(name)

    async def start(self) -> None:
        """Listen; with port 0 `port` then says which was free."""
        self._server = await asyncio.start_server(self._serve, self.host, self.port, ssl=self._tls)
        address: tuple[str, int] = self._server.sockets[0].getsockname()
        self.port = address[1]

    async def stop(self) -> None:
        """Hang up on every watcher. `port` stays, so that a later start listens at the same place."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for watcher in list(self._watchers):
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        await server.wait_closed()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._watchers.add(task)
            task.add_done_callback(self._watchers.discard)
        # A watcher that goes away, stalls or asks nonsense ends its own connection and nothing else;
        # cancelled is how stop() says it, and the streams module reports it as an error if let out.
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.CancelledError):
            try:
                async with asyncio.timeout(_REQUEST_SECONDS):
                    request = await reader.readuntil(b"\r\n\r\n")
                found = _PATH.match(request[:_MAX_REQUEST])
                name = found.group(1).decode() if found else ""
                if not self._admits(request):
                    await self._refuse(writer)
                elif name in self._pictures:
                    await self._stream(name, writer)
                else:
                    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    await writer.drain()
            except asyncio.LimitOverrunError:
                return
            finally:
                writer.transport.abort()

    def _admits(self, request: bytes) -> bool:
        found = _AUTHORIZATION.search(request)
        said = found.group(1).decode("utf-8", "replace") if found else ""
        return self.guard is None or self.guard.admits("GET", said)

    async def _refuse(self, writer: asyncio.StreamWriter) -> None:
        challenge = self.guard.challenge() if self.guard is not None else ""
        writer.write(
            b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n"
            b"WWW-Authenticate: %b\r\n\r\n" % challenge.encode()
        )
        await writer.drain()

    async def _stream(self, name: str, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nCache-Control: no-store\r\n"
            b"Content-Type: multipart/x-mixed-replace; boundary=" + _BOUNDARY + b"\r\n\r\n"
        )
        for count in itertools.count():
            if name not in self._frozen:
                pictures = self._pictures[name]
                picture = pictures[count % len(pictures)]
                head = b"--%b\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
                writer.write(head % (_BOUNDARY, len(picture)) + picture + b"\r\n")
                async with asyncio.timeout(_STUCK_SECONDS):
                    await writer.drain()
            elif writer.is_closing():
                return
            await asyncio.sleep(1 / FRAMES_PER_SECOND)


def encode(image: Image) -> bytes:
    """`image` as a JPEG."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise ValueError(f"cannot encode a picture of shape {image.shape}")
    return bytes(data)


def _encoded(image: Image) -> tuple[bytes, ...]:
    return tuple(encode(seen) for seen in noisy(image))


def empty_road(width: int = 1280, height: int = 720) -> Image:
    """Asphalt under a weak lamp, two lane lines, nobody there."""
    rows = np.linspace(18, 58, height, dtype=np.float32)[:, None]
    columns = 1.0 - 0.4 * np.abs(np.linspace(-1, 1, width, dtype=np.float32))[None, :]
    grey = (rows * columns).astype(np.uint8)
    image: Image = np.stack([grey, grey, grey], axis=2)
    for bottom, top in ((0.10, 0.40), (0.90, 0.60)):
        ends = (int(width * bottom), height), (int(width * top), height // 4)
        cv2.line(image, ends[0], ends[1], (110, 110, 110), 6, cv2.LINE_AA)
    return image
