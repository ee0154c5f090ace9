"""One plate to be read, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from gate.anpr.bench.labels import Photograph, Plate
from gate.anpr.bench.marks import distance, fold
from gate.anpr.bench.matching import TOUCHED, best_overlap, read_of_each
from gate.model import PlateCandidate

Failure = Literal["accepted and wrong", "misread", "refused", "not found"]
"""In the order of the harm: a wrong plate that is accepted may open a lane, the others hold a vehicle."""


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled plate with the read it is judged by, or a photograph without a plate (`plate` None).

    `covered` is how well any read covers the plate (intersection over union), whichever is judged.
    """

    photograph: Photograph
    plate: Plate | None
    read: PlateCandidate | None
    covered: float

    @property
    def mark(self) -> str | None:
        """What is to be read; None where nobody has written it down, or there is no plate."""
        return self.plate.mark if self.plate is not None else None

    @property
    def judged(self) -> bool:
        """Whether it is known what a right answer is."""
        return self.plate is None or self.plate.mark is not None

    @property
    def exact(self) -> bool:
        """Whether the read is the label to the letter."""
        return self.mark is not None and self.read is not None and self.read.mark == self.mark

    @property
    def right(self) -> bool:
        """The same with O as 0 and I as 1."""
        return self.mark is not None and self.read is not None and fold(self.read.mark) == fold(self.mark)

    @property
    def errors(self) -> int:
        """Signs wrong, missing or too many; a plate not read has all of its own wrong."""
        return distance(self.mark or "", self.read.mark if self.read is not None else "")

    @property
    def folded_errors(self) -> int:
        """The same with O as 0 and I as 1."""
        return distance(fold(self.mark or ""), fold(self.read.mark) if self.read is not None else "")

    def accepted(self, threshold: float) -> bool:
        """Whether the read is sure enough to be believed."""
        return self.read is not None and self.read.confidence >= threshold

    def failure(self, threshold: float) -> Failure | None:
        """What went wrong, if anything did; "refused" was read right and not believed."""
        if self.judged and self.accepted(threshold):
            return None if self.right else "accepted and wrong"
        if self.plate is None:
            return None
        if self.right:
            return "refused"
        if self.covered < TOUCHED:
            return "not found"
        return "misread" if self.judged else None


def cases_of(photograph: Photograph, reads: Sequence[PlateCandidate]) -> list[Case]:
    """What is judged in a photograph.

    One plate is judged by the likeliest read, wherever it lies, as a lane that sees one vehicle would;
    several each by the read that lies on them. Where there is no plate, the surest read is the mistake.
    """
    if not photograph.plates:
        surest = max(reads, key=lambda read: read.confidence, default=None)
        return [Case(photograph, None, surest, 0.0)]
    boxes = [plate.box for plate in photograph.plates]
    chosen = read_of_each(boxes, reads) if len(boxes) > 1 else [reads[0] if reads else None]
    return [
        Case(photograph, plate, read, best_overlap(plate.box, reads))
        for plate, read in zip(photograph.plates, chosen, strict=True)
    ]
