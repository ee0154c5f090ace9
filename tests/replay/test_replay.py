"""A whole day replays to the letter; whatever is broken on purpose is named at its entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from gate.lanes import entry_lane
from gate.lanes.diagram import MACHINES
from gate.lanes.events import Event, OfficerReleased, PlateSeen
from gate.lanes.machine import Handler, Row, Step, Table
from gate.lanes.rules import decide, declared
from gate.lanes.state import Passage, Phase, PointConfig, PointState
from gate.replay import deciding
from gate.replay.entries import Entry
from gate.replay.replay import Replay, replay
from tests.replay.days import LANE, LATE, RED_LANE, entries, play

Change = Callable[[Entry], Entry]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> list[Entry]:
    """The day's journal."""
    return entries(play(tmp_path_factory.mktemp("day")))


def _seqs(found: Replay, what: str) -> list[int]:
    return [one.seq for one in found.differences if one.what == what]


def _of(told: Sequence[Entry], kind: str, *at: str, phase: str | None = None) -> list[Entry]:
    return [
        entry
        for entry in told
        if entry.kind == kind and entry.point in at and phase in (None, entry.body.get("from"))
    ]


def _altered(told: Sequence[Entry], seq: int, change: Change) -> list[Entry]:
    return [change(entry) if entry.seq == seq else entry for entry in told]


def test_a_day_with_everything_in_it_replays_to_the_letter(day: list[Entry]) -> None:
    """Passages, the bay, a terminal, duties, exits and a kill: no decision, command or state is another."""
    found = replay(day)
    assert found.differences == []
    assert found.erased == found.out_of_reach == 0
    assert found.steps == sum(entry.is_step for entry in day)
    assert found.decisions == sum(entry.kind == "Decided" for entry in day)
    kinds = {entry.kind for entry in day}
    assert {"Started", "OfficerReleased", "EmergencyOpened", "MaintenanceBegan", "ConvoyListed"} <= kinds
    assert sum(entry.is_settled for entry in day) == 2
    assert {entry.point for entry in day if entry.is_step} == {"approach", "hall-1", LANE, RED_LANE, "exit-1"}


# --- a broken core is named -----------------------------------------------------------------------


def _breaks(
    monkeypatch: pytest.MonkeyPatch, phase: Phase, event: type[Event], change: Callable[[Step], Step]
) -> None:
    """One row of the entry lane's table does something else."""
    good: Handler = entry_lane.TABLE[phase, event].handler

    def other(config: PointConfig, state: PointState, told: Any) -> Step:
        return change(good(config, state, told))

    table: Table = {**entry_lane.TABLE, (phase, event): Row(other, frozenset(Phase))}
    monkeypatch.setitem(MACHINES, "entry", table)


