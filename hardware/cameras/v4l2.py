"""Cameras of this machine (USB, capture cards) by Video4Linux2: one owner each, reads that never block."""

from __future__ import annotations

import fcntl
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gate.errors import DeviceError
from gate.settings import V4l2Camera
from hardware.cameras.lavf import opened, pour
from hardware.cameras.newest import NewestFrame

SILENT_SECONDS = 5.0

_QUERYCAP = 0x80685600
_CAPABILITY = struct.Struct("=16s32s32sIII12x")
"""driver, card, bus, version, what the whole device can, what this node of it can."""
_NODE_CAPS_GIVEN = 0x80000000
_CAPTURE = 0x00000001
_STREAMING = 0x04000000
_NONBLOCK = "4"
"""AVFMT_FLAG_NONBLOCK, for which FFmpeg has no word: open the device so that no read waits for it."""


class V4l2Feed:
    """One device node. Pulled out, it is looked for again with back-off."""

    def __init__(self, settings: V4l2Camera) -> None:
        self._settings = settings
        self.name = str(settings.device)
        self.patience = 1.0

    def run(self, newest: NewestFrame, stopping: threading.Event) -> None:
        """Own the device, and put what it captures."""
        device = str(self._settings.device)
        with (
            claimed(self._settings.device),
            opened(
                device, name=device, seconds=SILENT_SECONDS, options=self._options(), format_name="v4l2"
            ) as (container, stream),
        ):
            pour(container, stream, newest, stopping, seconds=SILENT_SECONDS)

    def cut(self) -> None:
        """No read blocks, so none has to be woken."""

    def _options(self) -> dict[str, str]:
        asked = {
            "video_size": self._settings.size,
            "framerate": self._settings.frames_per_second,
            "input_format": self._settings.pixels,
        }
        return {"fflags": _NONBLOCK} | {key: str(value) for key, value in asked.items() if value is not None}


@contextmanager
def claimed(device: Path) -> Iterator[str]:
    """The camera's own name, while no other process of ours may have it. Raises DeviceError, with advice."""
    try:
        node = os.open(device, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise DeviceError("it is not there: plug it in; see `ls /dev/v4l/by-id`") from error
    except PermissionError as error:
        raise DeviceError("it may not be opened: sudo usermod --append --groups video gate") from error
    except OSError as error:
        raise DeviceError(f"it cannot be opened: {error.strerror}") from error
    try:
        try:
            fcntl.flock(node, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DeviceError("it is in use: another point or program has it") from error
        yield _card(node)
    finally:
        os.close(node)


def _card(node: int) -> str:
    told = bytearray(_CAPABILITY.size)
    try:
        fcntl.ioctl(node, _QUERYCAP, told)
    except OSError as error:
        raise DeviceError("it is no camera") from error
    _, card, _, _, whole, this_node = _CAPABILITY.unpack(told)
    capable = this_node if whole & _NODE_CAPS_GIVEN else whole
    if not capable & _CAPTURE or not capable & _STREAMING:
        # UVC cameras have a second node for metadata, easily mistaken for the camera.
        raise DeviceError("this node of it captures no pictures: name the one that ends in -video-index0")
    return str(card.split(b"\0")[0].decode("utf-8", "replace"))
