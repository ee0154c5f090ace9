"""Rules 2.2 on the clock: an hour is an hour whatever the zone, the date, the skew and the doubt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from gate.clock_trust import DRIFT, JUMP, ClockTrust
from gate.lanes.ports import CacheState, Lookup, Presence
from gate.lanes.presence import times
from gate.lanes.rules.decide import screen
from gate.lanes.rules.facts import ClockFacts
from gate.model import Declaration
from tests.clocks import SetClock, adrift
from tests.lanes.test_rules import GOODS, POLICY, SEALED, at_approach

HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
BAKU, TBILISI = ZoneInfo("Asia/Baku"), ZoneInfo("Asia/Tbilisi")
BERLIN, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")
ZONES: tuple[tzinfo, ...] = (
    UTC,
    BAKU,
    TBILISI,
    BERLIN,
    LORD_HOWE,  # half an hour of summer time
    ZoneInfo("America/St_Johns"),
    timezone(timedelta(hours=14)),
    timezone(timedelta(hours=-11, minutes=-30)),
)


def declared_at(registered: datetime) -> Declaration:
    """A declaration central registered then, with a verdict for the days around it."""
    day = registered.astimezone(UTC)
    verdict = replace(SEALED, valid_from=day - timedelta(days=2), valid_until=day + timedelta(days=30))
    return replace(GOODS, registered_at=registered, verdict=verdict)


def held(registered: datetime, came: datetime, clock: ClockFacts | None = None) -> list[str]:
    """What speaks against a vehicle that came at this moment, of central's clock."""
    known = clock or ClockFacts(timedelta(), timedelta(), timedelta())
    cache = CacheState(41, came.astimezone(UTC), behind_journal=False)
    lookup = Lookup((declared_at(registered),), (), (), cache)
    facts = at_approach(now=came, first_presence=came, lookup=lookup, clock=known)
    return [finding.code for finding in screen(facts, POLICY)]


MOMENTS = {
    "midnight in Baku": datetime(2026, 5, 4, 23, 30, tzinfo=BAKU),
    "midnight, UTC": datetime(2026, 5, 4, 23, 59, 59, 999999, tzinfo=UTC),
    "the leap day begins": datetime(2028, 2, 28, 23, 30, tzinfo=UTC),
    "the leap day ends": datetime(2028, 2, 29, 23, 30, tzinfo=TBILISI),
    "no leap day": datetime(2027, 2, 28, 23, 30, tzinfo=UTC),
    "the year ends": datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
    "the year ends in Baku": datetime(2026, 12, 31, 23, 30, tzinfo=BAKU),
    "summer time begins": datetime(2026, 3, 29, 1, 30, tzinfo=BERLIN),
    "an hour that is not there": datetime(2026, 3, 29, 2, 30, tzinfo=BERLIN),
    "summer time ends": datetime(2026, 10, 25, 1, 30, tzinfo=BERLIN),
    "an hour that comes twice": datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN),
    "its second time": datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1),
    "half an hour that comes twice": datetime(2026, 4, 5, 1, 45, tzinfo=LORD_HOWE),
}


@pytest.mark.parametrize("registered", MOMENTS.values(), ids=MOMENTS.keys())
@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_an_hour_is_an_hour_by_every_calendar(registered: datetime, zone: tzinfo) -> None:
    """To the microsecond, with the presence in any zone: an hour is enough, a microsecond less is not."""
    came = (registered.astimezone(UTC) + HOUR).astimezone(zone)
    assert held(registered, came) == []
    early = (came.astimezone(UTC) - TICK).astimezone(zone)
    assert held(registered, early) == ["late-declaration"]


def test_wall_clocks_that_show_two_hours_may_be_one_apart() -> None:
    """Berlin's clocks showed 01:30 and 03:30 that night, an hour apart; in autumn 02:30 twice."""
    assert (
        held(datetime(2026, 3, 29, 1, 30, tzinfo=BERLIN), datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN)) == []
    )
    twice = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    assert held(twice, twice.replace(fold=1)) == []
    not_yet = datetime(2026, 3, 29, 3, 29, tzinfo=BERLIN)
    assert held(datetime(2026, 3, 29, 1, 30, tzinfo=BERLIN), not_yet) == ["late-declaration"]


@given(
    registered=st.datetimes(datetime(2024, 1, 1), datetime(2040, 1, 1), timezones=st.sampled_from(ZONES)),  # noqa: DTZ001 - bounds take none
    lead=st.timedeltas(timedelta(minutes=-10), timedelta(minutes=130)),
    zone=st.sampled_from(ZONES),
    doubt=st.timedeltas(timedelta(), timedelta(seconds=100)),
)
@example(MOMENTS["an hour that comes twice"], HOUR, BERLIN, timedelta())
def test_the_hour_is_counted_in_real_time_less_the_doubt(
    registered: datetime, lead: timedelta, zone: tzinfo, doubt: timedelta
) -> None:
    """Whatever the calendar: held exactly when the lead, at worst, is short of an hour."""
    came = (registered.astimezone(UTC) + lead).astimezone(zone)
    found = held(registered, came, ClockFacts(timedelta(), timedelta(), doubt))
    assert found == ([] if lead - doubt >= HOUR else ["late-declaration"])


# --- the whole way: two clocks, an exchange, a presence, a decision ------------------------------------


