"""A Hikvision camera pushes over real HTTP: log-in, multipart, presence, evidence, and everything wrong."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gate.anpr.push import app as push_app
from gate.anpr.push.refusals import CHALLENGED
from hardware.emulators.anpr_camera import HikvisionCamera, crop_jpeg, scene_jpeg
from tests.anpr.push.bench import MARK, Counted, bench, hikvision, until


async def known(camera: HikvisionCamera) -> None:
    """Two messages of nobody's presence: the gate then knows how the camera's clock stands."""
    for _ in range(2):
        assert await camera.push(None, event="heartbeat", pictures={}) == 200


async def test_a_pushed_read_answers_the_passage_with_its_pictures(tmp_path: Path) -> None:
    """Logged in by Digest, during the presence, well written and confident: sure, scene and crop kept."""
    async with (
        bench(tmp_path, {"lane-1": hikvision(tmp_path)}) as gate,
        HikvisionCamera(gate.base, "lane-1") as camera,
    ):
        await known(camera)
        counted = Counted()
        gate.readers.start_reading("lane-1", "p1")
        assert await camera.push("10-AA-123") == 200
        read = await gate.answered()
        assert read is not None
        assert (read.mark, read.country, read.confidence, read.sure) == (MARK, "AZ", 0.95, True)
        names = tuple(hashlib.sha256(data).hexdigest() for data in (scene_jpeg(), crop_jpeg()))
        assert read.evidence == names
        assert [gate.evidence.path_of(name).read_bytes() for name in names] == [scene_jpeg(), crop_jpeg()]
        assert gate.answers == [("lane-1", "p1", read)]
        assert counted.since() == {}


async def test_the_first_message_after_a_start_is_not_sure(tmp_path: Path) -> None:
    """Nothing yet says whether it is prompt or a backlog: it is shown to the officer and opens nothing."""
    settings = hikvision(tmp_path)
    async with (
        bench(tmp_path, {"lane-1": settings}, give_up=0.5) as gate,
        HikvisionCamera(gate.base, "lane-1") as camera,
    ):
        gate.readers.start_reading("lane-1", "p1")
        assert await camera.push("10-AA-123") == 200
        read = await gate.answered()
        assert read is not None
        assert (read.mark, read.sure) == (MARK, False)
        gate.readers.start_reading("lane-1", "p2")
        assert await camera.push("10-AA-123") == 200
        read = await gate.answered(2)
        assert read is not None
        assert read.sure


async def status_of(base: str, request: bytes) -> int:
    """Send these bytes and wait for the status, though the request never ends."""
    place = httpx2.URL(base)
    reader, writer = await asyncio.open_connection(place.host, place.port)
    try:
        writer.write(request)
        return int((await reader.readline()).split()[1])
    finally:
        writer.transport.abort()


async def test_no_plate_is_no_read(tmp_path: Path) -> None:
    """The camera saw none: nothing is answered before the time is over, then None, once."""
    async with (
        bench(tmp_path, {"lane-1": hikvision(tmp_path)}, give_up=0.3) as gate,
        HikvisionCamera(gate.base, "lane-1") as camera,
    ):
        counted = Counted()
        gate.readers.start_reading("lane-1", "p1")
        assert await camera.push(None) == 200
        assert await gate.answered() is None
        assert gate.answers == [("lane-1", "p1", None)]
        assert counted.since() == {}


async def test_outside_a_presence_nothing_is_taken(tmp_path: Path) -> None:
    """Before it, after its answer, after it was stopped, and in another lane's: refused and counted."""
    points = {"lane-1": hikvision(tmp_path), "lane-2": hikvision(tmp_path)}
    async with bench(tmp_path, points) as gate, HikvisionCamera(gate.base, "lane-1") as camera:
        await known(camera)
        counted = Counted()
        assert await camera.push("10-AA-123") == 200
        gate.readers.start_reading("lane-2", "other")
        assert await camera.push("10-AA-123") == 200
        gate.readers.start_reading("lane-1", "p1")
        assert await camera.push("10-AA-123") == 200
        assert gate.answer_of("p1") is not None
        assert await camera.push("10-AA-123") == 200
        gate.readers.start_reading("lane-1", "p2")
        gate.readers.stop_reading("lane-1", "p2")
        assert await camera.push("10-AA-123") == 200
        assert counted.since() == {"presence": 4}
        assert [passage for _, passage, _ in gate.answers] == ["p1"]
        kept = {path.stem for path in (tmp_path / "evidence").rglob("*.jpg")}
        read = gate.answer_of("p1")
        assert read is not None
        assert kept == set(read.evidence)


