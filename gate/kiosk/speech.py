"""What a kiosk says, in the languages of those who drive through: gettext catalogues, compiled in memory."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from gettext import GNUTranslations
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from gate.kiosk.lettering import STANDS_IN
from gate.model import NumberFormats

LOCALES = Path(__file__).parent / "locales"

_NAMES = {
    "az": "Azərbaycanca",
    "en": "English",
    "ru": "Русский",
    "tr": "Türkçe",
    "ka": "ქართული",
    "fa": "فارسی",
}
_FROM_RIGHT = ("fa",)
_WRITTEN = 13
"""Digits, as the translators have it."""
_PERSIAN = {ord(digit): 0x06F0 + int(digit) for digit in "0123456789"}


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language: its own name, its direction, its words."""

    code: str
    name: str
    direction: str
    """ltr or rtl."""
    _words: GNUTranslations = field(repr=False)

    def say(self, text: str) -> str:
        """`text` (English, as written in the templates) in this language."""
        return self._words.gettext(text)


def with_length(text: str, formats: NumberFormats) -> str:
    """`text`, which names 13 digits, with as many digits as this checkpoint's numbers have."""
    lengths = sorted({space.length for space in formats.each})
    if lengths == [_WRITTEN]:
        return text
    told = "/".join(str(length) for length in lengths)
    return text.replace("\u06f1\u06f3", told.translate(_PERSIAN)).replace(str(_WRITTEN), told)


def load_tongues(folder: Path = LOCALES) -> Mapping[str, Tongue]:
    """Every language by its code, in the order in which they are offered."""
    return _load(folder, "kiosk", tuple(_NAMES))


def load_device_tongues(folder: Path = LOCALES) -> Mapping[str, Tongue]:
    """What keypad terminals and slips say, in the languages they have letters for."""
    return _load(folder, "devices", tuple(code for code in _NAMES if code not in STANDS_IN))


def _load(folder: Path, domain: str, codes: tuple[str, ...]) -> Mapping[str, Tongue]:
    return {
        code: Tongue(
            code, _NAMES[code], "rtl" if code in _FROM_RIGHT else "ltr", _compiled(folder, code, domain)
        )
        for code in codes
    }


def _compiled(folder: Path, code: str, domain: str) -> GNUTranslations:
    # Compiled at start from the text that translators edit, so that no binary copy can go stale.
    with (folder / code / "LC_MESSAGES" / f"{domain}.po").open("rb") as source:
        catalogue = read_po(source, locale=code, abort_invalid=True)
    machine = io.BytesIO()
    write_mo(machine, catalogue)
    machine.seek(0)
    return GNUTranslations(machine)
