"""How every state writes its marks, as arrays: what the reader's grammar compares with what the net saw.

Kept apart from gate.model.syntax, which guesses from a mark alone and must know few forms to do so: here the
net has its say about the state, too, and no form is ever more than a likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gate.anpr.plates.alphabet import PERSIAN_DIGITS, PERSIAN_LETTERS, SIGNS, STATES, to_mark

_LATIN: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TWINS: Final = "ABEKMHOPCTYX"
"""Letters that Cyrillic and Latin share: all that RU and BG use."""
_NO_Q: Final = "ABCDEFGHIJKLMNOPRSTUVWXYZ"
_NO_IOQ: Final = "ABCDEFGHJKLMNPRSTUVWXYZ"
_CZ: Final = "ABCDEFHIJKLMNPRSTUVXYZ"
_GR: Final = "ABEZHIKMNOPTYX"

LONGEST: Final = 10
"""Signs of a mark."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of one state's marks: L and D; P and K for Persian digits and letters; a, b and c for ranges.

    Any other sign is itself. `share` is how many of the state's plates are written so, about.
    """

    state: str
    form: str
    share: float
    letters: str = _LATIN


_RANGES: Final[dict[str, str]] = {
    "a": "012345678",  # provinces 01 to 81, their first digit
    "b": "012",  # regions 01 to 20
    "c": "01",  # regions 1 to 10
}


def _forms(state: str, shares: dict[str, float], letters: str = _LATIN) -> list[Form]:
    whole = sum(shares.values())
    return [Form(state, form, share / whole, letters) for form, share in shares.items()]


def _alike(state: str, forms: str, letters: str = _LATIN) -> list[Form]:
    return _forms(state, dict.fromkeys(forms.split(), 1.0), letters)


def _evened(*groups: list[Form]) -> list[Form]:
    """Groups of one state's forms as one."""
    return [replace(form, share=form.share / len(groups)) for group in groups for form in group]


