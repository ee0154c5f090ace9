"""What a board says, in words: every text of every board stands here and nowhere else.

One neutral text for every HOLD, so that no board is an oracle; and nothing but DIRECT, after an
arrival, and a lane's own BLANK may depend on a corridor (Rules 3.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, get_args

from gate.lanes.commands import BoardMessage, MessageKind
from gate.model import Corridor

Language = Literal["az", "en", "ru", "tr", "ka", "fa"]
"""The kiosk's languages."""
LANGUAGES: tuple[Language, ...] = get_args(Language)
MAX_LINE = 24
"""No text is longer, an arrow and its space not counted: boards are bought by this number."""


class Arrow(StrEnum):
    """Where the directed lane lies, seen from the board."""

    LEFT = "left"
    RIGHT = "right"
    AHEAD = "ahead"


ARROW_SIGNS: Mapping[Arrow, str] = MappingProxyType(
    {Arrow.LEFT: "\N{LEFTWARDS ARROW}", Arrow.RIGHT: "\N{RIGHTWARDS ARROW}", Arrow.AHEAD: "\N{UPWARDS ARROW}"}
)
"""Arrows as they stand in a line; each protocol has its own glyphs for them."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How one board puts things: a line a language, and an arrow beside a direction.

    `arrows` says the arrow by the lane's label, `arrow` the one for lanes it does not name.
    """

    languages: tuple[Language, ...] = ("az", "en")
    arrow: Arrow | None = None
    arrows: Mapping[str, Arrow | None] = field(default_factory=dict)


DEFAULT = Wording()

_CORRIDORS: Mapping[Corridor, Mapping[Language, str]] = {
    Corridor.GREEN: {
        "az": "YAŞIL", "en": "GREEN", "ru": "ЗЕЛЁНЫЙ", "tr": "YEŞİL", "ka": "მწვანე", "fa": "سبز",
    },
    Corridor.BLUE: {
        "az": "MAVİ", "en": "BLUE", "ru": "СИНИЙ", "tr": "MAVİ", "ka": "ლურჯი", "fa": "آبی",
    },
    Corridor.YELLOW: {
        "az": "SARI", "en": "YELLOW", "ru": "ЖЁЛТЫЙ", "tr": "SARI", "ka": "ყვითელი", "fa": "زرد",
    },
    Corridor.RED: {
        "az": "QIRMIZI", "en": "RED", "ru": "КРАСНЫЙ", "tr": "KIRMIZI", "ka": "წითელი", "fa": "قرمز",
    },
}  # fmt: skip

_TEXTS: Mapping[MessageKind, Mapping[Language, str]] = {
    # "{lane}" and "{corridor}" are filled in; a kind without them says the same whatever the cause.
    MessageKind.BLANK: {"az": "", "en": "", "ru": "", "tr": "", "ka": "", "fa": ""},
    MessageKind.DIRECT: {
        "az": "ZOLAQ {lane} {corridor}",
        "en": "LANE {lane} {corridor}",
        "ru": "ПОЛОСА {lane} {corridor}",
        "tr": "ŞERİT {lane} {corridor}",
        "ka": "ზოლი {lane} {corridor}",
        "fa": "خط {lane} {corridor}",
    },
    MessageKind.WAIT: {
        "az": "GÖZLƏYİN, MƏMUR GƏLİR",
        "en": "WAIT: OFFICER COMING",
        "ru": "ЖДИТЕ ИНСПЕКТОРА",
        "tr": "BEKLEYİN, MEMUR GELİYOR",
        "ka": "დაელოდეთ ოფიცერს",
        "fa": "منتظر مأمور بمانید",
    },
    MessageKind.REFER: {
        "az": "ÜMUMİ ZOLAQ",
        "en": "GENERAL LANE",
        "ru": "ОБЩАЯ ПОЛОСА",
        "tr": "GENEL ŞERİT",
        "ka": "საერთო ზოლი",
        "fa": "خط عمومی",
    },
    MessageKind.GO: {
        "az": "KEÇİN", "en": "GO", "ru": "ПРОЕЗЖАЙТЕ", "tr": "GEÇİN", "ka": "გაიარეთ", "fa": "عبور کنید",
    },
    MessageKind.FOLLOW: {
        "az": "MƏMURU İZLƏYİN",
        "en": "FOLLOW THE OFFICER",
        "ru": "СЛЕДУЙТЕ ЗА ИНСПЕКТОРОМ",  # noqa: RUF001  Cyrillic on purpose
        "tr": "MEMURU TAKİP EDİN",
        "ka": "მიჰყევით ოფიცერს",
        "fa": "به دنبال مأمور بروید",
    },
    MessageKind.CLOSED: {
        "az": "BAĞLIDIR",
        "en": "CLOSED",
        "ru": "ЗАКРЫТО",
        "tr": "KAPALI",
        "ka": "დაკეტილია",
        "fa": "بسته است",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sign:
    """What stands on a board: two lines, and the corridor whose colour they bear (none: amber)."""

    lines: tuple[str, str]
    corridor: Corridor | None = None


def sign(message: BoardMessage, wording: Wording = DEFAULT) -> Sign:
    """`message` in the board's languages, one a line; a board of one language leaves the second dark."""
    corridor = message.corridor
    match message.kind:
        case MessageKind.DIRECT if corridor is not None and message.lane is not None:
            arrow = wording.arrows.get(message.lane, wording.arrow)
            texts = [
                _pointed(_TEXTS[message.kind][tongue], arrow).format(
                    lane=message.lane, corridor=_CORRIDORS[corridor][tongue]
                )
                for tongue in wording.languages
            ]
            return Sign(_two(texts), corridor)
        case MessageKind.DIRECT:
            # A direction to nowhere is no direction.
            return Sign(("", ""))
        case MessageKind.BLANK if corridor is not None:
            return Sign(_two([_CORRIDORS[corridor][tongue] for tongue in wording.languages]), corridor)
        case kind:
            return Sign(_two([_TEXTS[kind][tongue] for tongue in wording.languages]))


def board_lines(message: BoardMessage, wording: Wording = DEFAULT) -> tuple[str, str]:
    """The two lines alone; Azerbaijani and English where no wording is given."""
    return sign(message, wording).lines


def _pointed(text: str, arrow: Arrow | None) -> str:
    """The arrow stands on the side it points to; ahead, behind the text."""
    if arrow is None:
        return text
    glyph = ARROW_SIGNS[arrow]
    return f"{glyph} {text}" if arrow is Arrow.LEFT else f"{text} {glyph}"


def _two(texts: list[str]) -> tuple[str, str]:
    return texts[0], texts[1] if len(texts) > 1 else ""
