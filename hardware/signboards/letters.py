"""Writing a text in the letters a sign has."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

_PLAIN = str.maketrans("ƏəĞğ\N{LATIN SMALL LETTER DOTLESS I}İŞş", "EeGgiISs")


def fold(text: str, has: Callable[[str], bool]) -> str:
    """`text` in letters the sign `has`, as on a telegram; what cannot be folded becomes "?".

    A control character or a strange space becomes a space: inside a text it would start a command.
    """
    return "".join(_folded(letter, has) for letter in unicodedata.normalize("NFC", text))


def _folded(letter: str, has: Callable[[str], bool]) -> str:
    if unicodedata.category(letter).startswith(("C", "Z")):
        return " "
    for form in (letter, letter.translate(_PLAIN), unicodedata.normalize("NFKD", letter)[0]):
        if has(form):
            return form
    return "?"
