"""A day's decisions under another policy: what would have changed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gate.lanes.rules.policy import Policy
from gate.model import Outcome, TransportMode
from gate.replay.deciding import Taken, taken
from gate.replay.entries import Entry
from gate.replay.replay import replay
from gate.replay.would import Outlook, Would, would
from tests.replay.days import LATE, entries, play


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> list[Entry]:
    """The day's journal."""
    return entries(play(tmp_path_factory.mktemp("day")))


def _lead(minutes: int) -> Policy:
    return Policy("tomorrow", dict.fromkeys(TransportMode, timedelta(minutes=minutes)))


def _under(day: list[Entry], policy: Policy) -> Outlook:
    outlook = Outlook(policy)
    assert replay(day, outlook).differences == []
    return outlook


def _decisions(day: list[Entry]) -> list[Taken]:
    return [one for entry in day if isinstance(one := taken(entry), Taken)]


def test_the_same_policy_changes_nothing(day: list[Entry]) -> None:
    """But for its name."""
    outlook = _under(day, _lead(60))
    assert outlook.changes == []
    assert outlook.decisions == len(_decisions(day))


def test_a_shorter_lead_time_would_have_directed_the_late(day: list[Entry]) -> None:
    """Their verdicts were never opened: that they would have been is said, and no corridor."""
    outlook = _under(day, _lead(15))
    assert (outlook.moves, outlook.disappear) == ({"HOLD -> DIRECT": LATE}, {"late-declaration": LATE})
    assert (outlook.held["late-declaration"], outlook.freed["late-declaration"]) == (LATE, LATE)
    assert outlook.opened == LATE == len(outlook.changes)
    for change in outlook.changes:
        assert change["would"] == {"outcome": "DIRECT", "corridor": None, "findings": [], "opened": True}
        assert change["was"] == {"outcome": "HOLD", "corridor": None, "findings": ["late-declaration"]}


def test_a_longer_lead_time_would_have_held_everybody(day: list[Entry]) -> None:
    """What was directed would have been held, its verdict left shut; what was held stays held."""
    outlook = _under(day, _lead(600))
    directed = [one for one in _decisions(day) if one.event.decision.outcome is Outcome.DIRECT]
    assert outlook.moves == {"DIRECT -> HOLD": len(directed)}
    assert outlook.appear == {"late-declaration": len(directed)}
    assert outlook.opened == 0
    assert all(change["would"] == _held for change in outlook.changes)


_held = {"outcome": "HOLD", "corridor": None, "findings": ["late-declaration"], "opened": False}


def test_a_door_that_would_not_have_been_asked_has_said_nothing(day: list[Entry]) -> None:
    """Where the policy holds before the door, what the door answered then does not count."""
    (one, *_) = [one for one in _decisions(day) if one.basis.facts and one.basis.facts.verdicts]
    then = would(one, _lead(600))
    assert then is not None
    assert then == Would(Outcome.HOLD, None, frozenset({"late-declaration"}))
    same = would(one, one.basis.policy)
    assert same is not None
    assert (same.outcome.value, same.corridor) == ("DIRECT", one.event.decision.corridor)


def test_a_stale_cache_is_policy_too(day: list[Entry]) -> None:
    """A cache that may be a microsecond old holds everybody: the finding appears beside the others."""
    outlook = _under(day, Policy("strict", cache_max_age=timedelta(microseconds=1)))
    assert outlook.appear["stale-cache"] == outlook.decisions
    assert outlook.moves["DIRECT -> HOLD"] > 0
