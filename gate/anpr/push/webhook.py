"""The gate's own message for cameras and boxes that can be programmed: JSON, signed as a whole."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from gate.anpr.push.message import MalformedError, Message
from gate.anpr.push.refusals import RefusedError
from gate.settings import WebhookPush

TIMESTAMP, SIGNATURE = "x-gate-timestamp", "x-gate-signature"
_SECONDS = re.compile(r"^\d{1,12}(\.\d{1,6})?$")
_MOST_BASE64 = 4 * 1024 * 1024

_Base64 = Annotated[str, Field(max_length=_MOST_BASE64)]


class _Pictures(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    scene: _Base64 | None = None
    plate: _Base64 | None = None


class _Body(BaseModel):
    """Version 1. Unknown fields are ignored, so that a sender may say more than we know."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, allow_inf_nan=False)
    version: Literal[1]
    camera: Annotated[str, Field(min_length=1, max_length=64)]
    nonce: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
    captured_at: AwareDatetime
    plate: Annotated[str, Field(max_length=32)] | None = None
    country: Annotated[str, Field(max_length=32)] | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.0
    pictures: _Pictures = _Pictures()


def signature_of(secret: bytes, timestamp: str, body: bytes) -> str:
    """What a message must carry: `v1=` and, in hex, the HMAC-SHA256 over timestamp, full stop and body."""
    return "v1=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def check_signature(secret: bytes, timestamp: str, signature: str, body: bytes) -> float:
    """The sender's Unix time, which the signature covers. Raises RefusedError."""
    expected = signature_of(secret, timestamp, body)
    if not hmac.compare_digest(expected.encode(), signature.encode()) or not _SECONDS.match(timestamp):
        raise RefusedError("auth", "the signature is not by this camera's secret", 401)
    return float(timestamp)


def read_message(settings: WebhookPush, body: bytes) -> Message:
    """What the sender says. Raises MalformedError; RefusedError when it calls itself another camera."""
    try:
        said = _Body.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the message"
        raise MalformedError(f"{where}: {first['msg']}"[:200]) from error
    if said.camera != settings.camera:
        raise RefusedError("camera", "it calls itself another camera than the configured one")
    pictures = (said.pictures.scene, said.pictures.plate)
    return Message(
        plate=said.plate or None,
        state=said.country or None,
        confidence=said.confidence,
        captured=said.captured_at,
        ident=said.nonce,
        pictures=tuple(_decoded(picture) for picture in pictures if picture),
    )


def _decoded(picture: str) -> bytes:
    try:
        return base64.b64decode(picture, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("pictures: no base64") from error
