"""What is written of events, states and decisions comes back as it was, in any process."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.clock import Instant
from gate.lanes import duties, events
from gate.lanes.basis import Basis, decided_on, dump_basis, load_basis
from gate.lanes.events import Event
from gate.lanes.record import Beginning, canonical, digest, dump_state, load_state
from gate.lanes.recorded import EVENTS, read_beginning, read_event
from gate.lanes.rules.facts import Facts
from gate.lanes.rules.policy import Policy
from gate.lanes.state import PointConfig, PointState
from gate.model import CorridorVerdict, Declaration, SealedVerdict

moments = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
finite = st.floats(allow_nan=False, allow_infinity=False)
st.register_type_strategy(datetime, moments)
st.register_type_strategy(float, finite)
st.register_type_strategy(timedelta, st.integers(0, 10**6).map(lambda s: timedelta(seconds=s)))


def anything(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of a frozen dataclass, every field of it drawn."""
    hints = get_type_hints(kind)
    return st.builds(kind, **{name: st.from_type(hint) for name, hint in hints.items() if name[0] != "_"})


def as_read(value: object) -> Any:
    """Through the journal's JSON."""
    return json.loads(canonical(value))


def test_every_event_is_known() -> None:
    """Each class of both files, by the name it has in the journal."""
    written = {
        kind
        for module in (events, duties)
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
    }
    assert set(EVENTS.values()) == written
    assert len(EVENTS) > 35


@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.__name__)
def test_every_event_comes_back_as_it_was(kind: type[Event]) -> None:
    """Whatever is in it: marks, sets, floats, moments to the microsecond."""

    @given(anything(kind))
    def comes_back(event: Event) -> None:
        told = read_event(as_read(event))
        assert told == event
        assert canonical(told) == canonical(event)

    comes_back()


def test_an_event_of_another_day_is_refused() -> None:
    """Unknown, or without what today's core needs: a ValueError, never a guess."""
    at = as_read(Instant(datetime(2026, 5, 4, tzinfo=UTC), 1.0))
    for told in ({"type": "Flew", "at": at}, {"type": "PlateSeen", "at": at}, {"at": at}, {}):
        with pytest.raises(ValueError, match=r"Flew|passage_id|None"):
            read_event(told)


@given(anything(PointState), anything(PointConfig))
def test_a_state_comes_back_from_a_snapshot_and_from_a_beginning(
    state: PointState, config: PointConfig
) -> None:
    """Both ways it is kept; its name is the same for the same state."""
    assert load_state(dump_state(state)) == state
    beginning = Beginning("entry", config, state)
    assert read_beginning(as_read(beginning)) == beginning
    assert digest(load_state(dump_state(state))) == digest(state)


def test_a_state_that_is_all_defaults_names_nothing() -> None:
    """So a field that is added tomorrow, and not used, leaves the names of yesterday's states alone."""
    assert digest(PointState()) == hashlib.sha256(b"{}").hexdigest()[:16]
    assert digest(replace(PointState(), crossings=1)) != digest(PointState())


NAMES_A_STATE = """
from gate.lanes.events import Contact, DeviceRole
from gate.lanes.record import digest, dump_state
from gate.lanes.state import Inputs, PointState
every = Inputs(normal=frozenset(Contact), active=frozenset(Contact))
state = PointState(inputs=every, faults=frozenset(DeviceRole), failed=frozenset("abcdefgh"))
print(digest(state), dump_state(state).decode())
"""


def test_a_state_has_one_name_in_every_process() -> None:
    """Python orders sets differently in each; snapshots and names do not follow."""
    told = {
        subprocess.run(
            [sys.executable, "-c", NAMES_A_STATE],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(4)
    }
    assert len(told) == 1


# --- what a decision was taken on -------------------------------------------------------------------

SECRET = b"sealed by central"
hidden = SECRET.hex()


@st.composite
def declarations(draw: st.DrawFn) -> Declaration:
    """Any declaration, its verdict sealed in bytes one can look for."""
    found: Declaration = draw(anything(Declaration))
    sealed: SealedVerdict | None = draw(st.none() | anything(SealedVerdict))
    if sealed is not None:
        sealed = replace(sealed, ciphertext=SECRET)
    return replace(found, verdict=sealed)


@st.composite
def bases(draw: st.DrawFn) -> Basis:
    """Facts of every kind, or the fault for which there were none."""
    policy: Policy = draw(anything(Policy))
    if draw(st.booleans()):
        return Basis(policy, None, draw(st.text()))
    found = st.lists(declarations(), max_size=3).map(tuple)
    facts: Facts = draw(anything(Facts))
    opened = facts.verdicts and tuple(
        CorridorVerdict(one.number, one.corridor, "M-1 by Samur", 4848) for one in facts.verdicts
    )
    lookup = replace(facts.lookup, by_mark=draw(found), by_number=draw(found))
    return Basis(policy, replace(facts, lookup=lookup, verdicts=opened))


@given(bases())
def test_a_decision_is_the_same_on_its_basis(basis: Basis) -> None:
    """What was left out of it - seals, and what else a verdict says - decides nothing."""
    policy = replace(
        basis.policy, lead_times={mode: basis.policy.lead_times.get(mode, timedelta(0)) for mode in _MODES}
    )
    basis = replace(basis, policy=policy)
    told = load_basis(dump_basis(basis))
    assert decided_on(told) == decided_on(basis)
    assert told.policy == basis.policy
    assert dump_basis(told) == dump_basis(basis)


_MODES = tuple(Policy("any").lead_times)


@given(bases())
def test_no_seal_and_no_route_gets_into_a_basis(basis: Basis) -> None:
    """3.6, 6.4: of a sealed verdict that it is there, of an opened one the corridor alone."""
    text = dump_basis(basis)
    for secret in (SECRET.decode(), hidden, "M-1 by Samur"):
        assert secret not in text
    facts = load_basis(text).facts
    assert (facts is None) == (basis.facts is None)
    if facts is not None and basis.facts is not None:
        sealed = [one.verdict is not None for one in basis.facts.declarations]
        assert [one.verdict is not None for one in facts.declarations] == sealed
        alone = [CorridorVerdict(one.number, one.corridor, None, None) for one in basis.facts.verdicts or ()]
        assert list(facts.verdicts or ()) == alone
