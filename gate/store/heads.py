"""Signing the journal's head every minute and at the end, and keeping central's countersignatures."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from prometheus_client import Counter

from gate.clock import Clock
from gate.sealing.heads import Countersignature, Head, SignedHead, head_time, sign_head
from gate.store.database import DatabaseThread
from gate.store.journal import Journal, note
from gate.store.ledger import JournalLedger

log = structlog.get_logger()
SIGNED = Counter("gate_heads_signed_total", "Journal heads signed")
SIGN_SECONDS = 60.0
_COLUMNS = "site, epoch, seq, hash, previous, at, signature"


class JournalHeads:
    """The heads of one journal. Implements sync.ports.Heads. Nothing waits for it but the shutdown."""

    def __init__(
        self,
        thread: DatabaseThread,
        ledger: JournalLedger,
        *,
        site: str,
        epoch: str,
        key: Ed25519PrivateKey,
        clock: Clock,
        on_signed: Callable[[], None],
    ) -> None:
        self._thread = thread
        self._ledger = ledger
        self._site = site
        self._epoch = epoch
        self._key = key
        self._clock = clock
        self._on_signed = on_signed

    async def run(self) -> None:
        """Sign once a minute what is new, until cancelled."""
        while True:
            await self.sign()
            await self._clock.sleep(SIGN_SECONDS)

    async def sign(self) -> bool:
        """Sign the head, durably; False when nothing was written since the last one."""
        at = head_time(self._clock.now().utc)
        signed = await self._ledger.write(lambda connection, journal: self._sign(connection, journal, at))
        if signed:
            SIGNED.inc()
            self._on_signed()
        return signed

    async def pending(self, limit: int) -> Sequence[SignedHead]:
        """Heads of this journal central has not countersigned, oldest first, at most `limit`."""
        rows = await self._thread.run(
            lambda: self._thread.journal.conn.execute(
                f"SELECT {_COLUMNS} FROM heads WHERE countersignature IS NULL AND site = ? AND epoch = ?"
                " ORDER BY seq LIMIT ?",
                (self._site, self._epoch, limit),
            ).fetchall()
        )
        return [SignedHead(Head(*fields), signature) for *fields, signature in rows]

    async def anchor(self, countersigned: Sequence[tuple[int, Countersignature]]) -> None:
        """Keep central's countersignatures, which the caller has checked; each head takes one."""

        def work(connection: sqlite3.Connection, _journal: Journal) -> None:
            for seq, counter in countersigned:
                connection.execute(
                    "UPDATE heads SET countersigned_at = ?, countersignature = ?"
                    " WHERE seq = ? AND countersignature IS NULL",
                    (counter.at, counter.signature, seq),
                )
            note(connection, "anchored", str(max(seq for seq, _ in countersigned)))

        if countersigned:
            await self._ledger.write(work)

    def _sign(self, connection: sqlite3.Connection, journal: Journal, at: str) -> bool:
        (previous,) = connection.execute("SELECT coalesce(max(seq), 0) FROM heads").fetchone()
        seq, digest = journal.head
        if seq <= previous:
            return False
        head = Head(self._site, self._epoch, seq, digest, previous, at)
        signature = sign_head(head, self._key).signature
        connection.execute(
            f"INSERT INTO heads ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (head.site, head.epoch, seq, digest, previous, at, signature),
        )
        note(connection, "signed", str(seq))
        return True
