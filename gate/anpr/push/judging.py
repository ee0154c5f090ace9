"""From a camera's words to a PlateRead: pure, and in doubt not sure."""

from __future__ import annotations

from gate.anpr.choosing import LONGEST, SHORTEST
from gate.anpr.push.message import MalformedError, Message
from gate.model import PlateRead, normalise_mark
from gate.model.syntax import FURTHER, STRIPS, TEMPLATES, countries_of, settle

_STATES = frozenset(template.country for template in (*TEMPLATES, *FURTHER))


def judge(message: Message, accept: float, *, prompt: bool) -> PlateRead | None:
    """The read, its evidence left empty; None when the camera read no plate.

    Sure: `prompt` (the message is known not to be late), confidence at `accept` or above, and written as
    the state the camera names writes its marks; any state's when it names none. A state whose marks the
    gate does not know cannot be checked and is not sure. Raises MalformedError for what can be no mark.
    """
    if message.plate is None:
        return None
    mark = normalise_mark(message.plate)
    if not (mark.isascii() and 1 <= len(mark) <= 16):  # noqa: PLR2004 - as the child's reads on the wire
        raise MalformedError("the plate is no mark of Latin letters and digits")
    settled = normalise_mark(settle(mark))
    fitting = countries_of(settled)
    state = _known(message.state) if message.state is not None else None
    if message.state is None:
        fits = bool(fitting)
        country = fitting[0] if fitting else None
    else:
        fits = state in fitting
        country = state
    sure = prompt and fits and message.confidence >= accept and SHORTEST <= len(settled) <= LONGEST
    return PlateRead(settled, country, message.confidence, 1, sure=sure, evidence=())


def _known(said: str) -> str | None:
    """The state the camera names, by its two letters or by what its plates' strip says."""
    word = said.strip().upper()
    return word if word in _STATES else STRIPS.get(word)
