"""European plates: the EU's states and those among them."""

from __future__ import annotations

from typing import Final

from gate.anpr.training.look import (
    BLACK,
    EU_BLUE,
    GREEN,
    LATIN,
    RED,
    TWINS,
    WHITE,
    YELLOW,
    Band,
    Colour,
    Look,
)

_NO_IOQ: Final = "ABCDEFGHJKLMNPRSTUVWXYZ"
_NO_Q: Final = "ABCDEFGHIJKLMNOPRSTUVWXYZ"
_NO_QWXY: Final = "ABCDEFGHIJKLMNOPRSTUVZ"
_GR: Final = "ABEZHIKMNOPTYX"
_ES: Final = "BCDFGHJKLMNPRSTVWXYZ"
_CZ: Final = "ABCEHJKLMPSTUZ"
_NL: Final = "BDFGHJKLMNPRSTVXZ"
_SE: Final = "ABCDEFGHJKLMNOPRSTUWXYZ"
_GREY: Final[Colour] = (185, 190, 185)
_WINE: Final[Colour] = (40, 30, 150)
_OLDER: Final = 0.12
"""Share of plates that bear a coat of arms and the state's letters on their own ground."""
_SQUARES: Final = ((280, 200), (340, 200), (300, 200), (340, 240))


def _eu(text: str, share: float = 0.085) -> Band:
    return Band(share, EU_BLUE, text, stars=True)


def _older(text: str, ground: Colour) -> Band:
    return Band(0.085, ground, text, BLACK, crest=True)


def _one(state: str, code: str, *rows: str, weight: float = 1.0, letters: str = LATIN, style: str = "din",
         size: tuple[int, int] = (520, 112), ground: tuple[Colour, ...] = (WHITE,),
         ink: tuple[Colour, ...] = (BLACK,), regions: tuple[str, ...] = (), border: float = 0.7,
         right: Band | None = None) -> list[Look]:  # fmt: skip
    """Plates on one line; without a strip if there is no `code`. A few are of before the strip was blue."""
    strips = ((_eu(code), 1 - _OLDER), (_older(code, ground[0]), _OLDER)) if code else ((None, 1.0),)
    return [
        Look(state, (row,), share * weight / len(rows), size, left=strip, letters=letters, style=style,
             ground=ground, ink=ink, regions=regions, border=border, right=right)
        for row in rows
        for strip, share in strips
    ]  # fmt: skip


def _two(state: str, code: str, *pairs: str, weight: float = 0.3, letters: str = LATIN, style: str = "din",
         ground: tuple[Colour, ...] = (WHITE,), ink: tuple[Colour, ...] = (BLACK,),
         regions: tuple[str, ...] = ()) -> list[Look]:  # fmt: skip
    """Plates on two lines, the upper one before the `/`."""
    return [
        Look(state, tuple(pair.split("/")), weight / len(pairs), _SQUARES[number % len(_SQUARES)],
             left=_eu(code, 0.14) if code else None, letters=letters, style=style, ground=ground, ink=ink,
             regions=regions)
        for number, pair in enumerate(pairs)
    ]  # fmt: skip


