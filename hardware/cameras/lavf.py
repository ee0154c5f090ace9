"""Streams that FFmpeg opens (by PyAV): limits on every wait, its errors in words without secrets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from gate.errors import DeviceError
from hardware.cameras.gop import Intake
from hardware.cameras.newest import NewestFrame

# FFmpeg would write to stderr by itself, addresses with passwords included.
av.logging.set_level(None)

_EMPTY_SECONDS = 0.01
"""Between looks at a device that has no frame yet."""

Ticket: TypeAlias = "Callable[[Packet[VideoStream]], None]"
"""Told of each packet before it is taken; may wait."""


@contextmanager
def opened(
    address: str, *, name: str, seconds: float, options: Mapping[str, str], format_name: str | None = None
) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The open stream and its first video. Raises DeviceError; never waits longer than `seconds` a read."""
    with _told(name, seconds):
        container = av.open(address, format=format_name, options=dict(options), timeout=(seconds, seconds))
    try:
        if not container.streams.video:
            raise DeviceError("it carries no video")
        yield container, container.streams.video[0]
    finally:
        container.close()


def pour(
    container: InputContainer,
    stream: VideoStream,
    newest: NewestFrame,
    stopping: threading.Event,
    *,
    seconds: float,
    before: Ticket | None = None,
) -> None:
    """Put the stream's pictures until it ends or `stopping` is set. Raises DeviceError."""
    intake = Intake(stream, newest)
    silent = 0.0
    ended = False
    while not ended and not stopping.is_set():
        try:
            with _told("", seconds):
                for packet in container.demux(stream):
                    if stopping.is_set():
                        return
                    silent = 0.0
                    if packet.size:  # the last ones are empty: they mean the end
                        if before is not None:
                            before(packet)
                        intake.take(packet)
            ended = True
            intake.end()
        except BlockingIOError:
            # A device opened for reads that do not block, so that one that hangs cannot hold us.
            silent += _EMPTY_SECONDS
            if silent > seconds:
                raise DeviceError(f"no frame for {seconds:g} s") from None
            stopping.wait(_EMPTY_SECONDS)


@contextmanager
def _told(name: str, seconds: float) -> Iterator[None]:
    """FFmpeg's errors as DeviceErrors. Their own text repeats the address, password and all."""
    try:
        yield
    except BlockingIOError:
        raise
    except av.error.ExitError as error:
        raise DeviceError(f"no answer for {seconds:g} s") from error
    except av.FFmpegError as error:
        raise DeviceError(_words(error)) from None
    except (OSError, ValueError, RuntimeError) as error:
        raise DeviceError(f"{name} cannot be read: {type(error).__name__}") from None


def _words(error: av.FFmpegError) -> str:
    match error:
        case av.error.HTTPUnauthorizedError():
            return "the camera refuses our user or password, or asks for them"
        case av.error.HTTPNotFoundError():
            return "the camera knows no such path (404)"
        case av.error.InvalidDataError():
            return "what it sends is no video we know"
    return error.strerror or type(error).__name__
