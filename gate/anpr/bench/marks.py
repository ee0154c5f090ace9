"""How far two marks are apart."""

from __future__ import annotations

_FOLD = str.maketrans("OI", "01")


def fold(mark: str) -> str:
    """The mark with O as 0 and I as 1: on many plates, and in some labels, nobody can tell them apart."""
    return mark.translate(_FOLD)


def align(label: str, read: str) -> list[tuple[str, str]]:
    """The two written one above the other with the fewest differences; "" where a sign has no partner."""
    steps = _steps(label, read)
    pairs: list[tuple[str, str]] = []
    at, to = len(label), len(read)
    while at or to:
        here = steps[at][to]
        if at and to and here == steps[at - 1][to - 1] + (label[at - 1] != read[to - 1]):
            at, to = at - 1, to - 1
            pairs.append((label[at], read[to]))
        elif at and here == steps[at - 1][to] + 1:
            at -= 1
            pairs.append((label[at], ""))
        else:
            to -= 1
            pairs.append(("", read[to]))
    return pairs[::-1]


def distance(label: str, read: str) -> int:
    """Levenshtein's: signs put in, left out or exchanged."""
    return _steps(label, read)[-1][-1]


def _steps(label: str, read: str) -> list[list[int]]:
    rows = [list(range(len(read) + 1))]
    for at, sign in enumerate(label, start=1):
        row = [at]
        for to, other in enumerate(read):
            row.append(min(rows[-1][to] + (sign != other), rows[-1][to + 1] + 1, row[to] + 1))
        rows.append(row)
    return rows
