"""A month written through the real ledger, step by step as lanes do, with a known answer to all of it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from gate.lanes.acts import ConfirmPlate, ReferVisit
from gate.lanes.commands import (
    CallOfficer,
    DeclareEmergency,
    EndEmergency,
    GrantRelease,
    OpenVisit,
    Record,
    Report,
    UpdateVisit,
)
from gate.lanes.ports import StepRecord
from gate.lanes.record import canonical
from gate.model import (
    Corridor,
    Finding,
    Outcome,
    PlateRead,
    RegistrationMark,
    Release,
    ReleaseBasis,
    VisitStatus,
)
from gate.report.month import Month
from gate.store.journal import Journal
from gate.store.store import Store

MAY = Month(2026, 5, ZoneInfo("Asia/Baku"))
LANE = {
    Corridor.GREEN: "lane-1",
    Corridor.BLUE: "lane-2",
    Corridor.YELLOW: "lane-3",
    Corridor.RED: "lane-4",
}
CHECKED = {
    Corridor.YELLOW: ("short import declaration", "transport documents"),
    Corridor.RED: ("documents", "goods", "the bag of Rauf Quliyev"),
}
OFFICER = "Leyla Mammadova"


@dataclass
class Diary:
    """Writes a checkpoint's steps into its journal."""

    store: Store
    count: int = field(default=0)

    async def step(
        self, point: str, kind: str, at: datetime, visit: str | None, event: object, *records: Record
    ) -> None:
        """One committed step."""
        body = canonical({"event": event, "from": "x", "to": "y", "visit": visit, "commands": records})
        await self.store.ledger.commit(StepRecord(point, at, kind, body, None, records, ()))

    async def arrives(
        self, at: datetime, *, sure: bool | None = True, point: str = "approach", mark: str = ""
    ) -> str:
        """A vehicle comes and its plate is read: surely, unsurely, or not at all (None)."""
        self.count += 1
        visit, mark = f"{point}-{self.count}", mark or f"{10 + self.count % 90}AA{self.count:03}"
        await self.step(point, "DetectorChanged", at, visit, {}, OpenVisit(visit, at.isoformat()))
        read = PlateRead(RegistrationMark(mark), "AZ", 0.9, 2, bool(sure), ("e" * 64,))
        seen = {"type": "PlateSeen", "passage_id": visit, "read": read if sure is not None else None}
        known = (UpdateVisit(visit, mark=RegistrationMark(mark)),) if sure else ()
        await self.step(point, "PlateSeen", at + timedelta(seconds=2), visit, seen, *known)
        return visit

    async def directed(self, visit: str, at: datetime, *corridors: Corridor) -> None:
        """Verdicts are opened and the strictest sets the lane."""
        corridor = max(corridors, key=lambda one: one.strictness)
        opened = [{"number": f"n{index}", "corridor": one.value} for index, one in enumerate(corridors)]

        def open_door(connection: sqlite3.Connection, journal: Journal) -> None:
            body = canonical({"visit": visit, "opened": opened, "mark": "10AA123"}).decode()
            journal.append(connection, at.isoformat(), "approach", "Opened", visit, body)

        await self.store.ledger.write(open_door)
        update = UpdateVisit(visit, VisitStatus.DIRECTED, corridor=corridor, lane=LANE[corridor], findings=())
        said = Report("visit.directed", {"visit": visit, "corridor": corridor, "mark": "10AA123"})
        await self.step("approach", "Decided", at, visit, {"type": "Decided"}, update, said)

    async def released(self, visit: str, at: datetime, corridor: Corridor) -> None:
        """GREEN and BLUE by registration, YELLOW and RED by an officer; then it drives through."""
        checked = CHECKED.get(corridor, ())
        basis = ReleaseBasis.OFFICER if checked else ReleaseBasis.REGISTERED
        officer = OFFICER if checked else None
        release = Release(f"{visit}.r", visit, LANE[corridor], corridor, basis, officer, checked, at)
        records: tuple[Record, ...] = (GrantRelease(release), UpdateVisit(visit, VisitStatus.RELEASED))
        await self.step(LANE[corridor], "OfficerReleased", at, visit, {}, *records)
        done = UpdateVisit(visit, VisitStatus.COMPLETED)
        later = at + timedelta(seconds=20)
        await self.step(LANE[corridor], "DetectorChanged", later, visit, {}, done)

    async def held(self, visit: str, at: datetime, *findings: Finding) -> None:
        """HOLD, for these reasons."""
        update = UpdateVisit(visit, VisitStatus.HELD, findings=findings)
        await self.step("approach", "Decided", at, visit, {"type": "Decided"}, update)

    async def referred(self, visit: str, at: datetime) -> None:
        """An officer finds it outside the Rules."""
        finding = Finding("referred-by-officer", "2.1", Outcome.REFER, "the bus of Rauf Quliyev")
        update = UpdateVisit(visit, VisitStatus.REFERRED, findings=(finding,))
        await self.step("holding bay", "Referred", at, visit, {}, update)
        act = ReferVisit(officer=OFFICER, visit_id=visit, reason="the bus of Rauf Quliyev")
        body = canonical({"act": act, "done": True, "message": ""})
        await self.store.ledger.record_act("console", at, body)

    async def left(self, visit: str, at: datetime) -> None:
        """It goes the way it came."""
        await self.step("approach", "Left", at, visit, {}, UpdateVisit(visit, VisitStatus.LEFT_UNRELEASED))

    async def departs(self, at: datetime) -> None:
        """Somebody leaves by the exit lane."""
        visit = await self.arrives(at, point="exit-1")
        records = (UpdateVisit(visit, VisitStatus.DEPARTED, lane="exit-1"),)
        await self.step("exit-1", "DetectorChanged", at + timedelta(seconds=30), visit, {}, *records)

    async def confirmed(self, visit: str, at: datetime, *, done: bool = True) -> None:
        """An officer compares the plate by sight."""
        act = ConfirmPlate(
            officer=OFFICER, visit_id=visit, point="approach", mark=RegistrationMark("10AA123")
        )
        await self.store.ledger.record_act(
            "approach", at, canonical({"act": act, "done": done, "message": "no"})
        )

    async def happens(self, kind: str, at: datetime, point: str = "lane-1") -> None:
        """A lane tells of trouble and calls."""
        self.count += 1
        call = CallOfficer(f"c{self.count}", None, "10AA123 stands there", alarm=True)
        said = Report(kind, {"point": point, "mark": "10AA123"})
        await self.step(point, "DetectorChanged", at, None, {}, said, call)

    async def emergency(self, at: datetime, lasts: timedelta) -> None:
        """An officer opens a lane."""
        self.count += 1
        name = f"e{self.count}"
        declared = DeclareEmergency(name, OFFICER, "Rauf Quliyev is ill")
        await self.step("lane-1", "EmergencyOpened", at, None, {}, declared)
        await self.step("lane-1", "EmergencyEnded", at + lasts, None, {}, EndEmergency(name))


