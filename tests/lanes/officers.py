"""What officers do at a checkpoint, and where they find its vehicles."""

from __future__ import annotations

import json
from typing import Any

from gate.lanes.acts import AnyAct
from gate.lanes.duty_acts import DutyAct
from gate.lanes.state import Phase
from gate.model import Corridor
from tests.lanes.gatehouse import House
from tests.lanes.test_desk import declared
from tests.store.kept import rows

WHO = "leyla"


async def does(house: House, act: AnyAct | DutyAct) -> str:
    """The act takes effect; what the officer is told."""
    result = await house.checkpoint.act(act)
    assert result.done, result.message
    return result.message


async def refused(house: House, act: AnyAct | DutyAct) -> str:
    """The act is refused and journalled as that; why."""
    result = await house.checkpoint.act(act)
    assert not result.done
    assert result.message
    (last,) = rows(
        house.data / "journal.db",
        "SELECT body FROM journal_full WHERE kind = 'Act' ORDER BY seq DESC LIMIT 1",
    )
    body = json.loads(str(last[0]))
    assert (body["done"], body["message"], body["act"]["officer"]) == (False, result.message, act.officer)
    return result.message


def reports(house: House, kind: str) -> list[dict[str, Any]]:
    """What central is owed of this kind, oldest first."""
    said = rows(house.data / "journal.db", f"SELECT body FROM outbox WHERE kind = '{kind}' ORDER BY seq")  # noqa: S608 - our words
    return [json.loads(str(body)) for (body,) in said]


async def in_control(house: House) -> str:
    """A RED vehicle was directed and stands in its lane."""
    await house.files(declared(house, Corridor.RED))
    visit_id = await house.approaches()
    await house.moves_on()
    await house.rolls_up("lane-4")
    await house.phase("lane-4", Phase.CONTROL)
    return visit_id


async def in_the_bay(house: House) -> str:
    """A vehicle whose plate could not be read has gone to the holding bay."""
    visit_id = await house.approaches(unread=True)
    await house.moves_on()
    return visit_id
