"""H.264, H.265 and raw video kept as packets since the last key frame, decoded only when somebody asks.

A picture of such a stream can be decoded only after all those back to the last key frame. Kept as they
came they cost a few megabytes and no work; the first look at them decodes the run, later ones go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import av
import numpy as np
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from hardware.cameras.newest import NewestFrame
from hardware.cameras.pictures import (
    MAX_BYTES,
    MAX_PIXELS,
    Decoded,
    Grey,
    Still,
    size_fault,
)

MAX_GROUP_BYTES = 2 * MAX_BYTES
MAX_GROUP_PACKETS = 1500
"""A minute of 25 frames a second. Set the camera's key frame interval to a second or two."""

DecoderOf = Callable[[], VideoCodecContext]


class Intake:
    """Makes pictures of one video stream's packets, and puts them."""

    def __init__(self, stream: VideoStream, newest: NewestFrame) -> None:
        context = stream.codec_context
        self._newest = newest
        self._stills = context.name == "mjpeg"
        self._decoder_of = _decoders_like(context)
        self._size = (context.width, context.height)
        self._group: _Group | None = None

    def take(self, packet: Packet[VideoStream]) -> None:
        """One packet as it arrived; it is ours from now on."""
        if packet.is_corrupt:
            self._newest.refuse("corrupt")
            self._group = None  # what refers to it shows smears: wait for the next key frame
        elif self._stills:
            self._newest.put(Still(bytes(packet)))
        else:
            self._take_inter(packet)

    def end(self) -> None:
        """No more will come: let out what the decoder holds back of a stream with B-frames."""
        if self._group is not None:
            self._newest.put(_InGroup(self._group, self._group.end(), self._size))

    def _take_inter(self, packet: Packet[VideoStream]) -> None:
        if packet.is_keyframe:
            self._group = _Group(self._decoder_of)
        if self._group is None:
            return  # joined in mid-group
        if self._group.full(packet):
            self._newest.refuse("no-key-frame")
            self._group = None
            return
        self._newest.put(_InGroup(self._group, self._group.add(packet), self._size))


class _Group:
    """One key frame and what follows. `add` on the camera's thread, `decode` on the reader's."""

    def __init__(self, decoder_of: DecoderOf) -> None:
        self._decoder_of = decoder_of
        self._decoder: VideoCodecContext | None = None
        self._packets: list[Packet[VideoStream] | None] = []
        """None where one was decoded and let go of, and for the end."""
        self._arrived: list[float] = []
        self._bytes = 0
        self._next = 0
        self._shown: Decoded | None = None

    def full(self, packet: Packet[VideoStream]) -> bool:
        """Whether this packet would be too much."""
        return len(self._packets) >= MAX_GROUP_PACKETS or self._bytes + packet.size > MAX_GROUP_BYTES

    def add(self, packet: Packet[VideoStream]) -> int:
        """The packet's place in the group."""
        place = len(self._arrived)
        # Numbered by us: a frame then tells which packet it came of, whatever the camera's clock does.
        packet.pts = packet.dts = place
        self._bytes += packet.size
        self._arrived.append(time.monotonic())
        self._packets.append(packet)
        return place

    def end(self) -> int:
        """The place behind the last packet."""
        self._arrived.append(time.monotonic())
        self._packets.append(None)
        return len(self._arrived) - 1

    def grey(self) -> Grey | None:
        """Of the key frame, by a decoder of its own. Raises ValueError."""
        packet = self._packets[0]
        if packet is None:
            return None
        decoder = self._decoder_of()
        try:
            frames = [*decoder.decode(packet), *decoder.decode(None)]
        except av.FFmpegError as error:
            raise ValueError(str(error)) from None
        if not frames:
            raise ValueError("the key frame gives no picture")
        return np.asarray(frames[0].to_ndarray(format="gray"), dtype=np.uint8)

    def decode(self, place: int) -> Decoded | None:
        """The newest picture that the packets up to `place` give. Raises ValueError if that one is rotten."""
        if self._decoder is None:
            self._decoder = self._decoder_of()
        last: VideoFrame | None = None
        rotten = False
        while self._next <= place:
            packet = self._packets[self._next]
            self._packets[self._next] = None
            self._next += 1
            try:
                frames = self._decoder.decode(packet)
            except av.FFmpegError:
                rotten = True
                continue
            for frame in frames:
                rotten = frame.is_corrupt
                last = frame
        if rotten:
            raise ValueError("it cannot be decoded")
        if last is not None:
            at = last.pts if last.pts is not None else place
            # A stream with B-frames comes out some frames late.
            behind = self._arrived[place] - self._arrived[at]
            self._shown = Decoded(np.asarray(last.to_ndarray(format="bgr24"), dtype=np.uint8), behind)
        return self._shown


class _InGroup:
    """The picture at one place of a group."""

    def __init__(self, group: _Group, place: int, size: tuple[int, int]) -> None:
        self._group = group
        self._place = place
        self._size = size

    def flaw(self) -> str | None:
        """By the size in the stream's header, where it has one; decoders have their limit too."""
        return size_fault(*self._size) if all(self._size) else None

    def grey(self) -> Grey | None:
        """Of key frames only: others cannot be decoded alone."""
        return self._group.grey() if self._place == 0 else None

    def decode(self) -> Decoded | None:
        """Goes on from what was decoded of the group before."""
        return self._group.decode(self._place)


def _decoders_like(context: VideoCodecContext) -> DecoderOf:
    """Makes decoders for a stream like this one, which keep nothing of it."""
    name, extradata = context.name, context.extradata
    width, height, pixels = context.width, context.height, context.pix_fmt

    def make() -> VideoCodecContext:
        decoder = av.CodecContext.create(name, "r")
        assert isinstance(decoder, VideoCodecContext)  # noqa: S101 - of a video stream's codec
        if extradata:
            decoder.extradata = extradata
        if width and height:
            decoder.width, decoder.height = width, height
        if pixels is not None:
            decoder.pix_fmt = pixels
        # One thread, no frames held back: several would add a delay of a frame each.
        decoder.thread_count = 1
        decoder.flags |= av.codec.context.Flags.low_delay
        decoder.options = {"max_pixels": str(MAX_PIXELS)}
        return decoder

    return make
