"""The report's tables, made of facts and ready to be published: nothing is left in them that is too small."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from gate.lanes.checks import KNOWN
from gate.lanes.occurrences import Occurrence
from gate.model import CheckSource, Corridor
from gate.report.facts import Facts, VisitFacts
from gate.report.suppression import HIDDEN, LIMIT, Cell, is_small, suppress, told
from gate.report.words import act_words, cause_words, source_words, trouble_words

Unit = Literal["count", "seconds", "percent"]
CORRIDORS = tuple(corridor.value for corridor in Corridor)
NOTHING = ""
"""There is nothing to tell: a time of too few vehicles."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `cells` stand in the order of the table's rows."""

    name: str
    unit: Unit
    cells: tuple[Cell | float, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its key for programs, its label for people, and the Rules numbers it rests on."""

    key: str
    label: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `note` says what is counted."""

    name: str
    title: str
    note: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]


def tables_of(facts: Facts) -> tuple[Table, ...]:
    """Every table of the month, in the report's order."""
    outcomes = _outcomes(facts)
    corridors = _corridors(facts)
    ends = dict(zip((row.key for row in outcomes.rows), outcomes.columns[0].cells, strict=True))
    wholes = dict(zip(CORRIDORS, corridors.columns[0].cells, strict=True))
    return (
        outcomes,
        corridors,
        _days(facts, wholes),
        _waiting(facts),
        _hours(facts, ends["directed"]),
        _holds(facts),
        _referrals(facts, ends["referred"]),
        _checks(facts, wholes),
        _ordered(facts, wholes),
        _acts(facts),
        _reading(facts),
        _lanes(facts, wholes | {"departures": ends["departed"]}),
        _troubles(facts),
        _service(facts),
    )


def _counted(name: str, counts: Iterable[int]) -> Column:
    return Column(name, "count", suppress(tuple(counts)))


def _parts(name: str, counts: Iterable[int], whole: Cell | float) -> Column:
    """Counts that add up to one told elsewhere: where that is kept back, so are all of them."""
    cells = tuple(counts)
    return _counted(name, cells) if isinstance(whole, int) else Column(name, "count", (HIDDEN,) * len(cells))


def _alone(name: str, counts: Iterable[int]) -> Column:
    """Counts that add up to nothing: each is told, or not, by itself."""
    return Column(name, "count", tuple(told(count) for count in counts))


def _outcomes(facts: Facts) -> Table:
    def ended(visit_id: str, visit: VisitFacts) -> str:
        if visit_id in facts.opened_once:
            return "once"
        if visit.corridor is not None:
            # Not by release: beside the corridors' vehicles that would tell how few were not released.
            return "directed"
        ends = {"referred": "referred", "left-unreleased": "left", "departed": "departed"}
        return ends.get(visit.status, "open")

    rows = (
        Row("directed", "directed to a corridor", "8.0"),
        Row("referred", "referred to the general lane", "2.1"),
        Row("once", "a vehicle without goods, for which the barrier was opened once", "2.1"),
        Row("left", "left, or was turned back, without a corridor"),
        Row("open", "not over yet"),
        Row("departed", "left the country by an exit lane"),
    )
    ends = [ended(visit_id, visit) for visit_id, visit in facts.visits.items()]
    column = _counted("visits", (ends.count(row.key) for row in rows))
    return Table("outcomes", "How visits ended", "visits that began in the month", rows, (column,))


def _used(facts: Facts) -> list[tuple[str, VisitFacts]]:
    return [(visit.corridor, visit) for visit in facts.visits.values() if visit.corridor is not None]


def _corridors(facts: Facts) -> Table:
    used = [corridor for corridor, _ in _used(facts)]
    rows = tuple(
        Row(name, name, rule)
        for name, rule in zip(CORRIDORS, ("7.0.1", "7.0.2", "7.0.3", "7.0.4"), strict=True)
    )
    return Table(
        "corridors",
        "Corridors used",
        "vehicles and baggage carriers by the corridor they were directed to, and consignments by their own",
        rows,
        (
            _counted("vehicles", (used.count(name) for name in CORRIDORS)),
            _counted("consignments", (facts.consignments[name] for name in CORRIDORS)),
        ),
    )


