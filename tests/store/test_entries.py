"""What is in an entry, and journals of the schema before, brought up to date."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import struct
from contextlib import closing
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.store.chain import FRAMED_FORM, GENESIS, Entry, commitment_of, entry_hash
from gate.store.database import open_database
from gate.store.journal_check import verify
from gate.store.store import open_store
from tests.sealing.made import KEYS
from tests.store.kept import AT, a_store, rows, step
from tests.store.recorded import append, erase, opened, rehash

SCHEMA = resources.files("gate.store").joinpath("schema", "journal")


async def test_an_entry_says_when_by_every_clock(tmp_path: Path) -> None:
    """UTC, seconds since boot, the boot, and how far off the clock was measured to be, or that it was not."""
    measured: list[float | None] = [None, -0.125, 3.5]
    store = open_store(tmp_path, "boot1", lambda: None, KEYS.central_public, lambda: measured.pop(0))
    try:
        for second in range(3):
            await store.ledger.commit(step(seconds=second))
    finally:
        store.close()
    journal = tmp_path / "journal.db"
    assert rows(journal, "SELECT clock_offset FROM journal ORDER BY seq") == [(None,), (-0.125,), (3.5,)]
    ((at, boot, rises),) = rows(journal, "SELECT min(at), min(boot), max(mono) > min(mono) FROM journal")
    assert (at, boot, rises) == (AT.isoformat(), "boot1", 1)
    assert verify(journal).problem is None


def _by_the_document(prev: bytes, entry: Entry) -> bytes:
    """docs/journal.md in another hand: every length as four bytes, then every field; hashed, then linked."""
    texts = (entry.at, entry.boot, entry.point, entry.kind, entry.visit, entry.body)
    fields = [None if text is None else text.encode() for text in texts]
    fields += [
        None if entry.clock_offset is None else struct.pack(">d", entry.clock_offset),
        entry.commitment,
    ]
    content = entry.seq.to_bytes(8, "big", signed=True) + struct.pack(">d", entry.mono)
    for field in fields:
        content += (-1 if field is None else len(field)).to_bytes(4, "big", signed=True)
    digest = hashlib.sha256(content + b"".join(field or b"" for field in fields)).digest()
    return hashlib.sha256(b"gate/journal/2" + prev + digest).digest()


_ENTRIES = st.builds(
    Entry,
    st.integers(1, 2**53),
    *(st.text(max_size=9), st.text(max_size=9)),
    st.floats(allow_nan=False),
    *(st.text(max_size=9), st.text(max_size=9)),
    st.none() | st.text(max_size=9),
    st.text(max_size=30),
    st.none() | st.floats(allow_nan=False),
    st.none() | st.binary(min_size=32, max_size=32),
    st.just(FRAMED_FORM),
)


@given(_ENTRIES, st.binary(min_size=32, max_size=32))
def test_the_bytes_are_those_of_the_document(entry: Entry, prev: bytes) -> None:
    """Whoever follows the document comes to the same hash."""
    assert entry_hash(prev, entry) == _by_the_document(prev, entry)


@given(_ENTRIES, _ENTRIES)
def test_no_two_entries_have_one_hash(one: Entry, other: Entry) -> None:
    """No field can flow into the next, and an absent one is not an empty one."""
    assert (entry_hash(GENESIS, one) == entry_hash(GENESIS, other)) == (repr(one) == repr(other))
    moved = one._replace(at=one.at + "x", boot="y" + one.boot)
    assert entry_hash(GENESIS, moved) != entry_hash(GENESIS, one._replace(at=one.at + "xy"))
    assert entry_hash(GENESIS, one._replace(visit=None)) != entry_hash(GENESIS, one._replace(visit=""))


def test_a_commitment_needs_its_salt() -> None:
    """Thirteen digits could be guessed; with 32 random bytes that went with them they cannot."""
    body = json.dumps({"number": "2000000000008"})
    assert commitment_of(b"\1" * 32, body) != commitment_of(b"\2" * 32, body)
    assert commitment_of(b"\1" * 32, body) == hashlib.sha256(b"\1" * 32 + body.encode()).digest()


async def test_every_payload_has_its_own_salt(tmp_path: Path) -> None:
    """Two entries that say the same do not look the same in the chain."""
    with a_store(tmp_path) as store:
        for _ in range(5):
            await append(store, 3)
    salted = rows(tmp_path / "journal.db", "SELECT count(DISTINCT salt), count(DISTINCT body) FROM payloads")
    assert salted == [(5, 1)]
    assert rows(tmp_path / "journal.db", "SELECT count(DISTINCT commitment) FROM journal") == [(5,)]


# --- a journal of before ---------------------------------------------------------------------------

OLD = 6


def _journal_of_schema_4(path: Path) -> None:
    """As the version before left it: six entries with their plates in the chain."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as old:
        old.execute("PRAGMA journal_mode=WAL")
        for name in sorted(item.name for item in SCHEMA.iterdir())[:4]:
            old.executescript(SCHEMA.joinpath(name).read_text())
        prev = GENESIS
        for seq in range(1, OLD + 1):
            body = f'{{"mark":"10AA12{seq}"}}'
            entry = Entry(seq, AT.isoformat(), "boot0", seq / 7, "lane-1", "Told", "visit-1", body)
            digest = entry_hash(prev, entry)
            old.execute(
                "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*entry[:8], prev, digest)
            )
            prev = digest
        old.executemany(
            "INSERT INTO meta VALUES (?, ?)", [("head", f"{OLD}:{prev.hex()}"), ("epoch", "e" * 32)]
        )
        old.execute("PRAGMA user_version = 4")
        old.commit()


