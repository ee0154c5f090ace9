"""Teaches the finder's two nets on scenes that another process renders meanwhile, and writes them as ONNX."""

from __future__ import annotations

import copy
import math
import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress
from torch import Tensor, nn
from torch.nn import functional

from gate.anpr.training.finder_net import REACH, STRIDE, CornersNet, FinderNet
from gate.anpr.training.scenes import SIDE
from gate.anpr.training.scenes_places import PLACE
from gate.anpr.training.scenes_shards import BATCH, Pool, render_for_ever

_RATE: Final = 2.5e-3
_WARM = 200
_EMA = 0.998


def heat_and_corners(heat: Tensor, offsets: Tensor, plates: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """The finder's losses, of heat and of corners, a plate each.

    `plates` (N, MOST, 4, 2) are pixels; `weights` (N, MOST): 0 no plate, below 0 unclear, else how much its
    corners count.
    """
    rows, columns = heat.shape[-2:]
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    cells = torch.stack([x, y], dim=-1).float() * STRIDE + STRIDE / 2
    middles = plates.mean(dim=2)
    size = (plates.amax(dim=2) - plates.amin(dim=2)).clamp_min(1.0)
    away = cells[None, None] - middles[:, :, None, None]
    spread = (0.11 * size).clamp_min(STRIDE * 0.45)[:, :, None, None]
    near = torch.exp(-0.5 * (away / spread).square().sum(-1))
    there, unclear = (weights > 0)[..., None, None], (weights < 0)[..., None, None]
    near = near * there
    wanted, whose = near.max(dim=1)
    # The cell that a plate's middle is in is the plate's, whatever its distance from the cell's own middle.
    home = (away.abs().amax(dim=-1) <= STRIDE / 2) & there
    home = home.any(dim=1)
    within = ((away.abs() * 2 <= size[:, :, None, None] + STRIDE).all(dim=-1) & unclear).any(dim=1)
    logit = heat[:, 0]
    sure = torch.sigmoid(logit)
    hit = -functional.logsigmoid(logit) * (1 - sure).square() * home
    miss = -functional.logsigmoid(-logit) * sure.square() * (1 - wanted).pow(4) * ~home * ~within
    number = home.sum().clamp_min(1)
    heat_loss = (hit.sum() + miss.sum()) / number

    picked = torch.gather(plates, 1, whose.reshape(len(plates), -1, 1, 1).expand(-1, -1, 4, 2))
    picked = picked.reshape(len(plates), rows, columns, 8)
    counts = torch.gather(weights.clamp_min(0), 1, whose.reshape(len(plates), -1)).reshape(wanted.shape)
    counts = counts * torch.where(home, 1.0, wanted * (wanted > 0.3))
    spans = torch.gather(size, 1, whose.reshape(len(plates), -1, 1).expand(-1, -1, 2)).reshape(
        *wanted.shape, 2
    )
    aim = (picked - cells.repeat(1, 1, 4)) / REACH
    error = (offsets.permute(0, 2, 3, 1) - aim) * REACH / spans.repeat(1, 1, 1, 4)
    error = functional.smooth_l1_loss(error, torch.zeros_like(error), beta=0.05, reduction="none").mean(
        dim=-1
    )
    return heat_loss, (error * counts).sum() / counts.sum().clamp_min(1)


def look_losses(out: Tensor, plate: Tensor, weight: Tensor, corners: Tensor) -> tuple[Tensor, Tensor]:
    """The second net's losses: is it a plate, and where are its corners (in shares of the place)."""
    sure = functional.binary_cross_entropy_with_logits(out[:, 0], plate)
    error = functional.smooth_l1_loss(out[:, 1:], corners.reshape(len(out), 8), beta=0.02, reduction="none")
    counts = (weight.clamp_min(0) * plate)[:, None]
    return sure, (error * counts).sum() / (8 * counts.sum()).clamp_min(1)


class Trainer:
    """Both nets, their optimisers and their moving averages. `progress` runs from 0 to 1."""

    def __init__(self) -> None:
        torch.manual_seed(6)
        self.nets = nn.ModuleDict({"finder": FinderNet(), "corners": CornersNet()})
        # torch's own types forget memory_format.
        untyped: Any = self.nets
        untyped.to(memory_format=torch.channels_last)
        self.mean = copy.deepcopy(self.nets).eval()
        self.optimiser = torch.optim.AdamW(self.nets.parameters(), lr=_RATE, weight_decay=0.02)
        self.steps = 0
        self.losses: dict[str, float] = {}

    def step(self, frames: NDArray[np.void], places: NDArray[np.void], progress: float) -> None:
        """Learn from one batch."""
        rate = (
            _RATE * min(1.0, (self.steps + 1) / _WARM) * (0.5 + 0.5 * math.cos(math.pi * min(1.0, progress)))
        )
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.nets.train()
        with torch.autocast("cpu", torch.bfloat16):
            heat, offsets = self.nets["finder"](_pictures(frames))
            looks = self.nets["corners"](_pictures(places))
        parts = heat_and_corners(
            heat.float(), offsets.float(), _tensor(frames["plates"]), _tensor(frames["weights"])
        )
        looked = look_losses(
            looks.float(), _tensor(places["plate"]), _tensor(places["weight"]), _tensor(places["corners"])
        )
        loss = parts[0] + 6 * parts[1] + looked[0] + 20 * looked[1]
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.nets.parameters(), 5.0)
        self.optimiser.step()
        self._average()
        self.steps += 1
        for name, part in zip(("heat", "corners", "plate", "refined"), (*parts, *looked), strict=True):
            self.losses[name] = 0.98 * self.losses.get(name, float(part.detach())) + 0.02 * float(
                part.detach()
            )

    def _average(self) -> None:
        keep = min(_EMA, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            for mean, now in zip(
                self.mean.state_dict().values(), self.nets.state_dict().values(), strict=True
            ):
                if mean.dtype.is_floating_point:
                    mean.lerp_(now, 1 - keep)
                else:
                    mean.copy_(now)

    def save(self, path: Path, progress: float) -> None:
        """All that is needed to go on from here."""
        part = path.with_suffix(".part")
        torch.save(
            {
                "nets": self.nets.state_dict(),
                "mean": self.mean.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "steps": self.steps,
                "progress": progress,
            },
            part,
        )
        part.replace(path)

    def resume(self, path: Path) -> float:
        """Go on from a checkpoint; returns its progress."""
        kept = torch.load(path, weights_only=True)
        self.nets.load_state_dict(kept["nets"])
        self.mean.load_state_dict(kept["mean"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.steps = kept["steps"]
        return float(kept["progress"])


def _pictures(rows: NDArray[np.void]) -> Tensor:
    return _tensor(rows["picture"])[:, None].to(memory_format=torch.channels_last)


def _tensor(values: NDArray[Any]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values))


class _Net(nn.Module):
    """A net as it is shipped: bytes in, and what a gate reads out of it."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, picture: Tensor) -> Any:
        out = self.net(picture)
        if isinstance(out, tuple):
            heat, offsets = out
            return torch.sigmoid(heat), offsets * REACH
        return torch.cat([torch.sigmoid(out[:, :1]), out[:, 1:]], dim=1)


def export(nets: nn.ModuleDict, output: Path) -> None:
    """Write finder.onnx and corners.onnx into `output`, for gate.anpr.plates.finder."""
    output.mkdir(parents=True, exist_ok=True)
    one = torch.zeros(1, 1, SIDE, SIDE, dtype=torch.uint8)
    _write(_Net(nets["finder"]), one, output / "finder.onnx", ["heat", "corners"], {0: "n", 2: "h", 3: "w"})
    place = torch.zeros(2, 1, *PLACE["picture"].shape, dtype=torch.uint8)
    _write(_Net(nets["corners"]), place, output / "corners.onnx", ["looks"], {0: "n"})


def _write(net: nn.Module, example: Tensor, path: Path, outputs: list[str], axes: dict[int, str]) -> None:
    plain = copy.deepcopy(net).eval()
    part = path.with_suffix(".part")
    torch.onnx.export(
        plain, (example,), str(part), input_names=["picture"], output_names=outputs,
        dynamic_axes=dict.fromkeys(["picture", *outputs], axes), dynamo=False, opset_version=17,
    )  # fmt: skip
    part.replace(path)


def train(
    scenes: Path,
    fonts: Path,
    output: Path,
    scratch: Path,
    *,
    minutes: float,
    threads: int = 1,
    renderers: int = 1,
    say: Callable[[str], None] = print,
) -> None:
    """Train for `minutes` and write the weights to `output`.

    `scenes` has the road frames and labels.tsv; `fonts` is fonts.fetch_fonts' folder; `scratch` (best in
    memory: /dev/shm) takes shards and the checkpoint, and a run goes on from the one there.
    """
    torch.set_num_threads(threads)
    folder = scratch / "shards"
    folder.mkdir(parents=True, exist_ok=True)
    trainer, pool, rng = Trainer(), Pool(folder), np.random.default_rng()
    checkpoint = scratch / "finder.pt"
    start = trainer.resume(checkpoint) if checkpoint.is_file() else 0.0
    context = multiprocessing.get_context("spawn")
    seed = int(rng.integers(2**31))
    workers = [
        context.Process(target=render_for_ever, args=(folder, scratch, scenes, fonts, seed + n), daemon=True)
        for n in range(renderers)
    ]
    for worker in workers:
        worker.start()
    first = trainer.steps
    began = saved = looked = time.monotonic()
    progress = start
    with Progress() as bar:
        task = bar.add_task("finder", total=1.0)
        while progress < 1:
            if not all(worker.is_alive() for worker in workers):
                raise RuntimeError("a renderer of scenes has ended; its message is above")
            pool.take((trainer.steps - first) * BATCH)
            if pool.seen < BATCH:
                time.sleep(0.5)
                began = time.monotonic() if pool.seen == 0 else began
                continue
            trainer.step(*pool.batch(rng), progress)
            now = time.monotonic()
            progress = start + (now - began) / (60 * minutes)
            bar.update(task, completed=min(1.0, progress))
            if now - looked > 30:
                looked = now
                parts = " ".join(f"{name} {value:.4f}" for name, value in trainer.losses.items())
                say(f"{progress:.3f} step {trainer.steps} frames {pool.seen} {parts}")
            if now - saved > 120:
                saved = now
                trainer.save(checkpoint, progress)
                export(trainer.mean, scratch)
    for worker in workers:
        worker.terminate()
    trainer.save(checkpoint, 1.0)
    export(trainer.mean, output)
