"""Confirmations for a neighbouring customs: provable alone, and silent about everything else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gate.errors import StoreError
from gate.lanes.commands import GrantRelease, OpenVisit, Record, UpdateVisit
from gate.lanes.ports import StepRecord
from gate.lanes.record import canonical
from gate.model import Corridor, RegistrationMark, Release, ReleaseBasis, VisitStatus
from gate.sealing.heads import countersign, head_time
from gate.store.exchange import export_crossings
from gate.store.exchange_check import check_crossings
from gate.store.journal_check import verify
from gate.store.payloads import erase_payloads
from gate.store.store import Store
from tests.store.kept import AT, a_store, rows
from tests.store.recorded import SITE, MinuteClock, heads_of

DAY = date(2026, 5, 4)
MARK, OTHER = "10AA123", "99BA731"


@dataclass
class Border:
    """A day's journal, still open, and the keys."""

    store: Store
    path: Path
    site: Ed25519PrivateKey
    central: Ed25519PrivateKey
    clock: MinuteClock

    async def commits(self, point: str, kind: str, visit: str | None, event: Any, *records: Record) -> None:
        """One step."""
        self.clock.at += timedelta(seconds=1)
        body = canonical({"event": event, "visit": visit, "commands": records})
        await self.store.ledger.commit(StepRecord(point, self.clock.at, kind, body, None, records, ()))

    async def comes(self, visit: str, mark: str, corridor: Corridor = Corridor.RED) -> None:
        """A lorry arrives, is read, directed, released by an officer in its lane and drives in."""
        read = {"mark": mark, "country": "GE", "sure": True, "evidence": ["e" * 64]}
        await self.commits("approach", "Arrived", visit, {}, OpenVisit(visit, self.clock.at.isoformat()))
        seen = {"passage_id": visit, "read": read, "trailer": None}
        update = UpdateVisit(visit, mark=RegistrationMark(mark), corridor=corridor, lane="lane-4")
        await self.commits("approach", "PlateSeen", visit, seen, update)
        at = self.clock.at
        release = Release(
            f"{visit}.r", visit, "lane-4", corridor, ReleaseBasis.OFFICER, "Leyla", ("cargo",), at
        )
        await self.commits("lane-4", "OfficerReleased", visit, {}, GrantRelease(release))
        await self.commits("lane-4", "DetectorChanged", visit, {}, UpdateVisit(visit, VisitStatus.COMPLETED))

    async def leaves(self, visit: str, mark: str) -> None:
        """A lorry that nobody knows leaves by the exit."""
        seen = {"passage_id": visit, "read": {"mark": mark, "country": "AZ", "evidence": ["a" * 64]}}
        await self.commits("exit-1", "PlateSeen", None, seen)
        unmatched = {"passage_id": visit, "reason": "nobody knows it"}
        known = UpdateVisit(visit, mark=RegistrationMark(mark), lane="exit-1")
        opened = OpenVisit(visit, self.clock.at.isoformat())
        await self.commits("exit-1", "VisitUnmatched", visit, unmatched, opened, known)
        await self.commits("exit-1", "DetectorChanged", visit, {}, UpdateVisit(visit, VisitStatus.DEPARTED))

    async def signs(self, *, countersigned: bool = True) -> None:
        """The minute is over; central answers, or is away."""
        heads = heads_of(self.store, self.site, self.clock)
        assert await heads.sign()
        if countersigned:
            at = head_time(self.clock.at)
            pending = await heads.pending(9)
            await heads.anchor([(one.head.seq, countersign(one, at, self.central)) for one in pending])

    def exported(self, visit: str | None = None) -> dict[str, Any]:
        """The file, as JSON."""
        text = json.dumps(export_crossings(self.path, DAY, DAY, visit).document)
        parsed: dict[str, Any] = json.loads(text)
        return parsed

    def problems(self, document: dict[str, Any]) -> tuple[str, ...]:
        """What the neighbour finds."""
        keys = ((self.site.public_key(),), (self.central.public_key(),))
        return check_crossings(json.dumps(document).encode(), *keys).problems


