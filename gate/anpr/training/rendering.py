"""Renderers at work beside a trainer: processes of their own that keep a ring of shards fresh."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from gate.anpr.training.fonts import CACHE, fetch_fonts
from gate.anpr.training.renderer import Renderer
from gate.anpr.training.shards import Ring, Shard, load, render

PLATES, KEPT = 1000, 60
"""Plates a shard, 12 MB; shards a renderer keeps."""
_HELD_OUT, _HELD_OUT_PLATES = "held-out.npy", 1200
_HELD_OUT_LANE = 1 << 16


def render_ring(folder: Path, keep: int, lane: int, seed: int, fonts: Path = CACHE) -> Iterator[Path]:
    """Fill `folder` for ever with shards of new plates; tells each as it is put in."""
    cv2.setNumThreads(1)
    yield from Ring(folder, keep, lane).fill(Renderer(fetch_fonts(fonts)), PLATES, seed)


def held_out(work: Path, seed: int, fonts: Path = CACHE) -> Shard:
    """Plates that no renderer of this seed ever makes, rendered once a `work` folder."""
    path = work / _HELD_OUT
    if not path.exists():
        work.mkdir(parents=True, exist_ok=True)
        shard = render(Renderer(fetch_fonts(fonts)), _HELD_OUT_PLATES, (seed, _HELD_OUT_LANE))
        np.save(path, shard)
    return load(path)


@contextmanager
def renderers(
    folder: Path, processes: int, keep: int, seed: int, fonts: Path = CACHE
) -> Iterator[Callable[[], None]]:
    """So many renderers at work on `folder` until the block ends.

    What it gives raises RuntimeError once one has ended: a trainer would learn the same plates by heart.
    """
    spawning = multiprocessing.get_context("spawn")
    # Daemons, and they look for themselves: a trainer that is killed must not leave them filling memory.
    workers = [
        spawning.Process(target=_work, args=(folder, keep, lane, seed, fonts), daemon=True)
        for lane in range(processes)
    ]
    for worker in workers:
        worker.start()

    def check() -> None:
        if not all(worker.is_alive() for worker in workers):
            raise RuntimeError("a renderer of plates has ended; its message is above")

    try:
        yield check
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _work(folder: Path, keep: int, lane: int, seed: int, fonts: Path) -> None:
    trainer = multiprocessing.parent_process()
    for _path in render_ring(folder, keep, lane, seed, fonts):
        if trainer is None or not trainer.is_alive():
            return
