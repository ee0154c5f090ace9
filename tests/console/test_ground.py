"""The first screen's parts: who sees what, what is drawn anew, what reads, boards and declarations tell."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

import httpx2 as httpx
import pytest

from gate.console.ground import Ground
from gate.console.sessions import Session
from gate.lanes.commands import BoardMessage, MessageKind
from gate.lanes.views import BoardView, ReadView
from gate.model import Corridor, RegistrationMark, VisitStatus
from gate.store.officers import Officer, Role
from tests.console.conftest import Room
from tests.console.full_ground import full_ground
from tests.console.serving import client_of, csrf_of, log_in, served
from tests.console.tiny_checkpoint import TinyCheckpoint


def _session(name: str, role: Role = Role.OFFICER) -> Session:
    return Session.stand_in(Officer(name, role), f"token-of-{name}")


def _ground(room: Room) -> Ground:
    return Ground(room.app.state.desk, "stencil")


def _part(page: str, name: str) -> str:
    """The part of that id, up to the next one."""
    (found,) = re.findall(rf'<\w+[^>]* id="{name}".*?(?=<\w+[^>]* data-is=|</main>|\Z)', page, re.DOTALL)
    return str(found)


def _name(html: str) -> str:
    return str(re.findall(r' id="([^"]+)" data-is=', html)[0])


async def test_a_change_is_drawn_once_and_told_alone(room: Room) -> None:
    """Officers of one role share a picture, each with a token of his own; after a change one card is told."""
    gate, ground = room.checkpoint, _ground(room)
    gate.call("c-1", "approach", "plate unread")
    first = await ground.picture(_session("Leyla"), 0)
    assert await ground.picture(_session("Kamran"), 0) is first
    assert "token-of-" not in "".join(first.parts.values())
    assert 'value="token-of-Leyla"' in first.for_session(first.parts["calls"], _session("Leyla"))
    gate.change_point("lane-2", queue=1)
    await gate.tell()
    second = await ground.picture(_session("Leyla"), gate.version)
    assert [_name(html) for html in second.since(first)] == ["point-lane-2"]
    assert second.since(second) == []
    gate.arrive("v-1", "34KLM06", "approach")
    await gate.tell()
    third = await ground.picture(_session("Leyla"), gate.version)
    told = [_name(html) for html in third.since(second)]
    assert told == ["bay-H", "visits"], "a list of other length comes whole, with its cards"


async def test_roles_and_attending_officers_see_their_own_buttons(room: Room) -> None:
    """An auditor cannot acknowledge; hold-to-run is offered to who attends, not to his colleague."""
    gate, ground = room.checkpoint, _ground(room)
    gate.call("c-1", "approach", "plate unread")
    gate.arrive("v-1", "34KLM06", "approach", corridor=Corridor.RED, status=VisitStatus.DIRECTED, lane="4")
    gate.change_point("lane-4", phase="attended", visit_id="v-1", attended_by="Leyla", failed=("arming",))
    seen = {
        name: await ground.picture(_session(name, role))
        for name, role in (("Leyla", Role.OFFICER), ("Kamran", Role.OFFICER), ("Rauf", Role.AUDITOR))
    }
    assert "I am coming" in seen["Kamran"].parts["calls"]
    assert "I am coming" not in seen["Rauf"].parts["calls"]
    assert "Hold to open" in seen["Leyla"].parts["point-lane-4"]
    assert "Hold to open" not in seen["Kamran"].parts["point-lane-4"]


async def test_what_was_declared_is_shown_to_those_who_may_search(room: Room) -> None:
    """Number, plates, kind, version, cargo: not to a technician; asked for once, until the cache moves."""
    gate = full_ground(room.evidence)
    room.app.state.desk.checkpoint = gate
    ground = _ground(room)
    card = (await ground.picture(_session("Leyla"))).parts["visit-v-103"]
    for words in (
        "3 consignments",
        "goods by road",
        "version 1",
        "cargo 10500/6/05/0417",
        "9001 447 250 313",
    ):
        assert words in card
    odd = (await ground.picture(_session("Leyla"))).parts["visit-v-102"]
    assert "declared for AA117BB, 10AA511" in odd
    for_technician = (await ground.picture(_session("Togrul", Role.TECHNICIAN))).parts["visit-v-103"]
    assert "9001 447 250 313" in for_technician
    assert "goods by road" not in for_technician
    assert len(gate.asked_for) == 1
    gate.declared = [
        replace(one, version=2, marks=(RegistrationMark("99ZZ999"),)) if "34KLM06" in one.marks else one
        for one in gate.declared
    ]
    gate.system = replace(gate.system, cache_cursor=42)
    await gate.tell()
    amended = (await ground.picture(_session("Leyla"))).parts["visit-v-103"]
    assert len(gate.asked_for) == 2
    assert "version 2" in amended
    assert re.search(r'class="marks differ">declared for 99ZZ999', amended)


SURE = ReadView("10AA100", 0.978, sure=True)
UNSURE = ReadView("10AA1O0", 0.58, sure=False, rivals=("10AA100",))
SCENE, CROP = "a" * 64, "b" * 64
LOOKED = ("Leyla", "Nigar")
LOST: dict[str, object] = {"barrier": "unknown", "arming": "unknown"}


@pytest.mark.parametrize(
    ("changes", "told", "untold"),
    [
        ({"read": SURE, "plate": "10AA100"}, ("sure, 97 %",), ("unsure", "10AA100?")),
        ({"read": UNSURE, "plate": "10AA1O0"}, ("unsure, 58 %", "10AA1O0?", "or 10AA100"), ("by sight",)),
        (
            {"read": replace(UNSURE, rivals=()), "plate": "10AA100", "confirmed_by": LOOKED},
            ("by sight: Leyla, Nigar", "10AA100"),
            ("10AA100?", "58 %"),
        ),
        ({"evidence": (SCENE, CROP)}, (f"/evidence/{SCENE}.jpg", f"/evidence/{CROP}.jpg"), ()),
        (LOST, ("barrier <b>unknown", "before <b>unknown"), ("barrier <b>down",)),
    ],
    ids=["sure", "unsure", "by sight", "pictures", "unknown"],
)
async def test_a_card_says_how_sure_it_is(
    room: Room,
    leyla: httpx.AsyncClient,
    changes: dict[str, object],
    told: tuple[str, ...],
    untold: tuple[str, ...],
) -> None:
    """The read with its confidence in a word and a number, who looked, both pictures, what nobody knows."""
    room.checkpoint.change_point("lane-2", **changes)
    card = _part((await leyla.get("/")).text, "point-lane-2")
    for words in told:
        assert words in card
    for words in untold:
        assert words not in card


@pytest.mark.parametrize(
    ("board", "standing", "words"),
    [
        (BoardView(("KEÇİN", "GO"), confirmed=True), "confirmed", ("KEÇİN", "read back")),
        (BoardView(("MAVİ", "BLUE"), confirmed=False), "another", ("MAVİ", "not what it should show: KEÇİN")),
        (BoardView((), confirmed=False), "another", ("Board: dark", "not what it should show: KEÇİN")),
        (BoardView(None, confirmed=False), "unread", ("KEÇİN", "not confirmed")),
        (None, "unfitted", ("KEÇİN", "no board here")),
    ],
)
async def test_a_board_is_shown_by_its_own_answer(
    room: Room, leyla: httpx.AsyncClient, board: BoardView | None, standing: str, words: tuple[str, ...]
) -> None:
    """What was read back stands as it is; what was only asked for is told from it; what differs is said."""
    room.checkpoint.change_point("lane-2", message=BoardMessage(MessageKind.GO), board=board)
    card = _part((await leyla.get("/")).text, "point-lane-2")
    assert f'class="board-box {standing}"' in card
    for each in words:
        assert each in card


async def test_the_screens_stream_sends_all_and_then_what_changed(room: Room) -> None:
    """First every part, then the one card; with the session's token in its forms; over with the login."""
    room.checkpoint.call("c-1", "approach", "plate unread")
    async with (
        served(room.app) as address,
        asyncio.timeout(20),
        httpx.AsyncClient(base_url=address) as client,
    ):
        await log_in(client, "Leyla")
        csrf = await csrf_of(client)
        heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

        async def listen() -> None:
            event: list[str] = []
            async with client.stream("GET", "/events/checkpoint") as stream:
                async for line in stream.aiter_lines():
                    if line.startswith(("event: ", "data: ")):
                        event.append(line.split(": ", 1)[1])
                    elif not line and event:
                        await heard.put((event[0], "\n".join(event[1:])))
                        event.clear()

        listening = asyncio.create_task(listen())
        kind, everything = await heard.get()
        assert kind == "parts"
        assert csrf in _part(everything, "calls")
        for name in (
            "now",
            "health",
            "calls",
            "visits",
            *(f"point-{name}" for name in room.checkpoint.points),
        ):
            assert f'id="{name}"' in everything
        room.checkpoint.change_point("lane-3", queue=2)
        await room.checkpoint.tell()
        kind, changed = await heard.get()
        assert re.findall(r' id="([^"]+)" data-is=', changed) == ["point-lane-3"]
        await client.post("/logout", data={"csrf": csrf})
        await room.checkpoint.tell()
        assert await heard.get() == ("logged-out", "")
        await listening
        assert room.app.state.desk.streams == 0


