"""What is shown, to whom, and how."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx2 as httpx
import pytest

import gate.console
from gate.console.app import create_console
from gate.console.safe_mode import Trouble, create_safe_mode_console
from gate.console.showing import MOST_STREAMS
from gate.model import Corridor, VisitStatus
from hardware.links.modbus_line import REFUSED as REFUSED_BY_MODBUS
from tests.console.busy_morning import busy_morning, crop, keep
from tests.console.conftest import Accounts, Room
from tests.console.serving import client_of, csrf_of, log_in, served

VENDORED = Path(gate.console.__file__).parent / "static" / "vendor"


async def test_every_answer_carries_the_safe_headers(leyla: httpx.AsyncClient) -> None:
    """No inline script, no foreign origin, no frame, nothing stored; static files included."""
    for path in ("/", "/login", "/api/overview", "/nowhere", "/static/console.js", "/healthz"):
        answer = await leyla.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
    page = (await leyla.get("/")).text
    assert "<script>" not in page
    assert " style=" not in page
    assert " onclick=" not in page


async def test_no_corridor_is_shown_before_its_verdict_was_opened(
    room: Room, leyla: httpx.AsyncClient
) -> None:
    """Even if the core told one by mistake: no page and no program's answer carries it, nor its lane."""
    visit = room.checkpoint.arrive("v-1", "34KLM06", "approach", status=VisitStatus.ARRIVED)
    room.checkpoint.visits["v-1"] = replace(visit, corridor=Corridor.RED, lane="4")
    overview = (await leyla.get("/api/overview")).json()
    assert (overview["visits"][0]["corridor"], overview["visits"][0]["lane"]) == (None, None)
    view = (await leyla.get("/api/visits/v-1")).json()
    assert (view["visit"]["corridor"], view["visit"]["lane"]) == (None, None)
    for path in ("/visits/v-1", "/acts/TurnBack?visit_id=v-1"):
        assert "RED" not in (await leyla.get(path)).text
    shut = (await leyla.get("/")).text
    room.checkpoint.visits["v-1"] = visit
    assert (await leyla.get("/")).text == shut


async def test_an_opened_visit_shows_corridor_findings_and_acts(room: Room, leyla: httpx.AsyncClient) -> None:
    """With its Rules number, and the release where the vehicle stands."""
    room.checkpoint.arrive(
        "v-1", "34KLM06", "approach", corridor=Corridor.RED, status=VisitStatus.DIRECTED, lane="4"
    )
    fragment = (await leyla.get("/fragments/checkpoint")).text
    assert "Rules 7.0" in fragment
    assert "ReleaseVisit" not in fragment, "not before it stands in its lane"
    room.checkpoint.change_point("lane-4", phase="control", visit_id="v-1")
    fragment = (await leyla.get("/fragments/checkpoint")).text
    assert 'id="visit-ReleaseVisit-v-1"' in fragment
    assert 'id="point-ReleaseVisit-v-1"' in fragment
    assert (await leyla.get("/api/visits/v-1")).json()["visit"]["corridor"] == "RED"


