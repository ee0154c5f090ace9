"""The push face on a real port before the real merging reader, and the cameras that push to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from gate.anpr.passage.evidence import EvidenceFolder
from gate.anpr.passage.merging import MergedReaders
from gate.anpr.push.app import create_push
from gate.anpr.push.refusals import REFUSED
from gate.clock import Clock, SystemClock
from gate.model import PlateRead
from gate.settings import HikvisionPush, Push, WebhookPush
from tests.console.serving import served
from tests.hardware.posted import eventually

HERE = (ip_address("127.0.0.1"),)
SECRET = "0123456789abcdef0123456789abcdef"
MARK = "10AA123"
GIVE_UP = 60.0
REASONS = (
    "source", "rate", "size", "auth", "malformed", "camera", "replay", "stale", "presence", "picture",
)  # fmt: skip


def hikvision(folder: Path, **changes: Any) -> HikvisionPush:
    """Settings of the emulated camera, its login on disk."""
    login = folder / "login"
    login.write_text("camera:camera-password\n", encoding="utf-8")
    told: dict[str, Any] = {"driver": "hikvision", "sources": HERE, "login_file": login} | changes
    return HikvisionPush(**told)


def webhook(folder: Path, **changes: Any) -> WebhookPush:
    """The same for the webhook."""
    secret = folder / "secret"
    secret.write_text(SECRET + "\n", encoding="utf-8")
    told: dict[str, Any] = {"driver": "webhook", "sources": HERE, "camera": "cam-1", "secret_file": secret}
    return WebhookPush(**told | changes)


def refused() -> dict[str, float]:
    """The counter, reason to count, without those that are nought."""
    counts = {reason: REFUSED.labels(reason)._value.get() for reason in REASONS}
    return {reason: count for reason, count in counts.items() if count}


class Counted:
    """What was refused since it was made."""

    def __init__(self) -> None:
        self._before = refused()

    def since(self) -> dict[str, float]:
        """Reason to count."""
        now = refused()
        grown = {reason: count - self._before.get(reason, 0.0) for reason, count in now.items()}
        return {reason: count for reason, count in grown.items() if count}


class OwnReader:
    """Stands where the child process's reader stands; a test says what it answers."""

    def __init__(self) -> None:
        self.wanted: list[tuple[str, str]] = []
        self.stopped: list[tuple[str, str]] = []

    def start_reading(self, point: str, passage_id: str) -> None:
        """A PlateReader's."""
        self.wanted.append((point, passage_id))

    def stop_reading(self, point: str, passage_id: str) -> None:
        """A PlateReader's."""
        self.stopped.append((point, passage_id))


@dataclass
class PushBench:
    """Everything a test of pushing may touch."""

    base: str
    readers: MergedReaders
    answers: list[tuple[str, str, PlateRead | None]]
    evidence: EvidenceFolder
    own: OwnReader

    async def answered(self, count: int = 1) -> PlateRead | None:
        """Wait for so many answers; the last one's read."""
        await eventually(lambda: len(self.answers) >= count)
        return self.answers[-1][2]

    def answer_of(self, passage_id: str) -> PlateRead | None:
        """The one answer of this passage."""
        (read,) = (read for _, passage, read in self.answers if passage == passage_id)
        return read


@asynccontextmanager
async def bench(
    folder: Path,
    pushes: Mapping[str, Push],
    *,
    cameras: tuple[str, ...] = (),
    clock: Clock | None = None,
    give_up: float = GIVE_UP,
) -> AsyncIterator[PushBench]:
    """A push face for these points, over real HTTP on loopback."""
    answers: list[tuple[str, str, PlateRead | None]] = []
    clock = clock or SystemClock()
    readers = MergedReaders(
        cameras,
        pushes,
        give_up,
        clock,
        lambda point, passage, read, _trailer: answers.append((point, passage, read)),
    )
    own = OwnReader()
    readers.own = own
    evidence = folder / "evidence"
    app = create_push(pushes, readers, evidence, clock)
    try:
        async with served(app) as base:
            yield PushBench(base, readers, answers, EvidenceFolder(evidence), own)
    finally:
        readers.close()
        await asyncio.sleep(0)


async def until(predicate: Callable[[], bool]) -> None:
    """Return once it is so."""
    await eventually(predicate)
