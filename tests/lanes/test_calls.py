"""A call goes up until somebody acknowledges it: an alarm, then a word to central."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from gate.clock import Instant
from gate.lanes.calls import HIGHEST_LEVEL, CallPolicy, CallWatch, Escalation, WaitingCall, escalate
from gate.lanes.commands import CallOfficer
from gate.store.store import Store, open_store
from tests.sealing.made import KEYS
from tests.store.kept import AT, rows, step

POLICY = CallPolicy(120.0)


class HandClock:
    """Two clocks that a test moves apart: the wall's and the monotonic one."""

    def __init__(self, utc: datetime = AT, mono: float = 5000.0) -> None:
        self.utc, self.mono = utc, mono

    def now(self) -> Instant:
        """The moment the test has moved to."""
        return Instant(self.utc, self.mono)

    async def sleep(self, seconds: float) -> None:
        """Time passes at once."""
        self.passes(seconds)
        await asyncio.sleep(0)

    def passes(self, seconds: float) -> None:
        """Time passes, on both clocks."""
        self.utc += timedelta(seconds=seconds)
        self.mono += seconds


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A journal in which one call has just been made."""
    opened = open_store(tmp_path, "boot1", lambda: None, KEYS.central_public)
    await opened.ledger.commit(step(CallOfficer("c1", "visit-1", "the plate could not be read")))
    yield opened
    opened.close()


def watching(store: Store, clock: HandClock, changed: list[int] | None = None) -> CallWatch:
    """A watch as the daemon starts one."""
    heard = changed if changed is not None else []
    return CallWatch(store.ledger, store.ledger, clock, POLICY, lambda: heard.append(1))


# --- the pure part ------------------------------------------------------------------------------

calls = st.builds(
    WaitingCall,
    st.uuids().map(str),
    st.integers(1, HIGHEST_LEVEL),
    st.floats(0, 10_000, allow_nan=False),
)


@given(st.lists(calls, max_size=8), st.floats(0, 20_000, allow_nan=False))
def test_a_call_goes_up_one_level_when_its_time_is_over(waiting: list[WaitingCall], now: float) -> None:
    """Exactly those old enough for their next level, one level each, and none above the highest."""
    raised = {up.call_id: up.level for up in escalate(waiting, now, POLICY)}
    for call in waiting:
        due = call.level < HIGHEST_LEVEL and now - call.since >= call.level * POLICY.escalate_seconds
        assert raised.get(call.call_id) == (call.level + 1 if due else None)


def test_the_levels_come_after_one_and_two_times_the_limit() -> None:
    """119 s: nothing; 120 s: an alarm; 240 s: central; never more."""
    at = {
        (level, age): escalate([WaitingCall("c", level, 0.0)], age, POLICY)
        for level in (1, 2, 3)
        for age in (119.0, 120.0, 239.0, 240.0, 9999.0)
    }
    assert at[1, 119.0] == ()
    assert at[1, 120.0] == (Escalation("c", 2),)
    assert at[2, 239.0] == ()
    assert at[2, 240.0] == (Escalation("c", 3),)
    assert at[3, 9999.0] == ()


# --- over the journal ---------------------------------------------------------------------------


async def test_an_unanswered_call_becomes_an_alarm_and_then_reaches_central(
    store: Store, tmp_path: Path
) -> None:
    """Each level is journalled and counted, the glass is woken, and central hears of the third only."""
    clock = HandClock()
    changed: list[int] = []
    watch = watching(store, clock, changed)
    counted = {level: _count(level) for level in ("2", "3")}
    assert await watch.look() == ()
    clock.passes(120)
    assert await watch.look() == (Escalation("c1", 2),)
    (call,) = await store.ledger.open_calls()
    assert (call.level, call.alarm) == (2, True)
    assert rows(tmp_path / "journal.db", "SELECT count(*) FROM outbox WHERE kind = 'call.escalated'") == [
        (0,)
    ]
    clock.passes(120)
    assert await watch.look() == (Escalation("c1", 3),)
    ((body,),) = rows(tmp_path / "journal.db", "SELECT body FROM outbox WHERE kind = 'call.escalated'")
    told = json.loads(str(body))
    assert (told["call"], told["level"], told["visit"], told["point"]) == ("c1", 3, "visit-1", "lane-1")
    clock.passes(9999)
    assert await watch.look() == ()
    kinds = "SELECT kind FROM journal WHERE visit = 'visit-1' AND kind = 'CallEscalated'"
    assert len(rows(tmp_path / "journal.db", kinds)) == 2
    assert len(changed) == 2
    assert all(_count(level) == counted[level] + 1 for level in ("2", "3"))
    assert any("nobody came" in line.what for line in await store.ledger.story("visit-1"))


async def test_acknowledging_stops_it(store: Store) -> None:
    """Somebody is coming: the call goes no further, even between the look and the raise."""
    clock = HandClock()
    watch = watching(store, clock)
    clock.passes(130)
    assert await store.ledger.acknowledge_call("c1", "leyla", clock.utc)
    assert await watch.look() == ()
    assert not await store.ledger.escalate_call("c1", 2, clock.utc)


async def test_after_a_restart_calls_go_on_from_their_age(store: Store) -> None:
    """The level and the age are the journal's: an old call goes up at once, one level a look."""
    clock = HandClock()
    clock.passes(130)
    await watching(store, clock).look()
    restarted = HandClock(clock.utc + timedelta(seconds=100), mono=3.0)
    watch = watching(store, restarted)
    assert await watch.look() == ()
    restarted.passes(10)
    assert await watch.look() == (Escalation("c1", 3),)


