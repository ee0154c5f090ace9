"""What the Rules require next of a driver who has a lane, on a display of two lines of twenty letters.

The page says the same in whole sentences (templates/answer.html).
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable

from gate.kiosk.lettering import in_ascii
from gate.kiosk.ports import KEYPAD_COLUMNS
from gate.model import Corridor, Onward

DOCUMENTS = "Have your documents\nready for checking"
"""5.6, 5.7."""
CHECKED = "Your goods will be\nchecked there"
"""5.8."""
DECLARE = "Declaration follows\nlater, by the Code"
"""4.5, 5.4."""
LATER = "Goods are checked\nlater, by customs"
"""5.3."""
HOURS = "Hours to get there\n{hours}"
"""5.5.1; the destination's name stands before it."""
ROUTE = "Route"
REPORT = "Once there, tell\ncustoms within 1 h"
"""5.5.3."""
SEALED = "Do not unload, do\nnot break seals"
"""5.5.4."""
SAID_NEXT = (DOCUMENTS, CHECKED, DECLARE, LATER, HOURS, ROUTE, REPORT, SEALED)

Lines = tuple[str, str]


def next_steps(corridor: Corridor | None, onward: Onward | None, say: Callable[[str], str]) -> list[Lines]:
    """The screens that follow the lane's, in their order."""
    match corridor:
        case None:
            return []
        case Corridor.GREEN:
            return [_two(say(DECLARE))]
        case Corridor.BLUE:
            return [_two(say(LATER)), _two(say(DECLARE))]
        case Corridor.YELLOW | Corridor.RED:
            first = DOCUMENTS if corridor is Corridor.YELLOW else CHECKED
            bound = _bound(onward or Onward(), say)
            return [_two(say(first)), *bound, _two(say(REPORT)), _two(say(SEALED))]


def _bound(onward: Onward, say: Callable[[str], str]) -> list[Lines]:
    routes = "; ".join(onward.routes)
    wrapped = textwrap.wrap(in_ascii(f"{say(ROUTE)}: {routes}"), KEYPAD_COLUMNS) if routes else []
    screens = [_two("\n".join(wrapped[at : at + 2])) for at in range(0, len(wrapped), 2)]
    return screens if onward.hours is None else [*screens, _two(say(HOURS).format(hours=onward.hours))]


def _two(text: str) -> Lines:
    first, second = (*text.split("\n"), "")[:2]
    return first, second
