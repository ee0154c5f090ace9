"""Pictures: the oldest go first, none that is still wanted goes, and every sweep is on record."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.errors import StoreError
from gate.lanes.commands import OpenVisit
from gate.lanes.ports import StepRecord
from gate.lanes.record import canonical
from gate.model import VisitStatus
from gate.settings import RetentionSettings
from gate.store.erasing import SWEEP
from gate.store.evidence import GRACE_SECONDS, Picture, Room, choose
from gate.store.journal_check import verify
from tests.store.keeping import KEPT, Past, a_past
from tests.store.kept import rows


def entries(past: Past) -> list[dict[str, object]]:
    """What the journal says of sweeps, oldest first."""
    found = rows(past.journal, "SELECT body FROM journal WHERE kind = 'EvidenceErased' ORDER BY seq")
    return [json.loads(str(body)) for (body,) in found]


async def test_a_month_later_the_old_pictures_are_gone(tmp_path: Path) -> None:
    """What is older than evidence_days goes, what is younger stays, and one entry says how many and why."""
    with a_past(tmp_path) as past:
        old = [past.picture(31 + day) for day in range(3)]
        young = [past.picture(29), past.picture(1)]
        await past.keeper.sweep()
        assert [past.file(name).exists() for name in old] == [False] * 3
        assert [past.file(name).exists() for name in young] == [True] * 2
        (entry,) = entries(past)
        assert (entry["erased"], entry["by_age"], entry["by_quota"], entry["bytes"]) == (3, 3, 0, 300)
        assert verify(past.journal).problem is None
        await past.keeper.sweep()
        assert len(entries(past)) == 1


async def test_over_its_quota_the_oldest_go_first(tmp_path: Path) -> None:
    """With 100 MB allowed and 130 MB there, the oldest go until the rest fits."""
    with a_past(tmp_path) as past:
        names = [past.picture(13 - index, 10_000_000) for index in range(13)]
        await past.keeper.sweep()
        assert [past.file(name).exists() for name in names] == [False] * 3 + [True] * 10
        assert [(entry["by_quota"], entry["by_age"]) for entry in entries(past)] == [(3, 0)]


@pytest.mark.parametrize("status", [VisitStatus.HELD, VisitStatus.DIRECTED, VisitStatus.RELEASED, None])
async def test_a_vehicle_that_is_still_here_keeps_its_pictures(
    tmp_path: Path, status: VisitStatus | None
) -> None:
    """However old: nothing of a visit that is not over is erased, neither by age nor by quota."""
    with a_past(tmp_path) as past:
        wanted = past.picture(90, 90_000_000)
        other = past.picture(80, 20_000_000)
        await past.visit("v1", 90, status, pictures=(wanted,))
        await past.visit("v2", 80, pictures=(other,))
        await past.keeper.sweep()
        assert (past.file(wanted).exists(), past.file(other).exists()) == (True, False)


async def test_an_open_alarm_keeps_its_pictures(tmp_path: Path) -> None:
    """Until an officer has acknowledged it; a mere call does not."""
    with a_past(tmp_path) as past:
        alarmed, called = past.picture(90), past.picture(90)
        await past.visit("v1", 90, VisitStatus.LEFT_UNRELEASED, pictures=(alarmed,))
        await past.visit("v2", 90, pictures=(called,))
        alarm = await past.call("v1", 90, alarm=True)
        await past.call("v2", 90, alarm=False)
        await past.keeper.sweep()
        assert (past.file(alarmed).exists(), past.file(called).exists()) == (True, False)
        assert await past.store.ledger.acknowledge_call(alarm, "Leyla", past.clock.utc)
        await past.keeper.sweep()
        assert not past.file(alarmed).exists()


async def test_a_read_in_the_lane_belongs_to_the_visit_it_was_matched_with(tmp_path: Path) -> None:
    """The lane reads before it knows whose visit that is; the picture is the visit's all the same."""
    with a_past(tmp_path) as past:
        wanted = past.picture(40)
        at = past.clock.utc - timedelta(days=40)
        await past.visit("v1", 40, VisitStatus.DIRECTED)
        read = {"passage_id": "p9", "read": {"mark": "10AA123", "evidence": [wanted]}, "trailer": None}
        for kind, event, visit in (
            ("PlateSeen", read, None),
            ("VisitMatched", {"passage_id": "p9", "visit_id": "v1"}, "v1"),
        ):
            body = canonical({"event": event, "visit": visit, "commands": []})
            await past.store.ledger.commit(StepRecord("lane-1", at, kind, body, None, (), ()))
        await past.keeper.sweep()
        assert past.file(wanted).exists()


