"""What a board message says, in words. One neutral text for every HOLD, so no board is an oracle."""

from __future__ import annotations

from gate.lanes.commands import BoardMessage, MessageKind
from gate.model import Corridor

_CORRIDOR_WORDS = {
    Corridor.GREEN: ("YAŞIL", "GREEN"),
    Corridor.BLUE: ("MAVİ", "BLUE"),
    Corridor.YELLOW: ("SARI", "YELLOW"),
    Corridor.RED: ("QIRMIZI", "RED"),
}


def board_lines(message: BoardMessage) -> tuple[str, str]:
    """Two lines of text (Azerbaijani, English), at most 24 characters each."""
    match message.kind:
        case MessageKind.DIRECT if message.corridor is not None:
            az, en = _CORRIDOR_WORDS[message.corridor]
            return f"ZOLAQ {message.lane} {az}", f"LANE {message.lane} {en}"
        case MessageKind.REFER:
            return "ÜMUMİ ZOLAQ", "GENERAL LANE"
        case MessageKind.WAIT:
            return "GÖZLƏYİN, MƏMUR GƏLİR", "WAIT: OFFICER COMING"
        case MessageKind.GO:
            return "KEÇİN", "GO"
        case MessageKind.FOLLOW:
            return "MƏMURU İZLƏYİN", "FOLLOW THE OFFICER"
        case MessageKind.CLOSED:
            return "BAĞLIDIR", "CLOSED"
        case MessageKind.BLANK if message.corridor is not None:
            return _CORRIDOR_WORDS[message.corridor]
        case _:
            return "", ""
