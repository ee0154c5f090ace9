"""Cameras that serve RTSP: FFmpeg fetches, and decodes only what somebody wants to see."""

from __future__ import annotations

import threading
from urllib.parse import quote, urlsplit, urlunsplit

from gate.settings import RtspCamera
from hardware.cameras.credentials import read_credentials
from hardware.cameras.lavf import opened, pour
from hardware.cameras.newest import NewestFrame

_ANALYSE_MICROSECONDS = "500000"
"""For finding out what the stream holds; FFmpeg's own five seconds would be added to every reconnection."""


class RtspFeed:
    """One camera. A read that waits longer than `timeout_seconds` ends the connection."""

    def __init__(self, settings: RtspCamera) -> None:
        url = urlsplit(settings.url)
        self._settings = settings
        self._url = url
        self.name = f"{url.scheme}://{url.netloc}{url.path}"
        self.patience = settings.timeout_seconds

    def run(self, newest: NewestFrame, stopping: threading.Event) -> None:
        """Play, and put what comes."""
        seconds = self._settings.timeout_seconds
        options = {
            "rtsp_transport": self._settings.transport,
            "allowed_media_types": "video",
            # PyAV's limit is on a whole read; this one is the socket's, and holds while closing too.
            "timeout": str(int(seconds * 1_000_000)),
            "analyzeduration": _ANALYSE_MICROSECONDS,
        }
        with opened(self._address(), name=self.name, seconds=seconds, options=options) as (container, stream):
            pour(container, stream, newest, stopping, seconds=seconds)

    def cut(self) -> None:
        """FFmpeg cannot be woken: the read ends by itself within `patience`."""

    def _address(self) -> str:
        """With the credentials in it, as FFmpeg wants them; it answers Digest and Basic by itself."""
        credentials = read_credentials(self._settings.credentials_file)
        if credentials is None:
            return self._settings.url
        pair = f"{quote(credentials.user, safe='')}:{quote(credentials.password, safe='')}"
        return urlunsplit(self._url._replace(netloc=f"{pair}@{self._url.netloc}"))
