"""`python -m gate.anpr.training`: every weight the plate reader has, made again from nothing."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from gate.anpr.plates.reader import READER, WEIGHTS
from gate.errors import GateError

if TYPE_CHECKING:
    from gate.anpr.training.reader_run import Scores

app = typer.Typer(
    help="Make the plate reader's weights from nothing: fonts, rendered plates, training, export.",
    invoke_without_command=True,
    rich_markup_mode=None,
)

_NEEDED = ("torch", "onnx")
_RATE_GOING_ON = 1e-3
"""Learning rate for weights that can read already: at the rate of new ones they would forget."""

_Work = Annotated[
    Path,
    typer.Option("--work", help="Rendered plates, checkpoints (2 GB); another one starts anew."),
]
_Weights = Annotated[Path, typer.Option("--weights", help="Where the trained weights go.")]
_Scenes = Annotated[Path, typer.Option("--scenes", help="Road frames with labels.tsv (scenes-ro).")]
_Minutes = Annotated[float, typer.Option(min=0.01, help="How long to train; more is better, to some hours.")]
_Renderers = Annotated[int, typer.Option(min=1, max=64, help="Processes that render plates meanwhile.")]
_Threads = Annotated[int, typer.Option(min=1, max=64, help="Processor threads the trainer may use.")]
_Photographs = Annotated[
    list[Path] | None,
    typer.Option("--scores", help="A folder of labelled photographs, for scores alone; may be repeated."),
]
_ROAD_FRAMES = Path("../shared/data/scenes-ro")
_WORK = Path("/dev/shm/gate-training")  # noqa: S108 - gigabytes of shards: anybody's to see, nobody's to trust


@app.callback()
def everything(
    context: typer.Context,
    minutes: _Minutes = 90.0,
    scenes: _Scenes = _ROAD_FRAMES,
    work: _Work = _WORK,
    weights: _Weights = WEIGHTS,
    renderers: _Renderers = 1,
    threads: _Threads = 1,
) -> None:
    """Without a command: make all weights again, `minutes` for each net. A broken-off run goes on."""
    if context.invoked_subcommand is None:
        fonts()
        finder(minutes, scenes, work, weights, renderers, threads)
        reader(minutes, work, weights, renderers, threads)
        calibrate(scenes, weights=weights)


@app.command()
def fonts() -> None:
    """Fetch the fonts that plates are lettered with."""
    from gate.anpr.training.fonts import fetch_fonts

    Console().print(f"{len(fetch_fonts())} font files")


@app.command()
def render(
    folder: Annotated[Path, typer.Argument(help="Where the shards go.")],
    shards: Annotated[int, typer.Option(min=1, help="How many to render.")] = 10,
    lane: Annotated[int, typer.Option(min=0, help="Of this renderer, where several fill one folder.")] = 0,
    keep: Annotated[int, typer.Option(min=1, help="Shards kept; the oldest go.")] = 60,
    seed: Annotated[int, typer.Option(help="Other seeds, other plates.")] = 1,
) -> None:
    """Render plates into shards: to look at, or beside a trainer on another machine."""
    from gate.anpr.training.rendering import render_ring

    with _bar() as bar:
        task = bar.add_task("rendering", total=shards)
        for number, _path in enumerate(render_ring(folder, keep, lane, seed), start=1):
            bar.update(task, completed=number)
            if number == shards:
                return


@app.command()
def reader(
    minutes: _Minutes = 90.0,
    work: _Work = _WORK,
    weights: _Weights = WEIGHTS,
    renderers: _Renderers = 1,
    threads: _Threads = 1,
    start: Annotated[Path | None, typer.Option("--from", help="Weights (reader.onnx) to start from.")] = None,
    photographs: _Photographs = None,
    seed: Annotated[int, typer.Option(help="Other seeds, other plates.")] = 1,
) -> None:
    """Train the net that reads plates."""
    _check_installed()
    from gate.anpr.training.reader_run import Plan, train_reader
    from gate.anpr.training.train_reader import Recipe

    recipe = Recipe(minutes, seed=seed)
    if start is not None:
        recipe = replace(recipe, rate=_RATE_GOING_ON)
    plan = Plan(work, recipe, renderers, threads, start, tuple(photographs or ()))
    console = Console()
    with _bar(console) as bar:
        task: TaskID = bar.add_task("reader", total=1.0)

        def tell(scores: Scores) -> None:
            console.print(_line(scores))

        train_reader(
            plan,
            weights,
            lambda now: bar.update(
                task, completed=now.share, description=f"reader {now.plates:,} plates, loss {now.loss:.3f}"
            ),
            tell,
        )
    console.print(f"{weights / READER}: written")


@app.command()
def finder(
    minutes: _Minutes = 90.0,
    scenes: _Scenes = _ROAD_FRAMES,
    work: _Work = _WORK,
    weights: _Weights = WEIGHTS,
    renderers: _Renderers = 1,
    threads: _Threads = 1,
) -> None:
    """Train the two nets that find plates and their corners."""
    _check_installed()
    _check_scenes(scenes)
    from gate.anpr.training.fonts import CACHE
    from gate.anpr.training.train_finder import train

    train(
        scenes,
        CACHE.expanduser(),
        weights,
        work / "finder",
        minutes=minutes,
        threads=threads,
        renderers=renderers,
        say=Console().print,
    )


@app.command()
def calibrate(
    scenes: _Scenes = _ROAD_FRAMES,
    marks: Annotated[
        Path | None, typer.Option(help="What stands on the plates there, as labels.tsv.")
    ] = None,
    weights: _Weights = WEIGHTS,
    picture: Annotated[Path | None, typer.Option(help="Where the reliability diagram goes (PNG).")] = None,
) -> None:
    """Fit how sure a read may say it is: wanted whenever finder or reader are trained again."""
    _check_scenes(scenes)
    from gate.anpr.training.calibrate import main

    main(scenes, marks, weights, picture=picture)


@app.command()
def score(
    weights: _Weights = WEIGHTS,
    work: _Work = _WORK,
    photographs: _Photographs = None,
    seed: Annotated[
        int, typer.Option(help="Of the rendered plates; the trainer's own keeps them unseen.")
    ] = 1,
) -> None:
    """Score the reader's weights on rendered plates and labelled photographs, without any grammar."""
    _check_installed()
    from gate.anpr.training.reader_run import score, shipped_reader
    from gate.anpr.training.rendering import held_out
    from gate.anpr.training.score_reader import load_photographs
    from gate.anpr.training.train_reader import Progress as Trained

    net = shipped_reader(weights / READER)
    real = [load_photographs(folder) for folder in photographs or ()]
    scores = score(net, Trained(1.0, 0, 0, 0.0), held_out(work, seed), real)
    table = Table("plates", "n", "right, %", "folded, %")
    for name, (exact, folded) in scores.photographs.items():
        table.add_row(name, str(exact.of), str(exact), str(folded))
    for kind, share in sorted(scores.rendered.items()):
        table.add_row(f"rendered: {kind}", str(share.of), str(share), "")
    Console().print(table)


