"""What the plate reader expects of a camera. Thread-friendly: cameras live in the ANPR child process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""Height x width x 3, BGR."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture. Treat `image` as read-only: a standing picture is handed out more than once.

    `captured` is the monotonic second at which its last byte arrived; `sequence` grows with every
    frame the camera delivered, across reconnects.
    """

    image: Image
    captured: float
    sequence: int


class Camera(Protocol):
    """A source of frames on a daemon thread of its own. The newest frame wins; nothing queues."""

    def start(self) -> None:
        """Begin to read; returns at once, whether or not the camera answers."""
        ...

    def latest(self, after: int) -> Frame | None:
        """The newest frame whose sequence is greater than `after`, or None. Never waits for the camera.

        None too when the newest is older than the camera's limit, or one of a frozen picture: a
        vehicle must not be taken for the one before it. Decoding happens here, on the caller's
        thread, so that frames nobody wants cost nothing. Start with `after=0`.
        """
        ...

    def stop(self) -> None:
        """End the thread and the link; returns when they are gone. Harmless when not started."""
        ...

    @property
    def fault(self) -> str | None:
        """Why no frames can be read, for people, without credentials; None while they can."""
        ...

    @property
    def age(self) -> float | None:
        """Seconds since the newest frame arrived; None before the first."""
        ...

    @property
    def refused(self) -> Mapping[str, int]:
        """How many pictures were refused since the camera was built, by reason."""
        ...
