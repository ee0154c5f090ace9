"""Looking for secrets in bytes: files, databases with their logs, backups, and a living process's memory."""

from __future__ import annotations

import base64
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from gate.model import Corridor

_CHUNK = 8 * 1024 * 1024
_CORRIDOR = re.compile(rf"\b(?:{'|'.join(Corridor)})\b")


def spellings(secret: str) -> Mapping[str, bytes]:
    """A secret in every way it may lie in bytes. Base64 has three: by where in a group of three it begins."""
    plain = secret.encode()
    spelt = {
        "utf-8": plain,
        "utf-16": secret.encode("utf-16-le"),
        "utf-32": secret.encode("utf-32-le"),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "json": secret.encode("ascii", "backslashreplace"),
    }
    for shift in range(3):
        # What stands beside it changes the first and last characters: those in between are certain.
        coded = base64.b64encode(b"\0" * shift + plain)
        spelt[f"base64, {shift} bytes on"] = coded[4 : len(coded) // 4 * 4 - 4]
    return spelt


def found_in(where: Iterator[tuple[str, bytes]], secret: str) -> Iterator[str]:
    """Every place where the secret lies, and how it is spelt there."""
    needles = spellings(secret)
    return (f"{place}: {how}" for place, data in where for how, needle in needles.items() if needle in data)


def files_under(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file, byte for byte; databases with their write-ahead logs are files as well."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield str(path.relative_to(folder)), path.read_bytes()


def back_up(data: Path, into: Path) -> None:
    """Copies of the databases as an operator makes them, with the gate running."""
    into.mkdir(exist_ok=True)
    for name in ("journal.db", "cache.db"):
        with (
            closing(sqlite3.connect(f"file:{data / name}?mode=ro", uri=True)) as there,
            closing(sqlite3.connect(into / name)) as here,
        ):
            there.backup(here)


def memory_of(pid: int) -> Iterator[tuple[str, bytes]]:
    """All that a process of ours may write to: heap, stacks, buffers, freed and not yet used again."""
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps.splitlines():
            span, flags, *_, name = (*line.split(maxsplit=5), "")[:6]
            if not flags.startswith("rw"):
                continue
            begin, end = (int(edge, 16) for edge in span.split("-"))
            for at in range(begin, end, _CHUNK):
                try:
                    memory.seek(at)
                    # A little over, so that nothing is cut in two.
                    yield f"{name or 'memory'} at {at:x}", memory.read(min(_CHUNK + 4096, end - at))
                except OSError:
                    break  # given back meanwhile, or the kernel's own


def corridors_beside(database: Path, number: str) -> list[str]:
    """Every row of the database that names this number and any corridor."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return [
            f"{table}: {row}"
            for (table,) in tables
            for row in connection.execute(f"SELECT * FROM [{table}]")  # noqa: S608 - its own tables
            if number in str(row) and _CORRIDOR.search(str(row))
        ]


def lines_beside(log: Path, number: str) -> list[str]:
    """Every line of the log that names this number and any corridor."""
    lines = log.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if number in line and _CORRIDOR.search(line)]