async def test_what_people_wrote_is_shown_as_text(room: Room, leyla: httpx.AsyncClient) -> None:
    """Markup in a reason stays letters."""
    room.checkpoint.call("c-1", "approach", "<script>alert(1)</script>")
    page = (await leyla.get("/")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


async def test_a_visit_tells_its_story(room: Room, leyla: httpx.AsyncClient) -> None:
    """Every line of the journal about it, in order; an unknown visit is 404."""
    room.checkpoint.arrive("v-1", "34KLM06", "approach")
    room.checkpoint.note("v-1", "approach", "plate read")
    page = (await leyla.get("/visits/v-1")).text
    assert page.index("presence at the loop") < page.index("plate read")
    assert (await leyla.get("/visits/v-9")).status_code == 404
    assert (await leyla.get("/api/visits/v-9")).status_code == 404


async def test_every_state_of_the_checkpoint_can_be_drawn(room: Room, leyla: httpx.AsyncClient) -> None:
    """A busy morning with faults, alarms and pictures, each act's form included."""
    busy = busy_morning(room.evidence)
    room.checkpoint.__dict__.update({k: v for k, v in busy.__dict__.items() if not k.startswith("_")})
    page = (await leyla.get("/")).text
    for words in (
        "no heartbeat for 6 s",
        "a vehicle entered that was not directed here",
        "77CC120",
        "Check and release",
    ):
        assert words in page
    for form in (
        "ReleaseVisit?visit_id=v-102",
        "ConfirmPlate?visit_id=v-106&point=approach",
        "EnterNumber?visit_id=v-106",
        "ReferVisit?visit_id=v-105",
        "TurnBack?visit_id=v-105",
        "ClosePoint?point=lane-1",
        "OpenPoint?point=lane-1",
    ):
        assert (await leyla.get(f"/acts/{form}")).status_code == 200
    for form in ("AcknowledgeCall", "ReleaseVisit?visit_id=v-9", "ClosePoint?point=lane-9", "nonsense"):
        assert (await leyla.get(f"/acts/{form}")).status_code == 404


async def test_pictures_are_found_by_their_sum_and_nothing_else_is(
    room: Room, leyla: httpx.AsyncClient, tmp_path: Path
) -> None:
    """No path, no link, no other file can be named."""
    name = keep(room.evidence, crop("99BA731"))
    picture = await leyla.get(f"/evidence/{name}.jpg")
    assert picture.status_code == 200
    assert picture.headers["content-type"] == "image/jpeg"
    assert hashlib.sha256(picture.content).hexdigest() == name
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"secret")
    linked = "ab" + "0" * 62
    (room.evidence / "ab").mkdir(exist_ok=True)
    (room.evidence / "ab" / f"{linked}.jpg").symlink_to(secret)
    for wrong in (
        linked,
        "f" * 64,
        name.upper(),
        name[:-1],
        "..%2f..%2fsecret",
        "../secret",
        f"{name[:2]}%2f{name}",
        f"{name}%00",
        f"{name}%0a",
    ):
        answer = await leyla.get(f"/evidence/{wrong}.jpg")
        assert answer.status_code == 404, wrong
        assert answer.content != b"secret"


async def test_an_erased_picture_is_told_from_a_missing_one(room: Room, accounts: Accounts) -> None:
    """The visit's page says when retention erased it; what nobody erased and is not there is missing."""
    there, erased, missing = keep(room.evidence, crop("99BA731")), "e" * 64, "f" * 64

    async def when_erased(name: str) -> datetime | None:
        return datetime(2026, 5, 4, 6, 30, tzinfo=UTC) if name == erased else None

    room.checkpoint.arrive("v-1", "99BA731", "approach")
    room.checkpoint.pictures["v-1"] = (there, erased, missing)
    app = create_console(room.checkpoint, room.officers, room.evidence, room.clock, when_erased=when_erased)
    async with client_of(app) as client:
        client.cookies.set("gate_session", accounts.token)
        page = (await client.get("/visits/v-1")).text
        gone = await client.get(f"/evidence/{erased}.jpg")
        assert (gone.status_code, gone.json()) == (410, {"error": "Erased on 2026-05-04 by retention."})
        assert (await client.get(f"/evidence/{missing}.jpg")).status_code == 404
    assert page.count("Erased on 2026-05-04 by retention.") == 1
    assert page.count("Missing: it is not on the disk, and retention did not erase it.") == 1
    assert f"/evidence/{there}.jpg" in page
    assert f"/evidence/{erased}.jpg" not in page


async def test_a_full_disk_is_said_at_the_top(room: Room, leyla: httpx.AsyncClient) -> None:
    """Officers see that plates are read without pictures; while all is well nothing is said."""
    assert "Pictures:" not in (await leyla.get("/")).text
    full = "disk full: plates are read without keeping pictures"
    room.checkpoint.system = replace(room.checkpoint.system, evidence=full)
    assert f"Pictures: {full}" in (await leyla.get("/")).text
    assert (await leyla.get("/healthz")).json()["evidence"] == full


