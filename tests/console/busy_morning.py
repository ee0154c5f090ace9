"""A checkpoint at a busy moment: something in every lane, a call, an alarm, pictures. For eyes and tests."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from gate.lanes.commands import BoardMessage, MessageKind
from gate.model import Corridor, Finding, Outcome, VisitStatus
from tests.console.tiny_checkpoint import TinyCheckpoint


def keep(folder: Path, picture: Image.Image) -> str:
    """Keep a picture as evidence; its SHA-256 name."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    name = hashlib.sha256(buffer.getvalue()).hexdigest()
    (folder / name[:2]).mkdir(exist_ok=True)
    (folder / name[:2] / f"{name}.jpg").write_bytes(buffer.getvalue())
    return name


def crop(mark: str) -> Image.Image:
    """A plate as a camera crops it."""
    picture = Image.new("RGB", (300, 98), (32, 36, 40))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((14, 16, 286, 82), 8, fill=(236, 236, 228), outline=(30, 30, 30), width=3)
    draw.rectangle((18, 20, 40, 78), fill=(30, 70, 160))
    draw.text((163, 49), mark, fill=(20, 20, 20), anchor="mm", font=ImageFont.load_default(40))
    return picture.filter(ImageFilter.GaussianBlur(0.8))


def scene(mark: str) -> Image.Image:
    """A lorry at the approach, at dawn."""
    picture = Image.new("RGB", (640, 400))
    draw = ImageDraw.Draw(picture)
    for y in range(400):
        shade = y / 400
        draw.line((0, y, 640, y), fill=(int(96 - 40 * shade), int(112 - 50 * shade), int(132 - 72 * shade)))
    draw.polygon([(0, 400), (210, 190), (430, 190), (640, 400)], fill=(52, 54, 56))
    draw.rounded_rectangle((205, 60, 435, 330), 12, fill=(168, 50, 44))
    draw.rounded_rectangle((222, 86, 418, 178), 8, fill=(28, 38, 46))
    draw.rectangle((205, 250, 435, 318), fill=(60, 62, 64))
    for x in (228, 380):
        draw.ellipse((x, 216, x + 32, 242), fill=(252, 244, 206))
    picture.paste(crop(mark).resize((126, 41)), (257, 270))
    return picture.filter(ImageFilter.GaussianBlur(0.9))


def busy_morning(evidence: Path) -> TinyCheckpoint:
    """Every lane at work. Pictures go to `evidence`."""
    gate = TinyCheckpoint()
    direct = "declaration in time, verdict opened on arrival"
    for visit_id, mark, corridor, lane, minutes in (
        ("v-101", "90XB417", Corridor.GREEN, "1", 0),
        ("v-102", "AA117BB", Corridor.YELLOW, "3", 2),
        ("v-103", "34KLM06", Corridor.RED, "4", 4),
        ("v-104", "10PT882", Corridor.BLUE, "2", 9),
    ):
        found = Finding("directed", "7.0", Outcome.DIRECT, direct)
        status = VisitStatus.RELEASED if corridor is Corridor.GREEN else VisitStatus.DIRECTED
        gate.arrive(
            visit_id,
            mark,
            "approach",
            corridor=corridor,
            status=status,
            lane=lane,
            minutes=minutes,
            finding=found,
        )
    late = Finding(
        "late-declaration", "2.2", Outcome.HOLD, "registered 34 min before arrival; 60 min are wanted"
    )
    gate.arrive("v-105", "77CC120", "approach", minutes=7, finding=late)
    unread = Finding("plate-unread", "8.0.1", Outcome.HOLD, "a number was typed, but no plate could be read")
    gate.arrive("v-106", None, "approach", minutes=11, finding=unread)

    go = BoardMessage(MessageKind.GO)
    approach = keep(evidence, scene("99BA731"))
    gate.change_point(
        "approach",
        phase="held",
        arming="occupied",
        visit_id="v-106",
        evidence=(approach, keep(evidence, crop("?9BA73"))),
        plate=None,
        message=BoardMessage(MessageKind.WAIT, "H"),
    )
    gate.change_point(
        "lane-1",
        phase="passing",
        arming="clear",
        safety="occupied",
        barrier="up",
        visit_id="v-101",
        plate="90XB417",
        evidence=(keep(evidence, crop("90 XB 417")),),
        message=go,
    )
    gate.change_point("lane-2", queue=1)
    gate.change_point(
        "lane-3",
        phase="control",
        arming="occupied",
        visit_id="v-102",
        plate="AA117BB",
        evidence=(keep(evidence, crop("AA 117 BB")),),
        message=BoardMessage(MessageKind.WAIT, "H"),
    )
    gate.change_point(
        "lane-4",
        phase="control",
        arming="occupied",
        visit_id="v-103",
        plate="34KLM06",
        evidence=(keep(evidence, crop("34 KLM 06")),),
        message=BoardMessage(MessageKind.WAIT, "H"),
    )
    gate.change_point(
        "exit-1",
        phase="recovery",
        barrier="unknown",
        safety="unknown",
        arming="unknown",
        faults=("io: no heartbeat for 6 s",),
    )
    gate.change_point("hall-1", attended=True)
    gate.call("c-1", "approach", "plate unread, a number was typed", visit_id="v-106")
    gate.call("c-2", "lane-4", "a vehicle entered that was not directed here", alarm=True)
    gate.pictures["v-103"] = (keep(evidence, scene("34KLM06")), keep(evidence, crop("34 KLM 06")))
    for at, what in (
        ("approach", "plate read 34KLM06, 3 frames agree"),
        ("approach", "matched with one declaration; verdict opened"),
        ("approach", "directed to lane 4 (Rules 7.0.4)"),
        ("lane-4", "plate read again, the visit found"),
        ("lane-4", "waits for an officer's release (Rules 5.8)"),
    ):
        gate.note("v-103", at, what)
    return gate