@dataclass(frozen=True)
class Day:
    """What central's clock and this box's did, and when things happened, in monotonic seconds."""

    offset: float
    """Central's clock minus this box's, at switching on."""
    drift: float
    there: float
    back: float
    came_after: float
    """From switching on to first presence."""
    asked_after: float
    """From then to central's answer."""
    decided_after: float
    step: float
    """How far somebody set this box's clock while the vehicle stood."""
    stepped_early: bool
    """Before central was asked, so that it was measured after it."""

    def central(self, switched_on: datetime, seconds: float) -> datetime:
        """Central's true time, so many seconds after switching on."""
        return switched_on + timedelta(seconds=self.offset + seconds * (1 + self.drift))


SWITCHED_ON = datetime(2026, 12, 31, 22, 0, tzinfo=UTC)
days = st.builds(
    Day,
    offset=st.floats(-130, 130) | st.floats(-400_000, 400_000),
    drift=st.floats(-DRIFT, DRIFT),
    there=st.floats(0, 30),
    back=st.floats(0, 30),
    came_after=st.floats(0, 5000),
    asked_after=st.floats(0, 5000),
    decided_after=st.floats(0, 5000),
    step=st.sampled_from([0.0, 0.0, 1.5, -1.5]) | st.floats(-400_000, 400_000),
    stepped_early=st.booleans(),
)


@given(day=days, lead=st.floats(3540, 3660) | st.floats(-600, 20_000))
def test_nobody_is_let_through_early_whatever_the_clocks_do(day: Day, lead: float) -> None:
    """Skew, drift, slow and lopsided answers, and a clock set while the vehicle stands: true lead decides."""
    assume(abs(abs(day.step) - JUMP.total_seconds()) > 0.01)
    clock = SetClock(SWITCHED_ON)
    trust = ClockTrust(clock, adrift())
    zero = clock.mono
    clock.passes(day.came_after)
    seen = clock.now()
    registered = day.central(SWITCHED_ON, day.came_after) - timedelta(seconds=lead)

    before = trust.reading().central(seen.mono)
    presence = Presence(seen.utc, seen.mono, "this-boot", *(before or ()))
    clock.passes(day.asked_after)
    if day.stepped_early:
        clock.utc += timedelta(seconds=day.step)
    sent = clock.now()
    clock.passes(day.there)
    said = day.central(SWITCHED_ON, clock.mono - zero)
    clock.passes(day.back)
    trust.measured(sent, clock.now(), said)
    clock.passes(day.decided_after)
    if not day.stepped_early:
        clock.utc += timedelta(seconds=day.step)

    at = times([presence], trust.reading())
    declared = declared_at(registered.astimezone(BAKU))
    cache = CacheState(41, said, behind_journal=False)
    facts = at_approach(
        now=at.now,
        first_presence=at.first_presence,
        clock=at.clock,
        lookup=Lookup((declared,), (), (), cache),
    )
    found = {finding.code for finding in screen(facts, replace(POLICY, cache_max_age=timedelta(days=1)))}

    if lead < HOUR.total_seconds():
        assert found, "let through before its hour"
    known = day.stepped_early or abs(day.step) < JUMP.total_seconds()
    assert ("clock-unknown" in found) == (not known)
    doubt = at.clock.presence_uncertainty
    if known and "clock-skewed" not in found:
        assert doubt is not None
        assert ("late-declaration" in found) <= (lead < HOUR.total_seconds() + 2 * doubt.total_seconds())


@given(day=days)
def test_a_skew_beyond_the_policy_holds(day: Day) -> None:
    """Known, and too far: the box is to be set before it directs anybody."""
    assume(not 100 < abs(day.offset) < 140)
    clock = SetClock(SWITCHED_ON)
    trust = ClockTrust(clock, adrift())
    seen = clock.now()
    trust.measured(seen, clock.now(), day.central(SWITCHED_ON, 0.0))
    at = times([Presence(seen.utc, seen.mono, "this-boot")], trust.reading())
    found = held(at.first_presence - 2 * HOUR, at.first_presence, at.clock)
    assert ("clock-skewed" in found) == (abs(day.offset) > 120)


# --- presences of one stay -----------------------------------------------------------------------------


def test_a_presence_of_an_earlier_boot_counts_as_it_was_known_then() -> None:
    """A power cut with the vehicle in the bay: what central's clock showed when it came is on record."""
    clock = SetClock(SWITCHED_ON)
    trust = ClockTrust(clock, adrift("after"))
    trust.measured(clock.now(), clock.now(), clock.utc)
    told = SWITCHED_ON - 3 * HOUR
    at = times([Presence(told, 4000.0, "before", told, timedelta(seconds=2))], trust.reading())
    assert (at.first_presence, at.clock.presence_uncertainty) == (told, timedelta(seconds=2))
    untold = times([Presence(told, 4000.0, "before")], trust.reading())
    assert held(told - 2 * HOUR, told, untold.clock) == ["clock-unknown"]


def test_of_several_presences_of_one_stay_the_earliest_counts() -> None:
    """At worst: the one that may have been earliest; and one that nobody can tell makes all unknown."""
    clock = SetClock(SWITCHED_ON)
    trust = ClockTrust(clock, adrift())
    trust.measured(clock.now(), clock.now(), clock.utc)
    late = Presence(clock.utc, clock.mono, "this-boot")
    early = Presence(clock.utc, 0.0, "before", SWITCHED_ON - HOUR, timedelta(seconds=9))
    assert times([late, early], trust.reading()).first_presence == SWITCHED_ON - HOUR
    vague = Presence(clock.utc, 0.0, "before", SWITCHED_ON - HOUR + TICK, timedelta(minutes=1))
    assert times([late, early, vague], trust.reading()).first_presence == SWITCHED_ON - HOUR + TICK
    lost = Presence(clock.utc, 0.0, "before")
    assert times([late, lost], trust.reading()).clock.presence_uncertainty is None
    assert times([], trust.reading()).clock.presence_uncertainty is None
