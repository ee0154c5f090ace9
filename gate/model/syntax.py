"""How states write their plates: enough to guess the state, settle O against 0, and rank candidates.

Never a filter: a mark that fits no template is a mark all the same, only ranked behind those that do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product

_ANY = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TWINS = "ABEKMHOPCTYX"  # letters that look alike in Latin and Cyrillic (RU)


@dataclass(frozen=True, slots=True)
class Template:
    """One form of one state's marks. `form` is written in L and D; any other sign is itself."""

    country: str
    form: str
    letters: str = _ANY
    first: tuple[int, int] | None = None
    """Bounds of the leading digits, where the state numbers its provinces there."""
    last: tuple[int, int] | None = None
    """The same for the digits at the end."""

    def fits(self, mark: str) -> bool:
        """Whether `mark` is written so."""
        if len(mark) != len(self.form):
            return False
        if not all(self._allows(kind, char) for kind, char in zip(self.form, mark, strict=True)):
            return False
        lead, tail = re.match(r"D*", self.form), re.search(r"D*$", self.form)
        return _within(self.first, mark[: lead.end()] if lead else "") and _within(
            self.last, mark[tail.start() :] if tail else ""
        )

    def _allows(self, kind: str, char: str) -> bool:
        match kind:
            case "D":
                return char.isdigit() and char.isascii()
            case "L":
                return char in self.letters
            case _:
                return char == kind


def _within(bounds: tuple[int, int] | None, digits: str) -> bool:
    return bounds is None or (digits != "" and bounds[0] <= int(digits) <= bounds[1])


def _forms(
    country: str,
    *forms: str,
    letters: str = _ANY,
    first: tuple[int, int] | None = None,
    last: tuple[int, int] | None = None,
) -> list[Template]:
    return [Template(country, form, letters, first, last) for form in forms]


# In order of how often they come to this border: where two states share a form (GE and SK,
# UA and BG) the earlier is the guess, unless the strip beside the mark says otherwise.
TEMPLATES: tuple[Template, ...] = (
    *_forms("AZ", "DDLLDDD", letters="ABCDEFGHJKLMNOPQRSTUVXYZ", first=(1, 99)),
    *_forms("GE", "LLDDDLL", "LLLDDD"),
    *_forms("TR", "DDLDDDD", "DDLDDDDD", "DDLLDDD", "DDLLDDDD", "DDLLLDD", "DDLLLDDD", "DDLLLDDDD",
            letters="ABCDEFGHIJKLMNOPRSTUVYZ", first=(1, 81)),
    *_forms("RU", "LDDDLLDD", "LDDDLLDDD", "LLDDDDDD", "LLDDDDDDD", letters=_TWINS),
    *_forms("KZ", "DDDLLLDD", "DDDLLDD", last=(1, 20)),
    *_forms("IR", "DDLDDDDD"),
    *_forms("UA", "LLDDDDLL", letters="ABCEHIKMOPTX"),
    *_forms("BY", "DDDDLLD", "LLDDDDD", letters="ABEIKMHOPCTX"),
    *_forms("UZ", "DDLDDDLL", "DDDDDLLL", first=(1, 95)),
    *_forms("TM", "LLDDDDLL"),
    *_forms("RO", "LLDDLLL", "BDDLLL", "BDDDLLL"),
    *_forms("SK", "LLDDDLL"),
    *_forms("CZ", "DLDDDDD", "DLLDDDD"),
    *_forms("BG", "LDDDDLL", "LLDDDDLL", letters="ABEKMHOPCTYX"),
    *_forms("PL", "LLDDDDD", "LLLDDDDD", "LLDDDDL", "LLLDDDDL", "LLLLDDD", "LLDDDLL", "LLLDDLL"),
    *_forms("LT", "LLLDDD"),
    *_forms("LV", "LLDDDD"),
    *_forms("EE", "DDDLLL"),
    *_forms("HU", "LLLDDD", "LLLLDDD"),
    *_forms("DE", "LLLDDDD", "LLLLDDDD", "LLLLDDD", "LLDDDD"),
    *_forms("IT", "LLDDDLL"),
    *_forms("FR", "LLDDDLL"),
    *_forms("BR", "LLLDDDD", "LLLDLDD"),
)  # fmt: skip

