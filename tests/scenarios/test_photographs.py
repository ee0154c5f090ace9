"""A folder of labelled photographs as the cameras' pictures, through the whole daemon."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import pytest
import pytest_asyncio

from gate.demo.drivers import Ending
from gate.demo.pictures import PhotoPictures
from gate.demo.script import Kind
from gate.demo.stage import Stage
from gate.model import Corridor
from hardware.emulators.scenes import render_scene
from tests.scenarios.day import Day

in_one_loop = pytest.mark.asyncio(loop_scope="module")

VEHICLES = {
    "WA56660": Corridor.GREEN,
    "RKO99AN": Corridor.RED,
    "BS47040": Corridor.GREEN,
    "RK576AH": Corridor.BLUE,
    "BY649AG": Corridor.YELLOW,
    "1Z75233": Corridor.RED,
}
WRITTEN = {"RKO99AN": "RK899AN", "BS47040": "BS41040"}
"""What two plates look like instead: read surely, and wrongly. Neither may open anything by that."""


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of photographs with their labels, drawn, as `gate demo --photos` takes them."""
    folder = tmp_path_factory.mktemp("photographs")
    rows = ["file\tplate"]
    for seed, mark in enumerate(VEHICLES):
        picture = render_scene(WRITTEN.get(mark, mark), country="PL", seed=seed)
        assert cv2.imwrite(str(folder / f"{seed}.jpg"), picture)
        rows.append(f"{seed}.jpg\t{mark}")
    (folder / "labels.tsv").write_text("\n".join(rows), encoding="utf-8")
    return folder


def test_the_demo_shows_photographs(photos: Path, tmp_path: Path) -> None:
    """`gate demo --photos` drives photographed vehicles, ends as scripted and violates nothing."""
    words = ("--headless", "--vehicles", "4", "--seed", "3", "--json", "--photos", str(photos))
    done = subprocess.run(
        [sys.executable, "-m", "gate", "demo", *words, "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    told = f"{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, told
    *visits, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert {visit["plate"] for visit in visits} <= set(VEHICLES)
    assert len(visits) == 4
    assert last["summary"]["invariant_violations"] == 0
    assert last["summary"]["reads"]["right"] >= 2


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def driven(
    photos: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Day, list[Ending]]]:
    """Each photographed vehicle declared and driven through, one after the other."""
    async with Stage(tmp_path_factory.mktemp("site"), seed=4) as stage:
        day = Day(stage, PhotoPictures(photos))
        await day.begin()
        endings = []
        for mark, corridor in VEHICLES.items():
            script = day.script(Kind.PLAIN, corridor, mark=mark)
            endings.append(await day.drivers.play(script, await day.drivers.declare(script)))
        yield day, endings
        await day.end()


@dataclass(frozen=True)
class SureRead:
    """What the machine was sure of, and what stood there."""

    seq: int
    point: str
    mark: str
    truth: str


def _sure_reads(day: Day) -> list[SureRead]:
    rows = day.journal(
        "SELECT seq, point, at, json_extract(body, '$.event.read.mark') FROM journal_full"
        " WHERE kind = 'PlateSeen' AND json_extract(body, '$.event.read.sure')"
    )
    found = []
    for seq, point, at, mark in rows:
        (truth,) = {
            stay.mark
            for stay in day.stage.yard.stays
            if stay.point == point
            and stay.since.isoformat() <= at
            and (stay.until is None or at <= stay.until.isoformat())
        }
        found.append(SureRead(seq, point, mark, truth))
    return found


@in_one_loop
async def test_all_end_as_scripted_whatever_was_read(driven: tuple[Day, list[Ending]]) -> None:
    """Officers confirm what was not read; every vehicle is released in the lane of its own corridor."""
    _, endings = driven
    assert [ending for ending in endings if not ending.as_scripted] == []
    assert [ending.corridor for ending in endings] == list(VEHICLES.values())


@in_one_loop
async def test_at_least_half_are_read_by_the_machine(driven: tuple[Day, list[Ending]]) -> None:
    """Read right at the approach, without an officer's eyes."""
    day, _ = driven
    at_approach = [read for read in _sure_reads(day) if read.point == "approach"]
    right = {read.truth for read in at_approach if read.mark == read.truth}
    assert len(right) >= len(VEHICLES) / 2, at_approach


@in_one_loop
async def test_no_sure_and_wrong_read_released_anything(driven: tuple[Day, list[Ending]]) -> None:
    """A sign taken for a plate opens no verdict and raises no barrier: an officer's eyes come first."""
    day, endings = driven
    wrong = [read for read in _sure_reads(day) if read.mark != read.truth]
    assert wrong, "no plate was read surely and wrongly: nothing was tried"
    opened = dict(
        day.journal("SELECT json_extract(body, '$.mark'), body FROM journal_full WHERE kind = 'Opened'")
    )
    assert set(opened) == set(VEHICLES), "opened for a mark that did not come"
    for read in wrong:
        if read.point == "approach":
            assert "sight" in json.loads(opened[read.truth])["by"]
        else:
            after = day.journal(
                "SELECT kind FROM journal WHERE point = ? AND seq > ? ORDER BY seq", read.point, read.seq
            )
            kinds = [kind for (kind,) in after]
            assert "PlateConfirmed" in kinds[: kinds.index("BarrierMoved")], f"{read} opened {read.point}"
    lanes = {ending.visit_id: ending.lane for ending in endings}
    assert dict(day.journal("SELECT visit_id, point FROM releases WHERE revoked IS NULL")) == lanes
    assert sum(day.raises(lane) for lane in set(lanes.values()) if lane) == len(VEHICLES)


@in_one_loop
async def test_the_pictures_behind_a_release_are_kept(driven: tuple[Day, list[Ending]]) -> None:
    """Every picture the journal names lies in the evidence folder under its own SHA-256."""
    day, _ = driven
    rows = day.journal(
        "SELECT json_extract(body, '$.event.read.evidence') FROM journal_full WHERE kind = 'PlateSeen'"
    )
    names = {name for (listed,) in rows if listed for name in json.loads(listed)}
    kept = {file.stem: file for file in (day.stage.edge / "evidence").glob("*/*.jpg")}
    assert names
    for name in names:
        assert hashlib.sha256(kept[name].read_bytes()).hexdigest() == name
