"""The exact bytes a verdict's signature covers, and the ones its encryption is bound to.

Both ends build these bytes from the declaration as they hold it, so a cached row that differs from
what central signed, in any field listed here, cannot be opened.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from gate.model import Declaration

SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)

PAYLOAD_LENGTH: Final = 512
"""Every payload is padded to this: a ciphertext's length must not tell the corridor (3.6)."""

_KEY_LENGTH: Final = 32
_TAG_LENGTH: Final = 16
CIPHERTEXT_LENGTH: Final = _KEY_LENGTH + PAYLOAD_LENGTH + _TAG_LENGTH
"""Encapsulated key, payload, authentication tag: the one length a ciphertext may have."""

SIGNATURE_LENGTH: Final = 64

_CONTEXT_TAG: Final = b"gate/verdict/context/1"
_BINDING_TAG: Final = b"gate/verdict/binding/1"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def context(declaration: Declaration, *, version: int, valid_from: datetime, valid_until: datetime) -> bytes:
    """Everything a verdict is bound to except its ciphertext: the `info` of its encryption.

    Beside site, direction, number, marks, version and validity it covers the registration time, mode
    and category: they are what lead time (2.2, 2.3) and reference (2.1) are decided on.
    """
    marks = sorted(set(declaration.marks))
    return _frame(
        _CONTEXT_TAG,
        declaration.site.encode(),
        declaration.direction.value.encode(),
        declaration.number.encode(),
        _frame(*(mark.encode() for mark in marks)),
        _integer(declaration.version),
        _integer(version),
        _moment(valid_from),
        _moment(valid_until),
        declaration.mode.value.encode(),
        declaration.category.value.encode(),
        _moment(declaration.registered_at),
    )


def binding(context_bytes: bytes, ciphertext: bytes) -> bytes:
    """What central signs: the context and the ciphertext, neither of which can leak into the other."""
    return _frame(_BINDING_TAG, context_bytes, ciphertext)


def _frame(*parts: bytes) -> bytes:
    # Counted and length-prefixed: no two different lists of fields give the same bytes.
    framed = [len(parts).to_bytes(4, "big")]
    for part in parts:
        framed += [len(part).to_bytes(4, "big"), part]
    return b"".join(framed)


def _integer(value: int) -> bytes:
    return value.to_bytes(8, "big", signed=True)


def _moment(value: datetime) -> bytes:
    # Whole microseconds: exact, and the same whatever zone the value was written in. A naive time
    # means nothing at a border; subtracting it raises TypeError.
    return _integer((value - _EPOCH) // timedelta(microseconds=1))
