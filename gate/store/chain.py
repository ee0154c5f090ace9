"""The journal's chain: the exact bytes of an entry, and the hash that ties it to the one before.

docs/journal.md tells an auditor how to build the same bytes without this program.
"""

from __future__ import annotations

import hashlib
import json
import struct
from typing import Final, NamedTuple

GENESIS: Final = b"\0" * 32
"""What the first entry points back to."""
SALT_LENGTH: Final = 32

JSON_FORM: Final = 1
"""Entries of schemas 1 to 4: the whole body is in the chain."""
FRAMED_FORM: Final = 2
"""Entries since schema 5: the chain holds the body without personal data, and a commitment to the whole."""

_TAG: Final = b"gate/journal/2"
_header = struct.Struct(">qd8i").pack
_double = struct.Struct(">d").pack
_DOUBLE_LENGTH: Final = 8
_ABSENT: Final = -1
"""The length of a field that is not there, told from an empty one."""


class Entry(NamedTuple):
    """One journal entry without its hashes, in the order of COLUMNS.

    `at` is UTC ISO-8601, `mono` seconds since boot, `clock_offset` the measured seconds between this
    machine's clock and central's (None: not measured), `commitment` the payload's SHA-256 where there is one.
    """

    seq: int
    at: str
    boot: str
    mono: float
    point: str
    kind: str
    visit: str | None
    body: str
    clock_offset: float | None = None
    commitment: bytes | None = None
    form: int = JSON_FORM


COLUMNS: Final = "seq, at, boot, mono, point, kind, visit, body, clock_offset, commitment, form"


def entry_hash(prev: bytes, entry: Entry) -> bytes:
    """SHA-256 over the previous hash and every column of the entry, by the rule of its form."""
    return _json_hash(prev, entry) if entry.form == JSON_FORM else link(prev, entry_digest(entry))


def link(prev: bytes, digest: bytes) -> bytes:
    """The hash of an entry of the framed form, from its digest: enough to follow the chain to a head.

    Two levels, so that a proof of one entry shows nothing of the others (gate.store.crossings).
    """
    return hashlib.sha256(_TAG + prev + digest).digest()


def entry_digest(entry: Entry) -> bytes:
    """SHA-256 over every column of an entry of the framed form."""
    seq, at, boot, mono, point, kind, visit, body, offset, commitment, _ = entry
    at_, boot_, point_, kind_, body_ = (
        at.encode(),
        boot.encode(),
        point.encode(),
        kind.encode(),
        body.encode(),
    )
    visit_ = b"" if visit is None else visit.encode()
    # Every length before any field: no two different entries give the same bytes.
    header = _header(
        seq,
        mono,
        len(at_),
        len(boot_),
        len(point_),
        len(kind_),
        _ABSENT if visit is None else len(visit_),
        len(body_),
        _ABSENT if offset is None else _DOUBLE_LENGTH,
        _ABSENT if commitment is None else len(commitment),
    )
    offset_ = b"" if offset is None else _double(offset)
    fields = (header, at_, boot_, point_, kind_, visit_, body_, offset_, commitment or b"")
    return hashlib.sha256(b"".join(fields)).digest()


def commitment_of(salt: bytes, body: str) -> bytes:
    """What the chain keeps of a payload. The salt goes with the payload: without it nobody can guess it."""
    return hashlib.sha256(salt + body.encode()).digest()


def _json_hash(prev: bytes, entry: Entry) -> bytes:
    columns = [*entry[:3], repr(entry.mono), *entry[4:8]]
    canonical = json.dumps(columns, separators=(",", ":"), ensure_ascii=False).encode()
    return hashlib.sha256(prev + canonical).digest()