def _codes(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_DE: Final = _codes(
    "B M K F S HH HB DO AC BN KA MA WI TR OF GI HD DA KS MZ KO PB GE WOB HRO MOL STA FFB ROW OHZ DAH EBE NES WUG SHA"
    " BRB OPR UER MYK NU PF ERZ L DD H N EF GRZ"
)
_RO: Final = _codes(
    "AB AG AR BC BH BN BR BT BV BZ CJ CL CS CT CV DB DJ GJ GL GR HD HR IF IL IS MH MM MS NT OT PH SB SJ SM SV TL TM TR"
    " VL VN VS"
)
_SK: Final = _codes(
    "BA BB BJ BL BN BR BS BT BY CA DK DS DT EC GA GL HC HE IL KA KE KK KM KN KS LC LE LM LV MA MI ML MT MY NM NO NR NZ"
    " PB PD PE PK PN PO PP PT PU PV RA RK RS RV SA SB SC SE SI SK SL SN SO SP SV TN TO TR TS TT TV VK VT ZA ZC ZH ZM ZV"
)
_HR: Final = _codes(
    "BJ BM CK DA DE DJ DU GS IM KA KC KR KT KZ MA NA NG OG OS PS PU PZ RI SB SI SK SL ST VK VT VU VZ ZD ZG ZG ZG ZU"
)
_RS: Final = _codes("BG BG NS NI KG SU ZR PA SA VA KS KV CA SD LE UE ZA JA PO SM VR VS NP LO PI PO PK PZ SO")
_SI: Final = _codes("LJ MB CE KR KP GO NM MS SG KK PO")
_AT: Final = _codes(
    "W G L S I K B W GU WN BL BN BR EF EU FB FE FK FR GD GF GM GR HB HL IL IM JE JO JU KB KF KI KL KO KR KS KU LA LB LE"
    " LF LI LL LZ MA MD ME MI MT MU MZ"
)
_CH: Final = _codes("AG AI AR BE BL BS FR GE GL GR JU LU NE NW OW SG SH SO SZ TG TI UR VD VS ZG ZH")
_MK: Final = _codes("SK SK TE BT OH KU GV ST PP VE SR KI DE KO KA GE DB VI RA")
_IE: Final = _codes("C D G L W D D")

_RIGHT_IT: Final = Band(0.07, EU_BLUE, "MI", (40, 200, 240))
_RIGHT_PT: Final = Band(0.07, (40, 200, 245), "98", BLACK)
_YELLOW: Final = (YELLOW,)
_EITHER: Final = (WHITE, YELLOW)

LOOKS: Final[tuple[Look, ...]] = (
    *_one("RO", "RO", "R DD LLL", weight=2.2, regions=_RO, letters=_NO_Q),
    *_one("RO", "RO", "B DD LLL", "B DDD LLL", weight=1.0, letters=_NO_Q),
    *_one("RO", "RO", "R DDDDDD", weight=0.15, regions=_RO, ink=(RED,)),
    *_two("RO", "RO", "R DD/LLL", "R/DD LLL", "B DDD/LLL", "B/DDD LLL", weight=0.5, regions=_RO, letters=_NO_Q),
    *_one("BG", "BG", "L DDDD LL", "LL DDDD LL", weight=1.8, letters=TWINS),
    *_two("BG", "BG", "LL/DDDDLL", "LL DDDD/LL", "L DDDD/LL", weight=0.4, letters=TWINS),
    *_one("PL", "PL", "LL DDDDD", "LLL DDDDD", "LL DDDDL", "LLL DDDL", "LLL DDLL", "LL DDDLL", "LLL LDDD", "LL*DDDDD",
          "LLL*DDLL", weight=2.6, letters=_NO_Q),
    *_two("PL", "PL", "LL/DDDDD", "LLL/DDDD", "LL/DDDDL", "LLL/DDDDD", "LL*/DDDDD", weight=0.5, letters=_NO_Q),
    *_one("CZ", "CZ", "DLD DDDD", "DLL DDDD", "DLD* DDDD", "DLD*DDDD", "DLL*DDDD", weight=2.4, letters=_CZ),
    *_one("CZ", "", "DLD DDDD", "LLL DD-DD", weight=0.4, letters=_CZ, border=1.0),
    *_two("CZ", "CZ", "DLD/DDDD", "DLL/DDDD", "DLD*/DDDD", letters=_CZ),
    *_one("SK", "SK", "R-DDDLL", "R*DDDLL", "R* DDDLL", "R*DDD LL", weight=2.6, regions=_SK, letters=_NO_Q),
    *_one("SK", "", "R-DDDLL", weight=0.5, regions=_SK, letters=_NO_Q, border=1.0),
    *_one("SK", "SK", "LL DDDLL", "LL*DDDLL", weight=0.6, letters=_NO_Q),
    *_two("SK", "SK", "R/DDDLL", "R*/DDDLL", "R*DDD/LL", "R-DDD/LL", weight=0.5, regions=_SK, letters=_NO_Q),
    *_one("HU", "H", "LLL-DDD", "LLL-DDD", "LL LL-DDD", "LL*LL-DDD", weight=2.0, letters=_NO_Q),
    *_two("HU", "H", "LLL/DDD", "LLLL/DDD", "LL*LL/DDD", weight=0.4, letters=_NO_Q),
    *_one("DE", "D", "R*L DDDD", "R*LL DDDD", "R*LL DDD", "R*L DDD", "R*LL DD", weight=2.6, style="fe", regions=_DE),
    *_one("DE", "", "R*LL DDD", "R-LL DDD", weight=0.3, style="fe", regions=_DE, border=1.0),
    *_two("DE", "D", "R*/LL DDDD", "R*LL/DDDD", "R*/LL DDD", "R*/L DDDD", weight=0.5, style="fe", regions=_DE),
    *_one("AT", "A", "R*DDDDL", "R*DDDLL", "R*DDDDLL", weight=1.0, regions=_AT, size=(520, 120), letters=_NO_Q),
    *_two("AT", "A", "R*/DDDDL", "R*/DDDLL", weight=0.2, regions=_AT, letters=_NO_Q),
    *_one("IT", "I", "LL DDDLL", "LL*DDDLL", weight=1.2, letters=_NO_IOQ, size=(520, 110)),
    *_one("IT", "I", "LL DDDLL", "LL*DDDLL", weight=1.2, letters=_NO_IOQ, right=_RIGHT_IT, size=(520, 110), border=0.1),
    *_one("IT", "I", "LL DDDDD", weight=0.2, letters=_NO_IOQ),
    *_two("IT", "I", "LL DDD/LL", "LL/DDDLL", letters=_NO_IOQ),
    *_one("FR", "F", "LL-DDD-LL", weight=0.9, letters=_NO_IOQ, size=(520, 110)),
    *(look for town in ("75", "13", "69", "59", "33") for look in _one(
        "FR", "F", "LL-DDD-LL", weight=0.25, right=Band(0.075, EU_BLUE, town), letters=_NO_IOQ, size=(520, 110), border=0.1)),
    *_one("FR", "F", "DDDD LL DD", "DDD LLL DD", weight=0.4, ground=_EITHER, letters=_NO_IOQ),
    *_two("FR", "F", "LL-DDD/-LL", "LL/DDD-LL", letters=_NO_IOQ),
    *_one("ES", "E", "DDDD LLL", weight=1.0, letters=_ES), *_two("ES", "E", "DDDD/LLL", letters=_ES),
    *_one("PT", "P", "DD-DD-LL", "DD-LL-DD", "LL-DD-DD", "LL DD LL", weight=0.7),
    *_one("PT", "P", "DD-DD-LL", "DD-LL-DD", weight=0.4, right=_RIGHT_PT), *_two("PT", "P", "DD-LL/DD", "DD-DD/LL", weight=0.2),
    *_one("NL", "NL", "DD-LL-LL", "DD-LLL-D", "LL-DDD-L", "L-DDD-LL", "D-LLL-DD", "LL-LL-DD", "LLL-DD-L", weight=1.3,
          ground=_YELLOW, letters=_NL),
    *_two("NL", "NL", "DD-LL/LL", "DD/LLL-D", "LL-LL/DD", ground=_YELLOW, letters=_NL),
    *_one("BE", "B", "D-LLL-DDD", "LLL-DDD", weight=0.9, ink=(_WINE, RED), letters=_NO_IOQ),
    *_two("BE", "B", "D-LLL/DDD", "LLL/DDD", weight=0.15, ink=(_WINE,), letters=_NO_IOQ),
    *_one("LU", "L", "LL DDDD", "DDDDD", weight=0.4, ground=_YELLOW, letters=_NO_IOQ),
    *_two("LU", "L", "LL/DDDD", weight=0.08, ground=_YELLOW, letters=_NO_IOQ),
    *_one("DK", "DK", "LL DD DDD", weight=0.7, ground=(WHITE, WHITE, YELLOW), letters=_NO_IOQ),
    *_one("DK", "", "LL DD DDD", weight=0.4, border=1.0, letters=_NO_IOQ), *_two("DK", "DK", "LL/DD DDD", weight=0.15, letters=_NO_IOQ),
    *_one("SE", "S", "LLL DDD", "LLL DDL", "LLL*DDD", weight=0.8, letters=_SE), *_two("SE", "S", "LLL/DDD", "LLL/DDL", weight=0.15, letters=_SE),
    *_one("FI", "FIN", "LLL-DDD", "LL-DDD", weight=0.7, size=(442, 118)), *_two("FI", "FIN", "LLL/DDD", weight=0.15),
    *_one("NO", "N", "LL DDDDD", weight=0.4, letters=_NO_IOQ), *_one("NO", "", "LL DDDDD", weight=0.3, letters=_NO_IOQ),
    *_two("NO", "N", "LL/DDDDD", weight=0.15, letters=_NO_IOQ),
    *_one("EE", "EST", "DDD LLL", weight=0.8), *_two("EE", "EST", "DDD/LLL"),
    *_one("LV", "LV", "LL-DDDD", "LL-DDD", weight=0.9, letters=_NO_QWXY), *_two("LV", "LV", "LL/DDDD", letters=_NO_QWXY),
    *_one("LT", "LT", "LLL DDD", "LLL*DDD", weight=1.3, letters=_NO_Q), *_two("LT", "LT", "LLL/DDD", letters=_NO_Q),
    *_one("HR", "HR", "R*DDD-LL", "R*DDDD-LL", "R*DDDD-L", "R*DDD-L", weight=1.6, regions=_HR, letters=_NO_QWXY),
    *_one("HR", "", "R*DDDD-LL", "R*DDD-LL", weight=0.8, regions=_HR, letters=_NO_QWXY, border=1.0),
    *_two("HR", "HR", "R*/DDD-LL", "R*/DDDD-LL", "R*DDD/LL", regions=_HR, letters=_NO_QWXY),
    *_one("SI", "SLO", "R*LL-DDD", "R*DD-LDD", "R*L-DDDD", "R*DD-DLL", weight=0.9, regions=_SI, ink=(BLACK, GREEN),
          letters=_NO_QWXY),
    *_two("SI", "SLO", "R*/LL-DDD", "R*/DD-LDD", weight=0.2, regions=_SI, letters=_NO_QWXY),
    *_one("RS", "SRB", "R*DDD-LL", "R*DDDD-LL", weight=1.0, regions=_RS, letters=_NO_Q),
    *_two("RS", "SRB", "R*/DDD-LL", "R*/DDDD-LL", weight=0.25, regions=_RS, letters=_NO_Q),
    *_one("MK", "NMK", "R*DDDD-LL", "R DDDD LL", "R*DDD-LL", weight=0.7, regions=_MK, letters=_NO_QWXY),
    *_two("MK", "NMK", "R*/DDDD-LL", weight=0.15, regions=_MK, letters=_NO_QWXY),
    *_one("GR", "GR", "LLL-DDDD", weight=0.7, letters=_GR), *_one("GR", "", "LLL-DDDD", weight=0.3, letters=_GR, border=1.0),
    *_two("GR", "GR", "LLL/DDDD", letters=_GR),
    *_one("IE", "IRL", "DDD-R-DDDDD", "DDD-R-DDDD", "DD-R-DDDDD", weight=0.5, regions=_IE), *_two("IE", "IRL", "DDD-R/DDDD", weight=0.1, regions=_IE),
    *_one("CY", "CY", "LLL DDD", weight=0.3, letters=_NO_Q, ground=_EITHER), *_two("CY", "CY", "LLL/DDD", weight=0.08, letters=_NO_Q),
    *_one("MT", "M", "LLL DDD", "LLL-DDD", weight=0.3), *_two("MT", "M", "LLL/DDD", weight=0.08),
    *_one("GB", "GB", "LLDD LLL", weight=0.5, ground=_EITHER, letters=_NO_IOQ),
    *_one("GB", "", "LLDD LLL", weight=0.7, border=0.1, ground=_EITHER, letters=_NO_IOQ, size=(520, 111)),
    *_one("GB", "UK", "LLDD LLL", weight=0.2, ground=_EITHER, letters=_NO_IOQ),
    *_two("GB", "", "LLDD/LLL", ground=_EITHER, letters=_NO_IOQ),
    *_one("CH", "", "*R DDDDDD", "*R*DDDDDD", weight=0.5, size=(500, 110), regions=_CH),
    *_one("CH", "", "*R*DDDDD", "R.DDDDD", weight=0.4, size=(300, 80), regions=_CH),
    *_two("CH", "", "*R*/DDDDDD", "*R*/DDDDD", weight=0.4, regions=_CH),
)  # fmt: skip
