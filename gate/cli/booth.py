"""An officer at a terminal: logs in at the daemon's console over HTTP, looks, acts; no way round it."""

from __future__ import annotations

import json
import os
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from gate.errors import GateError

if TYPE_CHECKING:
    import httpx2

_PATIENCE = 15.0
_SESSION_COOKIE = "gate_session"
_REFUSED = 400
_NOT_LOGGED_IN = 401


class SilentError(GateError):
    """Is the daemon running? See `systemctl status gate`, or `gate status`."""


class NotLoggedInError(GateError):
    """Log in with an account of the officers' console; the shift lead's `gate officer add` makes one."""


class SessionFileError(GateError):
    """A session is a login: keep its file to yourself (mode 0600), or log in without one."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the console said."""

    status: int
    body: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        """It was done, or found."""
        return self.status < _REFUSED

    @property
    def message(self) -> str:
        """In words."""
        return str(self.body.get("message") or self.body.get("error") or f"HTTP {self.status}")


class Booth:
    """One login at one console. Use it in a `with` block."""

    def __init__(self, url: str, token: str = "", *, trust: ssl.SSLContext | bool = True) -> None:
        """`trust`: what the console's certificate is verified with (gate.certificates.trust)."""
        import httpx2

        self._url = url
        self._trust = trust
        # As the console names it: over TLS by a name that is taken from this origin alone.
        self._cookie = f"__Host-{_SESSION_COOKIE}" if url.startswith("https:") else _SESSION_COOKIE
        # The daemon is on this machine or this site: a proxy of the environment has no say.
        self._client = httpx2.Client(base_url=url, timeout=_PATIENCE, trust_env=False, verify=trust)
        self._csrf = ""
        if token:
            host = urlsplit(url).hostname or ""
            # As http.cookiejar files what the console sets, so that a fresh token takes this one's place.
            domain = host if "." in host or ":" in host else f"{host}.local"
            self._client.cookies.set(self._cookie, token, domain=domain)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    @property
    def token(self) -> str:
        """The login itself: as good as the password until it ends."""
        return self._client.cookies.get(self._cookie) or ""

    def again(self, token: str) -> Self:
        """Another login at the same console."""
        return type(self)(self._url, token, trust=self._trust)

    def log_in(self, name: str, password: str) -> None:
        """Open a login. NotLoggedInError when name and password do not do."""
        page = self._ask("GET", "/login").text
        hidden = re.search(r'name="csrf" value="([^"]+)"', page)
        if hidden is None:
            raise SilentError(f"something answers at {self._url}, but it is no officers' console")
        form = {"name": name, "password": password, "csrf": hidden.group(1)}
        answer = self._ask("POST", "/login", data=form)
        if answer.status_code >= _REFUSED:
            said = re.search(r'role="alert">([^<]+)<', answer.text)
            raise NotLoggedInError(said.group(1) if said else f"not logged in: HTTP {answer.status_code}")

    def who(self) -> str:
        """The officer of this login, and the token his acts carry. NotLoggedInError when it has ended."""
        answer = self._told("GET", "/api/me")
        if answer.status == _NOT_LOGGED_IN:
            raise NotLoggedInError("the login has ended: log in again")
        self._csrf = str(answer.body.get("csrf", ""))
        return str(answer.body.get("officer", ""))

    def log_out(self) -> None:
        """End the login here and at the console."""
        self.who()
        self._ask("POST", "/logout", data={"csrf": self._csrf})

    def offers(self) -> list[dict[str, Any]]:
        """What may be done now."""
        return list(self._told("GET", "/api/acts").body.get("offers", ()))

    def look(self, fields: Mapping[str, object]) -> Answered:
        """Look at the vehicle that these fields name."""
        wanted = {name: str(fields[name]) for name in ("visit_id", "point", "request_id") if fields.get(name)}
        return self._told("GET", "/api/look", params=wanted)

    def act(self, fields: Mapping[str, object]) -> Answered:
        """Ask for one act."""
        return self._told("POST", "/api/acts", json=dict(fields), headers={"X-CSRF-Token": self._csrf})

    def _told(self, method: str, path: str, **more: Any) -> Answered:
        answer = self._ask(method, path, **more)
        try:
            body = answer.json()
        except ValueError as error:
            raise SilentError(f"something answers at {self._url}, but it is no officers' console") from error
        return Answered(answer.status_code, body if isinstance(body, dict) else {})

    def _ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        import httpx2

        try:
            return self._client.request(method, path, **more)
        except httpx2.HTTPError as error:
            raise SilentError(f"no answer at {self._url}: {error or type(error).__name__}") from error


def keep_session(file: Path, url: str, booth: Booth) -> None:
    """Write the login to a file that nobody else may read."""
    try:
        with suppress(FileNotFoundError):
            file.unlink()  # made anew, so that its mode is ours whatever it was
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump({"url": url, "token": booth.token}, out)
    except OSError as error:
        raise SessionFileError(f"{file}: cannot be written: {error.strerror}") from error


def session_of(file: Path, url: str) -> str:
    """The login in a file. SessionFileError when others may read it, or it is another console's."""
    try:
        if file.stat().st_mode & 0o077:
            raise SessionFileError(f"{file}: others may read it; chmod 600 it, and log in anew")
        kept = json.loads(file.read_text(encoding="utf-8"))
        token = str(kept["token"])
        where = str(kept["url"])
    except OSError as error:
        raise SessionFileError(f"{file}: {error.strerror}; make it with gate act login --session") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SessionFileError(f"{file}: is no session; make it with gate act login --session") from error
    if where != url:
        raise SessionFileError(f"{file}: is a login at {where}, not at {url}")
    return token