FURTHER: tuple[Template, ...] = (
    *_forms("AM", "DDLLDDD", "DDDLLDD", "DDLLLDD"),
    *_forms("KG", "DDDDDLLL", "LDDDDLL", "LDDDDL"),
    *_forms("TJ", "DDDDLLDD"),
    *_forms("MD", "LLLDDD"),
    *_forms("IQ", "DDLDDDDD"),
    *_forms("KZ", "LDDDLLL", "DDDDDLLL"),
    *_forms("RU", "DDDDLLDD", "DDDDLLDDD", "LLDDDDD", "LLDDDLDD", "LLDDDLDDD", letters=_TWINS),
    *_forms("BY", "LDDDDLD", letters="ABEIKMHOPCTX"),
    *_forms("RS", "LLDDDLL", "LLDDDDLL"),
    *_forms("HR", "LLDDDLL", "LLDDDDLL", "LLDDDDL", "LLDDDL", letters="ABCDEFGHIJKLMNOPRSTUVZ"),
    *_forms("MK", "LLDDDDLL"),
    *_forms("SI", "LLLLDDD", "LLDDLDD", "LLLDDDD", "LLDDDLL"),
    *_forms("AT", "LDDDDL", "LDDDLL", "LDDDDLL", "LLDDDL", "LLDDLL", "LLDDDDL", "LLDDDLL", "LLDDDDLL"),
    *_forms("CH", "LLDDDD", "LLDDDDD", "LLDDDDDD"),
    *_forms("GR", "LLLDDDD", letters="ABEZHIKMNOPTYX"),
    *_forms("CY", "LLLDDD"),
    *_forms("BE", "DLLLDDD", "LLLDDD"),
    *_forms("NL", "DDLLLL", "DDLLLD", "LLDDDL", "LDDDLL", "DLLLDD", "LLLLDD", "LLLDDL", "DDLLDD"),
    *_forms("FR", "DDDDLLDD", "DDDLLLDD", "DDDLLDD"),
    *_forms("ES", "DDDDLLL", letters="BCDFGHJKLMNPRSTVWXYZ"),
    *_forms("PT", "DDDDLL", "DDLLDD", "LLDDDD", "LLDDLL"),
    *_forms("DK", "LLDDDDD"),
    *_forms("NO", "LLDDDDD"),
    *_forms("SE", "LLLDDD", "LLLDDL", letters="ABCDEFGHJKLMNOPRSTUWXYZ"),
    *_forms("FI", "LLLDDD", "LLDDD"),
    *_forms("GB", "LLDDLLL"),
    *_forms("IE", "DDDLDDDDD", "DDDLDDDD", "DDLDDDDD", "DDLDDDD"),
    *_forms("LU", "LLDDDD"),
    *_forms("MT", "LLLDDD"),
    *_forms("DE", "LLLLDD", "LLLLLDDD", "LLLLLDD", "LLDDD", "LLLDD"),
)
"""Forms that are seldom seen here. They tell that a mark is one, and settle nothing: among so many forms
nearly every string has a twin that fits one."""

STRIPS: dict[str, str] = {
    "AZ": "AZ", "GE": "GE", "TR": "TR", "RUS": "RU", "KZ": "KZ", "IR": "IR", "UA": "UA", "BY": "BY",
    "UZ": "UZ", "TM": "TM", "RO": "RO", "SK": "SK", "CZ": "CZ", "BG": "BG", "PL": "PL", "LT": "LT",
    "LV": "LV", "EST": "EE", "H": "HU", "D": "DE", "I": "IT", "F": "FR",
}  # fmt: skip
"""What the coloured strip at the left says, and the state it stands for."""

_OTHER_KIND = {"O": "0", "0": "O", "I": "1", "1": "I", "B": "8", "8": "B"}
_MOST_DOUBTS = 5
"""Above five doubtful characters any reading would be a guess."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A mark after the syntax had its say. `country` is None when it fits no template."""

    mark: str
    country: str | None


def countries_of(mark: str) -> tuple[str, ...]:
    """The states that write marks so, the likelier first."""
    fitting = (template.country for template in (*TEMPLATES, *FURTHER) if template.fits(mark))
    return tuple(dict.fromkeys(fitting))


def _near_countries_of(mark: str) -> tuple[str, ...]:
    """The same by the forms that are often seen here alone."""
    return tuple(dict.fromkeys(template.country for template in TEMPLATES if template.fits(mark)))


def settle(mark: str) -> str:
    """`mark` with O/0, I/1 and B/8 settled where exactly one mark that fits a template comes of it.

    A mark that fits as it stands, and one that could be settled in two ways, stay as they were read.
    """
    doubts = [index for index, char in enumerate(mark) if char in _OTHER_KIND]
    if not doubts or len(doubts) > _MOST_DOUBTS or _near_countries_of(mark):
        return mark
    fitting: set[str] = set()
    for swaps in product((False, True), repeat=len(doubts)):
        chars = list(mark)
        for index, swap in zip(doubts, swaps, strict=True):
            if swap:
                chars[index] = _OTHER_KIND[chars[index]]
        attempt = "".join(chars)
        if _near_countries_of(attempt):
            fitting.add(attempt)
    return fitting.pop() if len(fitting) == 1 else mark


def parse(mark: str) -> Parsed:
    """Settle `mark`, part it from a strip's letters read along with it, and guess the state."""
    settled = settle(mark)
    fitting = _near_countries_of(settled)
    if fitting:
        return Parsed(settled, fitting[0])
    for strip, country in STRIPS.items():
        if not mark.startswith(strip):
            continue
        rest = settle(mark[len(strip) :])
        # Only the strip's own state: "H" or "D" before somebody else's mark proves nothing.
        if country in _near_countries_of(rest):
            return Parsed(rest, country)
    return Parsed(settled, None)
