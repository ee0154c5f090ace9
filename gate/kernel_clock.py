"""What the Linux kernel knows of its own clock: whether something keeps it right, and which boot this is."""

from __future__ import annotations

import ctypes
from datetime import timedelta
from pathlib import Path
from typing import Protocol

_UNSYNCHRONISED = 5
"""TIME_ERROR, which adjtimex returns while nothing disciplines the clock."""
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class KernelClock(Protocol):
    """The kernel's word on its clock."""

    def boot_id(self) -> str:
        """Name this boot: monotonic readings mean something within it only."""
        ...

    def error(self) -> timedelta | None:
        """How far UTC may be wrong at most, or None while nothing keeps the clock right."""
        ...


class _Timex(ctypes.Structure):
    """The head of `struct timex`, up to the last field read here, and room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * 512),
    )


class LinuxClock:
    """Asks the running kernel. Satisfies `KernelClock`."""

    def boot_id(self) -> str:
        """Read the kernel's random name of this boot."""
        return _BOOT_ID.read_text(encoding="ascii").strip()

    def error(self) -> timedelta | None:
        """Ask adjtimex, changing nothing."""
        state, timex = self._ask()
        if state < 0 or state == _UNSYNCHRONISED:
            return None
        return timedelta(microseconds=timex.maxerror)

    def state(self) -> int:
        """What adjtimex returns, or -1 where the kernel does not say (another system, a strict container)."""
        return self._ask()[0]

    def _ask(self) -> tuple[int, _Timex]:
        timex = _Timex()  # modes 0: read only
        try:
            return int(ctypes.CDLL(None).adjtimex(ctypes.byref(timex))), timex
        except AttributeError:
            return -1, timex