async def test_a_journal_of_before_goes_on_as_one_chain(tmp_path: Path) -> None:
    """Old entries keep their hashes and their rule; new ones follow; readers see both; both are checked."""
    journal = tmp_path / "journal.db"
    _journal_of_schema_4(journal)
    assert verify(journal).problem is None  # an archived one, as it was left
    before = rows(journal, "SELECT seq, hash FROM journal ORDER BY seq")
    with a_store(tmp_path) as store:
        for number in (3, 4):
            await append(store, number)
    assert rows(journal, "SELECT seq, hash FROM journal ORDER BY seq")[:OLD] == before
    assert rows(journal, "SELECT form, count(*), count(commitment) FROM journal GROUP BY form") == [
        (1, 6, 0),
        (2, 2, 1),
    ]
    marks = rows(journal, "SELECT body ->> '$.mark' FROM journal_full WHERE visit = 'visit-1' ORDER BY seq")
    assert marks[:2] == [("10AA121",), ("10AA122",)]
    assert await erase(tmp_path, 100) == 1  # the old ones have no payload to erase
    found = verify(journal)
    assert (found.problem, found.entries, found.erased) == (None, OLD + 3, 1)


OLD_RULE = {
    "clock_offset = 0.5 WHERE seq = 3": 3,
    "commitment = zeroblob(32) WHERE seq = 4": 4,
    "form = 2 WHERE seq = 5": 6,
    "form = 1, commitment = NULL WHERE seq = 8": 8,
    "form = 3 WHERE seq = 8": 8,
}
"""What is set, and the entry to name once the chain has been made anew behind it."""


@pytest.mark.parametrize("deed", OLD_RULE)
async def test_the_old_rule_is_no_back_door(tmp_path: Path, deed: str) -> None:
    """What the old rule does not cover may not be there, and no new entry may claim it, even made anew."""
    journal = tmp_path / "journal.db"
    _journal_of_schema_4(journal)
    with a_store(tmp_path) as store:
        for number in (3, 4):
            await append(store, number)
    seq = int(deed.rsplit(" ", 1)[1])
    with closing(opened(journal)) as connection:
        connection.execute(f"UPDATE journal SET {deed}")
    assert verify(journal).entry == seq
    with closing(opened(journal)) as connection:
        rehash(connection, seq)
    assert verify(journal).entry == OLD_RULE[deed]


def test_what_is_new_in_a_journal_of_before(tmp_path: Path) -> None:
    """Grown up or born today, one schema."""
    _journal_of_schema_4(tmp_path / "old" / "journal.db")
    made = []
    for name in ("old", "new"):
        open_database(tmp_path / name / "journal.db", "journal").close()
        made.append(rows(tmp_path / name / "journal.db", "SELECT name, sql FROM sqlite_master ORDER BY name"))
    assert made[0] == made[1]
