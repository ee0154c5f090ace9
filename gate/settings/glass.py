"""Where the two web faces are served, and how: over TLS, with whose certificate, to whom."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from gate.sealing.credentials import check_credential_name
from gate.settings.types import Port, Section, Text

HostName = Annotated[
    str,
    Field(
        # a host name, or an address of either kind
        pattern=r"^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$",
        max_length=253,
        description="a host name or address, as people type it into the browser",
    ),
]


class Listen(Section):
    """Where a web face listens."""

    host: Text = "127.0.0.1"
    port: Port


class FaceTls(Section):
    """Whose certificate a face shows: one that is brought, else one of the gate's own authority."""

    names: tuple[HostName, ...] = ()
    """Further names and addresses the gate's own certificate is good for, beside `host`."""
    cert_file: Path | None = None
    """A brought certificate (PEM, the chain behind it in the same file)."""
    key_file: Annotated[Path, AfterValidator(check_credential_name)] | None = Field(
        default=None, validate_default=True
    )
    """Its key (PEM, not encrypted), closed to others; `credential:NAME` where systemd hands it over."""

    @field_validator("key_file")
    @classmethod
    def _both_or_none(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if "cert_file" not in info.data:
            return value  # what is wrong there is told there
        if value is not None and info.data["cert_file"] is None:
            raise ValueError("key_file without cert_file: name the certificate this key belongs to")
        if value is None and info.data["cert_file"] is not None:
            raise ValueError("cert_file without key_file: name the key that belongs to it")
        return value


def _off_or_section(value: object) -> object:
    # Nothing written after `tls:` must not quietly mean plain HTTP.
    if value == "off":
        return None
    if isinstance(value, dict | FaceTls):
        return value
    raise ValueError(
        "write off, or a section with names, cert_file, key_file; leave it out for the gate's own"
    )


Tls = Annotated[FaceTls | None, BeforeValidator(_off_or_section)]


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Face(Listen):
    """A web face people see."""

    tls: Tls = FaceTls()
    """None (`off`): plain HTTP, for a TLS proxy on this machine; on loopback only."""

    @property
    def url(self) -> str:
        """Where people find it, without a path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'http' if self.tls is None else 'https'}://{host}:{self.port}"

    @field_validator("tls")
    @classmethod
    def _plain_on_loopback_only(cls, value: FaceTls | None, info: ValidationInfo) -> FaceTls | None:
        host = info.data.get("host")
        if value is None and host is not None and not is_loopback(host):
            raise ValueError(
                f"off, and the face listens on {host}: passwords would cross a network in the clear. "
                "Leave tls out for the gate's own certificate, or let it listen on 127.0.0.1 behind a proxy"
            )
        return value


class KioskFace(Face):
    """The drivers' face."""

    credentials: Literal["required", "off"] | None = Field(default=None, validate_default=True)
    """Whether a kiosk must show a certificate, which says whose point it is. Left out: by the site's mode."""

    @field_validator("credentials")
    @classmethod
    def _certificates_need_tls(
        cls, value: Literal["required", "off"] | None, info: ValidationInfo
    ) -> Literal["required", "off"] | None:
        if value == "required" and info.data.get("tls", ...) is None:
            raise ValueError(
                "required, and tls is off: a kiosk shows its certificate over TLS to the gate itself. "
                "Say credentials: off where a proxy keeps each kiosk to its own page"
            )
        return value


def same_place(one: Listen, other: Listen) -> bool:
    """Whether the two could not both listen, or would be one door: names count as any address."""
    if one.port != other.port:
        return False
    try:
        first, second = ipaddress.ip_address(one.host), ipaddress.ip_address(other.host)
    except ValueError:
        return True
    return first == second or first.is_unspecified or second.is_unspecified
