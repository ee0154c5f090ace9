"""A day's record, from the vehicle to the auditor: nothing personal in the chain, two names to each head."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gate.clock import SystemClock
from gate.demo.script import Kind
from gate.model import Corridor
from gate.sealing.keys import load_central_public, load_signing_public
from gate.store.head_check import Keys
from gate.store.journal_check import verify
from gate.store.payloads import erase_payloads
from tests.scenarios.day import Day
from tests.store.kept import a_store, rows

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_day_is_signed_countersigned_and_holds_nothing_personal(day: Day, tmp_path: Path) -> None:
    """Two vehicles come and go, the gate closes for the night; the auditor finds all of it, and no plate."""
    scripts = [day.script(Kind.PLAIN, corridor) for corridor in (Corridor.GREEN, Corridor.RED)]
    endings = [await day.drivers.play(script, await day.drivers.declare(script)) for script in scripts]
    assert all(ending.as_scripted for ending in endings), endings
    await day.until_delivered()
    assert await day.stage.stop_daemon() == 0
    edge, central = day.stage.edge, day.stage.central_data
    keys = Keys(
        (load_signing_public(edge / "keys/signing.pub"),), (load_central_public(central / "central.pub"),)
    )
    journal = edge / "journal.db"
    found = verify(journal, keys)
    assert found.problem is None
    assert found.heads.heads >= 2  # one at the start, one at the end
    assert (found.heads.unsigned, found.heads.unanchored) == (0, 0)
    assert (found.erased, found.payloads > 10) == (0, True)

    numbers = [number for ending in endings for number in ending.numbers]
    personal = [script.mark for script in scripts] + numbers
    assert len(personal) == 4
    chain = str(rows(journal, "SELECT * FROM journal"))
    assert not [secret for secret in personal if secret in chain]
    payloads = str(rows(journal, "SELECT body FROM payloads"))
    assert not [secret for secret in personal if secret not in payloads]

    # In a copy: the day itself is replayed when it is over.
    copied = tmp_path / "edge"
    shutil.copytree(edge, copied)
    journal = copied / "journal.db"
    await _erase_everything(copied)
    after = verify(journal, keys)
    assert (after.problem, after.payloads, after.erased) == (None, 0, found.payloads)
    with closing(sqlite3.connect(journal)) as connection:
        connection.execute("VACUUM")
        columns = "at, boot, point, kind, coalesce(visit, ''), body"
        left = str(connection.execute(f"SELECT {columns} FROM journal_full").fetchall())  # noqa: S608 - ours
    assert not [secret for secret in personal if secret in left]
    assert verify(journal, keys).problem is None


async def _erase_everything(data: Path) -> None:
    now = SystemClock().now().utc
    with a_store(data, "auditor") as store:
        while await store.ledger.write(
            lambda connection, record: erase_payloads(connection, record, now, now + timedelta(days=1))
        ):
            pass
