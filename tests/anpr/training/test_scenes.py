"""The scenes that the finder learns from: what is said to be a plate is one, and is where it should be."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from gate.anpr.plates.place import cut_place, move
from gate.anpr.training.faces import Faces
from gate.anpr.training.scenes import EXACT, MOST, SIDE, UNCLEAR, Scene, Scenery, to_frame
from gate.anpr.training.scenes_lettering import Lettering
from gate.anpr.training.scenes_photos import Photo, ScenesError, held_names, load_photos
from gate.anpr.training.scenes_places import PLACES, to_places
from gate.anpr.training.scenes_plates import Plates

Gray = NDArray[np.uint8]


def _chequers(_rng: np.random.Generator) -> Gray:
    """A face that is like nothing else, and unlike itself when turned or mirrored."""
    blocks = np.random.default_rng(9).integers(0, 2, (3, 11)).astype(np.uint8) * 200 + 30
    return np.asarray(cv2.resize(blocks, (440, 110), interpolation=cv2.INTER_NEAREST), dtype=np.uint8)


def _photo(name: str = "ride.mp4_t_1.jpg") -> Photo:
    rng = np.random.default_rng(3)
    gray = np.asarray(
        cv2.resize(rng.integers(60, 200, (18, 32), dtype=np.uint8), (1280, 720)), dtype=np.uint8
    )
    return Photo(name, gray, np.array([(600, 400, 120, 28)], dtype=np.float32), gray.copy())


@pytest.fixture(scope="module")
def scenery() -> Scenery:
    """Scenes of chequered plates, on one frame and on drawn roads."""
    return Scenery([_photo()], Lettering([]), _chequers)


@pytest.fixture(scope="module")
def scenes(scenery: Scenery) -> list[Scene]:
    """Sixty of them."""
    return [scenery.render(np.random.default_rng(seed)) for seed in range(60)]


def test_a_scene_is_told_by_its_seed(scenery: Scenery) -> None:
    """The same random numbers give the same picture and corners; others give others."""
    one, two, other = (scenery.render(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(one.picture, two.picture)
    assert np.array_equal(one.corners, two.corners)
    assert not np.array_equal(one.picture, other.picture)


def test_plates_lie_where_their_corners_say(scenes: list[Scene]) -> None:
    """Straightened by its corners, nearly every plate set into a scene looks like its drawn face."""
    face = cv2.resize(_chequers(np.random.default_rng(0)), (88, 22), interpolation=cv2.INTER_AREA)
    ends = np.array([(0, 0), (88, 0), (88, 22), (0, 22)], dtype=np.float32)
    alike = []
    for scene in scenes:
        for quad, weight in zip(scene.corners, scene.weights, strict=True):
            if weight == EXACT and np.linalg.norm(quad[1] - quad[0]) > 60:
                seen = cv2.warpPerspective(scene.picture, cv2.getPerspectiveTransform(quad, ends), (88, 22))
                alike.append(float(np.corrcoef(seen.ravel(), face.ravel())[0, 1]))
    assert len(alike) > 30
    assert float(np.percentile(alike, 15)) > 0.6


def test_scenes_have_plates_and_none(scenes: list[Scene]) -> None:
    """Among scenes some have a plate, some several, some none; and things that are no plates."""
    numbers = [int((scene.weights > 0).sum()) for scene in scenes]
    assert {0, 1, 2} <= set(numbers)
    assert sum(len(scene.decoys) for scene in scenes) > 20
    assert all(scene.picture.shape == (2 * SIDE, 2 * SIDE) for scene in scenes)
    assert len({scene.picture.tobytes() for scene in scenes}) == 60


def test_plates_cut_off_are_unclear(scenes: list[Scene]) -> None:
    """A plate that is half outside the picture is neither a plate to find nor a place that is none."""
    low, high = 0.0, float(2 * SIDE)
    unclear = 0
    for scene in scenes:
        for quad, weight in zip(scene.corners, scene.weights, strict=True):
            seen = np.clip(quad, low, high)
            share = np.prod(np.ptp(seen, axis=0)) / np.prod(np.ptp(quad, axis=0))
            if share < 0.8:
                assert weight == UNCLEAR
                unclear += 1
    assert unclear > 0


def test_a_frame_is_the_scene_halved(scenes: list[Scene]) -> None:
    """Corners are halved with the picture; rows without a plate weigh nothing."""
    scene = next(scene for scene in scenes if len(scene.corners) > 1)
    frame = to_frame(scene)
    number = len(scene.corners)
    assert np.allclose(frame["plates"][:number], scene.corners / 2)
    assert frame["weights"][:number].tolist() == scene.weights.tolist()
    assert not frame["weights"][number:MOST].any()
    assert abs(float(frame["picture"].mean()) - float(scene.picture.mean())) < 1


def test_places_hold_what_they_say(scenes: list[Scene]) -> None:
    """A plate's place has its corners inside; any other place is clear of every plate."""
    rng = np.random.default_rng(8)
    plates = 0
    for scene in scenes[:30]:
        places = to_places(scene, [], rng)
        assert len(places) == PLACES
        for place in places[places["plate"] == 1]:
            plates += 1
            middle = place["corners"].mean(axis=0)
            assert np.abs(middle - 0.5).max() < 0.45
            assert place["weight"] > 0
        assert not places[places["plate"] == 0]["corners"].any()
    assert plates > 30


