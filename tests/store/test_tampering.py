"""Hundreds of random tamperings with a record: each is found, and the right entry is named."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gate.sealing.heads import Head, sign_head
from gate.store.journal_check import verify
from tests.store.recorded import ANCHORED, ENTRIES, HEADS, Recorded, copy_of, opened, record, rehash
from tests.store.tampering import WAYS

ROUNDS = 12
"""Of each way; there are more than forty ways."""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Forty entries, five heads, four of them countersigned."""
    return asyncio.run(record(tmp_path_factory.mktemp("recorded")))


@pytest.mark.parametrize("way", WAYS)
def test_every_tampering_is_found(recorded: Recorded, tmp_path: Path, way: str) -> None:
    """A dozen at random of each way; the entry that was tampered with is named, or among those named."""
    rng = random.Random(f"seed of {way}")  # noqa: S311 - a test repeats
    for round_ in range(ROUNDS):
        path = copy_of(recorded.path, tmp_path / "journal.db")
        with closing(opened(path)) as connection:
            suspects = WAYS[way](connection, rng)
        found = verify(path, recorded.keys)
        assert found.problem is not None, (way, round_, suspects)
        assert found.entry is not None
        named = range(found.entry, (found.last or found.entry) + 1)
        assert suspects & set(named), (way, round_, suspects, found)
        if found.last is not None and "cut off" not in way:  # then it is one stretch between two heads
            assert found.last - found.entry < 7
        assert found.entries == max(0, min(found.entry - 1, ENTRIES))


def test_there_are_hundreds() -> None:
    """The issue's word, counted."""
    assert len(WAYS) * ROUNDS >= 500


def test_the_untouched_record_holds(recorded: Recorded, tmp_path: Path) -> None:
    """The control: the same copying, nothing done; and what nobody vouches for yet is told."""
    path = copy_of(recorded.path, tmp_path / "journal.db")
    opened(path).close()
    found = verify(path, recorded.keys)
    assert (found.problem, found.entries, found.payloads) == (None, ENTRIES, ENTRIES // 3)
    heads = found.heads
    assert (heads.heads, heads.signed_to, heads.anchored_to) == (5, 35, 28)
    assert (heads.unsigned, heads.unanchored) == (5, 12)
    assert heads.signatures == heads.countersignatures == "checked"


@pytest.mark.parametrize(
    ("body", "said"), [('{"corridor":"RED"}', "what its payload does not say"), ("no JSON", "not JSON")]
)
def test_the_chain_and_the_payload_tell_one_story(
    recorded: Recorded, tmp_path: Path, body: str, said: str
) -> None:
    """Whoever makes the chain anew with another short story than the long one gives himself away."""
    path = copy_of(recorded.path, tmp_path / "journal.db")
    with closing(opened(path)) as connection:
        connection.execute("UPDATE journal SET body = ? WHERE seq = 39", (body,))
        rehash(connection, 39)
    found = verify(path, recorded.keys)
    assert (found.entry, said in (found.problem or "")) == (39, True)


def test_without_keys_signatures_are_not_claimed(recorded: Recorded, tmp_path: Path) -> None:
    """A forged head passes for somebody who brought no key, and he is told that nothing was checked."""
    path = copy_of(recorded.path, tmp_path / "journal.db")
    with closing(opened(path)) as connection:
        connection.execute("UPDATE heads SET signature = zeroblob(64)")
    found = verify(path)
    assert found.problem is None
    assert found.heads.signatures == found.heads.countersignatures == "not checked"
    assert verify(path, recorded.keys).entry == HEADS[0]


def test_what_lies_behind_the_last_head_is_told_as_unsigned(recorded: Recorded, tmp_path: Path) -> None:
    """The limit of it: entries nobody has signed yet can be made anew, so their number is told."""
    path = copy_of(recorded.path, tmp_path / "journal.db")
    with closing(opened(path)) as connection:
        connection.execute("UPDATE journal SET point = 'lane-9' WHERE seq = 38")
        rehash(connection, 38)
    found = verify(path, recorded.keys)
    assert found.problem is None
    assert found.heads.unsigned == ENTRIES - HEADS[-1]


def _by_root_with_the_sites_key(connection: sqlite3.Connection, recorded: Recorded, first: int) -> None:
    """An entry changed, the chain made anew, every head signed again, countersignatures dropped."""
    connection.execute("UPDATE journal SET kind = 'Harmless' WHERE seq = ?", (first,))
    rehash(connection, first)
    for head_seq in [seq for seq in HEADS if seq >= first]:
        row = connection.execute(
            "SELECT site, epoch, h.seq, j.hash, previous, h.at FROM heads h JOIN journal j USING (seq)"
            " WHERE h.seq = ?",
            (head_seq,),
        ).fetchone()
        signed = sign_head(Head(*row), recorded.site)
        connection.execute(
            "UPDATE heads SET hash = ?, signature = ?, countersigned_at = NULL, countersignature = NULL"
            " WHERE seq = ?",
            (signed.head.hash, signed.signature, head_seq),
        )
    anchored = max((seq for seq in HEADS if seq < first), default=0)
    connection.execute("UPDATE meta SET value = ? WHERE key = 'anchored'", (str(anchored),))


@pytest.mark.parametrize("first", [1, 10, 28])
def test_root_with_the_sites_key_cannot_bend_what_central_has(
    recorded: Recorded, tmp_path: Path, first: int
) -> None:
    """Signed anew he passes here, as unanchored; held against central's own list he does not."""
    path = copy_of(recorded.path, tmp_path / "journal.db")
    with closing(opened(path)) as connection:
        listed = dict(
            connection.execute("SELECT seq, hash FROM heads WHERE countersignature IS NOT NULL").fetchall()
        )
        _by_root_with_the_sites_key(connection, recorded, first)
    alone = verify(path, recorded.keys)
    assert alone.problem is None
    assert alone.heads.unanchored > ENTRIES - ANCHORED
    keys = recorded.keys
    found = verify(path, type(keys)(keys.site, keys.central, listed))
    assert found.problem is not None
    assert found.entry is not None
    assert found.last is not None
    assert found.entry <= first <= found.last
    assert verify(recorded.path, type(keys)(keys.site, keys.central, listed)).problem is None
