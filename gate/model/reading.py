"""What a camera saw: candidates per frame, one read per vehicle."""

from __future__ import annotations

from dataclasses import dataclass

from gate.model.numbers import RegistrationMark


@dataclass(frozen=True, slots=True)
class PlateCandidate:
    """One plate in one frame. `box` is x, y, w, h in pixels; confidences are 0..1.

    `confidence` is how likely the whole mark is right, or the least of the characters where an engine tells
    no more: a mean hides one bad character.
    """

    mark: RegistrationMark
    country: str | None
    confidence: float
    box: tuple[int, int, int, int]
    raw: str
    characters: tuple[float, ...] = ()
    """How sure each character of `mark` is; empty where the engine cannot tell."""
    alternatives: tuple[RegistrationMark, ...] = ()
    """Other marks that it may be, the likelier first: look-alikes and near misses, never `mark` itself."""
    corners: tuple[tuple[float, float], ...] = ()
    """Of the plate: top left, top right, bottom right, bottom left; empty where only the box is known."""


@dataclass(frozen=True, slots=True)
class PlateRead:
    """The consensus over the frames of one vehicle.

    `sure` is the reader's own word that this may open a lane; an unsure read is shown to an
    officer and opens nothing. `evidence` are SHA-256 hex names of JPEGs on disk (scene, crop).
    """

    mark: RegistrationMark
    country: str | None
    confidence: float
    frames: int
    sure: bool
    evidence: tuple[str, ...]
    rivals: tuple[RegistrationMark, ...] = ()
    """What another reader made of the same plate, where it was not this: then neither is sure."""
