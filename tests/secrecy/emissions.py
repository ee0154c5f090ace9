"""Everything that left the gate in one run of the day, and where two runs first differ.

What two runs may differ in is declared here and nowhere else (docs/secrecy.md gives the reasons). Each
normalisation keeps length, number and order: what it takes away is replaced by its own length.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import REGISTRY, Counter, Gauge
from prometheus_client.metrics import MetricWrapperBase

SEALED = ("ciphertext", "signature")
"""Of the feed and of cache.db: HPKE draws a new key for every seal, and the signature is over it."""
_PROCESS = ("process_", "python_", "gate_camera_frame_age", "gate_evidence_free_bytes")
"""Figures of the test process and its machine: memory, CPU seconds, garbage collections, free disk."""
_BLOB = re.compile(r"[xX]'([0-9a-fA-F]*)'")


@dataclass(frozen=True, slots=True)
class Emission:
    """One thing that left: when on the day's clock, and what, to the byte."""

    at: float
    what: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two runs first differ on one channel."""

    channel: str
    index: int
    one: Emission | None
    other: Emission | None

    def __str__(self) -> str:
        """For a person who has to find the leak."""
        one, other = self.one.what if self.one else "", self.other.what if self.other else ""
        pairs = zip(one, other, strict=False)
        where = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
        return (
            f"{self.channel} #{self.index}, from character {where} on:\n"
            f"  one:   {_cut(self.one, where)}\n  other: {_cut(self.other, where)}"
        )


@dataclass
class Emissions:
    """One run's, by channel, in order."""

    now: Callable[[], float]
    channels: dict[str, list[Emission]] = field(default_factory=dict)
    after: dict[str, list[Emission]] = field(default_factory=dict)
    """What left once V had arrived: two runs may, and must, differ in it."""
    has_arrived: bool = False

    def note(self, channel: str, what: str) -> None:
        """Something left on this channel just now."""
        into = self.after if self.has_arrived else self.channels
        into.setdefault(channel, []).append(Emission(self.now(), what))

    def count(self) -> int:
        """How many things left before V arrived."""
        return sum(len(channel) for channel in self.channels.values())


def differences(one: Emissions, other: Emissions) -> list[Difference]:
    """The first difference on every channel on which the two runs differ."""
    found = []
    for channel in sorted(one.channels.keys() | other.channels.keys()):
        left, right = one.channels.get(channel, []), other.channels.get(channel, [])
        if left == right:
            continue
        index = next(
            (at for at, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]),
            min(len(left), len(right)),
        )
        found.append(Difference(channel, index, _at(left, index), _at(right, index)))
    return found


def must_be_alike(one: Emissions, other: Emissions) -> None:
    """AssertionError that shows, for a person, where the two runs differ."""
    found = differences(one, other)
    if found:
        raise AssertionError("the runs differ:\n" + "\n".join(map(str, found)))


def without_sealed(content: Any) -> Any:
    """JSON of the feed with every sealed text replaced by its length."""
    match content:
        case dict():
            return {
                key: f"<{len(base64.b64decode(value))} bytes>"
                if key in SEALED and isinstance(value, str)
                else without_sealed(value)
                for key, value in content.items()
            }
        case list():
            return [without_sealed(item) for item in content]
        case _:
            return content


def statement_without_blobs(statement: str) -> str:
    """An SQL statement on cache.db as it was executed, its ciphertexts replaced by their lengths."""
    return _BLOB.sub(lambda blob: f"x'<{len(blob[1]) // 2} bytes>'", statement)


def figures(text: str) -> list[str]:
    """The lines of /metrics, without the figures of the process itself."""
    return [line for line in text.splitlines() if not line.startswith(("#", *_PROCESS))]


def forget_figures() -> None:
    """Every counter to nought, as in a process that has just started: runs share the test's process."""
    for metric in list(REGISTRY._collector_to_names):
        match metric:
            case MetricWrapperBase() if metric._labelnames:
                metric.clear()
            case Counter():
                metric.reset()
            case Gauge():
                metric.set(0)
            case _:
                pass  # the process's own


def _at(channel: Sequence[Emission], index: int) -> Emission | None:
    return channel[index] if index < len(channel) else None


def _cut(emission: Emission | None, where: int) -> str:
    if emission is None:
        return "nothing more"
    begun = emission.what.partition("\n")[0][:120]
    return f"{emission.at:.2f} s {begun!r} ... {emission.what[max(0, where - 80) : where + 160]!r}"
