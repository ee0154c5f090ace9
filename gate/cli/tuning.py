"""`gate anpr tune`: how well a camera shows plates, and what to change about it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import cv2
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from gate import logs
from gate.anpr.catalogue import build_recogniser
from gate.anpr.recogniser import Image, Recogniser
from gate.anpr.region import Region
from gate.anpr.tune import CameraView, FrameView, summarise, view_frame
from gate.anpr.tune_advice import Advice, Figure, advise, table
from gate.anpr.tune_picture import draw_tuning
from gate.cli.camera_named import camera_named
from gate.cli.options import AsJson, SiteFile, find_site_file
from gate.config import load_site
from gate.errors import ConfigError, DeviceError, GateError
from gate.model import PlateCandidate
from gate.settings import AnprSettings, MjpegCamera, RtspCamera, SiteSettings, V4l2Camera
from hardware.cameras.catalogue import build_camera
from hardware.cameras.port import Camera, Frame

_FIRST_FRAME_SECONDS = 10.0
_LOOK_SECONDS = 0.02
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-_."


@dataclass(frozen=True, slots=True)
class Look:
    """What a camera showed."""

    view: CameraView
    image: Image
    """The frame whose plate was surest, or the last one."""
    candidates: tuple[PlateCandidate, ...]
    """Read in it."""


def tune(
    camera: Annotated[
        str,
        typer.Argument(
            metavar="CAMERA",
            help="A point of the site (POINT/rear: its rear camera), an address, folder, recording, device.",
            show_default=False,
        ),
    ],
    config: SiteFile = None,
    *,
    frames: Annotated[int, typer.Option(min=1, max=500, help="Frames to look at.")] = 8,
    seconds: Annotated[float, typer.Option(min=0.1, max=600, help="At most so long, from the first.")] = 6.0,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="Where the picture goes. [default: tune-CAMERA.png, here]"),
    ] = None,
    credentials: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="For an address: a file with one line, user:password."),
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="For https: who must have signed its certificate.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look through a camera, and say what to change so that plates are read.

    Stand a vehicle where vehicles will stop, and run it by day and by night. Writes a picture with the
    plates found, every figure, and the advice.

    Exit codes: 0 good as it is, 1 something to change, 2 it cannot be told (no frame, no such camera).
    """
    logs.configure(level="ERROR")  # drivers tell the log what we print here
    written = picture or Path(f"tune-{_file_name(camera)}.png")
    try:
        site = _site(config)
        anpr = site.anpr if site is not None else AnprSettings()
        settings = camera_named(camera, site, credentials=credentials, ca_file=ca_file)
        recogniser = build_recogniser(anpr.engine, anpr.threads)
        own_pace = isinstance(settings, MjpegCamera | RtspCamera | V4l2Camera)
        source, region = build_camera(settings), Region.of(settings)
        with _progress(frames) as advance:
            look = look_through(
                source, recogniser, region, frames=frames, seconds=seconds, own_pace=own_pace, looked=advance
            )
        advice = advise(look.view, anpr.accept_confidence)
        figures = table(look.view, anpr.accept_confidence)
        title = f"{_shown_name(camera)}: {'to change' if advice else 'good'} ({anpr.engine})"
        _write(written, draw_tuning(look.image, look.candidates, title, figures, advice, region))
    except GateError as error:
        typer.echo(f"gate: {error}", err=True)
        raise typer.Exit(2) from error
    if as_json:
        told = _told(_shown_name(camera), look.view, advice, written)
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        _print(title, figures, advice, written)
    raise typer.Exit(1 if advice else 0)


