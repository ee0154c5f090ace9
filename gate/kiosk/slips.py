"""What a slip says: the vehicle's direction and nothing that led to it.

A lane's label, the neutral text, or the general lane; no corridor (each consignment has its own, 4.3),
no finding, no plate. Below it stands the visit's id, as a QR code and in letters, for an officer to scan. A
slip for a vehicle that waits is the same whatever the cause, so it bears neither number nor code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from gate.kiosk.codes import code_as_modules
from gate.kiosk.lettering import STANDS_IN
from gate.kiosk.ports import Slip, SlipLine
from gate.kiosk.speech import Tongue
from gate.lanes.commands import BoardMessage, MessageKind
from gate.model import NotificationNumber, NumberFormats

GO_TO_LANE = "Go to lane"
WAIT = "Please wait here. An officer is coming to you."
REFER = "Go to the general lane"
NUMBER = "Notification number"
DECLARE_LATER = "The customs declaration follows later, by the terms of the Customs Code."
"""Rules 4.5, 5.4 and 5.10: of every corridor alike, so it tells none."""
NO_RELEASE = "This slip shows the direction only. It is not a release of the goods."
SAID_BY_SLIPS = (NUMBER, DECLARE_LATER, NO_RELEASE)
"""Beside what the page says, too."""

UNCHOSEN = ("az", "en")
"""The board's two languages, for a driver who chose none."""
MOST_NUMBERS = 10


def languages(chosen: str | None) -> tuple[str, ...]:
    """The languages of a slip for a driver who chose `chosen`."""
    return UNCHOSEN if chosen is None else (STANDS_IN.get(chosen, chosen),)


def make_slip(
    message: BoardMessage,
    visit_id: str,
    numbers: Sequence[NotificationNumber],
    at: datetime,
    place: str,
    speakers: Sequence[tuple[Tongue, Tongue]],
    formats: NumberFormats = NumberFormats(),  # noqa: B008 - frozen
) -> Slip | None:
    """The slip for a message; None when it directs nobody. `speakers`: (page's, devices') words."""
    if message.kind not in (MessageKind.DIRECT, MessageKind.WAIT, MessageKind.REFER):
        return None
    lines = [SlipLine(place), SlipLine(f"{at.astimezone():%d.%m.%Y %H:%M}"), SlipLine("")]
    directs = message.kind is MessageKind.DIRECT
    text = {MessageKind.DIRECT: GO_TO_LANE, MessageKind.WAIT: WAIT, MessageKind.REFER: REFER}[message.kind]
    lines += [SlipLine(page.say(text)) for page, _ in speakers]
    if directs:
        lines += [SlipLine(message.lane or "", large=True)]
    lines.append(SlipLine(""))
    if directs and numbers:
        lines += [SlipLine(devices.say(NUMBER)) for _, devices in speakers]
        lines += [SlipLine(formats.printed(number)) for number in numbers[:MOST_NUMBERS]]
        lines += [SlipLine(f"+ {len(numbers) - MOST_NUMBERS}")] if len(numbers) > MOST_NUMBERS else []
        lines.append(SlipLine(""))
    notes = (DECLARE_LATER, NO_RELEASE) if directs else ()
    lines += [SlipLine(devices.say(note)) for _, devices in speakers for note in notes]
    if message.kind is MessageKind.WAIT:
        return Slip(tuple(lines))
    return Slip(tuple(lines), code_as_modules(visit_id), (SlipLine(visit_id),))


def speakers_of(
    chosen: str | None, page_words: Mapping[str, Tongue], device_words: Mapping[str, Tongue]
) -> list[tuple[Tongue, Tongue]]:
    """The words for a driver who chose `chosen`."""
    return [(page_words[code], device_words[code]) for code in languages(chosen)]
