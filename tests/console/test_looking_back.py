"""The search of passages, the day and the story at the console, over a real record."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx2 as httpx
import pytest
import pytest_asyncio

from gate.console.desk import HERE
from gate.console.looking_back import FIELDS, UnclearError, sought_in
from gate.console.telling import tell
from gate.console.timeline import duration, timeline
from gate.lanes.recorded import EVENTS
from gate.model import NumberFormats
from gate.store.past_entries import PastEntry
from gate.store.payloads import erase_payloads
from gate.store.personal import erase_visits
from tests.console.conftest import Accounts, Room
from tests.console.past import BAKU, Past, a_days_traffic, past_of, red_all_the_way
from tests.console.serving import client_of, log_in
from tests.lanes.gatehouse import gatehouse
from tests.lanes.officers import WHO
from tests.lanes.stories import LORRY
from tests.lanes.test_desk import ONE
from tests.store.kept import AT

ROOT = HERE.parents[1]
MIDNIGHT = datetime(2026, 5, 4, tzinfo=BAKU)


@pytest_asyncio.fixture
async def past(room: Room, tmp_path: Path) -> AsyncIterator[Past]:
    """A console over an empty record."""
    async with past_of(room, tmp_path / "data") as made:
        yield made


@pytest_asyncio.fixture
async def leyla(past: Past, accounts: Accounts) -> AsyncIterator[httpx.AsyncClient]:
    """An officer logged in."""
    async with client_of(past.app) as client:
        client.cookies.set("gate_session", accounts.token)
        yield client


async def test_a_days_passages_are_searched_and_leafed_through(
    past: Past, leyla: httpx.AsyncClient, room: Room
) -> None:
    """Newest first with pictures; filled-in fields stay; the next page goes on; programs see the same."""
    visits = await a_days_traffic(past, room.evidence, MIDNIGHT)
    first = (await leyla.get("/passages", params={"from": "2026-05-04", "to": "2026-05-04"})).text
    shown = re.findall(r'<td><a href="/visits/([^"]+)"', first)
    assert len(shown) == 25
    assert first.count("<img") == 2 * len([visit for visit in visits[51:] if visit in shown])
    assert 'name="from" value="2026-05-04"' in first
    (link,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = re.findall(r'<td><a href="/visits/([^"]+)"', (await leyla.get(link.replace("&amp;", "&"))).text)
    assert not set(shown) & set(second)

    answer = (
        await leyla.get("/api/passages", params={"corridor": "RED", "officer": "Leyla Mammadova"})
    ).json()
    assert {one["corridor"] for one in answer["passages"]} == {"RED"}
    assert set(answer["passages"][0]) == {
        "visit_id", "mark", "numbers", "point", "lane", "status", "corridor",
        "arrived", "released", "officer", "scene", "crop", "erased",
    }  # fmt: skip
    assert answer["next"] is None


async def test_who_may_search_the_record(past: Past) -> None:
    """Not a technician, not a stranger."""
    await past.diary.arrives(AT, mark="10AA123")
    for name, status in (("Leyla", 200), ("Rauf", 200), ("Togrul", 403)):
        async with client_of(past.app) as client:
            await log_in(client, name)
            for path in ("/passages", "/api/passages"):
                answer = await client.get(path)
                assert answer.status_code == status
                assert ("10AA123" in answer.text) is (status == 200)
            assert ('href="/passages"' in (await client.get("/repairs")).text) is (status == 200)
    async with client_of(past.app) as stranger:
        for path in ("/passages", "/day", "/repairs"):
            assert (await stranger.get(path)).status_code == 303
        for path in ("/api/passages", "/api/repairs"):
            assert (await stranger.get(path)).status_code == 401


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"plate": "-"}, "plate: at least 2"),
        ({"number": "12345"}, "number: 13 digits"),
        ({"number": "1/2/3"}, "number: is not a cargo"),
        ({"from": "yesterday"}, "from: write a day"),
        ({"from": "2026-05-05", "to": "2026-05-04"}, "to: must be later"),
        ({"status": "gone"}, "status: one of arrived"),
        ({"corridor": "PINK"}, "corridor: one of GREEN"),
        ({"after": "here"}, "after: take it"),
        ({"colour": "red"}, "colour is not a field"),
        ({"officer": "x" * 65}, "officer: at most"),
    ],
)
async def test_what_cannot_be_looked_for_is_said(
    leyla: httpx.AsyncClient, asked: dict[str, str], named: str
) -> None:
    """Which field, and what to type; to people and to programs."""
    page = await leyla.get("/passages", params=asked)
    assert page.status_code == 422
    assert named in page.text
    answer = await leyla.get("/api/passages", params=asked)
    assert (answer.status_code, named in answer.json()["error"]) == (422, True)


def test_times_are_the_checkpoints_own() -> None:
    """A day is whole in summer and winter, an hour that comes twice is taken whole."""
    berlin, formats = ZoneInfo("Europe/Berlin"), NumberFormats()
    day = sought_in({"from": "2026-10-25", "to": "2026-10-25"}, formats, berlin)
    assert day.begin is not None
    assert day.end is not None
    assert day.end.timestamp() - day.begin.timestamp() == 25 * 3600
    hour = sought_in({"from": "2026-10-25T02:00", "to": "2026-10-25T02:30"}, formats, berlin)
    assert hour.begin is not None
    assert hour.end is not None
    assert hour.end.timestamp() - hour.begin.timestamp() == 1.5 * 3600
    with pytest.raises(UnclearError):
        sought_in({"to": "25.10.2026"}, formats, berlin)


async def test_a_red_lorrys_whole_story(room: Room, tmp_path: Path, accounts: Accounts) -> None:
    """Every step a stranger wants to read, in order, by place, with pictures; entries and hashes at the end.

    Read again after a restart; and, its personal part erased, still complete but for what was personal.
    """
    data = tmp_path / "data"
    async with gatehouse(data, ("approach", "red")) as house:
        await house.rests("approach", "lane-4")
        visit_id = await red_all_the_way(house, room.evidence)
    async with past_of(room, data) as past, client_of(past.app) as client:
        client.cookies.set("gate_session", accounts.token)
        visit = await past.store.ledger.visit(visit_id)
        assert visit is not None
        room.checkpoint.visits[visit_id] = visit
        page = (await client.get(f"/visits/{visit_id}")).text
        words = (
            "A vehicle arrived",
            "The visit began",
            f"Plate read: {LORRY} (AZ), 97 % confident, sure, 3 frames",
            "The sealed verdict was opened, on arrival",
            f"{ONE}, version 3: RED",
            "Directed to lane 4, RED",
            "Rules 7.0.4",
            "Reported to central: visit.directed",
            "Board shows:",
            "later</p>",
            "91 % confident, sure, 2 frames",
            "Found again by its plate",
            "An officer was called: RED vehicle awaits its control",
            f"{WHO} came to the call",
            f"Release by {WHO}",
            f"Release committed by {WHO}; checked: documents, goods",
            "Barrier told to rise, once, for this release",
            f"{WHO} released it",
            "Checked: documents, goods",
            "The barrier says: up",
            "Reported to central: passage.completed",
            "Barrier told to lower",
            "Entry confirmed",
            "The barrier says: down",
        )
        at = 0
        for said in words:
            at = page.find(said, at)
            assert at >= 0, f"{said!r} is not told, or not in its place"
        assert len(re.findall(r'class="shot"', page)) == 4
        hashes = set(re.findall(r"<code>([0-9a-f]{64})</code>", page))
        entries = await past.archive.entries(visit_id)
        assert hashes == {entry.hash for entry in entries if entry.seq is not None}

        later = AT + timedelta(days=400)
        await past.store.ledger.write(lambda db, _: erase_visits(db, later, later))
        while await past.store.ledger.write(lambda db, journal: erase_payloads(db, journal, later, later)):
            pass
        erased = await past.store.ledger.visit(visit_id)
        assert erased is not None
        room.checkpoint.visits[visit_id] = erased
        page = (await client.get(f"/visits/{visit_id}")).text
        assert LORRY not in page
        assert ONE not in page
        assert "erased by retention" in page
        at = 0
        for said in (
            "a plate, erased since, 97 % confident",
            "Directed to lane 4, RED",
            f"{WHO} released it",
            "Entry",
        ):
            at = page.find(said, at)
            assert at >= 0, f"{said!r} is not told any more"


@pytest.mark.parametrize("kind", sorted({*EVENTS, "Act", "Opened", "Crossing", "Help", "SomethingNew"}))
def test_any_entry_is_told_whatever_is_erased_of_it(kind: str) -> None:
    """Nothing on record drops out of a story because it is new here, or because little is left of it."""
    entry = PastEntry(
        AT, "lane-1", kind, {"event": {"type": kind}, "commands": [{"type": "Unheard"}]}, whole=False
    )
    assert tell(entry).what
    assert tell(replace(entry, body={})).what


def test_who_acts_at_the_console_acts_where_the_vehicle_is() -> None:
    """And the confirmation, filed at the approach, closes the story in the lane."""
    kinds = [("approach", "PlateSeen"), ("console", "Act"), ("lane-1", "PlateSeen"), ("approach", "Crossing")]
    story = timeline([PastEntry(AT + timedelta(seconds=90 * at), *one, {}) for at, one in enumerate(kinds)])
    assert [(stretch.place, len(stretch.moments)) for stretch in story] == [("approach", 2), ("lane-1", 2)]
    assert story[1].after == timedelta(seconds=90)
    assert [duration(timedelta(seconds=s)) for s in (1.25, 90, 7260, 180000)] == [
        "1.2 s", "1 min 30 s", "2 h 1 min", "2 d 2 h",
    ]  # fmt: skip


async def test_the_day_shows_arrivals_and_waiting(past: Past, leyla: httpx.AsyncClient, room: Room) -> None:
    """Bars and a table of the same; today where no day is named; nothing of other days."""
    await a_days_traffic(past, room.evidence, MIDNIGHT)
    await past.diary.arrives(MIDNIGHT.astimezone(UTC) - timedelta(minutes=1))
    page = (await leyla.get("/day", params={"date": "2026-05-04"})).text
    assert "<b>60</b> arrived, <b>1</b> left by the exit lanes" in page
    assert page.count("<svg viewBox") == 3  # the brand, two charts
    assert "style=" not in page
    assert "<b>1</b> arrived" in (await leyla.get("/day", params={"date": "2026-05-03"})).text
    assert "2026-05-04" in (await leyla.get("/day")).text  # the room's clock says so
    for text in ("May 4th", "1812-01-01"):
        assert (await leyla.get("/day", params={"date": text})).status_code == 422


def test_the_fields_of_the_form_are_the_fields_of_the_interface() -> None:
    """What people may fill in is what programs may send."""
    form = (HERE / "templates/passages.html").read_text(encoding="utf-8")
    assert set(re.findall(r'name="(\w+)"', form)) == set(FIELDS)
    docs = (ROOT / "docs/console.md").read_text(encoding="utf-8")
    assert all(f"| `{name}`" in docs for name in FIELDS)
