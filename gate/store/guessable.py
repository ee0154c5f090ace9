"""How easily a password is guessed by somebody who knows what passwords are made of.

It is taken apart into what guessers try first (common words, keyboard rows, counting, repeats, dates, and
the words of this place: the gate, the checkpoint, the officer's own name), each piece worth the bits it takes
to name it, everything else worth what a letter of plain language is. The cheapest way to take it apart
counts. No rule asks for kinds of characters: three or four words that do not belong together will do.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

LEAST_BITS = 38.0
"""Some 10^11 guesses. Online guessing is slowed to a few a minute; what is left is a stolen file."""

PLACE_WORDS = (
    *("gate", "gateway", "console", "customs", "gomruk", "dovlet", "border", "serhed", "serhad"),
    *("checkpoint", "buraxilis", "mentege", "dehliz", "corridor", "lane", "barrier", "kiosk", "booth"),
    *("officer", "inspector", "inspektor", "shiftlead", "shift", "lead", "auditor", "technician", "zabit"),
    *("azerbaijan", "azerbaycan", "baku", "baki", "ganja", "gence", "astara", "sadikhli", "sadiqli", "samur"),
    *("redbridge", "qirmizi", "yasil", "sari", "mavi", "green", "blue", "yellow", "red", "truck", "vehicle"),
)
"""Words of the trade and the country; the officer's name and the site's are added to them."""

_COMMON = (
    *("password", "passwort", "passphrase", "passcode", "pass", "word", "parol", "sifre", "shifre", "sifrem"),
    *(
        "admin",
        "administrator",
        "root",
        "user",
        "guest",
        "test",
        "demo",
        "login",
        "logon",
        "secret",
        "private",
    ),
    *(
        "welcome",
        "letmein",
        "changeme",
        "change",
        "default",
        "access",
        "master",
        "manager",
        "system",
        "server",
    ),
    *(
        "iloveyou",
        "loveyou",
        "love",
        "sunshine",
        "princess",
        "dragon",
        "monkey",
        "football",
        "baseball",
        "soccer",
    ),
    *(
        "superman",
        "batman",
        "pokemon",
        "starwars",
        "michael",
        "jordan",
        "charlie",
        "shadow",
        "killer",
        "freedom",
    ),
    *("whatever", "trustno", "trustnoone", "hello", "computer", "internet", "samsung", "google", "facebook"),
    *("summer", "winter", "spring", "autumn", "january", "february", "march", "april", "august", "september"),
    *(
        "october",
        "november",
        "december",
        "monday",
        "friday",
        "sunday",
        "correct",
        "horse",
        "battery",
        "staple",
    ),
    *("qarabag", "karabakh", "neftchi", "galatasaray", "fenerbahce", "besiktas", "allah", "ana"),
    *(
        "vatan",
        "veten",
        "bayraq",
        "azeri",
        "turan",
        "moscow",
        "moskva",
        "privet",
        "lyubov",
        "lubov",
        "parola",
    ),
    *("the", "and", "you", "for", "this", "that", "with", "is", "my", "me", "our", "one", "two", "three"),
    *(
        "please",
        "forever",
        "family",
        "mother",
        "father",
        "friend",
        "angel",
        "happy",
        "lucky",
        "money",
        "star",
    ),
)
_ROWS = (
    *("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "qwertzuiop", "azertyuiop"),
    *(
        "йцукенгшщзхъ",
        "фывапролджэ",
        "ячсмитьбю",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
        "abcdefghijklmnopqrstuvwxyz",
    ),
    *("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "qazwsxedcrfvtgbyhnujmikolp", "0123456789", "!@#$%^&*()"),
)
_LOOKS = str.maketrans("013457@$!|əıöüğçş", "oieastaslleiougcs")
_WORD_BITS = math.log2(len(_COMMON) + len(PLACE_WORDS) + 64)
_SPELLING_BITS = 1.5
"""Capitals, look-alikes: every guesser tries them with each word."""
_RUN_BITS = 6.0
_LETTER_BITS, _DIGIT_BITS, _OTHER_BITS = 2.6, 3.4, 4.5
_LEAST_RUN = 3


def bits(password: str, context: Iterable[str] = ()) -> float:
    """About how many bits a guesser must find; `context` are words that belong to this officer and site."""
    text = unicodedata.normalize("NFKC", password).casefold()
    plain = text.translate(_LOOKS)
    words = {word for word in (*_COMMON, *PLACE_WORDS, *_parts(context)) if len(word) > 1}
    best = [0.0] + [math.inf] * len(text)
    used: list[frozenset[str]] = [frozenset()] * (len(text) + 1)
    for start in range(len(text)):
        for end, cost in _pieces(text, plain, start, words):
            piece = plain[start:end]
            # A piece that came before costs a bit: "twice" is one more thing to try.
            price = 1.0 if piece in used[start] and len(piece) > 1 else cost
            if best[start] + price < best[end]:
                best[end] = best[start] + price
                used[end] = used[start] | {piece}
    return min(best[-1], _repeated(text))


def _pieces(text: str, plain: str, start: int, words: set[str]) -> Iterator[tuple[int, float]]:
    yield start + 1, _single(text[start], text[start - 1] if start else "")
    longest = min(len(text), start + 24)
    for end in range(start + 2, longest + 1):
        if plain[start:end] in words or text[start:end] in words:
            spelt = 0.0 if text[start:end] == plain[start:end] else _SPELLING_BITS
            yield end, _WORD_BITS + spelt
    for end in _runs(text, start):
        yield end, _RUN_BITS
    for length, cost in ((4, 7.0), (6, 13.0), (8, 14.0)):  # a year, a date, a date with its century
        if (
            text[start : start + length].isdigit()
            and len(text) >= start + length
            and _dated(text[start : start + length])
        ):
            yield start + length, cost


def _single(letter: str, before: str) -> float:
    if letter == before:
        return 0.5
    if letter.isspace():
        return 1.0
    if letter.isalpha():
        return _LETTER_BITS
    return _DIGIT_BITS if letter.isdigit() else _OTHER_BITS


def _runs(text: str, start: int) -> Iterator[int]:
    """Ends of stretches that follow a keyboard row or count, up or down, from `start`."""
    for row in _ROWS:
        for line in (row, row[::-1]):
            at = line.find(text[start])
            length = 1
            while (
                at >= 0
                and start + length < len(text)
                and text[start + length] == line[(at + length) % len(line)]
            ):
                length += 1
            if length >= _LEAST_RUN:
                yield from range(start + _LEAST_RUN, start + length + 1)


def _dated(digits: str) -> bool:
    match len(digits):
        case 4:
            return digits[:2] in ("19", "20")
        case 6:
            return int(digits[:2]) <= 31 and 1 <= int(digits[2:4]) <= 12  # noqa: PLR2004 - the calendar's
        case _:
            return digits[4:6] in ("19", "20") or digits[:2] in ("19", "20")


def _repeated(text: str) -> float:
    """A password that is one thing several times is worth that thing, and how often."""
    for period in range(1, len(text) // 2 + 1):
        if all(text[at] == text[at - period] for at in range(period, len(text))):
            return _once(text[:period]) + math.log2(len(text) / period)
    return math.inf


def _once(text: str) -> float:
    return sum(_single(one, text[at - 1] if at else "") for at, one in enumerate(text))


def _parts(context: Iterable[str]) -> Iterator[str]:
    for words in context:
        folded = unicodedata.normalize("NFKC", words).casefold()
        for form in (folded, folded.translate(_LOOKS)):
            yield from (part for part in form.replace("-", " ").replace(".", " ").replace("_", " ").split())
            yield form.replace(" ", "")


def is_listed(password: str, file: Path) -> bool:
    """Whether the site's own list of refused passwords, one a line, has this one. No file lists nothing."""
    wanted = unicodedata.normalize("NFKC", password).casefold()
    if not file.exists():
        return False
    with file.open(encoding="utf-8", errors="replace") as lines:
        return any(unicodedata.normalize("NFKC", line.rstrip("\r\n")).casefold() == wanted for line in lines)