def test_a_command_that_is_no_longer_given(day: list[Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    """A released lane forgets its last command: each such entry is named, and no other."""
    _breaks(monkeypatch, Phase.CONTROL, OfficerReleased, lambda s: Step(s.state, s.commands[:-1]))
    found = replay(day)
    assert _seqs(found, "commands") == [e.seq for e in _of(day, "OfficerReleased", RED_LANE)]
    assert len(found.differences) == 2
    recorded, now = found.differences[0].sides()
    assert (recorded.split("(")[0], now) == ("RaiseBarrier", "nothing")


def _forgets_the_plate(step: Step) -> Step:
    passage: Passage | None = step.state.passage
    assert passage is not None
    return replace(step, state=replace(step.state, passage=replace(passage, seen=None)))


def test_a_state_that_diverges_is_told_once(day: list[Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    """The lane remembers less of each vehicle: named where it begins, and caught up with at its end."""
    _breaks(monkeypatch, Phase.READING, PlateSeen, _forgets_the_plate)
    found = replay(day)
    assert _seqs(found, "state") == [e.seq for e in _of(day, "PlateSeen", LANE, RED_LANE, phase="reading")]
    assert len(found.differences) == len(_seqs(found, "state")) == 5
    assert found.steps == sum(entry.is_step for entry in day)


def test_a_step_the_table_does_not_allow(day: list[Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that leads nowhere is told as that, once until the lane is found again."""
    read: tuple[Phase, type[Event]] = (Phase.READING, PlateSeen)
    table: Table = {**entry_lane.TABLE, read: Row(entry_lane.TABLE[read].handler, frozenset())}
    monkeypatch.setitem(MACHINES, "entry", table)
    found = replay(day)
    first = _of(day, "PlateSeen", LANE, RED_LANE, phase="reading")[0]
    assert found.differences[0].seq == first.seq
    assert "the table allows []" in found.differences[0].sides()[1]
    assert {one.what for one in found.differences} == {"state"}
    assert len(found.differences) <= 5


def test_a_rule_that_is_gone(day: list[Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the lead time the late ones would not be held for it: their decisions are named."""
    rules = tuple(rule for rule in decide.RULES if rule is not declared.rule_2_2_lead_time)
    monkeypatch.setattr(decide, "RULES", rules)
    found = replay(day)
    late = [e.seq for e in _of(day, "Decided", "approach") if "late-declaration" in str(e.body["event"])]
    assert len(late) == LATE
    assert [(one.seq, one.what) for one in found.differences] == [(seq, "decision") for seq in late]


def test_what_the_bay_writes_is_compared_too(day: list[Entry], monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision settled at no machine: its records are those of today, or its entry is named."""
    monkeypatch.setattr(deciding, "settle", lambda *_: ())
    found = replay(day)
    assert _seqs(found, "commands") == [entry.seq for entry in day if entry.is_settled]
    assert len(found.differences) == 2


def test_a_new_edition_of_the_rules_is_no_difference(
    day: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it decides alike is the same; which edition decided then is counted."""
    edition = decide.RULES_VERSION
    monkeypatch.setattr(decide, "RULES_VERSION", "of tomorrow")
    found = replay(day)
    assert found.differences == []
    assert dict(found.rules) == {edition: found.decisions}


# --- a bent record is named --------------------------------------------------------------------------


def test_a_step_that_is_missing_shows_at_the_next(day: list[Entry]) -> None:
    """Whatever entry of a point is taken out, the next one whose state it made is named."""
    for point in ("approach", LANE, RED_LANE):
        steps = [e for e in day if e.is_step and e.point == point]
        for gone, after in pairwise(steps):
            if "begins" in gone.body or gone.body["state"] == _before(steps, gone):
                continue  # nothing the machine remembers hung on it
            found = replay([entry for entry in day if entry is not gone])
            assert found.differences, f"{gone.kind} at {point}"
            assert found.differences[0].point == point
            assert found.differences[0].seq >= after.seq


def _before(steps: list[Entry], entry: Entry) -> str:
    return str(steps[steps.index(entry) - 1].body["state"])


def test_another_decision_than_the_recorded_one(day: list[Entry]) -> None:
    """A GREEN that was written over a RED: neither the Rules nor the machine would have said so."""
    (first, *_) = [e for e in _of(day, "Decided", "approach") if e.body["event"]["decision"]["corridor"]]

    def change(entry: Entry) -> Entry:
        event = entry.body["event"]
        decision = event["decision"] | {"corridor": "BLUE"}
        return replace(entry, body=dict(entry.body) | {"event": event | {"decision": decision}})

    found = replay(_altered(day, first.seq, change))
    assert {(one.seq, one.what) for one in found.differences} == {
        (first.seq, "decision"),
        (first.seq, "commands"),
        (first.seq, "state"),
    }


def test_a_restart_from_another_state(day: list[Entry]) -> None:
    """A snapshot that is not what the last step left is named; from there replay follows the record."""
    restart = _of(day, "Started", LANE)[1]

    def change(entry: Entry) -> Entry:
        begins = entry.body["begins"]
        state = begins["state"] | {"crossings": 7}
        return replace(entry, body=dict(entry.body) | {"begins": begins | {"state": state}})

    found = replay(_altered(day, restart.seq, change))
    assert found.differences[0].seq == restart.seq
    assert {one.what for one in found.differences} == {"state"}


@pytest.mark.parametrize(
    "told",
    [{"type": "Flew", "at": {"utc": "2026-03-01T10:00:00+00:00", "mono": 1.0}}, {"type": "PlateSeen"}],
    ids=lambda told: str(told["type"]),
)
def test_an_event_today_knows_nothing_of(day: list[Entry], told: dict[str, object]) -> None:
    """It is named, and the rest of that point waits for the next beginning."""
    first = _of(day, "PlateSeen", LANE)[0]
    found = replay(_altered(day, first.seq, lambda e: replace(e, body=dict(e.body) | {"event": dict(told)})))
    assert [(one.seq, one.what) for one in found.differences] == [(first.seq, "event")]
    assert found.out_of_reach == _until_restart(day, first)


def _until_restart(told: Sequence[Entry], entry: Entry) -> int:
    restart = _of(told, "Started", entry.point)[1]
    return sum(e.is_step and e.point == entry.point and entry.seq < e.seq < restart.seq for e in told)


# --- what cannot be replayed is counted --------------------------------------------------------------


def test_an_erased_entry_is_counted_and_replay_takes_up_at_the_next_beginning(day: list[Entry]) -> None:
    """Retention took a vehicle's plate away: that point is out of reach until its restart."""
    first = _of(day, "PlateSeen", LANE)[0]
    found = replay(_altered(day, first.seq, lambda e: replace(e, whole=False)))
    assert (found.erased, found.differences) == (1, [])
    assert found.out_of_reach == _until_restart(day, first) > 0
    assert found.steps + found.erased + found.out_of_reach == sum(entry.is_step for entry in day)


def _as_before_replay(entry: Entry) -> Entry:
    """As an older gate wrote it."""
    body = {k: v for k, v in entry.body.items() if k not in ("begins", "state", "mark", "officer")}
    if entry.kind == "Decided":
        body["event"] = {k: v for k, v in body["event"].items() if k != "basis"}
    return replace(entry, body=body)


def test_a_journal_that_began_before_replay_was_kept(day: list[Entry]) -> None:
    """An update in the middle: what is older is not replayable, and from which entry on it is is said."""
    update = next(entry.seq for entry in day if entry.kind == "Started" and entry.seq > 10)
    mixed = [_as_before_replay(entry) if entry.seq < update else entry for entry in day]
    found = replay(mixed)
    assert found.differences == []
    assert found.begins_at == update
    assert found.is_possible
    older = sum(e.is_step or e.is_settled for e in mixed if e.seq < update)
    assert found.out_of_reach == older


def test_an_old_journal_can_not_be_replayed_at_all(day: list[Entry]) -> None:
    """Every step and decision of it is counted, and nothing is said to be the same."""
    found = replay([_as_before_replay(entry) for entry in day])
    assert (found.steps, found.decisions, found.begins_at, found.differences) == (0, 0, None, [])
    assert found.out_of_reach == sum(e.is_step or e.is_settled for e in day)
    assert not found.is_possible
    assert replay([]).is_possible, "of nothing, nothing differs"
