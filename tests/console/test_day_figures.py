"""A day in figures: whose hour it was, what became of whom, how long they waited, and the bars for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.console import day_chart
from gate.console.day_figures import KINDS, bounds, figures, nine_in_ten
from gate.model import Corridor, VisitStatus
from gate.store.past_day import Arrived

BERLIN, BAKU = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Baku")
MAY = date(2026, 5, 4)


def came(
    at: datetime,
    corridor: Corridor | None = Corridor.GREEN,
    *,
    status: VisitStatus = VisitStatus.COMPLETED,
    waited: float | None = 5.0,
    point: str = "approach",
    lane: str | None = "lane-1",
) -> Arrived:
    """A vehicle."""
    released = None if waited is None else at + timedelta(minutes=waited)
    return Arrived(at.astimezone(UTC), point, lane, status, corridor, released)


@pytest.mark.parametrize(
    ("day", "hours", "labels"),
    [
        (date(2026, 3, 29), 23, ("00:00", "01:00", "03:00")),
        (date(2026, 10, 25), 25, ("00:00", "01:00", "02:00 +0200", "02:00 +0100", "03:00")),
        (MAY, 24, ("00:00", "01:00", "02:00", "03:00")),
    ],
)
def test_a_day_is_as_long_as_its_clocks_say(day: date, hours: int, labels: tuple[str, ...]) -> None:
    """An hour that is left out is no hour, one that comes twice is two and told apart."""
    told = figures(day, BERLIN, (), ())
    assert len(told.hours) == hours
    assert tuple(hour.label for hour in told.hours)[: len(labels)] == labels
    assert told.hours[-1].label == "23:00"


def test_each_vehicle_stands_in_its_own_hour() -> None:
    """In the hour that comes twice too; midnight belongs to the day it begins."""
    begin, _ = bounds(date(2026, 10, 25), BERLIN)
    moments = [
        begin,
        begin + timedelta(hours=2.5),
        begin + timedelta(hours=3.5),
        begin + timedelta(hours=24.99),
    ]
    told = figures(date(2026, 10, 25), BERLIN, [came(at) for at in moments], ())
    assert [at for at, hour in enumerate(told.hours) if hour.arrivals] == [0, 2, 3, 24]


def test_what_became_of_them_and_how_long_they_waited() -> None:
    """By corridor once opened, else held or referred; waiting is to release; who leaves is no arrival."""
    at = datetime(2026, 5, 4, 9, tzinfo=BAKU)
    told = figures(
        MAY,
        BAKU,
        [
            *(came(at + timedelta(minutes=n), waited=float(n)) for n in range(1, 11)),
            came(at, Corridor.RED, waited=None, lane="lane-4", status=VisitStatus.HELD),
            came(at, None, waited=None, lane=None, status=VisitStatus.ARRIVED),
            came(at, None, waited=None, lane=None, status=VisitStatus.LEFT_UNRELEASED),
            came(at, None, waited=None, lane=None, status=VisitStatus.REFERRED),
            came(at, None, waited=1.0, lane="exit-1", point="exit-1", status=VisitStatus.DEPARTED),
        ],
        {"exit-1"},
    )
    hour = told.hours[9]
    assert hour.counts == {"GREEN": 10, "BLUE": 0, "YELLOW": 0, "RED": 1, "held": 2, "referred": 1}
    assert (hour.median, hour.p90) == (5.5, 9.0)
    assert (told.arrivals, told.departures) == (14, 1)
    assert told.lanes == (("lane-1", 10), ("lane-4", 1))
    assert told.hours[8].median is None


def test_nine_in_ten_did_not_wait_longer() -> None:
    """Of one vehicle it is that one, of none nothing."""
    assert nine_in_ten([]) is None
    assert nine_in_ten([7.0]) == 7.0
    assert nine_in_ten([float(n) for n in range(1, 21)]) == 18.0


@given(st.lists(st.tuples(st.integers(0, 24 * 60 - 1), st.sampled_from([*Corridor, None])), max_size=60))
def test_the_bars_are_the_figures(vehicles: list[tuple[int, Corridor | None]]) -> None:
    """Every bar lies in its chart, as high as it counts, and stacked without gap or overlap."""
    begin, _ = bounds(MAY, BAKU)
    told = figures(MAY, BAKU, [came(begin + timedelta(minutes=at), kind) for at, kind in vehicles], ())
    chart = day_chart.arrivals(told)
    top = float(chart.lines[-1].text)
    full = chart.lines[0].y - chart.lines[-1].y
    assert sum(bar.height for bar in chart.bars) * top / full == pytest.approx(len(vehicles), abs=0.1)
    foot = {bar.x: chart.lines[0].y for bar in chart.bars}
    for bar in chart.bars:
        assert bar.y + bar.height == pytest.approx(foot[bar.x], abs=0.3)
        foot[bar.x] = bar.y
        assert chart.lines[-1].y - 0.2 <= bar.y
        assert chart.left <= bar.x
        assert bar.x + bar.width <= chart.right
    assert {bar.kind for bar in chart.bars} <= {kind.lower() for kind in KINDS}
