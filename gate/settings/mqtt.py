"""The devices' broker."""

from __future__ import annotations

from pathlib import Path

from gate.settings.types import Port, Section, Text


class MqttSettings(Section):
    """The devices' broker."""

    host: Text = "127.0.0.1"
    port: Port = 1883
    username: Text | None = None
    password_file: Path | None = None
