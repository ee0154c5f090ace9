"""The site configuration as frozen models. `gate.config` reads YAML into them with file:line errors."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails

from gate.lanes.rules.policy import Groupage
from gate.model import Corridor, TransportMode
from gate.sealing.credentials import check_credential_name
from gate.settings.boards import AlphaSerial
from gate.settings.glass import Face, KioskFace, Listen, same_place
from gate.settings.io import ModbusRtu, ModbusTcp
from gate.settings.logins import LoginSettings
from gate.settings.mqtt import MqttSettings
from gate.settings.numbers import NumberSettings
from gate.settings.points import PointSettings, not_hard_wired
from gate.settings.retention import RetentionSettings, known_zone
from gate.settings.types import Name, Section, Text, Url


class KeySettings(Section):
    """Keys, base64 text. `site_private`: raw X25519; `central_public`, `site_signing`: raw Ed25519.

    Without `site_signing` the journal's heads are not signed: the chain alone shows no rewriting by root.
    """

    site_private: Annotated[Path, AfterValidator(check_credential_name)]
    """A file, or `credential:NAME` where systemd hands it over."""
    central_public: Path
    site_signing: Annotated[Path, AfterValidator(check_credential_name)] | None = None


class CentralSettings(Section):
    """The central system. Away is normal: the gate works from its cache."""

    url: Url
    token_file: Path
    pull_seconds: float = Field(default=1.0, gt=0)
    push_seconds: float = Field(default=0.5, gt=0)


class AnprSettings(Section):
    """Plate reading."""

    engine: Literal["gate", "ppocr", "easyocr"] = "gate"
    threads: int = Field(default=1, ge=1, le=16)
    frames: int = Field(default=2, ge=1, le=20, description="agreeing frames wanted")
    give_up_seconds: float = Field(default=8.0, gt=0)
    accept_confidence: float = Field(default=0.90, ge=0, le=1)
    rear_seconds: float = Field(
        default=1.5, ge=0, le=10, description="a front plate that is read waits so long for the rear's"
    )
    frame_seconds: float = Field(
        default=2.0, gt=0, le=60, description="a frame older than this when its turn comes is not read"
    )
    memory_mb: int | None = Field(
        default=None,
        ge=64,
        le=1_048_576,
        description="megabytes at which the reading process ends itself and is begun anew; by the engine",
    )


class PolicySettings(Section):
    """See gate.lanes.rules.policy.Policy."""

    version: Text
    lead_time_minutes: dict[TransportMode, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    cache_max_age_seconds: int = Field(default=900, ge=1)
    trailer_required: bool = Field(
        default=False, description="hold a vehicle declared with a trailer whose plate was not read"
    )
    undeclared_trailer_holds: bool = Field(
        default=False, description="hold a vehicle whose rear plate was read and is declared nowhere"
    )
    groupage: Groupage = Field(
        default=Groupage.STRICTEST, description="several notifications on a plate: strictest, or hold"
    )
    near_match: bool = Field(
        default=True, description="name declared plates that are almost the one read, to officers"
    )
    clock_max_offset_seconds: int = Field(
        default=120,
        ge=1,
        le=3600,
        description="between this box's clock and central's; beyond it all are held",
    )

    def lead_time(self, mode: TransportMode) -> timedelta:
        """The mode's lead time; the law's hour where the policy is silent (2.2, 2.3)."""
        return timedelta(minutes=self.lead_time_minutes.get(mode, 60))


SHORTEST_CLEAR = 1.0
"""Seconds: a drawbar or the gap behind a cab is off a loop for about as long at walking pace."""


class TimingSettings(Section):
    """Patience, in seconds."""

    read: float = Field(default=10.0, gt=0, description="for a plate before an officer is called")
    barrier: float = Field(default=15.0, gt=0, description="for a barrier to reach its end")
    enter: float = Field(default=60.0, gt=0, description="for a released vehicle to move")
    clear: float = Field(default=1.5, ge=0, description="the area under a boom is clear before it lowers")
    back: float = Field(default=5.0, gt=0, description="out of every detector's sight: it has backed out")
    under: float = Field(default=120.0, gt=0, description="under an open boom before an officer is called")
    stay: float = Field(default=900.0, gt=0, description="before a barrier before an officer is called")
    hold: float = Field(default=1.0, gt=0, description="a hold-to-run not renewed for so long was let go")
    call_escalate: float = Field(
        default=120.0, gt=0, description="for an officer's call before it goes up one level"
    )


Label = Annotated[str, Field(min_length=1, max_length=4)]


class HoldingPlace(Section):
    """One place where held vehicles wait, as marked on the ground, and how many fit."""

    label: Label
    places: int | None = Field(default=None, ge=1, description="vehicles that fit; left out: not counted")


def _as_places(value: object) -> object:
    """A bare label is a place nobody counts; a single place need not be written as a list."""
    named = value if isinstance(value, list | tuple) else (value,)
    return tuple({"label": place} if isinstance(place, str) else place for place in named)


HoldingBay = Annotated[tuple[HoldingPlace, ...], BeforeValidator(_as_places), Field(min_length=1)]


class SiteSettings(Section):
    """One checkpoint."""

    site: Name
    mode: Literal["production", "demo"] = "production"
    """A demo's barriers are emulated: nothing is asked of their wiring."""
    data: Path = Path("data")
    timezone: Annotated[str, AfterValidator(known_zone)] = "Asia/Baku"
    """Whose days and months reports speak of."""
    keys: KeySettings
    central: CentralSettings | None = None
    mqtt: MqttSettings | None = None
    console: Face
    kiosk: KioskFace
    push_listen: Listen | None = None
    """Where cameras push their own reads; nothing listens unless it is said."""
    logins: LoginSettings = LoginSettings()
    anpr: AnprSettings = AnprSettings()
    policy: PolicySettings
    timing: TimingSettings = TimingSettings()
    retention: RetentionSettings = RetentionSettings()
    numbers: NumberSettings = NumberSettings()
    holding_bay: HoldingBay = (HoldingPlace(label="H"),)
    general_lane: str = Field(default="G", min_length=1, max_length=4)
    points: tuple[PointSettings, ...] = Field(min_length=1)

    @property
    def kiosk_credentials(self) -> bool:
        """Whether a kiosk must show its certificate: where nothing is said, at every real checkpoint."""
        if self.kiosk.credentials is None:
            return self.mode == "production"
        return self.kiosk.credentials == "required"

    @field_validator("kiosk", "push_listen")
    @classmethod
    def _a_listener_each(cls, value: Listen | None, info: ValidationInfo) -> Listen | None:
        for name in ("console", "kiosk"):
            other = info.data.get(name)
            if value is not None and other is not None and same_place(value, other):
                raise ValueError(
                    f"listens where {name} does ({other.host}:{other.port}): officers, drivers and cameras "
                    "each have a door of their own, so give it another address or port"
                )
        return value

    @field_validator("kiosk")
    @classmethod
    def _real_kiosks_are_known(cls, value: KioskFace, info: ValidationInfo) -> KioskFace:
        if value.tls is None and value.credentials is None and info.data.get("mode") == "production":
            raise ValueError(
                "tls is off, so that no kiosk can show the gate its certificate. Say credentials: off where "
                "a proxy keeps each kiosk to its own page, or leave tls on"
            )
        return value

    # `points` stands last so that `info.data` holds what it is compared with.
    @field_validator("timing")
    @classmethod
    def _clear_for_a_lorry(cls, value: TimingSettings, info: ValidationInfo) -> TimingSettings:
        if info.data.get("mode") == "production" and value.clear < SHORTEST_CLEAR:
            raise ValueError(
                f"clear: {value.clear:g} would lower a boom into the gap between lorry and trailer; "
                f"at least {SHORTEST_CLEAR:g} where vehicles are real"
            )
        return value

    @field_validator("points")
    @classmethod
    def _points_agree(
        cls, points: tuple[PointSettings, ...], info: ValidationInfo
    ) -> tuple[PointSettings, ...]:
        wrong = [
            *_named_twice(points),
            *_corridors_unserved(points),
            *_boards_would_mislead(points, info.data.get("holding_bay"), info.data.get("general_lane")),
            *_ports_shared(points),
            *_trailers_unseen(points, info.data.get("policy")),
        ]
        wants_mqtt = any(
            device is not None and device.driver == "mqtt"
            for point in points
            for device in (point.io, point.board)
        )
        if wants_mqtt and "mqtt" in info.data and info.data["mqtt"] is None:
            wrong.append("a point uses driver mqtt but the site has no mqtt: section")
        pushing = [point.name for point in points if point.push is not None]
        if pushing and "push_listen" in info.data and info.data["push_listen"] is None:
            wrong.append(f"{', '.join(pushing)} has push: but the site has no push_listen: to receive it")
        found: list[InitErrorDetails] = []
        if wrong:
            found.append(_told(ValueError("; ".join(wrong)), points))
        if info.data.get("mode") == "production":
            # Told at each lane's own line, not at the list's.
            found += [
                _wiring_undeclared(at, point) for at, point in enumerate(points) if not_hard_wired(point)
            ]
        if found:
            raise ValidationError.from_exception_data(cls.__name__, found)
        return points


