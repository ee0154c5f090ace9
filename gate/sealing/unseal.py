"""The site's side: open a sealed verdict. Imported by the one door (`gate.store.door`) alone (law 4)."""

from __future__ import annotations

from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gate.errors import SealError
from gate.model import CorridorVerdict, Declaration
from gate.sealing.binding import SUITE
from gate.sealing.payload import decode_payload
from gate.sealing.signature import check_signature, context_of


def unseal(
    declaration: Declaration,
    *,
    site: str,
    site_private_key: X25519PrivateKey,
    central_public_key: Ed25519PublicKey,
    at: datetime,
) -> CorridorVerdict:
    """The verdict sealed beside `declaration`, for a vehicle that arrived at `at`.

    Checks in this order and raises SealError naming the first that fails: signature over the exact
    binding, validity at `at`, version, site, decryption, and that the opened verdict is this one.
    The caller holds an Arrival and has yet to commit "opened" before anybody is told.
    """
    sealed = check_signature(declaration, central_public_key)
    number = declaration.number
    if not sealed.valid_from <= at < sealed.valid_until:
        raise SealError(
            f"validity: the verdict of {number} holds from {sealed.valid_from.isoformat()} until "
            f"{sealed.valid_until.isoformat()}, the vehicle arrived at {at.isoformat()}"
        )
    if sealed.version != declaration.version:
        raise SealError(
            f"version: the verdict of {number} belongs to version {sealed.version}, "
            f"the declaration is at version {declaration.version}"
        )
    if declaration.site != site:
        raise SealError(f"site: the verdict of {number} is for {declaration.site}, this is {site}")
    try:
        payload = SUITE.decrypt(sealed.ciphertext, site_private_key, info=context_of(declaration, sealed))
    except (InvalidTag, ValueError) as error:
        raise SealError(
            f"decryption: the verdict of {number} does not open with this site's key; "
            "check that central has this site's public key"
        ) from error
    verdict, version = decode_payload(payload)
    if verdict.number != number or version != declaration.version:
        raise SealError(f"payload: the verdict of {number} opened as one for {verdict.number} v{version}")
    return verdict
