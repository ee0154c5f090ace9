"""Looking at a plate more than once: the same corners a little wider, tighter and aside, and what all saw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from gate.anpr.plates.grammar import Decoded
from gate.anpr.plates.strip import Corners

_OTHERS: Final = (
    # wider and higher by these shares, then moved along and down by these
    (0.06, 0.10, 0.0, 0.0),
    (-0.03, -0.06, 0.0, 0.0),
    (0.02, 0.04, 0.025, 0.06),
    (0.02, 0.04, -0.025, -0.06),
)
"""A sign misread for where it fell in the strip's steps is not misread so again; a hidden one is."""
LOOKS: Final = 1 + len(_OTHERS)
"""In all, the first among them."""


def other_looks(corners: Corners) -> list[Corners]:
    """Corners for the looks after the first, `corners` being 4 x 2 in the strip's order."""
    along = (corners[1] + corners[2] - corners[0] - corners[3]) / 2
    down = (corners[2] + corners[3] - corners[0] - corners[1]) / 2
    across = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)], dtype=np.float32)
    looks = []
    for wider, higher, aside, lower in _OTHERS:
        grown = np.outer(across[:, 0] * wider, along) + np.outer(across[:, 1] * higher, down)
        looks.append((corners + grown + aside * along + lower * down).astype(np.float32))
    return looks


def put_together(looks: Sequence[Decoded]) -> tuple[Decoded, float]:
    """What several looks at one plate say, each with the same voice, and the share that saw the mark it is.

    `looks` is not empty, the first look first: its `raw` is kept.
    """
    totals: dict[str, float] = {}
    for look in looks:
        for mark, share in look.likely:
            totals[mark] = totals.get(mark, 0.0) + share / len(looks)
    likely = tuple(sorted(totals.items(), key=lambda one: (-one[1], one[0])))
    if not likely:
        return looks[0], 0.0
    mark = likely[0][0]
    agreeing = [look for look in looks if look.mark == mark]
    speaker = max(agreeing, key=lambda look: look.confidence, default=looks[0])
    characters = tuple(
        sum(look.characters[at] for look in looks if len(look.mark) == len(mark) and look.mark[at] == char)
        / len(looks)
        for at, char in enumerate(mark)
    )
    together = Decoded(mark, looks[0].raw, speaker.state, speaker.state_seen, characters, likely)
    return together, len(agreeing) / len(looks)