def _told(error: ValueError, value: object, *loc: str | int) -> InitErrorDetails:
    return InitErrorDetails(type="value_error", loc=loc, input=value, ctx={"error": error})


def _wiring_undeclared(at: int, point: PointSettings) -> InitErrorDetails:
    missing = not_hard_wired(point)
    said = ValueError(
        f"{point.kind} lane {point.name} does not declare {' and '.join(missing)} as wired to the barrier's "
        "own controller: the gate's software is the second line of safety, never the first (EN 12453). "
        f"Wire them there, then declare hard_wired: [{', '.join((*point.hard_wired, *missing))}]; "
        "only a site of emulated barriers may say mode: demo"
    )
    return _told(said, point.hard_wired, at, "hard_wired")


def _named_twice(points: tuple[PointSettings, ...]) -> list[str]:
    names = [point.name for point in points]
    twice = sorted({name for name in names if names.count(name) > 1})
    return [f"points named twice: {', '.join(twice)}"] if twice else []


def _corridors_unserved(points: tuple[PointSettings, ...]) -> list[str]:
    served = {corridor for point in points for corridor in point.corridors}
    missing = [corridor.value for corridor in Corridor if corridor not in served]
    directs = any(point.kind in ("approach", "terminal") for point in points)
    return [f"no lane serves {', '.join(missing)}: every corridor needs one"] if directs and missing else []


