"""Checking that central signed a sealed verdict, without opening it. Safe anywhere."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gate.errors import SealError
from gate.model import Declaration, SealedVerdict
from gate.sealing.binding import CIPHERTEXT_LENGTH, binding, context


def context_of(declaration: Declaration, sealed: SealedVerdict) -> bytes:
    """The context `sealed` claims beside `declaration`."""
    return context(
        declaration,
        version=sealed.version,
        valid_from=sealed.valid_from,
        valid_until=sealed.valid_until,
    )


def check_signature(declaration: Declaration, central_public_key: Ed25519PublicKey) -> SealedVerdict:
    """The declaration's verdict, once its signature over the exact binding holds.

    Raises SealError when there is no verdict, when its ciphertext has not the one length every
    ciphertext has, or when central did not sign exactly this.
    """
    sealed = declaration.verdict
    if sealed is None:
        raise SealError(f"no verdict: declaration {declaration.number} carries none (Rules 3.5)")
    if len(sealed.ciphertext) != CIPHERTEXT_LENGTH:
        raise SealError(
            f"length: the verdict of {declaration.number} has {len(sealed.ciphertext)} bytes of "
            f"ciphertext, every verdict has {CIPHERTEXT_LENGTH}"
        )
    try:
        signed = binding(context_of(declaration, sealed), sealed.ciphertext)
        central_public_key.verify(sealed.signature, signed)
    except (InvalidSignature, OverflowError, TypeError, UnicodeEncodeError) as error:
        raise SealError(
            f"signature: the verdict of {declaration.number} is not what central signed; "
            "have it published again"
        ) from error
    return sealed
