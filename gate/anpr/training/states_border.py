"""The plates that come to this border: its own state's, its neighbours', those whose lorries pass."""

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
    numbers,
)  # fmt: skip

_NO_Q: Final = LATIN.replace("Q", "")
_AZ: Final = "ABCDEFGHJKLMNOPQRSTUVXYZ"
_TR: Final = "ABCDEFGHIJKLMNOPRSTUVYZ"
_UA: Final = "ABCEHIKMOPTX"
_BY: Final = "ABEIKMHOPCTX"
_UZ: Final = "ABCDEFGHJKLMNOPQRSTUVXYZ"
_AZ_FLAG: Final = ((180, 140, 0), (40, 30, 220), (80, 150, 60))
_LIGHT_BLUE: Final = (200, 160, 20)
_IR: Final = ("ب", "ج", "د", "س", "ص", "ط", "ق", "ل", "م", "ن", "و", "ه", "ی")
_IR_BAND: Final = Band(0.08, (140, 50, 0), "IR/IRAN", stripes=(GREEN, WHITE, RED))
_RU_REGIONS: Final = (*numbers(1, 99), *["102", "113", "116", "121", "123", "124", "125", "126", "134", "136", "138", "142", "150", "152", "154", "159", "161", "163", "164", "173", "174", "177", "178", "186", "190", "193", "196", "197", "198", "199", "250", "716", "750", "761", "763", "774", "777", "790", "797", "799"])  # fmt: skip
_STRIP: Final = {
    "AZ": Band(0.085, (160, 110, 10), "AZ", stripes=_AZ_FLAG),
    "GE": Band(0.085, EU_BLUE, "GE", stripes=(WHITE, RED, WHITE)),
    "TR": Band(0.085, EU_BLUE, "TR"),
    "KZ": Band(0.09, _LIGHT_BLUE, "KZ", stripes=(_LIGHT_BLUE, (40, 210, 240))),
    "UA": Band(0.085, EU_BLUE, "UA", stripes=((190, 90, 0), (0, 215, 255))),
    "BY": Band(0.085, WHITE, "BY", BLACK, stripes=(RED, RED, GREEN)),
    "TM": Band(0.085, GREEN, "TM", stripes=(GREEN, (40, 40, 150), GREEN)),
    "AM": Band(0.085, EU_BLUE, "AM", stripes=(RED, (160, 60, 0), (0, 160, 240))),
    "KG": Band(0.085, WHITE, "KG", BLACK, stripes=(RED, (0, 200, 240), RED)),
    "TJ": Band(0.085, WHITE, "TJ", BLACK, stripes=(RED, WHITE, GREEN)),
    "MD": Band(0.085, EU_BLUE, "MD", stars=False, stripes=((150, 60, 0), (0, 200, 250), RED)),
}

_RU_FLAG: Final = ((245, 245, 245), (190, 70, 20), (50, 30, 200))
_KG_FLAG: Final = (RED, (0, 200, 240), RED)


def _ru(*rows: str, weight: float, size: tuple[int, int] = (520, 112), high: tuple[float, float] = (0.64, 0.74),
        ground: tuple[Colour, ...] = (WHITE,), ink: tuple[Colour, ...] = (BLACK,)) -> list[Look]:  # fmt: skip
    """A field for the region at the end, over RUS and the flag; letters on the digits' foot."""
    return [
        Look("RU", rows, weight, size, style="gost", letters=TWINS, regions=_RU_REGIONS, ground=ground, ink=ink,
             border=1.0, beneath="RUS", footed=True, flag=_RU_FLAG, high=high, small=0.78)
    ]  # fmt: skip


