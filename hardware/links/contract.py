"""The MQTT topic contract between the gate and its devices: topics, payloads, limits.

Topics are `gate/v1/{site}/{lane}/{device}/{kind}` with device `io` or `board`. The version in the topic
is the payloads' too; a payload may repeat it as `v`, and one that says another is refused.

| kind | from | retained | what |
|---|---|---|---|
| availability | device, last will | yes | `online` / `offline`, with the boot it speaks of |
| state | device | yes | the inputs, on every change and at least every HEARTBEAT_SECONDS |
| event | device | no | diagnostics in words, for the log |
| cmd | gate | never | one command, QoS 1, expiring within EXPIRY_SECONDS |
| ack | device | no | `accepted` or `refused`, then `done` or `failed` (by position feedback) |

What a device must refuse: a command for another boot, with a lane_seq not above the highest it
accepted, seen before, or too late. Clocks of devices lie, so lateness is relative twice over: by what
the broker left of the message expiry, and by `state_seq`, the newest state the gate had heard
when it spoke - the device knows by its own clock how long ago it published that. A stop is
refused only when repeated: late or not, stopping is safe.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError, field_validator

from gate.lanes.events import Aspect, BarrierPosition, Contact, ContactState, Occupancy

FAMILY = "gate"
VERSION = 1
ROOT = f"{FAMILY}/v{VERSION}"
HEARTBEAT_SECONDS = 1.0
HEARTBEAT_LIMIT_SECONDS = 3.0
EXPIRY_SECONDS = 2
TTL_MS = 1500
MAX_PAYLOAD_BYTES = 16 * 1024
_LEVELS = 6

Kind = Literal["state", "availability", "event", "cmd", "ack"]
DeviceName = Literal["io", "board"]
_KINDS: dict[str, Kind] = {
    "state": "state",
    "availability": "availability",
    "event": "event",
    "cmd": "cmd",
    "ack": "ack",
}

Identity = Annotated[str, Field(min_length=1, max_length=64)]
Sequence = Annotated[StrictInt, Field(ge=0, le=2**53)]
Line = Annotated[str, Field(max_length=64)]


@dataclass(frozen=True, slots=True)
class Address:
    """One device of one lane at one site."""

    site: str
    lane: str
    device: str

    def topic(self, kind: Kind) -> str:
        """Where this device's messages of `kind` travel."""
        return f"{ROOT}/{self.site}/{self.lane}/{self.device}/{kind}"


def parse_topic(topic: str) -> tuple[Address, Kind] | None:
    """Whose topic this is, or None when it is not of the contract."""
    levels = topic.split("/")
    if len(levels) != _LEVELS or not topic.startswith(ROOT + "/") or levels[5] not in _KINDS:
        return None
    return Address(levels[2], levels[3], levels[4]), _KINDS[levels[5]]


def names_other_version(topic: str) -> bool:
    """Whether a topic that does not parse is one of another version of the contract."""
    return re.match(rf"{FAMILY}/v(?!{VERSION}/)[0-9]+/", topic) is not None


class _Payload(BaseModel):
    # Devices of a later make may say more; what they do say must be of the right kind.
    model_config = ConfigDict(frozen=True, extra="ignore")

    v: Annotated[StrictInt, Field(ge=VERSION, le=VERSION)] = VERSION
    boot_id: Identity
    """New at every start of the device."""

    def dump(self) -> bytes:
        """As it travels."""
        return self.model_dump_json(exclude_none=True).encode()


class Availability(_Payload):
    """Whether the device is there."""

    state: Literal["online", "offline"]


class DeviceState(_Payload):
    """What every device's state carries. `seq` grows with every message of this boot."""

    seq: Sequence
    lane_seq: Sequence = 0
    """The highest lane_seq accepted, so that a gate that restarted counts on from there."""


class IoState(DeviceState):
    """Barrier, detectors and contacts. An approach has `arming` only; what is not said is unknown."""

    arming: Occupancy
    safety: Occupancy = Occupancy.UNKNOWN
    photo_eye: Occupancy = Occupancy.UNKNOWN
    exit: Occupancy = Occupancy.UNKNOWN
    barrier: BarrierPosition = BarrierPosition.UNKNOWN
    signal: Aspect | None = None
    contacts: dict[Contact, ContactState] = {}

    @field_validator("contacts", mode="before")
    @classmethod
    def _contacts_of_ours(cls, told: object) -> object:
        """Devices of a later make may watch more contacts: those are not ours to know."""
        if not isinstance(told, dict):
            return told
        return {name: state for name, state in told.items() if name in set(Contact)}


class BoardState(DeviceState):
    """What the board shows."""

    lines: tuple[Line, Line]
    colour: Line


class DeviceNote(_Payload):
    """Something the device wants in the log."""

    what: Annotated[str, Field(max_length=200)]


class Command(_Payload):
    """One thing to do. `boot_id` is the boot the gate believes to be alive."""

    cmd_id: Identity
    lane_seq: Sequence
    state_seq: Sequence
    ttl_ms: Annotated[StrictInt, Field(gt=0, le=EXPIRY_SECONDS * 1000)]
    decision_id: Annotated[str, Field(max_length=128)] | None = None
    do: Literal["raise", "lower", "stop", "signal", "show"]
    aspect: Aspect | None = None
    lines: tuple[Line, Line] | None = None
    colour: Line | None = None


class Ack(_Payload):
    """A device's answer to a command."""

    cmd_id: Identity
    result: Literal["accepted", "refused", "done", "failed"]
    reason: Annotated[str, Field(max_length=200)] = ""


class PayloadRefusedError(Exception):
    """A payload that is not of the contract. `reason` is one of few words, fit for a counter."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


Model = TypeVar("Model", bound=_Payload)


def read_payload(model: type[Model], payload: bytes) -> Model:
    """`payload` as `model`; PayloadRefusedError with too-large, not-json, wrong-version or wrong-shape."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise PayloadRefusedError("too-large", f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES} allowed")
    try:
        return model.model_validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]  # `v` is looked at first
        if first["loc"] == ("v",):
            raise PayloadRefusedError("wrong-version", f"not version {VERSION} of the contract") from None
        reason = "not-json" if first["type"] == "json_invalid" else "wrong-shape"
        where = ".".join(str(part) for part in first["loc"])
        raise PayloadRefusedError(reason, f"{where}: {first['msg']}" if where else first["msg"]) from None
