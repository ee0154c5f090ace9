"""Looking for a vehicle or a declaration at the console."""

from __future__ import annotations

from dataclasses import replace

import httpx2 as httpx
import pytest

from gate.lanes.ports import Declared
from gate.model import (
    Category,
    Corridor,
    DeclarationStatus,
    RegistrationMark,
    TransportMode,
    VisitStatus,
    group_number,
)
from tests.console.conftest import Room
from tests.console.serving import client_of, log_in
from tests.console.tiny_checkpoint import MORNING, number

NUMBER = number("482913756012")
DECLARED = Declared(
    NUMBER,
    2,
    DeclarationStatus.ACTIVE,
    Category.GOODS,
    TransportMode.ROAD,
    (RegistrationMark("34KLM06"), RegistrationMark("34TRL99")),
    MORNING,
)


@pytest.mark.parametrize("query", [NUMBER, group_number(NUMBER), "34 klm-06", "34KL", "34TRL99"])
async def test_a_declaration_is_found_by_number_or_plate(
    room: Room, leyla: httpx.AsyncClient, query: str
) -> None:
    """However it is written, and by the beginning of any of its marks; what was declared, no corridor."""
    room.checkpoint.declared.append(DECLARED)
    page = (await leyla.get("/search", params={"q": query})).text
    for words in (group_number(NUMBER), "34KLM06", "34TRL99", "active", "goods, road, version 2"):
        assert words in page
    assert not any(corridor in page for corridor in Corridor)
    answer = (await leyla.get("/api/search", params={"q": query})).json()
    assert answer["visits"] == []
    (told,) = answer["declarations"]
    assert set(told) == {
        "number", "version", "status", "category", "mode", "marks", "registered_at", "preliminary", "cargo",
    }  # fmt: skip
    assert told["marks"] == ["34KLM06", "34TRL99"]


async def test_a_visit_shows_its_corridor_once_its_verdict_was_opened(
    room: Room, leyla: httpx.AsyncClient
) -> None:
    """Even if the core told one too early, no search tells it before; a visit that is over is found, too."""
    visit = room.checkpoint.arrive("v-1", "34KLM06", "approach", status=VisitStatus.ARRIVED)
    room.checkpoint.visits["v-1"] = replace(visit, corridor=Corridor.RED, lane="4")
    for path in ("/search", "/api/search"):
        assert "RED" not in (await leyla.get(path, params={"q": "34KLM06"})).text
    room.checkpoint.visits["v-1"] = replace(
        visit, corridor=Corridor.RED, opened=True, status=VisitStatus.COMPLETED
    )
    page = (await leyla.get("/search", params={"q": "34KLM06"})).text
    assert "RED" in page
    assert 'href="/visits/v-1"' in page


@pytest.mark.parametrize("query", ["12", "--", "x" * 41])
async def test_what_asks_for_nothing_is_told_what_to_type(leyla: httpx.AsyncClient, query: str) -> None:
    """Too little of a plate, or a text too long."""
    page = await leyla.get("/search", params={"q": query})
    assert page.status_code == 422
    assert "13 digits" in page.text
    assert (await leyla.get("/api/search", params={"q": query})).status_code == 422


async def test_what_was_typed_is_shown_as_text(leyla: httpx.AsyncClient) -> None:
    """Markup stays letters."""
    page = (await leyla.get("/search", params={"q": '"><script>'})).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


async def test_an_empty_search_is_a_form(leyla: httpx.AsyncClient) -> None:
    """Without a word of what is wrong: nobody has asked yet."""
    page = await leyla.get("/search")
    assert page.status_code == 200
    assert 'role="search"' in page.text
    assert 'role="alert"' not in page.text


async def test_who_may_search(room: Room) -> None:
    """Officers, shift leads and auditors; a technician is neither offered it nor answered, nor a stranger."""
    room.checkpoint.declared.append(DECLARED)
    for name, status in (("Leyla", 200), ("Nigar", 200), ("Rauf", 200), ("Togrul", 403)):
        async with client_of(room.app) as client:
            await log_in(client, name)
            for path in ("/search", "/api/search"):
                answer = await client.get(path, params={"q": NUMBER})
                assert answer.status_code == status
                assert ("34KLM06" in answer.text) is (status == 200)
            assert ('role="search"' in (await client.get("/")).text) is (status == 200)
    async with client_of(room.app) as stranger:
        assert (await stranger.get("/search", params={"q": NUMBER})).status_code == 303
        assert (await stranger.get("/api/search", params={"q": NUMBER})).status_code == 401


async def test_there_may_be_more_than_is_shown(room: Room, leyla: httpx.AsyncClient) -> None:
    """Then the page says so."""
    search = room.checkpoint.search

    async def cut(wanted: object) -> object:
        return replace(await search(wanted), more=True)  # type: ignore[arg-type]  # passed on as it came

    room.checkpoint.search = cut  # type: ignore[method-assign, assignment]  # a checkpoint with much to show
    assert "There is more" in (await leyla.get("/search", params={"q": "34K"})).text
