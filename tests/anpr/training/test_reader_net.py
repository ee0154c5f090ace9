"""The reader's net: folding, taking up shipped weights again, and the file that a gate runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from gate.anpr.plates.alphabet import SIGNS, STATES
from gate.anpr.plates.reader import READER, PlateReader
from gate.anpr.training.reader_net import ReaderNet, fold, greedy, unfold
from gate.anpr.training.reader_run import export_reader, shipped_reader


@pytest.fixture(scope="module")
def plates() -> Tensor:
    """Noise with edges in it: enough to tell one function from another."""
    rng = np.random.default_rng(3)
    coarse = rng.integers(0, 256, (6, 16, 48), dtype=np.uint8)
    return torch.from_numpy(coarse.repeat(4, 1).repeat(4, 2))


@pytest.fixture(scope="module")
def net(plates: Tensor) -> ReaderNet:
    """An untrained net whose norms have seen plates."""
    torch.manual_seed(1)
    net = ReaderNet()
    for _ in range(30):
        net.train()(plates)
    return net.eval()


def _apart(one: tuple[Tensor, ...], two: tuple[Tensor, ...]) -> float:
    return max(float((a - b).abs().max()) for a, b in zip(one, two, strict=True))


def test_folding_changes_nothing(net: ReaderNet, plates: Tensor) -> None:
    """With its norms worked into its convolutions the net says the same."""
    with torch.no_grad():
        assert _apart(net(plates), fold(net)(plates)) < 1e-4


def test_shipped_weights_can_be_trained_on(net: ReaderNet, plates: Tensor) -> None:
    """A net taken up from shipped weights says the same, in training too, until it learns."""
    shipped = fold(net)
    with torch.no_grad():
        taken_up = unfold(shipped, plates)
        assert _apart(shipped(plates), taken_up.eval()(plates)) < 1e-3
        assert _apart(shipped(plates), taken_up.train()(plates)) < 0.05


def test_the_shipped_file_says_what_torch_says(net: ReaderNet, plates: Tensor, tmp_path: Path) -> None:
    """onnxruntime, torch with the file's weights, and the trained net agree on every number of plates."""
    export_reader(net, tmp_path / READER)
    reader, twin = PlateReader(tmp_path), shipped_reader(tmp_path / READER)
    for count in (1, 6):
        read = reader.read(plates[:count].numpy())
        assert read.signs.shape == (count, 96, len(SIGNS))
        assert read.states.shape == (count, len(STATES))
        assert read.plate.shape == (count,)
        told = tuple(torch.from_numpy(each) for each in (read.signs, read.states, read.plate))
        with torch.no_grad():
            assert _apart(told, twin(plates[:count])) < 1e-4
            # Weights are stored with 16 bits.
            assert _apart(told, net(plates[:count])) < 0.02
    assert (tmp_path / READER).stat().st_size < 5_000_000


def test_brightness_and_contrast_do_not_matter(net: ReaderNet, plates: Tensor) -> None:
    """A plate seen darker and flatter is read alike: the net evens light out by itself."""
    dim = (plates.float() * 0.4 + 20).round().to(torch.uint8)
    with torch.no_grad():
        assert _apart(net(plates), net(dim)) < 0.2


def test_greedy_drops_repeats_and_blanks() -> None:
    """A sign told on several steps is one; the same sign after a blank is a second."""
    steps = torch.full((1, 6, 4), -9.0)
    for step, sign in enumerate((0, 2, 2, 0, 2, 3)):
        steps[0, step, sign] = 0.0
    assert greedy(steps) == [(2, 2, 3)]
