"""Taking times and telling them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

MS = 1000.0


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    what: str
    value: str
    note: str = ""
    aim: str = ""
    """What was aimed at, and whether it was met."""


class Times:
    """Durations in seconds, gathered one by one."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    @contextmanager
    def one(self) -> Iterator[None]:
        """Time the block."""
        began = time.perf_counter()
        yield
        self.taken.append(time.perf_counter() - began)

    @property
    def median(self) -> float:
        """In milliseconds."""
        return statistics.median(self.taken) * MS

    def quantile(self, share: float) -> float:
        """In milliseconds; the slowest but for `1 - share` of them."""
        ordered = sorted(self.taken)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * MS

    def told(self, share: float = 0.99) -> str:
        """Median and a high quantile."""
        return f"p50 {self.median:.2f} ms, p{share * 100:.0f} {self.quantile(share):.2f} ms"


async def timed(times: int, work: Callable[[int], Awaitable[object]], *, warm: int = 5) -> Times:
    """`work` done so many times, after a few that do not count."""
    taken = Times()
    for number in range(warm):
        await work(number)
    for number in range(warm, warm + times):
        with taken.one():
            await work(number)
    return taken


def table(figures: Sequence[Figure]) -> str:
    """The figures in columns."""
    columns = ("what", "value", "aim", "note")
    widths = {name: max(len(getattr(figure, name)) for figure in figures) for name in columns}
    rows = ("  ".join(f"{getattr(figure, name):{widths[name]}}" for name in columns) for figure in figures)
    return "\n".join(row.rstrip() for row in rows)
