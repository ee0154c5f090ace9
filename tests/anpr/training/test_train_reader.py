"""Training for a few steps: the loss falls, a broken-off run goes on, two-line plates use both rows."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from gate.anpr.plates.alphabet import SIGNS, STATES
from gate.anpr.training.camera import photograph
from gate.anpr.training.drawn import DrawnPlate
from gate.anpr.training.faces import Faces
from gate.anpr.training.plate import draw_plate
from gate.anpr.training.reader_net import STEPS, ReaderNet
from gate.anpr.training.shards import Ring, Shard, render
from gate.anpr.training.train_reader import Learner, Progress, Recipe, batches, learn, loss_of, rate_at


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Ring:
    """Forty rendered plates in two shards; drawn strokes alone, so that no fonts need to be installed."""
    faces = Faces([])

    def draw(rng: np.random.Generator) -> tuple[DrawnPlate, NDArray[np.uint8]]:
        drawn = draw_plate(faces, rng, ("AZ", "TR", "RU", "DE")[int(rng.integers(4))])
        return drawn, photograph(drawn, rng)

    ring = Ring(tmp_path_factory.mktemp("ring"), 4)
    for seed in (1, 2):
        ring.add(render(draw, 20, (seed,)))
    return ring


def test_a_few_steps_lower_the_loss(ring: Ring, tmp_path: Path) -> None:
    """Eight steps on forty plates; the run is looked at, saved, and taken up where it broke off."""
    torch.manual_seed(2)
    torch.set_num_threads(1)
    plates = batches(ring, 8, 1)
    learner = Learner(ReaderNet(), Recipe(minutes=8 / 60, batch=8, every_s=4.0, rate=1e-3))
    some = next(plates)

    def loss() -> float:
        with torch.no_grad():
            signs, states, plate = learner.net.train()(torch.from_numpy(some["strip"]))
            return float(loss_of(signs, states, plate, some))

    before = loss()
    looks: list[Progress] = []
    ticks = count()
    learn(
        learner,
        plates,
        lambda _learner, progress: looks.append(progress),
        clock=lambda: float(next(ticks)) / 2,
    )
    assert loss() < 0.7 * before
    assert [look.share for look in looks] == sorted(look.share for look in looks)
    assert len(looks) >= 2
    assert looks[-1].share == 1.0
    assert looks[-1].plates == 8 * learner.steps
    learner.save(tmp_path / "reader.pt")
    later = Learner(ReaderNet(), learner.recipe)
    later.resume(tmp_path / "reader.pt")
    assert (later.steps, later.spent_s) == (learner.steps, learner.spent_s)
    for name, value in learner.mean.state_dict().items():
        assert torch.equal(value, later.mean.state_dict()[name]), name


def test_without_shards_there_is_nothing_to_learn_from(tmp_path: Path) -> None:
    """An empty folder is said to be empty."""
    with pytest.raises(FileNotFoundError, match="render some first"):
        next(batches(Ring(tmp_path, 2), 8, 1))


def test_the_rate_climbs_and_ends_at_nothing() -> None:
    """The learning rate's factor rises to one, then falls to zero."""
    factors = [rate_at(share / 100) for share in range(101)]
    assert max(factors) == pytest.approx(1.0, abs=0.01)
    top = factors.index(max(factors))
    assert factors[: top + 1] == sorted(factors[: top + 1])
    assert factors[top:] == sorted(factors[top:], reverse=True)
    assert factors[-1] == pytest.approx(0.0)


def _told(upper: str, lower: str) -> torch.Tensor:
    """What a sure net tells of a plate with these two lines."""
    signs = torch.full((1, STEPS, len(SIGNS)), -12.0)
    signs[:, :, 0] = -1e-4
    for start, line in ((0, upper), (STEPS // 2, lower)):
        for place, sign in enumerate(line):
            step = start + 2 + 4 * place
            signs[0, step] = -12.0
            signs[0, step, SIGNS.index(sign)] = -1e-4
    return signs


def _wanted(shard: Shard, mark: str, lines: int) -> Shard:
    row = shard[:1].copy()
    row["signs"] = 0
    row["signs"][0, : len(mark)] = [SIGNS.index(sign) for sign in mark]
    row["lines"] = lines
    return row


def test_each_plate_is_to_be_read_in_its_own_rows(ring: Ring) -> None:
    """A one-line plate belongs into the upper row, a two-line plate's lines each into theirs."""
    shard = next(batches(ring, 8, 1))
    states, plate = torch.full((1, len(STATES)), -4.0), torch.full((1,), 3.0)

    def loss(mark: str, lines: int, upper: str, lower: str) -> float:
        return float(loss_of(_told(upper, lower), states, plate, _wanted(shard, mark, lines)))

    assert loss("AB12", 1, "AB12", "") + 1 < loss("AB12", 1, "AB", "12")
    assert loss("AB12", 2, "AB", "12") + 1 < loss("AB12", 2, "AB12", "")
    assert loss("AB12", 2, "AB", "12") + 1 < loss("AB12", 2, "12", "AB")


def test_of_lettering_only_that_it_is_no_plate_is_learnt(ring: Ring) -> None:
    """Whatever is read in lettering costs nothing; to take it for a plate does, and a plate for lettering."""
    shard = next(batches(ring, 8, 1))
    states = torch.full((1, len(STATES)), -4.0)

    def loss(mark: str, read: str, plate: float) -> float:
        wanted = _wanted(shard, mark, 1)
        return float(loss_of(_told(read, ""), states, torch.tensor([plate]), wanted))

    assert loss("", "AB12", -3.0) == pytest.approx(loss("", "", -3.0))
    assert loss("", "AB12", -3.0) < loss("", "AB12", 3.0)
    assert loss("AB12", "AB12", 3.0) < loss("AB12", "AB12", -3.0)
