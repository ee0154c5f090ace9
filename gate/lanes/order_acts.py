"""Orders: what officers decide beside the Rules' own course. Each goes through `Checkpoint.act`.

None releases anything: a check that was ordered and a hold take a vehicle out of the automatic release,
a single opening is for who has nothing to release (2.1), and a review looks back.
"""

from __future__ import annotations

from dataclasses import dataclass

from gate.lanes.acts import Act
from gate.model import CheckSource, NoGoods


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCheck(Act):
    """Check a GREEN or BLUE vehicle all the same, citing where the facts come from, and the facts (4.4).

    The corridor it was assigned stays; from now on it is released by an officer who names what was checked.
    """

    visit_id: str
    source: CheckSource
    facts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldVisit(Act):
    """Hold a vehicle, directed or waiting: nothing is released until an officer has looked at it again."""

    visit_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendToBay(Act):
    """Hold it, and send it to a holding place by the place's label on the ground."""

    visit_id: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOnce(Act):
    """Open the lane's barrier once for the vehicle before it, which has no goods to release (2.1)."""

    point: str
    category: NoGoods
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEmergency(Act):
    """Look back at an emergency somebody else declared, and say what was found.

    It counts for every lane that was opened by the same word.
    """

    emergency_id: str
    finding: str


OrderAct = OrderCheck | HoldVisit | SendToBay | OpenOnce | ReviewEmergency
