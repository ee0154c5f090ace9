"""What breaks around a running checkpoint, and mends: its messages, its cameras, its plate reader."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from gate.demo.drivers import APPROACH
from gate.demo.script import Kind
from gate.demo.stage import Stage
from gate.model import Corridor
from hardware.links.mqtt_session import MqttSession
from tests.app.daemon import PATIENCE, faults, figures
from tests.scenarios.day import Day

pytestmark = pytest.mark.asyncio(loop_scope="module")

LANE = "gate/v1/samur/lane-2/io"
BOOT = {"boot_id": "stranger"}
REFUSED_MESSAGES: tuple[tuple[str, str, bytes], ...] = (
    ("not-json", f"{LANE}/state", b"OCCUPIED"),
    ("not-json", f"{LANE}/ack", b"\xff\xfe\x00{}"),
    ("wrong-shape", f"{LANE}/state", json.dumps(BOOT | {"seq": -4, "arming": "perhaps"}).encode()),
    ("wrong-shape", "gate/v1/samur/lane-2/board/state", b"[]"),
    ("wrong-shape", f"{LANE}/availability", json.dumps(BOOT | {"state": "sulking"}).encode()),
    ("too-large", f"{LANE}/event", b'{"boot_id": "x", "what": "' + b"a" * 100_000 + b'"}'),
    ("wrong-site", "gate/v1/astara/lane-2/io/state", json.dumps(BOOT | {"seq": 1}).encode()),
    ("unknown-device", "gate/v1/samur/lane-9/io/state", json.dumps(BOOT | {"seq": 1}).encode()),
    ("unknown-topic", "gate/v1/samur/lane-2/io/gossip", b"{}"),
    ("foreign-command", f"{LANE}/cmd", json.dumps(BOOT | {"cmd_id": "1", "do": "raise"}).encode()),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def day(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Day]:
    """A quiet checkpoint that each test leaves as it found it."""
    async with Stage(tmp_path_factory.mktemp("site"), seed=8) as stage:
        day = Day(stage)
        await day.begin()
        yield day
        await day.end()


async def test_wrong_messages_are_counted_and_logged_and_the_lane_goes_on(day: Day) -> None:
    """Ten bad messages of seven kinds on the lane's own topics; the next BLUE vehicle passes as ever."""
    broker = day.stage.broker
    assert broker is not None, "mosquitto is missing: install it with `apt install mosquitto`"
    before = await _refused(day)
    intruder = MqttSession(broker.host, broker.port, "intruder", lambda _: None, lambda _: None)
    await intruder.open(())
    try:
        for _, topic, payload in REFUSED_MESSAGES:
            intruder.publish(topic, payload)
        wanted = {reason: before.get(reason, 0.0) for reason, _, _ in REFUSED_MESSAGES}
        for reason, _, _ in REFUSED_MESSAGES:
            wanted[reason] += 1
        await _until_refused(day, wanted)
    finally:
        await intruder.close()
    lines = (day.stage.edge / "log.jsonl").read_text(encoding="utf-8").splitlines()
    logged = [line for line in map(json.loads, lines) if line["event"] == "mqtt.message_refused"]
    said = {(line["reason"], line["topic"]) for line in logged}
    assert {(reason, topic) for reason, topic, _ in REFUSED_MESSAGES} <= said
    assert day.raises("lane-2") == 0, "a stranger's command moved the barrier"
    ending = await day.plays(Kind.PLAIN, Corridor.BLUE)
    assert ending.as_scripted, ending
    assert ending.lane == "lane-2"


async def test_a_camera_without_frames_is_a_fault_and_mends_itself(day: Day) -> None:
    """Frozen before the daemon starts, so it never had a frame: named at its point, gone with the first."""
    await day.stage.stop_daemon()
    day.stage.cameras.freeze(APPROACH)
    await day.stage.start_daemon(ready=False)
    await day.officer.log_in()
    health = await _until(day, lambda health: "camera" in faults(health, APPROACH), "the camera's fault")
    assert "no frame" in faults(health, APPROACH)["camera"]
    day.stage.cameras.thaw(APPROACH)
    await _until(day, lambda health: not faults(health, APPROACH), "the camera to mend")
    await _is_read(day)


async def test_a_killed_plate_reader_costs_reading_and_comes_back(day: Day) -> None:
    """Killed under a standing vehicle: that visit ends as scripted, the lanes go on, the next is read."""
    day.stage.cameras.freeze(APPROACH)  # so that it is still being read when its reader dies
    coming = asyncio.create_task(day.plays(Kind.PLAIN, Corridor.GREEN))
    await day.until_phase(APPROACH, "reading")
    old = _reader(day)
    os.kill(old, signal.SIGKILL)
    health = await _until(day, lambda health: health["anpr"].startswith("restarting"), "the loss to show")
    phases = {point["name"]: point["phase"] for point in health["points"]}
    assert {phases[name] for name in phases if name.startswith("lane")} == {"free"}
    day.stage.cameras.thaw(APPROACH)
    ending = await coming
    assert ending.as_scripted, ending
    await _until(day, lambda health: health["anpr"] == "ok", "a new reader")
    assert _reader(day) != old
    await _until(day, lambda health: not faults(health, APPROACH), "the camera to be seen again")
    await _is_read(day)


async def _is_read(day: Day) -> None:
    """A vehicle goes through without any officer; a busy machine may miss one in time, not three."""
    endings = []
    for _ in range(3):
        endings.append(await day.plays(Kind.PLAIN, Corridor.GREEN))
        assert endings[-1].as_scripted, endings[-1]
        if not endings[-1].helped:
            return
    raise AssertionError(f"no plate was read: {endings}")


def _reader(day: Day) -> int:
    lines = (day.stage.edge / "log.jsonl").read_text(encoding="utf-8").splitlines()
    started = [line for line in map(json.loads, lines) if line["event"] == "anpr.child_started"]
    return int(started[-1]["pid"])


async def _ask(day: Day, path: str) -> httpx2.Response:
    async with httpx2.AsyncClient(
        base_url=day.stage.console_url, trust_env=False, verify=day.stage.trust
    ) as client:
        return await client.get(path)


async def _refused(day: Day) -> dict[str, float]:
    found = figures((await _ask(day, "/metrics")).text)
    prefix = 'gate_mqtt_refused_total{reason="'
    return {name[len(prefix) : -2]: value for name, value in found.items() if name.startswith(prefix)}


async def _until_refused(day: Day, wanted: dict[str, float]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not wanted.items() <= (counted := await _refused(day)).items():
        assert time.monotonic() < deadline, f"counted {counted}, wanted {wanted}"
        await asyncio.sleep(0.05)


async def _until(day: Day, wanted: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE
    while True:
        health: dict[str, Any] = (await _ask(day, "/healthz")).json()
        if wanted(health):
            return health
        assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s for {what}: {health}"
        await asyncio.sleep(0.02)
