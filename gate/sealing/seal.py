"""Central's side: seal a verdict to one site, and sign the row it travels in (Rules 3.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from gate.errors import SealError
from gate.model import CorridorVerdict, Declaration, SealedVerdict
from gate.sealing.binding import SUITE, context, key_label, number_label, signed_bytes
from gate.sealing.payload import encode_payload


def seal(
    declaration: Declaration,
    verdict: CorridorVerdict,
    *,
    valid_from: datetime,
    valid_until: datetime,
    site_public_key: X25519PublicKey,
    central_private_key: Ed25519PrivateKey,
) -> Declaration:
    """`declaration` with `verdict` beside it, readable by its site alone, and signed.

    The ciphertext has the same length whatever the verdict. Raises SealError when the two do not
    belong together.
    """
    if verdict.number != declaration.number:
        raise SealError(
            "swapped",
            f"a verdict for {verdict.number} cannot be sealed into declaration {declaration.number}",
        )
    if valid_until <= valid_from:
        raise SealError("expired", f"the verdict of {declaration.number} would never be valid")
    bound = context(declaration, version=declaration.version, valid_from=valid_from, valid_until=valid_until)
    payload = encode_payload(verdict, declaration.version)
    labels = number_label(declaration.number) + key_label(site_public_key)
    ciphertext = labels + SUITE.encrypt(payload, site_public_key, info=bound)
    sealed = SealedVerdict(declaration.version, valid_from, valid_until, ciphertext)
    return sign(replace(declaration, verdict=sealed), central_private_key)


def sign(declaration: Declaration, central_private_key: Ed25519PrivateKey) -> Declaration:
    """`declaration` signed as it stands, verdict or not: no row travels unsigned."""
    return replace(declaration, signature=central_private_key.sign(signed_bytes(declaration)))
