"""What the gate owes central: messages numbered without gaps within one journal's life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """One message for central. `seq` counts from 1 without gaps within its journal's epoch."""

    seq: int
    kind: str
    at: datetime
    body: Mapping[str, object]
    """JSON-able."""
