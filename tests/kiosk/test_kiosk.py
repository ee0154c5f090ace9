"""The kiosk's own requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx2 as httpx
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from gate.kiosk.app import create_kiosk
from gate.kiosk.booth import booth_in
from gate.kiosk.codes import code_as_svg
from gate.kiosk.pages import check_rows
from gate.lanes.commands import BoardMessage, MessageKind
from gate.model import Corridor, NotificationNumber, Onward, damm_digit
from tests.console.conftest import HandClock
from tests.console.serving import client_of
from tests.console.tiny_checkpoint import WAIT, TinyCheckpoint, number

GOOD = number("482913756012")
KIOSKS = {"approach": "approach", "hall-1": "terminal"}


@pytest.fixture
def gate() -> TinyCheckpoint:
    """A checkpoint in memory."""
    return TinyCheckpoint()


@pytest.fixture
def clock() -> HandClock:
    """Time that the test moves."""
    return HandClock()


@pytest.fixture
def kiosk(gate: TinyCheckpoint, clock: HandClock) -> FastAPI:
    """Its kiosks."""
    return create_kiosk(gate, clock, KIOSKS)


@pytest.fixture
async def driver(kiosk: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at a kiosk."""
    async with client_of(kiosk) as client:
        yield client


async def test_every_well_formed_number_gets_the_same_answer(
    driver: httpx.AsyncClient, gate: TinyCheckpoint
) -> None:
    """Byte for byte, whatever the number means, even when the gate fails over it."""
    answers = [
        await driver.post("/api/approach/number", json={"number": number(digits)})
        for digits in ("482913756012", "000000000000", "999999999999")
    ]
    await gate.heard("numbers", 3)
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b'{"accepted":true}')}
    assert len({tuple(answer.headers.items()) for answer in answers}) == 1
    assert gate.numbers[0] == ("approach", GOOD)


async def test_a_failure_behind_the_kiosk_is_logged_and_not_told(clock: HandClock) -> None:
    """The driver's answer is the same; the reason is in the log."""

    class Broken(TinyCheckpoint):
        async def give_number(self, point: str, number: NotificationNumber) -> None:
            await super().give_number(point, number)
            raise RuntimeError("the desk is on fire")

    gate = Broken()
    with capture_logs() as logs:
        app = create_kiosk(gate, clock, KIOSKS)
        async with client_of(app) as client:
            answer = await client.post("/api/hall-1/number", json={"number": GOOD})
            await asyncio.gather(*app.state.booth._telling, return_exceptions=True)
    assert (answer.status_code, answer.content) == (202, b'{"accepted":true}')
    assert [entry["event"] for entry in logs] == ["kiosk.not_passed_on"]
    assert GOOD not in str(logs)


@pytest.mark.parametrize(
    "typed", ["", "1", "4829137560121", f"{GOOD}0", "x" * 13, "٤" * 13, "4" * 500, 4829137560120, None]
)
async def test_a_slip_is_gently_refused(
    driver: httpx.AsyncClient, gate: TinyCheckpoint, typed: object
) -> None:
    """422 and a sentence; the gate hears nothing."""
    answer = await driver.post("/api/approach/number", json={"number": typed})
    assert answer.status_code == 422
    assert "compare it with your notice" in answer.json()["error"]
    assert gate.numbers == []


async def test_help_is_called(driver: httpx.AsyncClient, gate: TinyCheckpoint) -> None:
    """For the two reasons there are."""
    for reason in ("no-number", "call"):
        assert (await driver.post("/api/hall-1/help", json={"reason": reason})).status_code == 202
    await gate.heard("help", 2)
    assert gate.help == [("hall-1", "no-number"), ("hall-1", "call")]
    assert (await driver.post("/api/hall-1/help", json={"reason": ["call"]})).status_code == 422


@pytest.mark.parametrize(
    ("message", "says"),
    [
        (BoardMessage(MessageKind.BLANK), {"kind": "blank"}),
        (WAIT, {"kind": "wait", "lane": "H"}),
        (BoardMessage(MessageKind.REFER, "G"), {"kind": "refer", "lane": "G", "code": "v1"}),
        (
            BoardMessage(MessageKind.DIRECT, "3", Corridor.YELLOW),
            {
                "kind": "direct",
                "lane": "3",
                "corridor": "YELLOW",
                "routes": ["samur - Quba"],
                "hours": 48,
                "code": "v1",
            },
        ),
    ],
)
async def test_the_kiosk_says_what_the_board_says(
    driver: httpx.AsyncClient, gate: TinyCheckpoint, message: BoardMessage, says: dict[str, object]
) -> None:
    """And no more: the way on and the visit's code only of whoever was sent on."""
    nothing: dict[str, object] = dict.fromkeys(("kind", "lane", "corridor", "hours", "code"))
    gate.onward["approach"] = Onward(("samur - Quba",), 48)
    gate.change_point("approach", message=message, visit_id="v1")
    assert (await driver.get("/api/approach")).json() == nothing | {"routes": []} | says


