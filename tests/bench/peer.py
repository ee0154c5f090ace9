"""The least that could be called the same: a bare commit, then a few bytes to another process.

`python -m tests.bench.peer DATABASE` does it ten times a second until stdin ends, then tells the seconds
each took, by the machine's one monotonic clock. Run beside what it is held against, it meets the same disk
and the same neighbours.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import socket
import sqlite3
import struct
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from tests.bench.measuring import Times

EVERY_SECONDS = 0.1
BYTES = 1000


@asynccontextmanager
async def peer(database: Path) -> AsyncIterator[Times]:
    """Runs for the length of the block; the times are there after it."""
    database.parent.mkdir(parents=True, exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.peer", str(database)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    taken = Times()
    try:
        yield taken
        out, _ = await process.communicate(b"")  # closes its stdin
        taken.taken += json.loads(out)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _stamp(far: socket.socket) -> None:
    """The device: when its bytes had arrived."""
    while far.recv(8):
        far.sendall(struct.pack("d", time.monotonic()))


def _commit_and_write(path: str, near: socket.socket) -> list[float]:
    taken = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT)")
        while not select.select([sys.stdin], [], [], EVERY_SECONDS)[0]:
            began = time.monotonic()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO t (body) VALUES (?)", ("x" * BYTES,))
            connection.execute("COMMIT")
            near.sendall(b"a raise!")
            (arrived,) = struct.unpack("d", near.recv(8))
            taken.append(arrived - began)
    return taken


if __name__ == "__main__":
    near, far = socket.socketpair()
    if os.fork() == 0:
        near.close()
        _stamp(far)
        os._exit(0)
    far.close()
    sys.stdout.write(json.dumps(_commit_and_write(sys.argv[1], near)))
