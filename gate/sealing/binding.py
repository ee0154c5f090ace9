"""The exact bytes a declaration's signature covers, and the ones its verdict's encryption is bound to.

Both ends build these bytes from the declaration as they hold it, so a row that differs from what
central signed, in any field at all, is refused; and a ciphertext opens beside its own declaration only.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from gate.model import Declaration, NotificationNumber

SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)

PAYLOAD_LENGTH: Final = 512
"""Every payload is padded to this: a ciphertext's length must not tell the corridor (3.6)."""

LABEL_LENGTH: Final = 8
"""Of each of the two labels in front: whose number this was sealed for, and to which key."""

_KEY_LENGTH: Final = 32
_TAG_LENGTH: Final = 16
CIPHERTEXT_LENGTH: Final = 2 * LABEL_LENGTH + _KEY_LENGTH + PAYLOAD_LENGTH + _TAG_LENGTH
"""Labels, encapsulated key, payload, authentication tag: the one length a ciphertext may have."""

SIGNATURE_LENGTH: Final = 64

_CONTEXT_TAG: Final = b"gate/verdict/context/2"
_ROW_TAG: Final = b"gate/declaration/2"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def signed_bytes(declaration: Declaration) -> bytes:
    """What central signs: every field of the row, and its sealed verdict or the explicit lack of one."""
    sealed = declaration.verdict
    if sealed is None:
        return _frame(_ROW_TAG, _plain_fields(declaration), b"without verdict")
    validity = _frame(_integer(sealed.version), _moment(sealed.valid_from), _moment(sealed.valid_until))
    return _frame(_ROW_TAG, _plain_fields(declaration), b"with verdict", validity, sealed.ciphertext)


def context(declaration: Declaration, *, version: int, valid_from: datetime, valid_until: datetime) -> bytes:
    """Everything a verdict is bound to except its ciphertext: the `info` of its encryption."""
    return _frame(
        _CONTEXT_TAG,
        _plain_fields(declaration),
        _integer(version),
        _moment(valid_from),
        _moment(valid_until),
    )


def number_label(number: NotificationNumber) -> bytes:
    """Says whose verdict a ciphertext is, so that a swapped one is told from a forged one.

    A diagnosis, not a protection: the signature and the context are that. The number stands beside
    it in clear anyway.
    """
    return sha256(b"gate/verdict/number" + number.encode()).digest()[:LABEL_LENGTH]


def key_label(site_public_key: X25519PublicKey) -> bytes:
    """Says to which key a ciphertext was sealed, so that a foreign one is told from a broken one."""
    return sha256(b"gate/verdict/key" + site_public_key.public_bytes_raw()).digest()[:LABEL_LENGTH]


def _plain_fields(declaration: Declaration) -> bytes:
    # A store may return marks in another order, which changes nothing: they have none.
    marks = sorted(set(declaration.marks))
    return _frame(
        declaration.site.encode(),
        declaration.direction.value.encode(),
        declaration.number.encode(),
        _frame(*(mark.encode() for mark in marks)),
        _integer(declaration.version),
        declaration.mode.value.encode(),
        declaration.category.value.encode(),
        declaration.status.value.encode(),
        _moment(declaration.registered_at),
        _optional(declaration.preliminary),
        _optional(declaration.cargo),
    )


def _frame(*parts: bytes) -> bytes:
    # Counted and length-prefixed: no two different lists of fields give the same bytes.
    framed = [len(parts).to_bytes(4, "big")]
    for part in parts:
        framed += [len(part).to_bytes(4, "big"), part]
    return b"".join(framed)


def _optional(text: str | None) -> bytes:
    # Nothing is not the empty text.
    return _frame() if text is None else _frame(text.encode())


def _integer(value: int) -> bytes:
    return value.to_bytes(8, "big", signed=True)


def _moment(value: datetime) -> bytes:
    # Whole microseconds: exact, and the same whatever zone the value was written in. A naive time
    # means nothing at a border; subtracting it raises TypeError.
    return _integer((value - _EPOCH) // timedelta(microseconds=1))
