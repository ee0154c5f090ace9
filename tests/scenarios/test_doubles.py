"""Over the whole daemon: one plate on two vehicles, a strange trailer, a call nobody answers, no number."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
from ruamel.yaml import YAML

from gate.config import load_site
from gate.demo.drivers import APPROACH
from gate.demo.script import Kind
from gate.demo.stage import Stage
from gate.demo.yard import Stay
from gate.model import Corridor, normalise_mark
from hardware.emulators.scenes import random_mark, render_scene
from tests.scenarios.day import Day

pytestmark = pytest.mark.asyncio(loop_scope="module")

REAR = "approach-rear"


class DoublesStage(Stage):
    """The demo site with a rear camera at its approach, two holding places, and impatient calls."""

    def _write_config(self) -> None:
        super()._write_config()
        yaml = YAML()
        site = yaml.load(self._config.read_text(encoding="utf-8"))
        site["points"][0]["rear"] = {"driver": "http-mjpeg", "url": self.cameras.url(REAR)}
        site["anpr"]["rear_seconds"] = 3.0
        site["holding_bay"] = [{"label": "H", "places": 9}, {"label": "H2", "places": 9}]
        site["timing"]["call_escalate"] = 3.0
        with self._config.open("w", encoding="utf-8") as file:
            yaml.dump(site, file)
        self.cameras.show(REAR, None)
        self.settings = load_site(self._config)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def day(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Day]:
    """A checkpoint whose approach sees both ends of a vehicle."""
    async with DoublesStage(tmp_path_factory.mktemp("site"), seed=8) as stage:
        day = Day(stage)
        await day.begin()
        yield day
        await day.end()


async def _at_approach(day: Day, stay: Stay) -> str:
    """The visit of the vehicle that stands at the approach, once it is answered."""
    await day.approach_says()
    shown = await day.until_phase(APPROACH, "held", "directed")
    day.stage.yard.leave(stay)
    await day.until_phase(APPROACH, "free")
    return str(shown["visit_id"])


async def test_two_vehicles_with_one_plate_are_held_with_an_alarm(day: Day) -> None:
    """A RED vehicle stands in its lane while its plate comes to the approach a second time."""
    script = day.script(Kind.PLAIN, Corridor.RED)
    await day.drivers.declare(script)
    lane = await day.directed(script)
    inside = await day.rolls_up(script, lane)
    first = str((await day.until_phase(lane, "control"))["visit_id"])
    second = await _at_approach(day, await day.rolls_up(script, APPROACH))
    assert "cloned-plate" in day.findings(second)
    assert "cloned-plate" in day.findings(first)
    alarms = day.journal("SELECT reason FROM calls WHERE alarm = 1 AND visit_id = ?", second)
    assert any(first in why and second in why and f"stands at {lane}" in why for (why,) in alarms)
    assert day.raises(lane) == 0
    done, message = await day.officer.act("TurnBack", visit_id=second, reason="false plates")
    assert done, message
    done, message = await day.officer.act("ReleaseVisit", visit_id=first, checked=["goods", "plates"])
    assert done, message
    await day.until_phase(lane, "passing")
    await day.stage.yard.drive_through(inside, 0.05)
    await day.until_phase(lane, "free")
    await day.until_delivered()
    assert "alarm.cloned-plate" in day.told_central()[second]


@pytest.mark.parametrize("own", [True, False], ids=["its own trailer", "a strange trailer"])
async def test_the_rear_camera_knows_the_trailer(day: Day, own: bool) -> None:
    """The declared trailer goes on; another one is held, and the pictures of both ends are kept."""
    script = day.script(Kind.PLAIN, Corridor.GREEN)
    declared = str(normalise_mark(random_mark("AZ", day.rng)))
    seen = declared if own else str(normalise_mark(random_mark("AZ", day.rng)))
    number = await day.traders.file(Corridor.GREEN, (script.mark, declared))
    cached = day.drivers._is_cached
    await day.until(lambda: cached(number, script.mark), "the feed to bring it")
    day.stage.cameras.show(REAR, render_scene(seen, country="AZ", seed=script.seed + 1))
    visit_id = await _at_approach(day, await day.rolls_up(script, APPROACH))
    day.stage.cameras.show(REAR, None)
    ((body,),) = day.journal("SELECT body FROM journal_full WHERE visit = ? AND kind = 'PlateSeen'", visit_id)
    trailer = json.loads(body)["event"]["trailer"]
    assert (trailer["mark"], trailer["sure"]) == (seen, True)
    view = await day.officer.visit(visit_id)
    assert ("trailer-mismatch" in day.findings(visit_id)) is not own
    assert view["status"] == ("directed" if own else "held")
    if not own:
        assert view["lane"] in ("H", "H2")


async def test_a_call_nobody_answers_reaches_central(day: Day) -> None:
    """The driver presses "I have no number" and nobody comes: alarm, then central; "I am coming" ends it."""
    script = day.script(Kind.UNKNOWN)
    stay = await day.rolls_up(script, APPROACH)
    visit_id = str((await day.until_phase(APPROACH, "held"))["visit_id"])
    async with httpx2.AsyncClient(base_url=day.stage.kiosk_url, timeout=10, verify=day.stage.trust) as kiosk:
        answer = await kiosk.post(f"/api/{APPROACH}/help", json={"reason": "no-number"})
        assert answer.status_code == httpx2.codes.ACCEPTED
    await day.until(
        lambda: bool(day.journal("SELECT 1 FROM calls WHERE level = 3 AND visit_id = ?", visit_id)),
        "the call to reach central",
    )
    await day.until_delivered()
    told = day.told_central()[visit_id]
    assert "help.no-number" in told
    assert "call.escalated" in told
    calls = (await day.officer.overview())["calls"]
    assert calls[0]["level"] == 3
    for call in calls:
        if call["visit_id"] == visit_id:
            done, message = await day.officer.act("AcknowledgeCall", call_id=call["call_id"])
            assert done, message
    assert not [c for c in (await day.officer.overview())["calls"] if c["visit_id"] == visit_id]
    day.stage.yard.leave(stay)
    await day.until_phase(APPROACH, "free")
