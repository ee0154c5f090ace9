"""Whatever bytes arrive: no exception leaves the face, no 500 is answered, and everything is counted."""

from __future__ import annotations

import asyncio
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gate.anpr.passage.merging import MergedReaders
from gate.anpr.push import pace
from gate.anpr.push.app import create_push
from gate.anpr.push.refusals import CHALLENGED, TAKEN
from gate.settings import Push
from hardware.emulators.anpr_camera import HikvisionCamera, WebhookCamera, crop_jpeg
from tests.anpr.push.bench import Counted, hikvision, webhook
from tests.console.conftest import HandClock
from tests.console.serving import client_of

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
KINDS = ("no-read", "no-plate", "sure", "unsure")
XML = "application/xml"
FORM = "multipart/form-data; boundary=boundary"

NOW = HandClock().now().utc
"""Cameras and gate stand at one moment: nothing is stale, so that every byte is looked at."""


class StillCamera(WebhookCamera):
    """A webhook camera at that moment."""

    def signed(self, body: bytes) -> dict[str, str]:
        """As they would be at that moment."""
        self.clock.wrong = NOW - datetime.now(UTC)
        return super().signed(body)


sound = HikvisionCamera("http://gate.test", "isapi").alert("10-AA-123", captured=NOW)
form = HikvisionCamera.form(sound, {"detectionPicture.jpg": crop_jpeg()})


@st.composite
def mangled(draw: st.DrawFn, whole: bytes) -> bytes:
    """A sound message with a few of its bytes cut out, doubled or replaced."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(min_value=1, max_value=4))):
        at = draw(st.integers(min_value=0, max_value=len(data)))
        end = min(len(data), at + draw(st.integers(min_value=0, max_value=40)))
        data[at:end] = draw(st.one_of(st.binary(max_size=12), st.just(bytes(data[at:end]) * 2)))
    return bytes(data)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
fields = st.sampled_from(
    ("version", "camera", "nonce", "captured_at", "plate", "country", "confidence", "pictures")
)


def taken() -> float:
    """Messages taken so far."""
    return float(sum(TAKEN.labels(kind)._value.get() for kind in KINDS))


async def answers(requests: list[tuple[str, dict[str, str], bytes]]) -> list[int]:
    """The statuses of these posts (point, headers, body), every one counted somewhere."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        points: dict[str, Push] = {"isapi": hikvision(folder), "hook": webhook(folder)}
        told: list[Any] = []
        readers = MergedReaders(
            (),
            points,
            60,
            HandClock(),
            lambda point, passage, read, _trailer: told.append((point, passage, read)),
        )
        app = create_push(points, readers, folder / "evidence", HandClock())
        for point in points:
            readers.start_reading(point, "p1")
        try:
            async with client_of(app, "127.0.0.1") as client:
                client.auth = httpx2.DigestAuth("camera", "camera-password")
                statuses = []
                for point, headers, body in requests:
                    counted, had, asked = Counted(), taken(), CHALLENGED._value.get()
                    answer = await client.post(f"/{point}", headers=headers, content=body)
                    statuses.append(answer.status_code)
                    grown = sum(counted.since().values()) + taken() - had
                    assert grown >= 1, (
                        f"uncounted: {answer.status_code}, {CHALLENGED._value.get() - asked} asked"
                    )
                    assert answer.status_code in (200, 400, 401), answer.status_code
                    assert answer.content == b""
        finally:
            readers.close()
            await asyncio.sleep(0)
        return statuses


@pytest.fixture(autouse=True)
def no_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes are what is tried here, not how often."""
    monkeypatch.setattr(pace, "BURST", 1e9)


@FEW
@given(body=st.one_of(st.binary(max_size=300), mangled(sound)))
async def test_any_xml(body: bytes) -> None:
    """Garbage and nearly sound alerts."""
    await answers([("isapi", {"Content-Type": XML}, body)])


@FEW
@given(
    body=st.one_of(st.binary(max_size=300), mangled(form)),
    kind=st.one_of(st.just(FORM), st.sampled_from(("", "multipart/form-data", "text/plain", FORM + ';;="'))),
)
async def test_any_form(body: bytes, kind: str) -> None:
    """Garbage and nearly sound forms, under sound and unsound content types."""
    await answers([("isapi", {"Content-Type": kind}, body)])


@FEW
@given(value=json_values, field=fields, instead=json_values, mangling=st.data())
async def test_any_json(value: Any, field: str, instead: Any, mangling: st.DataObject) -> None:
    """Signed nonsense: other JSON, one field of it other, and bytes of it other."""
    camera = StillCamera("http://gate.test", "hook")
    message = camera.message("10-AA-123", NOW, {})
    bodies = [json.dumps(value).encode(), json.dumps(message | {field: instead}).encode()]
    bodies.append(mangling.draw(mangled(json.dumps(message).encode())))
    await answers([("hook", camera.signed(body), body) for body in bodies])


@FEW
@given(header=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200))
async def test_any_log_in(header: str) -> None:
    """An Authorization header of anything is refused or challenged, and so are signature headers."""
    headers = {
        "Authorization": "Digest " + header.strip(),
        "X-Gate-Signature": header,
        "X-Gate-Timestamp": header,
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        points: dict[str, Push] = {"isapi": hikvision(folder), "hook": webhook(folder)}
        readers = MergedReaders((), points, 60, HandClock(), lambda *_: None)
        async with client_of(create_push(points, readers, folder, HandClock()), "127.0.0.1") as client:
            for point in points:
                counted, asked = Counted(), CHALLENGED._value.get()
                answer = await client.post(f"/{point}", headers=headers, content=b"{}")
                assert answer.status_code == 401
                assert sum(counted.since().values()) + CHALLENGED._value.get() - asked == 1


@pytest.mark.parametrize(
    "xml",
    [
        sound.replace(b"?>", b'?><!DOCTYPE a [<!ENTITY a "aaaa">]>').replace(b"LANE", b"&a;"),
        sound.replace(b"?>", b'?><!DOCTYPE a SYSTEM "file:///etc/passwd">'),
        sound.replace(b"LANE", b"<a>" * 30 + b"</a>" * 30),
        sound.replace(b"LANE", b"x" * 70_000),
        b"<?xml version='1.0' encoding='klingon'?><EventNotificationAlert/>",
        b"<other/>",
        b"<EventNotificationAlert/>",
        b"",
    ],
    ids=["bomb", "external", "deep", "long", "encoding", "other", "no-time", "empty"],
)
async def test_hostile_xml_is_malformed(xml: bytes) -> None:
    """No entity is expanded, nothing fetched, nothing deep or long kept, in an alert sound but for that."""
    counted = Counted()
    assert await answers([("isapi", {"Content-Type": XML}, xml)]) == [400]
    assert counted.since() == {"malformed": 1}


async def test_a_deep_json_and_many_parts_are_malformed() -> None:
    """Nesting and parts without end."""
    camera = StillCamera("http://gate.test", "hook")
    deep = b"[" * 100_000
    many = HikvisionCamera.form(sound, {f"{number}.jpg": b"x" for number in range(20)})
    counted = Counted()
    requests = [("hook", camera.signed(deep), deep), ("isapi", {"Content-Type": FORM}, many)]
    assert await answers(requests) == [400, 400]
    assert counted.since() == {"malformed": 2}
