"""What one frame costs the plate readers, stage by stage, each in a process of its own."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import get_args

import cv2

from gate.anpr.bench.answer import Answer
from gate.anpr.bench.labels import Labels, Photograph, Plate
from gate.anpr.bench.running import Run, run_engine
from gate.anpr.catalogue import build_recogniser
from gate.anpr.recogniser import Engine
from gate.model import RegistrationMark
from hardware.emulators.scenes import COUNTRIES, random_mark, render_scene
from tests.bench.measuring import MS, Figure, Times

FRAMES = 60
SIZE = (1280, 720)
PEER: Engine = "ppocr"
"""What the others are compared with, in the same minutes: the best reader that could be had for nothing."""
AIMS = {"gate": (12.0, 2.0, 200.0)}
"""Milliseconds a frame at the median, milliseconds a plate (reading and decoding), MiB of the process."""


def figures(folder: Path) -> list[Figure]:
    """Rendered scenes of every state, half of them by night, on one thread; every engine that is quick."""
    frames = _rendered(folder)
    runs = [run_engine(engine, 1, [frames], lambda *_: None) for engine in _engines()]
    peer = _worked(runs[0].folders[0].read).median
    return list(chain.from_iterable(_figures(run, peer) for run in runs))


def _engines() -> list[Engine]:
    """The peer first. EasyOCR takes seconds a frame, which is all that there is to know of it."""
    quick: tuple[Engine, ...] = get_args(Engine)
    return [PEER, *(engine for engine in quick if engine not in (PEER, "easyocr"))]


def _rendered(folder: Path) -> Labels:
    rng = random.Random(5)  # noqa: S311 - the same scenes every time
    photographs = []
    for number in range(FRAMES):
        country = COUNTRIES[number % len(COUNTRIES)]
        mark = random_mark(country, rng)
        scene = render_scene(mark, country=country, seed=number, night=number % 2 == 1, size=SIZE)
        path = folder / f"{number}.png"
        cv2.imwrite(str(path), scene, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        photographs.append(Photograph(path, (Plate(RegistrationMark(mark), (0, 0, *SIZE)),)))
    return Labels(folder, tuple(photographs))


def _figures(run: Run, peer: float) -> list[Figure]:
    (folder,) = run.folders
    answers = folder.read
    whole, processor = _times([answer.ms for answer in answers]), _worked(answers)
    right = sum(case.right for case in folder.cases)
    peak = max(answer.peak_rss_mb for answer in answers)
    frame_aim, plate_aim, memory_aim = AIMS.get(run.engine, (None, None, None))
    note = f"{processor.median:.1f} ms of the processor's; {right} of {FRAMES} right at the first frame"
    if run.engine != PEER:
        note = f"{processor.median / peer:.2f} of what {PEER} takes; {note}"
    what = f"{run.engine}, a rendered 1280x720 frame, 1 thread"
    told = [Figure(what, whole.told(), note, _aimed(whole.median, frame_aim, "ms"))]
    for stage in dict.fromkeys(chain.from_iterable(answer.stages for answer in answers)):
        taken = _times([answer.stages[stage] for answer in answers if stage in answer.stages])
        told.append(Figure(f"{run.engine}, {stage}", taken.told()))
    if plate_aim is not None:
        plates = [_a_plate(answer) for answer in answers if answer.reads]
        taken = _times(plates)
        aimed = _aimed(taken.median, plate_aim, "ms")
        told.append(Figure(f"{run.engine}, a plate read and decoded", taken.told(), "", aimed))
    aimed = _aimed(peak, memory_aim, "MiB")
    told.append(Figure(f"{run.engine}, most memory of its process", f"{peak:.0f} MiB", "", aimed))
    return told


def _a_plate(answer: Answer) -> float:
    """All plates of the frame are read at once: the time of one is its share."""
    spent = sum(ms for stage, ms in answer.stages.items() if stage != "finding")
    return spent / len(answer.reads)


def _worked(answers: Sequence[Answer]) -> Times:
    """The processor's time: what others do on the machine meanwhile is not in it."""
    return _times([answer.processor_ms for answer in answers])


def _times(milliseconds: Sequence[float]) -> Times:
    times = Times()
    times.taken = [one / MS for one in milliseconds]
    return times


def _aimed(value: float, aim: float | None, unit: str) -> str:
    if aim is None:
        return ""
    return f"at most {aim:g} {unit}: {'met' if value <= aim else 'missed'}"


def read_for_ever() -> None:
    """The load of a busy plate reader: one frame after the other on one thread, until killed."""
    rng = random.Random(5)  # noqa: S311
    recogniser = build_recogniser("ppocr", 1)
    scenes = [
        render_scene(random_mark("AZ", rng), country="AZ", seed=number, night=False, size=SIZE)
        for number in range(3)
    ]
    recogniser.read(scenes[0])
    sys.stdout.write("reading\n")
    sys.stdout.flush()
    while True:
        for scene in scenes:
            recogniser.read(scene)


if __name__ == "__main__":
    read_for_ever()
