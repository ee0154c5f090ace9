"""`python -m gate.anpr.training.calibrate`: fits how sure a read may say it is to the nets that are there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from gate.anpr.plates.calibration import CALIBRATION, Calibration, Evidence, Sureness
from gate.anpr.plates.engine import unsure
from gate.anpr.plates.finder import PlateFinder
from gate.anpr.plates.reader import WEIGHTS, PlateReader
from gate.anpr.training.faces import Faces
from gate.anpr.training.fitting import fit_characters, fit_sureness
from gate.anpr.training.fonts import fonts_in
from gate.anpr.training.judged import Judged, Labelled, judge, photographs, rendered
from gate.anpr.training.painted import PaintedLettering
from gate.anpr.training.reliability import bins, coverage, diagram, expected_error
from gate.anpr.training.scenes_lettering import Lettering
from gate.errors import GateError

_FOLDS = 5
_THRESHOLDS = (0.8, 0.9, 0.95, 0.98, 0.99)


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What a calibration fitted without them says of reads; which were right, in photographs, of plates."""

    said: NDArray[np.float64]
    right: NDArray[np.bool_]
    real: NDArray[np.bool_]
    plate: NDArray[np.bool_]


class CalibrationError(GateError):
    """Reads that no calibration can be made of; the message says what to do."""


def fit(judged: list[Judged]) -> Calibration:
    """The calibration that tells best which of the reads were right. CalibrationError where all are alike."""
    try:
        return _fitted(judged)
    except ValueError as error:
        plates, right = sum(read.label != "" for read in judged), sum(read.first_right for read in judged)
        raise CalibrationError(
            f"calibration: {len(judged)} reads, {plates} of them of plates, {right} right: {error}; "
            "train the nets longer, then calibrate again: python -m gate.anpr.training calibrate"
        ) from error


def _fitted(judged: list[Judged]) -> Calibration:
    # Of plates alone: what is no plate is doubted as a whole, not sign by sign.
    characters = [one for read in judged if read.label for one in read.characters]
    slope, shift = fit_characters(
        np.array([share for share, _ in characters]), np.array([right for _, right in characters])
    )
    return Calibration(
        _curve([read.first for read in judged], [read.first_right for read in judged]),
        _curve([read.again for read in judged], [read.again_right for read in judged]),
        _curve([read.first for read in judged], [read.label != "" for read in judged]),
        slope,
        shift,
    )


def _curve(evidence: list[Evidence], right: list[bool]) -> Sureness:
    return fit_sureness(evidence, np.array(right))


def cross_validate(judged: list[Judged]) -> Held:
    """Every read judged, as the engine would, by a calibration that was fitted without its group."""
    groups = sorted({read.group for read in judged})
    np.random.default_rng(7).shuffle(groups)
    fold = {group: number % _FOLDS for number, group in enumerate(groups)}
    told: list[tuple[float, bool, bool, bool]] = []
    for number in range(_FOLDS):
        calibration = fit([read for read in judged if fold[read.group] != number])
        told += [
            (*as_the_engine_says(calibration, read), read.real, read.label != "")
            for read in judged
            if fold[read.group] == number
        ]
    said, right, real, plate = (np.array(column) for column in zip(*told, strict=True))
    return Held(said, right, real, plate)


def as_the_engine_says(calibration: Calibration, read: Judged) -> tuple[float, bool]:
    """How sure, and whether right: one look where that is sure enough, else what several say."""
    first = calibration.mark(read.first, looks=1)
    if not unsure(first):
        return first, read.first_right
    return calibration.mark(read.again, looks=2), read.again_right


def main(
    scenes: Annotated[Path, typer.Option(help="Road frames with labels.tsv (scenes-ro).")],
    marks: Annotated[
        Path | None, typer.Option(help="What stands on the plates there, as labels.tsv.")
    ] = None,
    weights: Annotated[Path, typer.Option(help="The nets, and where the calibration goes.")] = WEIGHTS,
    count: Annotated[int, typer.Option(min=100, help="Rendered plates.")] = 2000,
    picture: Annotated[Path | None, typer.Option(help="Where the diagram goes (PNG).")] = None,
    seed: Annotated[int, typer.Option(help="Other seeds, other plates.")] = 11,
) -> None:
    """Fit calibration.json to the nets in a folder: wanted whenever finder or reader are trained again."""
    finder, reader = PlateFinder(weights, 1), PlateReader(weights)
    fonts = fonts_in()
    faces, painted = Faces(fonts), PaintedLettering(Lettering(fonts))
    console = Console()
    pictures = rendered(scenes, faces, painted, count, np.random.default_rng(seed))
    drawn = list(_judged(pictures, count, finder, reader))
    real = list(_judged(photographs(scenes, marks), None, finder, reader)) if marks is not None else []
    judged = drawn + real
    (weights / CALIBRATION).write_text(fit(judged).to_json(), "utf-8")
    held = cross_validate(judged)
    for name, inside in (("rendered", ~held.real), ("photographs", held.real), ("all", held.real | True)):
        _tell(console, name, held, inside)
    if picture is not None:
        cv2.imwrite(str(picture), diagram(held.said, held.right, "Whole marks, cross-validated"))


def _tell(console: Console, name: str, held: Held, inside: NDArray[np.bool_]) -> None:
    if not inside.any():
        return
    said, right, plates = held.said[inside], held.right[inside], int(held.plate[inside].sum())
    console.print(
        f"{name}: {len(said)} reads of {plates} plates and of others, {100 * right.sum() / plates:.1f} % of"
        f" the plates right, off by {expected_error(said, right):.4f}"
    )
    for one in bins(said, right):
        console.print(f"  {one.count:6} said {one.said:.3f}, right {one.right:.3f}")
    for accept in _THRESHOLDS:
        good, bad = coverage(said, right, accept, plates)
        console.print(f"  accepted from {accept}: {100 * good:.1f} % right, {100 * bad:.2f} % wrong")


def _judged(
    pictures: Iterator[Labelled], count: int | None, finder: PlateFinder, reader: PlateReader
) -> Iterator[Judged]:
    for labelled in track(pictures, "reading", total=count):
        yield from judge(labelled, finder, reader)


if __name__ == "__main__":
    typer.run(main)
