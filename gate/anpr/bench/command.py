"""`gate anpr bench` on the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO, get_args

import typer

from gate.anpr.recogniser import Engine
from gate.errors import GateError

if TYPE_CHECKING:
    from gate.anpr.bench.answer import Answer
    from gate.anpr.bench.labels import Labels, Photograph
    from gate.anpr.bench.running import OnAnswer, Run
    from gate.anpr.bench.scoring import Score

_PHOTOGRAPHS = Path("../shared/data")
_ENGINES: tuple[Engine, ...] = get_args(Engine)
_ALL = "all"
_SECONDS_A_PHOTOGRAPH: tuple[Engine, ...] = ("easyocr",)
"""Measured when asked for: over the shared photographs such an engine takes an hour."""
_NARROWEST = 112
_SHEETS = (".html", ".png")


def _known(name: str) -> str:
    # Typer takes no list of Literals.
    if name not in (*_ENGINES, _ALL):
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(_ENGINES)}, {_ALL}")
    return name


def _sheet(name: str) -> Path:
    path = Path(name)
    if path.suffix.lower() not in _SHEETS:
        raise typer.BadParameter(f"{name!r} is neither .html nor .png")
    return path


def bench(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="[DIR]", help="A folder with labels.tsv (file, plate, x, y, w, h), or a folder of such."
        ),
    ] = _PHOTOGRAPHS,
    engines: Annotated[
        list[str] | None,
        typer.Option(
            "--engine",
            parser=_known,
            metavar="|".join((*_ENGINES, _ALL)),
            help="Engine to measure, repeated for more; all: every one that is installed. "
            f"Without: all but {', '.join(_SECONDS_A_PHOTOGRAPH)}, which takes seconds a photograph.",
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only the first N photographs of a folder.")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, max=16, help="Processor threads an engine may use.")] = 1,
    accept: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="A read so sure is accepted; without: what a gate's accept_confidence is by default.",
        ),
    ] = None,
    sheets: Annotated[
        list[Path] | None,
        typer.Option(
            "--sheet",
            parser=_sheet,
            metavar="FILE",
            help="Show what failed: FILE.html or FILE.png; give it twice for both.",
        ),
    ] = None,
    reads: Annotated[
        Path | None, typer.Option(help="Write every photograph's labels and reads, a JSON object a line.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line instead of tables.")
    ] = False,
) -> None:
    """Measure the engines on labelled photographs: how well, how fast, in how much memory.

    Exit status 1 when something was left out: a photograph, a label, a sheet, or an engine asked for by
    name. 2 when nothing could be measured.
    """
    from gate.anpr.bench.labels import labelled_folders, load_labels

    threshold = accept if accept is not None else _accepted_by_the_gate()
    names = engines or [engine for engine in _ENGINES if engine not in _SECONDS_A_PHOTOGRAPH]
    wanted = [engine for engine in _ENGINES if engine in names or _ALL in names]
    try:
        folders = [load_labels(path, limit) for path in labelled_folders(folder)]
        with ExitStack() as files:
            out = [files.enter_context(_opened(path)) for path in ([reads] if reads is not None else [])]
            for path in sheets or []:
                # Minutes of measuring are not to be lost to a folder that is not there.
                files.enter_context(_opened(path))
            runs, missed = _measure(wanted, engines or [], threads, folders, out)
    except GateError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    if not runs:
        raise typer.Exit(2)
    scores = [score for run in runs for score in run.scores(threshold)]
    _show(scores, as_json=as_json)
    for bad in (problem for labels in folders for problem in labels.bad):
        typer.echo(bad, err=True)
    try:
        _write_sheets(sheets or [], runs, scores, threshold)
    except GateError as error:
        typer.echo(str(error), err=True)
        missed = True
    unusable = any(score.unusable for score in scores)
    raise typer.Exit(1 if missed or unusable else 0)


def _accepted_by_the_gate() -> float:
    from gate.settings import AnprSettings

    return AnprSettings().accept_confidence


def _measure(
    wanted: Sequence[Engine],
    names: Sequence[str],
    threads: int,
    folders: Sequence[Labels],
    out: Sequence[TextIO],
) -> tuple[list[Run], bool]:
    """The engines that ran, and whether one that was asked for by name did not, or broke down."""
    from gate.anpr.bench.running import EngineFailedError, EngineMissingError, run_engine

    runs: list[Run] = []
    missed = False
    for engine in wanted:
        try:
            with _bar(engine, folders, out) as on_answer:
                runs.append(run_engine(engine, threads, folders, on_answer))
        except EngineMissingError as error:
            missed = missed or engine in names
            typer.echo(f"{engine} is not measured: {error}", err=True)
        except EngineFailedError as error:
            missed = True
            typer.echo(str(error), err=True)
    return runs, missed


@contextmanager
def _bar(engine: Engine, folders: Sequence[Labels], out: Sequence[TextIO]) -> Iterator[OnAnswer]:
    """A bar a folder on the terminal, and a line a photograph in the files."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as progress:
        tasks = {
            labels.folder: progress.add_task(
                escape(f"{engine} {labels.folder.name}"), total=len(labels.photographs)
            )
            for labels in folders
        }

        def on_answer(engine: Engine, labels: Labels, photograph: Photograph, answer: Answer) -> None:
            progress.advance(tasks[labels.folder])
            if answer.error is not None:
                progress.console.print(answer.error, markup=False, highlight=False, soft_wrap=True)
            for file in out:
                file.write(json.dumps(_line(engine, labels, photograph, answer)) + "\n")

        yield on_answer


def _line(engine: Engine, labels: Labels, photograph: Photograph, answer: Answer) -> dict[str, object]:
    """One photograph as `--reads` keeps it."""
    return {
        "engine": engine,
        "folder": labels.folder.resolve().name,
        "file": str(photograph.path.relative_to(labels.folder)),
        "plates": [asdict(plate) for plate in photograph.plates],
        **asdict(answer),
    }


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    from gate.anpr.bench.labels import BenchError

    try:
        file = path.open("w", encoding="utf-8")
    except OSError as error:
        raise BenchError(f"{path}: cannot be written: {error.strerror}") from error
    with file:
        yield file


def _show(scores: Sequence[Score], *, as_json: bool) -> None:
    if as_json:
        for score in scores:
            typer.echo(json.dumps(score.to_json()))
        return
    from rich.console import Console

    from gate.anpr.bench.table import accuracy_table, time_table

    console = Console()
    # In a pipe rich believes in 80 columns, and would break every heading.
    console.width = max(console.width, _NARROWEST)
    console.print(accuracy_table(scores))
    console.print(time_table(scores))


def _write_sheets(
    sheets: Sequence[Path], runs: Sequence[Run], scores: Sequence[Score], accept: float
) -> None:
    from gate.anpr.bench.failing import failures_of
    from gate.anpr.bench.labels import BenchError
    from gate.anpr.bench.montage import write_png
    from gate.anpr.bench.sheet import write_html

    for path in sheets:
        try:
            if path.suffix.lower() == ".png":
                write_png(path, failures_of(runs, accept))
            else:
                write_html(path, failures_of(runs, accept), scores)
        except OSError as error:
            raise BenchError(f"{path}: the sheet cannot be written: {error.strerror}") from error
