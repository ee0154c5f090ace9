"""An officer asks, another agrees at his own screen: what was asked is then done once, or not at all.

Nothing of a request outlives the process that took it: after a restart it is void, and asked again.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gate.lanes.acts import (
    ActResult,
    AgreeAsSecond,
    AskSecond,
    ConfirmPlate,
    DeclineAsSecond,
    Earlier,
    EnterCargoNumber,
    EnterNumber,
    SecondAct,
    Seconded,
    WithdrawAsking,
    refused,
)
from gate.lanes.identifying import same_person, why_two
from gate.lanes.sight import Sight
from gate.lanes.staleness import changed
from gate.lanes.views import RequestView

if TYPE_CHECKING:
    from gate.lanes.checkpoint import LiveCheckpoint

LASTS_SECONDS = 180.0
"""How long a request waits for another officer."""
TOLD_SECONDS = 60.0
"""How long its officer is shown what became of it."""


@dataclass(frozen=True, slots=True)
class _Request:
    act: AskSecond
    sight: Sight
    why: str
    at: datetime
    mono: float
    ended: float = 0.0
    answer: str = ""
    by: Earlier | None = None


@dataclass(slots=True)
class Requests:
    """Those that wait, and those just answered."""

    _open: dict[str, _Request] = field(default_factory=dict)
    _ended: dict[str, _Request] = field(default_factory=dict)

    def view(self, now: float) -> tuple[RequestView, ...]:
        """As officers are shown them, oldest first."""
        self._ended = {key: one for key, one in self._ended.items() if now - one.ended < TOLD_SECONDS}
        told = (self._ended | self._open).items()
        return tuple(sorted((_view(key, one, now) for key, one in told), key=lambda one: one.asked_at))

    def waiting(self) -> tuple[tuple[str, _Request], ...]:
        """Those that wait."""
        return tuple(self._open.items())

    def find(self, request_id: str) -> _Request | None:
        """One that waits."""
        return self._open.get(request_id)

    def add(self, request_id: str, request: _Request) -> None:
        """Let it wait."""
        self._open[request_id] = request

    def end(self, request_id: str, now: float, answer: str, by: Earlier | None = None) -> _Request | None:
        """Take it out, once: whoever comes second gets None."""
        request = self._open.pop(request_id, None)
        if request is not None:
            self._ended[request_id] = replace(request, ended=now, answer=answer, by=by)
        return request

    def tell(self, request_id: str, answer: str) -> None:
        """Say what became of what was agreed to."""
        if request_id in self._ended:
            self._ended[request_id] = replace(self._ended[request_id], answer=answer)

    def ended_by(self, request_id: str) -> tuple[str, Earlier | None]:
        """What became of one that waits no more."""
        request = self._ended.get(request_id)
        return ("", None) if request is None else (request.answer, request.by)


def asked_for(act: Seconded) -> str:
    """The plate or number asked."""
    match act:
        case ConfirmPlate(mark=mark):
            return mark
        case EnterNumber(number=number):
            return number
        case EnterCargoNumber(cargo=cargo):
            return cargo


def _view(request_id: str, request: _Request, now: float) -> RequestView:
    act = request.act
    return RequestView(
        request_id=request_id,
        officer=act.officer,
        act=type(act.asked).__name__,
        asked=asked_for(act.asked),
        why=request.why,
        asked_at=request.at,
        seconds_left=max(0, round(LASTS_SECONDS - (now - request.mono))),
        sight=request.sight,
        answer=request.answer,
    )


async def carry_out(checkpoint: LiveCheckpoint, act: SecondAct) -> ActResult:
    """Ask, agree, decline or withdraw."""
    if isinstance(act, AskSecond):
        return await _ask(checkpoint, act)
    request = checkpoint.requests.find(act.request_id)
    if request is None:
        answer, by = checkpoint.requests.ended_by(act.request_id)
        return refused(
            f"this request is over ({answer or 'nobody here knows it'}): nothing was done", earlier=by
        )
    match act:
        case AgreeAsSecond():
            return await _agree(checkpoint, act, request)
        case DeclineAsSecond():
            if same_person(act.officer, request.act.officer):
                return refused("this is your own request: withdraw it")
            return _end(checkpoint, act, f"{act.officer} does not agree")
        case WithdrawAsking():
            if not same_person(act.officer, request.act.officer):
                return refused(f"only {request.act.officer} withdraws this")
            return _end(checkpoint, act, f"{act.officer} withdrew it")


def _end(checkpoint: LiveCheckpoint, act: DeclineAsSecond | WithdrawAsking, answer: str) -> ActResult:
    at = checkpoint.clock.now()
    by = Earlier(act.officer, type(act).__name__, at.utc)
    checkpoint.requests.end(act.request_id, at.mono, answer, by)
    return ActResult(True, f"{answer}: nothing was done")


async def _ask(checkpoint: LiveCheckpoint, act: AskSecond) -> ActResult:
    asked, seen = act.asked, act.seen
    if seen is None or seen.sight is None:
        return refused("look at the vehicle first")
    why = await why_two(checkpoint, asked)
    if why is None:
        return refused("one officer is enough for this: do it yourself")
    for _, other in checkpoint.requests.waiting():
        if _vehicle(other.sight) == _vehicle(seen.sight):
            return refused(
                f"{other.act.officer} has asked about this vehicle already: that is answered first"
            )
    request_id = f"second-{secrets.token_hex(6)}"
    at = checkpoint.clock.now()
    checkpoint.requests.add(request_id, _Request(act, seen.sight, why, at.utc, at.mono))
    loop = asyncio.get_running_loop()
    for seconds in (LASTS_SECONDS, LASTS_SECONDS + TOLD_SECONDS):
        # Whoever watches looks again then: `watch` ends what nobody answered.
        loop.call_later(seconds + 0.1, checkpoint.hub.change)
    lasts = timedelta(seconds=LASTS_SECONDS)
    return ActResult(
        True, f"asked: another officer has {lasts.seconds // 60} minutes to agree, at any screen"
    )


def _vehicle(sight: Sight) -> str | None:
    return sight.visit_id or sight.passage_id


async def _agree(checkpoint: LiveCheckpoint, act: AgreeAsSecond, request: _Request) -> ActResult:
    if same_person(act.officer, request.act.officer):
        return refused("the second officer must be another person than the first")
    over = await _why_over(checkpoint, request)
    at = checkpoint.clock.now()
    agreed = over or f"{act.officer} agreed"
    if (
        checkpoint.requests.end(
            act.request_id, at.mono, agreed, Earlier(act.officer, "AgreeAsSecond", at.utc)
        )
        is None
    ):
        answer, by = checkpoint.requests.ended_by(act.request_id)
        return refused(f"this request is over ({answer}): nothing was done", earlier=by)
    if over is not None:
        return refused(f"{over}: nothing was done", stale=True)
    # From here it is out of the list: whatever happens now, it is not done a second time.
    done = await checkpoint.act(
        replace(request.act.asked, seen=request.act.seen, second=act.officer), anew=False
    )
    checkpoint.requests.tell(act.request_id, f"{agreed}: {done.message}")
    return done


async def _why_over(checkpoint: LiveCheckpoint, request: _Request) -> str | None:
    if checkpoint.clock.now().mono - request.mono >= LASTS_SECONDS:
        return "nobody agreed in time"
    asked = request.act.asked
    now = await checkpoint.look(asked.visit_id, asked.point if isinstance(asked, ConfirmPlate) else None)
    return changed(asked, request.sight, now)


async def watch(checkpoint: LiveCheckpoint) -> None:
    """End requests whose time is over, or whose vehicle is no longer what it was; looks after each change."""
    async for _ in checkpoint.changes():
        for request_id, request in checkpoint.requests.waiting():
            over = await _why_over(checkpoint, request)
            if over is None:
                continue
            at = checkpoint.clock.now()
            if checkpoint.requests.end(request_id, at.mono, over) is not None:
                await checkpoint.note_refusal(request.act, f"{over}: nothing was done")
