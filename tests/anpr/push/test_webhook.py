"""The gate's own webhook over real HTTP: signed as a whole, fresh, once."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import re
import sys
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gate.anpr.passage.evidence import EvidenceFolder
from gate.anpr.push import pictures
from gate.anpr.push.app import create_push
from gate.anpr.push.webhook import signature_of
from gate.clock import SystemClock
from gate.errors import ConfigError
from hardware.emulators.anpr_camera import WebhookCamera, crop_jpeg, scene_jpeg
from tests.anpr.push.bench import MARK, Counted, bench, hikvision, until, webhook


async def known(camera: WebhookCamera) -> None:
    """Two messages of nobody's presence: the gate then knows how the camera's clock stands."""
    for _ in range(2):
        assert await camera.push(None, pictures={}) == 200


async def test_a_signed_read_answers_the_passage_with_its_pictures(tmp_path: Path) -> None:
    """Fields the gate does not know are ignored; scene and crop are kept."""
    async with (
        bench(tmp_path, {"lane-1": webhook(tmp_path)}) as gate,
        WebhookCamera(gate.base, "lane-1") as camera,
    ):
        await known(camera)
        counted = Counted()
        gate.readers.start_reading("lane-1", "p1")
        assert await camera.push("10 AA 123", colour="white") == 200
        read = await gate.answered()
        assert read is not None
        assert (read.mark, read.country, read.sure) == (MARK, "AZ", True)
        assert read.evidence == tuple(
            hashlib.sha256(data).hexdigest() for data in (scene_jpeg(), crop_jpeg())
        )
        assert counted.since() == {}


async def test_a_recorded_message_is_refused(tmp_path: Path) -> None:
    """Signature and all, a second time: its nonce was seen. To another lane's path: another secret."""
    points = {"lane-1": webhook(tmp_path)}
    (tmp_path / "other").mkdir()
    points["lane-2"] = webhook(tmp_path / "other")
    (tmp_path / "other/secret").write_text("f" * 32, encoding="utf-8")
    points["lane-3"] = webhook(tmp_path, camera="cam-3")
    async with bench(tmp_path, points) as gate, WebhookCamera(gate.base, "lane-1") as camera:
        assert await camera.push("10-AA-123") == 200
        counted = Counted()
        for point in points:
            gate.readers.start_reading(point, "p1")
        assert await camera.replay() == 200
        assert counted.since() == {"replay": 1}
        assert await camera.replay(point="lane-2") == 401
        assert counted.since() == {"replay": 1, "auth": 1}
        assert await camera.replay(point="lane-3") == 200
        assert counted.since() == {"replay": 1, "auth": 1, "camera": 1}
        assert gate.answers == []


@pytest.mark.parametrize("what", ["secret", "body", "timestamp", "none"])
async def test_a_message_not_signed_whole_is_refused(tmp_path: Path, what: str) -> None:
    """Another secret, a changed body, a changed time, no signature: 401 and counted."""
    async with (
        bench(tmp_path, {"lane-1": webhook(tmp_path)}) as gate,
        WebhookCamera(gate.base, "lane-1") as camera,
    ):
        gate.readers.start_reading("lane-1", "p1")
        counted = Counted()
        body = b'{"version": 1}'
        headers = camera.signed(body)
        match what:
            case "secret":
                camera.secret = "f" * 32
                headers = camera.signed(body)
            case "body":
                body += b" "
            case "timestamp":
                headers["X-Gate-Timestamp"] = str(float(headers["X-Gate-Timestamp"]) + 1)
            case _:
                headers = {}
        assert await camera._post(headers, body) == 401
        assert counted.since() == {"auth": 1}


async def test_a_time_out_of_limits_is_refused(tmp_path: Path) -> None:
    """By our clock: sent or captured too long ago or in the future, or before the gate was started."""
    settings = webhook(tmp_path, clock_seconds=10)
    async with bench(tmp_path, {"lane-1": settings}) as gate, WebhookCamera(gate.base, "lane-1") as camera:
        gate.readers.start_reading("lane-1", "p1")
        counted = Counted()
        for wrong in (-20, 20, -5):
            camera.clock.wrong = timedelta(seconds=wrong)
            assert await camera.push("10-AA-123") == 200
        camera.clock.wrong = timedelta(0)
        assert await camera.push("10-AA-123", captured=camera.clock.now() - timedelta(seconds=11)) == 200
        assert counted.since() == {"stale": 4}
        assert gate.answers == []


@pytest.mark.parametrize(
    "fields",
    [
        {"version": 2},
        {"nonce": "short"},
        {"captured_at": "2026-05-04T10:00:00"},
        {"captured_at": 12},
        {"confidence": 1.5},
        {"confidence": "0.9"},
        {"plate": 7},
        {"plate": "X" * 33},
        {"plate": "\u0416\u0416123"},
        {"pictures": {"scene": "!"}},
        {"pictures": []},
    ],
    ids=str,
)
async def test_a_message_that_is_not_the_schema_is_refused(tmp_path: Path, fields: dict[str, Any]) -> None:
    """Signed or not: 400, counted, and nothing of it is taken."""
    async with (
        bench(tmp_path, {"lane-1": webhook(tmp_path)}) as gate,
        WebhookCamera(gate.base, "lane-1") as camera,
    ):
        gate.readers.start_reading("lane-1", "p1")
        counted = Counted()
        message = camera.message("10-AA-123", camera.clock.now()) | fields
        assert await camera.push_bytes(json.dumps(message).encode()) == 400
        assert counted.since() == {"malformed": 1}
        assert gate.answers == []


