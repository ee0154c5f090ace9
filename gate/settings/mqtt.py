"""The devices' broker, and how far it must prove who it is."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationInfo, field_validator

from gate.settings.types import Port, Section, Text


class MqttTls(Section):
    """TLS to the broker: 1.2 at least, and its certificate always verified, for the name in `host`.

    There is no way to leave the verification out: a broker that is not known is nobody's.
    """

    ca_file: Path
    """Whose signature the broker's certificate must carry (PEM)."""
    cert_file: Path | None = None
    """Our own certificate (PEM), where the broker asks for one."""
    key_file: Path | None = None
    """Its key (PEM, not encrypted), where it does not stand in `cert_file`'s file."""

    @field_validator("key_file")
    @classmethod
    def _key_has_certificate(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is not None and info.data.get("cert_file", value) is None:
            raise ValueError("key_file without cert_file: name the certificate this key belongs to")
        return value


class MqttSettings(Section):
    """The devices' broker."""

    host: Text = "127.0.0.1"
    port: Port = 1883
    username: Text | None = None
    password_file: Path | None = None
    tls: MqttTls | None = None