@pytest.fixture
def border(tmp_path: Path) -> Iterator[Border]:
    """An open store of no vehicles yet."""
    keys = (Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate())
    with a_store(tmp_path) as store:
        yield Border(store, tmp_path / "journal.db", *keys, MinuteClock())


async def a_day(border: Border) -> None:
    """Two come in and one leaves, under two heads."""
    await border.comes("v1", MARK)
    await border.leaves("x1", "34KLM06")
    await border.signs()
    await border.comes("v2", OTHER, Corridor.YELLOW)
    await border.commits("approach", "Arrived", "v3", {}, OpenVisit("v3", border.clock.at.isoformat()))
    await border.signs(countersigned=False)


async def test_a_day_at_the_border_is_confirmed(border: Border) -> None:
    """Who, when, in which direction, and which pictures; the neighbour's check needs the file and a key."""
    await a_day(border)
    document = border.exported()
    said = [crossing["says"] for section in document["sections"] for crossing in section["crossings"]]
    assert [(one["visit"], one["direction"], one["mark"], one["registered_in"]) for one in said] == [
        ("v1", "entry", MARK, "GE"),
        ("x1", "exit", "34KLM06", "AZ"),
        ("v2", "entry", OTHER, "GE"),
    ]
    assert [(one["point"], one["basis"]) for one in said] == [
        ("approach", "release"),
        ("exit-1", "departure"),
        ("approach", "release"),
    ]
    assert [one["evidence"] for one in said] == [["e" * 64], ["a" * 64], ["e" * 64]]
    keys = ((border.site.public_key(),), (border.central.public_key(),))
    found = check_crossings(json.dumps(document).encode(), *keys)
    assert (found.problems, found.crossings, found.countersigned, found.erased) == ((), 3, 2, 0)
    assert found.sites == (SITE,)
    assert verify(border.path).problem is None


async def test_the_neighbour_gets_the_crossing_and_not_the_verdict(border: Border) -> None:
    """No corridor, no lane that would tell it, no officer; and of other vehicles nothing at all."""
    await a_day(border)
    text = json.dumps(border.exported("v1"))
    for secret in ("RED", "YELLOW", "lane-4", "Leyla", "cargo", "officer", OTHER, "34KLM06", "v2", "x1"):
        assert secret not in text, secret
    assert MARK in text
    assert border.problems(border.exported("v1")) == ()


async def test_after_erasure_the_crossing_holds_and_says_no_more_who(border: Border) -> None:
    """The chain's side stays: that somebody crossed, when and where."""
    await a_day(border)
    after = border.clock.at + timedelta(days=1)
    while await border.store.ledger.write(lambda c, journal: erase_payloads(c, journal, after, after)):
        pass
    document = border.exported()
    text = json.dumps(document)
    assert MARK not in text
    keys = ((border.site.public_key(),), ())
    found = check_crossings(text.encode(), *keys)
    assert (found.problems, found.crossings, found.erased) == ((), 3, 3)
    assert document["sections"][0]["crossings"][0]["says"]["direction"] == "entry"


async def test_what_no_head_covers_yet_is_counted_and_left_out(border: Border) -> None:
    """A crossing of this minute cannot be proved before the minute is over."""
    await border.comes("v1", MARK)
    found = export_crossings(border.path, DAY, DAY)
    assert (found.crossings, found.unsigned) == (0, 1)
    await border.signs()
    found = export_crossings(border.path, DAY, DAY)
    assert (found.crossings, found.unsigned) == (1, 0)
    assert export_crossings(border.path, DAY - timedelta(days=1), DAY - timedelta(days=1)).crossings == 0


