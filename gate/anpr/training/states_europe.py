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
)  # fmt: skip

_NO_IOQ: Final = "ABCDEFGHJKLMNPRSTUVWXYZ"
_BLUE_INK: Final[Colour] = (130, 60, 30)


def _eu(text: str, share: float = 0.085) -> Band:
    return Band(share, EU_BLUE, text, stars=True)


def _one(state: str, code: str, *rows: str, weight: float = 1.0, letters: str = LATIN, style: str = "din",
         ground: tuple[Colour, ...] = (WHITE,), ink: tuple[Colour, ...] = (BLACK,),
         regions: tuple[str, ...] = ()) -> list[Look]:  # fmt: skip
    return [
        Look(state, (row,), weight / len(rows), left=_eu(code), letters=letters, style=style, ground=ground,
             ink=ink, regions=regions)
        for row in rows
    ]  # fmt: skip


def _two(state: str, code: str, *pairs: tuple[str, str], weight: float = 0.3, letters: str = LATIN,
         ground: tuple[Colour, ...] = (WHITE,), regions: tuple[str, ...] = ()) -> list[Look]:  # fmt: skip
    return [
        Look(state, pair, weight / len(pairs), (300, 200), left=_eu(code, 0.14), letters=letters, ground=ground,
             regions=regions)
        for pair in pairs
    ]  # fmt: skip


_DE: Final = ("B", "M", "K", "F", "S", "DO", "HH", "HB", "AC", "BN", "KA", "MA", "WI", "TR", "OF", "GI", "HD", "STA",
              "FFB", "ROW", "OHZ", "DAH", "EBE", "NES", "WUG", "SHA", "BRB", "OPR", "UER", "MYK", "NU", "PF", "ERZ")  # fmt: skip
_RO: Final = ["AB", "AG", "AR", "BC", "BH", "BN", "BR", "BT", "BV", "BZ", "CJ", "CL", "CS", "CT", "CV", "DB", "DJ", "GJ", "GL", "GR", "HD", "HR", "IF", "IL", "IS", "MH", "MM", "MS", "NT", "OT", "PH", "SB", "SJ", "SM", "SV", "TL", "TM", "TR", "VL", "VN", "VS"]  # fmt: skip
_SK: Final = ["BA", "BB", "BJ", "BN", "BR", "BS", "BY", "CA", "DK", "DS", "DT", "GA", "GL", "HC", "HE", "IL", "KA", "KE", "KK", "KM", "KN", "KS", "LC", "LE", "LM", "LV", "MA", "MI", "ML", "MT", "MY", "NM", "NO", "NR", "NZ", "PB", "PD", "PE", "PK", "PN", "PO", "PP", "PT", "PU", "PV", "RA", "RK", "RS", "RV", "SA", "SB", "SC", "SE", "SI", "SK", "SL", "SN", "SO", "SP", "SV", "TN", "TO", "TR", "TS", "TT", "TV", "VK", "VT", "ZA", "ZC", "ZH", "ZM", "ZV"]  # fmt: skip
_HR: Final = ["BJ", "BM", "CK", "DA", "DE", "DJ", "DU", "GS", "IM", "KA", "KC", "KR", "KT", "KZ", "MA", "NA", "NG", "OG", "OS", "PS", "PU", "PZ", "RI", "SB", "SI", "SK", "SL", "ST", "VK", "VT", "VU", "ZD", "ZG"]  # fmt: skip
_RS: Final = [
    "BG",
    "NS",
    "NI",
    "KG",
    "SU",
    "ZR",
    "PA",
    "SA",
    "VA",
    "KS",
    "KV",
    "CA",
    "SD",
    "LE",
    "UE",
    "ZA",
    "JA",
    "PO",
    "SM",
    "VR",
    "VS",
]
_SI: Final = ["LJ", "MB", "CE", "KR", "KP", "GO", "NM", "MS", "SG", "KK"]
_AT: Final = ["W", "G", "L", "S", "I", "K", "B", "GU", "WN", "BL", "BN", "BR", "EF", "EU", "FB", "FE", "FK", "FR", "GD", "GF", "GM", "GR", "HB", "HL", "IL", "IM", "JE", "JO", "JU", "KB", "KF", "KI", "KL", "KO", "KR", "KS", "KU", "LA", "LB", "LE", "LF", "LI", "LL", "LZ", "MA", "MD", "ME", "MI", "MT", "MU", "MZ"]  # fmt: skip
_CH: Final = [
    "AG",
    "AI",
    "AR",
    "BE",
    "BL",
    "BS",
    "FR",
    "GE",
    "GL",
    "GR",
    "JU",
    "LU",
    "NE",
    "NW",
    "OW",
    "SG",
    "SH",
    "SO",
    "SZ",
    "TG",
    "TI",
    "UR",
    "VD",
    "VS",
    "ZG",
    "ZH",
]

