"""`gate anpr`: reading plates from the command line, and measuring how well it is done."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from gate.anpr.bench import Score, labelled_folders, load_labels, score_folder
from gate.anpr.catalogue import build_recogniser
from gate.anpr.reading import PhotoReading, read_photos
from gate.anpr.recogniser import Engine
from gate.errors import GateError

app = typer.Typer(help="Read plates in photographs, and measure the engines.", no_args_is_help=True)

_PHOTOGRAPHS = Path("../shared/data")


class _EngineName(StrEnum):
    """Typer takes no list of Literals."""

    PPOCR = "ppocr"
    EASYOCR = "easyocr"


_ENGINES: dict[_EngineName, Engine] = {_EngineName.PPOCR: "ppocr", _EngineName.EASYOCR: "easyocr"}

_EngineOption = Annotated[
    _EngineName, typer.Option("--engine", help="ppocr (fast, no torch) or easyocr (needs the easyocr extra).")
]
_Threads = Annotated[int, typer.Option(min=1, max=16, help="Processor threads the engine may use.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of a table.")]


@app.command()
def read(
    images: Annotated[
        list[Path],
        typer.Argument(metavar="IMAGE...", help="Photographs to read (JPEG, PNG).", show_default=False),
    ],
    engine: _EngineOption = _EngineName.PPOCR,
    threads: _Threads = 1,
    as_json: _Json = False,
) -> None:
    """Read the plates in photographs.

    Exit status 1 when a file could not be used; the others are read all the same.
    """
    try:
        recogniser = build_recogniser(_ENGINES[engine], threads)
    except GateError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    failed = False
    for reading in read_photos(images, recogniser):
        failed = failed or reading.error is not None
        typer.echo(json.dumps(reading.to_json(), ensure_ascii=False) if as_json else _plain(reading))
        if reading.error is not None:
            typer.echo(reading.error, err=True)
    raise typer.Exit(1 if failed else 0)


@app.command()
def bench(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="[DIR]", help="A folder with labels.tsv (file, plate, x, y, w, h), or a folder of such."
        ),
    ] = _PHOTOGRAPHS,
    engines: Annotated[
        list[_EngineName] | None,
        typer.Option("--engine", help="Engine to measure; give it twice for both. [default: ppocr]"),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only the first N photographs of a folder.")
    ] = None,
    threads: _Threads = 1,
    as_json: _Json = False,
) -> None:
    """Measure the engines on labelled photographs: exact and folded (O=0, I=1) match, milliseconds."""
    console = Console(stderr=True)
    scores: list[Score] = []
    try:
        folders = labelled_folders(folder)
        counts = {path: len(load_labels(path)[:limit]) for path in folders}
        progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=console, disable=not sys.stderr.isatty(),
        )  # fmt: skip
        with progress:
            for engine in [_ENGINES[name] for name in engines or [_EngineName.PPOCR]]:
                recogniser = build_recogniser(engine, threads)
                for path in folders:
                    task = progress.add_task(f"{engine} {path.name}", total=counts[path])
                    score = score_folder(engine, recogniser, path, limit, partial(progress.advance, task))
                    scores.append(score)
                    if as_json:
                        typer.echo(json.dumps(score.to_json()))
    except GateError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if not as_json:
        Console().print(_table(scores))


def _plain(reading: PhotoReading) -> str:
    reads = ", ".join(f"{read.mark} ({read.country or '?'}, {read.confidence:.2f})" for read in reading.reads)
    return f"{reading.image}: {reads or 'no plate'} [{reading.ms:.0f} ms]"


def _table(scores: list[Score]) -> Table:
    table = Table("engine", "folder", title="Plate reading")
    for column in ("photos", "exact %", "folded %", "no read", "found %", "median ms", "p95 ms"):
        table.add_column(column, justify="right")
    for score in scores:
        table.add_row(
            score.engine, score.folder, str(score.photos), _figure(score.exact), _figure(score.folded),
            str(score.none), _figure(score.found), _figure(score.median_ms), _figure(score.p95_ms),
        )  # fmt: skip
    return table


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