_Wholes = Mapping[str, Cell | float]
"""What is told of the counts whose parts a table holds."""


def _days(facts: Facts, wholes: _Wholes) -> Table:
    days = facts.month.days
    on = [(corridor, facts.month.local(visit.arrived).date()) for corridor, visit in _used(facts)]
    return Table(
        "days",
        "Corridors used, day by day",
        f"vehicles by the day they came, {facts.month.zone.key} time",
        tuple(Row(day.isoformat(), day.isoformat()) for day in days),
        tuple(_parts(name, (on.count((name, day)) for day in days), wholes[name]) for name in CORRIDORS),
    )


_Times = Sequence[timedelta | None]


def _waiting(facts: Facts) -> Table:
    used = _used(facts)
    groups = [[visit for corridor, visit in used if corridor == name] for name in CORRIDORS]
    everybody = [visit for _, visit in used]
    columns: list[Column] = []
    for what, wait in _WAITS:
        # How many they were is not told: beside the corridors' vehicles it would tell the unreleased.
        times = [[wait(visit) for visit in group] for group in (*groups, everybody)]
        columns += [
            Column(f"{what}: {name}", "seconds", tuple(_quantile(one, share) for one in times))
            for name, share in _SHARES
        ]
    return Table(
        "waiting",
        "Waiting times",
        "from first presence at the approach to the direction, and to the release",
        (*(Row(name, name) for name in CORRIDORS), Row("all", "all corridors")),
        tuple(columns),
    )


def _hours(facts: Facts, whole: Cell | float) -> Table:
    groups: list[list[VisitFacts]] = [[] for _ in range(24)]
    for _, visit in _used(facts):
        groups[facts.month.local(visit.arrived).hour].append(visit)
    vehicles = _parts("vehicles", (len(group) for group in groups), whole)
    columns = [vehicles]
    for what, wait in _WAITS:
        times = [[wait(visit) for visit in group] for group in groups]
        columns += [
            Column(
                f"{what}: {name}",
                "seconds",
                tuple(
                    _quantile(one, share) if isinstance(count, int) else NOTHING
                    for one, count in zip(times, vehicles.cells, strict=True)
                ),
            )
            for name, share in _SHARES
            if name in ("median", "p95")
        ]
    return Table(
        "hours",
        "Waiting times by hour of arrival",
        f"vehicles directed to a corridor, by the hour they came, {facts.month.zone.key} time",
        tuple(Row(f"{hour:02}", f"{hour:02}:00") for hour in range(24)),
        tuple(columns),
    )


_SHARES = (("median", 0.5), ("p90", 0.9), ("p95", 0.95), ("max", 1.0))


def _quantile(times: _Times, share: float) -> Cell | float:
    """The time that `share` of the vehicles waited at most (nearest rank); nothing for fewer than LIMIT."""
    known = sorted(time for time in times if time is not None)
    if len(known) < LIMIT:
        return NOTHING
    return round(known[max(0, math.ceil(share * len(known)) - 1)].total_seconds(), 1)


_WAITS: tuple[tuple[str, Callable[[VisitFacts], timedelta | None]], ...] = (
    ("to direction", lambda visit: visit.to_direction),
    ("to release", lambda visit: visit.to_release),
)


def _holds(facts: Facts) -> Table:
    """A vehicle may have several causes, so they add up to nothing."""
    causes = sorted(facts.causes)
    column = _alone("vehicles", (len(facts.causes[cause]) for cause in causes))
    rows, column = _most_first(
        [Row(f"{code} {rule}", cause_words(code), rule) for code, rule in causes], column
    )
    return Table("hold", "HOLD by cause", "vehicles held by each cause, once each", rows, (column,))