@app.command()
def sequences(
    vehicles: Annotated[int, typer.Option(min=1, help="How many; the states come in turn.")] = 600,
    seed: Annotated[int, typer.Option(help="Other seeds, other vehicles.")] = 1,
    weights: _Weights = WEIGHTS,
    as_json: Annotated[bool, typer.Option("--json", help="One object a line: each state, then all.")] = False,
    pictures: Annotated[
        Path | None, typer.Option(help="A folder for the frames of vehicles not told right (PNG).")
    ] = None,
) -> None:
    """Drive rendered vehicles up to a rendered camera and count what the gate would be told of each."""
    from gate.anpr.plates.engine import GatePlates
    from gate.anpr.training.faces import Faces
    from gate.anpr.training.filming import Studio
    from gate.anpr.training.fonts import FontsMissingError, fetch_fonts
    from gate.anpr.training.scenes_lettering import Lettering
    from gate.anpr.training.sequences import try_vehicles
    from gate.anpr.training.sequences_told import Told
    from gate.errors import DeviceError
    from gate.settings import AnprSettings

    try:
        fonts, recogniser = fetch_fonts(), GatePlates(1, weights)
    except (FontsMissingError, DeviceError) as error:
        _fail(str(error))
    studio = Studio(Faces(fonts), Lettering(fonts))
    told = Told(pictures)
    with _bar(Console(stderr=True)) as bar:
        task = bar.add_task("vehicles", total=vehicles)
        for judged in try_vehicles(studio, recogniser, AnprSettings(), vehicles, seed):
            told.add(judged)
            bar.update(task, advance=1, description=told.so_far)
    told.tell(as_json=as_json)


def _line(scores: Scores) -> str:
    rendered = scores.rendered
    parts = [f"{100 * scores.progress.share:.0f} %", f"rendered {rendered['all']}"]
    parts += [f"{kind} {rendered[kind]}" for kind in ("two lines", "state") if kind in rendered]
    parts += [f"{name} {exact}/{folded}" for name, (exact, folded) in scores.photographs.items()]
    return ", ".join(parts)


def _bar(console: Console | None = None) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console)


def _check_installed() -> None:
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        _fail(
            f"training needs {' and '.join(missing)}; install the easyocr extra: pip install 'gate[easyocr]'"
        )


def _check_scenes(scenes: Path) -> None:
    if not (scenes / "labels.tsv").is_file():
        _fail(
            f"{scenes}: no labels.tsv in it; name the folder of road frames with --scenes "
            "(RobertLucian/license-plate-dataset, MIT)"
        )


def _fail(message: str) -> NoReturn:
    Console(stderr=True).print(message, style="red", markup=False)
    sys.exit(1)


def main() -> None:
    """Run the command; what cannot be had is told in a line, not in a stack."""
    from gate.anpr.training.fonts import FontsMissingError

    try:
        app()
    except (FontsMissingError, GateError) as error:
        _fail(str(error))


if __name__ == "__main__":
    main()
