"""Emulated RTSP cameras on one server: H.264 or MJPEG over RTP, interleaved in TCP or by UDP."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from types import TracebackType
from typing import Self

from hardware.cameras.port import Image
from hardware.emulators.camera_guard import Guard
from hardware.emulators.noise import noisy
from hardware.emulators.rtp import ENCODERS, Codec, RtpStream, encoder_of

FRAMES_PER_SECOND = 10
KEY_FRAME_EVERY = 5
_PATH = re.compile(r"^rtsp://[^/]+/([a-z0-9-]{1,32})")
_REQUEST_SECONDS = 30.0
_CLIENT_PORT = re.compile(r"client_port=(\d+)")


class RtspServer:
    """`show(name, image)` sets what a camera sees; sides must be multiples of 16.

    A camera exists from its first `show` on. `deaf` makes the server take connections and answer nothing.
    """

    def __init__(self, codec: Codec = "h264", guard: Guard | None = None, host: str = "127.0.0.1") -> None:
        self.host = host
        self.port = 0
        self.codec = codec
        self.guard = guard
        self.deaf = False
        self._server: asyncio.Server | None = None
        self._pictures: dict[str, tuple[Image, ...]] = {}
        self._silent: set[str] = set()
        self._watchers: set[asyncio.Task[None]] = set()

    def url(self, name: str) -> str:
        """Where camera `name` is watched."""
        return f"rtsp://{self.host}:{self.port}/{name}"

    def show(self, name: str, image: Image, *, noise: bool = True) -> None:
        """What `name` sees from now on; without noise, the same picture again and again."""
        self._pictures[name] = noisy(image) if noise else (image,)

    def freeze(self, name: str) -> None:
        """The camera stays connected and sends nothing."""
        self._silent.add(name)

    def thaw(self, name: str) -> None:
        """It sends again."""
        self._silent.discard(name)

    async def start(self) -> None:
        """Listen; `port` then says where."""
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
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

    def pictures(self, name: str) -> tuple[Image, ...] | None:
        """What it sees just now; None while it sends nothing."""
        return None if name in self._silent else self._pictures[name]

    def knows(self, name: str) -> bool:
        """Whether there is such a camera."""
        return name in self._pictures

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._watchers.add(task)
            task.add_done_callback(self._watchers.discard)
        session = _Session(self, reader, writer)
        # As in the HTTP emulator: a watcher's end is its own business, and cancelled is how stop() says it.
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.CancelledError):
            try:
                await session.run()
            finally:
                await session.end()
                writer.transport.abort()


class _Session:
    """One connection: requests in, answers and interleaved packets out."""

    def __init__(
        self, server: RtspServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._name = ""
        self._udp: asyncio.DatagramTransport | None = None
        self._playing: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until the watcher goes."""
        while True:
            async with asyncio.timeout(_REQUEST_SECONDS):
                first = await self._reader.readexactly(1)
                if first == b"$":  # the watcher's own reports on reception
                    head = await self._reader.readexactly(3)
                    await self._reader.readexactly(int.from_bytes(head[1:], "big"))
                    continue
                request = (first + await self._reader.readuntil(b"\r\n\r\n")).decode("utf-8", "replace")
            if self._server.deaf:
                await asyncio.sleep(_REQUEST_SECONDS)
                return
            await self._answer(request)

    async def end(self) -> None:
        """Stop to play."""
        if self._playing is not None:
            self._playing.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await self._playing
        if self._udp is not None:
            self._udp.close()

    async def _answer(self, request: str) -> None:
        lines = request.split("\r\n")
        method, target = (*lines[0].split(" "), "", "")[:2]
        headers = {
            key.strip().lower(): value.strip()
            for key, _, value in (line.partition(":") for line in lines[1:])
        }
        guard = self._server.guard
        found = _PATH.match(target)
        name = found.group(1) if found else ""
        if method == "OPTIONS":
            self._say(headers, "200 OK", "Public: DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n")
        elif guard is not None and not guard.admits(method, headers.get("authorization", "")):
            self._say(headers, "401 Unauthorized", f"WWW-Authenticate: {guard.challenge()}\r\n")
        elif method in ("DESCRIBE", "SETUP") and not self._server.knows(name):
            self._say(headers, "404 Not Found")
        elif method == "DESCRIBE":
            self._describe(headers, name)
        elif method == "SETUP":
            self._name = name
            await self._set_up(headers)
        elif method == "PLAY":
            self._say(headers, "200 OK", "Range: npt=0.000-\r\n")
            self._playing = asyncio.create_task(self._play(), name=f"rtsp {self._name}")
        else:
            self._say(headers, "200 OK")
        await self._writer.drain()

    def _say(self, headers: dict[str, str], status: str, more: str = "", body: str = "") -> None:
        said = f"RTSP/1.0 {status}\r\nCSeq: {headers.get('cseq', '0')}\r\nSession: 1;timeout=60\r\n{more}"
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        self._writer.write(f"{said}{length}\r\n{body}".encode())

    def _describe(self, headers: dict[str, str], name: str) -> None:
        encoder = ENCODERS[self._server.codec]
        body = (
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
            f"m=video 0 RTP/AVP {encoder.payload_type}\r\n{encoder.sdp}"
            f"a=framerate:{FRAMES_PER_SECOND}\r\na=control:track1\r\n"
        )
        base = f"Content-Base: {self._server.url(name)}/\r\nContent-Type: application/sdp\r\n"
        self._say(headers, "200 OK", base, body)

    async def _set_up(self, headers: dict[str, str]) -> None:
        wish = headers.get("transport", "")
        port = _CLIENT_PORT.search(wish)
        if "interleaved" in wish:
            self._say(headers, "200 OK", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n")
        elif port is not None:
            loop = asyncio.get_running_loop()
            self._udp, _ = await loop.create_datagram_endpoint(
                asyncio.DatagramProtocol, remote_addr=(self._server.host, int(port.group(1)))
            )
            ours = self._udp.get_extra_info("sockname")[1]
            ports = f"client_port={port.group(1)}-{int(port.group(1)) + 1};server_port={ours}-{ours + 1}"
            self._say(headers, "200 OK", f"Transport: RTP/AVP;unicast;{ports}\r\n")
        else:
            self._say(headers, "461 Unsupported Transport")

    async def _play(self) -> None:
        stream: RtpStream | None = None
        count = 0
        while True:
            pictures = self._server.pictures(self._name)
            if pictures is not None:
                image = pictures[count % len(pictures)]
                if stream is None:
                    codec = self._server.codec
                    stream = RtpStream(encoder_of(codec, image, FRAMES_PER_SECOND, KEY_FRAME_EVERY))
                for packet in stream.packets(image, count / FRAMES_PER_SECOND):
                    self._send(packet)
                await self._writer.drain()
            count += 1
            await asyncio.sleep(1 / FRAMES_PER_SECOND)

    def _send(self, packet: bytes) -> None:
        if self._udp is not None:
            self._udp.sendto(packet)
        else:
            self._writer.write(b"$\x00" + len(packet).to_bytes(2, "big") + packet)
