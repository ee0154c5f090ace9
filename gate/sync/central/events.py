"""Keeping what checkpoints report: once each, by (site, epoch, seq), whatever the links do."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import datetime
from http import HTTPStatus

import structlog
from prometheus_client import Counter
from pydantic import JsonValue
from pydantic_core import from_json, to_json

from gate.sync.central.database import to_text
from gate.sync.central.refusals import RefusalError
from gate.sync.wire import EventBatch, WireEvent

log = structlog.get_logger()

KEPT = Counter("gate_central_events_total", "Events kept")
REPEATED = Counter("gate_central_events_repeated_total", "Events told again and already kept")
GAPS = Counter("gate_central_event_gaps_total", "Stretches of events neither side has any more")


def store_events(connection: sqlite3.Connection, batch: EventBatch, now: datetime) -> int:
    """Keep the batch; the contiguous high-water mark of its journal afterwards.

    A batch that begins beyond the mark is not kept and the mark returned tells the edge where to go on
    from, unless the edge says it no longer has what is missing: then the gap is recorded.
    """
    site, epoch = batch.site, batch.epoch
    row = connection.execute(
        "SELECT high_water FROM event_streams WHERE site = ? AND epoch = ?", (site, epoch)
    ).fetchone()
    high_water: int = row["high_water"] if row else 0
    if not batch.events:
        return high_water
    first = batch.events[0].seq
    if first > high_water + 1:
        if batch.missing_before is None:
            return high_water
        GAPS.inc()
        log.error("central.events_missing", site=site, epoch=epoch, first=high_water + 1, last=first - 1)
        connection.execute(
            "INSERT INTO event_gaps VALUES (?, ?, ?, ?, ?)",
            (site, epoch, high_water + 1, first - 1, to_text(now)),
        )
    for event in batch.events:
        _keep(connection, batch, event, now)
    high_water = max(high_water, batch.events[-1].seq)
    connection.execute(
        "INSERT INTO event_streams VALUES (?, ?, ?) "
        "ON CONFLICT (site, epoch) DO UPDATE SET high_water = excluded.high_water",
        (site, epoch, high_water),
    )
    return high_water


def read_events(connection: sqlite3.Connection, site: str, after: int, limit: int) -> dict[str, JsonValue]:
    """Events of `site` in the order they were received, after an id."""
    rows = connection.execute(
        "SELECT * FROM events WHERE site = ? AND id > ? ORDER BY id LIMIT ?", (site, after, limit)
    ).fetchall()
    return {
        "events": [
            {
                "id": row["id"],
                "epoch": row["epoch"],
                "seq": row["seq"],
                "kind": row["kind"],
                "at": row["at"],
                "body": from_json(row["body"]),
                "received_at": row["received_at"],
            }
            for row in rows
        ],
        "cursor": rows[-1]["id"] if rows else after,
    }


def _keep(connection: sqlite3.Connection, batch: EventBatch, event: WireEvent, now: datetime) -> None:
    body = to_json(event.body).decode()
    digest = hashlib.sha256("\n".join((event.kind, to_text(event.at), body)).encode()).digest()
    kept = connection.execute(
        "SELECT digest FROM events WHERE site = ? AND epoch = ? AND seq = ?",
        (batch.site, batch.epoch, event.seq),
    ).fetchone()
    if kept is None:
        connection.execute(
            "INSERT INTO events (site, epoch, seq, kind, at, body, digest, received_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(batch.site, batch.epoch, event.seq, event.kind),
                *(to_text(event.at), body, digest, to_text(now)),
            ),
        )
        KEPT.inc()
    elif kept["digest"] == digest:
        REPEATED.inc()
    else:
        # Two different messages under one number: a journal restored from a backup goes on counting
        # where it was. Taking either silently would lose one of them.
        raise RefusalError(
            HTTPStatus.CONFLICT,
            f"Event {event.seq} of journal {batch.epoch} was told differently before",
            where=f"events: seq {event.seq}",
            do="the checkpoint's journal was restored from a backup: give it a new epoch",
        )