def _referrals(facts: Facts, whole: Cell | float) -> Table:
    causes = sorted(facts.referrals)
    column = _parts("vehicles", (len(facts.referrals[cause]) for cause in causes), whole)
    rows, column = _most_first(
        [Row(f"{code} {rule}", cause_words(code), rule) for code, rule in causes], column
    )
    return Table("refer", "REFER by cause", "vehicles referred to the general lane", rows, (column,))


def _most_first(rows: Sequence[Row], column: Column) -> tuple[tuple[Row, ...], Column]:
    """In the order of what is told: an order by the counts themselves would rank what is kept back."""
    order = sorted(
        range(len(rows)),
        key=lambda index: (-cell if isinstance(cell := column.cells[index], int) else 0, rows[index].key),
    )
    cells = tuple(column.cells[index] for index in order)
    return tuple(rows[index] for index in order), Column(column.name, column.unit, cells)


_OWN_WORDS = "own words"


def _checks(facts: Facts, wholes: _Wholes) -> Table:
    """What was checked, by the lists of the console: an officer's own words may name anybody."""
    counts = {(corridor, thing if thing in KNOWN else _OWN_WORDS): 0 for corridor, thing in facts.checks}
    for (corridor, thing), count in facts.checks.items():
        counts[corridor, thing if thing in KNOWN else _OWN_WORDS] += count
    things = sorted({thing for _, thing in counts} - {_OWN_WORDS})
    rows = [Row(thing, thing, "5.6, 5.8") for thing in things]
    if any(thing == _OWN_WORDS for _, thing in counts):
        rows.append(Row(_OWN_WORDS, "something else, in the officer's own words"))
    columns = []
    for corridor in (*CORRIDORS, "none"):
        column = [counts.get((corridor, row.key), 0) for row in rows]
        if any(column):
            name = "without a corridor" if corridor == "none" else corridor
            told_whole = corridor == "none" or isinstance(wholes[corridor], int)
            # As many as the corridor's vehicles have, more often than not, been checked for the same thing.
            columns.append(
                _alone(name, column) if told_whole else Column(name, "count", (HIDDEN,) * len(column))
            )
    return Table(
        "checks",
        "Officers' checks",
        "releases by an officer, by what was checked before them; one release may name several",
        tuple(rows),
        tuple(columns),
    )


def _ordered(facts: Facts, wholes: _Wholes) -> Table:
    """Checks of what passes freely, by the source the officer cited; the facts are nobody's to publish."""
    free = [name for name in CORRIDORS if not Corridor(name).needs_officer]
    return Table(
        "ordered",
        "Checks ordered on green and blue",
        "vehicles an officer had checked, by where the facts came from; their corridor is the one assigned",
        tuple(Row(source.value, source_words(source), "4.4") for source in CheckSource),
        tuple(
            _parts(name, (facts.ordered[name, source.value] for source in CheckSource), wholes[name])
            for name in free
        ),
    )


_TOLD_ELSEWHERE = frozenset({"ReleaseVisit", "OrderCheck", "OpenOnce", "HoldVisit", "SendToBay"})
"""By what was checked, by source, as an end of visits, or as a cause of HOLD. Their number beside those
tables would give back what is kept back there."""


def _acts(facts: Facts) -> Table:
    names = sorted({name for name, _ in facts.acts} - _TOLD_ELSEWHERE)
    return Table(
        "acts",
        "What officers did",
        "acts at the console; refused: state or interlocks stood against it",
        tuple(Row(name, act_words(name)) for name in names),
        (
            _alone("done", (facts.acts[name, True] for name in names)),
            _alone("refused", (facts.acts[name, False] for name in names)),
        ),
    )


