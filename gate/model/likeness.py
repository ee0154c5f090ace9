"""How alike two registration marks are: enough to name a candidate, never enough to open a verdict (8.0.1).

Near is what a reader or a tired hand makes of one mark: look-alike signs, one sign wrong, missing or too
many, or the letters of the state's strip read along with the mark. `gate.store.near` finds by an index
exactly what `likeness` says here; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from gate.model.numbers import RegistrationMark
from gate.model.syntax import STRIPS, countries_of

LOOK_ALIKES: tuple[tuple[str, str], ...] = (
    ("0", "OQD\u041e"),
    ("1", "IL\u0406"),
    ("2", "Z"),
    ("5", "S"),
    ("6", "G"),
    ("7", "T\u0422"),
    ("8", "B\u0412"),
    ("A", "\u0410"),
    ("C", "\u0421"),
    ("E", "\u0415"),
    ("H", "\u041d"),
    ("K", "\u041a"),
    ("M", "\u041c"),
    ("P", "\u0420"),
    ("U", "V"),
    ("X", "\u0425"),
    ("Y", "\u0423"),
)
"""A sign, and those that are taken for it: what plates' fonts and cameras confuse, and the letters that
Cyrillic shares with Latin. The index's column in cache.db says the same in SQL; a test compares them."""

_FOLD = {ord(twin): sign for sign, twins in LOOK_ALIKES for twin in twins}
ALPHABET = tuple(sign for sign in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if ord(sign) not in _FOLD)
"""What is left of letters and digits once look-alikes are one."""
_PLAIN = frozenset(ALPHABET)
SHORTEST = 4
"""Of three signs, one other is another mark."""


class Likeness(IntEnum):
    """How near a declared mark is; the smaller the nearer."""

    SAME = 0
    LOOK_ALIKE = 1
    """Only signs that are taken for one another differ."""
    STRIP = 2
    """One has the letters of its state's strip before it."""
    ONE_OFF = 3
    """One sign is wrong, missing or too many, look-alikes apart."""


def skeleton(mark: str) -> str:
    """`mark` with every sign as the one it is taken for."""
    return mark.translate(_FOLD)


def likeness(one: RegistrationMark, other: RegistrationMark) -> Likeness | None:
    """How alike two marks are, None when they are not near. Symmetric."""
    if one == other:
        return Likeness.SAME
    first, second = skeleton(one), skeleton(other)
    if first == second:
        return Likeness.LOOK_ALIKE
    if second in _without_strip(one) or first in _without_strip(other):
        return Likeness.STRIP
    return Likeness.ONE_OFF if _one_off(first, second) else None


def is_near(one: RegistrationMark, other: RegistrationMark) -> bool:
    """Whether one may be a reading of the other."""
    return likeness(one, other) is not None


def _without_strip(mark: str) -> frozenset[str]:
    """The skeletons of `mark` without a strip's letters, where the rest is written as that state writes."""
    return frozenset(
        skeleton(mark[len(strip) :])
        for strip, country in STRIPS.items()
        if mark.startswith(strip) and country in countries_of(mark[len(strip) :])
    )


def _one_off(first: str, second: str) -> bool:
    """Whether two skeletons of plain signs, neither too short, are one edit apart."""
    short, long = sorted((first, second), key=len)
    if len(short) < SHORTEST or len(long) - len(short) > 1 or not (_PLAIN.issuperset(first + second)):
        return False
    if len(short) == len(long):
        return sum(a != b for a, b in zip(short, long, strict=True)) == 1
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[at:] == long[at + 1 :]


def near_skeletons(mark: RegistrationMark) -> frozenset[str]:
    """Every skeleton that a mark near to `mark` may have: what to look up, before `likeness` judges."""
    own = skeleton(mark)
    strips = {skeleton(strip) + own for strip in STRIPS}
    return frozenset({own, *_without_strip(mark), *strips, *_edits(own)})


def _edits(own: str) -> Iterator[str]:
    if not _PLAIN.issuperset(own):
        return
    for at in range(len(own) + 1):
        head, tail = own[:at], own[at:]
        for sign in ALPHABET:
            yield head + sign + tail
            if tail:
                yield head + sign + tail[1:]
        if tail:
            yield head + tail[1:]
