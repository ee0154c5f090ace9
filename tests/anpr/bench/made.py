"""Cases put together by hand."""

from __future__ import annotations

from pathlib import Path

from gate.anpr.bench.cases import Case, cases_of
from gate.anpr.bench.labels import Box, Photograph, Plate
from gate.model import PlateCandidate, RegistrationMark

HERE: Box = (100, 100, 200, 50)


def read(mark: str, confidence: float = 0.9, box: Box = HERE) -> PlateCandidate:
    """One read."""
    return PlateCandidate(RegistrationMark(mark), None, confidence, box, mark)


def plate(mark: str | None, box: Box = HERE) -> Plate:
    """One labelled plate."""
    return Plate(RegistrationMark(mark) if mark is not None else None, box)


def photograph(*plates: Plate) -> Photograph:
    """A photograph of these plates, which nobody opens."""
    return Photograph(Path("none.jpg"), plates)


def case(mark: str | None, found: PlateCandidate | None) -> Case:
    """One plate in a photograph of its own, and the likeliest read there."""
    (only,) = cases_of(photograph(plate(mark)), (found,) if found is not None else ())
    return only


def empty(found: PlateCandidate | None) -> Case:
    """A photograph without a plate, and what was read there all the same."""
    (only,) = cases_of(photograph(), (found,) if found is not None else ())
    return only