async def test_a_read_captured_before_the_vehicle_came_is_refused(tmp_path: Path) -> None:
    """The last vehicle's read, delayed on its way: told by its camera's own messages."""
    settings = hikvision(tmp_path, clock_seconds=300)
    async with bench(tmp_path, {"lane-1": settings}) as gate, HikvisionCamera(gate.base, "lane-1") as camera:
        camera.clock.wrong = timedelta(seconds=-100)
        counted = Counted()
        gate.readers.start_reading("lane-1", "p0")
        # The gate started a moment ago, and this clock is behind: nothing is taken of before the start.
        assert await camera.push("10-AA-123") == 200
        assert counted.since() == {"stale": 1}
        camera.clock.wrong = timedelta(seconds=100)
        await known(camera)
        gate.readers.stop_reading("lane-1", "p0")
        gate.readers.start_reading("lane-1", "p1")
        late = camera.clock.now() - timedelta(seconds=5)
        assert await camera.push("99-ZZ-999", captured=late) == 200
        assert counted.since() == {"stale": 1, "presence": 1}
        assert await camera.push("10-AA-123") == 200
        read = await gate.answered()
        assert read is not None
        assert (read.mark, read.sure) == (MARK, True)


async def test_a_clock_far_from_ours_is_refused(tmp_path: Path) -> None:
    """Beyond clock_seconds either way the message is stale, whatever it says."""
    async with (
        bench(tmp_path, {"lane-1": hikvision(tmp_path)}) as gate,
        HikvisionCamera(gate.base, "lane-1") as camera,
    ):
        counted = Counted()
        gate.readers.start_reading("lane-1", "p1")
        for away in (-40, 40):
            camera.clock.wrong = timedelta(seconds=away)
            assert await camera.push("10-AA-123") == 200
        assert counted.since() == {"stale": 2}
        assert gate.answers == []


async def test_a_repeated_upload_is_refused(tmp_path: Path) -> None:
    """The same event again, freshly logged in: a camera's retry, or somebody who has its password."""
    async with (
        bench(tmp_path, {"lane-1": hikvision(tmp_path)}) as gate,
        HikvisionCamera(gate.base, "lane-1") as camera,
    ):
        await known(camera)
        counted = Counted()
        at = camera.clock.now()
        assert await camera.push("10-AA-123", captured=at) == 200
        gate.readers.start_reading("lane-1", "p1")
        assert await camera.push("10-AA-123", captured=at, count=2) == 200
        assert await camera.push("99-ZZ-999", uuid="one-event") == 200
        gate.readers.start_reading("lane-1", "p2")
        assert await camera.push("10-AA-123", uuid="one-event") == 200
        assert counted.since() == {"presence": 1, "replay": 2}


async def test_a_recorded_request_is_worthless(tmp_path: Path) -> None:
    """Byte for byte again, by whoever listened: its log-in was good once. Nobody's password is tried."""
    async with (
        bench(tmp_path, {"lane-1": hikvision(tmp_path)}) as gate,
        HikvisionCamera(gate.base, "lane-1") as camera,
    ):
        await known(camera)
        counted = Counted()
        gate.readers.start_reading("lane-1", "p1")
        assert await camera.replay() == 401
        assert counted.since() == {"replay": 1}
        assert gate.answers == []


async def test_a_log_in_is_for_one_path(tmp_path: Path) -> None:
    """A request recorded at one lane and sent to another's path is not logged in there."""
    points = {"lane-1": hikvision(tmp_path), "lane-2": hikvision(tmp_path)}
    async with bench(tmp_path, points) as gate, HikvisionCamera(gate.base, "lane-1") as camera:
        await known(camera)
        gate.readers.start_reading("lane-2", "p1")
        assert await camera.replay(point="lane-2") == 401
        assert gate.answers == []


@pytest.mark.parametrize(("user", "password"), [("camera", "wrong"), ("admin", "camera-password")])
async def test_the_wrong_log_in_is_refused(tmp_path: Path, user: str, password: str) -> None:
    """Wrong user and wrong password get the same answer, counted; a bare request is asked to log in."""
    async with bench(tmp_path, {"lane-1": hikvision(tmp_path)}) as gate:
        gate.readers.start_reading("lane-1", "p1")
        counted, asked = Counted(), CHALLENGED._value.get()
        async with HikvisionCamera(gate.base, "lane-1", user=user, password=password) as camera:
            assert await camera.push("10-AA-123") == 401
        assert counted.since() == {"auth": 1}
        assert CHALLENGED._value.get() == asked + 1
        assert gate.answers == []