LOOKS: Final[tuple[Look, ...]] = (
    *_one("RO", "RO", "R DD LLL", weight=2.2, regions=tuple(_RO), letters=LATIN.replace("Q", "")),
    *_one("RO", "RO", "B DD LLL", "B DDD LLL", weight=1.0),
    *_two("RO", "RO", ("R DD", "LLL"), regions=tuple(_RO)),
    *_one("BG", "BG", "L DDDD LL", "LL DDDD LL", weight=1.8, letters=TWINS), *_two("BG", "BG", ("LL", "DDDDLL"), ("LL DDDD", "LL"), letters=TWINS),
    *_one("PL", "PL", "LL DDDDD", "LLL DDDDD", "LL DDDDL", "LLL DDDL", "LLL DDLL", "LL DDDLL", "LLL LDDD", weight=2.6, letters=LATIN.replace("Q", "")),
    *_two("PL", "PL", ("LL", "DDDDD"), ("LLL", "DDDD"), ("LL", "DDDDL")),
    *_one("CZ", "CZ", "DLD DDDD", "DLL DDDD", "DL* DDDD", "DLL* DDDD", weight=2.4, letters="ABCEHJKLMPSTUZ"),
    *_two("CZ", "CZ", ("DLD", "DDDD"), ("DLL", "DDDD"), letters="ABCEHJKLMPSTUZ"),
    *_one("SK", "SK", "R-DDDLL", "R*DDDLL", "R* DDDLL", weight=2.6, regions=tuple(_SK)),
    *_one("SK", "SK", "LL-DDDLL", weight=0.6), *_two("SK", "SK", ("R", "DDDLL"), ("R*", "DDDLL"), regions=tuple(_SK)),
    *_one("HU", "H", "LLL-DDD", "LL LL-DDD", "LL*LL-DDD", weight=2.0, letters=LATIN.replace("Q", "")), *_two("HU", "H", ("LLL", "DDD"), ("LLLL", "DDD")),
    *_one("DE", "D", "R*L DDDD", "R*LL DDDD", "R*LL DDD", "R*L DDD", "R*LL DD", weight=2.6, style="fe", regions=_DE),
    *_two("DE", "D", ("R*", "LL DDDD"), ("R*LL", "DDDD"), ("R*", "LL DDD"), regions=_DE),
    *_one("AT", "A", "R*DDDDL", "R*DDDLL", "R*DDDDLL", weight=1.0, regions=tuple(_AT)),
    *_one("IT", "I", "LL DDDLL", "LL*DDDLL", weight=1.6, letters=_NO_IOQ), *_two("IT", "I", ("LL DDD", "LL"), ("LL", "DDDLL"), letters=_NO_IOQ),
    *(Look("IT", ("LL DDDLL",), 0.8, left=_eu("I"), right=Band(0.07, EU_BLUE, ""), letters=_NO_IOQ, border=0) for _ in (0,)),
    *_one("FR", "F", "LL-DDD-LL", weight=0.9, letters=_NO_IOQ),
    *(Look("FR", ("LL-DDD-LL",), 1.2, left=_eu("F"), right=Band(0.075, EU_BLUE, "75"), letters=_NO_IOQ, border=0) for _ in (0,)),
    *_one("FR", "F", "DDDD LL DD", "DDD LLL DD", weight=0.5, ground=(WHITE, YELLOW)), *_two("FR", "F", ("LL-DDD", "-LL"), letters=_NO_IOQ),
    *_one("ES", "E", "DDDD LLL", weight=1.0, letters="BCDFGHJKLMNPRSTVWXYZ"), *_two("ES", "E", ("DDDD", "LLL")),
    *_one("PT", "P", "DD-DD-LL", "DD-LL-DD", "LL-DD-DD", "LL DD LL", weight=0.9),
    *_one("NL", "NL", "DD-LL-LL", "DD-LLL-D", "LL-DDD-L", "L-DDD-LL", "D-LLL-DD", "LL-LL-DD", "LLL-DD-L", weight=1.3, ground=(YELLOW,), letters="BDFGHJKLMNPRSTVXZ"),
    *_two("NL", "NL", ("DD-LL", "LL"), ground=(YELLOW,)),
    *_one("BE", "B", "D-LLL-DDD", "LLL-DDD", weight=0.9, ink=((40, 30, 150), RED)),
    *_one("LU", "L", "LL DDDD", "DDDDD", weight=0.4, ground=(YELLOW,)),
    *_one("DK", "DK", "LL DD DDD", weight=0.7), *(Look("DK", ("LL DD DDD",), 0.4, border=1.0, ink=(BLACK,)) for _ in (0,)),
    *_one("SE", "S", "LLL DDD", "LLL DDL", "LLL*DDD", weight=0.8, letters="ABCDEFGHJKLMNOPRSTUWXYZ"),
    *_one("FI", "FIN", "LLL-DDD", "LL-DDD", weight=0.7), *_one("NO", "N", "LL DDDDD", weight=0.6),
    *_one("EE", "EST", "DDD LLL", weight=0.8), *_one("LV", "LV", "LL-DDDD", "LL-DDD", weight=0.9),
    *_one("LT", "LT", "LLL DDD", "LLL*DDD", weight=1.3), *_two("LT", "LT", ("LLL", "DDD")), *_two("LV", "LV", ("LL", "DDDD")), *_two("EE", "EST", ("DDD", "LLL")),
    *_one("HR", "HR", "R*DDD-LL", "R*DDDD-LL", "R*DDDD-L", "R*DDD-L", weight=1.6, regions=tuple(_HR), letters="ABCDEFGHIJKLMNOPRSTUVZ"),
    *(Look("HR", ("R*DDDD-LL",), 0.6, regions=tuple(_HR), border=1.0) for _ in (0,)),
    *_one("SI", "SLO", "R*LL-DDD", "R*DD-LDD", "R*L-DDDD", "R*DD-DLL", weight=0.9, regions=tuple(_SI), ink=(BLACK, GREEN)),
    *_one("RS", "SRB", "R*DDD-LL", "R*DDDD-LL", weight=1.0, regions=tuple(_RS)), *_one("MK", "NMK", "LL*DDDD-LL", "LL DDDD LL", weight=0.7),
    *_one("GR", "GR", "LLL-DDDD", weight=0.9, letters="ABEZHIKMNOPTYX"), *_two("GR", "GR", ("LLL", "DDDD"), letters="ABEZHIKMNOPTYX"),
    *_one("IE", "IRL", "DDD-L-DDDDD", "DDD-L-DDDD", "DD-L-DDDDD", weight=0.5), *_one("CY", "CY", "LLL DDD", weight=0.3), *_one("MT", "M", "LLL DDD", weight=0.3),
    *_one("GB", "GB", "LLDD LLL", weight=0.5, ground=(WHITE, YELLOW)), *(Look("GB", ("LLDD LLL",), 0.7, border=0.1, ground=(WHITE, YELLOW), high=(0.68, 0.78)) for _ in (0,)),
    *_two("GB", "GB", ("LLDD", "LLL"), ground=(WHITE, YELLOW)),
    Look("CH", ("*R DDDDDD",), 0.5, (500, 110), regions=tuple(_CH)), Look("CH", ("*R*DDDDD",), 0.4, (300, 80), regions=tuple(_CH)),
    Look("CH", ("*R*", "DDDDDD"), 0.4, (300, 160), regions=tuple(_CH)),
)  # fmt: skip