async def test_health_and_figures_need_no_login_and_tell_no_visit(room: Room) -> None:
    """/healthz for `gate status`; /metrics for this machine only."""
    room.checkpoint.arrive("v-1", "34KLM06", "approach", corridor=Corridor.RED)
    async with client_of(room.app) as client:
        health = await client.get("/healthz")
        assert health.status_code == 200
        assert set(health.json()) == {
            "site",
            "safe_mode",
            "central",
            "broker",
            "mqtt_refused",
            "refused",
            "anpr",
            "certificates",
            "evidence",
            "clock",
            "outbox_waiting",
            "repairs",
            "points",
        }
        assert health.json()["points"][0] == {"name": "approach", "phase": "free", "faults": []}
        assert "34KLM06" not in health.text
        figures = await client.get("/metrics")
        assert "gate_console_logins_total" in figures.text
    async with client_of(room.app, "192.0.2.7") as stranger:
        assert (await stranger.get("/metrics")).status_code == 403


async def test_safe_mode_says_what_is_wrong_and_what_to_do() -> None:
    """On every address, with /healthz failing."""
    trouble = Trouble("", "", "journal.db: disk is full <1 MB>")
    app = create_safe_mode_console([trouble], "Free some space, then restart the gate.")
    async with client_of(app) as client:
        page = await client.get("/")
        assert "disk is full &lt;1 MB&gt;" in page.text
        assert "Free some space" in page.text
        assert (await client.get("/visits/v-1")).status_code == 503
        assert (await client.post("/login", data={"name": "x"})).status_code == 503
        health = await client.get("/healthz")
        assert health.status_code == 503
        assert health.json()["safe_mode"].startswith("journal.db")
        assert (await client.get("/static/console.css")).status_code == 200


async def test_the_stream_tells_of_changes_and_ends_with_the_login(room: Room) -> None:
    """First the present version, then each new one; after logging out it says so and ends."""
    async with (
        served(room.app) as address,
        asyncio.timeout(20),
        httpx.AsyncClient(base_url=address) as client,
    ):
        await log_in(client, "Leyla")
        csrf = await csrf_of(client)
        heard: asyncio.Queue[str] = asyncio.Queue()

        async def listen() -> None:
            async with client.stream("GET", "/events") as stream:
                assert stream.headers["cache-control"] == "no-store"
                async for line in stream.aiter_lines():
                    if line and not line.startswith(":"):
                        await heard.put(line)

        listening = asyncio.create_task(listen())
        assert [await heard.get(), await heard.get()] == ["event: changed", "data: 1"]
        await room.checkpoint.tell()
        assert [await heard.get(), await heard.get()] == ["event: changed", "data: 2"]
        await client.post("/logout", data={"csrf": csrf})
        await room.checkpoint.tell()
        assert await heard.get() == "event: logged-out"
        await listening
        assert room.app.state.desk.streams == 0


async def test_streams_are_bounded(room: Room, leyla: httpx.AsyncClient) -> None:
    """One more open screen than the gate can serve is refused, not served slowly."""
    room.app.state.desk.streams = MOST_STREAMS
    assert (await leyla.get("/events")).status_code == 503


@pytest.mark.parametrize("file", ["htmx.min.js", "htmx-ext-sse.js"])
def test_vendored_scripts_are_what_their_list_says(file: str) -> None:
    """Nobody edited them, and each came with its licence."""
    digest = hashlib.sha256((VENDORED / file).read_bytes()).hexdigest()
    assert f"`{file}`" in (VENDORED / "VENDORED.md").read_text()
    assert digest in (VENDORED / "VENDORED.md").read_text()
    assert (VENDORED / f"{file.split('.', maxsplit=1)[0]}.LICENSE").is_file()


async def test_what_devices_sent_wrongly_is_counted_on_the_page(leyla: httpx.AsyncClient) -> None:
    """Refused, counted, and shown: how much on every page, and each reason on a page of its own."""
    REFUSED_BY_MODBUS.labels("wrong-checksum").inc(3)
    assert re.search(r"\d+ refused", (await leyla.get("/")).text)
    reasons = (await leyla.get("/refused")).text
    assert "Modbus boards" in reasons
    assert "wrong-checksum" in reasons
    told = (await leyla.get("/healthz")).json()["refused"]
    assert told["Modbus boards"]["wrong-checksum"] >= 3