@pytest.mark.parametrize("jump", [timedelta(days=1), -timedelta(days=1)])
async def test_a_clock_that_is_set_neither_hurries_nor_delays_a_call(store: Store, jump: timedelta) -> None:
    """Once a call is known its age is monotonic: NTP may set the wall clock as it likes."""
    clock = HandClock()
    watch = watching(store, clock)
    assert await watch.look() == ()
    clock.utc += jump
    clock.passes(119)
    assert await watch.look() == ()
    clock.passes(1)
    assert await watch.look() == (Escalation("c1", 2),)


async def test_a_box_started_before_its_clock_was_set_waits_from_now(store: Store) -> None:
    """1970 after a power cut: a call from the future is new, not for ever young."""
    clock = HandClock(datetime(1970, 1, 1, tzinfo=UTC))
    watch = watching(store, clock)
    assert await watch.look() == ()
    clock.passes(120)
    assert await watch.look() == (Escalation("c1", 2),)


async def test_the_runner_looks_until_it_is_cancelled(store: Store) -> None:
    """As the daemon runs it: level after level, without being asked."""
    reached = asyncio.Event()
    clock = HandClock()

    def changed() -> None:
        if clock.utc >= AT + timedelta(seconds=240):
            reached.set()

    running = asyncio.create_task(CallWatch(store.ledger, store.ledger, clock, POLICY, changed).run())
    async with asyncio.timeout(20):
        await reached.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    (call,) = await store.ledger.open_calls()
    assert call.level == HIGHEST_LEVEL


async def test_alarms_nobody_came_to_stand_first(store: Store) -> None:
    """The glass and the pushers get calls in the order of their weight."""
    await store.ledger.commit(step(CallOfficer("c2", None, "a barrier does not close", alarm=True)))
    assert [call.call_id for call in await store.ledger.open_calls()] == ["c2", "c1"]
    assert await store.ledger.escalate_call("c1", 2, AT)
    assert not await store.ledger.escalate_call("c1", 2, AT), "once a level"
    assert not await store.ledger.escalate_call("c2", 3, AT), "no level is skipped"
    assert [call.call_id for call in await store.ledger.open_calls()] == ["c1", "c2"]


def _count(level: str) -> float:
    return REGISTRY.get_sample_value("gate_calls_escalated_total", {"level": level}) or 0.0
