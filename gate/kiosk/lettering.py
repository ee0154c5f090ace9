"""Texts in the letters a small display has: printable ASCII, and what stands in for the rest.

Azerbaijani and Turkish lose their marks, as on a telegram. Russian and Georgian are written in Latin
letters, as on road signs and in passports. Persian in Latin letters is read by nobody: English stands
in for it.
"""

from __future__ import annotations

import unicodedata

STANDS_IN = {"fa": "en"}
"""Where a device has no letters a speaker could read: the language used instead."""

_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        [
            "a",
            "b",
            "v",
            "g",
            "d",
            "e",
            "e",
            "zh",
            "z",
            "i",
            "y",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "shch",
            "",
            "y",
            "",
            "e",
            "yu",
            "ya",
        ],
        strict=True,
    )
)
_GEORGIAN = dict(
    zip(
        "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
        [
            "a",
            "b",
            "g",
            "d",
            "e",
            "v",
            "z",
            "t",
            "i",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "zh",
            "r",
            "s",
            "t",
            "u",
            "p",
            "k",
            "gh",
            "q",
            "sh",
            "ch",
            "ts",
            "dz",
            "ts",
            "ch",
            "kh",
            "j",
            "h",
        ],
        strict=True,
    )
)
_LATIN = {"ə": "e", "\N{LATIN SMALL LETTER DOTLESS I}": "i", "ß": "ss", "æ": "ae", "ø": "o", "ł": "l"}
_SIGNS = {"\N{EN DASH}": "-", "\N{EM DASH}": "-", "\N{RIGHT SINGLE QUOTATION MARK}": "'", "№": "No"}
_LETTERS = {**_CYRILLIC, **_GEORGIAN, **_LATIN, **_SIGNS}


def in_latin(text: str) -> str:
    """Cyrillic and Georgian letters as Latin ones; all others as they are."""
    return "".join(_one(letter, _CYRILLIC | _GEORGIAN) for letter in unicodedata.normalize("NFC", text))


def in_ascii(text: str) -> str:
    """`text` in printable ASCII; what has no likeness becomes "?", control characters a space."""
    out = []
    for letter in unicodedata.normalize("NFC", text):
        if letter.isascii():
            out.append(letter if letter.isprintable() else " ")
            continue
        put = _one(letter, _LETTERS)
        if not put.isascii():
            put = "".join(part for part in unicodedata.normalize("NFKD", put) if part.isascii()) or "?"
        out.append("".join(part if part.isprintable() else " " for part in put))
    return "".join(out)


def _one(letter: str, table: dict[str, str]) -> str:
    put = table.get(letter)
    if put is not None:
        return put
    low = table.get(letter.lower())
    return letter if low is None else low.capitalize()
