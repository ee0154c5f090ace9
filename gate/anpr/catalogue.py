"""Every recogniser, chosen by name. To add one: a file here, its name in settings, a case."""

from __future__ import annotations

from typing import assert_never

from gate.anpr.recogniser import Engine, Recogniser


def build_recogniser(engine: Engine, threads: int) -> Recogniser:
    """The engine, loaded and ready to read, on at most `threads` processor threads.

    Raises DeviceError when its weights or libraries are not installed.
    """
    match engine:
        case "gate":
            from gate.anpr.plates.engine import GatePlates

            return GatePlates(threads)
        case "ppocr":
            from gate.anpr.ppocr import PpOcr

            return PpOcr(threads)
        case "easyocr":
            # The only module that may import torch: two gigabytes nobody else needs.
            from gate.anpr.easyocr_engine import EasyOcr

            return EasyOcr(threads)
        case _:
            assert_never(engine)
