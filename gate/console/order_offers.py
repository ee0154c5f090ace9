"""Which orders to offer for a visit or a lane; the gate itself decides what takes effect."""

from __future__ import annotations

from dataclasses import dataclass

from gate.console.sessions import may
from gate.lanes.order_acts import HoldVisit, OpenOnce, OrderAct, OrderCheck, SendToBay
from gate.lanes.orders import is_held
from gate.lanes.views import PointView
from gate.model import Visit, VisitStatus
from gate.store.officers import Role


@dataclass(frozen=True, slots=True)
class OfferedOrder:
    """An order that may make sense: its act, and what its button says."""

    act: type[OrderAct]
    label: str


LABELS: tuple[OfferedOrder, ...] = (
    OfferedOrder(OrderCheck, "Order check"),
    OfferedOrder(HoldVisit, "Hold"),
    OfferedOrder(SendToBay, "To the bay"),
)


def orders_for(visit: Visit, here: PointView | None, role: Role, *, baggage: bool) -> list[OfferedOrder]:
    """The orders for a vehicle to which nothing was released yet."""
    if baggage or visit.status not in (VisitStatus.DIRECTED, VisitStatus.HELD):
        return []
    return [one for one in LABELS if may(role, one.act) and _fits(one.act, visit, here)]


def _fits(act: type[OrderAct], visit: Visit, here: PointView | None) -> bool:
    if act is OrderCheck:
        free = visit.opened and visit.corridor is not None and not visit.corridor.needs_officer
        return free and not visit.check_ordered
    if act is HoldVisit:
        # Who is held for something else is held: a hold of one's own is for who might be let go.
        return visit.status is VisitStatus.DIRECTED and not is_held(visit.findings)
    return here is None or here.kind in ("approach", "entry")


def is_opened_once_here(point: PointView, role: Role) -> bool:
    """A vehicle whose plate is known is held in a lane, and belongs to no visit or to none with a verdict."""
    return point.kind == "entry" and point.phase == "held" and bool(point.plate) and may(role, OpenOnce)
