"""One act at a time for one vehicle, and who did the last one: two officers never act on it at once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from weakref import WeakValueDictionary

from gate.lanes.acts import Act, AgreeAsSecond, AskSecond, DeclineAsSecond, Earlier, WithdrawAsking

_MOST_REMEMBERED = 500


@dataclass(slots=True)
class Turns:
    """Who acts on which vehicle, and who did last."""

    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _last: OrderedDict[str, Earlier] = field(default_factory=OrderedDict)

    def of(self, act: Act) -> asyncio.Lock:
        """The turn to wait for: acts on one vehicle are carried out one after another.

        An act on no vehicle waits for nobody: an emergency least of all, and letting a button go.
        """
        key = _turn(act)
        if key is None:
            return asyncio.Lock()
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        return lock

    def note(self, act: Act, at: datetime) -> None:
        """The act was done."""
        key = _vehicle(act)
        if key is None:
            return
        self._last[key] = Earlier(act.officer, type(act).__name__, at)
        self._last.move_to_end(key)
        while len(self._last) > _MOST_REMEMBERED:
            self._last.popitem(last=False)

    def earlier(self, act: Act) -> Earlier | None:
        """Who did something to this vehicle after this act's officer had looked at it."""
        key, seen = _vehicle(act), act.seen
        last = self._last.get(key) if key is not None else None
        if last is None or seen is None or seen.shown_at is None or last.at < seen.shown_at:
            return None
        return last


def _vehicle(act: Act) -> str | None:
    visit_id = getattr(act, "visit_id", None)
    if visit_id is not None:
        return str(visit_id)
    # In a lane whose vehicle is not matched yet the passage is its name.
    sight = act.seen.sight if act.seen is not None else None
    return sight.passage_id if sight is not None else None


def _turn(act: Act) -> str | None:
    if isinstance(act, AgreeAsSecond | DeclineAsSecond | WithdrawAsking):
        return act.request_id
    if isinstance(act, AskSecond):
        return f"asking {_vehicle(act)}"
    return _vehicle(act)
