"""A bound on the reading process's memory: past it the process ends, before the machine's lanes feel it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

from gate.anpr.recogniser import Engine

LOOK_SECONDS = 0.5
_STATM = Path("/proc/self/statm")
_MB = 1024 * 1024
_USUAL_MB: dict[Engine, int] = {"gate": 768, "ppocr": 1536, "easyocr": 6144}
"""Several times what the engine was measured to take (255 MB; 3.4 GB), for 64-megapixel pictures too."""
_OTHERS_MB = 1536


def bound_of(engine: Engine, configured: int | None) -> int:
    """Megabytes: what the configuration says, or enough for the engine."""
    return configured if configured is not None else _USUAL_MB.get(engine, _OTHERS_MB)


def resident_mb() -> float:
    """What this process takes of the machine's memory now."""
    return int(_STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MB


class MemoryBound:
    """Looks twice a second, on a thread of its own: a recogniser that swells does so in one long call.

    A limit of the kernel's (RLIMIT_AS) counts addresses, of which onnxruntime and torch take many times
    what they use, and ends in an allocation that fails anywhere; this ends in a reason.
    """

    def __init__(self, most_mb: int, exceeded: Callable[[str], None]) -> None:
        self._most = most_mb
        self._exceeded = exceeded
        self._over = threading.Event()

    def start(self) -> None:
        """Look until `stop`, or until the bound is passed: then call `exceeded` with the reason, once."""
        threading.Thread(target=self._run, name="memory", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()

    def _run(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            taken = resident_mb()
            if taken > self._most:
                self._exceeded(f"it took {taken:.0f} MB of memory, anpr.memory_mb allows {self._most}")
                return
