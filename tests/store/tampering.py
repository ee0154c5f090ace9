"""The ways of tampering with a record, each at random places, and the entries it may rightly be told at."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable

from gate.store.chain import COLUMNS, entry_hash
from tests.store.recorded import ANCHORED, ENTRIES, HEADS, entry_of, rehash

Suspects = set[int]
"""The entries that may rightly be named."""
Tampering = Callable[[sqlite3.Connection, random.Random], Suspects]


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
        (value,) = connection.execute(f"SELECT {name} FROM {table} WHERE seq = ?", (seq,)).fetchone()
        absent = {"visit": "visit-99", "clock_offset": 0.25, "commitment": b"\7" * 32}
        new = absent.get(name, b"x") if value is None else _other(value, rng)
        connection.execute(f"UPDATE {table} SET {name} = ? WHERE seq = ?", (new, seq))
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
        f"INSERT INTO journal ({COLUMNS}, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*entry, prev, entry_hash(prev, entry)),
    )


def _added_behind(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    """Rightly chained; only the note of the last entry is not kept up."""
    _insert(connection, ENTRIES + 1, _any(rng))
    return {ENTRIES + 1}


def _added_far_behind(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    seq = ENTRIES + rng.randint(2, 60)
    connection.execute(
        f"INSERT INTO journal ({COLUMNS}, prev, hash) SELECT ?, {COLUMNS.removeprefix('seq, ')}, prev, hash"
        " FROM journal WHERE seq = ?",
        (seq, _any(rng)),
    )
    return {seq}


def _added_before(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    seq = -rng.randrange(3)
    connection.execute(
        f"INSERT INTO journal ({COLUMNS}, prev, hash) SELECT ?, {COLUMNS.removeprefix('seq, ')}, prev, hash"
        " FROM journal WHERE seq = 1",
        (seq,),
    )
    return {seq}


def _added_between(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    """The forged one follows the entry before it; the next one does not follow the forged one."""
    seq = _any(rng)
    for table in ("journal", "payloads"):
        connection.execute(f"UPDATE {table} SET seq = -seq - 1 WHERE seq >= ?", (seq,))
        connection.execute(f"UPDATE {table} SET seq = -seq WHERE seq < 0")
    _insert(connection, seq, seq + 1)
    return {seq, seq + 1}


def _swapped(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    one, other = rng.sample(range(1, ENTRIES + 1), 2)
    for table in ("journal", "payloads"):
        connection.execute(f"UPDATE {table} SET seq = -1 WHERE seq = ?", (one,))
        connection.execute(f"UPDATE {table} SET seq = ? WHERE seq = ?", (one, other))
        connection.execute(f"UPDATE {table} SET seq = ? WHERE seq = -1", (other,))
    return {min(one, other)}


def _repeated(connection: sqlite3.Connection, rng: random.Random) -> Suspects:
    """One entry written over another, hashes and all."""
    one, other = rng.sample(range(1, ENTRIES + 1), 2)
    columns = COLUMNS.removeprefix("seq, ") + ", prev, hash"
    connection.execute(
        f"UPDATE journal SET ({columns}) = (SELECT {columns} FROM journal WHERE seq = ?) WHERE seq = ?",
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
        connection.execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))
        connection.execute(f"UPDATE {table} SET seq = -seq + 1 WHERE seq > ?", (seq,))
        connection.execute(f"UPDATE {table} SET seq = -seq WHERE seq < 0")
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
