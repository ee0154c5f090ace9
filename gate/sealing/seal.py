"""Central's side: seal a verdict to one site and sign it (Rules 3.6)."""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from gate.errors import SealError
from gate.model import CorridorVerdict, Declaration, SealedVerdict
from gate.sealing.binding import SUITE, binding, context
from gate.sealing.payload import encode_payload


def seal(
    declaration: Declaration,
    verdict: CorridorVerdict,
    *,
    valid_from: datetime,
    valid_until: datetime,
    site_public_key: X25519PublicKey,
    central_private_key: Ed25519PrivateKey,
) -> SealedVerdict:
    """`verdict` readable by the declaration's site alone, as of the declaration's version.

    The declaration's own `verdict` field is ignored; put the result there. The ciphertext has the
    same length whatever the verdict. Raises SealError when the two do not belong together.
    """
    if verdict.number != declaration.number:
        raise SealError(
            f"number: a verdict for {verdict.number} cannot be sealed into declaration {declaration.number}"
        )
    if valid_until <= valid_from:
        raise SealError(f"validity: the verdict of {declaration.number} would never be valid")
    bound = context(declaration, version=declaration.version, valid_from=valid_from, valid_until=valid_until)
    payload = encode_payload(verdict, declaration.version)
    ciphertext = SUITE.encrypt(payload, site_public_key, info=bound)
    return SealedVerdict(
        version=declaration.version,
        valid_from=valid_from,
        valid_until=valid_until,
        ciphertext=ciphertext,
        signature=central_private_key.sign(binding(bound, ciphertext)),
    )