async def test_the_visits_code_is_for_a_photograph_where_no_paper_comes(
    driver: httpx.AsyncClient, gate: TinyCheckpoint, kiosk: FastAPI
) -> None:
    """It holds the visit's id alone; with a printer that prints it is on the slip instead."""
    assert (await driver.get("/api/approach/code.svg")).status_code == 404
    gate.change_point("approach", message=BoardMessage(MessageKind.DIRECT, "3", Corridor.RED), visit_id="v1")
    shown = await driver.get("/api/approach/code.svg")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/svg+xml")
    assert shown.content == code_as_svg("v1")
    paper = True
    booth_in(kiosk).prints["approach"] = lambda: paper
    assert (await driver.get("/api/approach/code.svg")).status_code == 404
    assert (await driver.get("/api/approach")).json()["code"] is None
    paper = False
    assert (await driver.get("/api/approach")).json()["code"] == "v1"
    gate.change_point("approach", message=WAIT)
    assert (await driver.get("/api/approach/code.svg")).status_code == 404


async def test_a_script_at_a_hundred_a_second_is_slowed_and_counted(
    driver: httpx.AsyncClient, gate: TinyCheckpoint, clock: HandClock
) -> None:
    """Three seconds of it: ten numbers get through, the rest are told to wait; everybody else is served."""
    before = _refused("too-often")
    for _ in range(3):
        burst = [driver.post("/api/approach/number", json={"number": GOOD}) for _ in range(100)]
        answers = await asyncio.gather(*burst)
        assert {answer.status_code for answer in answers} <= {202, 429}
        assert all(int(a.headers["retry-after"]) >= 1 for a in answers if a.status_code == 429)
        clock.forward(1)
    assert _refused("too-often") - before == 290
    assert (await driver.get("/api/approach")).status_code == 200
    assert (await driver.post("/api/hall-1/number", json={"number": GOOD})).status_code == 202
    assert (await driver.post("/api/approach/help", json={"reason": "call"})).status_code == 202
    await gate.heard("numbers", 11)
    assert len(gate.numbers) == 11


def _refused(why: str) -> float:
    return REGISTRY.get_sample_value("gate_kiosk_refused_total", {"point": "approach", "why": why}) or 0.0


async def test_what_is_no_kiosk_is_not_found(driver: httpx.AsyncClient, gate: TinyCheckpoint) -> None:
    """Lanes have none, nor have points that do not exist."""
    for point in ("lane-1", "nowhere", "%2e%2e"):
        assert (await driver.get(f"/{point}")).status_code == 404
        assert (await driver.get(f"/{point}/az")).status_code == 404
        assert (await driver.get(f"/api/{point}")).status_code == 404
        assert (await driver.post(f"/api/{point}/number", json={"number": GOOD})).status_code == 404
    assert (await driver.get("/approach/xx")).status_code == 404
    assert gate.numbers == []


async def test_guessing_is_slowed_and_help_is_not(
    driver: httpx.AsyncClient, gate: TinyCheckpoint, clock: HandClock
) -> None:
    """After ten tries 429 with Retry-After; calling an officer, and the other kiosk, still work."""
    for _ in range(10):
        assert (await driver.post("/api/approach/number", json={"number": GOOD})).status_code == 202
    slowed = await driver.post("/api/approach/number", json={"number": GOOD})
    assert (slowed.status_code, slowed.headers["retry-after"]) == (429, "2")
    assert (await driver.post("/api/approach/help", json={"reason": "call"})).status_code == 202
    assert (await driver.post("/api/hall-1/number", json={"number": GOOD})).status_code == 202
    clock.forward(11)
    assert (await driver.post("/api/approach/number", json={"number": GOOD})).status_code == 202
    await gate.heard("numbers", 12)
    assert len(gate.numbers) == 12


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[]", "application/json", 422),
        (b'"number"', "application/json", 422),
        (b'{"number": "1"}', "text/plain", 415),
        (b"number=1", "application/x-www-form-urlencoded", 415),
        (b"x" * 2000, "application/json", 413),
    ],
)
async def test_bad_bodies_are_refused(
    driver: httpx.AsyncClient, gate: TinyCheckpoint, body: bytes, kind: str, status: int
) -> None:
    """Each by its own status, and the next driver is served."""
    answer = await driver.post("/api/approach/number", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.json()["error"]
    assert (await driver.post("/api/approach/number", json={"number": GOOD})).status_code == 202
    await gate.heard("numbers", 1)


async def test_pages_are_safe_and_alike_for_everybody(
    driver: httpx.AsyncClient, gate: TinyCheckpoint
) -> None:
    """Strict headers, and the page does not depend on what the board says: the script asks for that."""
    before = await driver.get("/approach/fa")
    assert "default-src 'none'" in before.headers["content-security-policy"]
    assert before.headers["cache-control"] == "no-store"
    assert '<html lang="fa" dir="rtl">' in before.text
    assert "<script>" not in before.text
    assert " style=" not in before.text
    gate.change_point("approach", message=BoardMessage(MessageKind.DIRECT, "4", Corridor.RED))
    assert (await driver.get("/approach/fa")).text == before.text


def test_the_pages_check_digit_is_the_models() -> None:
    """The table given to the script finds what `damm_digit` finds."""
    rows = check_rows()
    for digits in ("000000000000", "482913756012", "918273645546", "572"):
        state = 0
        for digit in digits:
            state = int(rows[state][int(digit)])
        assert str(state) == damm_digit(digits)


def test_a_point_may_not_hide_the_kiosks_own_paths(gate: TinyCheckpoint, clock: HandClock) -> None:
    """Refused at start, by name."""
    with pytest.raises(ValueError, match="static"):
        create_kiosk(gate, clock, {"static": "terminal"})
