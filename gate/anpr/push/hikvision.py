"""A Hikvision camera's alarm-server message: multipart with an XML part and JPEG parts, or bare XML."""

from __future__ import annotations

import hashlib

from gate.anpr.push.alert import Alert, parse_alert
from gate.anpr.push.message import MalformedError, Message
from gate.anpr.push.parts import Part, split
from gate.anpr.push.refusals import RefusedError
from gate.model import normalise_mark
from gate.settings import HikvisionPush

_XML = ("application/xml", "text/xml")
_UNREAD = frozenset({"", "UNKNOWN", "NOPLATE", "UNLICENSED", "无车牌"})
_UNNAMED = frozenset({"", "0", "unknown"})
_CROP = "licensePlatePicture"
MOST_PICTURES = 2
"""Scene and crop, as the gate's own reader keeps."""


def read_message(settings: HikvisionPush, content_type: str, body: bytes) -> Message:
    """What the camera says. Raises MalformedError; RefusedError for another camera's, channel's or lane's."""
    xml, pictures = _parted(content_type, body)
    alert = parse_alert(xml)
    _check_sender(settings, alert)
    captured = alert.time("dateTime")
    is_read = (alert.text("eventType") or "").upper() == "ANPR" and alert.text("eventState") != "inactive"
    if not is_read:
        return Message(None, None, 0.0, captured, _ident(alert), is_read=False)
    plate = alert.text("ANPR/licensePlate")
    confidence = alert.number("ANPR/confidenceLevel", 100)
    return Message(
        plate=None if normalise_mark(plate or "") in _UNREAD else plate,
        state=_state(settings, alert.text("ANPR/country")),
        confidence=(confidence or 0) / 100,
        captured=captured,
        ident=_ident(alert),
        pictures=_scene_first(pictures),
    )


def _parted(content_type: str, body: bytes) -> tuple[bytes, list[Part]]:
    if content_type.partition(";")[0].strip().lower() in _XML:
        return body, []
    parts = split(content_type, body)
    alerts = [part for part in parts if part.kind in _XML or part.name.endswith(".xml")]
    if len(alerts) != 1:
        raise MalformedError(f"{len(alerts)} XML parts where there is one")
    # Firmware that keeps no crop sends the part all the same, empty.
    return alerts[0].data, [part for part in parts if part.kind.startswith("image/") and part.data]


def _scene_first(pictures: list[Part]) -> tuple[bytes, ...]:
    ordered = sorted(pictures, key=lambda part: part.name.startswith(_CROP))
    scenes = [part.data for part in ordered if not part.name.startswith(_CROP)]
    crops = [part.data for part in ordered if part.name.startswith(_CROP)]
    return (*scenes[: MOST_PICTURES - len(crops[:1])], *crops[:1])


def _check_sender(settings: HikvisionPush, alert: Alert) -> None:
    """A recorder or a camera over two lanes sends for several: only this point's part is this point's."""
    said = (alert.text("macAddress") or "").lower()
    if settings.mac is not None and said != settings.mac:
        raise RefusedError("camera", "macAddress is not the configured one")
    if settings.channel is not None and alert.number("channelID", 65535) != settings.channel:
        raise RefusedError("camera", f"channelID is not {settings.channel}")
    if settings.line is not None and alert.number("ANPR/line", 65535) not in (settings.line, None):
        raise RefusedError("camera", f"line is not {settings.line}")


def _state(settings: HikvisionPush, said: str | None) -> str | None:
    """The configured state for the camera's word; else the word itself, for somebody to judge."""
    if said is None or said.lower() in _UNNAMED:
        return None
    return settings.countries.get(said, said)


def _ident(alert: Alert) -> str:
    """The camera's own number for the event, else what makes it that event: a repeated upload has it too."""
    told = alert.text("UUID")
    if told is None:
        fields = ("macAddress", "channelID", "dateTime", "eventType", "ANPR/licensePlate", "ANPR/line")
        told = "\n".join(alert.text(field) or "" for field in fields)
    return hashlib.sha256(told.encode()).hexdigest()
