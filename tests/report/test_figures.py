"""Every figure of a month that is known by heart (tests/report/making.py)."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from gate.errors import ConfigError, StoreError
from gate.lanes.rules.meanings import MEANING
from gate.report.facts import Facts
from gate.report.month import month_of
from gate.report.published import Report, as_csv, as_json, as_page, report_of
from gate.report.reading import read_month
from gate.report.suppression import Cell
from gate.store.payloads import erase_payloads
from gate.store.personal import erase_visits
from tests.report.making import MAY, local
from tests.store.kept import a_store


@pytest.fixture(scope="module")
def facts(may: Path) -> Facts:
    """What the journal says of May."""
    return read_month(may, MAY, "samur")


@pytest.fixture(scope="module")
def report(facts: Facts) -> Report:
    """What is published of it."""
    return report_of(facts)


def column(report: Report, table: str, name: str) -> dict[str, Cell | float]:
    """A column by its rows' keys."""
    found = report.table(table)
    cells = next(column.cells for column in found.columns if column.name == name)
    return {row.key: cell for row, cell in zip(found.rows, cells, strict=True)}


def test_the_month_is_that_of_the_wall_clock(may: Path, facts: Facts) -> None:
    """Its neighbours of a minute before and after belong to April and June, in Baku and not in UTC."""
    assert (MAY.begin, MAY.end) == (local(1, 0), local(31, 23, 59) + timedelta(minutes=1))
    assert MAY.begin.day == 30
    assert len(facts.visits) == 30 + 13 + 7 + 3 + 9 + 8 + 11
    others = [read_month(may, month_of(name, "Asia/Baku")) for name in ("2026-04", "2026-06")]
    assert [len(other.visits) for other in others] == [1, 1]


def test_corridors(facts: Facts, report: Report) -> None:
    """By vehicles and by consignments; three RED are not told, and YELLOW with them."""
    used = Counter(visit.corridor for visit in facts.visits.values() if visit.corridor)
    assert used == {"GREEN": 30, "BLUE": 13, "YELLOW": 7, "RED": 3}
    assert facts.consignments == {"GREEN": 48, "BLUE": 12, "YELLOW": 7, "RED": 3}
    told = {"GREEN": 30, "BLUE": 13, "YELLOW": "*", "RED": "<5"}
    assert column(report, "corridors", "vehicles") == told
    assert column(report, "corridors", "consignments") == told | {"GREEN": 48, "BLUE": 12}


def test_what_is_kept_back_of_a_corridor_is_kept_back_of_its_parts(report: Report) -> None:
    """Days, lanes and checks of YELLOW would tell what its count may not."""
    for table in ("days", "lanes", "checks"):
        for name in ("YELLOW", "RED"):
            assert set(column(report, table, name).values()) == {"*"}, (table, name)


def test_endings(report: Report) -> None:
    """How the month's visits ended."""
    assert column(report, "outcomes", "visits") == {
        "directed": 53,
        "referred": 6,
        "once": 0,
        "left": 11,
        "open": 0,
        "departed": 11,
    }


def test_days_are_local(report: Report) -> None:
    """Twelve BLUE at half past eleven in the evening came on the third, whatever UTC says."""
    blue = column(report, "days", "BLUE")
    assert {day: cell for day, cell in blue.items() if cell != 0} == {"2026-05-03": "*", "2026-05-31": "<5"}
    # One GREEN a day and a sum of thirty would tell each of them.
    assert list(column(report, "days", "GREEN").values()) == ["*"] * 31
    assert next(iter(blue)) == date(2026, 5, 1).isoformat()


def test_waiting_by_corridor(report: Report) -> None:
    """From arrival to direction and to release: nearest rank of 10, 20 ... 300 s, and 60 s later."""
    green = {
        name: column(report, "waiting", name)["GREEN"]
        for name in ("to direction: median", "to direction: p90", "to direction: p95", "to direction: max")
    }
    assert list(green.values()) == [150.0, 270.0, 290.0, 300.0]
    released = [
        column(report, "waiting", f"to release: {name}")["GREEN"] for name in ("median", "p90", "p95", "max")
    ]
    assert released == [210.0, 330.0, 350.0, 360.0]
    assert column(report, "waiting", "to release: median")["YELLOW"] == (20 + 3) * 60.0
    assert column(report, "waiting", "to release: median")["RED"] == ""


def test_a_vehicle_of_the_last_evening_is_released_in_the_next_month(report: Report) -> None:
    """It came in May, so its ten minutes count in May."""
    assert column(report, "waiting", "to release: max")["BLUE"] == 600.0


def test_waiting_by_hour(report: Report) -> None:
    """By the hour of arrival where the checkpoint stands: 40 came at eight, 13 at eleven in the evening."""
    vehicles = column(report, "hours", "vehicles")
    assert (vehicles["08"], vehicles["23"], vehicles["19"]) == (40, 13, 0)
    assert column(report, "hours", "to direction: median")["23"] == 30.0
    assert column(report, "hours", "to direction: median")["19"] == ""


def test_causes_of_hold_and_refer(facts: Facts, report: Report) -> None:
    """Each vehicle once for each cause, however often it was told; two causes of one vehicle are two."""
    assert {cause: len(visits) for cause, visits in facts.causes.items()} == {
        ("unread-plate", "8.0.1"): 9,
        ("no-declaration", "3.1"): 8,
        ("stale-cache", "3.3"): 2,
    }
    assert list(column(report, "hold", "vehicles").items()) == [
        ("unread-plate 8.0.1", 9),
        ("no-declaration 3.1", 8),
        ("stale-cache 3.3", "<5"),
    ]
    assert column(report, "refer", "vehicles") == {"referred-by-officer 2.1": 6}
    row = report.table("hold").rows[0]
    assert (row.label, row.rule) == (MEANING["unread-plate"].text, "8.0.1")


