"""One camera that pushes: who it is, what it sent before, and which of its reads are taken."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Protocol

from gate.anpr.push import hikvision, webhook
from gate.anpr.push.judging import judge
from gate.anpr.push.lateness import Lateness, slack_of
from gate.anpr.push.login import Login
from gate.anpr.push.message import Message
from gate.anpr.push.refusals import TAKEN, RefusedError
from gate.clock import Instant
from gate.errors import ConfigError
from gate.model import PlateRead
from gate.settings import HikvisionPush, Push, WebhookPush

_LEAST_SECRET = 32
_MOST_PUSHES = 8
"""Reads of one passage: a camera that sends more has lost its mind, or is not the camera."""


class Standing(Protocol):
    """The passage being read at a point."""

    @property
    def passage_id(self) -> str:
        """Which."""
        ...

    @property
    def began(self) -> float:
        """When its presence began, monotonic seconds."""
        ...


class PushCamera:
    """The camera of one point. Everything here is synchronous and does no I/O after construction."""

    def __init__(self, point: str, settings: Push, began: Instant) -> None:
        """Raises ConfigError when its credentials cannot be read."""
        self.point = point
        self.settings = settings
        self._began = began
        self._login: Login | None = None
        self._secret = b""
        match settings:
            case HikvisionPush():
                self._login = _login_of(point, settings)
            case WebhookPush():
                self._secret = _secret_of(point, settings)
        self._lateness = Lateness()
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._passage: str | None = None
        self._pushes = 0

    @property
    def sources(self) -> frozenset[str]:
        """The addresses it may send from."""
        return frozenset(str(address) for address in self.settings.sources)

    def log_in(self, header: str, uri: str, now: float, *, tls: bool) -> None:
        """Check the log-in before the body is read; nothing for a camera that signs its body instead.

        Raises ChallengedError or RefusedError.
        """
        if self._login is not None:
            self._login.check(header, "POST", uri, now, tls=tls)

    def understand(
        self, content_type: str, timestamp: str, signature: str, body: bytes, now: Instant
    ) -> Message:
        """What the body says, its signature checked first. Raises RefusedError or MalformedError."""
        match self.settings:
            case HikvisionPush() as settings:
                return hikvision.read_message(settings, content_type, body)
            case WebhookPush() as settings:
                sent = webhook.check_signature(self._secret, timestamp, signature, body)
                self._check_fresh(sent, now)
                return webhook.read_message(settings, body)

    def take(
        self, message: Message, standing: Standing | None, now: Instant
    ) -> tuple[str, PlateRead | None] | None:
        """The passage this read is of, and the read (None: the camera saw no plate); None for no read at all.

        Raises RefusedError for a message that is repeated, out of time, or of no vehicle that is being read.
        """
        if message.ident in self._seen:
            raise RefusedError("replay", "this message came before")
        self._check_fresh(message.captured.timestamp(), now)
        self._remember(message.ident, now.mono)
        late = self._lateness.note(message.captured, now.mono)
        if not message.is_read:
            TAKEN.labels("no-read").inc()
            return None
        if standing is None:
            raise RefusedError("presence", "no vehicle is being read there")
        captured = now.mono - (late or 0.0) + slack_of(message.captured)
        if captured < standing.began:
            raise RefusedError("presence", "it was captured before the vehicle came")
        self._count(standing.passage_id)
        read = judge(message, self.settings.accept_confidence, prompt=late is not None)
        TAKEN.labels("no-plate" if read is None else "sure" if read.sure else "unsure").inc()
        return standing.passage_id, read

    def _check_fresh(self, sent: float, now: Instant) -> None:
        away = now.utc.timestamp() - sent
        if abs(away) > self.settings.clock_seconds:
            raise RefusedError("stale", f"its time is {away:+.1f} s from ours")
        if sent < self._began.utc.timestamp():
            # What was seen before is forgotten with a restart, so nothing of before is taken.
            raise RefusedError("stale", "its time is before the gate was started")

    def _remember(self, ident: str, now: float) -> None:
        self._seen[ident] = now
        # What is older is refused as stale, whatever its clock says within its limits.
        oldest = now - 2 * self.settings.clock_seconds
        while self._seen and next(iter(self._seen.values())) < oldest:
            self._seen.popitem(last=False)

    def _count(self, passage_id: str) -> None:
        if passage_id != self._passage:
            self._passage, self._pushes = passage_id, 0
        self._pushes += 1
        if self._pushes > _MOST_PUSHES:
            raise RefusedError("rate", f"more than {_MOST_PUSHES} reads of one passage")


def _line_of(point: str, key: str, path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{point} push.{key}: {path} cannot be read ({error})") from error
    if not text or not text.isprintable():
        raise ConfigError(f"{point} push.{key}: {path} does not hold one line of text")
    return text


def _login_of(point: str, settings: HikvisionPush) -> Login:
    user, colon, password = _line_of(point, "login_file", settings.login_file).partition(":")
    if not user or not colon or not password:
        raise ConfigError(f"{point} push.login_file: {settings.login_file} does not hold user:password")
    return Login(user, password, settings.auth)


def _secret_of(point: str, settings: WebhookPush) -> bytes:
    secret = _line_of(point, "secret_file", settings.secret_file).encode()
    if len(secret) < _LEAST_SECRET:
        raise ConfigError(
            f"{point} push.secret_file: {settings.secret_file} is shorter than {_LEAST_SECRET} characters; "
            "make one with: openssl rand -hex 32"
        )
    return secret
