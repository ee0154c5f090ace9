"""Cameras that serve multipart MJPEG over HTTP(S)."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import suppress
from urllib.parse import urlsplit

import httpx2

from gate.errors import DeviceError
from gate.settings import MjpegCamera
from hardware.cameras.credentials import Credentials, read_credentials
from hardware.cameras.multipart import MultipartSplitter, boundary_of
from hardware.cameras.newest import NewestFrame
from hardware.cameras.pictures import Still

MAX_JPEG_BYTES = 8 * 1024 * 1024


class MjpegFeed:
    """Reads the stream; a camera without a byte for `timeout_seconds` is given up."""

    def __init__(self, settings: MjpegCamera) -> None:
        url = urlsplit(settings.url)
        self._settings = settings
        self._secure = url.scheme == "https"
        self.name = f"{url.scheme}://{url.netloc}{url.path}"
        self.patience = settings.timeout_seconds
        self._socket: socket.socket | None = None

    def run(self, newest: NewestFrame, stopping: threading.Event) -> None:
        """Ask for the stream and put its parts."""
        try:
            credentials = read_credentials(self._settings.credentials_file)
            with (
                httpx2.Client(
                    verify=self._trust(),
                    timeout=self._settings.timeout_seconds,
                    auth=_Answering(credentials) if credentials is not None else None,
                    headers={"Accept": "multipart/x-mixed-replace"},
                    trust_env=False,
                ) as client,
                client.stream("GET", self._settings.url) as response,
            ):
                self._read(response, newest, stopping)
        except httpx2.TimeoutException as error:
            raise DeviceError(f"no answer for {self._settings.timeout_seconds:g} s") from error
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, NotImplementedError) as error:
            # ValueError, NotImplementedError: a Digest challenge that makes no sense, or asks for too much.
            raise DeviceError(str(error) or type(error).__name__) from error
        finally:
            self._socket = None

    def cut(self) -> None:
        """Shut the socket down, which wakes the read."""
        link = self._socket
        if link is not None:
            with suppress(OSError):  # already gone, which is what we want
                link.shutdown(socket.SHUT_RDWR)

    def _read(self, response: httpx2.Response, newest: NewestFrame, stopping: threading.Event) -> None:
        if response.status_code == httpx2.codes.UNAUTHORIZED:
            refused = self._settings.credentials_file is not None
            raise DeviceError(
                "the camera refuses our user or password"
                if refused
                else "the camera asks for a user and password: name a credentials_file"
            )
        if response.status_code != httpx2.codes.OK:
            raise DeviceError(f"the camera answers {response.status_code} {response.reason_phrase}")
        content_type = response.headers.get("content-type", "")
        boundary = boundary_of(content_type)
        if boundary is None:
            raise DeviceError(f"answers {content_type or 'no type'!r}, not a multipart MJPEG stream")
        self._socket = response.extensions["network_stream"].get_extra_info("socket")
        splitter = MultipartSplitter(boundary, MAX_JPEG_BYTES, newest.refuse)
        for data in response.iter_raw():
            if stopping.is_set():
                return
            for part in splitter.feed(data):
                newest.put(Still(part))

    def _trust(self) -> ssl.SSLContext | bool:
        if not self._secure:
            return False  # else the system's certificates are read for nothing at every try
        try:
            return ssl.create_default_context(cafile=self._settings.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise DeviceError(f"ca_file {self._settings.ca_file}: {error}") from error


class _Answering(httpx2.Auth):
    """Waits to be asked, then answers as asked: Digest before Basic, which tells the password itself."""

    def __init__(self, credentials: Credentials) -> None:
        self._pair = (credentials.user, credentials.password)

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        response = yield request
        if response.status_code != httpx2.codes.UNAUTHORIZED:
            return
        asked = [one.split(" ")[0].lower() for one in response.headers.get_list("www-authenticate")]
        if "digest" in asked:
            yield from httpx2.DigestAuth(*self._pair).auth_flow(request)
        elif "basic" in asked:
            yield from httpx2.BasicAuth(*self._pair).auth_flow(request)
