"""A vehicle rolls up, its camera pushes, the lane acts: real lane, real journal, real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from gate.anpr.passage.merging import MergedReaders
from gate.anpr.push.app import create_push
from gate.lanes.events import Detector, Occupancy, PlateSeen
from gate.lanes.state import Phase
from gate.model import Corridor, PlateRead
from hardware.emulators.anpr_camera import HikvisionCamera
from hardware.emulators.broker import free_port
from tests.anpr.push.bench import Counted, OwnReader, hikvision
from tests.app.daemon import PATIENCE, Daemon, ended
from tests.console.serving import served
from tests.lanes.gatehouse import House, gatehouse
from tests.lanes.stories import read
from tests.sealing.made import ARRIVED
from tests.store.kept import rows

LANE = "lane-1"


@asynccontextmanager
async def pushed_lane(
    folder: Path, cameras: tuple[str, ...] = ()
) -> AsyncIterator[tuple[House, HikvisionCamera, MergedReaders]]:
    """A GREEN lane a vehicle was directed to, whose camera pushes; the gate knows the camera's clock."""
    merged: list[MergedReaders] = []
    pushes = {LANE: hikvision(folder)}

    def prepare(house: House) -> None:
        def on_read(point: str, passage_id: str, seen: PlateRead | None, _trailer: PlateRead | None) -> None:
            house.points[point].post(PlateSeen(at=house.clock.now(), passage_id=passage_id, read=seen))

        merged.append(MergedReaders(cameras, pushes, 8.0, house.clock, on_read))
        merged[0].own = OwnReader()
        point = house.points[LANE]
        point.around = replace(point.around, reader=merged[0])

    async with gatehouse(folder, prepare=prepare) as house:
        app = create_push(pushes, merged[0], folder / "evidence", house.clock)
        async with served(app) as base, HikvisionCamera(base, LANE) as camera:
            camera.clock.wrong = ARRIVED - datetime.now(UTC) + (house.clock.now().utc - ARRIVED)
            for _ in range(2):
                assert await camera.push(None, event="heartbeat", pictures={}) == 200
            await house.rests(LANE)
            await house.has_directed("visit-1", Corridor.GREEN, LANE)
            try:
                yield house, camera, merged[0]
            finally:
                merged[0].close()
    await asyncio.sleep(0)


async def test_presence_then_push_then_the_barrier(tmp_path: Path) -> None:
    """Pushed before the vehicle stands there it is nothing; pushed during its presence it releases it."""
    async with pushed_lane(tmp_path) as (house, camera, _):
        counted = Counted()
        assert await camera.push("10-AA-123") == 200
        assert counted.since() == {"presence": 1}
        assert house.points[LANE].state.phase is Phase.FREE
        house.detector(LANE, Detector.ARMING, Occupancy.OCCUPIED)
        await house.phase(LANE, Phase.READING)
        assert await camera.push("10-AA-123") == 200
        await house.phase(LANE, Phase.RAISING)
        assert counted.since() == {"presence": 1}
    ((body,),) = rows(tmp_path / "journal.db", "SELECT body FROM journal_full WHERE kind = 'PlateSeen'")
    kept = {path.stem for path in (tmp_path / "evidence").rglob("*.jpg")}
    assert len(kept) == 2
    assert all(name in str(body) for name in kept)


async def test_readers_that_disagree_leave_the_vehicle_to_the_officer(tmp_path: Path) -> None:
    """The gate reads one mark, its camera another, both surely: the lane holds."""
    async with pushed_lane(tmp_path, (LANE,)) as (house, camera, readers):
        house.detector(LANE, Detector.ARMING, Occupancy.OCCUPIED)
        await house.phase(LANE, Phase.READING)
        own = readers.own
        assert isinstance(own, OwnReader)
        await house.until(lambda: bool(own.wanted))
        assert await camera.push("10-AA-128") == 200
        ((point, passage_id),) = own.wanted
        assert house.points[LANE].state.phase is Phase.READING
        readers.own_answered(point, passage_id, read(), None)
        await house.phase(LANE, Phase.HELD)


async def test_a_vehicle_that_leaves_takes_its_presence_with_it(tmp_path: Path) -> None:
    """Backing out ends the reading: the read that comes then is refused, and the next vehicle's is not it."""
    async with pushed_lane(tmp_path) as (house, camera, _):
        house.detector(LANE, Detector.ARMING, Occupancy.OCCUPIED)
        await house.phase(LANE, Phase.READING)
        gone = camera.clock.now()
        house.detector(LANE, Detector.ARMING, Occupancy.CLEAR)
        await house.phase(LANE, Phase.FREE)
        counted = Counted()
        assert await camera.push("10-AA-123", captured=gone) == 200
        assert counted.since() == {"presence": 1}
        assert house.points[LANE].state.phase is Phase.FREE


async def until_listening(port: int) -> None:
    """Return once somebody answers there: the console may answer a moment earlier."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)
                continue
            writer.close()
            await writer.wait_closed()
            return


async def test_the_daemon_serves_the_push_address(tmp_path: Path) -> None:
    """`gate run` with a pushing camera: its read is understood, refused (nobody is there), counted."""
    async with ended(Daemon(tmp_path)) as daemon:
        port = free_port()
        login = daemon.data / "login"
        login.write_text("camera:camera-password\n", encoding="utf-8")
        daemon.site["push_listen"] = {"host": "127.0.0.1", "port": port}
        point = next(point for point in daemon.site["points"] if point["name"] == LANE)
        del point["camera"]
        point["push"] = {"driver": "hikvision", "sources": ["127.0.0.1"], "login_file": str(login)}
        daemon.write_config()
        await daemon.start()
        health = await daemon.until_answering()
        assert health["safe_mode"] is None
        base = f"http://127.0.0.1:{port}"
        await until_listening(port)
        async with HikvisionCamera(base, LANE) as camera, httpx2.AsyncClient(trust_env=False) as stranger:
            assert await camera.push("10-AA-123") == 200
            assert (await stranger.post(f"{base}/exit-1", content=b"x")).status_code == 404
        figures = await daemon.metrics()
        assert figures['gate_anpr_push_refused_total{reason="presence"}'] == 1
        assert figures['gate_anpr_push_refused_total{reason="source"}'] == 1
        (line,) = (line for line in daemon.log("anpr.push_refused") if line["reason"] == "presence")
        assert (line["point"], line["source"]) == (LANE, "127.0.0.1")
        code, seconds = await daemon.stop()
        assert code == 0
        assert seconds < 5
