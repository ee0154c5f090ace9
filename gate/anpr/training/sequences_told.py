"""What came of the vehicles, told to people and programs, with pictures of those not told right."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import typer
from rich.console import Console
from rich.table import Table

from gate.anpr.training.sequences import OUTCOMES, Judged, Score, sheet


class Told:
    """Counts by state; writes a PNG into `pictures`, where given, for each vehicle not told right."""

    def __init__(self, pictures: Path | None) -> None:
        self._pictures = pictures
        self._states: dict[str, Score] = {}
        self._all = Score()
        if pictures is not None:
            pictures.mkdir(parents=True, exist_ok=True)

    def add(self, judged: Judged) -> None:
        """One more vehicle."""
        self._all.add(judged)
        self._states.setdefault(judged.film.state, Score()).add(judged)
        if self._pictures is not None and judged.outcome != "right":
            read = judged.read.mark if judged.read is not None else "nothing"
            film = judged.film
            name = f"{judged.outcome}-{film.state}-{film.mark}-read-{read}-{judged.number}.png"
            cv2.imwrite(str(self._pictures / name), sheet(judged))

    @property
    def so_far(self) -> str:
        """In a few words."""
        counts = self._all.counts
        return ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES)

    def tell(self, *, as_json: bool) -> None:
        """A line for each state and one for all."""
        lines = [*sorted(self._states.items()), (None, self._all)]
        if as_json:
            for state, score in lines:
                typer.echo(json.dumps(score.line(state)))
            return
        table = Table("state", "vehicles", "right", "unsure", "wrong", "no plate", "right, %", "wrong, %",
                      "wrong at most, %")  # fmt: skip
        for state, score in lines:
            counts = [str(score.counts[outcome]) for outcome in OUTCOMES]
            shares = [f"{score.percent('right'):.2f}", f"{score.percent('wrong'):.2f}"]
            table.add_row(state or "all", str(score.vehicles), *counts, *shares, f"{score.wrong_at_most:.2f}")
        Console().print(table)
