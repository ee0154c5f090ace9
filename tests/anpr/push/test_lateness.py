"""How late a message is is told from a camera's own messages, however wrong its clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.anpr.push.lateness import Lateness

NOON = datetime(2026, 5, 4, 12, 0, 0, 500_000, tzinfo=UTC)


def told(lateness: Lateness, second: float, delay: float, wrong: float = 0.0) -> float | None:
    """A message captured at `second`, arriving `delay` later, by a clock `wrong` seconds off."""
    return lateness.note(NOON + timedelta(seconds=second + wrong), second + delay)


@pytest.mark.parametrize("wrong", [0.0, -3600.0, 86400.0 * 365])
def test_a_delay_is_told_whatever_the_clock_says(wrong: float) -> None:
    """Nothing is known of the first message; from the second on the delay is what it was."""
    lateness = Lateness()
    assert told(lateness, 0, 0.3, wrong) is None
    assert told(lateness, 10, 0.3, wrong) == pytest.approx(0, abs=1e-3)
    assert told(lateness, 20, 7.3, wrong) == pytest.approx(7, abs=1e-3)
    assert told(lateness, 30, 0.5, wrong) == pytest.approx(0.2, abs=1e-3)


@given(st.lists(st.floats(min_value=2, max_value=40), min_size=2, max_size=20))
def test_a_backlog_after_a_start_never_passes_for_prompt(gaps: list[float]) -> None:
    """A camera cut off for a while sends what it kept, all at once: each less late than the one before."""
    lateness, captured = Lateness(), 0.0
    moments = [captured := captured + gap for gap in gaps]
    for moment in moments:
        late = lateness.note(NOON + timedelta(seconds=moment), captured + 1)
        assert late is None


def test_one_message_alone_is_no_measure() -> None:
    """The first may have been late itself: what differs from it is not known until two agree."""
    lateness = Lateness()
    assert told(lateness, 0, 0.3) is None
    assert told(lateness, 1, 9) is None
    assert told(lateness, 20, 0.3) == pytest.approx(0, abs=1e-3)


def test_a_backlog_does_not_become_the_new_measure() -> None:
    """Twenty late messages in a burst later, a prompt one is still the measure."""
    lateness = Lateness()
    told(lateness, 0, 0.3)
    told(lateness, 1, 0.3)
    for second in range(10, 30):
        late = told(lateness, second, 60 - second)
        assert late is not None
        assert late > 29
    assert told(lateness, 70, 0.3) == pytest.approx(0, abs=1e-3)


def test_a_clock_set_back_is_learned_anew_and_one_set_forward_at_once() -> None:
    """Back: late until four messages over half a minute agree. Forward: known with the second message."""
    lateness = Lateness()
    told(lateness, 0, 0.3)
    told(lateness, 1, 0.3)
    late = [told(lateness, second, 0.3, wrong=-20) for second in (10, 20, 30, 41, 50)]
    assert late[:3] == [pytest.approx(20, abs=1e-3)] * 3
    assert late[3:] == [pytest.approx(0, abs=1e-3)] * 2
    assert told(lateness, 60, 0.3, wrong=0) is None
    assert told(lateness, 70, 0.3, wrong=0) == pytest.approx(0, abs=1e-3)
