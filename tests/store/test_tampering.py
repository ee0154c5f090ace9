"""Hundreds of random tamperings with a record: each is found, and the right entry is named."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gate.sealing.heads import Head, sign_head
from gate.store.chain import COLUMNS, entry_hash
from gate.store.journal_check import verify
from tests.store.recorded import ANCHORED, ENTRIES, HEADS, Recorded, copy_of, entry_of, opened, record, rehash

Suspects = set[int]
"""The entries that may rightly be named."""
Tampering = Callable[[sqlite3.Connection, random.Random], Suspects]
ROUNDS = 12
"""Of each way; there are more than forty ways."""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Forty entries, five heads, four of them countersigned."""
    return asyncio.run(record(tmp_path_factory.mktemp("recorded")))


def _other(value: object, rng: random.Random) -> object:
    """Something of the same type that is another."""
    match value:
        case bytes():
            spoilt = bytearray(value)
            spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
            return bytes(spoilt)
        case int():
            return value + rng.choice((1, 2, 5))
        case float():
            return value + rng.choice((1e-6, 1.0, -3.5))
        case str():
            at = rng.randrange(len(value) + 1)
            return value[:at] + rng.choice("x7 ") + value[at:]
        case _:
            return None


def _any(rng: random.Random, last: int = ENTRIES) -> int:
    return rng.randint(1, last)


def _personal(rng: random.Random) -> int:
    return rng.randrange(3, ENTRIES + 1, 3)


