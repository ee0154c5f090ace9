"""Declared marks that are almost the one that was read, out of a million, by the index on their skeletons."""

from __future__ import annotations

import json
import sqlite3

from gate.model import DeclarationStatus, RegistrationMark, TravelDirection
from gate.model.likeness import Likeness, likeness, near_skeletons
from gate.model.syntax import countries_of

MOST = 8
"""Candidates named to an officer: of more than this nobody compares each by sight."""


def near_marks(
    cache: sqlite3.Connection, mark: RegistrationMark, most: int = MOST
) -> tuple[RegistrationMark, ...]:
    """The marks near to `mark` with a declaration for entry that is in force, the likeliest first.

    The index is asked for every skeleton one slip away; what it finds, `likeness` judges. A mark that is
    declared as it was read is no near match.
    """
    found = cache.execute(
        "SELECT DISTINCT m.mark FROM declaration_marks AS m JOIN declarations AS d USING (number)"
        " WHERE m.skeleton IN (SELECT value FROM json_each(?)) AND d.status = ? AND d.direction = ?",
        (
            json.dumps(sorted(near_skeletons(mark))),
            DeclarationStatus.ACTIVE.value,
            TravelDirection.ENTRY.value,
        ),
    ).fetchall()
    judged: list[tuple[Likeness, bool, RegistrationMark]] = []
    for (candidate,) in found:
        how = likeness(mark, candidate)
        if how is not None and how is not Likeness.SAME:
            # Written as some state writes its marks goes before a trader's slip of the hand.
            judged.append((how, not countries_of(candidate), candidate))
    return tuple(candidate for _, _, candidate in sorted(judged)[:most])
