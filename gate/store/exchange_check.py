"""Checking a file of crossings alone: no database, no network, the site's public key and this file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from gate.errors import StoreError
from gate.sealing.heads import Countersignature, Head, SignedHead, is_countersigned, is_signed
from gate.store.chain import FRAMED_FORM, Entry, commitment_of, entry_digest, link
from gate.store.crossings import KIND

MOST_BYTES = 256 * 1024 * 1024


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Signature = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


class _Head(_Part):
    site: str
    epoch: str
    seq: int = Field(ge=1, lt=2**63)
    hash: _Hash
    previous: int = Field(ge=0, lt=2**63)
    at: str
    signature: _Signature
    countersigned_at: str | None
    countersignature: _Signature | None


class _Entry(_Part):
    seq: int = Field(ge=1, lt=2**63)
    at: str
    boot: str
    mono: float
    point: str
    kind: str
    visit: str | None
    body: str
    clock_offset: float | None
    commitment: _Hash | None
    form: Literal[2]


class _Payload(_Part):
    salt: _Hash
    body: str


class _Crossing(_Part):
    says: dict[str, JsonValue]
    entry: _Entry
    payload: _Payload | None


class _Section(_Part):
    head: _Head
    first: int = Field(ge=1)
    prev: _Hash
    digests: list[_Hash] = Field(min_length=1)
    crossings: list[_Crossing] = Field(min_length=1)


class _Document(_Part):
    format: Literal["gate-crossings/1"]
    from_: str = Field(alias="from")
    to: str
    sections: list[_Section]


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. `problems` is empty when every confirmation is the site's word."""

    crossings: int
    erased: int
    """Confirmations whose plate the site has erased since: they hold, and say no more who it was."""
    countersigned: int
    """Confirmations under a head that carries central's countersignature, checked if keys were given."""
    sites: tuple[str, ...]
    problems: tuple[str, ...]


def check_crossings(
    data: bytes, site: Sequence[Ed25519PublicKey], central: Sequence[Ed25519PublicKey] = ()
) -> Checked:
    """Check a whole file. Raises StoreError when it is no such file."""
    if len(data) > MOST_BYTES:
        raise StoreError(f"the file has more than {MOST_BYTES // 2**20} MiB: ask for fewer days at a time")
    try:
        document = _Document.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise StoreError(f"this is no file of crossings: {where}: {first['msg']}") from error
    crossings = [crossing for section in document.sections for crossing in section.crossings]
    return Checked(
        len(crossings),
        sum(crossing.entry.commitment is not None and crossing.payload is None for crossing in crossings),
        sum(len(one.crossings) for one in document.sections if one.head.countersignature is not None),
        tuple(sorted({section.head.site for section in document.sections})),
        tuple(problem for one in document.sections for problem in _section_problems(one, site, central)),
    )


def _section_problems(
    section: _Section, site: Sequence[Ed25519PublicKey], central: Sequence[Ed25519PublicKey]
) -> Iterator[str]:
    head = section.head
    signed = SignedHead(
        Head(head.site, head.epoch, head.seq, bytes.fromhex(head.hash), head.previous, head.at),
        bytes.fromhex(head.signature),
    )
    where = f"head {head.seq}"
    if not is_signed(signed, site):
        yield f"{where}: the site's signature does not hold, with the key given"
    if (head.countersigned_at is None) != (head.countersignature is None):
        yield f"{where}: its countersignature is not whole"
    elif head.countersignature is not None and head.countersigned_at is not None and central:
        counter = Countersignature(head.countersigned_at, bytes.fromhex(head.countersignature))
        if not is_countersigned(signed, counter, central):
            yield f"{where}: the countersignature is not central's, with the key given"
    digest = bytes.fromhex(section.prev)
    for one in section.digests:
        digest = link(digest, bytes.fromhex(one))
    if digest.hex() != head.hash or section.first + len(section.digests) - 1 != head.seq:
        yield f"{where}: the digests do not lead to it: something was changed, removed or added"
    last = section.first - 1
    for crossing in section.crossings:
        if crossing.entry.seq <= last:
            yield f"entry {crossing.entry.seq}: it is told twice, or out of order"
        last = crossing.entry.seq
        yield from _crossing_problems(crossing, section)


def _crossing_problems(crossing: _Crossing, section: _Section) -> Iterator[str]:
    told, where = crossing.entry, f"entry {crossing.entry.seq}"
    commitment = bytes.fromhex(told.commitment) if told.commitment is not None else None
    entry = Entry(**told.model_dump(exclude={"commitment", "form"}), commitment=commitment, form=FRAMED_FORM)
    index = told.seq - section.first
    if not 0 <= index < len(section.digests) or entry_digest(entry).hex() != section.digests[index]:
        yield f"{where}: it is not the entry that the chain holds there"
    if told.kind != KIND:
        yield f"{where}: it is no confirmation of a crossing but {told.kind!r}"
    payload = crossing.payload
    if payload is not None and (
        commitment is None or commitment_of(bytes.fromhex(payload.salt), payload.body) != commitment
    ):
        yield f"{where}: its payload was changed: the chain committed to another"
    if _parsed(payload.body if payload is not None else told.body) != crossing.says:
        yield f"{where}: what it says here is not what the record says"


def _parsed(body: str) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return None  # no confirmation says nothing: it is told as a difference
