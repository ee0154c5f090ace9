"""What the process that reads tells the one that asks, one JSON object a line."""

from __future__ import annotations

from dataclasses import dataclass, field

from gate.anpr.stages import Stage
from gate.model import PlateCandidate


@dataclass(frozen=True, slots=True)
class Loaded:
    """The engine is ready, or `error` says why it is not. Memory in MiB is the process's own."""

    load_ms: float = 0.0
    rss_mb: float = 0.0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One photograph read; `error` where it could not be used.

    `stages` are milliseconds by the stages' names, as far as the engine tells them apart; `processor_ms`
    are the processor's, over all threads; `peak_rss_mb` is the most the process has held so far.
    """

    reads: tuple[PlateCandidate, ...] = ()
    ms: float = 0.0
    processor_ms: float = 0.0
    stages: dict[Stage, float] = field(default_factory=dict)
    peak_rss_mb: float = 0.0
    error: str | None = None