async def test_a_vehicle_at_a_point_keeps_what_its_snapshot_names(tmp_path: Path) -> None:
    """The point's last state is what the console shows."""
    with a_past(tmp_path) as past:
        wanted = past.picture(40)
        snapshot = json.dumps({"phase": "reading", "passage": {"evidence": [wanted]}}).encode()
        opened = (OpenVisit("v1", past.clock.utc.isoformat()),)
        body = canonical({"visit": None, "commands": []})
        record = StepRecord("approach", past.clock.utc, "Seen", body, snapshot, opened, ())
        await past.store.ledger.commit(record)
        await past.keeper.sweep()
        assert past.file(wanted).exists()


async def test_a_power_cut_before_the_files_were_deleted(tmp_path: Path) -> None:
    """They were marked: the next start deletes them and tells it."""
    with a_past(tmp_path) as past:
        name = past.picture(40)
        mark = "INSERT INTO evidence_erased VALUES (?, ?, 'age', 100, 0)"
        at = past.clock.utc.isoformat()
        past.store.thread.journal.conn.execute(mark, (bytes.fromhex(name), at))
        assert past.file(name).exists()
    with a_past(tmp_path) as past:
        await past.keeper.sweep()
        assert not past.file(name).exists()
        assert [entry["erased"] for entry in entries(past)] == [1]


async def test_a_power_cut_after_the_files_were_deleted(tmp_path: Path) -> None:
    """The entry was not written: the next start writes it, once, and the picture counts as erased."""
    with a_past(tmp_path) as past:
        name = past.picture(40)
        mark = "INSERT INTO evidence_erased VALUES (?, ?, 'quota', 100, 0)"
        at = past.clock.utc.isoformat()
        past.store.thread.journal.conn.execute(mark, (bytes.fromhex(name), at))
        past.file(name).unlink()
    with a_past(tmp_path) as past:
        await past.keeper.sweep()
        await past.keeper.sweep()
        assert [(entry["erased"], entry["by_quota"]) for entry in entries(past)] == [(1, 1)]
        assert await past.keeper.eraser.when_erased(name) == past.clock.utc.replace(
            hour=6, minute=30, second=0, microsecond=0
        )


async def test_a_file_that_comes_back_goes_again(tmp_path: Path) -> None:
    """A disk that lost its last writes shows an old file; the journal says it was erased."""
    with a_past(tmp_path) as past:
        name = past.picture(40, text="a lorry")
        await past.keeper.sweep()
        assert past.picture(40, text="a lorry") == name
        await past.keeper.sweep()
        assert not past.file(name).exists()
        assert len(entries(past)) == 1


async def test_the_same_picture_kept_anew_is_no_erased_one(tmp_path: Path) -> None:
    """A still camera may show the same bytes again: then the picture is there, and so says the console."""
    with a_past(tmp_path) as past:
        name = past.picture(40, text="a lorry")
        await past.keeper.sweep()
        assert await past.keeper.eraser.when_erased(name) is not None
        await past.clock.sleep(7200)
        past.picture(0, text="a lorry")
        await past.keeper.sweep()
        assert past.file(name).exists()
        assert await past.keeper.eraser.when_erased(name) is None
        past.file(name).unlink()
        assert await past.keeper.eraser.when_erased(name) is None


async def test_many_pictures_go_in_small_pieces(tmp_path: Path) -> None:
    """Each sweep is bounded, and each is an entry of its own."""
    with a_past(tmp_path) as past:
        for _ in range(SWEEP + 20):
            past.picture(40)
        await past.keeper.sweep()
        assert [entry["erased"] for entry in entries(past)] == [SWEEP, 20]
        assert verify(past.journal).problem is None


