"""Cameras that serve multipart MJPEG over HTTP(S)."""

from __future__ import annotations

import base64
import http.client
import socket
import threading
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

import structlog

from gate.errors import DeviceError
from gate.settings import MjpegCamera as MjpegSettings
from hardware.cameras.multipart import MultipartSplitter, boundary_of
from hardware.cameras.newest import NewestFrame
from hardware.cameras.port import Frame

log = structlog.get_logger()

MAX_JPEG_BYTES = 8 * 1024 * 1024
SILENT_SECONDS = 5.0
"""A camera without a byte for so long is given up and connected to anew."""
STALE_SECONDS = 3.0
_BACKOFF = (0.2, 0.5, 1.0, 2.0, 5.0)
_JOIN_SECONDS = 2.0
_READ_BYTES = 64 * 1024


class MjpegCamera:
    """Reads the stream for ever, reconnecting with back-off; keeps only the newest whole picture."""

    def __init__(self, settings: MjpegSettings, *, silent_seconds: float = SILENT_SECONDS) -> None:
        url = urlsplit(settings.url)
        self._url = url
        self._host = url.hostname or ""
        self._silent = silent_seconds
        # The name people see: no user, password or query, any of which may hold a secret.
        self._name = f"{url.scheme}://{self._host}{f':{url.port}' if url.port else ''}{url.path}"
        self._newest = NewestFrame(self._name)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None
        self._fault: str | None = "not started"

    def start(self) -> None:
        """Begin to read the stream."""
        if self._thread is not None:
            return
        self._stop.clear()
        self._fault = f"{self._name}: no frame yet"
        self._thread = threading.Thread(target=self._run, name=f"camera {self._name}", daemon=True)
        self._thread.start()

    def latest(self, after: int) -> Frame | None:
        """The newest picture, if newer than `after`."""
        return self._newest.latest(after)

    def stop(self) -> None:
        """Cut the connection and end the thread."""
        self._stop.set()
        link = self._socket
        if link is not None:
            with suppress(OSError):  # already gone, which is what we want
                link.shutdown(socket.SHUT_RDWR)
        if self._thread is not None:
            self._thread.join(_JOIN_SECONDS)
            self._thread = None
        self._fault = "stopped"

    @property
    def fault(self) -> str | None:
        """Why no fresh frames come."""
        if self._fault is not None:
            return self._fault
        age = self._newest.age()
        if age is not None and age > STALE_SECONDS:
            return f"{self._name}: connected, but no frame for over {STALE_SECONDS:g} s"
        return None

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            before = self._newest.latest_sequence
            try:
                self._read_stream()
                reason = "the camera ended the stream"
            except DeviceError as error:
                reason = str(error)
            except (OSError, http.client.HTTPException, ValueError) as error:
                reason = str(error) or type(error).__name__
            finally:
                self._socket = None
            if self._stop.is_set():
                return
            failures = 0 if self._newest.latest_sequence > before else failures + 1
            self._set_fault(f"{self._name}: {reason}")
            self._stop.wait(_BACKOFF[min(failures, len(_BACKOFF) - 1)])

    def _read_stream(self) -> None:
        connection = self._connect()
        try:
            response = connection.getresponse()
            if response.status != HTTPStatus.OK:
                raise DeviceError(f"the camera answers {response.status} {response.reason}")
            content_type = response.getheader("Content-Type", "")
            boundary = boundary_of(content_type)
            if boundary is None:
                raise DeviceError(f"answers {content_type or 'no type'!r}, not a multipart MJPEG stream")
            splitter = MultipartSplitter(boundary, MAX_JPEG_BYTES, self._newest.refuse)
            while not self._stop.is_set():
                data = response.read1(_READ_BYTES)
                if not data:
                    return
                for part in splitter.feed(data):
                    if self._newest.put(part) and self._fault is not None:
                        self._fault = None
                        log.info("camera.frames_flow", camera=self._name)
        finally:
            connection.close()

    def _connect(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._host, self._url.port, timeout=self._silent)
        connection.connect()
        # http.client hands the socket over to the response; stop() needs it to wake a blocked read.
        self._socket = connection.sock
        if self._stop.is_set():
            raise DeviceError("stopping")
        headers = {"Accept": "multipart/x-mixed-replace"}
        if self._url.username is not None:
            pair = f"{unquote(self._url.username)}:{unquote(self._url.password or '')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        target = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
        connection.request("GET", target, headers=headers)
        return connection

    def _set_fault(self, reason: str) -> None:
        if self._fault != reason:
            self._fault = reason
            log.warning("camera.faulted", camera=self._name, reason=reason)
