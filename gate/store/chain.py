"""The journal's chain: canonical bytes of an entry, and the hash that ties it to the one before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

GENESIS = b"\0" * 32
"""What the first entry points back to."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One journal entry without its hashes. `at` is UTC ISO-8601, `mono` seconds since boot."""

    seq: int
    at: str
    boot: str
    mono: float
    point: str
    kind: str
    visit: str | None
    body: str


def entry_hash(prev: bytes, entry: Entry) -> bytes:
    """SHA-256 over the previous hash and every column of the entry."""
    columns = [
        entry.seq,
        entry.at,
        entry.boot,
        repr(entry.mono),
        entry.point,
        entry.kind,
        entry.visit,
        entry.body,
    ]
    canonical = json.dumps(columns, separators=(",", ":"), ensure_ascii=False).encode()
    return hashlib.sha256(prev + canonical).digest()
