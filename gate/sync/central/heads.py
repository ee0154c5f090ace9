"""Countersigning checkpoints' journals: central keeps each head, so that none can be made anew behind it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from prometheus_client import Counter

from gate.errors import StoreError
from gate.sealing.heads import Countersignature, SignedHead, countersign, head_time, is_signed
from gate.sync.central.database import from_text
from gate.sync.central.refusals import RefusalError
from gate.sync.wire import HeadBatch, HeadsCountersigned, WireCountersignature

log = structlog.get_logger()
COUNTERSIGNED = Counter("gate_central_heads_total", "Journal heads countersigned")
REFUSED = Counter("gate_central_heads_refused_total", "Journal heads that go back or fork, refused")
_HEAD = "site, epoch, seq, hash, previous, at, signature"


def set_signing_key(connection: sqlite3.Connection, site: str, raw: bytes) -> bool:
    """Note the key a site signs heads with; True when it had another one before."""
    row = connection.execute("SELECT signing_key FROM sites WHERE site = ?", (site,)).fetchone()
    if row is None:
        raise StoreError(f"site {site} is not registered: name it with --site too")
    connection.execute("UPDATE sites SET signing_key = ? WHERE site = ?", (raw, site))
    return row["signing_key"] is not None and row["signing_key"] != raw


def countersign_heads(
    connection: sqlite3.Connection, batch: HeadBatch, key: Ed25519PrivateKey, now: datetime
) -> HeadsCountersigned | RefusalError:
    """Keep and countersign each head, or none of the batch; one kept before is answered as it was then.

    The refusal is returned, not raised: what was wrong must be committed.
    """
    (raw,) = connection.execute("SELECT signing_key FROM sites WHERE site = ?", (batch.site,)).fetchone()
    if raw is None:
        return RefusalError(
            HTTPStatus.CONFLICT,
            f"No signing key of {batch.site} is registered",
            where="site",
            do="start central with --signing NAME=PUBLIC_KEY_FILE",
        )
    site_key = Ed25519PublicKey.from_public_bytes(raw)
    heads = batch.signed()
    for signed in heads:
        if not is_signed(signed, (site_key,)):
            return RefusalError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"The head of entry {signed.head.seq} is not signed by {batch.site}",
                where="heads.signature",
                do="register the site's present signing key with --signing",
            )
    answers: list[tuple[int, Countersignature]] = []
    fresh: list[tuple[SignedHead, Countersignature]] = []
    highest = _highest(connection, batch.site, batch.epoch)
    for signed in heads:
        if signed.head.seq <= highest:
            kept = _kept(connection, signed)
            if kept is None:
                return _refuse(connection, signed, highest, now)
            answers.append((signed.head.seq, kept))
            continue
        if highest and signed.head.previous < highest:
            return _refuse(connection, signed, highest, now)
        if highest and signed.head.previous > highest:
            # Central was restored from a backup, say: heads of before are in the site's journal alone.
            log.warning("central.heads_missing", site=batch.site, after=highest, before=signed.head.seq)
        counter = countersign(signed, head_time(now), key)
        fresh.append((signed, counter))
        answers.append((signed.head.seq, counter))
        highest = signed.head.seq
    connection.executemany(
        f"INSERT INTO journal_heads ({_HEAD}, countersigned_at, countersignature)"  # noqa: S608 - our columns
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(*_row(signed), counter.at, counter.signature) for signed, counter in fresh],
    )
    COUNTERSIGNED.inc(len(fresh))
    return HeadsCountersigned(
        heads=tuple(
            WireCountersignature(seq=seq, at=from_text(counter.at), signature=counter.signature)
            for seq, counter in answers
        )
    )


def heads_of(database: Path, site: str) -> dict[str, list[dict[str, object]]]:
    """What central countersigned and refused for a site, oldest first, straight from central.db.

    For an auditor, who compares it with the site's own journal. Opens the file read-only.
    """
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return {
                "heads": _told(connection, "journal_heads", "countersigned_at, epoch, seq", site),
                "refused": _told(connection, "heads_refused", "id", site),
            }
    except sqlite3.Error as error:
        raise StoreError(f"{database}: the countersigned heads cannot be read ({error})") from error


def _told(connection: sqlite3.Connection, table: str, order: str, site: str) -> list[dict[str, object]]:
    rows: Sequence[sqlite3.Row] = connection.execute(
        f"SELECT * FROM {table} WHERE site = ? ORDER BY {order}",  # noqa: S608 - our tables
        (site,),
    ).fetchall()
    return [
        {name: value.hex() if isinstance(value, bytes) else value for name, value in dict(row).items()}
        for row in rows
    ]


def _highest(connection: sqlite3.Connection, site: str, epoch: str) -> int:
    (highest,) = connection.execute(
        "SELECT coalesce(max(seq), 0) FROM journal_heads WHERE site = ? AND epoch = ?", (site, epoch)
    ).fetchone()
    return int(highest)


def _kept(connection: sqlite3.Connection, signed: SignedHead) -> Countersignature | None:
    """Central's countersignature of exactly this head, if it gave one."""
    row = connection.execute(
        "SELECT countersigned_at, countersignature FROM journal_heads"
        " WHERE (site, epoch, seq, hash, previous, at, signature) = (?, ?, ?, ?, ?, ?, ?)",
        _row(signed),
    ).fetchone()
    return None if row is None else Countersignature(row[0], row[1])


def _refuse(connection: sqlite3.Connection, signed: SignedHead, highest: int, now: datetime) -> RefusalError:
    """The site's own signature under two histories: that is evidence, and kept."""
    head = signed.head
    known = connection.execute(
        "SELECT hash FROM journal_heads WHERE site = ? AND epoch = ? AND seq = ?",
        (head.site, head.epoch, head.seq),
    ).fetchone()
    forks = known is not None and known["hash"] != head.hash
    why = f"entry {head.seq} is another than was countersigned" if forks else f"goes back behind {highest}"
    REFUSED.inc()
    log.error("central.journal_made_anew", site=head.site, epoch=head.epoch, seq=head.seq, why=why)
    connection.execute(
        f"INSERT INTO heads_refused ({_HEAD}, refused_at, why)"  # noqa: S608 - our columns
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (*_row(signed), head_time(now), why),
    )
    return RefusalError(
        HTTPStatus.CONFLICT,
        f"The journal of {head.site} was made anew or restored from a backup: {why}",
        where="heads.seq",
        do="keep the site's files for the auditor; gate central heads shows what was countersigned",
    )


def _row(signed: SignedHead) -> tuple[str, str, int, bytes, int, str, bytes]:
    head = signed.head
    return (head.site, head.epoch, head.seq, head.hash, head.previous, head.at, signed.signature)