async def test_nothing_is_drawn_from_a_verdict_that_was_not_opened(room: Room) -> None:
    """Were the core to tell a corridor by mistake, no part of the screen changes for it."""
    gate: TinyCheckpoint = room.checkpoint
    visit = gate.arrive("v-1", "34KLM06", "approach", status=VisitStatus.ARRIVED)
    before = (await _ground(room).picture(_session("Leyla"))).parts
    gate.visits["v-1"] = replace(visit, corridor=Corridor.RED, lane="4")
    assert (await _ground(room).picture(_session("Leyla"))).parts == before


async def test_looks_are_kept_in_a_cookie_and_nonsense_is_none(room: Room, leyla: httpx.AsyncClient) -> None:
    """The rule follows the cookie; a foreign form cannot set it; nonsense means as the computer is."""
    assert "light dark" in (await leyla.get("/looks.css")).text
    refused = await leyla.post("/looks", data={"scheme": "dark"})
    assert refused.status_code == 403
    await leyla.post("/looks", data={"scheme": "dark", "csrf": await csrf_of(leyla)})
    assert "color-scheme: dark" in (await leyla.get("/looks.css")).text
    await leyla.post("/looks", data={"scheme": "mauve", "keys": "no-keys", "csrf": await csrf_of(leyla)})
    assert "color-scheme: dark" in (await leyla.get("/looks.css")).text
    assert "/static/keys.js" not in (await leyla.get("/")).text
    async with client_of(room.app) as stranger:
        stranger.cookies.set("gate_looks", "}body{display:none}+no-keys")
        assert (await stranger.get("/looks.css")).text == ":root { color-scheme: light dark; }\n"