def test_a_place_is_straightened() -> None:
    """What is cut around exact corners shows the face upright in its middle, wherever it lay."""
    flat = np.full((400, 600), 90, dtype=np.uint8)
    quad = np.array([(300, 150), (420, 190), (415, 225), (295, 182)], dtype=np.float32)
    cv2.fillPoly(flat, [quad.astype(np.int32)], 250)
    place, way = cut_place(flat, quad)
    inside = move(quad, way)
    assert place[28:36, 30:98].min() > 240
    assert place[:8].max() < 100
    assert np.allclose(inside.mean(axis=0), (64, 32), atol=2)


def test_lettering_draws_what_it_is_asked() -> None:
    """Plates of no state have a plate's shape and ink on them; decoys are faces with their cover."""
    lettering = Lettering([])
    for seed in range(40):
        rng = np.random.default_rng(seed)
        plate = lettering.plate(rng)
        assert 1.15 < plate.shape[1] / plate.shape[0] < 5.2
        assert plate.std() > 10
        face, cover = lettering.decoy(rng)
        assert face.shape == cover.shape
        assert cover.max() > 200


def test_plates_are_drawn_and_seen_again() -> None:
    """Faces of many shapes come, and the same one comes more than once."""
    plates = Plates(Faces([]), Lettering([]), states=("AZ", "GE", "US", "RU"))
    rng = np.random.default_rng(2)
    faces = [plates.draw(rng) for _ in range(150)]
    shapes = {round(face.shape[1] / face.shape[0], 1) for face in faces}
    assert min(shapes) < 2.2
    assert max(shapes) > 4
    assert 50 < len({face.tobytes() for face in faces}) < 150


def _folder(tmp_path: Path, names: list[str]) -> Path:
    rows = ["file\tx\ty\tw\th"]
    for name in names:
        picture = np.full((90, 160), 80, dtype=np.uint8)
        cv2.rectangle(picture, (60, 40), (99, 49), 250, -1)
        cv2.imwrite(str(tmp_path / name), picture)
        rows.append(f"{name}\t60\t40\t40\t10")
    (tmp_path / "labels.tsv").write_text("\n".join(rows) + "\n")
    return tmp_path


def test_some_frames_are_held_back(tmp_path: Path) -> None:
    """Two videos and the others' last frames are for scores alone, never learnt from."""
    names = [f"night.mp4_t_{second}.jpg" for second in range(2, 52)] + ["dayride_type1_002.mp4_t_4.jpg"]
    folder = _folder(tmp_path, names)
    held = {photo.name for photo in load_photos(folder, held=True)}
    learnt = {photo.name for photo in load_photos(folder, held=False)}
    assert held == held_names(names) == {names[-1], *names[44:50]}
    assert learnt == set(names) - held


def test_plates_are_painted_out(tmp_path: Path) -> None:
    """The bare frame has no plate any more, and is otherwise untouched."""
    (photo,) = load_photos(_folder(tmp_path, ["a.mp4_t_1.jpg"]), held=False)
    assert photo.boxes.tolist() == [[60, 40, 40, 10]]
    assert photo.gray[44, 80] > 230
    assert int(photo.bare[36:54, 54:106].max()) < 120
    assert np.array_equal(photo.bare[:30], photo.gray[:30])


def test_a_folder_without_labels_is_told(tmp_path: Path) -> None:
    """What lacks or cannot be read is named."""
    with pytest.raises(ScenesError, match=r"labels\.tsv"):
        load_photos(tmp_path, held=False)
    folder = _folder(tmp_path, ["a.mp4_t_1.jpg"])
    (folder / "a.mp4_t_1.jpg").write_bytes(b"no picture")
    with pytest.raises(ScenesError, match=r"a\.mp4_t_1\.jpg"):
        load_photos(folder, held=False)