def _reading(facts: Facts) -> Table:
    points = sorted({point for point, _ in facts.reads} | set(facts.sights))
    lines = [_reads(*(facts.reads[point, how] for how in ("sure", "unsure", "unread"))) for point in points]
    names = ("reads", "sure", "not sure", "of them unsure", "of them unread")
    return Table(
        "reading",
        "Plate reading",
        "reads by the automatic device at each point; confirmed: by an officer, by sight",
        tuple(Row(point, point, "8.0.1") for point in points),
        (
            *(
                Column(name, "count", tuple(line[index] for line in lines))
                for index, name in enumerate(names)
            ),
            Column("sure of all", "percent", tuple(line[-1] for line in lines)),
            _alone("confirmed by sight", (facts.sights[point] for point in points)),
        ),
    )


_MANY_READS = 200
"""Of so many, a whole number of percent does not tell how many there were."""


def _reads(sure: int, unsure: int, unread: int) -> tuple[Cell | float, ...]:
    """One point's line: all, sure, not sure, of them unsure and unread, and the rate."""
    rest = unsure + unread
    every = sure + rest
    if is_small(sure) or is_small(rest):
        # All reads without the others would tell the small ones.
        rate: float | str = round(100 * sure / every) if every >= _MANY_READS else NOTHING
        parts = (HIDDEN, HIDDEN) if is_small(rest) else suppress((unsure, unread))
        return (HIDDEN, told(sure), told(rest), *parts, rate)
    rate = round(100 * sure / every, 1) if every else NOTHING
    return (every, sure, rest, *suppress((unsure, unread)), rate)


def _lanes(facts: Facts, wholes: _Wholes) -> Table:
    """By corridor, so that a column adds up to what "Corridors used" tells and to nothing new."""
    used = [(corridor, visit.lane or _NO_LANE) for corridor, visit in _used(facts)]
    left = [
        ("departures", visit.lane or _NO_LANE)
        for visit in facts.visits.values()
        if visit.corridor is None and visit.status == "departed"
    ]
    counts = Counter([*used, *left])
    lanes = sorted({lane for _, lane in counts})
    return Table(
        "lanes",
        "Lane use",
        "vehicles by the lane they were sent to last, and departures by their exit lane",
        tuple(Row(lane, "no lane" if lane == _NO_LANE else lane, "9.1") for lane in lanes),
        tuple(_parts(name, (counts[name, lane] for lane in lanes), wholes[name]) for name in wholes),
    )


_NO_LANE = "-"


_ORDERS = frozenset(
    f"lane.{what.value}"
    for what in (Occurrence.CHECK_ORDERED, Occurrence.HELD_BY_OFFICER, Occurrence.OPENED_ONCE)
)
"""No troubles: told by tables of their own, with what is kept back there."""


def _troubles(facts: Facts) -> Table:
    kinds = sorted(set(facts.troubles) - _ORDERS)
    column = _alone("times", (facts.troubles[kind] for kind in kinds))
    rows, column = _most_first([Row(kind, trouble_words(kind)) for kind in kinds], column)
    return Table(
        "troubles",
        "Troubles and unusual order",
        "what happened in lanes and at kiosks, by kind (docs/outcomes.md)",
        rows,
        (column,),
    )


def _service(facts: Facts) -> Table:
    """Of the machine, not of anybody: told exactly."""
    lasted = sum((one for one in facts.emergencies if one is not None), timedelta())
    away = sum(facts.away, timedelta())
    rows = (
        ("calls", "calls for an officer", facts.calls["call"], None),
        ("alarms", "alarms", facts.calls["alarm"], None),
        ("emergencies", "emergencies", len(facts.emergencies), lasted),
        ("reviewed", "emergencies that another shift lead has reviewed", facts.reviewed, None),
        ("restarts", "restarts of the gate", facts.restarts, None),
        ("away", "times away from central for more than five minutes", len(facts.away), away),
    )
    return Table(
        "service",
        "The gate itself",
        "of the machine and not of anybody: told exactly",
        tuple(Row(key, label) for key, label, _, _ in rows),
        (
            Column("times", "count", tuple(count for _, _, count, _ in rows)),
            Column(
                "together",
                "seconds",
                tuple(NOTHING if time is None else time.total_seconds() for _, _, _, time in rows),
            ),
        ),
    )
