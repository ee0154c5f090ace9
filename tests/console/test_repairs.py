"""What needs a person: each kind is found when it is so, and not before; each says what to do."""

from __future__ import annotations

import ast
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

import gate
import hardware
from gate.app.endings import endings_of
from gate.config import load_site
from gate.console.repairs import Ending, Facts, Gravity, Repair, repairs
from gate.console.repairs.device_advice import ADVICE, GENERAL, MEANWHILE, advice
from gate.console.repairs.dirty import Fall, falling
from gate.console.repairs.sight import Sight
from gate.lanes.events import DeviceRole
from gate.lanes.views import ClockView, Overview, SystemView
from gate.model import PlateRead, RegistrationMark
from gate.settings import MqttSettings
from gate.settings.mqtt import MqttTls
from gate.store.upkeep import ReadSeen, Upkeep
from tests.console.conftest import Accounts, Room
from tests.console.past import Past, past_of
from tests.console.serving import client_of
from tests.console.tiny_checkpoint import TinyCheckpoint
from tests.hardware.broker_certificates import Authority

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
WELL = SystemView(
    "samur", NOW, "connected", 7, NOW, 0, "connected", "ok", None, clock=ClockView("trusted", "central")
)
IDLE = Upkeep(None, 0, None, None)
GIB = 1024**3
SHARP = Sight("approach, camera", sharpness=0.9, contrast=0.6, burnt=0.02, dark=0.1, clipped=0.0)
UNSEEN = Sight("approach, camera", None, None, None, dark=0.3, clipped=0.1)
FALL = Fall("approach", 0.71, 0.92, 0.1, 0.02, NOW - timedelta(hours=9))


def ago(*, days: int = 0, minutes: int = 0, seconds: int = 0) -> datetime:
    """So long ago."""
    return NOW - timedelta(days=days, minutes=minutes, seconds=seconds)


def facts(system: SystemView = WELL, **known: Any) -> Facts:
    """A checkpoint where all is well, but for what is given."""
    gate_ = TinyCheckpoint()
    for name, changes in dict(known.pop("points", {})).items():
        gate_.points[name] = replace(gate_.points[name], **changes)
    overview = Overview(1, tuple(gate_.points.values()), (), (), system)
    given: dict[str, Any] = {"upkeep": IDLE, "disk_free": 100 * GIB} | known
    return Facts(now=NOW, overview=overview, **given)


def only(found: tuple[Repair, ...]) -> Repair:
    """The one repair there is, fit to be read by a person."""
    (repair,) = found
    assert len(repair.do) > 20
    assert repair.do.rstrip().endswith((".", "stays.", "`."))
    assert repair.what
    assert repair.where
    assert repair.who
    return repair


def test_where_all_is_well_nothing_is_listed() -> None:
    """A list that always says something is read by nobody."""
    assert repairs(facts()) == ()


