"""Devices on paper, at the far end of a lane's ports: they write down what they hear, or refuse it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from gate.errors import DeviceError
from gate.lanes.commands import BoardMessage, LowerBarrier, RaiseBarrier
from gate.lanes.events import Aspect
from gate.lanes.hub import Hub
from gate.lanes.ports import Post, Shown, Stands, at_once
from gate.lanes.signage import board_lines
from tests.store.kept import rows


@dataclass(frozen=True)
class Heard:
    """One thing a lane's devices were told, and what the journal on disk said at that moment."""

    what: str
    decision_id: str = ""
    in_journal: bool = False
    entries: int = 0


class PaperIo:
    """A barrier and its detectors. `refuses` and a `flowing` that is cleared make it difficult."""

    def __init__(self, journal: Path, hub: Hub) -> None:
        self._journal = journal
        self._hub = hub
        self.post: Post | None = None
        self.heard: list[Heard] = []
        self.refuses: set[str] = set()
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.stopping = asyncio.Event()
        self.stopping.set()

    def told(self, what: str) -> list[Heard]:
        """What it heard of one kind."""
        return [heard for heard in self.heard if heard.what == what]

    async def run(self, post: Post) -> None:
        """Hold the link."""
        self.post = post
        self._hub.change()
        await asyncio.Event().wait()

    def _hear(self, what: str, decision_id: str = "") -> None:
        found = rows(self._journal, f"SELECT kind FROM pulses WHERE decision_id = '{decision_id}'")  # noqa: S608 - our ids
        ((entries,),) = rows(self._journal, "SELECT count(*) FROM journal")
        self.heard.append(Heard(what, decision_id, found == [(what,)], int(str(entries))))
        self._hub.change()
        if what in self.refuses:
            raise DeviceError(f"{what}: no answer within 0.3 s")

    async def raise_barrier(self, command: RaiseBarrier, stands: Stands = at_once) -> None:
        """One opening pulse."""
        assert stands()
        self._hear("raise", command.release_id)

    async def lower_barrier(self, command: LowerBarrier, stands: Stands = at_once) -> None:
        """One closing pulse."""
        assert stands()
        self._hear("lower", command.decision_id)

    async def stop_barrier(self) -> None:
        """Stop."""
        self._hear("stop")
        await self.stopping.wait()

    async def set_signal(self, aspect: Aspect) -> None:
        """Red or green, once the line flows."""
        await self.flowing.wait()
        self._hear(aspect.value)


class PaperBoard:
    """A signboard that shows what it was told last; `refuses` makes it fail, without `flowing` it hangs."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.shows: list[BoardMessage] = []
        self.refuses = 0
        self.flowing = asyncio.Event()
        self.flowing.set()

    @property
    def readback(self) -> Shown | None:
        """The last thing it showed, in the words of the demo's boards."""
        return Shown(board_lines(self.shows[-1]), self.shows[-1]) if self.shows else None

    async def run(self, _post: Post) -> None:
        """Hold the link."""
        await asyncio.Event().wait()

    async def show(self, message: BoardMessage) -> None:
        """Show, unless it refuses."""
        await self.flowing.wait()
        if self.refuses:
            self.refuses -= 1
            raise DeviceError("no acknowledgement from the board")
        self.shows.append(message)
        self._hub.change()


class PaperReader:
    """The readers: they note what is wanted, the test answers."""

    def __init__(self) -> None:
        self.wanted: dict[str, str] = {}

    def start_reading(self, point: str, passage_id: str) -> None:
        """A passage's plate is wanted."""
        self.wanted[point] = passage_id

    def stop_reading(self, point: str, passage_id: str) -> None:
        """No longer."""
        if self.wanted.get(point) == passage_id:
            del self.wanted[point]
