"""The heads' side of `gate journal verify`: that they are the chain's, and whose names stand under them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gate.sealing.heads import (
    HASH_LENGTH,
    Countersignature,
    Head,
    SignedHead,
    is_countersigned,
    is_signed,
)

Broken = tuple[int, str, int | None]
"""The entry, what is wrong, and the last entry it may be where it is not known which."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What an auditor brings along. Without keys signatures are not checked, and that is told."""

    site: tuple[Ed25519PublicKey, ...] = ()
    central: tuple[Ed25519PublicKey, ...] = ()
    central_list: Mapping[int, bytes] = field(default_factory=dict)
    """The heads of this journal that central says it countersigned: entry to hash."""


NO_KEYS = Keys()


@dataclass(frozen=True, slots=True)
class Heads:
    """What was found of heads. What lies behind the last of them is nobody's word yet."""

    heads: int = 0
    signatures: str = "not checked"
    countersignatures: str = "not checked"
    signed_to: int = 0
    anchored_to: int = 0
    unsigned: int = 0
    """Entries after the last signed head."""
    unanchored: int = 0
    """Entries after the last head that central countersigned, as this file or central's own list says."""


NO_HEADS = Heads()


class HeadCheck:
    """Goes along with the walk over the entries, head by head."""

    def __init__(self, connection: sqlite3.Connection | None, keys: Keys) -> None:
        self._keys = keys
        self._rows = self._read(connection) if connection is not None else iter(())
        self._next = next(self._rows, None)
        self._previous = 0
        self._waiting: dict[str, int] = {}
        """Per epoch, the first head central has not countersigned."""
        self._heads = 0
        self._anchored = 0
        self._listed = iter(sorted(keys.central_list.items()))
        self._next_listed = next(self._listed, None)
        self._listed_to = 0

    def at(self, seq: int, digest: bytes) -> Broken | None:
        """Compare what stands at this entry with the head made there, if one was."""
        while self._next_listed is not None and self._next_listed[0] <= seq:
            listed_seq, listed_hash = self._next_listed
            if listed_seq == seq and listed_hash != digest:
                first = max(self._previous, self._listed_to) + 1
                return first, f"entries were made anew: central countersigned another entry {seq}", seq
            self._listed_to = listed_seq
            self._next_listed = next(self._listed, None)
        if self._next is None or self._next[0] > seq:
            return None
        head_seq = self._next[0]
        if head_seq < seq:
            return head_seq, f"a head was added for entry {head_seq}", None
        broken = self._check(self._next, digest)
        self._next = next(self._rows, None)
        return broken

    def beyond(self, last: int) -> Broken | None:
        """Look for heads of entries that are not there."""
        if self._next is None and self._next_listed is None:
            return None
        signed = max((row[0] for row in self._rows), default=self._next[0] if self._next else 0)
        listed = max(self._keys.central_list, default=0)
        who = "central countersigned" if listed > last else "there is"
        furthest = max(signed, listed)
        return last + 1, f"entries are missing from the end: {who} a head of entry {furthest}", furthest

    def noted(self, signed: str | None, anchored: str | None) -> Broken | None:
        """Compare with what the journal noted of its last head and its last countersignature."""
        if (signed or "0") != str(self._previous):
            return _as_entry(signed, self._previous), "heads were removed from the end, or added", None
        if (anchored or "0") != str(self._anchored):
            return _as_entry(anchored, self._anchored), "a countersignature was removed or added", None
        return None

    def told(self, entries: int) -> Heads:
        """Sum up, for a walk that came to `entries`."""
        anchored = max(self._anchored, self._listed_to)
        return Heads(
            self._heads,
            "checked" if self._keys.site else "not checked",
            "checked" if self._keys.central else "not checked",
            self._previous,
            anchored,
            max(0, entries - self._previous),
            max(0, entries - anchored),
        )

    def _check(self, row: tuple[int, SignedHead, Countersignature | None], digest: bytes) -> Broken | None:
        seq, signed, counter = row
        head = signed.head
        if head.previous != self._previous:
            return seq, f"heads between entries {self._previous} and {seq} were removed or added", None
        if self._keys.site and not is_signed(signed, self._keys.site):
            return seq, "its head was changed: the site's signature does not hold", None
        if (
            counter is not None
            and self._keys.central
            and not is_countersigned(signed, counter, self._keys.central)
        ):
            return seq, "its head's countersignature was changed: it is not central's", None
        if head.hash != digest or len(head.hash) != HASH_LENGTH:
            first = self._previous + 1
            return first, f"entries were made anew: another entry {seq} was signed at {head.at}", seq
        if counter is None:
            self._waiting.setdefault(head.epoch, seq)
        elif head.epoch in self._waiting:
            return self._waiting[head.epoch], "its head's countersignature was removed", None
        else:
            self._anchored = seq
        self._heads, self._previous = self._heads + 1, seq
        return None

    @staticmethod
    def _read(
        connection: sqlite3.Connection,
    ) -> Iterator[tuple[int, SignedHead, Countersignature | None]]:
        rows = connection.execute(
            "SELECT site, epoch, seq, hash, previous, at, signature, countersigned_at, countersignature"
            " FROM heads ORDER BY seq"
        )
        for *fields, signature, counter_at, counter in rows:
            head = Head(*fields)
            given = counter_at is not None or counter is not None
            counted = Countersignature(counter_at or "", counter or b"") if given else None
            yield head.seq, SignedHead(head, signature), counted


def _as_entry(noted: str | None, found: int) -> int:
    """The entry to name: the later of the two, for that is the one whose head is or was there."""
    return max(found, int(noted)) if noted is not None and noted.isdecimal() else found
