"""Checking that central signed a declaration's row, without opening anything. Safe anywhere."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gate.errors import SealError
from gate.model import Declaration
from gate.sealing.binding import CIPHERTEXT_LENGTH, LABEL_LENGTH, number_label, signed_bytes


def check_signature(declaration: Declaration, central_public_key: Ed25519PublicKey) -> None:
    """Return when central signed exactly this row, every field of it.

    Raises SealError: `malformed` for a ciphertext of another length than the one all have, `swapped`
    for one sealed for another declaration, `forged` for anything else central did not sign.
    """
    number, sealed = declaration.number, declaration.verdict
    if sealed is not None:
        if len(sealed.ciphertext) != CIPHERTEXT_LENGTH:
            raise SealError(
                "malformed",
                f"the verdict of declaration {number} has {len(sealed.ciphertext)} bytes, "
                f"every verdict has {CIPHERTEXT_LENGTH}",
            )
        if sealed.ciphertext[:LABEL_LENGTH] != number_label(number):
            raise SealError(
                "swapped", f"the verdict beside declaration {number} was sealed for another declaration"
            )
    try:
        central_public_key.verify(declaration.signature, signed_bytes(declaration))
    except (InvalidSignature, OverflowError, TypeError, UnicodeEncodeError) as error:
        raise SealError(
            "forged",
            f"declaration {number} is not what central signed: somebody changed it on the way or in cache.db",
        ) from error