def local(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment of May on the checkpoint's wall clock, in UTC."""
    return datetime(2026, 5, day, hour, minute, second, tzinfo=MAY.zone).astimezone(UTC)


HOLDS = (
    Finding("unread-plate", "8.0.1", Outcome.HOLD, "the plate of 10AA123"),
    Finding("no-declaration", "3.1", Outcome.HOLD, "none for 10AA123"),
    Finding("stale-cache", "3.3", Outcome.HOLD, "since an hour"),
)


async def write_may(store: Store) -> None:
    """The month that tests/report/test_figures.py knows by heart."""
    diary = Diary(store)
    # 30 GREEN: one a day at 08:00, directed after 10, 20 ... 300 s, released 60 s later.
    for index in range(30):
        at = local(1 + index, 8)
        visit = await diary.arrives(at)
        directed = at + timedelta(seconds=10 * (index + 1))
        second = (Corridor.GREEN,) if index < 6 else ()
        await diary.directed(visit, directed, Corridor.GREEN, *second)
        await diary.released(visit, directed + timedelta(seconds=60), Corridor.GREEN)
    # 12 BLUE at 23:30 local, which is the evening before in nobody's calendar but UTC's.
    for index in range(12):
        at = local(3, 23, 30, index)
        visit = await diary.arrives(at)
        await diary.directed(visit, at + timedelta(seconds=30), Corridor.BLUE, Corridor.GREEN)
        await diary.released(visit, at + timedelta(seconds=90), Corridor.BLUE)
    # 7 YELLOW and 3 RED at 08:30, by an officer.
    for index in range(10):
        corridor = Corridor.YELLOW if index < 7 else Corridor.RED
        at = local(5, 8, 30 + index)
        visit = await diary.arrives(at)
        await diary.directed(visit, at + timedelta(seconds=40), corridor)
        await diary.released(visit, at + timedelta(minutes=20 + index), corridor)
    # 9 held for an unread plate, confirmed by sight, and turned back; 6 held for two reasons; 2 stale.
    for index in range(9):
        at = local(6, 12, index)
        visit = await diary.arrives(at, sure=None if index < 6 else False)
        await diary.held(visit, at + timedelta(seconds=10), HOLDS[0])
        await diary.held(visit, at + timedelta(seconds=50), HOLDS[0])  # twice told, one vehicle
        await diary.confirmed(visit, at + timedelta(seconds=60))
        await diary.left(visit, at + timedelta(minutes=5))
    for index in range(8):
        at = local(7, 12, index)
        visit = await diary.arrives(at)
        await diary.held(visit, at + timedelta(seconds=10), *(HOLDS[1:] if index < 2 else HOLDS[1:2]))
        if index < 6:
            await diary.referred(visit, at + timedelta(minutes=3))
        else:
            await diary.left(visit, at + timedelta(minutes=3))
    await diary.confirmed("approach-1", local(7, 13), done=False)
    for index in range(11):
        await diary.departs(local(9, 10, index))
    for index in range(5):
        await diary.happens("lane.tailgating", local(10, 9, index))
    await diary.happens("lane.barrier-stuck", local(10, 10))
    await diary.emergency(local(12, 4), timedelta(minutes=7))
    # Neighbours of the month: the last minute of April and the first of June, where the checkpoint stands.
    for at in (local(1, 0) - timedelta(minutes=1), local(31, 23, 59) + timedelta(minutes=2)):
        visit = await diary.arrives(at)
        await diary.directed(visit, at + timedelta(seconds=1), Corridor.GREEN)
        await diary.released(visit, at + timedelta(seconds=2), Corridor.GREEN)
    # And one that came on its last day and was released on the first of the next.
    at = local(31, 23, 58)
    visit = await diary.arrives(at)
    await diary.directed(visit, at + timedelta(minutes=3), Corridor.BLUE)
    await diary.released(visit, at + timedelta(minutes=10), Corridor.BLUE)