async def test_basic_is_taken_over_tls_only(tmp_path: Path) -> None:
    """Without TLS in front the password would be everybody's: refused, and not even asked for."""
    settings = hikvision(tmp_path, auth="basic")
    async with bench(tmp_path, {"lane-1": settings}) as gate:
        counted = Counted()
        async with HikvisionCamera(gate.base, "lane-1", basic=True) as camera:
            body, headers = camera.form(camera.alert(None, event="heartbeat"), {}), camera.headers
            assert await camera.push_bytes(body) == 401
            assert counted.since() == {"auth": 1}
            # As the TLS proxy on this machine passes it on.
            proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"} | headers
            async with httpx2.AsyncClient(trust_env=False) as proxy:
                url = f"{gate.base}/lane-1"
                bare = await proxy.post(url, content=body, headers=proxied)
                assert bare.status_code == 401
                assert bare.headers["WWW-Authenticate"].startswith("Basic ")
                for password, status in (("camera-password", 200), ("wrong", 401)):
                    answer = await proxy.post(url, content=body, headers=proxied, auth=("camera", password))
                    assert answer.status_code == status
        assert counted.since() == {"auth": 2}


async def test_strangers_learn_nothing(tmp_path: Path) -> None:
    """An address not allowed, an unknown path, another method: one empty answer for all, and counted."""
    points = {"lane-1": hikvision(tmp_path, sources=("10.20.1.21",)), "lane-2": hikvision(tmp_path)}
    async with bench(tmp_path, points) as gate, httpx2.AsyncClient(trust_env=False) as stranger:
        counted = Counted()
        answers = [
            await stranger.post(f"{gate.base}/lane-1", content=b"x"),
            await stranger.post(f"{gate.base}/lane-9", content=b"x"),
            await stranger.get(f"{gate.base}/lane-2"),
            await stranger.delete(f"{gate.base}/"),
        ]
        assert {(answer.status_code, answer.content) for answer in answers} == {(404, b"")}
        assert len({tuple(name for name in answer.headers if name != "date") for answer in answers}) == 1
        assert counted.since() == {"source": 4}


async def test_a_known_and_an_unknown_plate_get_one_answer(tmp_path: Path) -> None:
    """Whatever becomes of a read, its sender learns the same: nothing."""
    async with bench(tmp_path, {"lane-1": hikvision(tmp_path)}) as gate:
        heard: list[httpx2.Response] = []

        async def hear(answer: httpx2.Response) -> None:
            if answer.status_code != 401:
                heard.append(answer)

        async with HikvisionCamera(gate.base, "lane-1") as camera:
            camera._client.event_hooks = {"response": [hear]}
            await known(camera)
            gate.readers.start_reading("lane-1", "p1")
            for plate, at in (("unknown", 0), ("10-AA-123", 0), ("10-AA-123", -100), ("ZZZ", 0)):
                await camera.push(plate, captured=camera.clock.now() + timedelta(seconds=at))
        told = {(each.status_code, each.content, each.headers["content-length"]) for each in heard}
        assert told == {(200, b"", "0")}