def _column(table: str, name: str, pick: Callable[[random.Random], int]) -> Tampering:
    def tamper(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
        seq = pick(rng)
        (value,) = connection.execute(f"SELECT {name} FROM {table} WHERE seq = ?", (seq,)).fetchone()  # noqa: S608 - ours
        absent = {"visit": "visit-99", "clock_offset": 0.25, "commitment": b"\7" * 32}
        new = absent.get(name, b"x") if value is None else _other(value, rng)
        connection.execute(f"UPDATE {table} SET {name} = ? WHERE seq = ?", (new, seq))  # noqa: S608 - ours
        return {seq}

    return tamper


def _removed(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    seq = _any(rng)
    connection.execute("DELETE FROM journal WHERE seq = ?", (seq,))
    return {seq}


def _cut_off(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    seq = _any(rng)
    connection.execute("DELETE FROM journal WHERE seq >= ?", (seq,))
    return {seq}


def _cut_off_with_its_note(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    """Before the last signed head: that one tells."""
    seq = _any(rng, HEADS[-1])
    connection.execute("DELETE FROM journal WHERE seq >= ?", (seq,))
    connection.execute("DELETE FROM payloads WHERE seq >= ?", (seq,))
    if seq > 1:
        rehash(connection, seq)
    row = connection.execute("SELECT hash FROM journal WHERE seq = ?", (seq - 1,)).fetchone()
    note = f"{seq - 1}:{(row[0] if row else bytes(32)).hex()}"
    connection.execute("UPDATE meta SET value = ? WHERE key = 'head'", (note,))
    return {seq}


def _insert(connection: sqlite3.Connection, seq: int, like: int) -> None:
    (prev,) = connection.execute("SELECT hash FROM journal WHERE seq = ?", (seq - 1,)).fetchone() or (
        bytes(32),
    )
    entry = entry_of(connection, like)._replace(seq=seq, commitment=None)
    connection.execute(
        f"INSERT INTO journal ({COLUMNS}, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - ours
        (*entry, prev, entry_hash(prev, entry)),
    )


def _added_behind(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    """Rightly chained; only the note of the last entry is not kept up."""
    _insert(connection, ENTRIES + 1, _any(rng))
    return {ENTRIES + 1}


def _added_far_behind(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    seq = ENTRIES + rng.randint(2, 60)
    connection.execute(
        f"INSERT INTO journal ({COLUMNS}, prev, hash) SELECT ?, {COLUMNS.removeprefix('seq, ')}, prev, hash"  # noqa: S608 - ours
        " FROM journal WHERE seq = ?",
        (seq, _any(rng)),
    )
    return {seq}


def _added_before(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    seq = -rng.randrange(3)
    connection.execute(
        f"INSERT INTO journal ({COLUMNS}, prev, hash) SELECT ?, {COLUMNS.removeprefix('seq, ')}, prev, hash"  # noqa: S608 - ours
        " FROM journal WHERE seq = 1",
        (seq,),
    )
    return {seq}


def _added_between(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    """The forged one follows the entry before it; the next one does not follow the forged one."""
    seq = _any(rng)
    for table in ("journal", "payloads"):
        connection.execute(f"UPDATE {table} SET seq = -seq - 1 WHERE seq >= ?", (seq,))  # noqa: S608 - ours
        connection.execute(f"UPDATE {table} SET seq = -seq WHERE seq < 0")  # noqa: S608 - ours
    _insert(connection, seq, seq + 1)
    return {seq, seq + 1}


def _swapped(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    one, other = rng.sample(range(1, ENTRIES + 1), 2)
    for table in ("journal", "payloads"):
        connection.execute(f"UPDATE {table} SET seq = -1 WHERE seq = ?", (one,))  # noqa: S608 - ours
        connection.execute(f"UPDATE {table} SET seq = ? WHERE seq = ?", (one, other))  # noqa: S608 - ours
        connection.execute(f"UPDATE {table} SET seq = ? WHERE seq = -1", (other,))  # noqa: S608 - ours
    return {min(one, other)}


def _repeated(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    """One entry written over another, hashes and all."""
    one, other = rng.sample(range(1, ENTRIES + 1), 2)
    columns = COLUMNS.removeprefix("seq, ") + ", prev, hash"
    connection.execute(
        f"UPDATE journal SET ({columns}) = (SELECT {columns} FROM journal WHERE seq = ?) WHERE seq = ?",  # noqa: S608 - ours
        (one, other),
    )
    return {other}


def _changed(connection: sqlite3.Connection, rng: random.Random) -> int:
    """Something in an entry before the last head, and the chain made anew from there on."""
    seq = _any(rng, HEADS[-1])
    connection.execute("UPDATE journal SET point = 'lane-9' WHERE seq = ?", (seq,))
    rehash(connection, seq)
    return seq


def _made_anew(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    return {_changed(connection, rng)}


def _removed_and_made_anew(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    seq = _any(rng, HEADS[-1])
    for table in ("journal", "payloads"):
        connection.execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))  # noqa: S608 - ours
        connection.execute(f"UPDATE {table} SET seq = -seq + 1 WHERE seq > ?", (seq,))  # noqa: S608 - ours
        connection.execute(f"UPDATE {table} SET seq = -seq WHERE seq < 0")  # noqa: S608 - ours
    rehash(connection, seq)
    return {seq}


def _made_anew_with_its_heads(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    """Without the site's key: the first head behind the change is no longer signed."""
    seq = _changed(connection, rng)
    connection.execute(
        "UPDATE heads SET hash = (SELECT hash FROM journal j WHERE j.seq = heads.seq) WHERE seq >= ?", (seq,)
    )
    return {min(head for head in HEADS if head >= seq)}


def _payload_removed(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    seq = _personal(rng)
    connection.execute("DELETE FROM payloads WHERE seq = ?", (seq,))
    return {seq}


def _payload_added(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    seq = rng.choice([seq for seq in range(1, ENTRIES + 9) if seq % 3])
    row = connection.execute("SELECT at, body FROM journal WHERE seq = ?", (min(seq, ENTRIES),)).fetchone()
    connection.execute("INSERT INTO payloads VALUES (?, ?, ?, ?)", (seq, row[0], rng.randbytes(32), row[1]))
    return {seq}


def _payloads_swapped(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    one, other = rng.sample(range(3, ENTRIES + 1, 3), 2)
    connection.execute("UPDATE payloads SET seq = -1 WHERE seq = ?", (one,))
    connection.execute("UPDATE payloads SET seq = ? WHERE seq = ?", (one, other))
    connection.execute("UPDATE payloads SET seq = ? WHERE seq = -1", (other,))
    return {min(one, other)}


def _head_removed(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    at = rng.randrange(len(HEADS))
    connection.execute("DELETE FROM heads WHERE seq = ?", (HEADS[at],))
    return {*HEADS[at : at + 2]}


def _heads_removed_from_the_end(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    connection.execute("DELETE FROM heads WHERE seq >= ?", (HEADS[rng.randrange(len(HEADS))],))
    return {HEADS[-1]}


def _head_added(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    """Signed by somebody else, of an entry that is there."""
    seq = rng.choice([seq for seq in range(1, ENTRIES + 1) if seq not in HEADS])
    (digest,) = connection.execute("SELECT hash FROM journal WHERE seq = ?", (seq,)).fetchone()
    previous = max((head for head in HEADS if head < seq), default=0)
    connection.execute(
        "INSERT INTO heads SELECT ?, site, epoch, ?, ?, at, signature, NULL, NULL FROM heads LIMIT 1",
        (seq, digest, previous),
    )
    return {seq}


def _head_moved(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    """A head set to another entry, or behind the last."""
    head = rng.choice(HEADS)
    seq = rng.choice([seq for seq in range(1, ENTRIES + 9) if seq not in HEADS])
    connection.execute("UPDATE heads SET seq = ? WHERE seq = ?", (seq, head))
    first = min(seq, ENTRIES + 1)
    following = [other for other in HEADS if other > min(head, seq)]
    return {first, head, *following[:1]}


def _countersignature_removed(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    seq = rng.choice(HEADS[:4])
    connection.execute(
        "UPDATE heads SET countersigned_at = NULL, countersignature = NULL WHERE seq = ?", (seq,)
    )
    return {seq}


def _countersignature_forged(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    connection.execute(
        "UPDATE heads SET countersigned_at = at, countersignature = ? WHERE seq = ?",
        (rng.randbytes(64), HEADS[-1]),
    )
    return {HEADS[-1]}


def _countersignature_borrowed(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    """That of another head."""
    one, other = rng.sample(HEADS[:4], 2)
    connection.execute(
        "UPDATE heads SET (countersigned_at, countersignature) ="
        " (SELECT countersigned_at, countersignature FROM heads WHERE seq = ?) WHERE seq = ?",
        (one, other),
    )
    return {other}


def _note_changed(key: str, *suspects: int) -> Tampering:
    def tamper(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
        (value,) = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        number = int(str(value).partition(":")[0])
        wrong = rng.randrange(1, number)
        new = rng.choice((f"{wrong}{str(value)[len(str(number)) :]}", str(value)[:-1] + "~", ""))
        connection.execute("UPDATE meta SET value = ? WHERE key = ?", (new, key))
        return {*suspects, wrong + 1}

    return tamper


def _epoch_changed(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    """In a head: it is of another journal then."""
    seq = rng.choice(HEADS)
    connection.execute("UPDATE heads SET epoch = ? WHERE seq = ?", (rng.randbytes(16).hex(), seq))
    return {seq}


_OF_ENTRY = (
    "at",
    "boot",
    "mono",
    "point",
    "kind",
    "visit",
    "body",
    "clock_offset",
    "commitment",
    "form",
    "prev",
    "hash",
)
_OF_PAYLOAD = ("at", "salt", "body")
_OF_HEAD = ("site", "hash", "previous", "at", "signature")
_OF_COUNTERSIGNED = ("countersigned_at", "countersignature")
WAYS: dict[str, Tampering] = {
    **{f"journal.{name}": _column("journal", name, _any) for name in _OF_ENTRY},
    **{f"payloads.{name}": _column("payloads", name, _personal) for name in _OF_PAYLOAD},
    **{f"heads.{name}": _column("heads", name, lambda rng: rng.choice(HEADS)) for name in _OF_HEAD},
    **{
        f"heads.{name}": _column("heads", name, lambda rng: rng.choice(HEADS[:4]))
        for name in _OF_COUNTERSIGNED
    },
    "heads.epoch": _epoch_changed,
    "removed": _removed,
    "cut off": _cut_off,
    "cut off, note and all": _cut_off_with_its_note,
    "added behind the last": _added_behind,
    "added far behind the last": _added_far_behind,
    "added before the first": _added_before,
    "added between": _added_between,
    "swapped": _swapped,
    "repeated": _repeated,
    "made anew": _made_anew,
    "removed and made anew": _removed_and_made_anew,
    "made anew, heads and all": _made_anew_with_its_heads,
    "payload removed": _payload_removed,
    "payload added": _payload_added,
    "payloads swapped": _payloads_swapped,
    "head removed": _head_removed,
    "heads removed from the end": _heads_removed_from_the_end,
    "head added": _head_added,
    "head moved": _head_moved,
    "countersignature removed": _countersignature_removed,
    "countersignature forged": _countersignature_forged,
    "countersignature borrowed": _countersignature_borrowed,
    "note of the last entry": _note_changed("head", ENTRIES, ENTRIES + 1),
    "note of the last head": _note_changed("signed", HEADS[-1]),
    "note of the last countersignature": _note_changed("anchored", ANCHORED),
}


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
