"""Where two plates differ, sign by sign: what eyes must look at on the vehicle."""

from __future__ import annotations

from difflib import SequenceMatcher


def differing(candidate: str, read: str | None) -> tuple[tuple[str, bool], ...]:
    """The candidate's signs, each with whether it differs from what was read; a sign too few marks the next.

    Without a reading there is nothing to compare with, and nothing is marked.
    """
    if not read:
        return tuple((sign, False) for sign in candidate)
    marked = [False] * len(candidate)
    for what, _, _, begin, end in SequenceMatcher(None, read, candidate, autojunk=False).get_opcodes():
        if what == "delete":
            at = min(begin, len(candidate) - 1)
            if at >= 0:
                marked[at] = True
        elif what != "equal":
            marked[begin:end] = [True] * (end - begin)
    return tuple(zip(candidate, marked, strict=True))
