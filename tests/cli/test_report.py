"""`gate report`: files, JSON, and errors for people."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests.cli.calling import DEMO, gate
from tests.report.making import write_may
from tests.store.kept import a_store


@pytest.fixture
async def may(tmp_path: Path) -> Path:
    """A journal of May."""
    with a_store(tmp_path / "data") as store:
        await write_may(store)
    return tmp_path / "data" / "journal.db"


async def test_two_files_the_same_each_time(may: Path, tmp_path: Path) -> None:
    """CSV and page, byte for byte the same however often they are made; the page fetches nothing."""
    made = []
    for name in ("one", "two"):
        done = await gate("report", "--month", "2026-05", "--journal", may, "--out", tmp_path / name)
        assert (done.code, done.err) == (0, "")
        files = [tmp_path / name / f"report-2026-05.{kind}" for kind in ("csv", "html")]
        assert done.out.split() == [str(file) for file in files]
        made.append([file.read_bytes() for file in files])
    assert made[0] == made[1]
    table = list(csv.DictReader(io.StringIO(made[0][0].decode())))
    green = [row["value"] for row in table if (row["table"], row["row"]) == ("corridors", "GREEN")]
    assert green == ["30", "48"]
    page = made[0][1].decode()
    assert not re.search(r"<script|<link|<iframe|src=|href=|@import|url\(|https?://", page)
    assert page.count("<svg") == 5


async def test_a_sites_own_journal_and_clock(may: Path, tmp_path: Path) -> None:
    """With a configuration its data folder, its time zone and its name; --json writes no file."""
    site = tmp_path / "site.yaml"
    text = DEMO.read_text()
    site.write_text(re.sub(r"^data: .*$", f"data: {may.parent}", text, flags=re.MULTILINE))
    done = await gate("report", "--month", "2026-05", "-c", site, "--json", cwd=may.parents[1])
    assert (done.code, done.err) == (0, "")
    told = json.loads(done.out)
    assert (told["site"], told["month"], told["timezone"]) == ("samur", "2026-05", "Asia/Baku")
    outcomes = next(table for table in told["tables"] if table["name"] == "outcomes")
    assert outcomes["columns"][0]["cells"] == [53, 6, 0, 11, 0, 11]
    assert list(may.parents[1].glob("report-*")) == []


async def test_what_cannot_be_reported(may: Path, tmp_path: Path) -> None:
    """No month: exit 2; no journal: exit 1; a place that cannot be written: named."""
    wrong = await gate("report", "--month", "may", "--journal", may)
    assert wrong.code == 2
    assert "'may' is no month" in wrong.err
    none = await gate("report", "--month", "2026-05", "--journal", tmp_path / "nowhere.db")
    assert none.code == 1
    assert "nowhere.db does not exist" in none.err
    (tmp_path / "file").write_text("a file where a folder should be")
    full = await gate("report", "--month", "2026-05", "--journal", may, "--out", tmp_path / "file")
    assert full.code == 2
    assert "report-2026-05.csv cannot be written" in full.err
