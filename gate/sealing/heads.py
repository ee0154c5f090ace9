"""Signed heads of a site's journal: the exact bytes the site and central put their names to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_HEAD_TAG: Final = b"gate/journal/head/1"
_COUNTERSIGN_TAG: Final = b"gate/journal/countersign/1"

HASH_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class Head:
    """Where a journal stood: entry `seq` has this hash. `previous` is the `seq` of the head before, or 0."""

    site: str
    epoch: str
    seq: int
    hash: bytes = field(repr=False)
    previous: int
    at: str
    """UTC, as `head_time` writes it: the signature covers the text."""


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head and the site's signature over it."""

    head: Head
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Countersignature:
    """Central's word that it was shown a signed head at `at`."""

    at: str
    signature: bytes = field(repr=False)


def head_time(moment: datetime) -> str:
    """A moment as it stands in a head: UTC with microseconds, one text for one moment."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def head_bytes(head: Head) -> bytes:
    """What the site signs."""
    return _frame(_HEAD_TAG, *_fields(head))


def countersign_bytes(signed: SignedHead, at: str) -> bytes:
    """What central signs: the head, the site's signature, and when central was shown it."""
    return _frame(_COUNTERSIGN_TAG, *_fields(signed.head), signed.signature, at.encode())


def sign_head(head: Head, site: Ed25519PrivateKey) -> SignedHead:
    """`head` with the site's name to it."""
    return SignedHead(head, site.sign(head_bytes(head)))


def countersign(signed: SignedHead, at: str, central: Ed25519PrivateKey) -> Countersignature:
    """Central's name to a head it has checked and will keep."""
    return Countersignature(at, central.sign(countersign_bytes(signed, at)))


def is_signed(signed: SignedHead, keys: Sequence[Ed25519PublicKey]) -> bool:
    """Whether one of the site's keys (it may have had several) signed exactly this head."""
    return any(_holds(key, signed.signature, head_bytes(signed.head)) for key in keys)


def is_countersigned(signed: SignedHead, counter: Countersignature, keys: Sequence[Ed25519PublicKey]) -> bool:
    """Whether one of central's keys countersigned exactly this signed head at that time."""
    content = countersign_bytes(signed, counter.at)
    return any(_holds(key, counter.signature, content) for key in keys)


def _holds(key: Ed25519PublicKey, signature: bytes, content: bytes) -> bool:
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _fields(head: Head) -> tuple[bytes, ...]:
    numbers = (head.seq.to_bytes(8, "big"), head.hash, head.previous.to_bytes(8, "big"))
    return (head.site.encode(), head.epoch.encode(), *numbers, head.at.encode())


def _frame(*parts: bytes) -> bytes:
    # Length-prefixed: no two different lists of fields give the same bytes.
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
