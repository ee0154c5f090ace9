"""RTSP cameras: who is let in, what a hanging one costs, and that nothing is decoded for nobody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

import pytest

from gate.settings import RtspCamera
from hardware.cameras import gop
from hardware.cameras.catalogue import build_camera
from hardware.cameras.pictures import Decoded
from hardware.cameras.port import Camera
from hardware.emulators.camera_guard import Guard
from hardware.emulators.rtp import Codec
from hardware.emulators.rtsp_camera import RtspServer
from tests.hardware.camera_bench import BLUE, RED, is_blue, is_red, started
from tests.hardware.posted import eventually

SECRET = "p:ss@w/1"


@asynccontextmanager
async def serving(codec: Codec = "h264", guard: Guard | None = None) -> AsyncIterator[RtspServer]:
    """One camera that sees BLUE."""
    async with RtspServer(codec, guard) as server:
        server.show("lane-1", BLUE)
        yield server


def rtsp(server: RtspServer, name: str = "lane-1", **more: Path | float | str) -> Camera:
    """The driver for it."""
    given = {"driver": "rtsp", "url": server.url(name), "timeout_seconds": 0.6, **more}
    return build_camera(RtspCamera.model_validate(given))


@pytest.mark.parametrize("scheme", ["basic", "digest"])
async def test_a_guarded_camera_lets_us_in(tmp_path: Path, scheme: Literal["basic", "digest"]) -> None:
    """The right pair sees; a wrong one is told so, without the password and without the address's own."""
    file = tmp_path / "credentials"
    file.write_text(f"root:{SECRET}x\n")
    async with (
        serving(guard=Guard("root", SECRET, scheme, qop=False)) as server,
        started(rtsp(server, credentials_file=file)) as camera,
    ):
        await eventually(lambda: "refuses our user or password" in str(camera.fault))
        assert "root" not in str(camera.fault)
        file.write_text(f"root:{SECRET}\n")
        await eventually(lambda: is_blue(camera.latest(0)))


@pytest.mark.parametrize("codec", ["h264", "mjpeg"])
async def test_udp_is_there_for_cameras_that_have_nothing_else(codec: Codec) -> None:
    """The same picture, by datagrams."""
    async with serving(codec) as server, started(rtsp(server, transport="udp")) as camera:
        await eventually(lambda: is_blue(camera.latest(0)))


async def test_a_wrong_path_is_named() -> None:
    """The camera is there and knows no such stream."""
    async with serving() as server, started(rtsp(server, "nowhere")) as camera:
        await eventually(lambda: "404" in str(camera.fault))
        assert server.url("nowhere") in str(camera.fault)


async def test_a_camera_that_answers_nothing_is_given_up_and_tried_again() -> None:
    """It takes the connection and then hangs: a fault in the set time, and a stop that does not wait long."""
    async with serving() as server:
        server.deaf = True
        camera = rtsp(server)
        began = time.monotonic()
        camera.start()
        assert time.monotonic() - began < 0.2
        assert camera.latest(0) is None
        await eventually(lambda: "no frame yet" not in str(camera.fault))
        assert time.monotonic() - began < 3
        server.deaf = False
        await eventually(lambda: is_blue(camera.latest(0)))
        server.deaf = True
        server.freeze("lane-1")
        began = time.monotonic()
        await asyncio.to_thread(camera.stop)
        assert time.monotonic() - began < 2.5


async def test_a_camera_that_falls_silent_is_a_fault_until_it_speaks() -> None:
    """An open connection without packets ends after the set time."""
    async with serving() as server, started(rtsp(server)) as camera:
        await eventually(lambda: camera.latest(0) is not None)
        server.freeze("lane-1")
        await eventually(lambda: camera.fault is not None)
        server.thaw("lane-1")
        await eventually(lambda: camera.fault is None)


async def test_nothing_is_decoded_until_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames come and go undecoded; the first look decodes from the last key frame on, the next go on."""
    decoded: list[int] = []
    plain = gop._Group.decode

    def counting(group: gop._Group, place: int) -> Decoded | None:
        decoded.append(place)
        return plain(group, place)

    monkeypatch.setattr(gop._Group, "decode", counting)
    async with serving() as server, started(rtsp(server, frozen_seconds=0)) as camera:
        await eventually(lambda: camera.age is not None)
        first = time.monotonic()
        await eventually(lambda: time.monotonic() - first > 0.5 and camera.fault is None)
        assert decoded == []
        server.show("lane-1", RED)
        await eventually(lambda: is_red(camera.latest(0)))
        frame = camera.latest(0)
        assert frame is not None
        await eventually(lambda: camera.latest(frame.sequence) is not None)
        assert decoded
        assert camera.refused == {}


async def test_a_stream_without_key_frames_is_refused_not_hoarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packets are kept up to a limit; what comes after it waits for the next key frame."""
    monkeypatch.setattr(gop, "MAX_GROUP_PACKETS", 3)
    async with serving() as server, started(rtsp(server)) as camera:
        await eventually(lambda: camera.refused.get("no-key-frame", 0) >= 2)
        await eventually(lambda: is_blue(camera.latest(0)))


async def test_a_server_that_is_no_camera_is_a_fault() -> None:
    """Nonsense, and an end in mid-answer."""
    answers = [b"SSH-2.0-OpenSSH\r\n", b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 99999\r\n\r\nv=0"]

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(answers[0])
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        url = f"rtsp://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
        for _ in range(2):
            settings = RtspCamera(driver="rtsp", url=url, timeout_seconds=1)
            async with started(build_camera(settings)) as camera:
                await eventually(lambda seen=camera: "no frame yet" not in str(seen.fault))  # type: ignore[misc]
                assert url in str(camera.fault)
            answers.reverse()
