"""Officers who look at a vehicle before they act on it, as the glass makes them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, TypeVar

from gate.lanes.acts import Act
from gate.lanes.sight import Seen
from tests.lanes.gatehouse import House
from tests.store.kept import rows

A = TypeVar("A", bound=Act)
BOOTH = "10.0.0.7"


async def looks(
    house: House, act: A, *, visit_id: str | None = None, point: str | None = None, ago: float = 0.0
) -> A:
    """The act, with what its officer sees now, or saw so many seconds ago."""
    visit_id = visit_id or getattr(act, "visit_id", None)
    point = point or getattr(act, "point", None)
    sight = await house.checkpoint.look(visit_id, point)
    assert sight is not None, f"nothing to see of {visit_id} at {point}"
    now = house.clock.now().utc
    seen = Seen(screen=BOOTH, asked_at=now, shown_at=now, age=ago, version=house.hub.version, sight=sight)
    return replace(act, seen=seen)


def journalled_acts(house: House) -> list[dict[str, Any]]:
    """Every act on record, oldest first."""
    found = rows(house.data / "journal.db", "SELECT body FROM journal_full WHERE kind = 'Act' ORDER BY seq")
    return [json.loads(str(body)) for (body,) in found]
