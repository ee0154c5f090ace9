"""What replay reads of a journal: all of it, a day of it, and what retention has left of it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from gate.errors import StoreError
from gate.replay.entries import read
from gate.replay.replay import replay
from tests.replay.days import entries, play, play_two_days
from tests.sealing.made import ARRIVED

FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 2)


@pytest.fixture(scope="module")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One process over midnight."""
    return play_two_days(tmp_path_factory.mktemp("days"))


def test_each_day_replays_alone(two_days: Path) -> None:
    """Nobody started anew on the second day, and yet it replays without the first."""
    assert ARRIVED.date() == FIRST
    whole, first, second = (entries(two_days, day) for day in (None, FIRST, SECOND))
    assert [*first, *second] == whole
    assert {entry.point for entry in second if "begins" in entry.body} == {"approach", "lane-1"}
    assert not [entry for entry in second if entry.kind == "Started"]
    for told in (whole, first, second):
        found = replay(told)
        assert (found.differences, found.out_of_reach, found.decisions) == ([], 0, 1 + (told is whole))
    assert replay(entries(two_days, date(2026, 3, 3))).entries == 0
    assert replay(second).recorded_seconds < 60 < replay(whole).recorded_seconds


def test_a_divided_journal_is_read_through_its_view(two_days: Path, tmp_path: Path) -> None:
    """Bodies in two parts: the whole one where it is kept, and word of it where it was erased."""
    copy = tmp_path / "journal.db"
    with closing(sqlite3.connect(copy)) as kept, kept:
        kept.execute("CREATE TABLE journal (seq, at, point, kind, body, whole)")
        kept.execute("CREATE VIEW journal_full AS SELECT * FROM journal")
        for entry in entries(two_days):
            whole = entry.kind != "PlateSeen"
            body = entry.body if whole else entry.body | {"event": {"type": "PlateSeen"}}
            columns = (entry.seq, entry.at, entry.point, entry.kind, json.dumps(body), whole)
            kept.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)", columns)
    with read(copy) as told:
        found = replay(told.rows)
    assert told.count == found.entries
    assert found.erased == sum(entry.kind == "PlateSeen" for entry in entries(two_days))
    assert found.differences == []
    assert found.out_of_reach > 0


@pytest.mark.parametrize("content", [None, b"", b"not a database at all", "cache"], ids=str)
def test_what_is_no_journal_is_said_to_be_none(tmp_path: Path, content: object) -> None:
    """Nothing there, nothing in it, something else, another database."""
    path = tmp_path / "some.db"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "cache":
        path = play(tmp_path).with_name("cache.db")
    with pytest.raises(StoreError, match=path.name), read(path):
        pass
