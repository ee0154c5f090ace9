"""What one frame costs the plate reader that ships by default."""

from __future__ import annotations

import random
import sys

from gate.anpr.catalogue import build_recogniser
from gate.model import normalise_mark
from hardware.emulators.scenes import random_mark, render_scene
from tests.bench.measuring import Figure, Times

FRAMES = 30
SIZE = (1280, 720)


def figures() -> list[Figure]:
    """Rendered scenes, half of them by night, on one thread."""
    rng = random.Random(5)  # noqa: S311 - the same scenes every time
    recogniser = build_recogniser("ppocr", 1)
    taken, right = Times(), 0
    for number in range(FRAMES + 2):
        mark = random_mark("AZ", rng)
        scene = render_scene(mark, country="AZ", seed=number, night=number % 2 == 1, size=SIZE)
        if number < 2:
            recogniser.read(scene)  # the first frames also warm the nets up
            continue
        with taken.one():
            found = recogniser.read(scene)
        right += bool(found) and found[0].mark == normalise_mark(mark)
    note = f"{right} of {FRAMES} right at the first frame"
    return [Figure("ppocr, a rendered 1280x720 frame, 1 thread", taken.told(0.95), note)]


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
