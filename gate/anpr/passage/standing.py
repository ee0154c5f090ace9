"""Which plates have been told and may still stand there: a standing vehicle is told once."""

from __future__ import annotations

from dataclasses import dataclass

from gate.anpr.camera.eye import Shown
from gate.anpr.passage.aligning import align
from gate.model import PlateRead, RegistrationMark

_GONE_SECONDS = 1.0
"""Frames that show a plate no more, for as long, have lost it to the road and not to a passer-by."""
_FORGOTTEN_SECONDS = 600.0
"""Its vehicle may have left unseen: what was not seen for so long is told when it is seen again."""
_MOST = 4


@dataclass(slots=True)
class _Told:
    seen: float
    missed: float | None = None
    """Since when every frame of this reading was without it."""


class Standing:
    """One camera's. All times are monotonic seconds of frames."""

    def __init__(self) -> None:
        self._told: dict[RegistrationMark, _Told] = {}

    def begin(self) -> None:
        """A reading begins: what happened between two readings nobody has seen."""
        for told in self._told.values():
            told.missed = None

    def look(self, shown: Shown) -> None:
        """Take what one frame showed."""
        for mark, told in list(self._told.items()):
            if any(align(one.mark, mark).distance <= 1 for one in shown.candidates):
                told.seen, told.missed = shown.captured, None
            elif told.missed is None:
                told.missed = shown.captured
            elif shown.captured - told.missed >= _GONE_SECONDS:
                del self._told[mark]

    def is_new(self, read: PlateRead, at: float) -> bool:
        """Whether this read is of a vehicle not told of yet; if so it counts as told from now on."""
        for mark, told in list(self._told.items()):
            if at - told.seen > _FORGOTTEN_SECONDS:
                del self._told[mark]
        for mark, told in self._told.items():
            # One sign apart is the same plate only where the reader is not sure of what it says.
            if mark == read.mark or (not read.sure and align(mark, read.mark).distance <= 1):
                told.seen = at
                return False
        if read.sure:
            self._told.clear()  # another vehicle stands where the one before stood
        while len(self._told) >= _MOST:
            del self._told[next(iter(self._told))]
        self._told[read.mark] = _Told(at)
        return True
