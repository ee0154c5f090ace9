"""The process that one engine reads in, so that memory, threads and libraries are that engine's alone.

Started by `running.py` as `python -m gate.anpr.bench.reading_process ENGINE THREADS`: it answers `Loaded`,
then an `Answer` to every path that comes as a JSON string a line, until its input ends.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import IO, get_args

import cv2

from gate.anpr.bench.answer import Answer, Loaded
from gate.anpr.catalogue import build_recogniser
from gate.anpr.reading import PhotoError, load_photo
from gate.anpr.recogniser import Engine, Image, Recogniser
from gate.anpr.stages import recorded
from gate.errors import GateError

_STATUS = Path("/proc/self/status")


def main(words: list[str]) -> int:
    """Answer until the input ends; status 2 when the engine cannot be loaded."""
    name, threads = words[0], int(words[1])
    (engine,) = (engine for engine in get_args(Engine) if engine == name)
    # Ctrl-C goes to the whole group in a terminal: the process that asks ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = _take_stdout()
    cv2.setNumThreads(threads)
    began = time.perf_counter()
    try:
        recogniser = build_recogniser(engine, threads)
    except GateError as error:
        _tell(answers, Loaded(error=str(error)))
        return 2
    _tell(answers, Loaded(_since(began), _memory("VmRSS")))
    warm = False
    for line in sys.stdin.buffer:
        try:
            image = load_photo(Path(json.loads(line)))
        except PhotoError as error:
            _tell(answers, Answer(error=str(error), peak_rss_mb=_memory("VmHWM")))
            continue
        if not warm:
            # A net's first picture costs what no later one does; a gate reads for weeks.
            recogniser.read(image)
            warm = True
        _tell(answers, _read(recogniser, image))
    return 0


def _read(recogniser: Recogniser, image: Image) -> Answer:
    began, worked = time.perf_counter(), time.process_time()
    with recorded() as stages:
        reads = recogniser.read(image)
    ms, processor_ms = _since(began), 1000 * (time.process_time() - worked)
    taken = {stage: round(spent, 3) for stage, spent in stages.items()}
    return Answer(reads, round(ms, 3), round(processor_ms, 3), taken, _memory("VmHWM"))


def _since(began: float) -> float:
    return 1000 * (time.perf_counter() - began)


def _memory(line: str) -> float:
    """MiB of the process, from Linux: getrusage's peak would be the parent's where that was larger."""
    for status in _STATUS.read_text().splitlines():
        name, _, value = status.partition(":")
        if name == line:
            return round(int(value.split()[0]) / 1024, 1)
    return 0.0


def _take_stdout() -> IO[bytes]:
    """Keep stdout for the answers: whatever a library prints goes to stderr instead."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return answers


def _tell(answers: IO[bytes], what: Loaded | Answer) -> None:
    answers.write(json.dumps(asdict(what)).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
