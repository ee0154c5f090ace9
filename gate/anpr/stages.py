"""Where the time of one read goes, for those who ask; whoever does not, pays nothing for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

Stage = Literal["finding", "reading", "decoding"]
"""Where plates may be; what the net sees in each; which mark that is."""

_times: ContextVar[dict[Stage, float] | None] = ContextVar("stages of the read under way", default=None)


@contextmanager
def recorded() -> Iterator[dict[Stage, float]]:
    """Record the stages of what is read in the block: milliseconds by stage, those come to, in order.

    What other threads read meanwhile is not recorded.
    """
    times: dict[Stage, float] = {}
    token = _times.set(times)
    try:
        yield times
    finally:
        _times.reset(token)


@contextmanager
def stage(name: Stage) -> Iterator[None]:
    """The block is of this stage; the same stage again adds to it. Stages do not lie in one another."""
    times = _times.get()
    if times is None:
        yield
        return
    began = time.perf_counter()
    try:
        yield
    finally:
        times[name] = times.get(name, 0.0) + 1000 * (time.perf_counter() - began)
