"""A camera's log-in: Digest with nonces of our own that are good once (RFC 7616), or Basic over TLS."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal

from gate.anpr.push.refusals import RefusedError

NONCE_SECONDS = 60.0
"""By our clock: what somebody recorded is worthless after this even if it never reached us."""
_MOST_NONCES = 64
_REALM = "gate"
_PAIR = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))')
_ALGORITHMS = {"MD5": "md5", "SHA-256": "sha256"}
_COUNT = re.compile(r"^[0-9a-fA-F]{8}$")


class ChallengedError(Exception):
    """Log in first: `challenges` are the WWW-Authenticate headers to answer with."""

    def __init__(self, challenges: list[str]) -> None:
        super().__init__("no usable log-in")
        self.challenges = challenges


@dataclass(slots=True)
class _Issued:
    at: float
    count: int = 0
    """The highest request count used with it: each is good once."""


class Login:
    """The one user of one camera."""

    def __init__(self, user: str, password: str, scheme: Literal["digest", "basic"]) -> None:
        self._user = user
        self._password = password
        self._scheme = scheme
        self._nonces: OrderedDict[str, _Issued] = OrderedDict()

    def check(self, header: str, method: str, uri: str, now: float, *, tls: bool) -> None:
        """Return for the camera. Raises ChallengedError to ask it to log in, RefusedError for anybody else.

        `uri` is path and query as they were sent, `now` monotonic.
        """
        scheme, _, rest = header.strip().partition(" ")
        if self._scheme == "basic":
            # In clear text the password would be everybody's who listens.
            if not tls:
                raise RefusedError("auth", "Basic without TLS in front: use auth: digest or a TLS proxy", 401)
            if scheme.lower() != "basic":
                raise ChallengedError([f'Basic realm="{_REALM}", charset="UTF-8"'])
            self._check_basic(rest)
        elif scheme.lower() != "digest":
            raise ChallengedError(self._challenges(now, stale=False))
        else:
            self._check_digest(rest, method, uri, now)

    def _check_basic(self, told: str) -> None:
        try:
            given = base64.b64decode(told.strip(), validate=True)
        except (binascii.Error, ValueError):
            given = b""
        if not hmac.compare_digest(given, f"{self._user}:{self._password}".encode()):
            raise RefusedError("auth", "the user or the password is not this camera's", 401)

    def _check_digest(self, told: str, method: str, uri: str, now: float) -> None:
        fields = {name.lower(): quoted or bare for name, quoted, bare in _PAIR.findall(told[:4096])}
        nonce, count = fields.get("nonce", ""), fields.get("nc", "00000001")
        issued = self._nonces.get(nonce)
        if issued is None or now - issued.at > NONCE_SECONDS:
            self._nonces.pop(nonce, None)
            raise ChallengedError(self._challenges(now, stale=True))
        right = self._response(fields, method, uri)
        if not hmac.compare_digest(right.encode(), fields.get("response", "").lower().encode()):
            raise RefusedError("auth", "the user or the password is not this camera's", 401)
        used = int(count, 16) if _COUNT.match(count) else 0
        if used <= issued.count:
            raise RefusedError("replay", "this log-in was used before", 401)
        issued.count = used

    def _response(self, fields: dict[str, str], method: str, uri: str) -> str:
        """What `response` has to be for these fields; where they do not fit, something nobody can send."""
        algorithm = _ALGORITHMS.get(fields.get("algorithm", "MD5").upper())
        qop = fields.get("qop")
        user_fits = hmac.compare_digest(fields.get("username", "").encode(), self._user.encode())
        if algorithm is None or qop not in (None, "auth") or fields.get("uri") != uri or not user_fits:
            return secrets.token_hex(32)

        def digest(*texts: str) -> str:
            # Most cameras know MD5 only; what it hides here is good for one request.
            return hashlib.new(algorithm, ":".join(texts).encode(), usedforsecurity=False).hexdigest()

        secret = digest(self._user, _REALM, self._password)
        asked = digest(method, uri)
        if qop is None:  # RFC 2069, which old firmware speaks: the nonce is then good for one request
            return digest(secret, fields["nonce"], asked)
        return digest(secret, fields["nonce"], fields.get("nc", ""), fields.get("cnonce", ""), qop, asked)

    def _challenges(self, now: float, *, stale: bool) -> list[str]:
        nonce = secrets.token_urlsafe(24)
        self._nonces[nonce] = _Issued(now)
        while len(self._nonces) > _MOST_NONCES:
            self._nonces.popitem(last=False)
        rest = f'realm="{_REALM}", qop="auth", nonce="{nonce}"' + (", stale=true" if stale else "")
        # MD5 first: cameras take the first they see, and know no other.
        return [f"Digest {rest}, algorithm={name}" for name in _ALGORITHMS]
