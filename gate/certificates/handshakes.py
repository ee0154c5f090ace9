"""Connections that come to nothing because of TLS: counted by face and reason."""

from __future__ import annotations

import ssl
from typing import Final, Literal

from prometheus_client import Counter

REFUSED = Counter(
    "gate_tls_refused_total",
    "Connections to a web face that ended in their TLS handshake",
    ["face", "reason"],
)

Reason = Literal["plain-http", "certificate", "distrusted", "other"]

_SAID: Final[dict[str, Reason]] = {
    "HTTP_REQUEST": "plain-http",
    "CERTIFICATE_VERIFY_FAILED": "certificate",
    # The browser's words when it does not trust our certificate.
    "TLSV1_ALERT_UNKNOWN_CA": "distrusted",
    "SSLV3_ALERT_BAD_CERTIFICATE": "distrusted",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "distrusted",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "distrusted",
}


def counting(face: str) -> type[ssl.SSLObject]:
    """What an SSLContext makes of each connection: as ever, but refusals are counted for this face."""

    class Counting(ssl.SSLObject):
        def do_handshake(self) -> None:
            try:
                super().do_handshake()
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                raise
            except ssl.SSLError as error:
                REFUSED.labels(face, _SAID.get(error.reason or "", "other")).inc()
                raise

    return Counting