LOOKS: Final[tuple[Look, ...]] = (
    # Azerbaijan
    Look("AZ", ("R-LL-DDD",), 6, letters=_AZ, regions=numbers(1, 99), left=_STRIP["AZ"]),
    Look("AZ", ("R-LL-DDD",), 1, letters=_AZ, regions=numbers(1, 99), border=1.0),
    Look("AZ", ("R LL DDD",), 1, letters=_AZ, regions=numbers(1, 99), left=_STRIP["AZ"], ground=(YELLOW, WHITE)),
    Look("AZ", ("R LL", "DDD"), 1.5, (280, 200), letters=_AZ, regions=numbers(1, 99), left=Band(0.15, (160, 110, 10), "AZ")),
    Look("AZ", ("R-LL", "DDD"), 0.7, (300, 160), letters=_AZ, regions=numbers(1, 99)),
    Look("AZ", ("R", "LL-DDD"), 0.5, (280, 200), letters=_AZ, regions=numbers(1, 99), left=Band(0.15, (160, 110, 10), "AZ")),
    # Georgia
    Look("GE", ("LL-DDD-LL",), 5, left=_STRIP["GE"], high=(0.6, 0.72)),
    Look("GE", ("LL DDD LL",), 1.0, left=_STRIP["GE"]),
    Look("GE", ("LLL-DDD",), 1.5, border=1.0),
    Look("GE", ("LL-DDD", "LL"), 0.9, (280, 200), left=Band(0.15, EU_BLUE, "GE")),
    Look("GE", ("LL", "DDD-LL"), 0.5, (280, 200), left=Band(0.15, EU_BLUE, "GE")),
    Look("GE", ("LLL", "DDD"), 0.5, (280, 200)),
    # Turkey
    Look("TR", ("R LL DDD",), 2, (520, 110), letters=_TR, regions=numbers(1, 81), left=_STRIP["TR"]),
    Look("TR", ("R LLL DD",), 1.2, (520, 110), letters=_TR, regions=numbers(1, 81), left=_STRIP["TR"]),
    Look("TR", ("R LLL DDD",), 2.4, (520, 110), letters=_TR, regions=numbers(1, 81), left=_STRIP["TR"]),
    Look("TR", ("R LL DDDD",), 1.2, (520, 110), letters=_TR, regions=numbers(1, 81), left=_STRIP["TR"]),
    Look("TR", ("R L DDDD",), 1.2, (520, 110), letters=_TR, regions=numbers(1, 81), left=_STRIP["TR"], ground=(WHITE, WHITE, YELLOW)),
    Look("TR", ("R L DDDDD",), 0.6, (520, 110), letters=_TR, regions=numbers(1, 81), left=_STRIP["TR"]),
    Look("TR", ("R LLL", "DDD"), 0.8, (320, 220), letters=_TR, regions=numbers(1, 81), left=Band(0.13, EU_BLUE, "TR")),
    Look("TR", ("R LL", "DDDD"), 0.5, (320, 220), letters=_TR, regions=numbers(1, 81), left=Band(0.13, EU_BLUE, "TR")),
    Look("TR", ("R", "LL DDD"), 0.4, (320, 220), letters=_TR, regions=numbers(1, 81), left=Band(0.13, EU_BLUE, "TR")),
    # Russia: letters are three quarters of the digits' height, the region stands above RUS
    *_ru("^Lv DDD ^LLv |^R", weight=6, high=(0.66, 0.76)),
    *_ru("^LLv DDDD |^R", weight=2.2),
    *_ru("^LLv DDD |^R", weight=0.8, ground=(YELLOW,)),
    *_ru("^LLv DDD ^Lv |^R", weight=0.3),
    *_ru("DDDD ^LLv |^R", weight=0.3, ground=(WHITE, BLACK), ink=(BLACK, WHITE)),
    *_ru("^Lv DDD", "^LLv |^R", weight=1.2, size=(290, 170)),
    *_ru("DDDD", "^LL |R", weight=0.5, size=(245, 185)),
    *_ru("^LL", "vDDDD |^R", weight=0.5, size=(288, 206)),
    *_ru("^LLv DDD", "|^R", weight=0.3, size=(290, 170), ground=(YELLOW,)),
    # Iran
    Look("IR", ("PP K PPP |^PP",), 5, (520, 110), style="iran", persian=_IR, left=_IR_BAND, border=1.0, high=(0.66, 0.8), small=0.85, over=True),
    Look("IR", ("PP K PPP |^PP",), 1.6, (520, 110), style="iran", persian=("ع", "ت", "ک"), left=_IR_BAND, ground=(YELLOW,), border=1.0, small=0.85, high=(0.66, 0.8), over=True),
    Look("IR", ("PP K PPP |^PP",), 0.5, (520, 110), style="iran", persian=("الف", "پ", "ث", "ز", "ژ", "ش", "ف", "گ"), left=_IR_BAND, ground=((40, 40, 200), (60, 120, 40), (150, 100, 40)), ink=(WHITE,), small=0.85, over=True),
    Look("IR", ("PP K PPP |^PP",), 0.5, (520, 110), style="iran", persian=("الف", "ث", "ژ", "ش", "گ"), left=_IR_BAND, small=0.85, over=True),
    Look("IR", ("PPP", "PPPPP"), 0.35, (240, 160), style="iran", border=1.0, high=(0.6, 0.75)),
    # Kazakhstan
    Look("KZ", ("DDD LLL |R",), 3, letters=_NO_Q, regions=numbers(1, 20), left=_STRIP["KZ"], border=1.0),
    Look("KZ", ("DDD LL |R",), 1.2, letters=_NO_Q, regions=numbers(1, 20), left=_STRIP["KZ"], border=1.0),
    Look("KZ", ("DDDLLL |^R",), 0.8, letters=_NO_Q, regions=numbers(1, 20), border=1.0),
    Look("KZ", ("L DDD LLL",), 0.8, letters=_NO_Q, border=1.0),
    Look("KZ", ("L DDD LL",), 0.2, letters=_NO_Q, border=1.0),
    Look("KZ", ("DDD", "LLL |^R"), 0.8, (280, 200), letters=_NO_Q, regions=numbers(1, 20), border=1.0),
    Look("KZ", ("DDD", "LL |^R"), 0.3, (280, 200), letters=_NO_Q, regions=numbers(1, 20), border=1.0),
    Look("KZ", ("L DDD", "LLL"), 0.2, (280, 200), letters=_NO_Q, border=1.0),
    Look("KZ", ("R DDD", "LLL"), 0.5, (280, 200), letters=_NO_Q, regions=numbers(1, 20), border=1.0),
    # Uzbekistan
    Look("UZ", ("^R|v L DDD LL",), 2.4, letters=_UZ, regions=numbers(1, 95), right=Band(0.09, WHITE, "UZ", BLACK, stripes=(_LIGHT_BLUE, WHITE, GREEN)), border=1.0),
    Look("UZ", ("^R|v DDD LLL",), 2, letters=_UZ, regions=numbers(1, 95), right=Band(0.09, WHITE, "UZ", BLACK, stripes=(_LIGHT_BLUE, WHITE, GREEN)), border=1.0),
    Look("UZ", ("|R", "L DDD LL"), 0.4, (290, 200), letters=_UZ, regions=numbers(1, 95), border=1.0),
    Look("UZ", ("^R| vDDD", "LLL"), 0.3, (290, 200), letters=_UZ, regions=numbers(1, 95), border=1.0),
    Look("UZ", ("R", "DDD LLL"), 0.5, (290, 200), letters=_UZ, regions=numbers(1, 95), border=1.0),
    # Turkmenistan
    Look("TM", ("LL DDDD LL",), 2, left=_STRIP["TM"], border=1.0),
    Look("TM", ("LL", "DDDD LL"), 0.3, (290, 200), left=Band(0.13, GREEN, "TM"), border=1.0),
    Look("TM", ("LL DDDD ^LL",), 1, left=_STRIP["TM"], border=1.0),
    Look("TM", ("LL DDDD", "LL"), 0.4, (290, 200), border=1.0),
    # Ukraine
    Look("UA", ("LL DDDD LL",), 3, letters=_UA, left=_STRIP["UA"]),
    Look("UA", ("LL DDDD LL",), 1, letters=_UA, left=Band(0.07, WHITE, "UA", BLACK, stripes=((190, 90, 0), (0, 215, 255)))),
    Look("UA", ("DDD-DD LL",), 0.4, letters=_UA, border=1.0),
    Look("UA", ("LL DDDD LL",), 0.4, letters=_UA, left=_STRIP["UA"], ground=(YELLOW, (210, 240, 215)), ink=(BLACK, GREEN)),
    Look("UA", ("LL DDDD", "LL"), 0.6, (280, 200), letters=_UA, left=Band(0.14, EU_BLUE, "UA")),
    Look("UA", ("LL", "DDDD LL"), 0.4, (280, 200), letters=_UA, left=Band(0.14, EU_BLUE, "UA")),
    # Belarus
    Look("BY", ("DDDD LL-D",), 3, letters=_BY, left=_STRIP["BY"], ink=(BLACK, (30, 20, 150))),
    Look("BY", ("LL DDDD-D",), 1.5, letters=_BY, left=_STRIP["BY"]),
    Look("BY", ("LDDDDL-D",), 0.4, letters=_BY, left=_STRIP["BY"]),
    Look("BY", ("DDDD", "LL-D"), 0.5, (290, 170), letters=_BY, border=1.0),
    Look("BY", ("LL", "DDDD-D"), 0.4, (280, 200), letters=_BY, left=Band(0.14, WHITE, "BY", BLACK, stripes=(RED, RED, GREEN))),
    Look("BY", ("LL DDDD", "D"), 0.1, (280, 200), letters=_BY, border=1.0),
    Look("BY", ("LDDDD", "L-D"), 0.15, (280, 200), letters=_BY, border=1.0),
    # Armenia, Kyrgyzstan, Tajikistan, Moldova, Iraq
    Look("AM", ("DD LL DDD",), 1.4, left=_STRIP["AM"]),
    Look("AM", ("DDD LL DD",), 0.8, left=_STRIP["AM"]),
    Look("AM", ("DD LLL DD",), 0.3, left=_STRIP["AM"]),
    Look("KG", ("R ~ DDD LLL",), 1.2, regions=numbers(1, 10), flag=_KG_FLAG, border=1.0),
    Look("KG", ("^R|v~ DDD LLL",), 0.5, regions=numbers(1, 10), flag=_KG_FLAG, border=1.0),
    Look("KG", ("^R|v DDD LLL",), 0.4, regions=numbers(1, 10), left=_STRIP["KG"], border=1.0),
    Look("KG", ("R ~", "DDD LLL"), 0.25, (290, 200), regions=numbers(1, 10), flag=_KG_FLAG, border=1.0),
    Look("KG", ("R DDD", "LLL"), 0.15, (290, 200), regions=numbers(1, 10), border=1.0),
    Look("KG", ("L DDDD LL",), 0.5, border=1.0),
    Look("KG", ("L DDDD L",), 0.5, border=1.0),
    Look("KG", ("L DDDD", "LL"), 0.1, (290, 170), border=1.0),
    Look("TJ", ("DDDD", "LL |^R"), 0.2, (290, 200), regions=numbers(1, 10), border=1.0),
    Look("TJ", ("DDDD LL |^R",), 1.0, regions=numbers(1, 10), left=_STRIP["TJ"], border=1.0),
    Look("AM", ("DD LL", "DDD"), 0.3, (280, 200), left=Band(0.14, EU_BLUE, "AM")),
    Look("AM", ("DDD", "LL DD"), 0.2, (280, 200), left=Band(0.14, EU_BLUE, "AM")),
    Look("MD", ("LLL", "DDD"), 0.2, (280, 200), left=Band(0.14, EU_BLUE, "MD")),
    Look("MD", ("LLL DDD",), 1.0, left=_STRIP["MD"]),
    Look("MD", ("L LL DDD",), 0.5, left=_STRIP["MD"]),
    Look("IQ", ("DD L DDDDD",), 0.5, letters="ABCDEFGHJKLMNRSTVXYZ", border=1.0),
    Look("IQ", ("DD L DDDDD",), 0.3, letters="ABCDEFGHJKLMNRSTVXYZ", right=Band(0.08, WHITE, "IRQ", BLACK), ground=(WHITE, YELLOW), border=1.0),
    Look("IQ", ("DD L", "DDDDD"), 0.2, (300, 160), letters="ABCDEFGHJKLMNRSTVXYZ", border=1.0),
)  # fmt: skip