async def test_a_visit_that_is_over_crosses_no_second_time(border: Border) -> None:
    """A late word from a lane confirms nothing; one that only stands here, neither."""
    await border.comes("v1", MARK)
    await border.commits("lane-4", "DetectorChanged", "v1", {}, UpdateVisit("v1", VisitStatus.COMPLETED))
    await border.commits("approach", "Arrived", "v2", {}, OpenVisit("v2", border.clock.at.isoformat()))
    await border.commits("approach", "Left", "v2", {}, UpdateVisit("v2", VisitStatus.LEFT_UNRELEASED))
    assert rows(border.path, "SELECT visit FROM journal WHERE kind = 'Crossing'") == [("v1",)]


def _leaves(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(part, dict):
        for key in part:
            yield from _leaves(part[key], (*path, key))
    elif isinstance(part, list):
        for index, one in enumerate(part):
            yield from _leaves(one, (*path, index))
    else:
        yield path


def _changed(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return "x"
    if isinstance(value, int | float):
        return value + 1
    return value[:-1] + ("0" if value[-1:] != "0" else "1")


UNPROVED = {("from",), ("to",)}
"""What the file says of itself, and nobody signs: which days were asked for."""


async def test_any_change_of_any_value_is_found(border: Border) -> None:
    """Every single value of the file, changed by one character or one: a refusal or a named problem."""
    await a_day(border)
    document = border.exported()
    assert border.problems(document) == ()
    tried = 0
    for path in _leaves(document):
        if path in UNPROVED:
            continue
        tampered = copy.deepcopy(document)
        part = tampered
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = _changed(part[path[-1]])
        tried += 1
        try:
            found = border.problems(tampered)
        except StoreError:
            continue
        assert found, f"nobody noticed that {path} was changed"
    assert tried > 80


async def test_left_out_moved_or_foreign_crossings_are_found(border: Border) -> None:
    """Digests taken away, crossings swapped between heads, another site's key, another file."""
    await a_day(border)
    document = border.exported()
    short = copy.deepcopy(document)
    short["sections"][0]["digests"].pop(0)
    assert any("do not lead to it" in problem for problem in border.problems(short))
    swapped = copy.deepcopy(document)
    first, second = swapped["sections"]
    first["crossings"], second["crossings"] = second["crossings"], first["crossings"]
    assert any("not the entry that the chain holds" in problem for problem in border.problems(swapped))
    twice = copy.deepcopy(document)
    twice["sections"][0]["crossings"].insert(0, twice["sections"][0]["crossings"][0])
    assert any("told twice" in problem for problem in border.problems(twice))
    stranger = (Ed25519PrivateKey.generate().public_key(),)
    assert any(
        "signature" in one for one in check_crossings(json.dumps(document).encode(), stranger).problems
    )
    with pytest.raises(StoreError, match="no file of crossings"):
        check_crossings(b'{"format": "something else"}', stranger)


async def test_another_entry_of_the_journal_is_no_confirmation(border: Border) -> None:
    """A true entry of another kind, with its true digest, does not pass for a crossing."""
    await a_day(border)
    document = border.exported()
    section = document["sections"][1]
    row = rows(
        border.path,
        "SELECT seq, at, boot, mono, point, kind, visit, body, clock_offset FROM journal"
        " WHERE commitment IS NULL ORDER BY seq DESC LIMIT 1",
    )
    names = ("seq", "at", "boot", "mono", "point", "kind", "visit", "body", "clock_offset")
    entry = dict(zip(names, row[0], strict=True)) | {"commitment": None, "form": 2}
    seq = entry["seq"]
    says = json.loads(str(entry["body"]))
    section["crossings"] = [{"says": says, "entry": entry, "payload": None}]
    assert border.problems(document) == (f"entry {seq}: it is no confirmation of a crossing but 'Arrived'",)


def test_a_file_that_is_no_journal_is_told(tmp_path: Path) -> None:
    """By its path."""
    (tmp_path / "journal.db").write_text("not a database at all, but long enough to be read as one")
    with pytest.raises(StoreError, match=r"journal\.db is not a journal"):
        export_crossings(tmp_path / "journal.db", DAY, DAY)
    with pytest.raises(StoreError, match="does not exist"):
        export_crossings(tmp_path / "nowhere.db", DAY, DAY)
    assert AT.date() == DAY
