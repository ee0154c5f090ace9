"""Cameras that read plates themselves and push their reads to the gate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, IPvAnyAddress

from gate.settings.types import Name, Section

_State = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="two capital letters (ISO 3166)")]
_Mac = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-f]{2}(:[0-9a-f]{2}){5}$",
        description="six pairs of lower-case hexadecimal digits with colons",
    ),
]
_Share = Annotated[float, Field(ge=0, le=1)]


class _PushingCamera(Section):
    sources: tuple[IPvAnyAddress, ...] = Field(
        min_length=1, description="the addresses this camera sends from; everybody else is refused"
    )
    accept_confidence: _Share = 0.90
    """A pushed read alone is sure from here on, if the syntax of its state fits."""
    agree_confidence: _Share = 0.60
    """Where the gate reads too: two unsure reads that agree are sure when both reach this."""
    wait_seconds: float = Field(
        default=1.5, ge=0, le=30, description="for the other reader once one of the two is sure"
    )
    clock_seconds: float = Field(
        default=30.0, gt=0, le=300, description="how far the camera's clock may be from the gate's"
    )


class HikvisionPush(_PushingCamera):
    """A Hikvision camera's alarm server messages (ISAPI), logged in by Digest, or by Basic over TLS."""

    driver: Literal["hikvision"]
    login_file: Path
    """One line: user:password."""
    auth: Literal["digest", "basic"] = "digest"
    mac: _Mac | None = None
    channel: int | None = Field(default=None, ge=0)
    line: int | None = Field(default=None, ge=0, description="the camera's number of this lane")
    countries: dict[str, _State] = Field(default_factory=dict)
    """The camera's own word or number for a state -> the state."""


class WebhookPush(_PushingCamera):
    """Anything that posts the gate's own JSON, signed (docs/wiring/cameras-push.md)."""

    driver: Literal["webhook"]
    camera: Name
    """What it calls itself in its messages."""
    secret_file: Path
    """One line of at least 32 characters."""


Push = Annotated[HikvisionPush | WebhookPush, Field(discriminator="driver")]
