"""Certificates and keys on the disk: read with what is wrong named, written whole or not at all."""

from __future__ import annotations

import os
import secrets
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from gate.certificates.making import Pair, Today
from gate.errors import CertificateError, ConfigError
from gate.sealing.credentials import locate, others_may_not

SECRET, PUBLIC = 0o600, 0o644


@dataclass(frozen=True, slots=True)
class Chain:
    """What a face shows: the certificates, its own first, with the key. Held as read: what was looked at
    is what is served, whatever becomes of the files meanwhile.
    """

    pem: bytes
    certificate: x509.Certificate

    @property
    def until(self) -> datetime:
        """When it ends: the moment from which browsers refuse it."""
        return self.certificate.not_valid_after_utc

    def load_into(self, context: ssl.SSLContext) -> None:
        """From now on `context` shows this chain to whoever connects anew."""
        # OpenSSL reads files only; this one is in memory, and gone with the block.
        with os.fdopen(os.memfd_create("gate-tls"), "wb") as file:
            file.write(self.pem)
            file.flush()
            # Without an answer of ours OpenSSL would ask the terminal for an encrypted key's password.
            context.load_cert_chain(f"/proc/self/fd/{file.fileno()}", password="")


def read_chain(certificate: Path, key: Path, today: Today) -> Chain:
    """The chain of these files. CertificateError says which of them cannot be used, and why.

    Their time counts only where the time is known: else browsers may know better.
    """
    pem = read(certificate)
    try:
        leaf = x509.load_pem_x509_certificates(pem)[0]
    except ValueError as error:
        raise CertificateError(f"{certificate}: holds no certificate in PEM form") from error
    if key == certificate:
        key_pem = b""
        _closed(certificate)
    else:
        key_pem = read_key(key)
    chain = Chain(pem.rstrip(b"\n") + b"\n" + key_pem, leaf)
    if today.sure:
        _in_its_time(certificate, leaf, today.utc)
    try:
        # OpenSSL itself says whether key and chain fit together; it is what will serve them.
        chain.load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    except (ssl.SSLError, ValueError) as error:
        why = (getattr(error, "reason", None) or str(error)).lower().replace("_", " ")
        raise CertificateError(f"{certificate} with the key {key}: cannot be used ({why})") from error
    return chain


def read_key(path: Path) -> bytes:
    """A private key's text; CertificateError when others may read it, or it is not handed over."""
    try:
        found = locate(path)
    except ConfigError as error:
        raise CertificateError(str(error)) from error
    _closed(found)
    return read(found)


def read_pair(certificate: Path, key: Path) -> Pair:
    """A certificate of the gate's own with its key, whatever its time. CertificateError otherwise."""
    pem, key_pem = read(certificate), read_key(key)
    try:
        leaf, private = x509.load_pem_x509_certificate(pem), load_pem_private_key(key_pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateError(f"{certificate}, {key}: damaged, they hold no certificate and key") from error
    if not isinstance(private, ec.EllipticCurvePrivateKey) or leaf.public_key() != private.public_key():
        raise CertificateError(f"{key}: is not the key of {certificate}")
    return Pair(leaf, private)


def read(path: Path) -> bytes:
    """The file's content, or CertificateError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CertificateError(f"{path}: cannot be read ({error.strerror})") from error


def is_there(path: Path) -> bool:
    """Whether the file exists; CertificateError where nobody lets us see, which is not the same as no."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise CertificateError(f"{path}: cannot be read ({error.strerror})") from error
    return True


def write(path: Path, content: bytes, mode: int) -> None:
    """Write the file whole; it belongs to whom the data folder belongs. CertificateError otherwise."""
    folder = path.parent
    beside = folder / f".{path.name}.{secrets.token_hex(4)}"
    try:
        if not folder.exists():
            folder.mkdir(mode=0o700)
            _give(folder, folder.parent)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _give(beside, folder)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise CertificateError(f"{path}: cannot be written ({error.strerror})") from error


def _give(path: Path, like: Path) -> None:
    # A command run by root must not leave the daemon files that it cannot read.
    if os.geteuid() == 0:
        owner = like.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _closed(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise CertificateError(f"{path}: cannot be read ({error.strerror})") from error
    if mode & others_may_not(path):
        raise CertificateError(f"{path}: a private key that others can read; run chmod 600 {path}")


def _in_its_time(path: Path, certificate: x509.Certificate, now: datetime) -> None:
    if now >= certificate.not_valid_after_utc:
        raise CertificateError(f"{path}: ended on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC")
    if now < certificate.not_valid_before_utc:
        raise CertificateError(
            f"{path}: is good from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC only"
        )


def der(certificate: x509.Certificate) -> bytes:
    """The certificate as bytes."""
    return certificate.public_bytes(Encoding.DER)
