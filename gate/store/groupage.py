"""Several declarations on one plate: which they are stands in journal.db, so that one removed is missed.

Rows are signed one by one, so their number is not: of RED and GREEN on one lorry, whoever can write
cache.db could take the RED row away. Alone on its plate a row that is gone is no declaration, and held.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from gate.errors import SealError
from gate.model import Declaration, RegistrationMark

_OF_MARK = "SELECT number FROM declaration_marks WHERE mark = ?"
_VERSION = "SELECT version FROM declarations WHERE number = ?"


def shared_by(
    cache: sqlite3.Connection, declarations: Sequence[Declaration]
) -> tuple[list[str], list[tuple[str, str]]]:
    """What a page of the feed changes: numbers whose plates are said anew, and pairs of plate and number.

    Asked before the page is put into the cache; a declaration that is older than the cached one says nothing.
    """
    newest: dict[str, Declaration] = {}
    for declaration in declarations:
        have = newest.get(declaration.number)
        floor = have.version if have is not None else _version(cache, declaration.number)
        if declaration.version >= floor:
            newest[declaration.number] = declaration
    coming: dict[str, set[str]] = {}
    for number, declaration in newest.items():
        for named in declaration.marks:
            coming.setdefault(named, set()).add(number)
    pairs: list[tuple[str, str]] = []
    for mark, numbers in coming.items():
        # A cached row that is said anew names its plates anew, this one among them or not.
        cached = {str(number) for (number,) in cache.execute(_OF_MARK, (mark,))} - newest.keys()
        if len(cached | numbers) > 1:
            pairs += [(mark, number) for number in sorted(cached | numbers)]
    return list(newest), pairs


def note(journal: sqlite3.Connection, numbers: Iterable[str], pairs: Iterable[tuple[str, str]]) -> None:
    """Write that down, within the transaction that moves the cursor."""
    journal.executemany("DELETE FROM groupage WHERE number = ?", [(number,) for number in numbers])
    journal.executemany("INSERT INTO groupage VALUES (?, ?) ON CONFLICT DO NOTHING", pairs)


def missing(journal: sqlite3.Connection, mark: RegistrationMark, found: Iterable[str]) -> list[SealError]:
    """One `absent` fault for each declaration of this plate that was there and is in the cache no more.

    What an earlier trip used up decides nothing, and is not missed.
    """
    known = journal.execute(
        "SELECT g.number FROM groupage g WHERE g.mark = ? AND NOT EXISTS ("
        " SELECT 1 FROM openings o JOIN visits v ON v.visit_id = o.visit_id"
        " WHERE o.number = g.number AND v.status = 'completed') ORDER BY g.number",
        (mark,),
    )
    here = set(found)
    return [
        SealError("absent", f"declaration {number} names this plate too, and is gone from cache.db")
        for (number,) in known
        if number not in here
    ]


def _version(cache: sqlite3.Connection, number: str) -> int:
    row = cache.execute(_VERSION, (number,)).fetchone()
    # Whoever writes the file may have written anything there.
    return row[0] if row is not None and isinstance(row[0], int) else 0
