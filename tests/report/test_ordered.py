"""Officers' orders in the month's report: by corridor and source, and never what is too small to be told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from gate.lanes.commands import (
    CommitCheck,
    CommitReview,
    DeclareEmergency,
    EndEmergency,
    GrantOpening,
    Record,
    Report,
    UpdateVisit,
)
from gate.lanes.order_acts import OpenOnce, OrderCheck, ReviewEmergency
from gate.lanes.record import canonical
from gate.model import CheckSource, Corridor, NoGoods, Opening, RegistrationMark, VisitStatus
from gate.report.published import as_csv, as_page, report_of
from gate.report.reading import read_month
from tests.report.making import MAY, OFFICER, Diary, local
from tests.report.test_figures import column
from tests.store.kept import a_store

MARK = RegistrationMark("10AA123")
ORDERED = (
    *((Corridor.GREEN, CheckSource.CANINE),) * 7,
    *((Corridor.GREEN, CheckSource.SCANNER),) * 6,
    *((Corridor.BLUE, CheckSource.OBSERVATION),) * 2,
)


async def _orders(diary: Diary) -> None:
    for index, (corridor, source) in enumerate(ORDERED):
        at = local(3, 9, index)
        visit = await diary.arrives(at)
        await diary.directed(visit, at + timedelta(seconds=20), corridor)
        ordered = CommitCheck(visit, corridor, source, OFFICER)
        said = Report("lane.check-ordered", {"visit": visit, "reason": "the smell of Rauf Quliyev"})
        await diary.step("lane-1", "CheckOrdered", at + timedelta(seconds=40), visit, {}, ordered, said)
        act = OrderCheck(officer=OFFICER, visit_id=visit, source=source, facts="the smell of Rauf Quliyev")
        body = canonical({"act": act, "done": True, "message": "done"})
        await diary.store.ledger.record_act("console", at, body)
    for index in range(9):  # others, so that two blue vehicles among them hide no green one
        at = local(2, 9, index)
        await diary.directed(await diary.arrives(at), at, Corridor.YELLOW)
    for index in range(6):
        at = local(4, 9, index)
        visit = await diary.arrives(at, point="lane-1")
        once = Opening(f"{visit}.once", visit, "lane-1", MARK, NoGoods.EMPTY, OFFICER, at)
        records: tuple[Record, ...] = (GrantOpening(once), UpdateVisit(visit, VisitStatus.COMPLETED))
        await diary.step("lane-1", "OpenedOnce", at, visit, {}, *records)
        act_once = OpenOnce(officer=OFFICER, point="lane-1", category=NoGoods.EMPTY, reason="doors open")
        body = canonical({"act": act_once, "done": True, "message": "done"})
        await diary.store.ledger.record_act("lane-1", at, body)
    for name in ("e1", "e2"):
        declared = DeclareEmergency(name, OFFICER, "fire")
        await diary.step("lane-1", "EmergencyOpened", local(5, 9), None, {}, declared)
        await diary.step("lane-1", "EmergencyEnded", local(5, 10), None, {}, EndEmergency(name))
    await diary.step(
        "holding-bay", "EmergencyReviewed", local(6, 9), None, {}, CommitReview(("e1",), "Nigar")
    )
    review = ReviewEmergency(officer="Nigar", emergency_id="e1", finding="Rauf Quliyev smoked")
    body = canonical({"act": review, "done": True, "message": "done"})
    await diary.store.ledger.record_act("console", local(6, 9), body)


async def test_ordered_checks_are_told_by_corridor_and_source(tmp_path: Path) -> None:
    """Seven by the dog, six by the scanner; two on blue are too few, and no other table gives them away."""
    with a_store(tmp_path) as store:
        await _orders(Diary(store))
    facts = read_month(tmp_path / "journal.db", MAY, "samur")
    assert facts.ordered == {("GREEN", "canine"): 7, ("GREEN", "scanner"): 6, ("BLUE", "observation"): 2}
    report = report_of(facts)
    assert column(report, "ordered", "GREEN") == {
        "observation": 0,
        "canine": 7,
        "scanner": 6,
        "message": 0,
        "other": 0,
    }
    # The month had two blue vehicles: as few as that are told nowhere, and neither are their parts.
    assert set(column(report, "ordered", "BLUE").values()) == {"*"}
    assert column(report, "acts", "done") == {"ReviewEmergency": "<5"}
    assert column(report, "troubles", "times") == {}
    assert column(report, "outcomes", "visits")["once"] == 6
    times = column(report, "service", "times")
    assert (times["emergencies"], times["reviewed"]) == (2, 1)
    for text in (as_csv(report), as_page(report)):
        for name in ("Quliyev", OFFICER, "Nigar", "doors open", str(MARK)):
            assert name not in text


async def test_a_journal_of_before_orders_has_none(may: Path) -> None:
    """A month without orders tells noughts, and nothing breaks."""
    report = report_of(read_month(may, MAY, "samur"))
    assert set(column(report, "ordered", "GREEN").values()) == {0}
