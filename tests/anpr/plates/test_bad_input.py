"""What no plate reader should be shown, and what is no plate: no crash, and nothing that opens a lane."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.anpr.catalogue import build_recogniser
from gate.anpr.recogniser import Image, Recogniser
from gate.model import PlateCandidate
from gate.settings import AnprSettings
from hardware.emulators.scenes import render_scene
from tests.anpr.plates.lettering import DANGER, FOREIGN, LETTERING, endangering, foreign, lettered, panelled

ACCEPTED = AnprSettings().accept_confidence


@pytest.fixture(scope="module")
def engine() -> Recogniser:
    """The engine with the weights that ship."""
    return build_recogniser("gate", 1)


@pytest.fixture(scope="module")
def scene() -> Image:
    """A vehicle with a plate that is read surely."""
    return render_scene("10AA019", country="AZ", seed=4)


def _accepted(engine: Recogniser, picture: Image) -> list[PlateCandidate]:
    return [read for read in engine.read(picture) if read.confidence >= ACCEPTED]


def test_the_scene_itself_is_accepted(engine: Recogniser, scene: Image) -> None:
    """Else the pictures spoilt below would prove nothing."""
    assert [read.mark for read in _accepted(engine, scene)] == ["10AA019"]


@pytest.mark.parametrize("shape", [(0, 0, 3), (0, 1280, 3), (720, 0, 3), (1, 1, 3), (0, 0), (15, 15)])
def test_pictures_too_small_to_hold_a_plate(engine: Recogniser, shape: tuple[int, ...]) -> None:
    """Empty ones, and those of a few pixels: nothing is read."""
    assert engine.read(np.zeros(shape, dtype=np.uint8)) == ()


@pytest.mark.parametrize("shade", [0, 1, 127, 254, 255])
def test_pictures_of_one_shade(engine: Recogniser, shade: int) -> None:
    """A covered lens, a burnt-out picture: nothing is read."""
    assert engine.read(np.full((540, 960, 3), shade, dtype=np.uint8)) == ()


def _strange(scene: Image) -> dict[str, Any]:
    return {
        "with a fourth channel": np.dstack([scene, np.full(scene.shape[:2], 255, dtype=np.uint8)]),
        "two channels": np.ascontiguousarray(scene[..., :2]),
        "floats from 0 to 1": scene.astype(np.float32) / 255,
        "floats that are none": np.full((540, 960, 3), np.nan, dtype=np.float64),
        "sixteen bits": scene.astype(np.uint16) * 257,
        "signed": scene.astype(np.int8),
        "a row of bytes": scene.ravel(),
        "a stack of pictures": scene[None],
        "truth values": scene > 127,
    }  # fmt: skip


def test_wrong_channels_and_types_are_no_picture(engine: Recogniser, scene: Image) -> None:
    """What is neither gray nor BGR bytes is not guessed at: nothing is read, and nothing fails."""
    for name, picture in _strange(scene).items():
        assert engine.read(picture) == (), name


def test_what_is_never_sure_is_so_in_each_sign(engine: Recogniser, scene: Image) -> None:
    """Frames are voted for sign by sign: a plate cut by the edge must not become sure by its signs."""
    x, _, width, _ = engine.read(scene)[0].box
    cut = [read for read in engine.read(np.ascontiguousarray(scene[:, : x + int(width * 0.8)])) if read.mark]
    assert cut
    for read in cut:
        assert max(read.confidence, *read.characters) <= 0.5


def test_gray_and_mixed_up_channels_are_read_alike(engine: Recogniser, scene: Image) -> None:
    """Plates are read in gray: a gray camera, and one that swaps red and blue, read the same."""
    gray = np.asarray(cv2.cvtColor(scene, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
    for picture in (gray, np.ascontiguousarray(scene[..., ::-1])):
        assert [read.mark for read in _accepted(engine, picture)] == ["10AA019"]


def test_a_huge_picture_is_read(engine: Recogniser, scene: Image) -> None:
    """64 megapixels, with the vehicle in a corner of them."""
    huge = np.full((6667, 9600, 3), 90, dtype=np.uint8)
    huge[: scene.shape[0] * 2, : scene.shape[1] * 2] = cv2.resize(scene, None, fx=2, fy=2)
    assert {read.mark for read in _accepted(engine, huge)} <= {"10AA019"}


def test_truncated_jpegs_give_no_other_plate(engine: Recogniser, scene: Image) -> None:
    """A broken-off transfer leaves gray below: the plate is read, or not, but no other one surely."""
    data = cv2.imencode(".jpg", scene)[1]
    told = []
    for share in np.linspace(0.05, 0.95, 13):
        # OpenCV decodes what ends as a JPEG does, and nothing else.
        cut = np.frombuffer(data[: int(len(data) * share)].tobytes() + b"\xff\xd9", dtype=np.uint8)
        picture = np.asarray(cv2.imdecode(cut, cv2.IMREAD_COLOR), dtype=np.uint8)
        told.append({str(read.mark) for read in _accepted(engine, picture)})
    assert all(marks <= {"10AA019"} for marks in told)
    assert (told[0], told[-1]) == (set(), {"10AA019"})


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 300),
    st.integers(1, 500),
    st.integers(0, 2**32 - 1),
    st.sampled_from(("noise", "bars", "steps")),
)
def test_patterns_open_nothing(engine: Recogniser, height: int, width: int, seed: int, kind: str) -> None:
    """Noise, bars and blocks of any size: never surely a plate."""
    rng = np.random.default_rng(seed)
    if kind == "noise":
        picture = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    elif kind == "bars":
        row = np.repeat(rng.integers(0, 256, width // 7 + 1, dtype=np.uint8), 7)[:width]
        picture = np.repeat(np.repeat(row[None, :, None], height, axis=0), 3, axis=2)
    else:
        few = rng.integers(0, 256, (height // 9 + 1, width // 9 + 1, 3), dtype=np.uint8)
        picture = np.kron(few, np.ones((9, 9, 1), dtype=np.uint8))[:height, :width]
    assert _accepted(engine, picture) == []


@pytest.mark.parametrize("alphabet", list(FOREIGN))
def test_plates_in_other_alphabets_are_not_taken_for_ours(engine: Recogniser, alphabet: str) -> None:
    """Signs that the reader was never taught look like some it knows, but not surely."""
    for seed in range(8):
        assert _accepted(engine, foreign(alphabet, seed)) == [], seed


@pytest.mark.parametrize("kind", list(LETTERING))
def test_lettering_on_a_body_opens_nothing(engine: Recogniser, kind: str) -> None:
    """Painted on a vehicle, large or small, as some state writes marks ("VEH 0815") or not: never sure."""
    for text in LETTERING[kind]:
        for seed in range(2):
            assert _accepted(engine, lettered(text, seed)) == [], (text, seed)


@pytest.mark.parametrize("kind", list(LETTERING))
def test_lettering_on_a_board_opens_nothing(engine: Recogniser, kind: str) -> None:
    """A rim around it makes it look like a plate; what it says, and in which face, does not."""
    for text in LETTERING[kind]:
        assert _accepted(engine, panelled(text, 0)) == [], text


@pytest.mark.parametrize("lines", DANGER)
def test_plates_of_dangerous_goods_open_nothing(engine: Recogniser, lines: tuple[str, str]) -> None:
    """The orange plate has the look of one with two lines, but names a danger and a substance."""
    for seed in range(4):
        assert _accepted(engine, endangering(lines, seed)) == [], seed