def test_officers_checks(facts: Facts, report: Report) -> None:
    """By what was ticked; an officer's own words are told as that, for they may name anybody."""
    assert facts.checks["YELLOW", "transport documents"] == 7
    assert facts.checks["RED", "the bag of Rauf Quliyev"] == 3
    keys = [row.key for row in report.table("checks").rows]
    assert keys == ["documents", "goods", "short import declaration", "transport documents", "own words"]
    assert column(report, "acts", "done") == {"ConfirmPlate": 9, "ReferVisit": 6}
    assert column(report, "acts", "refused") == {"ConfirmPlate": "<5", "ReferVisit": 0}


def test_reading_rates(facts: Facts, report: Report) -> None:
    """Sure, unsure and unread at each point; and what officers confirmed by sight."""
    assert facts.reads["approach", "unread"] == 6
    assert facts.reads["approach", "unsure"] == 3
    line = {name: column(report, "reading", name)["approach"] for name in _READING}
    assert line == {
        "reads": 70,
        "sure": 61,
        "not sure": 9,
        "of them unsure": "<5",
        "of them unread": "*",
        "sure of all": 87.1,
        "confirmed by sight": 9,
    }
    assert column(report, "reading", "sure of all")["exit-1"] == 100.0


_READING = (
    *("reads", "sure", "not sure", "of them unsure", "of them unread"),
    *("sure of all", "confirmed by sight"),
)


def test_lanes_troubles_and_the_gate_itself(report: Report) -> None:
    """Lane use by corridor, outcomes by kind, emergencies with how long they lasted."""
    assert column(report, "lanes", "GREEN")["lane-1"] == 30
    assert column(report, "lanes", "departures")["exit-1"] == 11
    assert column(report, "troubles", "times") == {"lane.tailgating": 5, "lane.barrier-stuck": "<5"}
    assert column(report, "service", "times") == {
        "calls": 0,
        "alarms": 6,
        "emergencies": 1,
        "reviewed": 0,
        "restarts": 0,
        "away": 0,
    }
    assert column(report, "service", "together")["emergencies"] == 420.0


PERSONAL = ("10AA123", "Leyla", "Mammadova", "Rauf", "Quliyev", "the bag", "the bus", "approach-1")


def test_nothing_personal_and_nothing_small_is_published(may: Path, report: Report, facts: Facts) -> None:
    """No plate, no number, no officer, no id, no free text; and no count of 1 to 4 that is of anybody."""
    plates = {f"{10 + count % 90}AA{count:03}" for count in range(1, 100)}
    for text in (as_csv(report), as_json(report), as_page(report)):
        for name in (*PERSONAL, *plates, *facts.visits):
            assert name not in text, name
    assert may.stat().st_size > 0
    for table in report.tables:
        if table.name == "service":
            continue
        for one in table.columns:
            small = [cell for cell in one.cells if one.unit == "count" and cell in (1, 2, 3, 4)]
            assert not small, (table.name, one.name)


async def test_the_report_is_the_same_after_erasure(copied: Path, report: Report, tmp_path: Path) -> None:
    """Retention takes away who it was; what the month was made of stays, byte for byte."""
    after = MAY.end + timedelta(days=400)
    with a_store(tmp_path) as store:
        erased = 0
        while count := await store.ledger.write(lambda c, journal: erase_payloads(c, journal, after, after)):
            erased += count
        visits = await store.ledger.write(lambda c, _journal: erase_visits(c, after, after))
    assert erased > 100
    assert visits > 50
    again = report_of(read_month(copied, MAY, "samur"))
    assert as_csv(again) == as_csv(report)
    assert as_page(again) == as_page(report)
    assert as_json(again) == as_json(report)


@pytest.fixture
def copied(may: Path, tmp_path: Path) -> Path:
    """May's journal, to be erased from."""
    (tmp_path / "journal.db").write_bytes(may.read_bytes())
    return tmp_path / "journal.db"


def test_a_mutant_that_counts_in_utc_is_caught(may: Path) -> None:
    """The same journal by another wall clock is another month: the figures above would not hold."""
    utc = read_month(may, month_of("2026-05", "UTC"), "samur")
    assert len(utc.visits) != len(read_month(may, MAY, "samur").visits)


def test_progress_is_told_to_the_end(may: Path) -> None:
    """A big journal takes a while."""
    told: list[tuple[int, int]] = []
    read_month(may, MAY, "samur", lambda done, every: told.append((done, every)))
    assert told[-1][0] == told[-1][1] > 0


@pytest.mark.parametrize("wrong", ["2026-13", "2026-00", "0000-01", "26-05", "2026-5", "May", "2026-05-01"])
def test_what_is_no_month_is_refused(wrong: str) -> None:
    """With how to write one."""
    with pytest.raises(ConfigError, match="write YYYY-MM"):
        month_of(wrong, "Asia/Baku")


def test_an_unknown_zone_and_a_file_that_is_no_journal(tmp_path: Path) -> None:
    """Each by its name."""
    with pytest.raises(ConfigError, match="Asia/Nowhere"):
        month_of("2026-05", "Asia/Nowhere")
    with pytest.raises(StoreError, match="does not exist"):
        read_month(tmp_path / "journal.db", MAY)
    (tmp_path / "journal.db").write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match="not a journal"):
        read_month(tmp_path / "journal.db", MAY)


def test_december_ends_in_january() -> None:
    """The next month of the twelfth is the first of another year."""
    december = month_of("2026-12", "Asia/Baku")
    assert len(december.days) == 31
    assert december.end.isoformat() == "2026-12-31T20:00:00+00:00"