FORMS: Final[tuple[Form, ...]] = (
    *_forms("AZ", {"DDLLDDD": 1}, "ABCDEFGHJKLMNOPQRSTUVXYZ"),
    *_forms("GE", {"LLDDDLL": 4, "LLLDDD": 1}),
    *_forms("TR", {"aDLLDDD": 3, "aDLLLDDD": 3, "aDLLLDD": 2, "aDLLDDDD": 2, "aDLDDDD": 2, "aDLDDDDD": 1},
            "ABCDEFGHIJKLMNOPRSTUVYZ"),
    *_forms("RU", {"LDDDLLDD": 5, "LDDDLLDDD": 4, "LLDDDDDD": 2, "LLDDDDDDD": 1.5, "DDDDLLDD": 0.6,
                   "DDDDLLDDD": 0.4, "LLDDDDD": 0.4, "LLDDDLDD": 0.2, "LLDDDLDDD": 0.2}, _TWINS),
    *_forms("IR", {"PPKPPPPP": 9, "PPPPPPPP": 0.5}),
    *_forms("KZ", {"DDDLLLbD": 4, "DDDLLbD": 1.5, "LDDDLLL": 0.8, "LDDDLL": 0.2, "bDDDDLLL": 0.7}, _NO_Q),
    *_forms("UZ", {"DDLDDDLL": 2, "DDDDDLLL": 2}, "ABCDEFGHJKLMNOPQRSTUVXYZ"),
    *_forms("TM", {"LLDDDDLL": 1}),
    *_forms("UA", {"LLDDDDLL": 6, "DDDDDLL": 0.5}, "ABCEHIKMOPTX"),
    *_forms("BY", {"DDDDLLD": 3, "LLDDDDD": 1.5, "LDDDDLD": 0.4}, "ABEIKMHOPCTX"),
    *_forms("AM", {"DDLLDDD": 2, "DDDLLDD": 1, "DDLLLDD": 0.3}),
    *_forms("KG", {"cDDDDLLL": 3, "LDDDDLL": 0.5, "LDDDDL": 0.5}),
    *_forms("TJ", {"DDDDLLcD": 1}),
    *_forms("MD", {"LLLDDD": 2, "LLLDDDD": 0.1}),
    *_forms("IQ", {"DDLDDDDD": 1}),
    *_alike("AT", "LDDDDL LDDDLL LDDDDLL LLDDDL LLDDLL LLDDDDL LLDDDLL LLDDDDLL"),
    *_forms("BE", {"DLLLDDD": 4, "LLLDDD": 1}),
    *_forms("BG", {"LDDDDLL": 1, "LLDDDDLL": 2}, _TWINS),
    *_alike("CH", "LLDDDDDD LLDDDDD LLDDDD LLDDD"),
    *_alike("CY", "LLLDDD"),
    *_forms("CZ", {"DLDDDDD": 3, "DLLDDDD": 2, "DLDDDD": 0.1, "LLLDDDD": 0.2}, _CZ),
    *_alike("DE", "LLDDDD LLLDDDD LLLLDDDD LLLDDD LLLLDDD LLLLDD LLLDD LLDDD LLLLLDD LLLLLDDD LLLLLDDDD"),
    *_alike("DK", "LLDDDDD"),
    *_alike("EE", "DDDLLL"),
    *_alike("ES", "DDDDLLL", "BCDFGHJKLMNPRSTVWXYZ"),
    *_alike("FI", "LLLDDD LLDDD"),
    *_evened(_forms("FR", {"LLDDDLL": 1}, _NO_IOQ), _alike("FR", "DDDDLLDD DDDLLLDD DDDLLDD")),
    *_alike("GB", "LLDDLLL"),
    *_alike("GR", "LLLDDDD", _GR),
    *_alike("HR", "LLDDDLL LLDDDDLL LLDDDDL LLDDDL", "ABCDEFGHIJKLMNOPRSTUVZ"),
    *_forms("HU", {"LLLDDD": 3, "LLLLDDD": 1}, _NO_Q),
    *_alike("IE", "DDDLDDDDD DDDLDDDD DDLDDDDD DDLDDDD DDLLDDDD"),
    *_forms("IT", {"LLDDDLL": 6, "LLDDDDD": 1}, _NO_IOQ),
    *_alike("LT", "LLLDDD"),
    *_alike("LU", "LLDDDD DDDDD"),
    *_alike("LV", "LLDDDD LLDDD"),
    *_forms("MK", {"LLDDDDLL": 4, "LLDDDLL": 0.5}),
    *_alike("MT", "LLLDDD"),
    *_alike("NL", "DDLLLL DDLLLD LLDDDL LDDDLL DLLLDD LLLLDD LLLDDL DDLLDD", "BDFGHJKLMNPRSTVXZ"),
    *_alike("NO", "LLDDDDD"),
    *_forms("PL", {"LLDDDDD": 3, "LLLDDDDD": 1, "LLDDDDL": 1, "LLLDDDL": 1, "LLLDDLL": 1, "LLDDDLL": 1,
                   "LLLLDDD": 1, "LLLDDDD": 0.5}, _NO_Q),
    *_alike("PT", "DDDDLL DDLLDD LLDDDD LLDDLL"),
    *_forms("RO", {"LLDDLLL": 4, "BDDLLL": 1, "BDDDLLL": 1.5, "BDDDDDD": 0.1, "LLDDDDDD": 0.1}, _NO_Q),
    *_alike("RS", "LLDDDLL LLDDDDLL"),
    *_forms("SE", {"LLLDDD": 1, "LLLDDL": 1}, "ABCDEFGHJKLMNOPRSTUWXYZ"),
    *_alike("SI", "LLLLDDD LLDDLDD LLLDDDD LLDDDLL"),
    *_forms("SK", {"LLDDDLL": 1}),
    *_forms("BR", {"LLLDDDD": 3, "LLLDLDD": 2}),
    *_alike(
        "US", "LLLDDDD LLLDDD DLLLDDD DDDLLL LLDDDDD DDDDLL LDDDLL LLDLL DLLDDD LLDDLLL LLDDDL LLDLDL DLLDLD"
        " LDDDDD LDDLLL DDLLD DDDDDD DDLLDD LDLLDL LLLDD LLLDLD LLLLLL LLLLL DDDDLLL LLDDDD"
        " DDDDDL LLLDDL DDDLLD DDDLL DDLLL"
    ),
)  # fmt: skip
"""Every form known. A mark that fits none is a mark all the same."""

