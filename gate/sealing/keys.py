"""Key files: raw 32-byte keys as base64 text, the private ones readable by their owner alone."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from gate.errors import ConfigError
from gate.sealing.credentials import locate, others_may_not

_RAW_LENGTH = 32
_PRIVATE = 0o600
_PUBLIC = 0o644


def make_site_keys(private: Path, public: Path) -> X25519PublicKey:
    """A new X25519 pair for a site, written to both files. Never overwrites: a lost key is lost data."""
    key = X25519PrivateKey.generate()
    _write(private, key.private_bytes_raw(), _PRIVATE)
    _write(public, key.public_key().public_bytes_raw(), _PUBLIC)
    return key.public_key()


def make_central_keys(private: Path, public: Path) -> Ed25519PublicKey:
    """A new Ed25519 signing pair for central, written to both files. Never overwrites."""
    key = Ed25519PrivateKey.generate()
    _write(private, key.private_bytes_raw(), _PRIVATE)
    _write(public, key.public_key().public_bytes_raw(), _PUBLIC)
    return key.public_key()


def load_site_private(path: Path) -> X25519PrivateKey:
    """The site's own key, from a file or as `credential:NAME`.

    ConfigError when it is missing, malformed or open to others, or was not handed over.
    """
    path = locate(path)
    _refuse_open_to_others(path)
    return X25519PrivateKey.from_private_bytes(_read(path))


def load_site_public(path: Path) -> X25519PublicKey:
    """A site's public key, as central needs it."""
    return X25519PublicKey.from_public_bytes(_read(path))


def load_central_private(path: Path) -> Ed25519PrivateKey:
    """Central's signing key. ConfigError when the file is missing, malformed or open to others."""
    _refuse_open_to_others(path)
    return Ed25519PrivateKey.from_private_bytes(_read(path))


def load_central_public(path: Path) -> Ed25519PublicKey:
    """Central's public key, as every site needs it."""
    return Ed25519PublicKey.from_public_bytes(_read(path))


def _write(path: Path, raw: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise ConfigError(
            f"{path}: the key cannot be written ({error.strerror}); an existing key is never overwritten, "
            "move it away first"
        ) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(raw) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> bytes:
    try:
        raw = base64.b64decode(path.read_bytes().strip(), validate=True)
    except OSError as error:
        raise ConfigError(f"{path}: the key cannot be read ({error.strerror})") from error
    except binascii.Error as error:
        raise ConfigError(f"{path}: not a key file; one line of base64 is expected") from error
    if len(raw) != _RAW_LENGTH:
        raise ConfigError(f"{path}: holds {len(raw)} bytes, a key has {_RAW_LENGTH}")
    return raw


def _refuse_open_to_others(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise ConfigError(f"{path}: the key cannot be read ({error.strerror})") from error
    if mode & others_may_not(path):
        raise ConfigError(f"{path}: a private key others can read; run chmod 600 {path}")
