"""American plates, and strings of no state: they teach signs in looks that no European plate has."""

from __future__ import annotations

from typing import Final

from gate.anpr.training.look import BLACK, GREEN, RED, WHITE, YELLOW, Band, Colour, Look

_US_INK: Final[tuple[Colour, ...]] = (
    BLACK, (110, 40, 20), (120, 30, 10), (30, 30, 130), (60, 90, 20), (140, 70, 30), (90, 20, 60), BLACK,
)  # fmt: skip
_US_GROUND: Final[tuple[Colour, ...]] = (
    WHITE, WHITE, (225, 235, 240), (235, 225, 200), (170, 220, 240), (240, 240, 210), (210, 235, 220),
    (200, 200, 235), (130, 210, 240), (235, 210, 180),
)  # fmt: skip
_ROWS: Final = (
    "LLL DDDD", "LLL DDD", "DLLLDDD", "DDD LLL", "LLL=DDDD", "LLL=DDD", "DDDLLL", "LLLDDD", "LL DDDDD", "DDDDLL", "LDDDLL",
    "LLDLL", "DLLDDD", "LLDDLLL", "LLDDDL", "LLDLDL", "DLLDLD", "L DDDDD", "LDD LLL", "DDLLD", "DDDDDD", "DD-LLDD",
    "LDL=LDL", "DDD=LLL", "LLL DLD", "LLDD DL", "DLL DLD", "LLLLLL", "LLLLL",
    "=LLL DDD", "=DDDDLL", "=DDD LLL", "=LLLDDDD", "DDD=LLL=",
)  # fmt: skip
_DARK: Final[tuple[Colour, ...]] = ((110, 50, 20), (60, 20, 20), (40, 40, 40), (60, 100, 30))

_BR_FLAG: Final[tuple[Colour, ...]] = ((60, 150, 0), (0, 210, 250), (60, 150, 0))
_MERCOSUL: Final = Band(0.25, (140, 60, 0), "BRASIL", stripes=_BR_FLAG, fixed=True, code="BR")


def _br(
    town: str, *rows: str, weight: float, ground: tuple[Colour, ...], ink: tuple[Colour, ...] = (BLACK,)
) -> list[Look]:
    """Plates of 1990 to 2018: the town in a field of the plate's own colour above the mark."""
    return [
        Look("BR", (row,), weight / len(rows) / len(ground), (400, 130), style=style, ground=(colour,), ink=ink,
             border=0.9, top=Band(0.24, colour, town, ink[-1] if sum(colour) < 3 * 128 else BLACK), high=(0.62, 0.78))
        for row, style in zip(rows, ("din", "narrow", "din"), strict=False)
        for colour in ground
    ]  # fmt: skip


LOOKS: Final[tuple[Look, ...]] = (
    *(Look("US", (row,), 10 / len(_ROWS), (305, 152), style="us", ground=_US_GROUND, ink=_US_INK,
           border=0.25, decorated=True, high=(0.4, 0.56)) for row in _ROWS),
    *(Look("US", (row,), 2 / len(_ROWS), (305, 152), style="us", ground=_DARK,
           ink=(WHITE, YELLOW), border=0.4, decorated=True, high=(0.4, 0.56)) for row in _ROWS),
    *_br("SP", "LLL-DDDD", "LLL.DDDD", weight=2.2, ground=((170, 170, 168), (190, 190, 190), (205, 206, 205))),
    *_br("RJ", "LLL-DDDD", "LLL DDDD", weight=0.5, ground=((40, 40, 180),), ink=(WHITE,)),
    *_br("MG", "LLL-DDDD", weight=0.1, ground=(WHITE, BLACK, (150, 70, 20)), ink=(BLACK, WHITE)),
    Look("BR", ("LLLDLDD",), 1.5, (400, 130), style="fe", border=0.5, top=_MERCOSUL, high=(0.66, 0.8)),
    Look("BR", ("LLLDLDD",), 0.4, (400, 130), style="fe", ink=(RED, (150, 60, 10)), border=0.5, top=_MERCOSUL, high=(0.66, 0.8)),
    Look("BR", ("LLL", "DDDD"), 0.5, (187, 136), ground=((170, 170, 168), WHITE, (40, 40, 180)), border=1.0,
         top=Band(0.16, (175, 175, 172), "SP", BLACK)),
    Look("BR", ("LLL", "DLDD"), 0.4, (200, 170), style="fe", border=0.6,
         top=Band(0.18, (140, 60, 0), "BRASIL", stripes=_BR_FLAG, fixed=True)),
)  # fmt: skip

_STRANGE_GROUND: Final[tuple[Colour, ...]] = (
    WHITE,
    WHITE,
    WHITE,
    YELLOW,
    (200, 200, 200),
    (30, 30, 30),
    (140, 60, 20),
    (40, 40, 170),
    GREEN,
)
STRANGE: Final = Look(
    "", (), 1.0, style="any", ground=_STRANGE_GROUND, ink=(BLACK, BLACK, RED, (110, 50, 20))
)
"""What strings of no state look like; their rows are drawn at random."""
