"""A certificate authority for one test, and the certificates a broker or a gate may come with."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.now(UTC)
LOOPBACK = "127.0.0.1"


class Authority:
    """Signs; its own certificate lies in `file`."""

    def __init__(self, folder: Path, name: str = "test authority") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(name)
        self._certificate = self._sign(self._name, self._key.public_key(), x509.BasicConstraints(True, 0))
        self.file = folder / f"{name.replace(' ', '-')}.pem"
        self.file.write_bytes(_pem(self._certificate))

    def issue(
        self,
        stem: str,
        *,
        host: str = LOOPBACK,
        since: timedelta = timedelta(days=-1),
        until: timedelta = timedelta(days=30),
    ) -> tuple[Path, Path]:
        """A certificate and its key as `stem`.pem and `stem`.key, valid for `host` from now + `since`."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        certificate = self._sign(
            _named(stem),
            key.public_key(),
            x509.BasicConstraints(False, None),
            x509.SubjectAlternativeName([name]),
            since=since,
            until=until,
        )
        pem, key_file = self._folder / f"{stem}.pem", self._folder / f"{stem}.key"
        pem.write_bytes(_pem(certificate))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return pem, key_file

    def _sign(
        self,
        subject: x509.Name,
        public: ec.EllipticCurvePublicKey,
        *extensions: x509.ExtensionType,
        since: timedelta = timedelta(days=-1),
        until: timedelta = timedelta(days=30),
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW + since)
            .not_valid_after(NOW + until)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(self._key, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
