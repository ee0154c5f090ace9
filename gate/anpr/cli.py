"""`gate anpr`: reading plates from the command line, and measuring how well it is done."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gate.anpr.bench.command import bench
from gate.anpr.catalogue import build_recogniser
from gate.anpr.reading import PhotoReading, read_photos
from gate.anpr.recogniser import Engine
from gate.errors import GateError

app = typer.Typer(help="Read plates in photographs, and measure the engines.", no_args_is_help=True)

app.command()(bench)


@app.command()
def read(
    images: Annotated[
        list[Path],
        typer.Argument(metavar="IMAGE...", help="Photographs to read (JPEG, PNG).", show_default=False),
    ],
    engine: Annotated[Engine, typer.Option(help="The reader to use; easyocr needs its extra.")] = "gate",
    threads: Annotated[int, typer.Option(min=1, max=16, help="Processor threads the engine may use.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line instead of text.")] = False,
) -> None:
    """Read the plates in photographs.

    Exit status 1 when a file could not be used; the others are read all the same.
    """
    try:
        recogniser = build_recogniser(engine, threads)
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


def _plain(reading: PhotoReading) -> str:
    reads = ", ".join(f"{read.mark} ({read.country or '?'}, {read.confidence:.2f})" for read in reading.reads)
    return f"{reading.image}: {reads or 'no plate'} [{reading.ms:.0f} ms]"
