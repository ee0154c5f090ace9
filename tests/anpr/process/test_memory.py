"""The reading process's memory bound, in a real process that grows."""

from __future__ import annotations

import subprocess
import sys

from gate.anpr.process.memory import bound_of, resident_mb

SWELLS = """
import os, threading
from gate.anpr.process.memory import MemoryBound, resident_mb

def leave(reason):
    print(reason, flush=True)
    os._exit(3)

MemoryBound(int(resident_mb()) + 200, leave).start()
held = b"x" * 400_000_000
threading.Event().wait(40)
print("grew without end")
"""


def test_a_process_that_grows_ends_itself() -> None:
    """Long before it has what it would take, with the reason as its last word."""
    ended = subprocess.run(
        [sys.executable, "-c", SWELLS], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 3, ended.stderr
    assert ended.stdout.startswith("it took ")
    assert "anpr.memory_mb allows" in ended.stdout


def test_the_bound_is_the_configured_one_or_the_engines() -> None:
    """Torch wants more than onnxruntime; and this very process is a real number of megabytes."""
    assert bound_of("ppocr", 700) == 700
    assert bound_of("easyocr", None) > bound_of("ppocr", None) > 1000
    assert 10 < resident_mb() < 100_000
