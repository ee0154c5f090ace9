"""Who may watch an emulated camera: HTTP's and RTSP's Basic and Digest (MD5, qop auth or none)."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Literal

_PART = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
_REALM = "camera"


@dataclass(frozen=True)
class Guard:
    """Lets one user in."""

    user: str
    password: str
    scheme: Literal["basic", "digest"] = "digest"
    qop: bool = True
    """RTSP cameras mostly use Digest without it."""
    nonce: str = field(default_factory=lambda: secrets.token_hex(8))

    def challenge(self) -> str:
        """For WWW-Authenticate."""
        if self.scheme == "basic":
            return f'Basic realm="{_REALM}"'
        return f'Digest realm="{_REALM}", nonce="{self.nonce}"' + (', qop="auth"' if self.qop else "")

    def admits(self, method: str, authorization: str) -> bool:
        """Whether this Authorization header is right."""
        scheme, _, rest = authorization.partition(" ")
        if scheme.lower() != self.scheme:
            return False
        if self.scheme == "basic":
            return rest == base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        said = {name.lower(): quoted or bare for name, quoted, bare in _PART.findall(rest)}
        ours = _md5(self.user, _REALM, self.password)
        theirs = _md5(method, said.get("uri", ""))
        if self.qop:
            wanted = _md5(ours, self.nonce, said.get("nc", ""), said.get("cnonce", ""), "auth", theirs)
        else:
            wanted = _md5(ours, self.nonce, theirs)
        return said.get("nonce") == self.nonce and said.get("response") == wanted


def _md5(*parts: str) -> str:
    return hashlib.md5(":".join(parts).encode(), usedforsecurity=False).hexdigest()
