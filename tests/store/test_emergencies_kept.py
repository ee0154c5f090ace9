"""Emergencies and their pulses in journal.db, and a journal of the first schema brought up to date."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib import resources
from pathlib import Path

import pytest

from gate.errors import StoreError
from gate.lanes.commands import DeclareEmergency, EndEmergency, Record
from gate.lanes.ports import Pulse
from gate.store.chain import GENESIS, Entry, entry_hash
from gate.store.database import open_database
from gate.store.journal_check import verify
from tests.store.kept import AT, a_store, raising, release, rows, step

SCHEMA = resources.files("gate.store").joinpath("schema", "journal")


def _declared(emergency_id: str) -> DeclareEmergency:
    return DeclareEmergency(emergency_id, "leyla", "ambulance")


def _opening(emergency_id: str, release_id: str | None = None) -> Pulse:
    return Pulse(emergency_id, "emergency", release_id)


REFUSED: dict[str, tuple[tuple[Record, ...], tuple[Pulse, ...]]] = {
    "no emergency at all": ((), (_opening("nobody's"),)),
    "an emergency that has ended": ((), (_opening("ended"),)),
    "one that ends in the same step": ((EndEmergency("lasting"),), (_opening("lasting"),)),
    "a second pulse for one emergency": ((), (_opening("pulsed"),)),
    "a release's id": ((), (_opening("standing"),)),
    "an emergency's pulse with a release": ((), (_opening("lasting", "standing"),)),
    "a raise on an emergency": ((), (raising("lasting"),)),
    "an emergency declared twice": ((_declared("lasting"),), ()),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_the_database_itself_refuses_an_opening_without_its_emergency(tmp_path: Path, why: str) -> None:
    """Law 5 in SQL, for emergencies: the whole step is undone, and the chain goes on."""
    records, pulses = REFUSED[why]
    journal = tmp_path / "journal.db"
    with a_store(tmp_path) as store:
        await store.ledger.commit(
            step(
                *(_declared(one) for one in ("lasting", "pulsed", "ended")),
                release("standing"),
                pulses=(_opening("pulsed"),),
            )
        )
        await store.ledger.commit(step(EndEmergency("ended")))
        before = [rows(journal, f"SELECT * FROM {table}") for table in ("journal", "pulses", "emergencies")]
        with pytest.raises(StoreError, match="refused"):
            await store.ledger.commit(step(*records, pulses=pulses))
        after = [rows(journal, f"SELECT * FROM {table}") for table in ("journal", "pulses", "emergencies")]
        assert after == before
        await store.ledger.commit(step(pulses=(_opening("lasting"),)))
    assert rows(journal, "SELECT decision_id, kind FROM pulses ORDER BY rowid") == [
        ("pulsed", "emergency"),
        ("lasting", "emergency"),
    ]
    assert verify(journal).problem is None


# --- a journal of before ---------------------------------------------------------------------------

_OLD_ENTRY = Entry(1, AT.isoformat(), "boot0", 1.5, "lane-1", "RegistrationCommitted", "visit-1", "{}")


def _journal_of_the_first_schema(path: Path) -> None:
    """As the first version left it: a released vehicle, its pulses, a call, a chain of one entry."""
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = entry_hash(GENESIS, _OLD_ENTRY)
    at = AT.isoformat()
    with closing(sqlite3.connect(path)) as old:
        old.execute("PRAGMA journal_mode=WAL")
        old.executescript(SCHEMA.joinpath("0001_journal.sql").read_text())
        entry = (1, at, "boot0", 1.5, "lane-1", "RegistrationCommitted", "visit-1", "{}", GENESIS, digest)
        old.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", entry)
        old.executemany(
            "INSERT INTO meta VALUES (?, ?)", [("head", f"1:{digest.hex()}"), ("epoch", "e" * 32)]
        )
        old.execute(
            "INSERT INTO releases VALUES"
            " ('r1', 'visit-1', 'lane-1', 'RED', 'officer', 'leyla', '[\"seal\"]', ?, NULL)",
            (at,),
        )
        old.execute("INSERT INTO pulses VALUES ('r1', 'lane-1', 'raise', 'r1', ?)", (at,))
        old.execute("INSERT INTO pulses VALUES ('l1', 'lane-1', 'lower', NULL, ?)", (at,))
        old.execute("INSERT INTO calls VALUES ('c1', 'lane-1', 'visit-1', 'look', 1, ?, NULL, NULL)", (at,))
        old.execute(
            "INSERT INTO visits (visit_id, point, status, mark, first_presence)"
            " VALUES ('visit-1', 'approach', 'released', '10AA123', ?)",
            (at,),
        )
        old.execute("PRAGMA user_version = 1")
        old.commit()


async def test_a_journal_of_the_first_schema_keeps_its_pulses_and_releases(tmp_path: Path) -> None:
    """Brought to the newest: what it held it holds, what was spent stays spent, and emergencies can begin."""
    journal = tmp_path / "journal.db"
    _journal_of_the_first_schema(journal)
    pulses = rows(journal, "SELECT * FROM pulses ORDER BY rowid")
    releases = rows(journal, "SELECT * FROM releases")
    with a_store(tmp_path) as store:
        assert rows(journal, "SELECT * FROM pulses ORDER BY rowid") == pulses
        assert rows(journal, "SELECT * FROM releases") == releases
        assert store.outbox.epoch == "e" * 32
        assert [call.call_id for call in await store.ledger.open_calls()] == ["c1"]
        assert [visit.visit_id for visit in await store.ledger.open_visits()] == ["visit-1"]
        with pytest.raises(StoreError, match="refused"):
            await store.ledger.commit(step(pulses=(raising("r1"),)))
        with pytest.raises(StoreError, match="refused"):
            await store.ledger.commit(step(pulses=(raising("r2"),)))
        await store.ledger.commit(step(_declared("e1"), pulses=(_opening("e1"),)))
    newest = sum(1 for item in SCHEMA.iterdir() if item.name.endswith(".sql"))
    assert rows(journal, "PRAGMA user_version") == [(newest,)]
    assert rows(journal, "PRAGMA foreign_key_check") == []
    assert verify(journal).problem is None


def test_old_and_new_journals_have_one_schema(tmp_path: Path) -> None:
    """A journal that grew up is made like one that was born today."""
    _journal_of_the_first_schema(tmp_path / "old" / "journal.db")
    made = []
    for name in ("old", "new"):
        path = tmp_path / name / "journal.db"
        open_database(path, "journal").close()
        made.append(rows(path, "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"))
    assert made[0] == made[1]
