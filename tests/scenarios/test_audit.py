"""The audit behind the demo's "0 violations" must be able to find each of them."""

from __future__ import annotations

import copy
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from gate.demo.audit import Audit, audit
from gate.demo.drivers import Ending
from gate.demo.script import Kind
from gate.demo.stage import Stage
from gate.demo.trader import Traders
from gate.model import Corridor
from hardware.emulators.lane import Pulse
from tests.scenarios.day import Day

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Run:
    """A finished run, and one declaration whose vehicle has not come."""

    stage: Stage
    traders: Traders
    endings: list[Ending]

    @property
    def waiting(self) -> str:
        """The number of the vehicle that has not come; it is RED."""
        return self.endings[-1].numbers[0]

    @property
    def red(self) -> str:
        """The number of the RED vehicle that went through."""
        return self.endings[1].numbers[0]

    def audited(self) -> Audit:
        """The audit of this run."""
        return audit(self.stage, self.traders, self.endings)

    def journal(self, sql: str, *parameters: object) -> None:
        """Change journal.db behind the gate's back, guards and all."""
        _change(self.stage.edge / "journal.db", sql, parameters)

    def log(self, timestamp: str, **line: object) -> None:
        """Add a line to the log."""
        with (self.stage.edge / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"event": "a.leak", "timestamp": timestamp, **line}) + "\n")

    def feel(self, point: str, pulse: Pulse) -> None:
        """Let a barrier have felt one more pulse."""
        self.stage.yard.places[point].lane.pulses.append(pulse)

    def copied(self, folder: Path) -> Run:
        """The same run, with files and barriers of its own to tamper with."""
        stage, traders = copy.copy(self.stage), copy.copy(self.traders)
        stage.edge, stage.central_data = folder / "edge", folder / "central"
        traders._data = stage.central_data
        for here, there in ((self.stage.edge, stage.edge), (self.stage.central_data, stage.central_data)):
            there.mkdir()
            for name in ("journal.db", "central.db"):
                if (here / name).exists():
                    _copy(here / name, there / name)
        shutil.copytree(self.stage.edge / "keys", stage.edge / "keys")
        shutil.copy(self.stage.central_data / "central.pub", stage.central_data)
        (stage.edge / "log.jsonl").write_bytes((self.stage.edge / "log.jsonl").read_bytes())
        stage.yard = copy.copy(self.stage.yard)
        stage.yard.places = {name: copy.copy(place) for name, place in self.stage.yard.places.items()}
        for place in stage.yard.places.values():
            place.lane = copy.copy(place.lane)
            place.lane.pulses = list(place.lane.pulses)
        return Run(stage, traders, self.endings)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def finished(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Run]:
    """A GREEN and a RED vehicle have gone through, one RED is still on its way; all is delivered."""
    async with Stage(tmp_path_factory.mktemp("site"), seed=12) as stage:
        day = Day(stage)
        await day.begin()
        endings = [await day.plays(Kind.PLAIN, corridor) for corridor in (Corridor.GREEN, Corridor.RED)]
        assert all(ending.as_scripted for ending in endings), endings
        coming = day.script(Kind.PLAIN, Corridor.RED)
        endings.append(Ending(coming, await day.drivers.declare(coming)))
        await day.until_delivered()
        yield Run(stage, day.traders, endings)
        await day.end()


def _pulse(kind: str, decision: str | None = None, *, occupied: bool = False) -> Pulse:
    return Pulse("raise" if kind == "raise" else "lower", 0.0, decision, occupied, 0.0)


def _felt_twice(run: Run) -> None:
    run.feel("lane-1", _pulse("raise"))


def _undecided(run: Run) -> None:
    run.journal("DELETE FROM pulses WHERE point = 'lane-4' AND kind = 'raise'")


def _repeated(run: Run) -> None:
    lane = run.stage.yard.places["lane-4"].lane
    run.feel("lane-4", _pulse("raise", lane.raises()[0].decision_id))


def _groundless(run: Run) -> None:
    run.journal("INSERT INTO pulses VALUES ('ghost', 'lane-1', 'raise', 'ghost', '2026-01-01')")


def _crushing(run: Run) -> None:
    run.feel("lane-1", _pulse("lower", occupied=True))


def _lost_event(run: Run) -> None:
    _change(run.stage.central_data / "central.db", "DELETE FROM events WHERE seq = 5", ())


def _wrong_lane(run: Run) -> None:
    run.journal("UPDATE releases SET point = 'lane-2' WHERE corridor = 'RED'")


def _nobody_checked(run: Run) -> None:
    run.journal("UPDATE releases SET officer = NULL WHERE corridor = 'RED'")


def _softened(run: Run) -> None:
    run.journal("UPDATE releases SET corridor = 'GREEN', point = 'lane-1' WHERE corridor = 'RED'")


def _told_before_arrival(run: Run) -> None:
    run.log("2099-01-01T00:00:00Z", number=run.waiting, note="will be RED")


def _told_before_opening(run: Run) -> None:
    run.log("2020-01-01T00:00:00Z", number=run.red, corridor="RED")


def _rewritten(run: Run) -> None:
    run.journal("UPDATE journal SET point = 'nowhere' WHERE seq = 9")


TAMPERED: dict[Callable[[Run], None], str] = {
    _felt_twice: "lane-1: 2 raise pulses felt, 1 decided",
    _undecided: "lane-4: 1 raise pulses felt, 0 decided",
    _repeated: "lane-4: pulses repeated for",
    _groundless: "lane-1: raise ghost stands on no release",
    _crushing: "lane-1: asked to lower on something",
    _lost_event: "there is a gap",
    _wrong_lane: "of RED in lane-2",
    _nobody_checked: "names no officer or no control",
    _softened: "is GREEN, central says RED",
    _told_before_arrival: "before it was opened",
    _told_before_opening: "before it was opened",
    _rewritten: "journal entry 9",
}


async def test_a_good_run_is_found_good(finished: Run, tmp_path: Path) -> None:
    """Nothing is violated, every event arrived, and the copy is audited like the run itself."""
    for run in (finished, finished.copied(tmp_path)):
        found = run.audited()
        assert found.violations == []
        assert found.written == found.delivered > 0
        assert found.reads["wrong"] == 0


@pytest.mark.parametrize("tamper", TAMPERED, ids=lambda tamper: tamper.__name__.strip("_"))
async def test_each_violation_is_named(finished: Run, tmp_path: Path, tamper: Callable[[Run], None]) -> None:
    """One thing is changed in a copy of the good run, and the audit says what."""
    run = finished.copied(tmp_path)
    tamper(run)
    violations = run.audited().violations
    assert any(TAMPERED[tamper] in violation for violation in violations), violations


async def test_an_event_that_did_not_arrive_shows_in_the_count(finished: Run, tmp_path: Path) -> None:
    """The newest event is missing at central: no gap, but fewer delivered than written."""
    run = finished.copied(tmp_path)
    _change(
        run.stage.central_data / "central.db",
        "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)",
        (),
    )
    found = run.audited()
    assert found.delivered == found.written - 1


def _copy(source: Path, target: Path) -> None:
    live, kept = sqlite3.connect(f"file:{source}?mode=ro", uri=True), sqlite3.connect(target)
    with closing(live), closing(kept):
        live.backup(kept)


def _change(path: Path, sql: str, parameters: tuple[object, ...]) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        with connection:
            changed = connection.execute(sql, parameters).rowcount
    assert changed, f"nothing was tampered with: {sql}"