@pytest.mark.parametrize(
    ("known", "key", "gravity"),
    [
        (
            {"points": {"lane-1": {"faults": ("io: no heartbeat for 6 s",)}}},
            "device:lane-1:io",
            Gravity.STOPS,
        ),
        (
            {"points": {"lane-1": {"faults": ("board: lane-1 board does not answer",)}}},
            "device:lane-1:board",
            Gravity.HAMPERS,
        ),
        (
            {"points": {"approach": {"faults": ("camera: no frame for 5 s",)}}},
            "device:approach:camera",
            Gravity.HAMPERS,
        ),
        (
            {"points": {"hall-1": {"faults": ("scanner: the scanner is gone",)}}},
            "device:hall-1:scanner",
            Gravity.HAMPERS,
        ),
        ({"points": {"hall-1": {"faults": ("keypad: x",)}}}, "device:hall-1:keypad", Gravity.HAMPERS),
        (
            {"points": {"hall-1": {"faults": ("printer: out of paper",)}}},
            "device:hall-1:printer",
            Gravity.HAMPERS,
        ),
        ({"unknown_since": {("lane-1", "safety"): ago(seconds=61)}}, "input:lane-1:safety", Gravity.STOPS),
        ({"unknown_since": {("lane-1", "barrier"): ago(seconds=61)}}, "input:lane-1:barrier", Gravity.STOPS),
        (
            {"points": {"lane-1": {"barrier": "up"}}, "resting_since": {"lane-1": ago(seconds=61)}},
            "rest:lane-1",
            Gravity.STOPS,
        ),
        ({"points": {"lane-1": {"phase": "disarmed"}}}, "disarmed:lane-1", Gravity.STOPS),
        ({"points": {"lane-1": {"phase": "blocked"}}}, "blocked:lane-1", Gravity.STOPS),
        ({"falls": (FALL,)}, "dirty:approach", Gravity.HAMPERS),
        ({"sights": (replace(SHARP, sharpness=0.3),)}, "sight:approach, camera:blurred", Gravity.HAMPERS),
        ({"sights": (replace(SHARP, contrast=0.1),)}, "sight:approach, camera:dark", Gravity.HAMPERS),
        (
            {"sights": (replace(SHARP, burnt=0.5, sharpness=0.01),)},
            "sight:approach, camera:burnt",
            Gravity.HAMPERS,
        ),
        ({"sights": (replace(UNSEEN, dark=0.99),)}, "sight:approach, camera:dark", Gravity.HAMPERS),
        ({"sights": (replace(UNSEEN, clipped=0.8),)}, "sight:approach, camera:burnt", Gravity.HAMPERS),
        ({"system": replace(WELL, anpr="away: it ended")}, "anpr", Gravity.HAMPERS),
        (
            {
                "system": replace(
                    WELL, clock=ClockView("skewed", says="wrong", do="Set the clock by its time server.")
                )
            },
            "clock",
            Gravity.STOPS,
        ),
        ({"system": replace(WELL, central="away since 11:00: no answer")}, "central", Gravity.HAMPERS),
        ({"system": replace(WELL, cache_fetched_at=ago(minutes=16))}, "feed", Gravity.STOPS),
        ({"upkeep": replace(IDLE, unsent=3, unsent_since=ago(minutes=11))}, "outbox", Gravity.HAMPERS),
        ({"system": replace(WELL, broker="away: refused")}, "broker", Gravity.STOPS),
        ({"writable": False}, "read-only", Gravity.STOPS),
        ({"disk_free": 4 * GIB}, "disk", Gravity.SOON),
        ({"disk_free": GIB // 2}, "disk", Gravity.STOPS),
        ({"upkeep": None, "upkeep_problem": "the record cannot be read"}, "journal", Gravity.STOPS),
        ({"signed": False}, "unsigned", Gravity.SOON),
        ({"upkeep": replace(IDLE, unanchored_since=ago(minutes=61))}, "unanchored", Gravity.SOON),
        ({"set_aside": ("cache.db.damaged-1",)}, "aside:cache.db.damaged-1", Gravity.SOON),
        ({"upkeep": replace(IDLE, oldest_personal=ago(days=368))}, "retention", Gravity.SOON),
        ({"system": replace(WELL, evidence="disk full: no pictures")}, "evidence", Gravity.HAMPERS),
        (
            {"endings": (Ending("Our certificate", "a.pem", NOW + timedelta(days=29)),)},
            "ending:a.pem",
            Gravity.SOON,
        ),
        (
            {"endings": (Ending("Our certificate", "a.pem", NOW + timedelta(days=2)),)},
            "ending:a.pem",
            Gravity.HAMPERS,
        ),
        ({"endings": (Ending("Our certificate", "a.pem", NOW),)}, "ending:a.pem", Gravity.STOPS),
    ],
)
def test_each_kind_is_listed_with_what_to_do(known: dict[str, Any], key: str, gravity: Gravity) -> None:
    """One fault, one entry, as grave as it is."""
    repair = only(repairs(facts(**known)))
    assert (repair.key, repair.gravity) == (key, gravity)


@pytest.mark.parametrize(
    "known",
    [
        {"unknown_since": {("lane-1", "safety"): ago(seconds=59)}},
        {"resting_since": {"lane-1": ago(seconds=59)}},
        {"upkeep": replace(IDLE, unsent=3, unsent_since=ago(minutes=9))},
        {"upkeep": replace(IDLE, unanchored_since=ago(minutes=59))},
        {"upkeep": replace(IDLE, oldest_personal=ago(days=366))},
        {"system": replace(WELL, cache_fetched_at=ago(minutes=14))},
        {"system": replace(WELL, central="not configured", cache_fetched_at=ago(days=9))},
        {"endings": (Ending("Our certificate", "a.pem", NOW + timedelta(days=31)),)},
        {"disk_free": 6 * GIB},
        {"sights": (SHARP, UNSEEN, replace(SHARP, dark=0.99))},
    ],
)
def test_what_may_mend_itself_is_not_listed_yet(known: dict[str, Any]) -> None:
    """Until it has lasted."""
    assert repairs(facts(**known)) == ()


def test_a_reader_that_grows_too_large_has_its_own_advice() -> None:
    """The bound is a key of the configuration, and the pictures are what fills it."""
    grown = "restarting since 10:00:00 UTC (it took 1600 MB of memory, anpr.memory_mb allows 1536)"
    assert "raise anpr.memory_mb" in only(repairs(facts(system=replace(WELL, anpr=grown)))).do


def test_a_silent_board_is_one_repair_and_the_gravest_stand_first() -> None:
    """Not one more for each of its inputs, nor for the rest that the lane cannot find."""
    silent = {"faults": ("io: no heartbeat for 6 s", "board: does not answer"), "phase": "recovery"}
    since = ago(minutes=5)
    found = repairs(
        facts(
            points={"lane-1": silent},
            unknown_since={("lane-1", which): since for which in ("arming", "safety", "barrier")},
            resting_since={"lane-1": since},
            disk_free=4 * GIB,
        )
    )
    assert [one.key for one in found] == ["device:lane-1:io", "device:lane-1:board", "disk"]


# --- advice ---------------------------------------------------------------------------------------


def _said_by_drivers() -> set[str]:
    """Every text in the drivers' and the readers' sources, f-strings by their fixed parts."""
    said: set[str] = set()
    for package in (hardware, gate):
        for file in Path(str(package.__file__)).parent.rglob("*.py"):
            if "console" in file.parts or "emulators" in file.parts:
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    said.add(node.value)
    return said


def test_every_fault_that_a_driver_can_tell_has_advice() -> None:
    """By its own words where they are known, and always by the device's part."""
    assert set(GENERAL) == set(MEANWHILE) == set(DeviceRole)
    assert advice(DeviceRole.IO, "no heartbeat for 6 s") != advice(DeviceRole.IO, "never heard of")
    for role in DeviceRole:
        assert advice(role, "never heard of") == f"{GENERAL[role]} {MEANWHILE[role]}"
        assert advice(role, "the device restarted").startswith("It lost power or was reset.")


@pytest.mark.parametrize("words", sorted(word for one in ADVICE for word in one.says.split("|")))
def test_advice_is_for_words_that_drivers_say(words: str) -> None:
    """A driver whose words change takes its advice along, or this says so."""
    assert any(re.search(words, said) for said in _SAID)


_SAID = _said_by_drivers()


# --- dirty cameras --------------------------------------------------------------------------------


def reads(days: int, at_hour: int, confidence: float | None, many: int = 30) -> list[ReadSeen]:
    """One day's reads, a minute apart, `days` before today."""
    begin = NOW.replace(hour=at_hour) - timedelta(days=days)
    return [ReadSeen(begin + timedelta(seconds=60 * at), confidence) for at in range(many)]


def fortnight(at_hour: int = 9, confidence: float = 0.92) -> list[ReadSeen]:
    """The days before."""
    return [read for days in range(14, 1, -1) for read in reads(days, at_hour, confidence)]


def test_a_camera_that_gets_dirty_falls_below_itself() -> None:
    """Ten points less sure is told, with both figures; a muddy plate here and there is not."""
    fall = falling("approach", fortnight() + reads(0, 9, 0.82), NOW)
    assert fall is not None
    assert (fall.now, fall.before) == (0.82, 0.92)
    assert falling("approach", fortnight() + reads(0, 9, 0.90), NOW) is None
    muddy = reads(0, 9, 0.92, 25) + reads(0, 10, 0.30, 5)
    assert falling("approach", fortnight() + muddy, NOW) is None


def test_plates_that_cannot_be_read_any_more_are_a_fall_too() -> None:
    """Though the few that are read are as sure as ever."""
    blind = sorted(reads(0, 9, 0.92) + reads(0, 9, None, 10), key=lambda read: read.at)
    fall = falling("approach", fortnight() + blind, NOW)
    assert fall is not None
    assert fall.unread_now == 0.25


def test_a_night_is_not_held_against_a_noon() -> None:
    """Less sure at night than by day is how it always was."""
    always = sorted(fortnight(9, 0.95) + fortnight(2, 0.80), key=lambda read: read.at)
    assert falling("approach", always + reads(0, 2, 0.80), NOW) is None
    assert falling("approach", always + reads(0, 2, 0.70), NOW) is not None


def test_of_few_vehicles_nothing_is_said() -> None:
    """Nineteen may be chance; so may a baseline of nineteen."""
    assert falling("approach", fortnight() + reads(0, 9, 0.1, 19), NOW) is None
    assert falling("approach", reads(3, 9, 0.92, 19) + reads(0, 9, 0.1), NOW) is None


# --- the workshop ---------------------------------------------------------------------------------


@pytest_asyncio.fixture
async def past(room: Room, tmp_path: Path) -> AsyncIterator[Past]:
    """A console over an empty record."""
    room.checkpoint.system = replace(WELL, cache_fetched_at=None)
    async with past_of(room, tmp_path / "data") as made:
        yield made


async def test_it_remembers_since_when_and_forgets_what_is_mended(past: Past, room: Room) -> None:
    """An input counts from when it was first unknown; what comes again counts anew."""
    gate_, began = room.checkpoint, room.clock.now().utc
    assert await past.workshop.look() == ()
    gate_.change_point("lane-1", safety="unknown")
    assert await past.workshop.look() == ()
    room.clock.forward(61)
    (repair,) = await past.workshop.look()
    assert (repair.key, repair.since) == ("input:lane-1:safety", began)
    gate_.change_point("lane-1", safety="clear", faults=("io: no heartbeat for 6 s",))
    (repair,) = await past.workshop.look()
    assert (repair.key, repair.since) == ("device:lane-1:io", began + timedelta(seconds=61))
    gate_.change_point("lane-1", faults=())
    assert await past.workshop.look() == ()


async def test_a_camera_falls_in_the_journal(past: Past, room: Room) -> None:
    """Read out of what the lanes wrote, by point; erased plates are no less sure for it."""
    now = room.clock.now().utc
    for days, confidence in ((3, 0.93), (0, 0.75)):
        for at in range(25):
            when = now - timedelta(days=days, minutes=30 + at)
            read = PlateRead(RegistrationMark("10AA123"), "AZ", confidence, 2, True, ())
            event = {"type": "PlateSeen", "passage_id": "p", "read": read}
            await past.diary.step("approach", "PlateSeen", when, None, event)
    (repair,) = await past.workshop.look()
    assert repair.key == "dirty:approach"
    assert "75 % against 93 %" in repair.what


async def test_people_and_programs_see_the_same(past: Past, room: Room, accounts: Accounts) -> None:
    """Its count on every page and in /healthz; its words only for those logged in."""
    room.checkpoint.change_point(
        "hall-1", faults=("printer: the slip printer is out of paper: put a new roll in",)
    )
    async with client_of(past.app) as client:
        client.cookies.set("gate_session", accounts.token)
        assert "Nothing needs a person" not in (page := (await client.get("/repairs")).text)
        assert "Put a new roll into the slip printer." in page
        assert 'class="wanted">Repairs <b>1</b>' in (await client.get("/")).text
        (told,) = (await client.get("/api/repairs")).json()["repairs"]
        assert set(told) == {"key", "gravity", "where", "what", "do", "who", "since"}
        health = await client.get("/healthz")
        assert health.json()["repairs"] == 1
        assert "new roll into" not in health.text
        room.checkpoint.change_point("hall-1", faults=())
        assert "Nothing needs a person" in (await client.get("/repairs")).text


def test_the_certificates_a_site_names_have_their_last_day(tmp_path: Path) -> None:
    """Each file's soonest; one that cannot be read is its link's fault and told there."""
    authority = Authority(tmp_path)
    ours, _ = authority.issue("ours", until=timedelta(days=2))
    settings = load_site(Path(str(gate.__file__)).parents[1] / "config/demo.yaml")
    tls = MqttTls(ca_file=authority.file, cert_file=ours)
    named = settings.model_copy(update={"mqtt": MqttSettings(tls=tls)})
    ends = {ending.file: ending.ends - datetime.now(UTC) for ending in endings_of(named)}
    assert set(ends) == {str(authority.file), str(ours)}
    assert timedelta(days=1) < ends[str(ours)] < timedelta(days=3)
    ours.write_text("not a certificate", encoding="ascii")
    assert [ending.file for ending in endings_of(named)] == [str(authority.file)]
    assert endings_of(settings) == ()
