"""The evidence folder as retention sees it: what lies there, what it takes, what may go first."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gate.errors import StoreError

Why = Literal["age", "quota", "disk"]

GRACE_SECONDS = 3600.0
"""A picture so young may belong to a read that is not in the journal yet: it is never erased."""

_PICTURE = re.compile(r"([0-9a-f]{64})\.jpg").fullmatch
_FAN_OUT = re.compile(r"[0-9a-f]{2}").fullmatch


@dataclass(frozen=True, slots=True)
class Picture:
    """One JPEG on disk. `at`: when it was last kept, in seconds since 1970."""

    at: float
    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Room:
    """How much pictures take and how much of the disk is left. Bytes."""

    taken: int
    free: int


def path_of(folder: Path, name: str) -> Path:
    """Where the picture of this name lies, whether or not it exists."""
    return folder / name[:2] / f"{name}.jpg"


def pictures_in(folder: Path) -> list[Picture]:
    """Every picture, oldest first. Leftovers of writers that died are removed on the way."""
    found: list[Picture] = []
    try:
        for entry in _entries(folder):
            matched = _PICTURE(entry.name)
            if matched is None:
                continue
            status = entry.stat(follow_symlinks=False)
            found.append(Picture(status.st_mtime, matched[1], status.st_size))
    except FileNotFoundError:
        return sorted(found, key=lambda one: (one.at, one.name))
    except OSError as error:
        raise StoreError(f"evidence: {folder} cannot be read: {error.strerror}; check the disk") from error
    return sorted(found, key=lambda one: (one.at, one.name))


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as fans:
        names = [fan.path for fan in fans if _FAN_OUT(fan.name) and fan.is_dir(follow_symlinks=False)]
    for name in names:
        with os.scandir(name) as entries:
            yield from entries


def partials_in(folder: Path, before: float) -> list[Path]:
    """What writers that died in the middle left behind, last touched before `before`."""
    left = folder.glob("[0-9a-f][0-9a-f]/.*.part")
    return [path for path in left if path.lstat().st_mtime < before]


def room_of(folder: Path, pictures: Sequence[Picture]) -> Room:
    """What the pictures take, and what the disk has left."""
    return Room(sum(one.bytes for one in pictures), free_of(folder))


def free_of(folder: Path) -> int:
    """Bytes the disk under `folder` has left for this user; the folder need not exist yet."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        return shutil.disk_usage(there).free
    except OSError as error:
        raise StoreError(f"evidence: the disk of {folder} does not answer: {error.strerror}") from error


def choose(
    pictures: Sequence[Picture],
    room: Room,
    protected: Container[str],
    *,
    now: float,
    older_than: float,
    quota: int,
    min_free: int,
) -> list[tuple[Picture, Why]]:
    """What must go, oldest first, and why. What is protected stays, and the next oldest goes for it."""
    taken, free = room.taken, room.free
    chosen: list[tuple[Picture, Why]] = []
    for picture in pictures:
        if picture.at > now - GRACE_SECONDS:
            break
        why: Why
        if picture.at < now - older_than:
            why = "age"
        elif taken > quota:
            why = "quota"
        elif free < min_free:
            why = "disk"
        else:
            break
        if picture.name in protected:
            continue
        chosen.append((picture, why))
        taken -= picture.bytes
        free += picture.bytes
    return chosen


def delete(folder: Path, names: Sequence[str]) -> list[str]:
    """Delete these pictures; the names of those the disk would not let go. One already gone is gone."""
    stuck: list[str] = []
    for name in names:
        try:
            path_of(folder, name).unlink(missing_ok=True)
        except OSError:
            stuck.append(name)
    return stuck
