"""`gate demo` as people and CI run it, and the audit behind its "0 violations"."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from gate.store.journal_check import verify

SUMMARY = {"visits", "by_outcome", "by_corridor", "reads", "events", "invariant_violations", "seconds"}
VISIT = {"visit", "script", "plate", "numbers", "expected", "outcome", "corridor", "lane", "as_scripted"}
VEHICLES = 12
ARGUMENTS = ("--headless", "--vehicles", str(VEHICLES), "--seed", "7", "--json")


def test_a_headless_run_ends_by_itself_with_everything_delivered_and_nothing_violated(tmp_path: Path) -> None:
    """One JSON object a visit, the summary last, exit 0, and what was made kept where the issue says."""
    done = subprocess.run(
        [sys.executable, "-m", "gate", "demo", *ARGUMENTS, "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    told = f"{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, told
    *visits, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(visits) == VEHICLES
    assert all(visit.keys() >= VISIT and visit["as_scripted"] for visit in visits), told
    assert len({visit["visit"] for visit in visits}) == VEHICLES
    assert last.keys() == {"summary"}
    summary = last["summary"]
    assert summary.keys() == SUMMARY
    assert summary["visits"] == VEHICLES == sum(summary["by_outcome"].values())
    assert summary["by_corridor"].keys() == {"GREEN", "BLUE", "YELLOW", "RED"}
    assert sum(summary["by_corridor"].values()) == summary["by_outcome"]["RELEASED"]
    assert summary["reads"].keys() == {"right", "wrong", "none"}
    assert summary["reads"]["right"] > summary["reads"]["wrong"]
    assert summary["invariant_violations"] == 0
    written, delivered = summary["events"]["written"], summary["events"]["delivered"]
    assert written == delivered > VEHICLES
    _is_kept(tmp_path, delivered)


def _is_kept(data: Path, delivered: int) -> None:
    edge = data / "edge"
    assert verify(edge / "journal.db").problem is None
    with closing(sqlite3.connect(edge / "journal.db")) as journal:
        assert journal.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    with closing(sqlite3.connect(edge / "cache.db")) as cache:
        assert cache.execute("SELECT count(*) FROM declarations").fetchone()[0] >= VEHICLES // 2
    with closing(sqlite3.connect(data / "central/central.db")) as central:
        assert central.execute("SELECT count(*) FROM events").fetchone() == (delivered,)
    for line in (edge / "log.jsonl").read_text(encoding="utf-8").splitlines():
        assert "event" in json.loads(line)
    pictures = list((edge / "evidence").glob("*/*.jpg"))
    assert pictures
    assert all(picture.read_bytes().startswith(b"\xff\xd8") for picture in pictures)
