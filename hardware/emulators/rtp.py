"""Pictures as RTP packets: JPEG by RFC 2435, H.264 by RFC 6184."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import Literal, Protocol

import av
import cv2
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from hardware.cameras.port import Image

CLOCK = 90_000
_PAYLOAD = 1400
_START_CODE = re.compile(rb"\x00\x00\x00?\x01")
_QUALITY = 80
_DQT, _SOS = 0xDB, 0xDA
_TABLE_BYTES = 64
_FU_A = 28
_JPEG_420 = 1
_TABLES_INSIDE = 255


class Encoder(Protocol):
    """One stream's."""

    payload_type: int
    sdp: str
    """Its lines of the session description, after the transport's."""

    def payloads(self, image: Image) -> list[bytes]:
        """One picture's; the last one gets the marker."""
        ...


class JpegEncoder:
    """Baseline JPEG at 4:2:0, tables in band; sides are multiples of 8, 2040 at most."""

    payload_type = 26
    sdp = ""

    def payloads(self, image: Image) -> list[bytes]:
        """The scan in pieces, each with its place."""
        done, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        if not done:
            raise ValueError(f"cannot encode a picture of shape {image.shape}")
        tables, scan = _cut(bytes(coded))
        height, width = image.shape[0] // 8, image.shape[1] // 8
        pieces = []
        for at in range(0, len(scan), _PAYLOAD):
            head = struct.pack(">I4B", at, _JPEG_420, _TABLES_INSIDE, width, height)
            if at == 0:
                head += struct.pack(">BBH", 0, 0, len(tables)) + tables
            pieces.append(head + scan[at : at + _PAYLOAD])
        return pieces


def _cut(jpeg: bytes) -> tuple[bytes, bytes]:
    """Quantization tables and the entropy-coded scan."""
    tables, at = b"", 2
    while at < len(jpeg):
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        body = jpeg[at + 4 : at + 2 + length]
        if marker == _DQT:
            for start in range(0, len(body), _TABLE_BYTES + 1):
                tables += body[start + 1 : start + 1 + _TABLE_BYTES]
        at += 2 + length
        if marker == _SOS:
            break
    return tables, jpeg[at : jpeg.rindex(b"\xff\xd9")]


class H264Encoder:
    """libx264 without delay, a key frame every `interval` pictures, headers in band."""

    payload_type = 96
    sdp = "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n"

    def __init__(self, size: tuple[int, int], rate: int, interval: int) -> None:
        context = av.CodecContext.create("libx264", "w")
        assert isinstance(context, VideoCodecContext)  # noqa: S101 - a video codec's
        context.width, context.height = size
        context.pix_fmt = "yuv420p"
        context.time_base = Fraction(1, rate)
        context.thread_count = 1
        context.options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(interval), "qp": "20"}
        self._context = context
        self._count = 0

    def payloads(self, image: Image) -> list[bytes]:
        """Each unit whole, or in fragments."""
        frame = VideoFrame.from_ndarray(image, format="bgr24")
        frame.pts = self._count
        self._count += 1
        coded = b"".join(bytes(packet) for packet in self._context.encode(frame))
        return [piece for unit in _START_CODE.split(coded) if unit for piece in _fragments(unit)]


def _fragments(unit: bytes) -> Iterator[bytes]:
    if len(unit) <= _PAYLOAD:
        yield unit
        return
    head, kind, body = unit[0] & 0xE0, unit[0] & 0x1F, unit[1:]
    for at in range(0, len(body), _PAYLOAD):
        first = 0x80 if at == 0 else 0
        last = 0x40 if at + _PAYLOAD >= len(body) else 0
        yield bytes([head | _FU_A, first | last | kind]) + body[at : at + _PAYLOAD]


class RtpStream:
    """Numbers and stamps one stream's packets."""

    def __init__(self, encoder: Encoder, ssrc: int = 0x6A7E) -> None:
        self._encoder = encoder
        self._ssrc = ssrc
        self._sequence = 0

    def packets(self, image: Image, seconds: float) -> list[bytes]:
        """One picture taken at this moment of the stream."""
        stamp = int(seconds * CLOCK) & 0xFFFFFFFF
        payloads = self._encoder.payloads(image)
        made = []
        for place, payload in enumerate(payloads):
            marker = 0x80 if place == len(payloads) - 1 else 0
            kind = marker | self._encoder.payload_type
            made.append(struct.pack(">BBHII", 0x80, kind, self._sequence, stamp, self._ssrc) + payload)
            self._sequence = (self._sequence + 1) & 0xFFFF
        return made


Codec = Literal["h264", "mjpeg"]
ENCODERS: dict[Codec, type[JpegEncoder | H264Encoder]] = {"h264": H264Encoder, "mjpeg": JpegEncoder}


def encoder_of(codec: Codec, image: Image, rate: int, interval: int) -> Encoder:
    """For pictures of this one's size."""
    if codec == "mjpeg":
        return JpegEncoder()
    return H264Encoder((image.shape[1], image.shape[0]), rate, interval)
