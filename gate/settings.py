"""The site configuration as frozen models. `gate.config` reads YAML into them with file:line errors."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gate.model import Corridor, TransportMode

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""Lower-case letters, digits and dashes: it goes into topics, paths and logs."""
Port = Annotated[int, Field(ge=1, le=65535)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Listen(_Model):
    """Where a web face listens."""

    host: str = "127.0.0.1"
    port: Port


class KeySettings(_Model):
    """Key files. `site_private`: raw X25519; `central_public`: raw Ed25519. Both base64 text."""

    site_private: Path
    central_public: Path


class CentralSettings(_Model):
    """The central system. Away is normal: the gate works from its cache."""

    url: str
    token_file: Path
    pull_seconds: float = Field(default=1.0, gt=0)
    push_seconds: float = Field(default=0.5, gt=0)


class MqttSettings(_Model):
    """The devices' broker."""

    host: str = "127.0.0.1"
    port: Port = 1883
    username: str | None = None
    password_file: Path | None = None


class ModbusRtu(_Model):
    """Relay and input board on a serial line."""

    driver: Literal["modbus-rtu"]
    port: Path
    baud: int = 115200
    unit: int = Field(default=1, ge=1, le=247)
    poll_seconds: float = Field(default=0.1, gt=0)


class MqttDevice(_Model):
    """A device on the site's broker, by the topic contract."""

    driver: Literal["mqtt"]


class AlphaSerial(_Model):
    """A board speaking the Alpha sign protocol on a serial line."""

    driver: Literal["alpha-serial"]
    port: Path
    baud: int = 9600


class MjpegCamera(_Model):
    """A camera that serves multipart MJPEG over HTTP."""

    driver: Literal["http-mjpeg"]
    url: str


class FolderCamera(_Model):
    """Photographs in a folder, shown in name order, the last one standing still."""

    driver: Literal["folder"]
    path: Path
    frames_per_second: float = Field(default=5.0, gt=0)


Io = Annotated[ModbusRtu | MqttDevice, Field(discriminator="driver")]
Board = Annotated[AlphaSerial | MqttDevice, Field(discriminator="driver")]
Camera = Annotated[MjpegCamera | FolderCamera, Field(discriminator="driver")]

PointKind = Literal["approach", "entry", "exit", "terminal"]


class PointSettings(_Model):
    """One place where a vehicle (or baggage carrier) meets the gate."""

    name: Name
    label: str = Field(description="what boards and drivers call it, e.g. 2", max_length=4)
    kind: PointKind
    corridors: tuple[Corridor, ...] = ()
    io: Io | None = None
    board: Board | None = None
    camera: Camera | None = None
    kiosk: bool = False

    @model_validator(mode="after")
    def _fits_its_kind(self) -> PointSettings:
        if self.kind == "entry" and not self.corridors:
            raise ValueError(f"entry lane {self.name} serves no corridor: name at least one")
        if self.kind != "entry" and self.corridors:
            raise ValueError(f"{self.kind} point {self.name} cannot serve a corridor")
        if self.kind in ("entry", "exit") and self.io is None:
            raise ValueError(f"{self.kind} lane {self.name} has no io: a barrier and its detectors")
        if self.kind == "terminal" and not self.kiosk:
            raise ValueError(f"terminal {self.name} needs kiosk: true")
        return self


class AnprSettings(_Model):
    """Plate reading."""

    engine: Literal["ppocr", "easyocr"] = "ppocr"
    threads: int = Field(default=1, ge=1, le=16)
    frames: int = Field(default=2, ge=1, le=20, description="agreeing frames wanted")
    give_up_seconds: float = Field(default=8.0, gt=0)
    accept_confidence: float = Field(default=0.80, ge=0, le=1)


class PolicySettings(_Model):
    """See gate.lanes.rules.policy.Policy."""

    version: str
    lead_time_minutes: dict[TransportMode, int] = Field(default_factory=dict)
    cache_max_age_seconds: int = Field(default=900, ge=1)

    def lead_time(self, mode: TransportMode) -> timedelta:
        """The mode's lead time; the law's hour where the policy is silent (2.2, 2.3)."""
        return timedelta(minutes=self.lead_time_minutes.get(mode, 60))


class TimingSettings(_Model):
    """Patience, in seconds."""

    read: float = Field(default=10.0, gt=0, description="for a plate before an officer is called")
    barrier: float = Field(default=15.0, gt=0, description="for a barrier to reach its end")
    enter: float = Field(default=60.0, gt=0, description="for a released vehicle to move")


class SiteSettings(_Model):
    """One checkpoint."""

    site: Name
    data: Path = Path("data")
    keys: KeySettings
    central: CentralSettings | None = None
    mqtt: MqttSettings | None = None
    console: Listen
    kiosk: Listen
    anpr: AnprSettings = AnprSettings()
    policy: PolicySettings
    timing: TimingSettings = TimingSettings()
    holding_bay: str = "H"
    general_lane: str = "G"
    points: tuple[PointSettings, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _points_agree(self) -> SiteSettings:
        names = [point.name for point in self.points]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"points named twice: {', '.join(twice)}")
        served = {corridor for point in self.points for corridor in point.corridors}
        has_approach = any(point.kind in ("approach", "terminal") for point in self.points)
        missing = [corridor.value for corridor in Corridor if corridor not in served]
        if has_approach and missing:
            raise ValueError(f"no lane serves {', '.join(missing)}: every corridor needs one")
        wants_mqtt = any(
            device is not None and device.driver == "mqtt"
            for point in self.points
            for device in (point.io, point.board)
        )
        if wants_mqtt and self.mqtt is None:
            raise ValueError("a point uses driver mqtt but the site has no mqtt: section")
        return self
