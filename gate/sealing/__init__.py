"""Sealing corridor verdicts to a checkpoint, and opening them there (Rules 3.6).

Central seals with `seal`; anybody holding central's public key may `check_signature` without
learning anything; `gate.sealing.unseal` is imported by the one door (`gate.store.door`) and by
nothing else, which an import-linter contract keeps. So this package re-exports everything but it.
"""

from gate.sealing.binding import CIPHERTEXT_LENGTH, PAYLOAD_LENGTH, SIGNATURE_LENGTH, context, signed_bytes
from gate.sealing.keys import (
    load_central_private,
    load_central_public,
    load_site_private,
    load_site_public,
    make_central_keys,
    make_site_keys,
)
from gate.sealing.seal import seal, sign
from gate.sealing.signature import check_signature

__all__ = [
    "CIPHERTEXT_LENGTH",
    "PAYLOAD_LENGTH",
    "SIGNATURE_LENGTH",
    "check_signature",
    "context",
    "load_central_private",
    "load_central_public",
    "load_site_private",
    "load_site_public",
    "make_central_keys",
    "make_site_keys",
    "seal",
    "sign",
    "signed_bytes",
]
