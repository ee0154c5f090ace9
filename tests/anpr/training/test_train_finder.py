"""Teaching the finder's nets: what a loss counts, and that a run goes on and ends in weights."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from gate.anpr.plates.finder import PlateFinder
from gate.anpr.training.finder_net import REACH, STRIDE, CornersNet, FinderNet
from gate.anpr.training.scenes import FRAME, MOST, SIDE
from gate.anpr.training.scenes_places import PLACE, PLACES
from gate.anpr.training.scenes_shards import Pool
from gate.anpr.training.train_finder import Trainer, heat_and_corners, look_losses, train

_CELLS = SIDE // STRIDE


def _plate(x: float, y: float, width: float = 60, height: float = 14) -> torch.Tensor:
    return torch.tensor(
        [(x, y), (x + width, y), (x + width, y + height), (x, y + height)], dtype=torch.float32
    )


def _told(plate: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Heat and offsets of a net that knows where the plate is."""
    y, x = torch.meshgrid(torch.arange(_CELLS), torch.arange(_CELLS), indexing="ij")
    cells = torch.stack([x, y], dim=-1).float() * STRIDE + STRIDE / 2
    offsets = (plate.reshape(8) - cells.repeat(1, 1, 4)) / REACH
    middle = (plate.mean(dim=0) // STRIDE).long()
    heat = torch.full((1, 1, _CELLS, _CELLS), -9.0)
    heat[0, 0, middle[1], middle[0]] = 9.0
    return heat, offsets.permute(2, 0, 1)[None]


def test_the_right_answer_costs_nothing() -> None:
    """A net that knows the plate has no loss; one that is a cell off, or whose corners are, has."""
    plate = _plate(98, 61)
    plates, weights = torch.zeros(1, MOST, 4, 2), torch.zeros(1, MOST)
    plates[0, 0], weights[0, 0] = plate, 1
    heat, offsets = _told(plate)
    hot, bent = heat_and_corners(heat, offsets, plates, weights)
    assert float(hot) < 0.01
    assert float(bent) < 1e-6
    elsewhere, moved = heat_and_corners(heat.roll(4, dims=3), offsets + 0.2, plates, weights)
    assert float(elsewhere) > 5
    assert float(moved) > 0.05


def test_an_unclear_plate_counts_neither_way() -> None:
    """Heat at a plate that is cut off costs as little as no heat there, and its corners nothing."""
    plate = _plate(98, 61)
    heat, offsets = _told(plate)
    plates, weights = torch.zeros(1, MOST, 4, 2), torch.zeros(1, MOST)
    plates[0, 0] = plate
    wrong, _ = heat_and_corners(heat, offsets, plates, weights)
    weights[0, 0] = -1
    forgiven, corners = heat_and_corners(heat, offsets + 1, plates, weights)
    assert float(wrong) > 5
    assert float(forgiven) < 0.01
    assert float(corners) == 0


def test_a_look_that_is_no_plate_has_no_corners() -> None:
    """Corners of places without a plate, or of plates whose corners are not known, count nothing."""
    out = torch.zeros(3, 9)
    out[:, 0] = torch.tensor([9.0, -9.0, 9.0])
    corners = torch.full((3, 4, 2), 0.5)
    corners[0] = 0.0
    sure, bent = look_losses(out, torch.tensor([1.0, 0.0, 1.0]), torch.tensor([1.0, 0.0, 0.0]), corners)
    assert float(sure) < 0.01
    assert float(bent) == 0
    out[:, 0] *= -1
    assert float(look_losses(out, torch.tensor([1.0, 0.0, 1.0]), torch.zeros(3), corners)[0]) > 5


@pytest.mark.parametrize("size", [(32, 32), (96, 160), (384, 640)])
def test_nets_take_any_whole_size(size: tuple[int, int]) -> None:
    """The finder's map has a cell for each eight pixels; the second net has nine answers a place."""
    with torch.no_grad():
        heat, offsets = FinderNet().eval()(torch.zeros(1, 1, *size, dtype=torch.uint8))
        looks = CornersNet().eval()(torch.zeros(3, 1, *PLACE["picture"].shape, dtype=torch.uint8))
    assert heat.shape == (1, 1, size[0] // 8, size[1] // 8)
    assert offsets.shape == (1, 8, size[0] // 8, size[1] // 8)
    assert looks.shape == (3, 9)


def _shard(folder: Path, number: int, tone: int) -> None:
    frames, places = np.zeros(4, dtype=FRAME), np.zeros(4 * PLACES, dtype=PLACE)
    frames["picture"] = tone
    places["picture"] = tone
    np.savez(folder / f"{number}.npz", frames=frames, places=places)


def test_the_pool_keeps_the_newest(tmp_path: Path) -> None:
    """Shards are taken in order and gone from the folder; the oldest frames make room."""
    pool = Pool(tmp_path, keep=8)
    for number, tone in enumerate((10, 20, 30)):
        _shard(tmp_path, number, tone)
    pool.take(0)
    assert not list(tmp_path.iterdir())
    assert pool.seen == 12
    assert sorted(set(pool.frames["picture"].ravel().tolist())) == [20, 30]
    frames, places = pool.batch(np.random.default_rng(1))
    assert set(frames["picture"].ravel().tolist()) == {20, 30}
    assert len(places)


def test_a_run_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    """A trainer with another's checkpoint takes the same next step."""
    rng = np.random.default_rng(1)
    frames, places = np.zeros(2, dtype=FRAME), np.zeros(2, dtype=PLACE)
    frames["picture"] = rng.integers(0, 256, frames["picture"].shape)
    places["picture"] = rng.integers(0, 256, places["picture"].shape)
    frames["plates"][:, 0], frames["weights"][:, 0] = _plate(98, 61).numpy(), 1
    one, two = Trainer(), Trainer()
    one.step(frames, places, 0.5)
    one.save(tmp_path / "kept.pt", 0.5)
    assert two.resume(tmp_path / "kept.pt") == 0.5
    for trainer in (one, two):
        trainer.step(frames, places, 0.5)
    assert two.steps == 2
    for name, value in one.nets.state_dict().items():
        assert torch.equal(value, two.nets.state_dict()[name]), name


def test_a_run_ends_in_weights_a_finder_loads(tmp_path: Path) -> None:
    """The whole way for a moment: scenes rendered beside, learnt from, written, and loaded again."""
    scenes, output = tmp_path / "scenes", tmp_path / "weights"
    scenes.mkdir()
    cv2.imwrite(
        str(scenes / "a.mp4_t_1.jpg"), np.random.default_rng(1).integers(0, 256, (720, 1280), dtype=np.uint8)
    )
    (scenes / "labels.tsv").write_text("file\tx\ty\tw\th\na.mp4_t_1.jpg\t600\t400\t120\t28\n")
    told: list[str] = []
    train(scenes, tmp_path / "fonts", output, tmp_path / "scratch", minutes=0.02, say=told.append)
    assert (tmp_path / "scratch" / "finder.pt").is_file()
    assert isinstance(PlateFinder(output, 1).find(np.zeros((360, 640), dtype=np.uint8)), list)
