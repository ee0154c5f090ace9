"""What travels inside a sealed verdict: everything that depends on the corridor, at one fixed length."""

from __future__ import annotations

import json

from gate.errors import SealError
from gate.model import Corridor, CorridorVerdict, NotificationNumber, RiskGroup
from gate.sealing.binding import PAYLOAD_LENGTH

_PREFIX = 2


def encode_payload(verdict: CorridorVerdict, version: int) -> bytes:
    """`verdict` as exactly PAYLOAD_LENGTH bytes; SealError when it does not fit."""
    text = json.dumps(
        {
            "number": verdict.number,
            "version": version,
            "corridor": verdict.corridor.value,
            "route": verdict.route,
            "deadline_hours": verdict.deadline_hours,
            "group": verdict.group,
            "selected": verdict.selected,
        },
        ensure_ascii=False,
    ).encode()
    room = PAYLOAD_LENGTH - _PREFIX
    if len(text) > room:
        raise SealError(
            "malformed",
            f"the verdict of {verdict.number} takes {len(text)} bytes, a payload holds {room}; "
            "shorten its route",
        )
    return (len(text).to_bytes(_PREFIX, "big") + text).ljust(PAYLOAD_LENGTH, b"\0")


def decode_payload(payload: bytes) -> tuple[CorridorVerdict, int]:
    """The verdict and its version; SealError when the bytes are no payload of ours."""
    length = int.from_bytes(payload[:_PREFIX], "big")
    text, padding = payload[_PREFIX : _PREFIX + length], payload[_PREFIX + length :]
    if len(payload) != PAYLOAD_LENGTH or len(text) != length or padding.strip(b"\0"):
        raise SealError("malformed", "the opened bytes are not a padded verdict")
    try:
        match json.loads(text):
            case {
                "number": str(number),
                "version": int(version),
                "corridor": str(corridor),
                "route": str() | None as route,
                "deadline_hours": int() | None as deadline_hours,
                "group": str() | None as group,
                "selected": bool() | None as selected,
            }:
                verdict = CorridorVerdict(
                    NotificationNumber(number),
                    Corridor(corridor),
                    route,
                    deadline_hours,
                    RiskGroup(group) if group is not None else None,
                    selected,
                )
                return verdict, version
            case _:
                raise SealError("malformed", "the opened verdict lacks a field")
    except ValueError as error:
        raise SealError("malformed", "the opened bytes are not a verdict") from error