async def test_a_full_disk_costs_the_pictures(tmp_path: Path) -> None:
    """The read goes on without them: the lane does not wait for a disk."""
    async with (
        bench(tmp_path, {"lane-1": webhook(tmp_path)}) as gate,
        WebhookCamera(gate.base, "lane-1") as camera,
    ):
        (tmp_path / "evidence").write_text("in the way", encoding="utf-8")
        await known(camera)
        gate.readers.start_reading("lane-1", "p1")
        assert await camera.push("10-AA-123") == 200
        read = await gate.answered()
        assert read is not None
        assert (read.sure, read.evidence) == (True, ())


async def test_a_vehicle_that_leaves_while_its_pictures_are_written_is_not_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk takes its time and the lane does not wait: the read comes to nothing, and is counted."""
    writing, done = threading.Event(), threading.Event()
    real = pictures.keep

    def slow(folder: EvidenceFolder, shown: Sequence[bytes]) -> tuple[tuple[str, ...], list[str]]:
        writing.set()
        assert done.wait(10)
        return real(folder, shown)

    monkeypatch.setattr(pictures, "keep", slow)
    async with (
        bench(tmp_path, {"lane-1": webhook(tmp_path)}) as gate,
        WebhookCamera(gate.base, "lane-1") as camera,
    ):
        await known(camera)
        counted = Counted()
        gate.readers.start_reading("lane-1", "p1")
        pushing = asyncio.create_task(camera.push("10-AA-123"))
        await until(writing.is_set)
        gate.readers.stop_reading("lane-1", "p1")
        done.set()
        assert await pushing == 200
        assert counted.since() == {"presence": 1}
        assert gate.answers == []


def test_a_picture_of_too_many_pixels_is_refused() -> None:
    """A sound JPEG, small on disk, that would fill memory wherever it is shown."""
    made = io.BytesIO()
    Image.new("L", (6500, 6500)).save(made, "JPEG")
    assert len(made.getvalue()) < pictures.MOST_BYTES
    assert pictures.fault_of(made.getvalue()) == f"larger than {pictures.MOST_PIXELS} pixels"


async def test_hanging_up_half_way_is_counted(tmp_path: Path) -> None:
    """The signature covers the whole body, so half of one is nothing."""
    async with (
        bench(tmp_path, {"lane-1": webhook(tmp_path)}) as gate,
        WebhookCamera(gate.base, "lane-1") as camera,
    ):
        counted = Counted()
        body = json.dumps({"version": 1}).encode()
        await camera.hang_up_within(camera.signed(body), body)
        await until(lambda: counted.since() == {"malformed": 1})


def test_the_documented_signature() -> None:
    """The worked example of docs/wiring/cameras-push.md, which people check their own code against."""
    made = signature_of(b"0123456789abcdef0123456789abcdef", "1780000000.000", b'{"version":1}')
    text = (Path(__file__).parents[3] / "docs/wiring/cameras-push.md").read_text(encoding="utf-8")
    assert made in text


@pytest.mark.parametrize("text", ["", "no-colon", "a:b\nc:d", ":x", "user:"])
def test_an_unusable_login_file_is_said_at_the_start(tmp_path: Path, text: str) -> None:
    """Which point, which key, which file."""
    settings = hikvision(tmp_path)
    settings.login_file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"lane-1 push\.login_file: .*/login"):
        create_push({"lane-1": settings}, None, tmp_path, SystemClock())  # type: ignore[arg-type]


def test_an_unusable_secret_file_is_said_at_the_start(tmp_path: Path) -> None:
    """Too short to be guessed slowly, or not there."""
    settings = webhook(tmp_path)
    settings.secret_file.write_text("f" * 31, encoding="utf-8")
    with pytest.raises(ConfigError, match="shorter than 32"):
        create_push({"lane-1": settings}, None, tmp_path, SystemClock())  # type: ignore[arg-type]
    settings.secret_file.unlink()
    with pytest.raises(ConfigError, match=r"lane-1 push\.secret_file"):
        create_push({"lane-1": settings}, None, tmp_path, SystemClock())  # type: ignore[arg-type]


async def test_the_documented_sender_is_understood(tmp_path: Path) -> None:
    """The program of docs/wiring/cameras-push.md, run as it stands but for the address."""
    page = (Path(__file__).parents[3] / "docs/wiring/cameras-push.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    settings = webhook(tmp_path)
    async with bench(tmp_path, {"lane-1": settings}) as gate:
        counted = Counted()
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program.replace("http://10.20.1.1:8443", gate.base), cwd=tmp_path
        )
        assert await child.wait() == 0
        assert counted.since() == {"presence": 1}
