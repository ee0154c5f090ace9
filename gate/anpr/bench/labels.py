"""The labels of a folder of photographs: what stands in each, and where."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gate.errors import GateError
from gate.model import RegistrationMark, normalise_mark

LABELS = "labels.tsv"
Box = tuple[int, int, int, int]
"""x, y, w, h in the photograph's pixels."""

_SIDES = ("x", "y", "w", "h")


class BenchError(GateError):
    """Nothing can be measured; a folder needs a labels.tsv with file, plate (or none), x, y, w, h."""


@dataclass(frozen=True, slots=True)
class Plate:
    """One plate in a photograph. `mark` is None where only its place is known."""

    mark: RegistrationMark | None
    box: Box


@dataclass(frozen=True, slots=True)
class Photograph:
    """One photograph and the plates in it; none at all where the labels say that there is none to read."""

    path: Path
    plates: tuple[Plate, ...]


@dataclass(frozen=True, slots=True)
class Labels:
    """A folder's labels.

    `bad` are the rows that say nothing usable, each with its place and the reason, and `left_out` the
    photographs that stand in them: what a photograph shows is known from all of its rows or not at all.
    """

    folder: Path
    photographs: tuple[Photograph, ...]
    bad: tuple[str, ...] = ()
    left_out: int = 0


def labelled_folders(root: Path) -> list[Path]:
    """`root` itself, or the folders in it, that have a labels file."""
    if (root / LABELS).is_file():
        return [root]
    folders = sorted(path.parent for path in root.glob(f"*/{LABELS}")) if root.is_dir() else []
    if not folders:
        raise BenchError(f"{root}: no {LABELS} in it or in a folder of it; name the folder of photographs")
    return folders


def load_labels(folder: Path, limit: int | None = None) -> Labels:
    """The labels of the folder's first `limit` photographs, one with several plates once.

    Raises BenchError when the file cannot be read as labels at all, or no row of it can be used.
    """
    path = folder / LABELS
    found: dict[str, list[Plate]] = {}
    bad: list[str] = []
    spoilt: set[str] = set()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t")
            missing = [name for name in ("file", *_SIDES) if name not in (rows.fieldnames or ())]
            if missing:
                raise BenchError(f"{path}: its first line names no column {', '.join(missing)}")
            for row in rows:
                name = row["file"] or ""
                try:
                    plate = _plate(row)
                    if not name or "\0" in name:
                        raise ValueError("no file is named")  # noqa: TRY301 - one place tells of every bad row
                except ValueError as error:
                    bad.append(f"{path}:{rows.line_num}: {error}; the photograph is left out")
                    spoilt.add(name)
                    continue
                found.setdefault(name, []).extend(() if plate is None else (plate,))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BenchError(f"{path}: {error}") from error
    usable = [
        Photograph(folder / name, tuple(plates)) for name, plates in found.items() if name not in spoilt
    ]
    if not usable:
        raise BenchError("\n".join([*bad, f"{path}: no photograph is labelled in it"]))
    return Labels(folder, tuple(usable[:limit]), tuple(bad), len(spoilt))


def _plate(row: Mapping[str, str | None]) -> Plate | None:
    """The plate of a row; None where plate and box are empty: the photograph shows no plate."""
    text = (row.get("plate") or "").strip()
    sides = [(row[side] or "").strip() for side in _SIDES]
    if not text and not any(sides):
        return None
    mark = normalise_mark(text) if text else None
    if mark is not None and not mark:
        raise ValueError(f"plate {text!r} has no letter or digit")
    numbers = [_number(name, side) for name, side in zip(_SIDES, sides, strict=True)]
    x, y, w, h = (round(number) for number in numbers)
    if w < 1 or h < 1:
        raise ValueError(f"a box of {w} x {h} pixels holds nothing")
    return Plate(mark, (x, y, w, h))


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not abs(number) < 1e6:  # noqa: PLR2004 - no photograph is a million pixels wide; not NaN either
        raise ValueError(f"{name} {text!r} is no number of pixels")
    return number
