"""Who left unreleased is known again by his plate, until a later visit of it ended as it should."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from gate.lanes.commands import OpenVisit, UpdateVisit
from gate.model import RegistrationMark, VisitStatus
from gate.store.store import Store
from tests.lanes.stories import LORRY, VAN
from tests.lanes.test_rules import ONE
from tests.store.kept import AT, a_store, step


async def _visit(
    store: Store, visit_id: str, status: VisitStatus, days: int, mark: RegistrationMark = LORRY
) -> None:
    came = OpenVisit(visit_id, (AT + timedelta(days=days)).isoformat())
    await store.ledger.commit(step(came, UpdateVisit(visit_id, status, mark)))


async def _opens(store: Store, visit_id: str) -> None:
    def work(connection: sqlite3.Connection, _journal: object) -> None:
        connection.execute("UPDATE visits SET opened = 1 WHERE visit_id = ?", (visit_id,))
        connection.execute(
            "INSERT INTO openings (number, visit_id, version, corridor, opened_at)"
            " VALUES (?, ?, 1, 'RED', ?)",
            (ONE, visit_id, AT.isoformat()),
        )

    await store.ledger.write(work)


async def _prior(store: Store, mark: RegistrationMark = LORRY) -> list[tuple[str, bool]]:
    found = await store.cache.look_up(mark, None, "visit-9")
    assert found.by_mark == ()
    return [(prior.visit_id, prior.left_unreleased) for prior in found.prior]


async def test_a_plate_that_left_unreleased_is_known_again(tmp_path: Path) -> None:
    """Though no declaration names it any more; another plate is not, nor one that never was directed."""
    with a_store(tmp_path) as store:
        await _visit(store, "visit-1", VisitStatus.DIRECTED, 0)
        await _opens(store, "visit-1")
        assert await _prior(store) == []
        await _visit(store, "visit-1", VisitStatus.LEFT_UNRELEASED, 0)
        assert await _prior(store) == [("visit-1", True)]
        assert await _prior(store, VAN) == []
        await _visit(store, "visit-2", VisitStatus.LEFT_UNRELEASED, 1, VAN)
        assert await _prior(store, VAN) == []


@pytest.mark.parametrize(
    ("later", "known"),
    [
        (VisitStatus.COMPLETED, []),
        (VisitStatus.REFERRED, []),
        (VisitStatus.HELD, [("visit-1", True)]),
        (VisitStatus.LEFT_UNRELEASED, [("visit-1", True)]),
    ],
)
async def test_a_later_visit_that_ended_as_it_should_settles_it(
    tmp_path: Path, later: VisitStatus, known: list[tuple[str, bool]]
) -> None:
    """Being held again, or sent away again, settles nothing."""
    with a_store(tmp_path) as store:
        await _visit(store, "visit-1", VisitStatus.DIRECTED, 0)
        await _opens(store, "visit-1")
        await _visit(store, "visit-1", VisitStatus.LEFT_UNRELEASED, 0)
        await _visit(store, "visit-2", later, 1)
        assert await _prior(store) == known
