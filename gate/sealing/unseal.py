"""The site's side: open a sealed verdict. Imported by the one door (`gate.store.door`) alone (law 4)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gate.errors import SealError
from gate.model import CorridorVerdict, Declaration, SealedVerdict
from gate.sealing.binding import LABEL_LENGTH, SUITE, context, key_label
from gate.sealing.payload import decode_payload
from gate.sealing.signature import check_signature

_LABELS: Final = 2 * LABEL_LENGTH


def unseal(
    declaration: Declaration,
    *,
    site: str,
    site_private_key: X25519PrivateKey,
    central_public_key: Ed25519PublicKey,
    at: datetime,
) -> CorridorVerdict:
    """The verdict sealed beside `declaration`, for a vehicle that arrived at `at`.

    Checks in this order and raises SealError with the first fault: that there is a verdict, of the
    right length and for this number, the signature over the whole row, validity at `at`, version,
    site and key, decryption, and that the opened verdict is this one. The caller holds an Arrival and
    has yet to commit "opened" before anybody is told.
    """
    number, sealed = declaration.number, declaration.verdict
    if sealed is None:
        raise SealError("missing", f"declaration {number} carries no verdict")
    check_signature(declaration, central_public_key)
    _check_time(declaration, sealed, at)
    if declaration.site != site:
        raise SealError("foreign", f"declaration {number} is for checkpoint {declaration.site}, not {site}")
    payload = _decrypt(declaration, sealed, site_private_key)
    verdict, version = decode_payload(payload)
    if verdict.number != number or version != declaration.version:
        raise SealError(
            "swapped", f"the verdict beside declaration {number} opened as that of another one or version"
        )
    return verdict


def _check_time(declaration: Declaration, sealed: SealedVerdict, at: datetime) -> None:
    number = declaration.number
    if at < sealed.valid_from:
        raise SealError(
            "early",
            f"the verdict of declaration {number} is valid from {sealed.valid_from.isoformat()}, "
            f"the vehicle arrived before, at {at.isoformat()}",
        )
    if at >= sealed.valid_until:
        raise SealError(
            "expired",
            f"the verdict of declaration {number} was valid until {sealed.valid_until.isoformat()}, "
            f"the vehicle arrived at {at.isoformat()}",
        )
    if sealed.version != declaration.version:
        raise SealError(
            "replayed",
            f"the verdict beside declaration {number} was given to version {sealed.version}, "
            f"the declaration is at version {declaration.version}",
        )


def _decrypt(declaration: Declaration, sealed: SealedVerdict, site_private_key: X25519PrivateKey) -> bytes:
    number = declaration.number
    sealed_to, ciphertext = sealed.ciphertext[LABEL_LENGTH:_LABELS], sealed.ciphertext[_LABELS:]
    bound = context(
        declaration,
        version=sealed.version,
        valid_from=sealed.valid_from,
        valid_until=sealed.valid_until,
    )
    try:
        return SUITE.decrypt(ciphertext, site_private_key, info=bound)
    except (InvalidTag, ValueError) as error:
        if sealed_to != key_label(site_private_key.public_key()):
            raise SealError(
                "foreign",
                f"the verdict of declaration {number} was sealed to another key than this checkpoint's; "
                "central must have this checkpoint's public key",
            ) from error
        raise SealError(
            "swapped", f"the verdict beside declaration {number} was not sealed for what stands in the row"
        ) from error
