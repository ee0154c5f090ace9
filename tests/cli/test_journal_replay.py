"""`gate journal replay` on days that the real runtime recorded."""

from __future__ import annotations

import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.calling import ROOT, gate
from tests.docs.reading import blocks, commands
from tests.replay.days import LATE, entries, play, play_two_days


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day with everything in it."""
    return play(tmp_path_factory.mktemp("day"))


@pytest.fixture(scope="module")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One process over midnight."""
    return play_two_days(tmp_path_factory.mktemp("days"))


@pytest.fixture
def bent(journal: Path, tmp_path: Path) -> Path:
    """The same journal with the last entry of lane-1's vehicle taken out."""
    copy = tmp_path / "journal.db"
    with closing(sqlite3.connect(journal)) as source, closing(sqlite3.connect(copy)) as kept:
        source.backup(kept)
        for (trigger,) in kept.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            kept.execute(f"DROP TRIGGER {trigger}")
        with kept:
            kept.execute("DELETE FROM journal WHERE kind = 'VisitMatched' AND point = 'lane-1'")
    return copy


async def test_a_day_is_the_same(journal: Path) -> None:
    """Exit 0; the object has every count, and people get them in two lines."""
    told = await gate("journal", "replay", journal, "--json")
    spoken = await gate("journal", "replay", journal)
    assert (told.code, spoken.code, spoken.err) == (0, 0, "")
    found, kept = told.told, entries(journal)
    assert found["differences"] == []
    assert (found["entries"], found["erased"], found["policy"]) == (len(kept), 0, None)
    assert found["steps"] == sum(entry.is_step for entry in kept)
    assert found["decisions"] == sum(entry.kind == "Decided" for entry in kept)
    assert found["not_replayable"] == {"entries": 0, "before": 1}
    assert found["recorded_seconds"] > 0 < found["seconds"]
    assert f"{found['steps']} steps and {found['decisions']} decisions replayed" in spoken.out
    assert spoken.out.splitlines()[-1] == "0 differences"


async def test_a_bent_record_is_named(bent: Path) -> None:
    """Exit 1; each difference has its entry, and what was recorded beside what is now."""
    told, spoken = await gate("journal", "replay", bent, "--json"), await gate("journal", "replay", bent)
    assert (told.code, spoken.code) == (1, 1)
    first = told.told["differences"][0]
    assert first.keys() == {"entry", "at", "point", "kind", "what", "recorded", "now"}
    assert first["point"] == "lane-1"
    assert str(first["entry"]) in spoken.out
    assert spoken.out.splitlines()[-1] == f"{len(told.told['differences'])} differences"


async def test_one_day_of_two(two_days: Path) -> None:
    """Each day by itself; a day nobody recorded has nothing in it, and what is no day is wrong usage."""
    counts = [
        (await gate("journal", "replay", two_days, "--day", f"2026-03-0{day}", "--json")).told["entries"]
        for day in (1, 2, 3)
    ]
    assert counts[2] == 0 < counts[0]
    assert counts[0] + counts[1] == len(entries(two_days))
    assert (await gate("journal", "replay", two_days, "--day", "yesterday")).code == 2


async def test_another_policy(journal: Path, tmp_path: Path) -> None:
    """Exit 0, whatever would have changed: it is the answer, not a difference."""
    policy = tmp_path / "policy.yaml"
    policy.write_text('version: "2027-1"\nlead_time_minutes: {road: 15}\n')
    told = await gate("journal", "replay", journal, "--policy", policy, "--json")
    spoken = await gate("journal", "replay", journal, "--policy", policy)
    assert (told.code, spoken.code) == (0, 0)
    found = told.told["policy"]
    assert (found["version"], found["changed"], found["moves"]) == ("2027-1", LATE, {"HOLD -> DIRECT": LATE})
    assert found["causes"]["late-declaration"] == {"held": LATE, "directed": LATE}
    assert f"{LATE} of {LATE} held for late-declaration would have been directed" in spoken.out
    assert "their corridors are not known" in spoken.out


async def test_the_page_shows_what_is_so(journal: Path, tmp_path: Path) -> None:
    """Every command of docs/replay.md, with its policy, on the day these tests play."""
    page = ROOT / "docs/replay.md"
    policy = tmp_path / "policy.yaml"
    (text,) = [content for language, content in blocks(page) if language == "yaml"]
    policy.write_text(text)
    ran = list(commands(page))
    for shown in ran:
        program, *words = shlex.split(shown.command)
        assert program == ".venv/bin/gate"
        instead = {"/var/lib/gate/journal.db": journal, "policy.yaml": policy}
        done = await gate(*(instead.get(word, word) for word in words))
        assert done.code == 0
        assert [line.strip() for line in done.out.splitlines()[1:]] == list(shown.output)
    assert len(ran) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\n", ":1: version:"),
        ("version: a\nlead_time_minutes: {road: -5}\n", ":2: lead_time_minutes.road:"),
        ("version: a\ntrailer_requird: true\n", "did you mean trailer_required?"),
        ("policy: {version: a}\n", ":1: policy: is not a known key"),
        ("- a\n", ":1: "),
    ],
)
async def test_a_policy_that_is_none(journal: Path, tmp_path: Path, text: str, said: str) -> None:
    """File, line, key and what may stand there; exit 2."""
    policy = tmp_path / "policy.yaml"
    policy.write_text(text)
    done = await gate("journal", "replay", journal, "--policy", policy)
    assert done.code == 2
    assert f"{policy}" in done.err
    assert said in done.err


async def test_what_is_no_journal_is_wrong_usage(tmp_path: Path) -> None:
    """Exit 2, and no traceback."""
    for path in (tmp_path / "nothing.db", tmp_path):
        done = await gate("journal", "replay", path)
        assert done.code == 2
        assert "Traceback" not in done.err
        assert "does not exist" in done.err


async def test_a_journal_of_before_cannot_be_replayed(journal: Path, tmp_path: Path) -> None:
    """Exit 2 where nothing could be replayed, and why: nothing is called the same."""
    copy = tmp_path / "journal.db"
    with closing(sqlite3.connect(journal)) as source, closing(sqlite3.connect(copy)) as kept:
        source.backup(kept)
        kept.execute("DROP TRIGGER journal_no_update")
        kept.execute("DROP VIEW IF EXISTS journal_full")
        with kept:
            older = "json_remove(body, '$.begins', '$.state', '$.event.basis')"
            kept.execute(f"UPDATE journal SET body = {older}")  # noqa: S608 - our words
    told, spoken = await gate("journal", "replay", copy, "--json"), await gate("journal", "replay", copy)
    assert (told.code, spoken.code) == (2, 2)
    found = told.told
    assert found["steps"] == found["decisions"] == 0
    assert found["not_replayable"]["before"] is None
    assert f"{found['not_replayable']['entries']} entries are not replayable" in spoken.out
