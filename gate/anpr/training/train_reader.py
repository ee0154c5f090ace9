"""Teaching the reader's net: the newest rendered plates, spoilt anew each time, for so many minutes."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from gate.anpr.plates.alphabet import BLANK
from gate.anpr.training.reader_net import ROW_STEPS, ReaderNet
from gate.anpr.training.shards import Ring, Shard, load
from gate.anpr.training.spoiling import Spoiler

_STATE_WEIGHT = 0.2
_PLATE_WEIGHT = 0.2
_WARM_UP = 0.03
"""Share of the time in which the learning rate climbs: batch norms know nothing yet."""
_STEADIEST, _CLIP = 0.998, 5.0
_SHARDS_A_BATCH = 8
_BATCHES_A_LOOK = 20
"""Batches between two looks at which shards there are."""
_TWO_LINES_OFTENER = 2.5
"""How much oftener a two-line plate is learnt from: they are few, and the harder ones."""
_MOST_ABOVE = 6
"""Signs of a two-line plate's upper line, at most."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how hard to learn. `every_s` is the time between looks, checkpoint included."""

    minutes: float
    batch: int = 64
    rate: float = 2e-3
    decay: float = 0.02
    every_s: float = 120.0
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a training run stands. `share` of its time is over; `loss` is smoothed."""

    share: float
    steps: int
    plates: int
    loss: float


@dataclass(slots=True)
class Learner:
    """A net, its steadier running mean, and what the optimiser remembers."""

    net: ReaderNet
    recipe: Recipe
    spent_s: float = 0.0
    steps: int = 0
    loss: float = math.nan
    mean: ReaderNet = field(init=False)
    """The running mean of the weights: what is scored and shipped."""
    optimiser: torch.optim.AdamW = field(init=False)
    spoiler: Spoiler = field(init=False)

    def __post_init__(self) -> None:
        for weight in self.net.parameters():
            if weight.dim() == 4:
                # What oneDNN's convolutions run fastest on.
                weight.data = weight.data.contiguous(memory_format=torch.channels_last)
        self.mean = copy.deepcopy(self.net).requires_grad_(requires_grad=False)
        self.spoiler = Spoiler(np.random.default_rng(self.recipe.seed))
        self.optimiser = torch.optim.AdamW(
            self.net.parameters(), self.recipe.rate, weight_decay=self.recipe.decay
        )

    def step(self, shard: Shard, share: float) -> None:
        """Learn from one batch, `share` of the time being over."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate * rate_at(share)
        self.net.train()
        with torch.autocast("cpu", torch.bfloat16):
            signs, states, plate = self.net(torch.from_numpy(self.spoiler(shard["strip"])))
        loss = loss_of(signs, states, plate, shard)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), _CLIP)
        self.optimiser.step()
        self.steps += 1
        self._steady()
        value = float(loss.detach())
        self.loss = value if math.isnan(self.loss) else 0.98 * self.loss + 0.02 * value

    def _steady(self) -> None:
        """Draw the running mean towards the net: fast at first, when its beginnings are worth nothing."""
        kept = min(_STEADIEST, (1 + self.steps) / (10 + self.steps))
        current = self.net.state_dict()
        with torch.no_grad():
            for name, value in self.mean.state_dict().items():
                if value.is_floating_point():
                    value.lerp_(current[name], 1.0 - kept)

    def save(self, path: Path) -> None:
        """Everything a later run needs to go on from here."""
        part = path.with_suffix(".part")
        kept = {
            "net": self.net.state_dict(),
            "mean": self.mean.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "spent_s": self.spent_s,
            "steps": self.steps,
            "loss": self.loss,
        }
        torch.save(kept, part)
        part.replace(path)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint that `save` wrote."""
        kept: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        self.net.load_state_dict(kept["net"])
        self.mean.load_state_dict(kept["mean"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.spent_s, self.steps, self.loss = kept["spent_s"], kept["steps"], kept["loss"]


def rate_at(share: float) -> float:
    """The learning rate's factor: a short climb, then a cosine to zero."""
    if share < _WARM_UP:
        return max(share / _WARM_UP, 0.02)
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, (share - _WARM_UP) / (1.0 - _WARM_UP))))


