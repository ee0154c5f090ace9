"""Camera set-up: every advice where it is due and nowhere else, on an emulated camera's real stream."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from gate.anpr.catalogue import build_recogniser
from gate.anpr.frame_quality import Exposure, Tilt
from gate.anpr.recogniser import Image, Recogniser
from gate.anpr.region import Region
from gate.anpr.tune import CameraView, PlateView, view_plate
from gate.anpr.tune_advice import Topic, advise, table
from gate.anpr.tune_picture import draw_tuning
from gate.cli.camera_named import camera_named
from gate.cli.tuning import Look, look_through
from gate.config import load_site
from gate.errors import ConfigError, DeviceError
from gate.model import PlateCandidate, RegistrationMark
from gate.settings import FolderCamera, MjpegCamera
from gate.settings.cameras import Roi
from hardware.cameras.catalogue import build_camera
from hardware.emulators.camera import CameraServer
from hardware.emulators.scenes import empty_road, render_scene
from tests.cli.calling import DEMO, gate

SCENE = render_scene("10AA019", country="AZ", seed=4)
ACCEPT = 0.8


def changed(image: np.ndarray[Any, Any]) -> Image:
    """OpenCV's arrays as ours."""
    return np.asarray(image, dtype=np.uint8)


def shrunk(scale: float) -> Image:
    """The scene from further away: with more of a gray yard about it."""
    small = cv2.resize(SCENE, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    picture = np.full_like(SCENE, 90)
    picture[100 : 100 + small.shape[0], 200 : 200 + small.shape[1]] = small
    return picture


def glaring() -> Image:
    """Headlights straight into the lens: two white discs, and their veil over everything."""
    veiled = cv2.convertScaleAbs(SCENE, alpha=0.25, beta=120)
    for x in (250, 1050):
        cv2.circle(veiled, (x, 200), 140, (255, 255, 255), -1)
    return changed(veiled)


BAD: dict[str, tuple[Image, set[Topic]]] = {
    "good": (SCENE, set()),
    "night": (render_scene("10AA019", country="AZ", seed=4, night=True), set()),
    "far": (shrunk(0.35), {"size"}),
    "near": (changed(cv2.resize(SCENE[440:600, 560:960], (1280, 512))), {"size"}),
    "soft": (changed(cv2.GaussianBlur(SCENE, (0, 0), 3)), {"focus"}),
    "moving": (changed(cv2.blur(SCENE, (10, 1))), {"shutter"}),
    "dark": (changed(cv2.convertScaleAbs(SCENE, alpha=0.15)), {"dark"}),
    "burnt": (changed(cv2.convertScaleAbs(SCENE, alpha=1.6, beta=20)), {"bright"}),
    "hazy": (changed(cv2.convertScaleAbs(SCENE, alpha=0.25, beta=120)), {"contrast"}),
    "glare": (glaring(), {"glare"}),
    "nobody": (empty_road(seed=4), {"no-plate"}),
    "black": (changed(np.zeros_like(SCENE)), {"no-plate", "dark"}),
    "white": (changed(np.full_like(SCENE, 255)), {"no-plate", "bright"}),
}
"""What a camera shows, and what must be said of it: no more and no less."""


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    """The engine that sites have unless they say otherwise."""
    return build_recogniser("ppocr", 1)


async def look_at(
    server: CameraServer, name: str, recogniser: Recogniser, frames: int = 1, roi: Roi | None = None
) -> Look:
    """Through the driver a site would use."""
    settings = MjpegCamera(driver="http-mjpeg", url=server.url(name), roi=roi)
    camera, region = build_camera(settings), Region.of(settings)
    return await asyncio.to_thread(
        lambda: look_through(camera, recogniser, region, frames=frames, seconds=30, own_pace=True)
    )


def topics(view: CameraView) -> set[Topic]:
    """What is said, but for what only says that these tests run on a busy machine."""
    return {advice.topic for advice in advise(view, ACCEPT)} - {"rate", "age"}


@pytest.mark.parametrize("name", BAD)
async def test_it_says_what_is_wrong_and_nothing_else(name: str, recogniser: Recogniser) -> None:
    """Each fault of a camera, over a real stream, gives its own advice."""
    image, wanted = BAD[name]
    async with CameraServer() as server:
        server.show(name, image)
        look = await look_at(server, name, recogniser)
    assert topics(look.view) == wanted
    wrong = {figure.name for figure in table(look.view, ACCEPT) if figure.good is False}
    assert bool(wrong) is bool(wanted)


async def test_advice_comes_with_its_numbers(recogniser: Recogniser) -> None:
    """A person reads how wide the plate is, and how wide it should be."""
    async with CameraServer() as server:
        server.show("far", shrunk(0.35))
        look = await look_at(server, "far", recogniser)
    plate = look.view.plate
    assert plate is not None
    assert 50 <= plate.width <= 90  # it is 66
    (advice,) = (one for one in advise(look.view, ACCEPT) if one.topic == "size")
    assert f"plate {plate.width:.0f} px wide" in str(advice)
    assert "until about 110 px" in str(advice)


async def test_a_stream_has_a_rate_and_broken_pictures_are_counted(recogniser: Recogniser) -> None:
    """The frames a second are those that came, read or not; what was no picture is told."""
    async with CameraServer() as server:
        server.show("lane", SCENE)
        look = await look_at(server, "lane", recogniser, frames=3)
        assert look.view.frames == 3
        assert look.view.rate is not None
        assert 0 < look.view.rate < 20
        assert look.view.size == (1280, 720)
        server.show_jpeg("broken", b"\xff\xd8 no picture \xff\xd9")
        camera = build_camera(MjpegCamera(driver="http-mjpeg", url=server.url("broken")))
        watching = asyncio.to_thread(
            lambda: look_through(
                camera, recogniser, Region(), frames=1, seconds=1, own_pace=True, patience=0.5
            )
        )
        with pytest.raises(DeviceError, match="no frame"):
            await watching


async def test_only_the_region_is_read(recogniser: Recogniser) -> None:
    """A plate in the region is found where it is in the picture; beside it none is; one it cuts is told."""
    async with CameraServer() as server:
        server.show("lane", SCENE)
        inside = await look_at(server, "lane", recogniser, roi=Roi(x=0.4, y=0.5, w=0.5, h=0.5))
        beside = await look_at(server, "lane", recogniser, roi=Roi(x=0, y=0, w=1, h=0.5))
        across = await look_at(server, "lane", recogniser, roi=Roi(x=0.545, y=0.5, w=0.4, h=0.5))
    assert topics(inside.view) == set()
    assert inside.view.plate is not None
    assert inside.view.plate.place[:2] == pytest.approx((0.53, 0.68), abs=0.02)
    assert topics(beside.view) == {"no-plate"}
    assert "whole in the region" in str(advise(beside.view, ACCEPT)[0])
    assert "edge" in topics(across.view)
    assert "roi" in " ".join(str(one) for one in advise(across.view, ACCEPT))


LIGHT = Exposure(mean=120, dark_share=0.0, bright_share=0.0, contrast=150)
PLATE = PlateView(
    mark="10AA019",
    confidence=0.95,
    width=160,
    character=23,
    smear=2.0,
    moving=False,
    light=LIGHT,
    tilt=Tilt(roll=2, aside=15, above=20),
    cut=False,
    place=(0.4, 0.5, 0.5, 0.6),
)
VIEW = CameraView(
    frames=8,
    read=8,
    size=(1280, 720),
    light=LIGHT,
    plate=PLATE,
    rate=10.0,
    age=0.1,
    refused={},
    region=Region(),
)


@pytest.mark.parametrize(
    ("view", "wanted"),
    [
        (VIEW, set()),
        (replace(VIEW, plate=replace(PLATE, tilt=None)), set()),
        (replace(VIEW, plate=replace(PLATE, tilt=Tilt(roll=0, aside=52, above=0))), {"aside"}),
        (replace(VIEW, plate=replace(PLATE, tilt=Tilt(roll=0, aside=0, above=48))), {"above"}),
        (replace(VIEW, plate=replace(PLATE, tilt=Tilt(roll=-20, aside=0, above=0))), {"roll"}),
        (replace(VIEW, plate=replace(PLATE, width=70, smear=1, tilt=Tilt(0, 60, 60))), {"size"}),
        (replace(VIEW, plate=replace(PLATE, cut=True)), {"edge"}),
        (replace(VIEW, plate=replace(PLATE, confidence=0.6)), {"confidence"}),
        (replace(VIEW, plate=replace(PLATE, confidence=0.6, width=50)), {"size"}),
        (replace(VIEW, plate=replace(PLATE, smear=math.inf)), {"focus"}),
        (replace(VIEW, read=3), {"no-plate"}),
        (replace(VIEW, rate=1.5), {"rate"}),
        (replace(VIEW, rate=None), set()),
        (replace(VIEW, age=2.5), {"age"}),
        (replace(VIEW, refused={"corrupt": 2}), {"broken"}),
    ],
)
def test_each_figure_out_of_bounds_is_told(view: CameraView, wanted: set[Topic]) -> None:
    """One thing wrong, one advice; and the table marks a line wrong exactly then."""
    assert {advice.topic for advice in advise(view, ACCEPT)} == wanted
    assert any(figure.good is False for figure in table(view, ACCEPT)) is bool(wanted)


def test_roll_says_which_way_to_turn() -> None:
    """A plate that lies clockwise is righted by turning the camera clockwise."""
    said = [
        str(advise(replace(VIEW, plate=replace(PLATE, tilt=Tilt(roll, 0, 0))), ACCEPT)[0])
        for roll in (20, -20)
    ]
    assert ["camera clockwise" in said[0], "camera anticlockwise" in said[1]] == [True, True]


def test_corners_are_believed_before_the_box() -> None:
    """Where an engine tells the plate's corners, its width, its tilt and its characters are theirs."""
    gray = np.asarray(cv2.cvtColor(SCENE, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    box = (681, 492, 160, 63)
    corners = ((660.0, 495.0), (848.0, 510.0), (846.0, 550.0), (660.0, 535.0))
    plain = PlateCandidate(RegistrationMark("10AA019"), "AZ", 0.9, box, "10-AA-019")
    view = view_plate(gray, replace(plain, corners=corners), Region())
    assert view.width == pytest.approx(188, abs=1)
    assert view.tilt is not None
    assert view.tilt.roll == pytest.approx(4.6, abs=0.3)
    assert view.character == pytest.approx(0.145 * view.width)
    assert view_plate(gray, plain, Region()).tilt is None


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (64, 4000), (2000, 60)])
def test_any_picture_can_be_drawn(size: tuple[int, int]) -> None:
    """Whatever a camera's size, and a plate at any edge, there is a picture to look at."""
    frame = np.full((*size, 3), 120, dtype=np.uint8)
    candidate = PlateCandidate(RegistrationMark("10AA019"), "AZ", 0.9, (0, 0, 1, 1), "10AA019")
    drawn = draw_tuning(frame, (candidate,), "lane", table(VIEW, ACCEPT), (), Region())
    assert drawn.shape[1:] == (1280, 3)


def test_the_picture_shows_the_frame_the_boxes_and_the_words() -> None:
    """Drawn are the frame itself, the plate's outline in the colour of the verdict, and more with advice."""
    candidate = PlateCandidate(RegistrationMark("10AA019"), "AZ", 0.9, (681, 492, 160, 63), "10-AA-019")
    good = draw_tuning(SCENE, (candidate,), "lane", table(VIEW, ACCEPT), (), Region())
    assert np.array_equal(good[:400, :600], SCENE[:400, :600])
    poor = replace(VIEW, plate=replace(PLATE, width=50))
    bad = draw_tuning(SCENE, (candidate,), "lane", table(poor, ACCEPT), advise(poor, ACCEPT), Region())
    left_edge = (slice(500, 550), 681)
    assert _greenish(good[left_edge])
    assert not _greenish(bad[left_edge])
    assert not np.array_equal(good[720:, 700:], bad[720 : good.shape[0], 700:])


def _greenish(pixels: Sequence[Any] | Image) -> bool:
    blue, green, red = np.asarray(pixels, dtype=float).reshape(-1, 3).mean(axis=0)
    return bool(green > red and green > blue)


async def test_the_command_on_a_folder(tmp_path: Path) -> None:
    """Status 1, one JSON object with the advice, and a PNG where it was asked for."""
    folder = tmp_path / "yard"
    folder.mkdir()
    cv2.imwrite(str(folder / "far.png"), shrunk(0.35))
    done = await gate("anpr", "tune", folder, "--frames", "1", "--json", "--picture", tmp_path / "seen.png")
    assert done.code == 1, done.err
    told = done.told
    assert (told["good"], told["frames"], told["read"]) == (False, 1, 1)
    assert [one["topic"] for one in told["advice"]] == ["size"]
    assert told["rate"] is None
    drawn = cv2.imread(str(tmp_path / "seen.png"))
    assert drawn is not None
    assert drawn.shape[1] == 1280


async def test_the_command_on_a_point_of_the_site(tmp_path: Path) -> None:
    """A point's name gives its configured camera; a good one gives status 0 and tune-POINT.png."""
    folder = tmp_path / "photos"
    folder.mkdir()
    cv2.imwrite(str(folder / "good.png"), SCENE)
    site = tmp_path / "site.yaml"
    site.write_text(with_camera(DEMO.read_text(), folder))
    done = await gate("anpr", "tune", "lane-1", "-c", site, "--frames", "1", cwd=tmp_path)
    assert done.code == 0, done.err + done.out
    assert "Nothing to change" in done.out
    assert (tmp_path / "tune-lane-1.png").is_file()


def with_camera(text: str, folder: Path) -> str:
    """The demo's site, lane-1 seeing this folder."""
    camera = '{driver: http-mjpeg, url: "http://127.0.0.1:8444/lane-1.mjpeg"}'
    assert camera in text
    return text.replace(camera, f'{{driver: folder, path: "{folder}"}}')


@pytest.mark.parametrize(
    ("camera", "said"),
    [
        ("lane-99", "lane-1"),
        ("gopher://somewhere/x", "rtsp"),
        ("rtsp://user:secret@127.0.0.1/x", "--credentials"),
        ("http:///x", "url"),
    ],
)
def test_what_is_no_camera_is_named(camera: str, said: str) -> None:
    """What could have been meant is said; never a password."""
    with pytest.raises(ConfigError, match=said) as refused:
        camera_named(camera, load_site(DEMO))
    assert "secret" not in str(refused.value)


def test_what_a_camera_may_be(tmp_path: Path) -> None:
    """An address, a folder, a recording, a device, and a point's own or rear camera."""
    (tmp_path / "day.mp4").write_bytes(b"")
    password = tmp_path / "password"
    assert camera_named(str(tmp_path), None) == FolderCamera(driver="folder", path=tmp_path)
    assert camera_named(str(tmp_path / "day.mp4"), None).driver == "video-file"
    assert camera_named("/dev/null", None).driver == "v4l2"
    told = camera_named("https://box/a.mjpeg", None, credentials=password)
    assert told == MjpegCamera(driver="http-mjpeg", url="https://box/a.mjpeg", credentials_file=password)
    site = load_site(DEMO)
    assert camera_named("lane-1", site) == next(
        point.camera for point in site.points if point.name == "lane-1"
    )
    with pytest.raises(ConfigError, match="configured"):
        camera_named("lane-1", site, credentials=password)


async def test_the_command_cannot_tell_without_a_frame(tmp_path: Path) -> None:
    """Status 2, in words, naming the cameras that there are."""
    done = await gate("anpr", "tune", "lane-99", "-c", DEMO, cwd=tmp_path)
    assert done.code == 2
    assert "lane-99: no such camera" in done.err
    assert "lane-1" in done.err
