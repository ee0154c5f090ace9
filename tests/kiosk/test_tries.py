"""How often a kiosk may be asked."""

from __future__ import annotations

from gate.kiosk.tries import Tries


def test_ten_tries_in_ten_seconds_are_nobodys_fault() -> None:
    """Generous for fingers, for ever."""
    tries = Tries()
    assert [tries.ask("hall", second * 1.0) for second in range(100)] == [0.0] * 100


def test_who_goes_on_waits_each_time_longer() -> None:
    """Twice as long each time, up to a minute; trying while waiting changes nothing."""
    tries, now = Tries(), 0.0
    waits: list[float] = []
    while len(waits) < 8:
        wait = tries.ask("hall", now)
        if wait:
            waits.append(wait)
            assert 0 < tries.ask("hall", now + wait / 2) <= wait / 2
        now += wait
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]


def test_a_quiet_while_is_forgiven_and_points_are_apart() -> None:
    """One kiosk's trouble is not another's; after two minutes it is forgotten."""
    tries = Tries()
    for _ in range(12):
        tries.ask("hall", 0.0)
    assert tries.ask("hall", 0.0) > 0
    assert tries.ask("approach", 0.0) == 0
    assert [tries.ask("hall", 200.0) for _ in range(11)] == [0.0] * 10 + [2.0]
