"""TLS to the broker: the context it is spoken in, and why it failed, in words that name the file."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography import x509

from gate.errors import DeviceError
from gate.settings.mqtt import MqttTls

# OpenSSL's numbers for why a certificate was not accepted (X509_V_ERR_*).
_NOT_YET_VALID = 9
_EXPIRED = 10
_UNKNOWN_ISSUER = frozenset({2, 18, 19, 20, 21})
_OTHER_NAME = frozenset({62, 64})
_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING", "RECORD_LAYER_FAILURE"})


@dataclass(frozen=True, slots=True)
class ClientTls:
    """Our end of TLS. The broker's certificate is verified, for its name; TLS 1.2 is the least."""

    context: ssl.SSLContext
    ca_file: Path
    cert_file: Path | None

    @classmethod
    def load(cls, settings: MqttTls, now: datetime) -> Self:
        """Read the files; DeviceError names the one that cannot be used, and why."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # which verifies chain and name
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        _require_in_date("ca_file", settings.ca_file, now)
        context.load_verify_locations(cafile=settings.ca_file)
        if settings.cert_file is not None:
            _require_in_date("cert_file", settings.cert_file, now)
            _load_own(context, settings.cert_file, settings.key_file or settings.cert_file)
        return cls(context, settings.ca_file, settings.cert_file)

    def explain(self, error: OSError, host: str) -> str:
        """Why the broker at `host` could not be spoken to, and what to change."""
        if isinstance(error, ssl.SSLCertVerificationError):
            return self._explain_certificate(error, host)
        if isinstance(error, ssl.SSLError):
            reason = error.reason or str(error)
            if reason in _NOT_TLS:
                return "it does not speak TLS on this port: correct port, or leave tls: out"
            if "PROTOCOL_VERSION" in reason or "UNSUPPORTED_PROTOCOL" in reason:
                return "it speaks only a TLS older than 1.2: set tls_version in the broker's configuration"
            return f"TLS failed: {reason.replace('_', ' ').lower()}"
        if isinstance(error, ConnectionResetError):
            return "it broke off the TLS handshake: does this port speak TLS?"
        return str(error) or type(error).__name__

    def hung_up(self) -> str:
        """Why a broker may end the connection after the handshake and before it answers CONNECT."""
        if self.cert_file is None:
            return "it may want a client certificate: name tls.cert_file and tls.key_file"
        return f"it may not accept our certificate {self.cert_file}"

    def _explain_certificate(self, error: ssl.SSLCertVerificationError, host: str) -> str:
        code = error.verify_code
        if code == _EXPIRED:
            return "its certificate has expired: renew the broker's certfile, and look at both clocks"
        if code == _NOT_YET_VALID:
            return "its certificate is not valid yet: look at this machine's clock and the broker's certfile"
        if code in _OTHER_NAME:
            return f"its certificate is not for {host}: correct host, or put that name into its certfile"
        if code in _UNKNOWN_ISSUER:
            return (
                f"its certificate is not signed by the CA in {self.ca_file}: correct ca_file or its certfile"
            )
        return f"its certificate is not accepted: {error.verify_message}"


def certificates_in(key: str, path: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file; DeviceError naming `tls.{key}` and the file where there are none."""
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise DeviceError(f"tls.{key} cannot be read: {error}") from error
    except ValueError as error:
        raise DeviceError(f"tls.{key} {path} holds no PEM certificate") from error
    return found


def _require_in_date(key: str, path: Path, now: datetime) -> None:
    """Refuse a file none of whose leading certificate is valid now: the handshake would not say which."""
    first = certificates_in(key, path)[0]
    if now > first.not_valid_after_utc:
        raise DeviceError(f"tls.{key} {path} expired on {first.not_valid_after_utc:%Y-%m-%d}: renew it")
    if now < first.not_valid_before_utc:
        raise DeviceError(
            f"tls.{key} {path} is not valid before {first.not_valid_before_utc:%Y-%m-%d}: look at the clock"
        )


def _load_own(context: ssl.SSLContext, cert_file: Path, key_file: Path) -> None:
    try:
        # The callback keeps OpenSSL from asking the terminal for an encrypted key's password.
        context.load_cert_chain(cert_file, key_file, password=lambda: b"")
    except ssl.SSLError as error:
        why = (
            f"does not belong to tls.cert_file {cert_file}"
            if error.reason == "KEY_VALUES_MISMATCH"
            else "holds no key that can be used (PEM, not encrypted)"
        )
        raise DeviceError(f"tls.key_file {key_file} {why}") from error
    except OSError as error:
        raise DeviceError(f"tls.key_file {key_file} cannot be read: {error.strerror}") from error
