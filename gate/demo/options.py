"""What `gate demo` was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """See `gate demo --help`."""

    headless: bool = False
    vehicles: int | None = None
    seed: int | None = None
    json: bool = False
    data: Path | None = None
    photos: Path | None = None