def look_through(
    source: Camera,
    recogniser: Recogniser,
    region: Region,
    *,
    frames: int,
    seconds: float,
    own_pace: bool,
    looked: Callable[[], object] = lambda: None,
    patience: float = _FIRST_FRAME_SECONDS,
) -> Look:
    """Start the camera, read up to so many of its newest frames for so long, stop it.

    `own_pace`: its frame rate is the camera's own, and no recording's or folder's. DeviceError when for
    `patience` seconds no frame comes at all.
    """
    views: list[FrameView] = []
    ages: list[float] = []
    shown: tuple[float, Frame, tuple[PlateCandidate, ...]] | None = None
    first: Frame | None = None
    last: Frame | None = None
    source.start()
    try:
        for frame in _frames(source, seconds, patience):
            ages.append(time.monotonic() - frame.captured)
            part, left, top = region.cut(frame.image)
            height, width = frame.image.shape[:2]
            candidates = region.place(recogniser.read(part), (left, top), (width, height))
            view = view_frame(frame.image, candidates, region)
            views.append(view)
            sure = view.plate.confidence if view.plate is not None else -1.0
            if shown is None or sure >= shown[0]:
                shown = (sure, frame, candidates)
            first, last = first or frame, frame
            looked()
            if len(views) == frames:
                break
        refused, fault = source.refused, source.fault
    finally:
        source.stop()
    if shown is None or first is None or last is None:
        raise DeviceError(f"no frame from the camera: {fault or 'pictures come, but none can be decoded'}")
    span = last.captured - first.captured
    rate = (last.sequence - first.sequence) / span if own_pace and span > 0 else None
    height, width = shown[1].image.shape[:2]
    usual = summarise(views, (width, height), rate=rate, age=max(ages), refused=refused, region=region)
    return Look(usual, shown[1].image, shown[2])


def _frames(source: Camera, seconds: float, patience: float) -> Iterator[Frame]:
    """The newest frame each time it is asked for, until the time is over."""
    end = time.monotonic() + patience
    seen = 0
    while time.monotonic() < end:
        frame = source.latest(seen)
        if frame is None:
            time.sleep(_LOOK_SECONDS)
            continue
        if not seen:
            end = time.monotonic() + seconds
        seen = frame.sequence
        yield frame


def _site(told: Path | None) -> SiteSettings | None:
    found = find_site_file(told)
    return load_site(found) if found is not None else None


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], object]]:
    """A bar on a terminal's stderr, nothing elsewhere; gives the function that moves it on."""
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True,
    )  # fmt: skip
    with bar:
        yield partial(bar.advance, bar.add_task("frames", total=total))


def _write(path: Path, image: Image) -> None:
    done, data = cv2.imencode(".png", image)
    if not done:
        raise DeviceError(f"{path}: the picture cannot be encoded")
    try:
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise ConfigError(
            f"{path}: the picture cannot be written: {error.strerror}; name another with --picture"
        ) from error


def _shown_name(camera: str) -> str:
    """As given, without what may be a secret: a user and password, a query."""
    scheme, mark, rest = camera.partition("://")
    return f"{scheme}{mark}{rest.split('@')[-1].split('?')[0]}" if rest else camera


def _file_name(camera: str) -> str:
    name = _shown_name(camera).partition("://")[2] or camera
    kept = "".join(sign if sign.lower() in _LETTERS else "-" for sign in name)
    return kept.strip("-.") or "camera"


def _told(name: str, view: CameraView, advice: tuple[Advice, ...], picture: Path) -> dict[str, Any]:
    found = asdict(view)
    if view.plate is not None:
        found["plate"]["sharpness"] = view.plate.sharpness
        if view.plate.sharpness == 0:
            found["plate"]["smear"] = None  # JSON knows no infinity
    said = [{"topic": one.topic, "found": one.found, "change": one.change} for one in advice]
    return {"camera": name, "good": not advice, "advice": said, **_rounded(found), "picture": str(picture)}


def _rounded(value: Any) -> Any:
    match value:
        case float():
            return round(value, 4)
        case dict():
            return {key: _rounded(part) for key, part in value.items()}
        case list() | tuple():
            return [_rounded(part) for part in value]
        case _:
            return value


def _print(title: str, figures: tuple[Figure, ...], advice: tuple[Advice, ...], picture: Path) -> None:
    console = Console()
    shown = Table("measured", "found", "wanted", "", title=title)
    for figure in figures:
        verdict = "" if figure.good is None else "[green]good[/]" if figure.good else "[bold red]change[/]"
        shown.add_row(figure.name, figure.found, figure.wanted, verdict)
    console.print(shown)
    for one in advice:
        typer.echo(f"- {one}")
    if not advice:
        typer.echo("Nothing to change: this camera reads plates as it stands.")
    typer.echo(f"picture: {picture}")