async def test_size_and_rate_are_limited_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too long by its own word or in fact is 413; more than a camera sends is 429; others go on."""
    monkeypatch.setattr(push_app, "MOST_BODY_BYTES", 300_000)
    async with (
        bench(tmp_path, {"lane-1": hikvision(tmp_path)}) as gate,
        HikvisionCamera(gate.base, "lane-1") as camera,
    ):
        counted = Counted()
        head = b"POST /lane-1 HTTP/1.1\r\nHost: gate\r\n"
        assert await status_of(gate.base, head + b"Content-Length: 99999999999\r\n\r\n") == 413
        chunk = b"7530\r\n" + b"x" * 30_000 + b"\r\n"
        untold = head + b"Transfer-Encoding: chunked\r\n\r\n" + 11 * chunk
        assert await status_of(gate.base, untold) == 413
        assert counted.since() == {"size": 2}
        async with httpx2.AsyncClient(trust_env=False) as client:
            statuses = [
                (await client.post(f"{gate.base}/lane-1", content=b"x")).status_code for _ in range(30)
            ]
        assert set(statuses) == {401, 429}
        assert counted.since()["rate"] == statuses.count(429) >= 5
        assert await camera.push("10-AA-123") == 429


async def test_a_body_cut_off_is_counted(tmp_path: Path) -> None:
    """The camera hangs up half way, or sends half a form as a whole one: malformed, and the face goes on."""
    async with (
        bench(tmp_path, {"lane-1": hikvision(tmp_path)}) as gate,
        HikvisionCamera(gate.base, "lane-1") as camera,
    ):
        await known(camera)
        counted = Counted()
        body = camera.form(camera.alert("10-AA-123"), {"detectionPicture.jpg": scene_jpeg()})
        assert await camera.push_bytes(body[: len(body) // 2]) == 400
        assert counted.since() == {"malformed": 1}
        await camera.hang_up_within(camera.headers, body)
        await until(lambda: counted.since() == {"malformed": 2})
        gate.readers.start_reading("lane-1", "p1")
        assert await camera.push("10-AA-123") == 200
        assert await gate.answered() is not None


async def test_another_camera_channel_or_line_is_refused(tmp_path: Path) -> None:
    """A recorder sends for all its lanes: each point takes its own only."""
    settings = hikvision(tmp_path, mac="44:a6:42:00:00:01", channel=1, line=2)
    async with bench(tmp_path, {"lane-1": settings}) as gate, HikvisionCamera(gate.base, "lane-1") as camera:
        counted = Counted()
        gate.readers.start_reading("lane-1", "p1")
        assert await camera.push("10-AA-123", line=1) == 200
        camera.channel = 7
        assert await camera.push("10-AA-123", line=2) == 200
        camera.channel, camera.mac = 1, "44:a6:42:00:00:02"
        assert await camera.push("10-AA-123", line=2) == 200
        assert counted.since() == {"camera": 3}
        camera.mac = "44:a6:42:00:00:01"
        assert await camera.push("10-AA-123", line=2) == 200
        assert counted.since() == {"camera": 3}


async def test_a_bad_picture_costs_the_picture(tmp_path: Path) -> None:
    """No JPEG, half a JPEG, a bomb of a JPEG: the read stands without it; an empty part is nothing."""
    bomb = bytearray(crop_jpeg())
    at = bomb.index(b"\xff\xc0") + 5
    bomb[at : at + 4] = b"\xff\xff\xff\xff"
    async with (
        bench(tmp_path, {"lane-1": hikvision(tmp_path)}) as gate,
        HikvisionCamera(gate.base, "lane-1") as camera,
    ):
        await known(camera)
        for number, bad in enumerate((b"<svg/>", scene_jpeg()[:-400], bytes(bomb))):
            counted = Counted()
            gate.readers.start_reading("lane-1", f"p{number}")
            shown = {"detectionPicture.jpg": bad, "licensePlatePicture.jpg": crop_jpeg(), "other.jpg": b""}
            assert await camera.push("10-AA-123", pictures=shown) == 200
            read = await gate.answered(number + 1)
            assert read is not None
            assert read.sure
            assert read.evidence == (hashlib.sha256(crop_jpeg()).hexdigest(),)
            assert counted.since() == {"picture": 1}


@pytest.mark.parametrize(
    ("plate", "fields", "mark", "sure"),
    [
        ("10-AA-123", {"confidence": 89}, MARK, False),
        ("10-AA-123", {"confidence": 90}, MARK, True),
        ("9O-AA-234", {}, "90AA234", True),
        ("10-AA-123", {"country": "GE"}, MARK, False),
        ("AB-123-CD", {"country": "GE"}, "AB123CD", True),
        ("AB-123-CD", {"country": "28"}, "AB123CD", True),
        ("10-AA-123", {"country": "77"}, MARK, False),
        ("10-AA-123", {"country": "unknown"}, MARK, True),
        ("XX-1-XX-1", {"country": "unknown"}, "XX1XX1", False),
    ],
)
async def test_alone_it_is_sure_only_when_confident_and_well_written(
    tmp_path: Path, plate: str, fields: dict[str, Any], mark: str, sure: bool
) -> None:
    """At the limit or above, and written as the state it names writes; a state nobody knows is not sure."""
    settings = hikvision(tmp_path, countries={"28": "GE"})
    async with (
        bench(tmp_path, {"lane-1": settings}, give_up=0.4) as gate,
        HikvisionCamera(gate.base, "lane-1") as camera,
    ):
        await known(camera)
        gate.readers.start_reading("lane-1", "p1")
        assert await camera.push(plate, pictures={}, **fields) == 200
        read = await gate.answered()
        assert read is not None
        assert (read.mark, read.sure) == (mark, sure)


async def test_too_many_reads_of_one_passage_are_refused(tmp_path: Path) -> None:
    """A camera that pushes without end fills no memory and no disk."""
    async with (
        bench(tmp_path, {"lane-1": hikvision(tmp_path)}) as gate,
        HikvisionCamera(gate.base, "lane-1") as camera,
    ):
        counted = Counted()
        gate.readers.start_reading("lane-1", "p1")
        for _ in range(9):
            assert await camera.push("10-AA-123", confidence=50, pictures={}) == 200
        assert counted.since() == {"rate": 1}