_BORDER: Final[dict[str, float]] = {
    "AZ": 40, "GE": 12, "TR": 12, "RU": 9, "IR": 6, "KZ": 4, "UZ": 2, "TM": 1.5, "UA": 2, "BY": 1, "BG": 1,
    "RO": 1, "PL": 1, "LT": 1, "DE": 1,
}  # fmt: skip
_SELDOM: Final = 0.15
"""Percent of the vehicles at this border, of each state not named above."""


@dataclass(frozen=True, slots=True, eq=False)
class Templates:
    """FORMS, one a column. All are arrays: positions x forms, kinds x signs, or one entry a form."""

    kinds: NDArray[np.intp]
    """LONGEST x forms: which set of signs may stand there; 0 beyond a form's end."""
    allowed: NDArray[np.float32]
    """Kinds x signs: 0 for a sign of the set, -inf for others. Kind 0 is of any sign."""
    sizes: NDArray[np.float64]
    """Kinds: how many signs a set has."""
    lengths: NDArray[np.intp]
    states: NDArray[np.intp]
    """Index in STATES."""
    shares: NDArray[np.float64]
    """Log of a form's share of its state's plates."""


def _build() -> Templates:
    sets: dict[frozenset[str], int] = {frozenset(SIGNS[1:]): 0}
    kinds = np.zeros((LONGEST, len(FORMS)), dtype=np.intp)
    for column, form in enumerate(FORMS):
        for row, kind in enumerate(form.form):
            kinds[row, column] = sets.setdefault(_allowed(kind, form.letters), len(sets))
    allowed = np.full((len(sets), len(SIGNS)), -np.inf, dtype=np.float32)
    for signs, number in sets.items():
        allowed[number, [SIGNS.index(sign) for sign in signs]] = 0
    return Templates(
        kinds,
        allowed,
        # Persian signs write the same marks: any sign is one of 36.
        np.array([len({to_mark((sign,)) for sign in signs}) for signs in sets], dtype=np.float64),
        np.array([len(form.form) for form in FORMS]),
        np.array([STATES.index(form.state) for form in FORMS]),
        np.log([form.share for form in FORMS]),
    )


def _allowed(kind: str, letters: str) -> frozenset[str]:
    match kind:
        case "D":
            return frozenset("0123456789")
        case "L":
            return frozenset(letters)
        case "P":
            return frozenset(PERSIAN_DIGITS)
        case "K":
            return frozenset(PERSIAN_LETTERS)
        case _:
            return frozenset(_RANGES.get(kind, kind))


TEMPLATES: Final = _build()

_WEIGHTS: Final = np.array([_BORDER.get(state, _SELDOM) for state in STATES])
BORDER: Final[NDArray[np.float64]] = _WEIGHTS / _WEIGHTS.sum()
"""How likely a vehicle is of each of STATES before anything is seen of it, at this border."""


def fits(state: str, signs: tuple[str, ...]) -> bool:
    """Whether `state` writes marks so. ValueError for a state that is none of STATES."""
    if state not in STATES:
        raise ValueError(f"{state} is no state of registration that the reader knows")
    return any(
        form.state == state
        and len(form.form) == len(signs)
        and all(sign in _allowed(kind, form.letters) for kind, sign in zip(form.form, signs, strict=True))
        for form in FORMS
    )
