"""One whole training of the reader: renderers beside it, scores on the way, the weights at its end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from gate.anpr.plates.reader import READER
from gate.anpr.plates.strip import HEIGHT, WIDTH
from gate.anpr.training.exporting import export, read_weights
from gate.anpr.training.fonts import CACHE
from gate.anpr.training.reader_net import ReaderNet, fold, unfold
from gate.anpr.training.rendering import KEPT, held_out, render_ring, renderers
from gate.anpr.training.score_reader import (
    Photographs,
    Share,
    load_photographs,
    score_photographs,
    score_shard,
)
from gate.anpr.training.shards import Ring, Shard
from gate.anpr.training.train_reader import Learner, Progress, Recipe, batches, learn

CHECKPOINT, SCORES = "reader.pt", "reader-scores.jsonl"
_WARM_PLATES = 256


@dataclass(frozen=True, slots=True)
class Plan:
    """What to train with. `work` holds shards (fast in memory: /dev/shm) and what a run needs to go on."""

    work: Path
    recipe: Recipe
    renderers: int = 1
    threads: int = 1
    start: Path | None = None
    """Shipped weights to start from, rather than from nothing."""
    photographs: tuple[Path, ...] = ()
    """Folders of labelled photographs, for scores alone: nothing is learnt from them."""
    fonts: Path = CACHE


@dataclass(frozen=True, slots=True)
class Scores:
    """Marks right without any grammar: rendered plates by kind, photographs (exact, folded) by folder."""

    progress: Progress
    rendered: dict[str, Share]
    photographs: dict[str, tuple[Share, Share]]


def train_reader(
    plan: Plan,
    weights: Path,
    advance: Callable[[Progress], None],
    tell: Callable[[Scores], None],
) -> None:
    """Train as planned, and put `reader.onnx` into `weights`. Goes on where a run in `work` broke off."""
    torch.set_num_threads(plan.threads)
    seed = plan.recipe.seed
    apart = held_out(plan.work, seed, plan.fonts)
    real = [load_photographs(folder) for folder in plan.photographs]
    ring = Ring(plan.work / "ring", KEPT)
    with renderers(plan.work / "ring", plan.renderers, KEPT, seed, plan.fonts) as check:
        if not ring.paths():
            # A lane of its own: the renderers have hardly started.
            next(render_ring(plan.work / "ring", 1, plan.renderers, seed, plan.fonts))
        plates = batches(ring, plan.recipe.batch, seed)
        learner = _learner(plan)

        def look(learner: Learner, progress: Progress) -> None:
            learner.save(plan.work / CHECKPOINT)
            export_reader(learner.mean, plan.work / READER)
            net = fold(learner.mean)
            tell(record(plan.work / SCORES, score(net, progress, apart, real)))

        def watch(progress: Progress) -> None:
            check()
            advance(progress)

        learn(learner, plates, look, watch)
    export_reader(learner.mean, weights / READER)


def score(net: ReaderNet, progress: Progress, apart: Shard, real: list[Photographs]) -> Scores:
    """What `net` makes of the plates set apart, and of photographs."""
    return Scores(
        progress, score_shard(net, apart), {folder.name: score_photographs(net, folder) for folder in real}
    )


def record(path: Path, scores: Scores) -> Scores:
    """Append the scores to a file, one JSON object a line: the learning curve."""
    line = {
        "share": round(scores.progress.share, 3),
        "plates": scores.progress.plates,
        "loss": round(scores.progress.loss, 4),
        "rendered": {kind: round(share.percent, 1) for kind, share in sorted(scores.rendered.items())},
        "photographs": {
            name: [round(exact.percent, 1), round(folded.percent, 1)]
            for name, (exact, folded) in scores.photographs.items()
        },
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    return scores


def export_reader(net: ReaderNet, path: Path) -> None:
    """Write a trained net, norms folded, as the gate runs it."""
    example = torch.zeros((2, HEIGHT, WIDTH), dtype=torch.uint8)
    export(fold(net), example, path, "plates", ("signs", "states", "plate"))


def shipped_reader(path: Path) -> ReaderNet:
    """The folded net with the weights in `path`."""
    net = ReaderNet(folded=True)
    net.load_state_dict(read_weights(path))
    return net.eval()


def _learner(plan: Plan) -> Learner:
    checkpoint = plan.work / CHECKPOINT
    net = ReaderNet()
    if plan.start is not None and not checkpoint.exists():
        plates = next(batches(Ring(plan.work / "ring", KEPT), _WARM_PLATES, plan.recipe.seed))
        net = unfold(shipped_reader(plan.start), torch.from_numpy(plates["strip"]))
    learner = Learner(net, plan.recipe)
    if checkpoint.exists():
        learner.resume(checkpoint)
    return learner
