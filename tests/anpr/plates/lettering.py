"""Pictures of vehicles that bear lettering and no plate, alike in every run: no font need be installed."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from gate.anpr.recogniser import Image
from gate.anpr.training.approach import SIZE, Approach, draw_approach
from gate.anpr.training.chance import around, between, chance
from gate.anpr.training.scenes_mounting import is_convex, set_in
from gate.anpr.training.scenes_spoiling import spoil
from gate.anpr.training.scenes_vehicles import Drawing, Gray, draw_ground, draw_vehicle, fill

LETTERING: Final[dict[str, tuple[str, ...]]] = {
    "phone numbers": (
        "+994 50 212 34 56", "(012) 345 67 89", "0322 55 01 42", "8-800-555-35-35", "TEL 555 0142",
    ),
    "hauliers": ("MEGA TRANS", "AZ TRANS LTD", "KARABAG LOJISTIK", "SPED 24", "EURO 6", "4X4 TURBO"),
    "makers": (
        "ACTROS 1845", "TGX 18.440", "FH16 750", "XF 105.460", "R 450", "SCANIA R620", "KAMAZ 5490", "S 500",
    ),
    "dates": ("24.12.2025", "12/2024", "2025-11-28", "TUV 03 26"),
    "web addresses": ("www.trans24.az", "CARGO24.GE", "info@mtx1.kz"),
    "road signs": ("EXIT 79B", "E60", "M1 A4", "KM 125", "MAX 80 KM", "STOP", "A2 45 km"),
    "containers": ("MSKU 123456 7", "TCLU 483920 1", "HLXU 200841 9", "22G1", "45R1"),
    "weights": ("TARE 2230 KG", "GVW 40000 KG", "MAX GROSS 30480 KG", "3.5 T"),
    "registers": ("USDOT 1234567", "DOT 345678", "MC 123456", "KYU 042917"),
    "fleets": ("No 4711", "T-204", "BUS 12", "UNIT 42", "VEH 0815", "TRAILER 309"),
}  # fmt: skip
"""What stands on vehicles and about roads, and is no plate."""

DANGER: Final = (("33", "1203"), ("X423", "1428"), ("30", "1202"), ("X886", "1831"))
"""Orange plates of dangerous goods: a number of the danger over one of the substance."""

FOREIGN: Final[dict[str, tuple[str, ...]]] = {
    "Chinese": (
        "10 20 90 20; 50 0 50 20; 28 32 72 32 72 55 28 55 28 32; 50 55 50 99 38 92; 28 65 12 88; 72 65 88 88",
        "20 5 15 60 5 100; 50 5 50 85; 85 5 85 100",
        "10 25 90 25 90 65 10 65 10 25; 50 0 50 100",
        "10 10 90 10 90 95 10 95 10 10; 10 52 90 52; 50 10 50 95",
        "5 30 95 30; 50 0 45 45 5 100; 50 45 95 100",
    ),
    "Cyrillic": (
        "5 0 95 100; 95 0 5 100; 50 0 50 100",
        "5 0 5 90 85 90 85 0; 45 0 45 90; 85 90 95 90 95 100",
        "5 0 5 100; 5 50 30 50; 35 20 60 0 85 20 85 80 60 100 35 80 35 20",
        "90 100 90 0 40 0 15 15 15 40 40 50 90 50; 50 50 10 100",
        "10 0 10 100 85 0 85 100",
        "15 100 30 0 75 0 75 80; 5 100 5 80 95 80 95 100",
    ),
    "Arabic": (
        "95 40 85 70 70 40 60 70 50 40 35 75 15 85 5 60; 45 10 50 12; 60 5 65 8; 52 0 57 2",
        "90 20 60 15 40 40 70 55 30 90 5 80; 50 70 55 72",
        "60 0 55 60 30 75 10 60",
        "90 60 70 40 50 60 70 75 90 60 60 70 20 100 5 90",
        "95 50 60 60 30 60 5 40; 45 80 50 83; 55 80 60 83",
    ),
}  # fmt: skip
"""Signs that no state of this border puts on plates, by strokes: x and y of a hundred, pen up at `;`."""

_SIZE = 64


def ink(text: str, rng: np.random.Generator) -> Gray:
    """Coverage 0..255 of `text`, cropped to it: Pillow's own face or OpenCV's, light or heavy."""
    heavy = int(rng.integers(0, 4))
    if chance(rng, 0.4):
        face = int(rng.choice([cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX]))
        (wide, high), below = cv2.getTextSize(text, face, 2.0, 2 + 2 * heavy)
        page = np.zeros((high + below + 20, wide + 20), dtype=np.uint8)
        cv2.putText(page, text, (10, high + 10), face, 2.0, 255, 2 + 2 * heavy, cv2.LINE_AA)
    else:
        font = ImageFont.load_default(_SIZE)
        left, top, right, bottom = (
            int(side)
            for side in ImageDraw.Draw(Pillow.new("L", (1, 1))).textbbox(
                (0, 0), text, font=font, stroke_width=heavy
            )
        )
        sheet = Pillow.new("L", (right - left + 2, bottom - top + 2), 0)
        ImageDraw.Draw(sheet).text((1 - left, 1 - top), text, font=font, fill=255, stroke_width=heavy)
        page = np.asarray(sheet, dtype=np.uint8)
    x, y, wide, high = cv2.boundingRect((page > 40).astype(np.uint8))
    return np.ascontiguousarray(page[y : y + high, x : x + wide])


def lettered(text: str, seed: int) -> Image:
    """A vehicle with `text` painted on its body, larger or smaller; BGR."""
    rng = np.random.default_rng((seed, *text.encode()))
    drawing, approach, time = _vehicle(rng)
    plane = approach.plane(time)
    cover = ink(text, rng)
    high = around(rng, 0.05, 0.3)
    wide = high * cover.shape[1] / cover.shape[0]
    x, y = between(rng, -0.5, 0.5), between(rng, -0.9, 0.1)
    quad = plane.quad(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
    place = np.clip(quad.mean(axis=0).astype(int), 0, (SIZE[0] - 1, SIZE[1] - 1))
    body = float(drawing.picture[place[1], place[0]])
    if is_convex(quad):
        tone = 235 if body < 120 else 20
        set_in(drawing.picture, np.full_like(cover, tone), cover, quad)
    return _taken(drawing, rng)


def endangering(lines: tuple[str, str], seed: int) -> Image:
    """A vehicle with an orange plate of dangerous goods, 40 x 30 cm; BGR."""
    rng = np.random.default_rng((seed, *"".join(lines).encode()))
    drawing, approach, time = _vehicle(rng)
    face = np.full((240, 320), 130, dtype=np.uint8)
    cv2.rectangle(face, (4, 4), (315, 235), 10, 8)
    cv2.line(face, (0, 120), (320, 120), 10, 8)
    for row, line in enumerate(lines):
        cover = cv2.resize(ink(line, rng), (60 * len(line), 80), interpolation=cv2.INTER_AREA)
        left, top = 160 - cover.shape[1] // 2, 20 + 120 * row
        part = face[top : top + 80, left : left + cover.shape[1]]
        part[:] = np.minimum(part, 255 - cover)
    x, y = between(rng, -0.4, 0.4), between(rng, -0.5, 0.1)
    quad = approach.plane(time).quad(x - 0.2, y - 0.15, x + 0.2, y + 0.15)
    set_in(drawing.picture, face, None, quad)
    return _taken(drawing, rng)


def panelled(text: str, seed: int) -> Image:
    """A board with a rim and `text` on it, as road signs and notices are, dark on light or light on dark."""
    rng = np.random.default_rng((seed, 7, *text.encode()))
    drawing, approach, time = _vehicle(rng)
    light, dark = (230, 30) if chance(rng, 0.5) else (70, 220)
    cover = cv2.copyMakeBorder(ink(text, rng), 24, 24, 40, 40, cv2.BORDER_CONSTANT)
    face = (light + cover.astype(np.float32) / 255 * (dark - light)).astype(np.uint8)
    cv2.rectangle(face, (4, 4), (face.shape[1] - 5, face.shape[0] - 5), dark, 4)
    high = around(rng, 0.15, 0.5)
    wide = high * face.shape[1] / face.shape[0]
    x, y = between(rng, -0.5, 0.5), between(rng, -0.9, 0.0)
    quad = approach.plane(time).quad(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
    if is_convex(quad):
        fill(drawing.picture, quad, light)
        set_in(drawing.picture, face, None, quad)
    return _taken(drawing, rng)


def foreign(alphabet: str, seed: int) -> Image:
    """A vehicle with a plate, white or yellow, of six signs in another alphabet; BGR."""
    rng = np.random.default_rng((seed, *alphabet.encode()))
    drawing, approach, time = _vehicle(rng)
    face = np.full((112, 520), 235 if chance(rng, 0.6) else 190, dtype=np.uint8)
    cv2.rectangle(face, (4, 4), (515, 107), 20, 3)
    pen = int(rng.integers(7, 13))
    for number in range(6):
        sign = str(rng.choice(FOREIGN[alphabet]))
        corner = np.array((30 + 80 * number, 20))
        for stroke in sign.split(";"):
            points = np.array(stroke.split(), dtype=float).reshape(-1, 2) * (0.6, 0.72) + corner
            cv2.polylines(face, [points.round().astype(np.int32)], False, 20, pen, cv2.LINE_AA)
    quad = approach.plane(time).quad(-0.26, -0.056, 0.26, 0.056)
    set_in(drawing.picture, face, None, quad)
    return _taken(drawing, rng)


def _vehicle(rng: np.random.Generator) -> tuple[Drawing, Approach, float]:
    drawing = Drawing(np.ascontiguousarray(draw_ground(SIZE[0], rng)[: SIZE[1]]))
    approach = draw_approach(rng)
    time = between(rng, 0.3, 1.0) * approach.rolls
    draw_vehicle(drawing, approach.plane(time), rng)
    return drawing, approach, time


def _taken(drawing: Drawing, rng: np.random.Generator) -> Image:
    square = np.zeros((SIZE[0], SIZE[0]), dtype=np.uint8)
    square[: SIZE[1]] = drawing.picture
    picture = np.ascontiguousarray(spoil(square, rng)[: SIZE[1]])
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