def _boards_would_mislead(
    points: tuple[PointSettings, ...],
    holding_bay: tuple[HoldingPlace, ...] | None,
    general_lane: str | None,
) -> list[str]:
    """A board sends vehicles by label alone: two places of one label is a wrong direction."""
    places = [(point.label, point.name) for point in points if point.kind == "entry"]
    places += [(place.label, "holding_bay") for place in holding_bay or ()]
    places += [(general_lane, "general_lane")] if general_lane else []
    wrong = []
    for label in sorted({label for label, _ in places}):
        owners = [owner for its, owner in places if its == label]
        if len(owners) > 1:
            wrong.append(f"label {label!r} would send vehicles to {' and '.join(owners)}")
    return wrong


def _trailers_unseen(points: tuple[PointSettings, ...], policy: PolicySettings | None) -> list[str]:
    """Policy that wants every declared trailer read needs a camera that sees it."""
    if policy is None or not policy.trailer_required:
        return []
    blind = [point.name for point in points if point.kind == "approach" and point.rear is None]
    return [f"policy wants trailers read and {', '.join(blind)} has no rear camera"] if blind else []


def _ports_shared(points: tuple[PointSettings, ...]) -> list[str]:
    """A line carries one signboard, or Modbus boards of different units that speak alike."""
    users: dict[str, list[tuple[str, int | None]]] = {}
    manners: dict[str, set[tuple[float, ...]]] = {}
    for point in points:
        match point.io:
            case ModbusRtu() as io:
                line = f"the serial port {io.port}"
                users.setdefault(line, []).append((f"{point.name} io", io.unit))
                manners.setdefault(line, set()).add((io.baud, io.settle_seconds))
            case ModbusTcp() as io:
                users.setdefault(f"{io.host}:{io.port}", []).append((f"{point.name} io", io.unit))
            case _:
                pass
        if isinstance(point.board, AlphaSerial):
            line = f"the serial port {point.board.port}"
            users.setdefault(line, []).append((f"{point.name} board", None))
    wrong = []
    for line, here in users.items():
        units = [unit for _, unit in here]
        names = " and ".join(name for name, _ in here)
        if len(here) > 1 and (None in units or len(set(units)) < len(units)):
            wrong.append(f"{names} share {line}")
        elif len(manners.get(line, ())) > 1:
            wrong.append(f"{names} share {line} and differ in baud or settle_seconds")
    return wrong