async def test_what_a_dead_writer_left_is_removed(tmp_path: Path) -> None:
    """A partial file of a killed reader goes after an hour; one that is being written stays."""
    with a_past(tmp_path) as past:
        past.picture(1)
        folder = next(past.evidence.iterdir())
        dead, alive = folder / ".dead.part", folder / ".alive.part"
        for path, age in ((dead, GRACE_SECONDS + 60), (alive, 1.0)):
            path.write_bytes(b"half a picture")
            when = past.clock.utc.timestamp() - age
            os.utime(path, (when, when))
        await past.keeper.sweep()
        assert (dead.exists(), alive.exists()) == (False, True)


async def test_a_disk_that_will_not_let_go_is_tried_again(tmp_path: Path) -> None:
    """Nothing is told as erased that still lies there."""
    with a_past(tmp_path) as past:
        name = past.picture(40)
        path = past.file(name)
        data = path.read_bytes()
        path.unlink()
        path.mkdir()  # a folder cannot be unlinked, for root neither
        (path / "in the way").write_bytes(data)
        mark = "INSERT INTO evidence_erased VALUES (?, ?, 'age', 100, 0)"
        past.store.thread.journal.conn.execute(mark, (bytes.fromhex(name), past.clock.utc.isoformat()))
        await past.keeper.sweep()
        assert entries(past) == []
        (path / "in the way").unlink()
        path.rmdir()
        await past.keeper.sweep()
        assert [entry["erased"] for entry in entries(past)] == [1]


async def test_the_disk_is_full_and_the_console_is_told(tmp_path: Path) -> None:
    """With more to be left free than the disk has, all that may go goes, and the status says why."""
    huge = RetentionSettings(
        personal_days=60, evidence_days=30, evidence_megabytes=100, evidence_min_free_megabytes=1_000_000
    )
    with a_past(tmp_path, huge) as past:
        name, wanted = past.picture(2), past.picture(3)
        await past.visit("v1", 3, VisitStatus.HELD, pictures=(wanted,))
        await past.keeper.sweep()
        assert (past.file(name).exists(), past.file(wanted).exists()) == (False, True)
        assert [(entry["by_disk"], entry["by_age"]) for entry in entries(past)] == [(1, 0)]
        assert past.keeper.status == "disk full: plates are read without keeping pictures"
    with a_past(tmp_path, KEPT) as past:
        await past.keeper.sweep()
        assert past.keeper.status == "ok"


async def test_a_folder_that_cannot_be_read_stops_nothing_else(tmp_path: Path) -> None:
    """The sweep says what is wrong with which folder."""
    with a_past(tmp_path) as past:
        past.evidence.write_text("a file where a folder should be")
        with pytest.raises(StoreError, match="evidence"):
            await past.keeper.sweep()


PICTURES = st.lists(
    st.builds(
        Picture,
        at=st.floats(0, 100 * 86400),
        name=st.text("0123456789abcdef", min_size=64, max_size=64),
        bytes=st.integers(1, 50),
    ),
    max_size=30,
    unique_by=lambda picture: picture.name,
)


@given(
    pictures=PICTURES,
    protect=st.sets(st.integers(0, 29)),
    quota=st.integers(0, 800),
    free=st.integers(0, 300),
    days=st.integers(1, 100),
)
def test_the_choice_is_the_oldest_and_no_more_than_needed(
    pictures: list[Picture], protect: set[int], quota: int, free: int, days: int
) -> None:
    """Whatever lies there: nothing protected or young goes, and nothing goes while an older one may stay."""
    now = 100 * 86400.0
    pictures = sorted(pictures, key=lambda picture: (picture.at, picture.name))
    protected = {picture.name for index, picture in enumerate(pictures) if index in protect}
    taken = sum(picture.bytes for picture in pictures)
    room = Room(taken, free)
    older_than = days * 86400.0
    chosen = choose(pictures, room, protected, now=now, older_than=older_than, quota=quota, min_free=200)
    gone = [picture for picture, _ in chosen]
    free_to_go = [p for p in pictures if p.name not in protected and p.at <= now - GRACE_SECONDS]
    assert gone == free_to_go[: len(gone)]
    left = taken - sum(picture.bytes for picture in gone)
    made = free + taken - left
    if len(gone) < len(free_to_go):
        assert left <= quota
        assert made >= 200
        assert free_to_go[len(gone)].at >= now - days * 86400.0
    if gone and chosen[-1][1] != "age":
        last = gone[-1].bytes
        assert left + last > quota or made - last < 200