def loss_of(signs: Tensor, states: Tensor, plate: Tensor, shard: Shard) -> Tensor:
    """CTC over the rows a plate has, the lower row of a one-line plate kept empty; beside it the state, and
    whether it is a plate. Of what is none neither signs nor state are asked.

    Left to itself CTC would spread a one-line plate over both rows, each column read in either.
    """
    wanted = torch.from_numpy(shard["signs"].astype(np.int64))
    lengths = (wanted != BLANK).sum(1)
    there = lengths > 0
    single = there & torch.from_numpy(shard["lines"] == 1)
    upper, lower = signs[:, :ROW_STEPS], signs[:, ROW_STEPS:]
    reading = signs.new_zeros(len(signs))
    if bool(single.any()):
        # An empty row is a CTC target too, of no signs: each of its steps is blank.
        empty = -lower[single, :, BLANK].sum(1)
        reading[single] = (_ctc(upper[single], wanted[single], lengths[single]) + empty) / lengths[single]
    double = there & ~single & (lengths > 1)
    if bool(double.any()):
        reading[double] = (
            _two_rows(upper[double], lower[double], wanted[double], lengths[double]) / lengths[double]
        )
    issued = functional.nll_loss(states, torch.from_numpy(shard["state"].astype(np.int64)), reduction="none")
    being = functional.binary_cross_entropy_with_logits(plate, there.float())
    return (reading + _STATE_WEIGHT * issued * there).mean() + _PLATE_WEIGHT * being


def _two_rows(upper: Tensor, lower: Tensor, wanted: Tensor, lengths: Tensor) -> Tensor:
    """CTC of marks that break somewhere, with at least one sign in each row.

    Over the whole sequence a net would settle for reading both lines column by column in one row.
    """
    breaks = []
    for above in range(1, min(_MOST_ABOVE, int(lengths.max()) - 1) + 1):
        below = (lengths - above).clamp(min=1)
        cost = _ctc(upper, wanted[:, :above], torch.full_like(lengths, above)) + _ctc(
            lower, wanted[:, above:], below
        )
        breaks.append(torch.where(lengths > above, -cost, torch.full_like(cost, -1e4)))
    return -torch.logsumexp(torch.stack(breaks), 0)


def _ctc(steps: Tensor, wanted: Tensor, lengths: Tensor) -> Tensor:
    given = torch.full_like(lengths, steps.shape[1])
    return functional.ctc_loss(
        steps.transpose(0, 1), wanted, given, lengths, BLANK, reduction="none", zero_infinity=True
    )


def batches(ring: Ring, size: int, seed: int) -> Iterator[Shard]:
    """Random rows of the ring's newest shards, for ever. FileNotFoundError while there are none."""
    rng = np.random.default_rng(seed)
    shards: dict[Path, tuple[Shard, NDArray[np.float64]]] = {}
    while True:
        there = ring.paths()
        if not there:
            raise FileNotFoundError("no shards to learn from: render some first")
        for path in set(shards) - set(there):
            del shards[path]
        for path in there:
            if path not in shards and path.exists():
                shard = load(path)
                often = np.where(shard["lines"] == 1, 1.0, _TWO_LINES_OFTENER)
                shards[path] = (shard, often / often.sum())
        for _ in range(_BATCHES_A_LOOK):
            chosen = rng.choice(len(shards), min(_SHARDS_A_BATCH, len(shards)), replace=False)
            held = list(shards.values())
            parts = np.array_split(np.arange(size), len(chosen))
            rows = []
            for index, part in zip(chosen, parts, strict=True):
                shard, often = held[index]
                rows.append(shard[np.sort(rng.choice(len(shard), len(part), p=often))])
            yield np.concatenate(rows)


def learn(
    learner: Learner,
    plates: Iterator[Shard],
    look: Callable[[Learner, Progress], None],
    advance: Callable[[Progress], None] = lambda _progress: None,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Train until the recipe's minutes are over; `look` every `every_s` and at the end."""
    recipe = learner.recipe
    budget = 60.0 * recipe.minutes
    began, looked = clock() - learner.spent_s, clock()
    while (share := (clock() - began) / budget) < 1.0:
        learner.step(next(plates), share)
        now = clock()
        learner.spent_s = now - began
        progress = Progress(share, learner.steps, learner.steps * recipe.batch, learner.loss)
        advance(progress)
        if now - looked >= recipe.every_s:
            look(learner, progress)
            looked = clock()
    look(learner, Progress(1.0, learner.steps, learner.steps * recipe.batch, learner.loss))
